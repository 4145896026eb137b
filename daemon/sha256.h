#ifndef PURSER_DAEMON_SHA256_H_
#define PURSER_DAEMON_SHA256_H_

// SHA-256 (FIPS 180-4), for the journal's chain and for digests. Thread-safe: each thread keeps a
// context of its own between calls, so that a digest allocates nothing.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace purser {

// The digest of `a` followed by `b`; either may be empty.
std::array<uint8_t, 32> Sha256(std::string_view a, std::string_view b = {});

// 64 lower-case digits.
std::string Hex(const std::array<uint8_t, 32>& digest);

}  // namespace purser

#endif  // PURSER_DAEMON_SHA256_H_
