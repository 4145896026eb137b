// Budgets: what each has spent and holds is added up whenever it is asked (decisions/0015). Months
// are those of UTC.
#include <algorithm>

#include "tests/model/calendar.h"
#include "tests/model/decimal.h"
#include "tests/model/label_parts.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

constexpr size_t kBudgetsMost = 100;
constexpr int64_t kLongestOverrideUs = 31 * kDayUs;
// Of the amount: above the first it warns, above the next it asks for an approval, above the last
// it refuses.
constexpr int kPercents[] = {75, 90, 110};

// What goes to those with the budget's labels; 0 where one is not there.
Wide PartFor(const Budget& budget, const CostLine& labels, Wide cost) {
  for (const auto& [key, value] : budget.labels) {
    const auto split = labels.splits.find(key);
    if (split == labels.splits.end()) {
      const auto plain = labels.by.find(key);
      if (plain == labels.by.end() || plain->second != value) return 0;
      continue;
    }
    const auto shares = SharesOf(cost, split->second);
    const auto share = shares.find(value);
    if (share == shares.end()) return 0;
    cost = share->second;
  }
  return cost;
}

// Half away from zero, as large as it may be.
Wide CostOf(int64_t micros, int64_t picos) {
  const Wide exact = Wide{micros} * picos;
  return exact / kPicosOfDollar + (exact % kPicosOfDollar * 2 >= kPicosOfDollar ? 1 : 0);
}

// As much as an amount may be.
std::string Shown(Wide micros) {
  return FormatDecimal(static_cast<int64_t>(std::clamp<Wide>(micros, -INT64_MAX, INT64_MAX)));
}

bool IsIn(const Month& month, int64_t at_us) {
  return month.from_us <= at_us && at_us < month.until_us;
}

bool IsAbove(const Budget& budget, Wide cost, int percent) {
  return cost * 100 > Wide{budget.amount} * percent;
}

bool Enforces(const Budget& budget, int64_t now_us) {
  return !budget.showback && budget.overridden_until_us <= now_us;
}

// What belongs to a time, beside what was there before it.
struct TimedCost {
  int64_t at_us = 0;
  Wide before = 0;
  Wide cost = 0;
};

// The share within a hold counts in the month of that: it is split off where that is over, as a
// report of the month has it.
std::vector<TimedCost> SharesOfMonths(const Month& month, const CostLine& line) {
  if (!line.cost) return {};
  const int64_t rest = line.amount - line.within;
  if (line.within == 0) return {{line.at_us, line.cost_before, *line.cost}};
  if (rest == 0) return {{line.held_us, 0, *line.cost}};
  if (IsIn(month, line.held_us) == IsIn(month, line.at_us)) return {{line.at_us, 0, *line.cost}};
  const int64_t held = PartOfCost(*line.cost, line.within, line.amount, true);
  return {{line.held_us, 0, held}, {line.at_us, held, *line.cost - held}};
}

// What goes to those with the budget's labels.
Wide PartFor(const Budget& budget, const CostLine& line, const TimedCost& share) {
  return PartFor(budget, line, share.before + share.cost) - PartFor(budget, line, share.before);
}

}  // namespace

Verdict Model::DispatchBudget(const Action& action) {
  if (action.verb == Verb::kCreateBudget) return MakeBudget(action);
  return action.verb >= Verb::kApproveRequest ? Review(action) : OnBudget(action);
}

Verdict Model::MakeBudget(const Action& action) {
  Budget budget;
  budget.labels = action.labels;
  budget.amount = *action.budget.amount;
  budget.showback = action.budget.showback.value_or(false);
  budget.made_entry = state_.entry;
  budget.made_us = state_.now_us;
  budget.costs_before = state_.costs.size();
  if (const auto known = state_.budgets.find(action.budget_id); known != state_.budgets.end()) {
    const Budget& there = known->second;
    const bool same = there.labels == budget.labels && there.amount == budget.amount &&
                      there.showback == budget.showback;
    if (!same) return Refused("id_conflict");
    Verdict verdict;
    verdict.replayed = true;
    return verdict;
  }
  if (state_.budgets.size() >= kBudgetsMost) return Refused("limit_of_the_daemon");
  if (state_.budgets.empty()) {
    state_.budget_month = *MonthNamed(FormatInstant(state_.now_us).substr(0, 7));
  }
  state_.budgets[action.budget_id.empty() ? FreshName() : action.budget_id] = budget;
  return Verdict();
}

