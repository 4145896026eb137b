#include "api/watch.h"

#include <utility>

#include "api/json.h"
#include "api/render.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

// How long a client of EventSource waits before it comes again.
constexpr char kBeginning[] = "retry: 1000\n: the journal, an entry an event\n\n";
constexpr char kHeartbeat[] = ": heartbeat\n\n";

void AppendEvent(const v1::JournalEntry& entry, std::string* piece) {
  piece->append(Concat("id: ", entry.sequence(), "\ndata: "));
  PrintJson(entry, piece);  // one line: control characters are escaped
  piece->append("\n\n");
}

}  // namespace

Watch::Watch(Controller* controller, WatchOptions options, std::unique_ptr<WaitingRoom::Seat> seat)
    : controller_(controller),
      options_(std::move(options)),
      seat_(std::move(seat)),
      listener_(&controller->bulletin(), options_.population, ""),
      position_(options_.after) {}

bool Watch::Next(std::string* piece) {
  if (!std::exchange(begun_, true)) {
    piece->append(kBeginning);
    return true;
  }
  // Also a client that has much to catch up with ends with the daemon.
  if (controller_->bulletin().closed()) return false;
  const auto heartbeat_at =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.heartbeat_ms);
  while (true) {
    const View view = controller_->Peek(options_.population);
    if (view->sequence > position_) return AppendEntries(view, piece);
    const Heard heard = listener_.Wait(heartbeat_at);
    if (heard == Heard::kClosed) return false;
    if (heard == Heard::kNews) continue;
    piece->append(kHeartbeat);
    return true;
  }
}

bool Watch::AppendEntries(const View& view, std::string* piece) {
  if (view->sequence - position_ > options_.behind_max) {
    too_far_behind_ = true;
    return false;
  }
  auto entries = controller_->ReadEntries(view, position_ + 1);
  if (!entries.ok() || entries->empty()) return false;
  // Taken behind the entries: it knows every resource that they name.
  const View newest = controller_->Peek(options_.population);
  const ResourceIdentities identify = newest->directory->function();
  for (const StoredEntry& entry : *entries) {
    AppendEvent(RenderEntry(entry, identify), piece);
    position_ = entry.entry.sequence();
  }
  return true;
}

}  // namespace purser::api
