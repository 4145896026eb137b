#include "reservations/preemptibles.h"

#include <tuple>

#include "ledger/check.h"

namespace purser {

std::strong_ordering operator<=>(const RegretKey& a, const RegretKey& b) {
  const auto has_started = [](const RegretKey& key) { return key.start_time_us != 0; };
  // Later is smaller but for the first two.
  const auto order = std::pair(-a.tier, has_started(a)) <=> std::pair(-b.tier, has_started(b));
  if (order != 0) return order;
  return std::tie(b.start_time_us, b.grant.grant_sequence, b.grant.grant_index) <=>
         std::tie(a.start_time_us, a.grant.grant_sequence, a.grant.grant_index);
}

RegretKey RegretKeyOf(const ReservationPicture& open) {
  RegretKey key{open.tier, open.start_time_us, ExpiryKeyOf(open)};
  key.grant.end_us = 0;
  key.grant.by_notice = false;
  return key;
}

std::shared_ptr<const Reservation> WithoutEntries(const Reservation& reservation) {
  auto copy = std::make_shared<Reservation>();
  static_cast<ReservationPicture&>(*copy) = reservation;
  return copy;
}

void Preemptibles::Count(const ReservationPicture& open, int sign) {
  for (const HoldLine& line : open.lines) {
    const Amount amount = line.held + line.in_use;
    if (amount.is_zero()) continue;
    const auto it = amounts_.try_emplace({open.tier, line.resource}).first;
    it->second = sign > 0 ? it->second + amount : it->second - amount;
    if (it->second.is_zero()) amounts_.erase(it);
  }
}

bool Preemptibles::Contains(const Reservation& open) const {
  const RegretKey key = RegretKeyOf(open);
  const ByKey* const victims =
      open.gives_way() ? FindVictims(open.notice->preempted_for) : &without_notice_;
  return victims != nullptr && victims->contains(key);
}

void Preemptibles::Insert(const Reservation& open) {
  PURSER_CHECK(open.open() && TierGivesWay(open.tier),
               "what gives way is open, and of such a tier");
  ByKey& by_key = open.gives_way() ? victims_[open.notice->preempted_for] : without_notice_;
  PURSER_CHECK(by_key.emplace(RegretKeyOf(open), &open).second, "the order of grants is unique");
  if (!open.gives_way()) Count(open, 1);
}

void Preemptibles::Remove(const Reservation& open) {
  if (!open.gives_way()) {
    PURSER_CHECK(without_notice_.erase(RegretKeyOf(open)) == 1, "what is removed was there");
    Count(open, -1);
    return;
  }
  const auto victims = victims_.find(open.notice->preempted_for);
  PURSER_CHECK(victims != victims_.end() && victims->second.erase(RegretKeyOf(open)) == 1,
               "what is removed was there");
  if (victims->second.empty()) victims_.erase(victims);
}

const Preemptibles::ByKey* Preemptibles::FindVictims(const std::string& request) const {
  const auto victims = victims_.find(request);
  return victims == victims_.end() ? nullptr : &victims->second;
}

Amount Preemptibles::AmountOf(int tier, uint32_t resource) const {
  const auto it = amounts_.find({tier, resource});
  return it == amounts_.end() ? Amount() : it->second;
}

}  // namespace purser
