#include "daemon/record_log.h"

#include <cstddef>
#include <cstring>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "daemon/crc32c.h"
#include "daemon/group_row.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr size_t kBlockBytes = 32'768;
constexpr size_t kHeaderBytes = 7;
constexpr size_t kSectorBytes = 512;  // the least that a disk writes
// More than any group's record has: what is longer is no single record.
constexpr uint64_t kTornBytesMax = uint64_t{256} << 20;

enum FragmentType : uint8_t { kZero = 0, kWhole = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

uint32_t LittleEndian(std::string_view bytes, size_t at, size_t count) {
  uint32_t number = 0;
  for (size_t i = 0; i < count; ++i) {
    number |= uint32_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
  }
  return number;
}

// A view of the fragment that begins at the first byte of `bytes`, which holds at least a header.
struct Fragment {
  explicit Fragment(std::string_view bytes)
      : checksum(LittleEndian(bytes, 0, 4)),
        length(LittleEndian(bytes, 4, 2)),
        type(static_cast<uint8_t>(bytes[6])) {}

  bool Begins() const { return type == kWhole || type == kFirst; }
  bool Ends() const { return type == kWhole || type == kLast; }

  uint32_t checksum;
  size_t length;
  uint8_t type;
};

bool ChecksumFits(std::string_view bytes, size_t length) {
  const uint32_t masked = LittleEndian(bytes, 0, 4) - 0xA282EAD8;
  const uint32_t stored = (masked >> 17) | (masked << 15);
  return Crc32c(bytes.substr(6, 1 + length)) == stored;
}

bool IsValid(std::string_view bytes, const Fragment& fragment) {
  return kHeaderBytes + fragment.length <= bytes.size() && ChecksumFits(bytes, fragment.length);
}

// Where in `bytes` the first valid beginning of a record is, at any offset behind the first byte.
bool HasBeginning(std::string_view bytes) {
  for (size_t at = 1; at + kHeaderBytes <= bytes.size(); ++at) {
    const std::string_view rest = bytes.substr(at);
    const Fragment fragment(rest);
    if (fragment.Begins() && IsValid(rest, fragment)) return true;
  }
  return false;
}

// Whether a sector's worth of the bytes, which stand at `offset` in the file, is zeros.
bool HasZeroSector(std::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const std::string_view sector = bytes.substr(0, kSectorBytes - offset % kSectorBytes);
    if (sector.find_first_not_of('\0') == std::string_view::npos) return true;
    bytes.remove_prefix(sector.size());
    offset += sector.size();
  }
  return false;
}

// Whether what is behind the last complete record, at `offset` in the file, is one record that a
// power failure or a failed write left with holes.
bool IsTorn(std::string_view tail, uint64_t offset) {
  if (!HasZeroSector(tail, offset)) return false;
  for (std::string_view block; !tail.empty(); tail.remove_prefix(block.size())) {
    block = tail.substr(0, kBlockBytes - offset % kBlockBytes);
    if (HasBeginning(block)) return false;
    offset += block.size();
    // The first byte of a block, unlike that of the tail, may begin another record.
    const std::string_view next = tail.substr(block.size(), kBlockBytes);
    if (next.size() < kHeaderBytes) continue;
    const Fragment fragment(next);
    if (fragment.Begins() && IsValid(next, fragment)) return false;
  }
  return true;
}

// Walks the blocks of one file in order. Thread-compatible.
class Walk {
 public:
  explicit Walk(const RecordVisitor& visit) : visit_(visit) {}
  // False after the first damage. `offset` is the block's place in the file.
  bool ReadBlock(uint64_t offset, std::string_view block, bool at_end);
  RecordLogContents Finish(std::ifstream* file);

 private:
  bool Damaged(uint64_t offset, std::string what) {
    contents_.damage = RecordLogDamage{offset, std::move(what)};
    return false;
  }
  bool JudgeOverlong(uint64_t offset, std::string_view rest, bool at_end);
  bool JudgeZeros(uint64_t offset, std::string_view rest);
  bool TakeFragment(uint64_t offset, const Fragment& fragment, std::string_view payload);
  bool TakeRecord(uint64_t offset);

  const RecordVisitor& visit_;
  RecordLogContents contents_;
  uint64_t complete_until_ = 0;
  bool inside_record_ = false;
  std::string record_;                // whole only where somebody visits it, else its head
  std::optional<uint64_t> zeros_at_;  // a zeroed header: damage if anything valid follows
};

