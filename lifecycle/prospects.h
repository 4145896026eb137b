#ifndef PURSER_LIFECYCLE_PROSPECTS_H_
#define PURSER_LIFECYCLE_PROSPECTS_H_

// When there will be enough of a resource, or a debt will be repaid, by what leases give back
// alone: between two ends of periods. A value for one future; thread-compatible.
#include <optional>
#include <string_view>

#include "lifecycle/future.h"
#include "reservations/commands.h"

namespace purser {

struct Prospect {
  uint32_t resource = 0;           // 0: the freezes
  bool is_amount = false;          // enough of what is asked, rather than a debt
  std::optional<InstantUs> at_us;  // absent: not before the next end of a period
  bool by_leases = false;          // that end by then
};

class Prospects {
 public:
  // Both outlive this. Takes what it looks at off `steps`.
  Prospects(const Future* future, const ReservationPolicy* policy, ReturnSchedule::Steps* steps)
      : future_(future), policy_(policy), steps_(steps) {}

  // Enough of the resource for `least`, before `until_us`.
  Prospect WhenEnough(const Resource& resource, Amount least, stored::Purpose purpose,
                      InstantUs until_us);
  // The family owes nothing of the resource, and its debts are within their limit.
  Prospect WhenRepaid(const Resource& resource, std::string_view family, InstantUs until_us);
  // False once steps were wanting: what was said may be too late.
  bool complete() const { return complete_; }

 private:
  Prospect WhenReturned(const Resource& resource, std::optional<Amount> wanted, InstantUs until_us);

  const Future* const future_;
  const ReservationPolicy* const policy_;
  ReturnSchedule::Steps* const steps_;
  bool complete_ = true;
};

// What of the resource's debts stands before the last of the family's, that one included: what has
// to be repaid until the family owes nothing of it. Zero: it owes nothing of it.
Amount OwedUntilFree(const Books& books, uint32_t resource, std::string_view family);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_PROSPECTS_H_
