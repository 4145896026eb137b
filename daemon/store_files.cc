#include "daemon/store_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>
#include <system_error>
#include <vector>

#include "daemon/batch_rows.h"
#include "daemon/group_row.h"
#include "daemon/record_log.h"
#include "ledger/text.h"

namespace purser {
namespace {

struct Listing {
  std::vector<std::string> logs;  // paths, oldest first: names are zero-padded numbers
  bool has_current = false;
  bool has_data = false;
  std::string stranger;  // a file that no store has
};

// What a directory may hold before there is a store in it.
bool IsNobodys(std::string_view name) {
  return name == "LOCK" || name == "space_probe" || name == "lost+found";
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

absl::StatusOr<Listing> List(const std::string& directory) {
  Listing listing;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (EndsWith(name, ".log")) listing.logs.push_back(entry->path().string());
    listing.has_current |= name == "CURRENT";
    listing.has_data |= EndsWith(name, ".sst") || EndsWith(name, ".log");
    if (!IsNobodys(name)) listing.stranger = name;
  }
  if (error == std::errc::no_such_file_or_directory) return Listing();
  if (error)
    return absl::UnavailableError(Concat(directory, " cannot be listed: ", error.message()));
  std::sort(listing.logs.begin(), listing.logs.end(), [](const auto& a, const auto& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  return listing;
}

// What the logs up to the group still say of each population, for whoever restores a backup.
std::string DescribeLastSequences(const std::vector<std::string>& logs, uint64_t last_good_group) {
  std::map<std::string, uint64_t> sequences;
  for (const std::string& path : logs) {
    const auto read = ReadRecordLog(path, [&](std::string_view record) {
      if (GroupOfRecord(record) <= last_good_group) AddLastSequences(record, &sequences);
    });
    if (!read.ok() || read->damage) break;
  }
  std::string text;
  for (const auto& [population, sequence] : sequences) {
    text += Concat(text.empty() ? "; last good sequence: " : ", ", population, " ", sequence);
  }
  return text;
}

absl::Status Damaged(const Listing& listing, const std::string& path, const RecordLogDamage& damage,
                     uint64_t last_group) {
  return absl::DataLossError(Concat(path, " is damaged at offset ", damage.offset, ": ",
                                    damage.what, "; last good group ", last_group,
                                    DescribeLastSequences(listing.logs, last_group)));
}

// The MANIFEST lists the tables; cut short it would bring back older ones.
absl::Status CheckManifest(const std::string& directory) {
  std::ifstream current(directory + "/CURRENT");
  std::string name;
  std::getline(current, name);
  const std::string path = Concat(directory, "/", name);
  std::error_code error;
  if (name.empty() || !std::filesystem::is_regular_file(path, error)) {
    return absl::DataLossError(
        Concat(directory, "/CURRENT names '", name, "', which is not there"));
  }
  const absl::StatusOr<RecordLogContents> contents = ReadRecordLog(path);
  if (!contents.ok()) return contents.status();
  if (!contents->damage) return absl::OkStatus();
  return absl::DataLossError(Concat(path, " is damaged at offset ", contents->damage->offset, ": ",
                                    contents->damage->what));
}

}  // namespace

absl::StatusOr<uint64_t> CheckStoreFiles(const std::string& directory) {
  const absl::StatusOr<Listing> listing = List(directory);
  if (!listing.ok()) return listing.status();
  if (!listing->has_current) {
    if (!listing->has_data && listing->stranger.empty()) return 0;
    if (!listing->has_data) {
      return absl::FailedPreconditionError(
          Concat(directory, " holds no store, but other files, such as ", listing->stranger,
                 ": choose an empty directory, or one that does not exist"));
    }
    return absl::DataLossError(Concat(
        directory, " holds data, but its file CURRENT is missing: restore it from a backup"));
  }
  if (absl::Status status = CheckManifest(directory); !status.ok()) return status;
  uint64_t last_group = 0;
  for (const std::string& path : listing->logs) {
    const absl::StatusOr<RecordLogContents> contents = ReadRecordLog(path);
    if (!contents.ok()) return contents.status();
    last_group = std::max(last_group, contents->last_group);
    if (contents->damage) {
      return Damaged(*listing, path, *contents->damage, last_group);
    }
  }
  return last_group;
}

absl::Status GroupsMissing(const std::string& directory, const std::string& file,
                           uint64_t last_good_group, const std::string& what) {
  const absl::StatusOr<Listing> listing = List(directory);
  return absl::DataLossError(
      Concat(file, ", or a log before it, is cut or missing: ", what, "; last good group ",
             last_good_group,
             listing.ok() ? DescribeLastSequences(listing->logs, last_good_group) : std::string()));
}

}  // namespace purser
