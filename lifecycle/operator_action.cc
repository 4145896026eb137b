#include "lifecycle/operator_action.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lifecycle/court.h"
#include "lifecycle/grant_trial.h"
#include "lifecycle/least_amount.h"
#include "lifecycle/queue_plan.h"

namespace purser {

using stored::Explanation;

namespace {

constexpr size_t kStepsOfGrant = 10;

// Those who are granted before the request, and what they take.
struct Ahead {
  size_t waiting = 0;
  std::set<uint32_t> resources;  // that they name, and the request
  std::map<uint32_t, Amount> taken;
};

// Of those up to `end`. nullopt: they are too many, or somebody of them has given notice, and is
// not looked for.
std::optional<Ahead> FindAhead(const JudgedState& state, const Books& thawed,
                               const RequestReservation& request,
                               Queue::ByKey::const_iterator end) {
  Ahead ahead;
  ahead.resources = NamedResources(thawed, request);
  if (state.queue == nullptr) return ahead;
  const Queue::ByKey& queue = state.queue->by_key();
  if (static_cast<size_t>(std::distance(queue.begin(), end)) >= kQueueLookedAtMax) {
    return std::nullopt;
  }
  const BooksDraft books(&thawed, state.sequence + 1, state.now_us);
  const UsageDraft usage(&books, nullptr, state.usage);
  const QueueRules rules(&books, state.policy, &usage, nullptr);
  size_t unblocked = 0;
  // Whoever stands before one of them, and waits for something that it waits for too.
  for (auto it = end; it != queue.begin();) {
    const Reservation& queued = *(--it)->second;
    if (rules.IsBlocked(queued, state.budget_memo)) continue;
    if (++unblocked >= kQueuePlanDepth) return std::nullopt;
    if (!NamesAny(queued, ahead.resources)) continue;
    if (queued.gave_notice()) return std::nullopt;
    ++ahead.waiting;
    for (const HoldLine& line : queued.lines) {
      // Whoever comes before others gets as much as it asked for; the last is content with less.
      const bool is_last = ahead.resources.insert(line.resource).second;
      if (queued.booked() && line.consumable) continue;
      const Amount takes = queued.booked() ? line.granted
                           : is_last       ? LeastOfLine(queued, line, *thawed.Find(line.resource))
                                           : line.asked;
      const auto sum = Add(ahead.taken[line.resource], takes);
      if (!sum.has_value()) return std::nullopt;
      ahead.taken[line.resource] = *sum;
    }
  }
  return ahead;
}

// The least grant after which nothing of this resource stands in the way; nullopt: none would do.
class LeastGrant {
 public:
  // `taken`: of it by those who are granted before.
  LeastGrant(const JudgedState& state, const RequestReservation& request, uint32_t resource,
             Amount taken, ReturnSchedule::Steps* steps)
      : state_(state),
        request_(request),
        resource_(resource),
        foresight_(&state, steps),
        least_(taken) {
    const Resource& now = *state.books->Find(resource);
    const auto asked = request.amounts.find(now.name());
    if (asked != request.amounts.end()) {
      least_ = Add(taken, LeastOf(request, now, asked->second)).value_or(Amount::Max());
    }
    if (PassesDebts(request.purpose)) return;
    const Amount of_family = OwedUntilFree(*state.books, resource, FamilyOf(request.labels));
    may_owe_ = now.owed() - of_family;
    if (of_family.is_zero()) may_owe_.reset();
    if (!now.settings->has_debt_limit()) return;
    const Amount limit = Amount::FromMicros(now.settings->debt_limit());
    may_owe_ = may_owe_.has_value() ? std::min(*may_owe_, limit) : limit;
  }

  std::optional<Amount> Find() const {
    if (IsEnough(Amount())) return Amount();
    const auto grant = LeastAmount([this](Amount tried) { return IsEnough(tried); });
    return foresight_.complete() ? grant : std::nullopt;
  }

 private:
  bool IsEnough(Amount grant) const {
    BooksDraft draft(state_.books, state_.sequence + 1, state_.now_us);
    if (grant.is_positive() && !draft.Grant(resource_, grant, "").ok()) return false;
    const Resource& after = *draft.Find(resource_);
    if (may_owe_.has_value() && after.owed() > *may_owe_) return false;
    if (least_.is_zero()) return true;
    const Lookup nothing;
    const ReservationsDraft then(&draft, {nullptr, &nothing, state_.policy, nullptr, std::nullopt,
                                          nullptr, nullptr, &foresight_});
    return least_ <= then.RoomOf(request_, after);
  }

