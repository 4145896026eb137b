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

// What of the amount would be used, with one digit behind the point, rounded down.
std::string PercentOf(absl::int128 micros, int64_t amount) {
  return Amount::FromMicros(Clamp(micros * 1'000 / amount * (Amount::kMicrosPerUnit / 10)))
      .ToString();
}

}  // namespace

BudgetCheck::BudgetCheck(const BooksDraft& books, const UsageDraft& usage, const Labels& labels,
                         const RequestedCosts& costs, bool is_approved) {
  for (const auto& [id, state] : books.budgets().all()) {
    const stored::Budget& budget = *state.settings;
    is_bound_ = is_bound_ || (budget.enforcement() == stored::Budget::CHARGEBACK &&
                              Selects(budget.labels(), labels));
    if (!Enforces(budget, books.now_us())) continue;
    const absl::int128 part = RequestedPart(budget, labels, costs);
    if (part <= 0) continue;
    const absl::int128 used = usage.TotalsOf(id, state).committed();
    const bool is_refused = used + part > BudgetThreshold(budget, kBlockPercent);
    const int percent = is_refused ? kBlockPercent : kReviewPercent;
    if (is_approved && !is_refused) continue;
    if (used + part <= BudgetThreshold(budget, percent)) continue;
    refuses_ = refuses_ || is_refused;
    Refusal::Blocking& blocking = blocking_.emplace_back();
    blocking.set_kind(kBudgetKind);
    blocking.set_name(id);
    blocking.set_limit(Clamp(BudgetThreshold(budget, percent)));
    blocking.set_used(Clamp(used));
    blocking.set_detail(Concat("with this request, which costs it ",
                               Amount::FromMicros(Clamp(part)).ToString(), " USD, ",
                               PercentOf(used + part, budget.amount()), " % of ",
                               Amount::FromMicros(budget.amount()).ToString(), " USD, above ",
                               percent, is_refused ? " %" : " %: another has to approve it"));
  }
}

RequestedCosts CostsOf(const BooksDraft& books, const ReservationPicture& picture) {
  RequestedCosts costs;
  if (books.budgets().empty()) return costs;
  for (const HoldLine& line : picture.lines) {
    const Resource* const resource = line.consumable ? books.Find(line.resource) : nullptr;
    if (resource == nullptr) continue;
    const auto rate = RateOfCharge(books.rates(), *resource, &picture, books.now_us());
    if (!rate.has_value()) continue;
    costs.push_back(CostOf(line.asked, *rate).value_or(Amount::Max()));
  }
  return costs;
}

RequestedCosts CostsOf(const BooksDraft& books, const RequestReservation& request) {
  RequestedCosts costs;
  if (books.budgets().empty()) return costs;
  const InstantUs at_us = request.quoted_at_us != 0 ? request.quoted_at_us : books.now_us();
  for (const auto& [name, asked] : request.amounts) {
    const Resource* const resource = books.FindByName(name);
    if (resource == nullptr || !resource->consumable()) continue;
    const auto rate = FindUnitRate(books.rates(), *resource, at_us);
    if (rate.has_value()) costs.push_back(CostOf(asked, *rate).value_or(Amount::Max()));
  }
  return costs;
}

}  // namespace purser
