#include "reservations/queue.h"

#include "ledger/check.h"

namespace purser {

Queue::TimeOutKey Queue::TimeOutKeyOf(const Reservation& reservation) {
  return {reservation.give_up_us(), reservation.create_sequence, reservation.create_index};
}

bool Queue::Contains(const Reservation& reservation) const {
  return by_key_.contains(QueueKeyOf(reservation)) ||
         (reservation.notice != nullptr && notices_.contains(NoticeKeyOf(reservation)));
}

void Queue::Insert(const Reservation& reservation) {
  PURSER_CHECK(reservation.queued(), "what is in the queue waits");
  const bool is_new = by_key_.emplace(QueueKeyOf(reservation), &reservation).second;
  PURSER_CHECK(is_new, "the order of arrivals is unique");
  time_outs_.emplace(TimeOutKeyOf(reservation), &reservation);
  ++of_principals_[*reservation.principal];
  if (reservation.notice == nullptr) return;
  const bool is_first = notices_.emplace(NoticeKeyOf(reservation), &reservation).second;
  PURSER_CHECK(is_first, "the order of notices is unique");
}

void Queue::Remove(const Reservation& reservation) {
  PURSER_CHECK(by_key_.erase(QueueKeyOf(reservation)) == 1, "what leaves the queue was in it");
  time_outs_.erase(TimeOutKeyOf(reservation));
  if (reservation.notice != nullptr) notices_.erase(NoticeKeyOf(reservation));
  const auto of = of_principals_.find(*reservation.principal);
  if (--of->second == 0) of_principals_.erase(of);
}

size_t Queue::CountOf(const std::string& principal) const {
  const auto of = of_principals_.find(principal);
  return of == of_principals_.end() ? 0 : of->second;
}

const Reservation* Queue::NextNotice() const {
  return notices_.empty() ? nullptr : notices_.begin()->second;
}

std::optional<Queue::TimeOut> Queue::NextTimeOut() const {
  if (time_outs_.empty()) return std::nullopt;
  const auto& [key, reservation] = *time_outs_.begin();
  return TimeOut{key.at_us, &reservation->id};
}

}  // namespace purser
