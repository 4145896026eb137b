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

// More than the library writes before one sync: an opening's edits of all tables.
constexpr uint64_t kManifestTailBytesMax = 64 << 10;

struct Listing {
  std::vector<std::string> logs;  // paths, oldest first: names are zero-padded numbers
  bool has_current = false;
  bool has_data = false;
  bool has_tables = false;
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
    listing.has_tables |= EndsWith(name, ".sst");
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

void NoteTorn(const std::string& path, const RecordLogContents& contents, StoreFiles* files) {
  if (contents.has_hole) {
    files->torn.push_back({path, contents.whole_bytes, contents.torn_bytes, ""});
  }
}

// The MANIFEST lists the tables; cut short it would bring back older ones, or none. So a tail with
// holes is cut off it only where the logs hold the newest group, or nothing was ever moved to
// tables: that the tables of before and the logs make all groups is seen when they are read
// (RocksStore's rehearsal). Several records may wait for one sync, and a power cut leave the first
// with a hole and those behind it whole: then the file is kept, and put back if they do not.
absl::Status CheckManifest(const std::string& directory, bool may_cut, StoreFiles* files) {
  std::ifstream current(directory + "/CURRENT");
  std::string name;
  std::getline(current, name);
  if (current.bad()) {
    return absl::UnavailableError(Concat(directory, "/CURRENT cannot be read"));
  }
  const std::string path = Concat(directory, "/", name);
  std::error_code error;
  if (name.empty() || !std::filesystem::is_regular_file(path, error)) {
    return absl::DataLossError(
        Concat(directory, "/CURRENT names '", name, "', which is not there"));
  }
  const absl::StatusOr<RecordLogContents> contents = ReadRecordLog(path);
  if (!contents.ok()) return contents.status();
  if ((contents->has_hole || contents->ends_in_zeros) && !may_cut) {
    return absl::DataLossError(Concat(path, " is damaged at offset ", contents->whole_bytes,
                                      ": zeros, and no log holds what is behind them"));
  }
  NoteTorn(path, *contents, files);
  if (!contents->damage) return absl::OkStatus();
  if (contents->has_zeros && contents->torn_bytes <= kManifestTailBytesMax && may_cut) {
    files->torn.push_back(
        {path, contents->whole_bytes, contents->torn_bytes, Concat(directory, "/torn-", name)});
    return absl::OkStatus();
  }
  return absl::DataLossError(Concat(path, " is damaged at offset ", contents->damage->offset, ": ",
                                    contents->damage->what));
}

}  // namespace

absl::StatusOr<StoreFiles> CheckStoreFiles(const std::string& directory) {
  const absl::StatusOr<Listing> listing = List(directory);
  if (!listing.ok()) return listing.status();
  if (!listing->has_current) {
    if (!listing->has_data && listing->stranger.empty()) return StoreFiles();
    if (!listing->has_data) {
      return absl::FailedPreconditionError(
          Concat(directory, " holds no store, but other files, such as ", listing->stranger,
                 ": choose an empty directory, or one that does not exist"));
    }
    return absl::DataLossError(Concat(
        directory, " holds data, but its file CURRENT is missing: restore it from a backup"));
  }
  StoreFiles files;
  for (const std::string& path : listing->logs) {
    const absl::StatusOr<RecordLogContents> contents = ReadRecordLog(path);
    if (!contents.ok()) return contents.status();
    files.last_group = std::max(files.last_group, contents->last_group);
    if (contents->damage) {
      return Damaged(*listing, path, *contents->damage, files.last_group);
    }
    NoteTorn(path, *contents, &files);
  }
  const bool may_cut = files.last_group > 0 || !listing->has_tables;
  const absl::Status status = CheckManifest(directory, may_cut, &files);
  if (!status.ok()) return status;
  return files;
}

absl::Status CutTornTails(const StoreFiles& files, bool read_only,
                          const std::function<void(const std::string&)>& log) {
  for (const StoreFiles::Torn& torn : files.torn) {
    if (read_only && EndsWith(torn.path, ".log")) continue;
    if (read_only) {
      return absl::FailedPreconditionError(
          Concat(torn.path, " ends in a write that was never confirmed, with holes behind offset ",
                 torn.whole_bytes, ": start the daemon once, which cuts it off"));
    }
    std::error_code error;
    if (!torn.kept.empty()) {
      using std::filesystem::copy_options;
      std::filesystem::copy_file(torn.path, torn.kept, copy_options::overwrite_existing, error);
    }
    if (!error) std::filesystem::resize_file(torn.path, torn.whole_bytes, error);
    if (error) return absl::UnavailableError(Concat(torn.path, ": ", error.message()));
    if (!log) continue;
    log(Concat(torn.path, " ended in ", torn.torn_bytes, " bytes with holes behind offset ",
               torn.whole_bytes, ", of a write that was never confirmed: cut off",
               torn.kept.empty() ? "" : ", kept as ", torn.kept));
  }
  return absl::OkStatus();
}

absl::Status PutTailsBack(const StoreFiles& files, const absl::Status& why) {
  if (why.ok()) return why;
  for (const StoreFiles::Torn& torn : files.torn) {
    if (torn.kept.empty()) continue;
    std::error_code error;
    std::filesystem::rename(torn.kept, torn.path, error);
    if (error) return absl::UnavailableError(Concat(torn.path, ": ", error.message()));
    return absl::Status(why.code(),
                        ToAbsl(Concat(torn.path, " is damaged at offset ", torn.whole_bytes,
                                      ": zeros before its end; ",
                                      "without what is behind them: ", ToStd(why.message()))));
  }
  return why;
}

uint64_t LogBytes(const std::string& directory) {
  const absl::StatusOr<Listing> listing = List(directory);
  uint64_t bytes = 0;
  if (!listing.ok()) return bytes;
  for (const std::string& path : listing->logs) {
    std::error_code error;
    const uintmax_t of_file = std::filesystem::file_size(path, error);
    if (!error) bytes += of_file;
  }
  return bytes;
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
