#include "lifecycle/calendar_page.h"

#include <algorithm>
#include <climits>

namespace purser {

using stored::HELD;
using stored::IN_USE;
using stored::RESERVE;

namespace {

// Single leases and sums of them.
constexpr int kStepsOfPageMax = 1'000'000;
constexpr int kStepsOfOneMax = INT_MAX;

class ResourceCalendar {
 public:
  ResourceCalendar(const JudgedState& state, const Resource& resource)
      : state_(state), resource_(resource) {
    static const BookedSteps nothing;
    const BookedSteps* const booked =
        state.bookings == nullptr ? nullptr : state.bookings->FindSteps(resource.number);
    booked_ = booked == nullptr ? &nothing : booked;
    next_ = booked_->begin();
  }

  // Of rising instants.
  CalendarStep At(InstantUs at_us, ReturnSteps* steps) {
    returned_ += Reach(looked_us_, at_us + 1, Amount::Max(), steps).sum;
    looked_us_ = at_us + 1;
    for (; next_ != booked_->end() && next_->first <= at_us; ++next_) {
      booked_now_ += next_->second.begins - next_->second.ends;
      ended_ += next_->second.ends;
    }
    const Amount came = returned_ + ended_;
    const Amount to_shortfall = std::min(resource_.shortfall, came);
    const Amount to_reserve = std::min(resource_.reserve_deficit(), came - to_shortfall);
    CalendarStep step;
    step.resource = resource_.name();
    step.from_us = at_us;
    step.until_us = NextChange(at_us, steps);
    step.granted = resource_.granted() - to_shortfall;
    step.reserve = resource_[RESERVE] + to_reserve;
    step.occupied = resource_[HELD] + resource_[IN_USE] - returned_;
    step.booked = booked_now_;
    step.available = step.granted - step.reserve - step.occupied - step.booked;
    return step;
  }

 private:
  std::optional<InstantUs> NextChange(InstantUs after_us, ReturnSteps* steps) const {
    const auto booked = booked_->upper_bound(after_us);
    const InstantUs until_us = booked == booked_->end() ? INT64_MAX : booked->first;
    const auto returned = Reach(after_us + 1, until_us, Amount::FromMicros(1), steps);
    if (returned.at_us.has_value()) return *returned.at_us + state_.books->lease_shift_us();
    return until_us == INT64_MAX ? std::nullopt : std::optional<InstantUs>(until_us);
  }
  ReturnAnswer Reach(InstantUs from_us, InstantUs until_us, Amount wanted,
                     ReturnSteps* steps) const {
    const int64_t shift_us = state_.books->lease_shift_us();
    ReturnQuestion question;
    question.resource = resource_.number;
    question.from_us = from_us == 0 ? 0 : from_us - shift_us;
    question.until_us = until_us == INT64_MAX ? until_us : until_us - shift_us;
    question.wanted = wanted;
    return state_.returns->Reach(question, steps);
  }

  const JudgedState& state_;
  const Resource& resource_;
  const BookedSteps* booked_;
  // By the instant that was asked of last:
  InstantUs looked_us_ = 0;  // nothing has come back that is still to come
  BookedSteps::const_iterator next_;
  Amount returned_;
  Amount booked_now_;
  Amount ended_;
};

}  // namespace

CalendarPage ReadCalendar(const JudgedState& state, const CalendarQuestion& question) {
  CalendarPage page;
  ReturnSteps steps{kStepsOfPageMax};
  for (const auto& [name, number] : state.books->numbers_by_name()) {
    const Resource& resource = *state.books->Find(number);
    if (resource.consumable() || name != question.resource.value_or(name)) continue;
    if (question.after.has_value() && name < question.after->first) continue;
    ResourceCalendar calendar(state, resource);
    InstantUs at_us = std::max(question.from_us, state.now_us);
    if (question.after.has_value() && name == question.after->first) {
      at_us = std::max(at_us, question.after->second);
    }
    while (at_us < question.until_us) {
      // A page ends early rather than look at more.
      const bool is_tired = steps.left <= 0 && !page.steps.empty();
      if (page.steps.size() == question.count || is_tired) {
        page.next.emplace(name, at_us);
        return page;
      }
      ReturnSteps of_step{kStepsOfOneMax};
      const CalendarStep& step = page.steps.emplace_back(calendar.At(at_us, &of_step));
      steps.left -= kStepsOfOneMax - of_step.left;
      if (!step.until_us.has_value()) break;
      at_us = *step.until_us;
    }
  }
  return page;
}

}  // namespace purser