  const JudgedState& state_;
  const RequestReservation& request_;
  const uint32_t resource_;
  const ScheduleForesight foresight_;
  Amount least_;
  std::optional<Amount> may_owe_;
};

using Grants = std::map<std::string, Amount>;  // by resource, as it is told and done; none is zero

class OperatorAction {
 public:
  OperatorAction(const JudgedState& state, const RequestReservation& request,
                 const ReservationPicture* waits, ReturnSchedule::Steps* steps)
      : state_(state),
        request_(request),
        waits_(waits),
        steps_(steps),
        thawed_(*state.books),
        trial_(state, request, waits) {}

  // What helps; nullopt: nothing that is known.
  std::optional<Explanation::Remedy> Find() {
    Explanation::Remedy remedy;
    remedy.set_kind(Explanation::Remedy::OPERATOR_ACTION);
    Thaw(&remedy);
    const auto grants = FindEnough();
    if (!grants.has_value() || (freezes_.empty() && grants->empty())) return std::nullopt;
    for (const auto& [resource, amount] : *grants) {
      Explanation::NamedAmount& named = *remedy.add_amounts();
      named.set_resource(resource);
      named.set_amount(amount.micros());
    }
    return remedy;
  }

 private:
  void Thaw(Explanation::Remedy* remedy) {
    BooksDraft draft(state_.books, state_.sequence + 1, state_.now_us);
    for (const stored::Freeze* freeze : FindFreezes(*state_.books, request_)) {
      remedy->add_freezes(freeze->id());
      freezes_.push_back(freeze->id());
      draft.Thaw(freeze->id(), false);
    }
    ApplyDraft(&draft, &thawed_);
  }

  // For it, and those ahead of it; where it arrives only then, perhaps for those behind it as well,
  // who are granted before it comes.
  std::optional<Grants> FindEnough() {
    if (state_.queue == nullptr) return FindEnoughFor({});
    if (trial_.is_alone()) return FindEnoughFor(state_.queue->by_key().begin());
    const Queue::ByKey& queue = state_.queue->by_key();
    const QueueKey place = QueueKeyOf(waits_ != nullptr ? *waits_ : PictureOf(state_, request_));
    const auto behind = queue.lower_bound(place);
    auto grants = FindEnoughFor(behind);
    if (grants.has_value() || waits_ != nullptr || behind == queue.end()) return grants;
    return FindEnoughFor(queue.end());
  }

  std::optional<Grants> FindEnoughFor(Queue::ByKey::const_iterator end) {
    const auto ahead = FindAhead(state_, thawed_, request_, end);
    if (!ahead.has_value()) return std::nullopt;
    auto grants = FindGrants(*ahead);
    return grants.has_value() && IsGrantedWith(*grants) ? grants : std::nullopt;
  }

  std::optional<Grants> FindGrants(const Ahead& ahead) const {
    std::set<uint32_t> resources = FindResources(*state_.books, request_);
    resources.insert(ahead.resources.begin(), ahead.resources.end());
    steps_->left -= static_cast<int>(kStepsOfGrant * resources.size() + ahead.waiting +
                                     state_.books->numbers_by_name().size() / kResourcesAStep);
    Grants grants;
    for (const uint32_t resource : resources) {
      const auto taken = ahead.taken.find(resource);
      const auto grant = LeastGrant(state_, request_, resource,
                                    taken == ahead.taken.end() ? Amount() : taken->second, steps_)
                             .Find();
      if (!grant.has_value()) return std::nullopt;
      if (!grant->is_zero()) grants[state_.books->Find(resource)->name()] = *grant;
    }
    return grants;
  }

  bool IsGrantedWith(const Grants& grants) const {
    std::vector<GrantTrial::Act> acts;
    for (const std::string& id : freezes_) {
      acts.emplace_back([&id](BooksDraft* draft) {
        draft->Thaw(id, false);
        return true;
      });
    }
    for (const auto& [resource, amount] : grants) {
      const uint32_t number = thawed_.FindByName(resource)->number;
      acts.emplace_back([number, amount = amount](BooksDraft* draft) {
        return draft->Grant(number, amount, "").ok();
      });
    }
    return trial_.IsGrantedAfter(acts, steps_);
  }

  const JudgedState& state_;
  const RequestReservation& request_;
  const ReservationPicture* const waits_;
  ReturnSchedule::Steps* const steps_;
  Books thawed_;
  std::vector<std::string> freezes_;
  const GrantTrial trial_;
};

}  // namespace

void AddOperatorAction(const JudgedState& state, const RequestReservation& request,
                       const ReservationPicture* waits, ReturnSchedule::Steps* steps,
                       Explanation* explanation) {
  if (steps->left <= 0) return;
  if (waits != nullptr) {
    if (waits->notice != nullptr || !IsAmongFirst(state, QueueKeyOf(*waits))) return;
  }
  auto remedy = OperatorAction(state, request, waits, steps).Find();
  if (remedy.has_value()) *explanation->add_remedies() = *std::move(remedy);
}

}  // namespace purser
