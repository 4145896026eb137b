#ifndef PURSER_LIFECYCLE_SCHEDULE_FORESIGHT_H_
#define PURSER_LIFECYCLE_SCHEDULE_FORESIGHT_H_

// What is known of the time to come by those who look ahead, as of the state that is judged.
#include <map>
#include <tuple>

#include "lifecycle/outlook.h"
#include "reservations/calendar.h"

namespace purser {

class ScheduleForesight : public Foresight {
 public:
  // Takes what it looks at off `steps`: without any left, nothing comes back.
  ScheduleForesight(const JudgedState* state, ReturnSchedule::Steps* steps)
      : state_(state), steps_(steps) {}

  const BookedSteps* FindBooked(uint32_t resource) const override {
    return state_->bookings == nullptr ? nullptr : state_->bookings->FindSteps(resource);
  }
  Amount ReturnedWithin(uint32_t resource, InstantUs after_us, InstantUs until_us) const override {
    // Many tries of an amount ask the same.
    const auto [known, is_new] =
        returned_.try_emplace(std::tuple(resource, after_us, until_us), Amount());
    if (!is_new) return known->second;
    const int64_t shift_us = state_->books->lease_shift_us();
    ReturnSchedule::Question question;
    question.resource = resource;
    question.from_us = after_us == kFromNow ? 0 : after_us + 1 - shift_us;
    question.until_us = until_us + 1 - shift_us;
    question.wanted = Amount::Max();
    const auto answer = state_->returns->Reach(question, steps_);
    complete_ = complete_ && answer.complete;
    known->second = answer.sum;
    return answer.sum;
  }
  InstantUs MinuteStart(InstantUs at_us) const override {
    const int64_t shift_us = state_->books->lease_shift_us();
    return ReturnSums::MinuteStart(at_us - shift_us) + shift_us;
  }
  // False once steps were wanting: then there is more than was said.
  bool complete() const { return complete_; }

 private:
  const JudgedState* const state_;
  ReturnSchedule::Steps* const steps_;
  mutable bool complete_ = true;
  mutable std::map<std::tuple<uint32_t, InstantUs, InstantUs>, Amount> returned_;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_SCHEDULE_FORESIGHT_H_
