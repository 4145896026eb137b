#include "daemon/closed_snapshot.h"

namespace purser {
namespace {

absl::Status Closed() {
  return absl::UnavailableError("the store is closed; it is being reopened");
}

class ClosedCursor : public StoreSnapshot::Cursor {
 public:
  void SeekFirstAtOrAfter(std::string_view) override {}
  void SeekLastAtOrBefore(std::string_view) override {}
  bool valid() const override { return false; }
  void Next() override {}
  void Previous() override {}
  std::string_view key() const override { return {}; }
  std::string_view value() const override { return {}; }
  absl::Status status() const override { return Closed(); }
};

}  // namespace

absl::Status ClosedSnapshot::Get(Table, std::string_view, std::optional<std::string>* value) {
  value->reset();
  return Closed();
}

std::unique_ptr<StoreSnapshot::Cursor> ClosedSnapshot::NewCursor(Table) {
  return std::make_unique<ClosedCursor>();
}

}  // namespace purser
