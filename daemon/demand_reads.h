#ifndef PURSER_DAEMON_DEMAND_READS_H_
#define PURSER_DAEMON_DEMAND_READS_H_

// What was read last of each population's demand, which takes its journal of 28 days: of those who
// ask at about the same time one reads, and the others have what it found. Thread-safe.
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "api/demand_reader.h"
#include "daemon/mutex.h"

namespace purser {

class DemandReads {
 public:
  static constexpr size_t kWaitersMax = 16;            // of one population
  static constexpr int64_t kSharedUs = 5 * kSecondUs;  // so old may be what is found
  using Read = std::function<absl::StatusOr<api::DemandRead>()>;

  // What is known of the population up to `sequence` at least. `read`, if it is called, is by this
  // thread. OVERLOADED: many wait already; what `read` refuses.
  absl::StatusOr<api::DemandRead> Get(uint32_t population, uint64_t sequence, InstantUs now_us,
                                      const Read& read);

 private:
  struct Of {
    std::shared_ptr<const api::DemandRead> newest;
    bool is_reading = false;
    size_t waiting = 0;
  };

  Mutex mutex_;
  Condition ended_;
  std::map<uint32_t, Of> of_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace purser

#endif  // PURSER_DAEMON_DEMAND_READS_H_
