#include "api/protobuf_wire.h"

namespace purser::api {
namespace {

constexpr char kCut[] = "a value is cut off";
constexpr uint64_t kFieldNumberMax = (uint64_t{1} << 29) - 1;

}  // namespace

bool WireCursor::ReadVarint(uint64_t* value) {
  uint64_t read = 0;
  for (size_t i = 0; i < kVarintBytesMax && !rest_.empty(); ++i) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    // Of the tenth byte only one bit has room.
    if (i == kVarintBytesMax - 1 && byte > 1) return false;
    read |= uint64_t{byte & 0x7fu} << (7 * i);
    if (byte >= 0x80) continue;
    *value = read;
    return true;
  }
  return false;
}

bool WireCursor::Take(uint64_t length, std::string_view* bytes) {
  if (length > rest_.size()) return false;
  *bytes = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return true;
}

const char* WireCursor::Read(WireRecord* record) {
  uint64_t tag = 0;
  if (!ReadVarint(&tag)) return "no tag of a field";
  const uint64_t number = tag >> 3;
  if (number == 0 || number > kFieldNumberMax) return "no number of a field";
  record->number = static_cast<uint32_t>(number);
  record->bytes = {};
  uint64_t length = 0;
  switch (tag & 7) {
    case 0:
      record->type = WireType::kVarint;
      return ReadVarint(&record->varint) ? nullptr : "no number of at most 64 bits";
    case 1:
      record->type = WireType::kFixed64;
      return Take(8, &record->bytes) ? nullptr : kCut;
    case 2:
      record->type = WireType::kBytes;
      if (!ReadVarint(&length)) return "no length of a value";
      return Take(length, &record->bytes) ? nullptr : kCut;
    case 5:
      record->type = WireType::kFixed32;
      return Take(4, &record->bytes) ? nullptr : kCut;
    case 3:
    case 4:
      return "groups are not used";
    default:
      return "no wire type";
  }
}

}  // namespace purser::api
