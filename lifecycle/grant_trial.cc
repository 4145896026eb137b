#include "lifecycle/grant_trial.h"

#include <algorithm>

#include "lifecycle/court.h"
#include "lifecycle/queue_plan.h"

namespace purser {

GrantTrial::GrantTrial(const JudgedState& state, const RequestReservation& request,
                       const ReservationPicture* waits)
    : state_(state), request_(request), waits_(waits), is_alone_(FindAlone()) {}

bool GrantTrial::FindAlone() const {
  if (waits_ != nullptr) return false;
  if (state_.queue == nullptr || state_.queue->size() == 0) return true;
  if (request_.start_at_us != 0) return true;
  const ReservationPicture arrival = PictureOf(state_, request_);
  const BooksDraft books(state_.books, state_.sequence + 1, state_.now_us);
  const UsageDraft usage(&books, nullptr, state_.usage);
  if (QueueRules(&books, state_.policy, &usage, nullptr).IsLimited(arrival)) return false;
  const Queue::ByKey& queue = state_.queue->by_key();
  return std::none_of(queue.begin(), queue.end(), [&arrival](const auto& each) {
    return ShareResources(*each.second, arrival);
  });
}

bool GrantTrial::IsGrantedAlone(const std::vector<Act>& acts) const {
  Books after = *state_.books;
  for (const Act& act : acts) {
    BooksDraft draft(&after, state_.sequence + 1, state_.now_us);
    if (!act(&draft)) return false;
    ApplyDraft(&draft, &after);
  }
  const auto refusal = Court(state_, after).draft.Judge(request_, state_.principal);
  return refusal.ok() && refusal->reason() == stored::REASON_UNSPECIFIED;
}

bool GrantTrial::IsGrantedAfter(const std::vector<Act>& acts, ReturnSchedule::Steps* steps) const {
  if (is_alone_) return IsGrantedAlone(acts);
  bool is_possible = true;
  std::vector<std::function<void(BooksDraft*)>> tried;
  tried.reserve(acts.size());
  for (const Act& act : acts) {
    tried.emplace_back([&](BooksDraft* draft) { is_possible = act(draft) && is_possible; });
  }
  // Others are looked at as soon as these are granted.
  const bool is_one_look = tried.size() == 1 && waits_ != nullptr;
  if (!is_one_look && state_.queue->size() > kQueuePlanDepth) return false;
  const ReservationPicture arrival = PictureOf(state_, request_);
  PlanQuestion question;
  question.acts = &tried;
  // Before another entry comes others may have given notice, and stand ahead then.
  question.no_notices = !is_one_look;
  if (waits_ == nullptr) {
    question.arrival = &arrival;
  } else if (!state_.queue->by_key().contains(QueueKeyOf(*waits_))) {
    question.joining = waits_;
  }
  const QueuePlan plan = MakePlan(state_, question, steps);
  if (!plan.is_exact || !plan.complete || !is_possible) return false;
  if (waits_ == nullptr) return plan.arrival_us.has_value();
  const QueuePlan::Start* const start = plan.Find(QueueKeyOf(*waits_));
  return start != nullptr && start->at_us.has_value();
}

}  // namespace purser
