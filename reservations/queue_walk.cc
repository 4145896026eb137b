#include "reservations/queue_walk.h"

#include <algorithm>

namespace purser {
namespace {

// Whether what stands in the way of the one stands in the other's: they differ in nothing that
// decides that. Labels are interned.
bool AreAlike(const Reservation& one, const Reservation& other) {
  const auto is_alike = [](const HoldLine& line, const HoldLine& of_other) {
    return line.resource == of_other.resource && line.asked == of_other.asked &&
           line.minimum == of_other.minimum && line.granted == of_other.granted;
  };
  return one.principal == other.principal && one.labels == other.labels &&
         one.quote == other.quote && one.purpose == other.purpose && one.tier == other.tier &&
         one.priority == other.priority && one.start_at_us == other.start_at_us &&
         (one.approver == nullptr) == (other.approver == nullptr) &&
         std::equal(one.lines.begin(), one.lines.end(), other.lines.begin(), other.lines.end(),
                    is_alike);
}

}  // namespace

ReservationsDraft::QueueWalk::QueueWalk(const ReservationsDraft& draft, const QueueRules& rules)
    : draft_(draft), rules_(rules), waits_(draft.FindQueue()->by_key().begin()) {}

const Reservation* ReservationsDraft::QueueWalk::Step() {
  const auto& made = draft_.queued_;
  const auto moved = at_.has_value() ? made.upper_bound(*at_) : made.begin();
  const auto end = draft_.FindQueue()->by_key().end();
  is_moved_ = moved != made.end() && (waits_ == end || moved->first < waits_->first);
  if (!is_moved_ && waits_ == end) return nullptr;
  at_ = is_moved_ ? moved->first : waits_->first;
  return is_moved_ ? moved->second : (waits_++)->second;
}

const Reservation* ReservationsDraft::QueueWalk::Next() {
  while (!reach_.is_over()) {
    const Reservation* next = Step();
    if (next == nullptr) break;
    // The command may have granted or cancelled it.
    const auto touched = draft_.touched_.find(next->id);
    const bool is_touched = touched != draft_.touched_.end();
    if (is_touched) next = touched->second.get();
    if (!next->queued() || QueueKeyOf(*next) != *at_) continue;
    is_blocked_ = Judge(*next, !is_touched && !is_moved_);
    reach_.Count(is_blocked_);
    return next;
  }
  return nullptr;
}

bool ReservationsDraft::QueueWalk::Judge(const Reservation& queued, bool is_as_it_was) {
  const bool is_known = judged_ != nullptr && AreAlike(*judged_, queued);
  judged_ = &queued;
  if (is_known) return is_blocked_;
  const ReservationBook* const book = draft_.context_.book;
  if (!is_as_it_was || book == nullptr || draft_.context_.queue != nullptr) {
    return rules_.IsBlocked(queued);
  }
  return rules_.IsBlocked(queued, book->budget_memo());
}

}  // namespace purser