RecordLogContents Walk::Finish(std::ifstream* file) {
  file->clear();
  file->seekg(0, std::ios::end);
  const uint64_t file_bytes = static_cast<uint64_t>(file->tellg());
  contents_.whole_bytes = complete_until_;
  contents_.torn_bytes = file_bytes - complete_until_;
  contents_.ends_in_zeros = !contents_.damage && zeros_at_.has_value();
  if (!contents_.damage) return std::move(contents_);
  if (contents_.torn_bytes <= kTornBytesMax) {
    std::string tail(contents_.torn_bytes, '\0');
    file->seekg(static_cast<std::streamoff>(complete_until_));
    file->read(tail.data(), static_cast<std::streamsize>(tail.size()));
    contents_.has_hole = file->good() && IsTorn(tail, complete_until_);
    contents_.has_zeros = !contents_.has_hole && HasZeroSector(tail, complete_until_);
  }
  if (contents_.has_hole) contents_.damage.reset();
  return std::move(contents_);
}

bool Walk::ReadBlock(uint64_t offset, std::string_view block, bool at_end) {
  size_t at = 0;
  while (at + kHeaderBytes <= block.size()) {
    const std::string_view rest = block.substr(at);
    const Fragment fragment(rest);
    if (kHeaderBytes + fragment.length > rest.size()) {
      return JudgeOverlong(offset + at, rest, at_end);
    }
    if (fragment.type == kZero && fragment.length == 0) return JudgeZeros(offset + at, rest);
    if (!ChecksumFits(rest, fragment.length)) return Damaged(offset + at, "checksum mismatch");
    if (zeros_at_) return Damaged(*zeros_at_, "zeros before the end of the log");
    if (!TakeFragment(offset + at, fragment, rest.substr(kHeaderBytes, fragment.length))) {
      return false;
    }
    at += kHeaderBytes + fragment.length;
    if (fragment.Ends()) complete_until_ = offset + at;
  }
  return true;
}

bool Walk::JudgeOverlong(uint64_t offset, std::string_view rest, bool at_end) {
  if (!at_end) return Damaged(offset, "a record longer than its block");
  if (ChecksumFits(rest, rest.size() - kHeaderBytes)) return Damaged(offset, "a wrong length");
  if (HasBeginning(rest)) return Damaged(offset, "a wrong length, with more records behind it");
  return true;
}

bool Walk::JudgeZeros(uint64_t offset, std::string_view rest) {
  if (HasBeginning(rest)) return Damaged(offset, "zeros before the end of the log");
  if (!zeros_at_) zeros_at_ = offset;
  return true;
}

bool Walk::TakeFragment(uint64_t offset, const Fragment& fragment, std::string_view payload) {
  if (fragment.type > kLast) return Damaged(offset, "an unknown type of record");
  if (fragment.Begins() == inside_record_) {
    return Damaged(offset,
                   inside_record_ ? "a record without its end" : "a record without its start");
  }
  if (fragment.Begins()) record_.clear();
  inside_record_ = !fragment.Ends();
  record_.append(visit_ ? payload : payload.substr(0, kGroupHeadBytes - record_.size()));
  return fragment.Ends() ? TakeRecord(offset) : true;
}

bool Walk::TakeRecord(uint64_t offset) {
  const uint64_t group = GroupOfRecord(record_);
  if (group != 0 && contents_.last_group != 0 && group != contents_.last_group + 1) {
    return Damaged(offset, Concat("group ", group, " follows group ", contents_.last_group));
  }
  ++contents_.records;
  if (visit_) visit_(record_);
  if (group == 0) return true;
  if (contents_.first_group == 0) contents_.first_group = group;
  contents_.last_group = group;
  return true;
}

}  // namespace

absl::StatusOr<RecordLogContents> ReadRecordLog(const std::string& path,
                                                const RecordVisitor& visit) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return absl::UnavailableError(
        Concat(path, " cannot be opened: ", std::generic_category().message(errno)));
  std::vector<char> block(kBlockBytes);
  Walk walk(visit);
  uint64_t offset = 0;
  bool more = true;
  while (more) {
    file.read(block.data(), kBlockBytes);
    if (file.bad()) return absl::UnavailableError(Concat(path, " cannot be read"));
    const size_t got = static_cast<size_t>(file.gcount());
    const bool at_end = got < kBlockBytes;
    more = walk.ReadBlock(offset, {block.data(), got}, at_end) && !at_end;
    offset += got;
  }
  return walk.Finish(&file);
}

}  // namespace purser
