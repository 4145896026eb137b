#ifndef PURSER_LEDGER_WIRE_H_
#define PURSER_LEDGER_WIRE_H_

// Protobuf's wire format (protobuf.dev/programming-guides/encoding), written record by record where
// making a message first would be most of the cost. Appends to a string, or writes to an array that
// is large enough and returns the end. Thread-safe: pure functions.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace purser {

// The low three bits of a tag.
enum class WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

inline constexpr size_t kVarintBytesMax = 10;

inline size_t VarintSize(uint64_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

inline char* WriteVarint(uint64_t value, char* to) {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(value | 0x80);
  *to++ = static_cast<char>(value);
  return to;
}

inline uint64_t ZigZag(int64_t value) {
  return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
}

inline uint64_t WireTag(int number, WireType type) {
  return static_cast<uint64_t>(number) << 3 | static_cast<uint64_t>(type);
}

inline char* WriteWireVarint(int number, uint64_t value, char* to) {
  return WriteVarint(value, WriteVarint(WireTag(number, WireType::kVarint), to));
}

inline void AppendVarint(uint64_t value, std::string* out) {
  char bytes[kVarintBytesMax];
  out->append(bytes, WriteVarint(value, bytes));
}

inline void AppendWireTag(int number, WireType type, std::string* out) {
  AppendVarint(WireTag(number, type), out);
}

inline void AppendWireVarint(int number, uint64_t value, std::string* out) {
  char bytes[2 * kVarintBytesMax];
  out->append(bytes, WriteWireVarint(number, value, bytes));
}

// The tag and length of `size` bytes that come next.
inline void AppendWireLength(int number, size_t size, std::string* out) {
  char bytes[2 * kVarintBytesMax];
  out->append(bytes, WriteVarint(size, WriteVarint(WireTag(number, WireType::kBytes), bytes)));
}

inline void AppendWireBytes(int number, std::string_view bytes, std::string* out) {
  AppendWireLength(number, bytes.size(), out);
  out->append(bytes);
}

}  // namespace purser

#endif  // PURSER_LEDGER_WIRE_H_
