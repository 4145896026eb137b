// The trial of budgets: what they count and tell is what the entry spends and holds.
#include "daemon/entry_trial.h"
#include "lifecycle/models.h"
#include "reservations/budget_check.h"
#include "reservations/charge_costs.h"

namespace purser {

BudgetBook& EntryTrial::TouchBudgets() {
  if (!budgets_.has_value()) budgets_ = population_.books.budgets();
  return *budgets_;
}

bool EntryTrial::Try(const stored::BudgetSet& fact) {
  BudgetBook& budgets = TouchBudgets();
  const stored::Budget& budget = fact.budget();
  const BudgetState* const before = budgets.Find(budget.id());
  const stored::CommandKind command = entry_.command();
  const bool is_made = before == nullptr && command == stored::CREATE_BUDGET &&
                       budget.generation() == 1 && budget.create_time_us() == entry_.time_us() &&
                       budget.sequence() == entry_.sequence() && !budget.has_override();
  bool is_changed = false;
  if (before != nullptr) {
    stored::Budget same = *before->settings;
    same.set_generation(same.generation() + 1);
    if (command == stored::UPDATE_BUDGET) {
      same.set_amount(budget.amount());
      same.set_enforcement(budget.enforcement());
    } else if (command == stored::OVERRIDE_BUDGET) {
      *same.mutable_override() = budget.override();
      same.mutable_override()->set_principal(entry_.principal());
    }
    is_changed = (command == stored::UPDATE_BUDGET || command == stored::OVERRIDE_BUDGET) &&
                 same.SerializeAsString() == budget.SerializeAsString();
  }
  const bool is_good = !budget.id().empty() && budget.amount() > 0 &&
                       stored::Budget::Enforcement_IsValid(budget.enforcement());
  if (!is_good || !(is_made || is_changed)) {
    return Fail("the budget ", budget.id(), " was made, or changed, otherwise");
  }
  budgets.Put(budget);
  const stored::BudgetSet counted = budgets.ToFact(*budgets.Find(budget.id()));
  return counted.SerializeAsString() == fact.SerializeAsString() ||
         Fail("the budget ", budget.id(), " has counted otherwise");
}

// That so much was spent is compared with the rows of costs (RecordCheck).
bool EntryTrial::Try(const stored::BudgetCounted& fact) {
  BudgetBook& budgets = TouchBudgets();
  const BudgetState* const before = budgets.Find(fact.id());
  const bool may = entry_.command() == stored::COUNT_BUDGET && before != nullptr &&
                   fact.counted_after() < before->totals.counted_after &&
                   (fact.counted_after() == 0 || FromWide(fact.spent()) == 0) &&
                   IsSum(fact.spent()) && IsSum(fact.held());
  if (!may) return Fail("it counts what was there before the budget ", fact.id(), " again");
  absl::int128 held = 0;
  population_.reservations.ForEachOpen([&](const Reservation& reservation) {
    const uint64_t since = reservation.held_since_sequence();
    if (since <= fact.counted_after() || since > before->totals.counted_after) return;
    held += HeldPartOf(*before->settings, *budgets.month(), reservation).value_or(0);
  });
  if (held != FromWide(fact.held())) {
    return Fail("it counts otherwise than was held before the budget ", fact.id());
  }
  budgets.CountEarlier(fact);
  return true;
}

bool EntryTrial::Try(const stored::BudgetDeleted& fact) {
  const bool may = entry_.command() == stored::DELETE_BUDGET;
  if (may && TouchBudgets().Erase(fact.id())) return true;
  return Fail("it deletes the budget ", fact.id(), ", which does not stand");
}

bool EntryTrial::Try(const stored::CostMonth& fact) {
  const stored::CostMonth* const before = population_.books.budgets().month();
  const bool is_now = fact.from_us() <= entry_.time_us() && entry_.time_us() < fact.until_us();
  const bool follows = before == nullptr ? entry_.command() == stored::CREATE_BUDGET
                                         : entry_.command() == stored::COST_MONTH &&
                                               before->until_us() == entry_.time_us() &&
                                               fact.from_us() == entry_.time_us();
  if (!is_now || !follows) return Fail("it begins another month of budgets than its own");
  TouchBudgets().BeginMonth(fact);
  return true;
}

bool EntryTrial::Try(const stored::RequestReviewed& fact) {
  const Reservation* const reservation = FindReservation(fact.id());
  const auto command = fact.approved() ? stored::APPROVE_REQUEST : stored::REJECT_REQUEST;
  const bool may = reservation != nullptr && reservation->queued() && entry_.command() == command &&
                   fact.principal() == entry_.principal() &&
                   fact.principal() != *reservation->principal;
  if (!may) return Fail("it reviews \"", fact.id(), "\", which does not wait for that");
  const BooksDraft books(&population_.books, entry_.sequence(), entry_.time_us());
  const UsageDraft usage(&books, &population_.reservations.usage(), nullptr);
  if (!MayBeReviewed(books, usage, *reservation, fact.approved())) {
    return Fail("it reviews \"", fact.id(), "\", of which no budget asks it");
  }
  FoldInto(fact.id(), fact);
  return true;
}

bool EntryTrial::CheckHeldRates(const Reservation& held, const Reservation* before) {
  for (const HoldLine& line : held.lines) {
    std::optional<Rate> expected;
    const HoldLine* const booked =
        before != nullptr && before->booked() ? before->FindLine(line.resource) : nullptr;
    const Resource* const resource = Touch(line.resource);
    if (line.consumable && booked != nullptr) {
      expected = booked->rate;
    } else if (line.consumable && resource != nullptr) {
      const RateBook& rates = rates_.has_value() ? *rates_ : population_.books.rates();
      expected = RateOfCharge(rates, *resource, &held, entry_.time_us());
    }
    if (line.rate != expected) {
      return Fail("reservation ", held.id, " holds at another rate than it had then");
    }
  }
  return true;
}

void EntryTrial::CountForBudgets(BudgetBook* budgets) {
  const auto hold = [&](int sign) {
    return [budgets, sign](const std::string& id, Amount part) {
      budgets->Hold(id, absl::int128(part.micros()) * sign);
    };
  };
  for (const auto& [id, after] : reservations_) {
    const Reservation* const before = population_.reservations.FindOpen(id);
    if (before != nullptr) ForEachHeldPart(*budgets, *before, hold(-1));
    ForEachHeldPart(*budgets, after, hold(1));
  }
  const auto spend = [budgets](const std::string& id, Amount part) { budgets->Spend(id, part); };
  for (const auto& fact : entry_.reservation_facts()) {
    if (fact.has_charged()) {
      const Reservation* const of = fact.charged().reservation().empty()
                                        ? nullptr
                                        : FindReservation(fact.charged().reservation());
      ForEachChargedPart(*budgets, fact.charged(),
                         of == nullptr ? *ReadLabels(fact.charged().labels()) : *of->labels, spend);
    } else if (fact.has_refunded()) {
      const stored::ChargeRecord& charge = *FindCharge(fact.refunded().charge());
      ForEachRefundedPart(*budgets, fact.refunded(), charge, *ReadLabels(charge.labels()), spend);
    } else if (fact.has_cost_entered()) {
      ForEachCostPart(*budgets, *ReadLabels(fact.cost_entered().labels()),
                      Amount::FromMicros(fact.cost_entered().amount()), spend);
    }
  }
  for (const auto& fact : entry_.model_facts()) {
    const ModelRecord* const model = fact.has_moved() ? FindModel(fact.moved().id()) : nullptr;
    const Amount cost = Amount::FromMicros(fact.moved().cold_start_cost());
    if (model == nullptr || cost.is_zero()) continue;
    for (const auto& [labels, part] : ColdStartParts(model->settings(), cost)) {
      ForEachCostPart(*budgets, labels, part, spend);
    }
  }
}

bool EntryTrial::CheckBudgets() {
  BudgetBook budgets = TouchBudgets();
  if (!budgets.empty()) CountForBudgets(&budgets);
  auto fact = entry_.ledger_facts().begin();
  const auto end = entry_.ledger_facts().end();
  const auto next = [&] {
    while (fact != end && !fact->has_budget_crossed()) ++fact;
    return fact != end;
  };
  for (const auto& [id, state] : budgets.all()) {
    const stored::BudgetLevel level = LevelOf(*state.settings, state.totals);
    if (level <= state.totals.told) continue;
    const bool is_told = next() && fact->budget_crossed().id() == id &&
                         fact->budget_crossed().level() == level &&
                         fact->budget_crossed().spent() == state.totals.spent_amount().micros() &&
                         fact->budget_crossed().held() == state.totals.held_amount().micros();
    if (!is_told) return Fail("it does not tell that the budget ", id, " is above a threshold");
    ++fact;
  }
  return !next() || Fail("it tells of the budget ", fact->budget_crossed().id(), " otherwise");
}

}  // namespace purser
