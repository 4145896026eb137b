#include "lifecycle/prospects.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

namespace purser {
namespace {

// nullopt: more than an amount holds.
std::optional<Amount> SumOf(std::initializer_list<Amount> amounts) {
  std::optional<Amount> sum = Amount();
  for (const Amount amount : amounts) {
    if (sum.has_value()) sum = Add(*sum, amount);
  }
  return sum;
}

}  // namespace

Amount OwedUntilFree(const Books& books, uint32_t resource, std::string_view family) {
  const std::set<DebtKey>* const keys = books.debts().OfFamily(family);
  if (keys == nullptr) return Amount();
  const auto after = keys->upper_bound({resource, UINT64_MAX});
  if (after == keys->begin() || std::prev(after)->first != resource) return Amount();
  const DebtKey last = *std::prev(after);
  Amount sum;
  const auto& debts = books.debts().all();
  for (auto it = debts.lower_bound({resource, 0}); it != debts.end() && it->first <= last; ++it) {
    sum += Amount::FromMicros(it->second.amount());
  }
  return sum;
}

Prospect Prospects::WhenReturned(const Resource& resource, std::optional<Amount> wanted,
                                 InstantUs until_us) {
  Prospect prospect;
  prospect.resource = resource.number;
  if (!wanted.has_value()) return prospect;
  if (!wanted->is_positive()) {
    prospect.at_us = future_->now_us();
    return prospect;
  }
  ReturnSchedule::Question question = future_->ReturnsOf(resource, until_us);
  question.wanted = *wanted;
  const ReturnSchedule::Answer answer = future_->returns().Reach(question, steps_);
  complete_ = complete_ && answer.complete;
  if (!answer.at_us.has_value()) return prospect;
  prospect.at_us = *answer.at_us + future_->books().lease_shift_us();
  prospect.by_leases = true;
  return prospect;
}

Prospect Prospects::WhenEnough(const Resource& resource, Amount least, stored::Purpose purpose,
                               InstantUs until_us) {
  const Amount has = policy_->DrawableFrom(resource, purpose);
  std::optional<Amount> wanted = Amount();
  if (least > has) {
    // What comes in is used for all of this first.
    const bool may_draw = policy_->MayDrawOnReserve(purpose);
    const Amount deficit = may_draw ? Amount() : resource.reserve_deficit();
    wanted = SumOf({resource.shortfall, resource.owed(), deficit, least - has});
  }
  Prospect prospect = WhenReturned(resource, wanted, until_us);
  prospect.is_amount = true;
  return prospect;
}

Prospect Prospects::WhenRepaid(const Resource& resource, std::string_view family,
                               InstantUs until_us) {
  const Amount of_family = OwedUntilFree(future_->books(), resource.number, family);
  const Amount past_limit =
      resource.is_past_debt_limit()
          ? resource.owed() - Amount::FromMicros(resource.settings->debt_limit())
          : Amount();
  const Amount repaid = std::max(of_family, past_limit);
  if (repaid.is_zero()) return WhenReturned(resource, repaid, until_us);
  return WhenReturned(resource, SumOf({resource.shortfall, repaid}), until_us);
}

}  // namespace purser
