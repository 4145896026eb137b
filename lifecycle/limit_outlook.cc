#include "lifecycle/limit_outlook.h"

#include <algorithm>

#include "reservations/budget_check.h"
#include "reservations/charge_costs.h"
#include "reservations/label_split.h"
#include "reservations/limit_check.h"

namespace purser {
namespace {

Amount SumOf(Amount a, Amount b) { return Add(a, b).value_or(Amount::Max()); }

}  // namespace

void LimitOutlook::Add(const ReservationPicture& picture, Subject* subject) {
  ++subject->open;
  for (const HoldLine& line : picture.lines) {
    Subject::Asked& asked = subject->asked[line.resource];
    const Amount amount = std::max(line.asked, line.granted);
    asked.sum = SumOf(asked.sum, amount);
    asked.largest = std::max(asked.largest, amount);
  }
  if (PassesLimits(picture.purpose)) return;
  subject->is_bound = true;
  subject->highest_tier = std::min<int>(subject->highest_tier, picture.tier);
  subject->highest_priority = std::max(subject->highest_priority, picture.priority);
}

void LimitOutlook::Count(const ReservationPicture& picture) {
  static const Usage nothing;
  CountForBudgets(picture);
  const LimitBook& limits = state_.books->limits();
  const std::string& principal = *picture.principal;
  if (limits.Binds(principal)) {
    Subject& subject = principals_[principal];
    subject.own = limits.FindOwn(principal);
    subject.each = limits.FindEach(principal);
    subject.usage = state_.usage == nullptr ? nullptr : state_.usage->FindPrincipal(principal);
    if (subject.usage == nullptr) subject.usage = &nothing;
    Add(picture, &subject);
  }
  if (limits.ids_by_label().empty()) return;
  ForEachLabelValue(
      *picture.labels, [&](const std::string& key) { return limits.ids_by_label().contains(key); },
      [&](const std::string& key, const std::string& value) {
        const stored::Limit* const limit = limits.FindOfLabel(key, value);
        if (limit == nullptr) return;
        const LabelPair label(key, value);
        Subject& subject = labels_[label];
        subject.own = limit;
        subject.usage = state_.usage == nullptr ? nullptr : state_.usage->FindLabel(label);
        Add(picture, &subject);
      });
}

// Whoever approves from now on, or overrides, is not known here.
bool LimitOutlook::MayExceedBudget() const {
  return std::any_of(asked_of_budgets_.begin(), asked_of_budgets_.end(), [this](const auto& each) {
    const BudgetState& state = *state_.books->budgets().Find(each.first);
    const int percent = each.second.is_approved ? kBlockPercent : kReviewPercent;
    // What is not counted yet may be any.
    if (LacksEarlier(state)) return true;
    // Nothing of what was credited is left when a month begins.
    const absl::int128 used = std::max<absl::int128>(state.totals.committed(), 0);
    return used + each.second.sum > BudgetThreshold(*state.settings, percent);
  });
}

// At the highest of the rates that there are from now on.
RequestedCosts LimitOutlook::LargestCosts(const ReservationPicture& picture) const {
  RequestedCosts costs;
  for (const HoldLine& line : picture.lines) {
    const Resource* const resource = line.consumable ? state_.books->Find(line.resource) : nullptr;
    if (resource == nullptr) continue;
    Amount largest;
    const RateBook& rates = state_.books->rates();
    InstantUs at_us = state_.now_us;
    for (size_t i = 0; at_us != 0 && i <= kRateCardsMax; ++i) {
      const auto rate = RateOfCharge(rates, *resource, &picture, at_us);
      if (rate.has_value()) {
        largest = std::max(largest, CostOf(line.asked, *rate).value_or(Amount::Max()));
      }
      at_us = rates.NextBegin(resource->name(), at_us);
    }
    costs.push_back(largest);
  }
  return costs;
}

void LimitOutlook::CountForBudgets(const ReservationPicture& picture) {
  // What was booked is held already.
  if (state_.books->budgets().empty() || picture.booked()) return;
  const RequestedCosts costs = LargestCosts(picture);
  const ReadableLabels labels(*picture.labels);
  for (const auto& [id, budget] : state_.books->budgets().all()) {
    if (budget.settings->enforcement() != stored::Budget::CHARGEBACK) continue;
    const absl::int128 part = RequestedPart(*budget.settings, labels, costs);
    if (part <= 0) continue;
    AskedOfBudget& asked = asked_of_budgets_[id];
    asked.sum += part;
    asked.is_approved = asked.is_approved && picture.approver != nullptr;
  }
}

bool LimitOutlook::MayBind() const {
  const auto may_exceed = [this](const auto& each) { return MayExceed(each.second); };
  return MayExceedBudget() || std::any_of(principals_.begin(), principals_.end(), may_exceed) ||
         std::any_of(labels_.begin(), labels_.end(), may_exceed);
}

bool LimitOutlook::MayExceed(const Subject& subject) const {
  if (!subject.is_bound) return false;
  if (subject.usage == nullptr) return true;
  // Where its own says nothing the limit of each principal does: all of them together are less.
  for (const stored::Limit* limit : {subject.own, subject.each}) {
    if (limit == nullptr) continue;
    const bool is_exceeded =
        (limit->has_open_reservations() &&
         subject.usage->open + subject.open > limit->open_reservations()) ||
        (limit->highest_tier() != 0 && subject.highest_tier < limit->highest_tier()) ||
        (limit->has_highest_priority() && subject.highest_priority > limit->highest_priority());
    if (is_exceeded) return true;
  }
  return std::any_of(subject.asked.begin(), subject.asked.end(), [&](const auto& each) {
    return MayExceed(subject, *state_.books->Find(each.first), each.second);
  });
}

bool LimitOutlook::MayExceed(const Subject& subject, const Resource& resource,
                             const Subject::Asked& asked) const {
  const Usage& usage = *subject.usage;
  const auto find = [&](const LimitParts& (stored::Limit::*parts)() const) {
    const stored::Limit::Part* part = nullptr;
    if (subject.own != nullptr) part = FindPart((subject.own->*parts)(), resource.name());
    if (part == nullptr && subject.each != nullptr) {
      part = FindPart((subject.each->*parts)(), resource.name());
    }
    return part;
  };
  const auto exceeds = [](const stored::Limit::Part* part, Amount used) {
    return part != nullptr && used > Amount::FromMicros(part->amount());
  };
  if (exceeds(find(&stored::Limit::request_amounts), asked.largest)) return true;
  const Amount of_day = usage.GrantedOfDay(resource.number, DayOf(state_.now_us));
  if (exceeds(find(&stored::Limit::day_amounts), SumOf(of_day, asked.sum))) return true;
  const Amount of_month = usage.GrantedOfMonth(resource.number, MonthOf(state_.now_us));
  if (exceeds(find(&stored::Limit::month_amounts), SumOf(of_month, asked.sum))) return true;
  const stored::Limit::Part* const share = find(&stored::Limit::share_percent);
  if (share == nullptr) return false;
  if (resource.shortfall.is_positive()) return true;
  // A new period may have less than this one.
  const Amount percent = Amount::FromMicros(share->amount());
  Amount most = ShareOf(resource, percent);
  if (resource.has_periods()) {
    const Amount amount = Amount::FromMicros(resource.settings->amount());
    constexpr int64_t kWhole = 100 * Amount::kMicrosPerUnit;
    const auto of_next = ScaleRoundedDown(amount, percent.micros(), kWhole);
    most = std::min(most, of_next.value_or(Amount()));
  }
  return SumOf(usage.UsedOf(resource), asked.sum) > most;
}

}  // namespace purser
