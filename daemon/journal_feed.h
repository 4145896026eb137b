#ifndef PURSER_DAEMON_JOURNAL_FEED_H_
#define PURSER_DAEMON_JOURNAL_FEED_H_

// The thread between the writer and those who wait: woken by an announcement, it looks which
// reservations the new entries touch, once for all who wait, and posts that. With nobody waiting it
// does nothing. Start and Stop by one thread.
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "api/bulletin.h"
#include "api/controller.h"

namespace purser {

class JournalFeed {
 public:
  struct Source {
    // The newest view; nullptr: no such population.
    std::function<api::View(const std::string& population)> peek;
    // The reservations touched by the entries behind `after`, as far as they are durable.
    std::function<absl::StatusOr<std::set<std::string>>(const api::View& view, uint64_t after)>
        touched;
  };

  JournalFeed(api::Bulletin* bulletin, Source source);
  ~JournalFeed();
  JournalFeed(const JournalFeed&) = delete;
  JournalFeed& operator=(const JournalFeed&) = delete;

  void Start();
  // Closes the bulletin. Idempotent.
  void Stop();

 private:
  void Run();
  void Tell(const std::string& population, bool of_reservations);

  api::Bulletin* const bulletin_;
  const Source source_;
  // How far the entries of a population were looked at while somebody waited for one of its
  // reservations without a break.
  std::map<std::string, uint64_t> seen_;
  std::thread thread_;
};

}  // namespace purser

#endif  // PURSER_DAEMON_JOURNAL_FEED_H_
