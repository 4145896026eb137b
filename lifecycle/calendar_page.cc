#include "lifecycle/calendar_page.h"

#include <algorithm>
#include <climits>

namespace purser {

using stored::HELD;
using stored::IN_USE;
using stored::RESERVE;

namespace {

class ResourceCalendar {
 public:
  ResourceCalendar(const JudgedState& state, const Resource& resource)
      : state_(state), resource_(resource) {
    static const BookedSteps nothing;
    const BookedSteps* const booked =
        state.bookings == nullptr ? nullptr : state.bookings->FindSteps(resource.number);
    booked_ = booked == nullptr ? &nothing : booked;
  }

  CalendarStep At(InstantUs at_us) const {
    const Amount returned = Reach(state_.now_us, at_us + 1, Amount::Max()).sum;
    Amount booked;
    Amount ended;
    for (auto it = booked_->begin(); it != booked_->end() && it->first <= at_us; ++it) {
      booked += it->second.begins - it->second.ends;
      ended += it->second.ends;
    }
    const Amount came = returned + ended;
    const Amount to_shortfall = std::min(resource_.shortfall, came);
    const Amount to_reserve = std::min(resource_.reserve_deficit(), came - to_shortfall);
    CalendarStep step;
    step.resource = resource_.name();
    step.from_us = at_us;
    step.until_us = NextChange(at_us);
    step.granted = resource_.granted() - to_shortfall;
    step.reserve = resource_[RESERVE] + to_reserve;
    step.occupied = resource_[HELD] + resource_[IN_USE] - returned;
    step.booked = booked;
    step.available = step.granted - step.reserve - step.occupied - step.booked;
    return step;
  }

 private:
  std::optional<InstantUs> NextChange(InstantUs after_us) const {
    const auto booked = booked_->upper_bound(after_us);
    const InstantUs until_us = booked == booked_->end() ? INT64_MAX : booked->first;
    const auto returned = Reach(after_us + 1, until_us, Amount::FromMicros(1));
    if (returned.at_us.has_value()) return *returned.at_us + state_.books->lease_shift_us();
    return until_us == INT64_MAX ? std::nullopt : std::optional<InstantUs>(until_us);
  }
  ReturnAnswer Reach(InstantUs from_us, InstantUs until_us, Amount wanted) const {
    const int64_t shift_us = state_.books->lease_shift_us();
    ReturnQuestion question;
    question.resource = resource_.number;
    question.from_us = from_us - shift_us;
    question.until_us = until_us == INT64_MAX ? until_us : until_us - shift_us;
    question.wanted = wanted;
    ReturnSteps unlimited{INT_MAX};
    return state_.returns->Reach(question, &unlimited);
  }

  const JudgedState& state_;
  const Resource& resource_;
  const BookedSteps* booked_;
};

}  // namespace

CalendarPage ReadCalendar(const JudgedState& state, const CalendarQuestion& question) {
  CalendarPage page;
  for (const auto& [name, number] : state.books->numbers_by_name()) {
    const Resource& resource = *state.books->Find(number);
    if (resource.consumable() || name != question.resource.value_or(name)) continue;
    if (question.after.has_value() && name < question.after->first) continue;
    const ResourceCalendar calendar(state, resource);
    InstantUs at_us = std::max(question.from_us, state.now_us);
    if (question.after.has_value() && name == question.after->first) {
      at_us = std::max(at_us, question.after->second);
    }
    while (at_us < question.until_us) {
      if (page.steps.size() == question.count) {
        page.next.emplace(name, at_us);
        return page;
      }
      const CalendarStep& step = page.steps.emplace_back(calendar.At(at_us));
      if (!step.until_us.has_value()) break;
      at_us = *step.until_us;
    }
  }
  return page;
}

}  // namespace purser
