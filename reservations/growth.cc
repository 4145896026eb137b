// What models occupy more of: for ever, beside those who hold, booked or wait.
#include <map>
#include <string_view>

#include "reservations/reservations_draft.h"

namespace purser {

void ReservationsDraft::FindGrowthShortages(const Growth& growth, Refusal* refusal) const {
  bool reserve_alone = true;
  std::map<std::string_view, uint32_t> by_name;  // as they are told
  for (const auto& [number, amount] : growth.amounts) {
    by_name[books_->Find(number)->name()] = number;
  }
  for (const auto& [name, number] : by_name) {
    const Resource& resource = *books_->Find(number);
    const Amount amount = growth.amounts.at(number);
    Amount drawable = resource[stored::AVAILABLE];
    if (growth.may_draw_on_reserve) drawable += resource[stored::RESERVE];
    const Room room = growth.is_bound() ? calendar_.RoomUntil(resource, INT64_MAX) : Room();
    if (amount <= std::max(Amount(), std::min(drawable, room.amount))) continue;
    Wanted line{};
    line.resource = &resource;
    line.asked = line.least = amount;
    line.booked = room;
    AddShortage(line, drawable, growth.may_draw_on_reserve, refusal);
    const auto& shortage = *refusal->shortages().rbegin();
    reserve_alone = reserve_alone && shortage.reserve_protected() == shortage.short_by();
  }
  if (refusal->shortages().empty() || refusal->reason() != stored::REASON_UNSPECIFIED) return;
  const bool is_protected = growth.is_rollback && reserve_alone;
  refusal->set_reason(is_protected ? stored::RESERVE_PROTECTED : stored::POPULATION_FULL);
}

void ReservationsDraft::FindGrowthClaims(const Growth& growth, Refusal* refusal) const {
  const Queue* const queue = FindQueue();
  if (!growth.is_bound() || growth.amounts.empty() || queue == nullptr || queue->size() == 0)
    return;
  // As of an arrival.
  QueueKey arrival;
  arrival.order_us = books_->now_us();
  arrival.create_time_us = books_->now_us();
  arrival.create_sequence = books_->sequence();
  const QueueClaims claims = ClaimsAhead(arrival);
  for (const auto& [number, amount] : growth.amounts) {
    if (claims.contains(number)) AddClaimed(*books_->Find(number), refusal);
  }
}

}  // namespace purser
