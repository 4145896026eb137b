#include "daemon/group_row.h"

#include <algorithm>

#include "ledger/text.h"

namespace purser {

std::string EncodeGroup(uint64_t group) {
  std::string bytes(8, '\0');
  for (int i = 7; i >= 0; --i, group >>= 8) bytes[i] = static_cast<char>(group & 0xFF);
  return bytes;
}

std::optional<uint64_t> DecodeGroup(std::string_view bytes) {
  if (bytes.size() != 8) return std::nullopt;
  uint64_t group = 0;
  for (const char byte : bytes) group = group << 8 | static_cast<uint8_t>(byte);
  return group;
}

uint64_t GroupOfRecord(std::string_view record) {
  constexpr std::string_view kKeyAndLength("\x05group\x08", 7);
  constexpr size_t kBatchHeaderBytes = 12;
  constexpr char kPutInColumnFamily = 5;
  constexpr size_t kVarintBytesMax = 5;  // longer ones are none, and would go beyond the head
  if (record.size() <= kBatchHeaderBytes || record[kBatchHeaderBytes] != kPutInColumnFamily) {
    return 0;
  }
  size_t at = kBatchHeaderBytes + 1;
  const size_t varint_end = std::min(record.size(), at + kVarintBytesMax);
  while (at < varint_end && (static_cast<uint8_t>(record[at]) & 0x80) != 0) ++at;
  if (at == varint_end) return 0;
  ++at;
  if (at + kKeyAndLength.size() + 8 > record.size()) return 0;
  if (record.substr(at, kKeyAndLength.size()) != kKeyAndLength) return 0;
  return *DecodeGroup(record.substr(at + kKeyAndLength.size(), 8));
}

bool GroupOrder::Take(const std::string& file, std::string_view record) {
  if (gap_) return false;
  const uint64_t group = GroupOfRecord(record);
  if (group == 0) return true;
  if (first_ == 0) {
    first_ = group;
    first_file_ = file;
  } else if (group != last_ + 1) {
    gap_ = Gap{file, last_, Concat("group ", group, " follows group ", last_, " in ", last_file_)};
    return false;
  }
  last_ = group;
  last_file_ = file;
  return true;
}

std::optional<GroupOrder::Gap> GroupOrder::FindGap(std::optional<uint64_t> tables_group) const {
  if (gap_ || first_ == 0 || !tables_group) return gap_;
  if (first_ > *tables_group + 1) {
    return Gap{first_file_, *tables_group,
               Concat("group ", first_, " follows group ", *tables_group, " in the tables")};
  }
  if (last_ >= *tables_group) return std::nullopt;
  return Gap{last_file_, last_,
             Concat("it ends at group ", last_, ", the tables at ", *tables_group)};
}

}  // namespace purser
