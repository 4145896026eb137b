#ifndef PURSER_DAEMON_GROUP_ROW_H_
#define PURSER_DAEMON_GROUP_ROW_H_

// The row that numbers the store's groups, and the order in which a start must find them in the
// logs (FORMAT.md, "Groups").
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace purser {

inline constexpr std::string_view kGroupKey = "group";  // in kMeta; stored, do not rename
// As much of a record as its group row needs: batch header 12, tag 1, column family up to 5, key 1
// + 5, value 1 + 8.
inline constexpr size_t kGroupHeadBytes = 33;

// stored: 8 bytes, big-endian. Pure functions, thread-safe.
std::string EncodeGroup(uint64_t group);
std::optional<uint64_t> DecodeGroup(std::string_view bytes);
// The number in the group row, which is the first row of each batch of the store; 0 when there is
// none. Of `record` the first kGroupHeadBytes are enough.
uint64_t GroupOfRecord(std::string_view record);

// Watches the replay of the logs that the tables still need. Their groups have no gap, neither
// within a log nor between two, they begin at the latest with the one behind the newest in the
// tables, and they do not end before that. Thread-compatible.
class GroupOrder {
 public:
  // The next record, from `file`. False from the first gap on.
  bool Take(const std::string& file, std::string_view record);

  struct Gap {
    std::string file;   // what is missing is missing before it, or is cut off its end
    uint64_t last = 0;  // good group
    std::string what;
  };
  // `tables_group` is the newest group in the tables; when they cannot be read, only what Take saw
  // counts.
  std::optional<Gap> FindGap(std::optional<uint64_t> tables_group) const;

 private:
  std::string first_file_;
  std::string last_file_;
  uint64_t first_ = 0;  // 0: no group was taken
  uint64_t last_ = 0;
  std::optional<Gap> gap_;
};

}  // namespace purser

#endif  // PURSER_DAEMON_GROUP_ROW_H_
