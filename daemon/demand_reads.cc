#include "daemon/demand_reads.h"

#include "ledger/refusal.h"

namespace purser {

absl::StatusOr<api::DemandRead> DemandReads::Get(uint32_t population, uint64_t sequence,
                                                 InstantUs now_us, const Read& read) {
  {
    MutexLock lock(&mutex_);
    while (true) {
      Of& of = of_[population];
      const bool is_new = of.newest != nullptr && of.newest->sequence >= sequence &&
                          of.newest->at_us > now_us - kSharedUs;
      if (is_new) return *of.newest;
      if (!of.is_reading) {
        of.is_reading = true;
        break;
      }
      if (of.waiting == kWaitersMax) {
        return Refuse(stored::OVERLOADED, "others read the journal of 28 days; try again");
      }
      ++of.waiting;
      ended_.Wait(&mutex_);
      --of_[population].waiting;
    }
  }
  auto found = read();
  MutexLock lock(&mutex_);
  Of& of = of_[population];
  of.is_reading = false;
  if (found.ok()) of.newest = std::make_shared<const api::DemandRead>(*found);
  ended_.NotifyAll();
  return found;
}

}  // namespace purser
