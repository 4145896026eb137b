#include "lifecycle/queue_plan.h"

#include <algorithm>

#include "ledger/rate_book.h"
#include "lifecycle/planner.h"
#include "lifecycle/schedule_foresight.h"
#include "reservations/budget_check.h"
#include "reservations/reservations_draft.h"

namespace purser {

const QueuePlan::Start* QueuePlan::Find(const QueueKey& key) const {
  const auto it =
      std::lower_bound(starts.begin(), starts.end(), key,
                       [](const Start& each, const QueueKey& k) { return each.key < k; });
  return it == starts.end() || it->key != key ? nullptr : &*it;
}

QueuePlan MakePlan(const JudgedState& state, const PlanQuestion& question,
                   ReturnSchedule::Steps* steps) {
  return Planner(state, question, steps).Make();
}

namespace {

// Whether one that gave notice names one of its resources: what victims leave comes to each of them
// in turn, so that any less may be too little for one of them.
bool IsNoticed(const JudgedState& state, const ReservationPicture& passing) {
  for (const auto& [key, queued] : state.queue->by_key()) {
    if (key.notice_order == kNoNotice) break;
    if (ShareResources(passing, *queued)) return true;
  }
  return false;
}

// Whether a budget, overridden or not, counts what it asks for: less is left then for those ahead.
bool CountsForBudgets(const BooksDraft& books, const ReservationPicture& passing) {
  const RequestedCosts costs = CostsOf(books, passing);
  const ReadableLabels labels(*passing.labels);
  const auto& budgets = books.budgets().all();
  return std::any_of(budgets.begin(), budgets.end(), [&](const auto& each) {
    const stored::Budget& budget = *each.second.settings;
    return budget.enforcement() == stored::Budget::CHARGEBACK &&
           RequestedPart(budget, labels, costs) > 0;
  });
}

}  // namespace

bool MayPass(const JudgedState& state, const ReservationPicture& passing, const QueueKey& key,
             ReturnSchedule::Steps* steps) {
  if (IsNoticed(state, passing)) return false;
  const BooksDraft books(state.books, state.sequence + 1, state.now_us);
  if (CountsForBudgets(books, passing)) return false;
  const UsageDraft usage(&books, nullptr, state.usage);
  const ScheduleForesight foresight(&state, steps);
  const CalendarDraft calendar(&books, &foresight);
  const QueueRules rules(&books, state.policy, &usage, &calendar);
  std::optional<QueueRules::Grant> granted;
  if (passing.scheduled()) {
    granted.emplace();
    for (const HoldLine& line : passing.lines) granted->push_back(line.granted);
  } else if (!rules.IsBlocked(passing)) {
    granted = rules.FindGrant(passing, {});
  }
  if (!granted.has_value()) return false;
  PlanQuestion question;
  question.before = key;
  const QueuePlan without = MakePlan(state, question, steps);
  if (!without.complete) return false;
  const Passing passes{&passing, {granted->begin(), granted->end()}};
  question.passing = &passes;
  const QueuePlan with = MakePlan(state, question, steps);
  if (!with.complete) return false;
  for (size_t i = 0; i < without.starts.size(); ++i) {
    const auto before = without.starts[i].at_us;
    const auto after = with.starts[i].at_us;
    if (before.has_value() && (!after.has_value() || *after > *before)) return false;
  }
  return true;
}

bool IsAmongFirst(const JudgedState& state, const QueueKey& key) {
  if (state.queue == nullptr) return true;
  const BooksDraft books(state.books, state.sequence + 1, state.now_us);
  const UsageDraft usage(&books, nullptr, state.usage);
  const QueueRules rules(&books, state.policy, &usage, nullptr);
  QueueReach reach;
  for (const auto& [place, ahead] : state.queue->by_key()) {
    if (reach.is_over() || !(place < key)) break;
    reach.Count(rules.IsBlocked(*ahead, state.budget_memo));
  }
  return !reach.is_over();
}

namespace {

std::shared_ptr<const stored::Quote> QuoteOf(const JudgedState& state,
                                             const RequestReservation& request) {
  auto quote = std::make_shared<stored::Quote>();
  quote->set_at_us(request.quoted_at_us);
  for (const auto& [name, asked] : request.amounts) {
    const Resource& resource = *state.books->FindByName(name);
    const auto unit = FindUnitRate(state.books->rates(), resource, request.quoted_at_us);
    if (!resource.consumable() || !unit.has_value()) continue;
    stored::Quote::Rate& rate = *quote->add_rates();
    rate.set_resource(resource.number);
    rate.set_picos(unit->picos());
  }
  return quote;
}

}  // namespace

ReservationPicture PictureOf(const JudgedState& state, const RequestReservation& request) {
  ReservationPicture picture;
  picture.id = request.id;
  picture.state = request.start_at_us == 0 ? stored::STATE_QUEUED : stored::STATE_SCHEDULED;
  picture.purpose = request.purpose;
  picture.tier = static_cast<uint8_t>(request.tier);
  picture.priority = request.priority;
  picture.labels = std::make_shared<const Labels>(request.labels);
  picture.principal = std::make_shared<const std::string>(state.principal);
  picture.lease_us = request.lease_us;
  picture.queue_wait_us = request.queue_wait_us;
  picture.start_at_us = request.start_at_us;
  picture.preemption_grace_us = static_cast<uint32_t>(request.preemption_grace_us);
  picture.create_time_us = state.now_us;
  picture.create_sequence = state.sequence + 1;
  for (const auto& [name, asked] : request.amounts) {
    const Resource& resource = *state.books->FindByName(name);
    HoldLine& line = picture.lines.emplace_back();
    line.resource = resource.number;
    line.consumable = resource.consumable();
    line.asked = asked;
    line.period = resource.period;
    const auto minimum = request.minimum_amounts.find(name);
    if (minimum != request.minimum_amounts.end()) line.minimum = minimum->second;
  }
  if (request.quoted_at_us != 0) picture.quote = QuoteOf(state, request);
  return picture;
}

}  // namespace purser
