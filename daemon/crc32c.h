#ifndef PURSER_DAEMON_CRC32C_H_
#define PURSER_DAEMON_CRC32C_H_

// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by tables, eight bytes a step. Thread-safe.
#include <cstdint>
#include <string_view>

namespace purser {

uint32_t Crc32c(std::string_view bytes);

}  // namespace purser

#endif  // PURSER_DAEMON_CRC32C_H_
