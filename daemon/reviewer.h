#ifndef PURSER_DAEMON_REVIEWER_H_
#define PURSER_DAEMON_REVIEWER_H_

// The daemon's own reviewer of models (daemon/decisions/0011): a thread that looks at each
// population once an interval, and when somebody lacks what models occupy, and proposes what it
// finds as the principal `reviewer`. It asks the follower and sends commands as anybody does. It
// also counts for budgets what was spent before them, where a crash or a full disk kept who made
// them from it (0015).
// Thread-safe.
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "api/controller.h"
#include "daemon/follower.h"
#include "daemon/mutex.h"

namespace purser {

struct ReviewerOptions {
  int64_t interval_us = 3'600 * kSecondUs;     // of ordered time; 0: only under pressure
  int64_t pressure_pause_us = 60 * kSecondUs;  // between two reviews under pressure
  int64_t look_ms = 1'000;                     // how often it looks whether it is time
  std::function<void(const std::string&)> log = [](const std::string&) {};
};

class Reviewer {
 public:
  // Both outlive this.
  Reviewer(ReviewerOptions options, api::Controller* controller, Follower* follower);
  ~Reviewer();
  Reviewer(const Reviewer&) = delete;
  Reviewer& operator=(const Reviewer&) = delete;

  // Start and Stop by one thread.
  void Start();
  void Stop();
  // Looks once at every population whose time it is; for tests, which have no thread.
  void LookAtAll();

 private:
  void Run();
  void LookAt(const api::View& view);
  void CountBudgets(const std::vector<api::View>& views);
  bool IsStopping() const;

  const ReviewerOptions options_;
  api::Controller* const controller_;
  Follower* const follower_;
  int looks_without_counting_ = 0;                // still to come, after a count that failed
  std::map<std::string, InstantUs> reviewed_us_;  // by population
  std::set<std::string> pressed_;                 // that wait until the pause is over
  mutable Mutex mutex_;
  Condition stops_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace purser

#endif  // PURSER_DAEMON_REVIEWER_H_
