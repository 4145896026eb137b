#ifndef PURSER_API_PROTOBUF_WIRE_H_
#define PURSER_API_PROTOBUF_WIRE_H_

// Protobuf's wire format (protobuf.dev/programming-guides/encoding), a record at a time: a cursor
// over bytes that somebody else keeps, and what appends one. Thread-compatible.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace purser::api {

// The low three bits of a tag.
enum class WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct WireRecord {
  uint32_t number = 0;  // of the field
  WireType type = WireType::kVarint;
  uint64_t varint = 0;     // kVarint
  std::string_view bytes;  // of the other types: the value
};

class WireCursor {
 public:
  explicit WireCursor(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  // Where the record that is read next begins.
  const char* position() const { return rest_.data(); }
  // Takes the next record. nullptr when it is whole; else what is wrong with it. Groups are wrong.
  const char* Read(WireRecord* record);
  // Takes a bare number, as in a packed list; false when there is none of at most 64 bits.
  bool ReadVarint(uint64_t* value);

 private:
  bool Take(uint64_t length, std::string_view* bytes);

  std::string_view rest_;
};

inline constexpr size_t kVarintBytesMax = 10;
size_t VarintSize(uint64_t value);
// Into `bytes`, of which there are kVarintBytesMax; the number of those written.
size_t WriteVarint(uint64_t value, char* bytes);
void AppendVarint(uint64_t value, std::string* out);
void AppendWireTag(int number, WireType type, std::string* out);
void AppendWireVarint(int number, uint64_t value, std::string* out);
void AppendWireBytes(int number, std::string_view bytes, std::string* out);

}  // namespace purser::api

#endif  // PURSER_API_PROTOBUF_WIRE_H_
