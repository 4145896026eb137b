#ifndef PURSER_RESERVATIONS_BUDGET_MEMO_H_
#define PURSER_RESERVATIONS_BUDGET_MEMO_H_

// Which budget stood in the way of one that waits when it was judged last, and the part of its
// costs that this budget counts: as long as it costs the same and the budget is the same, whether
// it still does is a sum, and no look at every budget. Of a request as it waits in the queue, until
// it leaves its place there. A cache, no part of the state. Thread-compatible.
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "reservations/budget_check.h"

namespace purser {

class BudgetMemo {
 public:
  // `costs` are what it asks for costs now. False: it does not, or it is not known; another may.
  bool Blocks(const ReservationPicture& waits, const RequestedCosts& costs, const BooksDraft& books,
              const UsageDraft& usage) const;
  void Note(const ReservationPicture& waits, RequestedCosts costs, BudgetCheck::InTheWay found);
  void Forget(const ReservationPicture& waits) { known_.erase(&waits); }

 private:
  struct Known {
    RequestedCosts costs;
    BudgetCheck::InTheWay in_the_way;
  };

  absl::flat_hash_map<const ReservationPicture*, Known> known_;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_BUDGET_MEMO_H_
