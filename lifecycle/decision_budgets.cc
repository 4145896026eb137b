// Deciding what operators ask of budgets, and who approves what budgets ask for.
#include "ledger/text.h"
#include "lifecycle/cost_month.h"
#include "lifecycle/decision.h"

namespace purser {
namespace {

bool SameContent(stored::Budget a, const stored::Budget& b) {
  a.set_generation(b.generation());
  a.set_create_time_us(b.create_time_us());
  a.set_sequence(b.sequence());
  if (b.has_override()) *a.mutable_override() = b.override();
  return a.SerializeAsString() == b.SerializeAsString();
}

absl::Status NotFound(const std::string& id) {
  return Refuse(stored::NOT_FOUND, Concat("there is no budget \"", id, "\""));
}

}  // namespace

void Decision::ShowBudget(const std::string& id, bool created) {
  const BudgetBook& budgets = books_.budgets();
  NewShown(stored::Answer::BUDGET, id, created).budget = std::make_shared<const BudgetPicture>(
      PictureOf(budgets.ToFact(*budgets.Find(id)), books_.now_us()));
}

absl::Status Decision::DecideBody(const CreateBudget& body) {
  stored::Budget budget = body.budget;
  if (budget.id().empty()) budget.set_id(Concat("_", books_.sequence()));
  const BudgetBook& budgets = population_.books.budgets();
  const BudgetState* const before = budgets.Find(budget.id());
  if (before != nullptr && !SameContent(budget, *before->settings)) {
    return Refuse(
        stored::ID_CONFLICT,
        "the id is another budget's: amount and enforcement of that can be changed, other labels "
        "are another budget");
  }
  if (before != nullptr) {
    ShowBudget(budget.id(), false);
    NoteReplay();
    return absl::OkStatus();
  }
  if (budgets.size() >= kBudgetsMax) {
    return Refuse(stored::LIMIT_OF_THE_DAEMON,
                  Concat("a population has at most ", kBudgetsMax, " budgets"));
  }
  budget.set_generation(1);
  budget.set_create_time_us(books_.now_us());
  budget.set_sequence(books_.sequence());
  if (budgets.empty()) {
    books_.BeginCostMonth(CostMonthAt(civil_time_.month_start_after,
                                      population_.books.settings().time_zone(), books_.now_us()));
  }
  books_.SetBudget(budget);
  ShowBudget(budget.id(), true);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const UpdateBudget& body) {
  const BudgetState* const before = population_.books.budgets().Find(body.id);
  if (before == nullptr) return NotFound(body.id);
  stored::Budget budget = *before->settings;
  auto status = CheckIfMatch(command_.if_match, budget.generation(), Match::kRequired);
  if (!status.ok()) return status;
  if (body.amount.has_value()) budget.set_amount(body.amount->micros());
  if (body.enforcement.has_value()) budget.set_enforcement(*body.enforcement);
  budget.set_generation(budget.generation() + 1);
  books_.SetBudget(budget);
  ShowBudget(body.id, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const DeleteBudget& body) {
  const BudgetState* const before = population_.books.budgets().Find(body.id);
  if (before == nullptr) return NotFound(body.id);
  auto status = CheckIfMatch(command_.if_match, before->settings->generation(), Match::kRequired);
  if (!status.ok()) return status;
  ShowBudget(body.id, false);
  books_.DeleteBudget(body.id);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const OverrideBudget& body) {
  const BudgetState* const before = population_.books.budgets().Find(body.id);
  if (before == nullptr) return NotFound(body.id);
  stored::Budget budget = *before->settings;
  auto status = CheckIfMatch(command_.if_match, budget.generation(), Match::kOptional);
  if (!status.ok()) return status;
  if (body.until_us <= books_.now_us()) {
    return RefuseField(stored::INVALID_ARGUMENT, "until", "must be in the future");
  }
  if (body.until_us - books_.now_us() > kOverrideMaxUs) {
    return RefuseField(stored::INVALID_ARGUMENT, "until", "at most 31 days from now");
  }
  stored::Budget::Override& override = *budget.mutable_override();
  override.set_principal(command_.caller.principal);
  override.set_reason(body.reason);
  override.set_until_us(body.until_us);
  budget.set_generation(budget.generation() + 1);
  books_.SetBudget(budget);
  ShowBudget(body.id, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const CountBudget& body) {
  const BudgetBook& budgets = population_.books.budgets();
  const BudgetState* const before = budgets.Find(body.id);
  // Another may have been made under its id.
  if (before == nullptr || before->settings->sequence() != body.sequence) return NotFound(body.id);
  if (!LacksEarlier(*before) || before->totals.counted_after != body.counted_after) {
    return Refuse(stored::WRONG_STATE, "it has counted that, or a month began since");
  }
  absl::int128 held = 0;
  for (const std::string& id : body.held) {
    const Reservation* const open = population_.reservations.FindOpen(id);
    // It may have ended since it was looked at, and another have its id.
    if (open == nullptr) continue;
    const uint64_t since = open->held_since_sequence();
    if (since <= body.now_counted_after || since > body.counted_after) continue;
    held += HeldPartOf(*before->settings, *budgets.month(), *open).value_or(0);
  }
  stored::BudgetCounted counted;
  counted.set_id(body.id);
  *counted.mutable_spent() = ToWide(body.spent);
  *counted.mutable_held() = ToWide(held);
  counted.set_counted_after(body.now_counted_after);
  books_.CountEarlier(counted);
  ShowBudget(body.id, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const ApproveRequest& body) {
  auto status = reservations_.Approve(body.reservation, body.reason, command_.caller);
  if (status.ok()) ShowReservation(stored::Answer::RESERVATION, false);
  return status;
}

absl::Status Decision::DecideBody(const RejectRequest& body) {
  auto status = reservations_.Reject(body.reservation, body.reason, command_.caller);
  if (status.ok()) ShowReservation(stored::Answer::RESERVATION, false);
  return status;
}

}  // namespace purser
