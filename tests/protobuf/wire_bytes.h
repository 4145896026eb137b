#ifndef PURSER_TESTS_PROTOBUF_WIRE_BYTES_H_
#define PURSER_TESTS_PROTOBUF_WIRE_BYTES_H_

// Protobuf's wire format put together by hand, so that a test can write what no library would.
#include <cstdint>
#include <string>
#include <string_view>

namespace purser {

inline std::string WireVarint(uint64_t value) {
  std::string bytes;
  while (value >= 0x80) {
    bytes.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

inline std::string WireTag(uint32_t number, int type) {
  return WireVarint(uint64_t{number} << 3 | static_cast<uint64_t>(type));
}

// A field that is a number.
inline std::string WireNumber(uint32_t number, uint64_t value) {
  return WireTag(number, 0) + WireVarint(value);
}

// A field that is a string, bytes, a message or an entry of a map.
inline std::string WireBytes(uint32_t number, std::string_view value) {
  return WireTag(number, 2) + WireVarint(value.size()) + std::string(value);
}

// An entry of map<string, Amount>.
inline std::string WireAmount(uint32_t number, std::string_view key, int64_t micros) {
  const auto zig_zag = static_cast<uint64_t>(micros) << 1 ^ static_cast<uint64_t>(micros >> 63);
  return WireBytes(number, WireBytes(1, key) + WireBytes(2, WireNumber(1, zig_zag)));
}

}  // namespace purser

#endif  // PURSER_TESTS_PROTOBUF_WIRE_BYTES_H_
