#ifndef PURSER_API_PROTOBUF_WIRE_H_
#define PURSER_API_PROTOBUF_WIRE_H_

// Protobuf's wire format (ledger/wire.h), a record at a time: a cursor over bytes that somebody
// else keeps. Thread-compatible.
#include <cstdint>
#include <string_view>

#include "ledger/wire.h"

namespace purser::api {

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

}  // namespace purser::api

#endif  // PURSER_API_PROTOBUF_WIRE_H_