Verdict Model::OnBudget(const Action& action) {
  const auto found = state_.budgets.find(action.budget_id);
  if (found == state_.budgets.end()) return Refused("not_found");
  Budget& budget = found->second;
  if (action.verb == Verb::kDeleteBudget) {
    state_.budgets.erase(found);
    return Verdict();
  }
  if (action.verb == Verb::kCountBudget) return CountEarlier(&budget);
  if (!action.labels.empty()) return Refused("immutable");
  if (action.verb == Verb::kOverrideBudget) {
    const int64_t ahead_us = *action.until_us - state_.now_us;
    if (ahead_us <= 0 || ahead_us > kLongestOverrideUs) return Refused("invalid_argument");
    budget.overridden_by = action.principal;
    budget.overridden_until_us = *action.until_us;
  }
  budget.amount = action.budget.amount.value_or(budget.amount);
  budget.showback = action.budget.showback.value_or(budget.showback);
  ++budget.generation;
  return Verdict();
}

void Model::CountForBudgets(const CostLine& line) {
  for (auto& [id, budget] : state_.budgets) {
    for (const TimedCost& share : SharesOfMonths(state_.budget_month, line)) {
      const Wide part = PartFor(budget, line, share);
      if (part != 0) budget.counted.emplace_back(share.at_us, part);
    }
  }
}

Verdict Model::CountEarlier(Budget* budget) const {
  const Month& month = state_.budget_month;
  // From now on it also has what is held since before.
  if (budget->whole_month || budget->made_us < month.from_us) return Refused("wrong_state");
  Wide sum = 0;
  for (size_t i = 0; i < budget->costs_before; ++i) {
    for (const TimedCost& share : SharesOfMonths(month, state_.costs[i])) {
      if (IsIn(month, share.at_us)) sum += PartFor(*budget, state_.costs[i], share);
    }
  }
  budget->whole_month = true;
  budget->counted.emplace_back(state_.now_us, sum);
  return Verdict();
}

Wide Model::SpentOf(const Budget& budget) const {
  Wide sum = 0;
  for (const auto& [at_us, cost] : budget.counted) {
    if (!IsIn(state_.budget_month, at_us)) continue;
    sum += cost;
  }
  return sum;
}

std::optional<int64_t> Model::HoldPriceOf(const Reservation& reservation,
                                          const std::string& resource) const {
  if (state_.books.at(resource).settings.capacity) return std::nullopt;
  return PriceFor(&reservation, resource);
}

Wide Model::HeldOf(const Budget& budget) const {
  Wide sum = 0;
  for (const auto& [id, reservation] : state_.reservations) {
    const bool is_known = budget.whole_month || reservation.held_entry > budget.made_entry;
    const bool counts =
        reservation.IsPromised() && is_known && IsIn(state_.budget_month, reservation.held_us);
    if (!counts) continue;
    CostLine labels;
    SetLabels(reservation.labels, &labels);
    for (const auto& [resource, line] : reservation.lines) {
      if (line.picos) sum += PartFor(budget, labels, CostOf(line.held, *line.picos));
    }
  }
  return sum;
}

Wide Model::AskedOf(const Budget& budget, const Action& action) const {
  CostLine labels;
  SetLabels(action.labels, &labels);
  const auto quote = QuoteOf(action);
  Wide sum = 0;
  for (const auto& [resource, amount] : action.amounts) {
    if (state_.books.at(resource).settings.capacity) continue;
    const auto picos = quote ? quote->at(resource) : PriceOf(resource, state_.now_us);
    if (picos) sum += PartFor(budget, labels, CostOf(amount, *picos));
  }
  return sum;
}

