#ifndef PURSER_API_WATCH_H_
#define PURSER_API_WATCH_H_

// One client that follows a population's journal: entries as server-sent events, read from what is
// durable, in order, each once, with no gap: what is sent next is what stands behind what was sent
// last. The journal is the only buffer, so a slow client costs no memory. Thread-compatible.
//
// An event is `id: SEQUENCE` and `data: ENTRY`, one line of JSON as …/journal shows it; comment
// lines come first and as heartbeats.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "api/bulletin.h"
#include "api/controller.h"
#include "api/waiting_room.h"

namespace purser::api {

struct WatchOptions {
  std::string population;
  uint64_t after = 0;         // the first event is the entry behind it
  uint64_t behind_max = 0;    // entries that it may be behind the newest; more ends it
  int heartbeat_ms = 15'000;  // a comment goes out when nothing else did for so long
};

class Watch {
 public:
  Watch(Controller* controller, WatchOptions options, std::unique_ptr<WaitingRoom::Seat> seat);

  // The next piece of the stream; waits for it. False when it ends: the daemon stops, the entries
  // cannot be read now, or the client is too far behind. The client then begins anew behind the
  // last event that it saw.
  bool Next(std::string* piece);

  uint64_t position() const { return position_; }  // of the last entry that was given
  bool too_far_behind() const { return too_far_behind_; }

 private:
  bool AppendEntries(const View& view, std::string* piece);

  Controller* const controller_;
  const WatchOptions options_;
  const std::unique_ptr<WaitingRoom::Seat> seat_;
  Bulletin::Listener listener_;
  uint64_t position_;
  bool begun_ = false;
  bool too_far_behind_ = false;
};

}  // namespace purser::api

#endif  // PURSER_API_WATCH_H_
