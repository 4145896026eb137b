#include "reservations/budget_check.h"

#include <algorithm>

#include "ledger/rate_book.h"
#include "ledger/text.h"
#include "reservations/charge_costs.h"
#include "reservations/label_selector.h"

namespace purser {
namespace {

int64_t Clamp(absl::int128 micros) {
  const absl::int128 most = Amount::Max().micros();
  return static_cast<int64_t>(std::clamp(micros, -most, most));
}

// What a budget that is in the way says.
struct Exceeded {
  absl::int128 part = 0;
  absl::int128 used = 0;
  int percent = 0;
};

// visit(id, budget, by how much) by id, until it is false.
template <typename Visit>
void ForEachInTheWay(const BooksDraft& books, const UsageDraft& usage, const Labels& labels,
                     const RequestedCosts& costs, bool is_approved, Visit visit) {
  if (costs.empty()) return;
  const ReadableLabels readable(labels);
  for (const auto& [id, state] : books.budgets().all()) {
    const stored::Budget& budget = *state.settings;
    if (!Enforces(budget, books.now_us())) continue;
    Exceeded found;
    found.part = RequestedPart(budget, readable, costs);
    if (found.part <= 0) continue;
    found.used = usage.TotalsOf(id, state).committed();
    const absl::int128 sum = found.used + found.part;
    const bool is_refused = sum > BudgetThreshold(budget, kBlockPercent);
    if (is_approved && !is_refused) continue;
    found.percent = is_refused ? kBlockPercent : kReviewPercent;
    if (sum <= BudgetThreshold(budget, found.percent)) continue;
    if (!visit(id, budget, found)) return;
  }
}

}  // namespace

BudgetCheck::BudgetCheck(const BooksDraft& books, const UsageDraft& usage, const Labels& labels,
                         const RequestedCosts& costs, bool is_approved) {
  const auto add = [this](const std::string& id, const stored::Budget& budget,
                          const Exceeded& found) {
    const bool is_refused = found.percent == kBlockPercent;
    refuses_ = refuses_ || is_refused;
    Refusal::Blocking& blocking = blocking_.emplace_back();
    blocking.set_kind(kBudgetKind);
    blocking.set_name(id);
    blocking.set_limit(Clamp(BudgetThreshold(budget, found.percent)));
    blocking.set_used(Clamp(found.used));
    blocking.set_detail(Concat(
        "with this request, which costs it ", Amount::FromMicros(Clamp(found.part)).ToString(),
        " USD, ", Amount::FromMicros(Clamp(found.used + found.part)).ToString(), " of ",
        Amount::FromMicros(budget.amount()).ToString(), " USD: above ", found.percent,
        is_refused ? " %" : " %, another has to approve it"));
    return true;
  };
  ForEachInTheWay(books, usage, labels, costs, is_approved, add);
}

void BudgetCheck::NoteNextMonth(const BooksDraft& books, const Labels& labels,
                                const RequestedCosts& costs, bool is_approved) {
  const InstantUs at_us = books.budgets().month()->until_us();
  const ReadableLabels readable(labels);
  const int allowed = is_approved ? kBlockPercent : kReviewPercent;
  const auto& budgets = books.budgets().all();
  // A month begins with nothing spent and nothing held.
  const bool passes = std::none_of(budgets.begin(), budgets.end(), [&](const auto& each) {
    const stored::Budget& budget = *each.second.settings;
    return Enforces(budget, at_us) &&
           RequestedPart(budget, readable, costs) > BudgetThreshold(budget, allowed);
  });
  if (!passes) return;
  for (Refusal::Blocking& blocking : blocking_) blocking.set_until_us(at_us);
}

std::optional<BudgetCheck::InTheWay> BudgetCheck::FindFirst(const BooksDraft& books,
                                                            const UsageDraft& usage,
                                                            const Labels& labels,
                                                            const RequestedCosts& costs,
                                                            bool is_approved) {
  std::optional<InTheWay> first;
  ForEachInTheWay(books, usage, labels, costs, is_approved,
                  [&](const std::string& id, const auto&, const Exceeded& found) {
                    first = InTheWay{books.budgets().Find(id)->settings, found.part};
                    return false;
                  });
  return first;
}

bool BudgetCheck::Binds(const BudgetBook& budgets, const Labels& labels) {
  if (budgets.empty()) return false;
  const ReadableLabels readable(labels);
  return std::any_of(budgets.all().begin(), budgets.all().end(), [&readable](const auto& each) {
    const stored::Budget& budget = *each.second.settings;
    return budget.enforcement() == stored::Budget::CHARGEBACK &&
           readable.IsSelectedBy(budget.labels());
  });
}

RequestedCosts CostsOf(const BooksDraft& books, const ReservationPicture& picture,
                       InstantUs at_us) {
  RequestedCosts costs;
  if (books.budgets().empty()) return costs;
  for (const HoldLine& line : picture.lines) {
    const Resource* const resource = line.consumable ? books.Find(line.resource) : nullptr;
    if (resource == nullptr) continue;
    const auto rate = RateOfCharge(books.rates(), *resource, &picture, at_us);
    if (!rate.has_value()) continue;
    costs.push_back(CostOf(line.asked, *rate).value_or(Amount::Max()));
  }
  return costs;
}

RequestedCosts CostsOf(const BooksDraft& books, const RequestReservation& request,
                       InstantUs at_us) {
  RequestedCosts costs;
  if (books.budgets().empty()) return costs;
  if (request.quoted_at_us != 0) at_us = request.quoted_at_us;
  for (const auto& [name, asked] : request.amounts) {
    const Resource* const resource = books.FindByName(name);
    if (resource == nullptr || !resource->consumable()) continue;
    const auto rate = FindUnitRate(books.rates(), *resource, at_us);
    if (rate.has_value()) costs.push_back(CostOf(asked, *rate).value_or(Amount::Max()));
  }
  return costs;
}

bool MayBeReviewed(const BooksDraft& books, const UsageDraft& usage,
                   const ReservationPicture& queued, bool approves) {
  if (queued.booked() || PassesBudgets(queued.purpose)) return false;
  if (queued.approver != nullptr) return !approves;
  return BudgetCheck::Blocks(books, usage, *queued.labels, CostsOf(books, queued), false);
}

}  // namespace purser
