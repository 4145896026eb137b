#include "daemon/store_errors.h"

#include "absl/strings/str_replace.h"
#include "ledger/text.h"

namespace purser {

absl::Status StoreReadError(const std::string& words, bool corrupt) {
  const std::string message = Concat("the store cannot be read: ", words);
  return corrupt ? absl::DataLossError(message) : absl::UnavailableError(message);
}

absl::Status StoreOpenError(const std::string& path, const std::string& words, bool corrupt) {
  const bool locked = words.find("lock hold by current process") != std::string::npos ||
                      words.find("While lock file") != std::string::npos;
  if (locked) {
    return absl::FailedPreconditionError(
        Concat("the data directory ", path, " is in use by another purserd (", words, ")"));
  }
  // RocksDB looks for a missing table under an older ending last, and complains about that one.
  const std::string message = Concat(
      "the store in ", path, " cannot be opened: ", absl::StrReplaceAll(words, {{".ldb", ".sst"}}));
  if (corrupt) return absl::DataLossError(message);
  if (words.find("olumn famil") != std::string::npos) return absl::FailedPreconditionError(message);
  return absl::UnavailableError(message);
}

}  // namespace purser
