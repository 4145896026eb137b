#include "lifecycle/population.h"

namespace purser {

std::optional<Due> NextDue(const Population& population) {
  std::optional<Due> next;
  const auto consider = [&next](Due due) {
    if (due.at_us != 0 && (!next || due.at_us < next->at_us)) next = std::move(due);
  };
  // Maps iterate by name and by id, and an equal instant does not displace: that is the order.
  for (const auto& [name, number] : population.books.numbers_by_name()) {
    const Resource& resource = *population.books.Find(number);
    consider({resource.next_boundary_us, stored::ROLLOVER, number, ""});
  }
  for (const auto& [id, freeze] : population.books.freezes()) {
    consider({freeze.until_us(), stored::THAW, 0, id});
  }
  if (auto expiry = population.reservations.NextExpiry(population.books.lease_shift_us())) {
    consider({expiry->at_us, stored::EXPIRE, 0, std::move(expiry->id)});
  }
  return next;
}

}  // namespace purser
