#ifndef PURSER_DAEMON_CLOSED_SNAPSHOT_H_
#define PURSER_DAEMON_CLOSED_SNAPSHOT_H_

// What a store gives out as a snapshot while it is closed: every read is Unavailable. Thread-safe.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/journal_store.h"

namespace purser {

class ClosedSnapshot : public StoreSnapshot {
 public:
  absl::Status Get(Table table, std::string_view key, std::optional<std::string>* value) override;
  std::unique_ptr<Cursor> NewCursor(Table table) override;
};

}  // namespace purser

#endif  // PURSER_DAEMON_CLOSED_SNAPSHOT_H_