std::vector<std::string> Model::OverBudget(const Action& action, bool approved) const {
  bool blocked = false;
  bool asks = false;
  if (DrawsOnReserve(action.purpose)) return {};
  for (const auto& [id, budget] : state_.budgets) {
    const Wide asked = Enforces(budget, state_.now_us) ? AskedOf(budget, action) : 0;
    if (asked == 0) continue;
    const Wide cost = SpentOf(budget) + HeldOf(budget) + asked;
    const bool blocks = IsAbove(budget, cost, kPercents[2]);
    blocked = blocked || blocks;
    asks = asks || (!blocks && !approved && IsAbove(budget, cost, kPercents[1]));
  }
  std::vector<std::string> reasons;
  if (blocked) reasons.emplace_back("budget_blocked");
  if (asks) reasons.emplace_back("approval_required");
  return reasons;
}

bool Model::AwaitsApproval(const std::string& id) const {
  const auto waiting = std::find_if(state_.queue.begin(), state_.queue.end(),
                                    [&id](const Waiting& each) { return each.id == id; });
  if (waiting == state_.queue.end() || waiting->booked || !ApproverOf(id).empty()) return false;
  return !OverBudget(waiting->request, false).empty();
}

bool Model::IsApproved(const std::string& id) const {
  return !ApproverOf(id).empty() &&
         std::any_of(state_.queue.begin(), state_.queue.end(),
                     [&id](const Waiting& each) { return each.id == id && !each.booked; });
}

std::vector<std::string> Model::ListUnapproved() const {
  std::vector<std::string> ids;
  for (const Waiting& waiting : state_.queue) {
    if (AwaitsApproval(waiting.id)) ids.push_back(waiting.id);
  }
  return ids;
}

std::string Model::ApproverOf(const std::string& id) const {
  const auto found = state_.reservations.find(id);
  return found == state_.reservations.end() ? "" : found->second.approver;
}

Verdict Model::Review(const Action& action) {
  const auto found = state_.reservations.find(action.id);
  if (found == state_.reservations.end()) return Refused("not_found");
  if (action.principal == found->second.principal) return Refused("forbidden");
  const bool rejects = action.verb == Verb::kRejectRequest;
  const bool is_approved = rejects && IsApproved(action.id);
  if (!is_approved && !AwaitsApproval(action.id)) return Refused("wrong_state");
  found->second.approver = action.principal;
  if (rejects) LeaveQueue(action.id, "DENIED");
  return Verdict();
}

void Model::BeginBudgetMonth() {
  state_.budget_month.from_us = state_.budget_month.until_us;
  state_.budget_month.until_us = NextMonth(state_.budget_month.from_us);
  for (auto& [id, budget] : state_.budgets) budget.told = 0;
}

// By what is spent and held after the entry that ends now.
void Model::TellBudgets() {
  for (auto& each : state_.budgets) {
    auto& budget = each.second;
    const Wide cost = SpentOf(budget) + HeldOf(budget);
    const auto level = std::count_if(std::begin(kPercents), std::end(kPercents),
                                     [&](int percent) { return IsAbove(budget, cost, percent); });
    budget.told = std::max(budget.told, static_cast<int>(level));
  }
}

std::string Model::Budgets() const {
  static constexpr const char* kLevels[] = {"BELOW", "WARN", "REVIEW", "BLOCK"};
  std::string text;
  for (const auto& [id, budget] : state_.budgets) {
    text += (text.empty() ? "" : "; ") + id + " spent " + Shown(SpentOf(budget)) + " held " +
            Shown(HeldOf(budget)) + " of " + FormatDecimal(budget.amount) +
            (budget.showback ? " SHOWBACK " : " ") + kLevels[budget.told];
    if (budget.overridden_until_us == 0) continue;
    text += " overridden by " + budget.overridden_by + " until " +
            FormatInstant(budget.overridden_until_us);
  }
  return text;
}

std::string Model::BudgetMonth() const {
  if (state_.budgets.empty()) return "";
  std::string text = FormatInstant(state_.budget_month.from_us) + " until " +
                     FormatInstant(state_.budget_month.until_us);
  for (const auto& [id, budget] : state_.budgets) {
    text += "; " + id + " " + std::to_string(budget.generation);
  }
  return text;
}

}  // namespace purser::model
