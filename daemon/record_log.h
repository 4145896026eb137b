#ifndef PURSER_DAEMON_RECORD_LOG_H_
#define PURSER_DAEMON_RECORD_LOG_H_

// Reads a file of RocksDB's log format (its write-ahead logs and its MANIFEST) to tell a torn tail
// from damage, before the store is opened.
//
// Why it exists: RocksDB 7.8's strictest mode that still accepts a torn tail,
// kTolerateCorruptedTailRecords, has two holes, both found in db/log_reader.cc: a record in the
// file's last 32 KiB whose length field points behind the end of the file counts as the torn tail,
// with all acknowledged records behind it; and a zeroed header skips the rest of its block
// silently. And its messages name no offset. A flipped byte must never lose what was acknowledged.
//
// What is torn: an incomplete record with nothing valid behind it; and one with a hole, that is, a
// sector of zeros, with no beginning of another record behind it: of what was not synced, a power
// failure keeps the sectors that it likes, and where a file grew the others read as zeros. What is
// damaged: any other record whose checksum is wrong; an incomplete one whose bytes are all there
// under another length; an incomplete one with the valid beginning of another record behind it (the
// writer syncs each record before it writes the next one, so everything before that beginning was
// on disk). Only a file that is cut off exactly, or whose last record has a sector of zeros, cannot
// be told from a power failure.
//
// Format: blocks of 32,768 bytes, each a sequence of fragments: masked crc32c (4, of type and
// payload), length (2), type (1: 1 whole, 2 first, 3 middle, 4 last), payload; all little-endian.
// Fragments do not cross blocks; a block's last 0–6 bytes are filler.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace purser {

struct RecordLogDamage {
  uint64_t offset = 0;  // of the fragment that is damaged, in bytes from the beginning of the file
  std::string what;
};

struct RecordLogContents {
  uint64_t records = 0;      // complete ones before the first damage or the torn tail
  uint64_t first_group = 0;  // of this file, as counted by the row "group"; 0: none
  uint64_t last_group = 0;
  uint64_t whole_bytes = 0;  // up to the end of the last complete record
  uint64_t torn_bytes = 0;   // behind that
  // The torn bytes have a hole. RocksDB takes that for damage: they are to be cut off first.
  bool has_hole = false;
  // There is damage, and behind the last complete record a sector of zeros: a hole with more
  // records behind it, which several that waited for one sync leave when the power goes.
  bool has_zeros = false;
  // There is no damage, and right behind the last complete record a zeroed header, which RocksDB
  // takes for the end: whatever was there is gone without a trace.
  bool ends_in_zeros = false;
  std::optional<RecordLogDamage> damage;
};

// Each complete record before the first damage is given to `visit`, unless that is empty.
// Unavailable when the file cannot be read. Thread-safe.
using RecordVisitor = std::function<void(std::string_view record)>;
absl::StatusOr<RecordLogContents> ReadRecordLog(const std::string& path,
                                                const RecordVisitor& visit = nullptr);

}  // namespace purser

#endif  // PURSER_DAEMON_RECORD_LOG_H_
