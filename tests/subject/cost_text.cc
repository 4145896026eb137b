#include "tests/subject/cost_text.h"

#include <sstream>
#include <utility>

#include "daemon/time_zones.h"
#include "ledger/text.h"
#include "tests/model/decimal.h"
#include "tests/subject/sequencer_subject.h"

namespace purser {
namespace {

std::string DecimalOf(absl::int128 micros) {
  return model::FormatDecimal(static_cast<int64_t>(micros));
}

std::string Joined(const CostReport::Values& values) {
  std::string text;
  for (size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "" : "|") + values[i];
  return text;
}

std::string AcceptedText(const AcceptedResultCost& group) {
  std::string text = Concat(Joined(group.values), " ", CostText(group.spent));
  for (const auto& [role, cost] : group.parts) {
    if (cost != 0) text += Concat(" ", role, ":", DecimalOf(cost));
  }
  std::ostringstream counts;
  counts << " accepted " << group.counts.accepted << " rejected " << group.counts.rejected
         << " escalated " << group.counts.escalated;
  const auto& each = group.per_accepted_micros;
  return Concat(text, counts.str(), each ? Concat(" each ", DecimalOf(*each)) : " undefined");
}

}  // namespace

History::CostsScope AllCosts(uint64_t sequence, InstantUs accrue_until_us,
                             std::shared_ptr<const RateBook> rates) {
  History::CostsScope scope;
  scope.period = {0, INT64_MAX};
  scope.as_of = sequence;
  scope.accrue_until_us = accrue_until_us;
  scope.rates = std::move(rates);
  scope.month_at = [](InstantUs at_us) {
    const Month month = *MonthOf("UTC", at_us);
    return Span{month.from_us, month.until_us};
  };
  return scope;
}

std::string CostText(const CostReport::Sums& sums) {
  std::string text = DecimalOf(sums.cost_micros);
  for (const auto& [resource, amount] : sums.unpriced) {
    text += Concat(" ", resource, " ", DecimalOf(amount));
  }
  for (const auto& [resource, occupation] : sums.occupied) {
    std::ostringstream areas;
    areas << occupation.area << "/" << occupation.unpriced;
    text += Concat(" ", resource, "=", areas.str());
  }
  return text;
}

std::string CostText(const CostReport& report) {
  std::string text;
  for (const auto& [values, sums] : report.groups()) {
    text += Concat(text.empty() ? "" : "; ", Joined(values), " ", CostText(sums));
  }
  return text;
}

std::string AcceptedCostsText(const History::CostsScope& scope,
                              const std::vector<std::string>& keys, History* history) {
  std::vector<std::string> with_role = keys;
  with_role.emplace_back(kByRole);
  CostReport costs(with_role);
  OutcomeReport outcomes(keys);
  const absl::Status status = history->ReadCosts(
      scope, [] { return false; }, &costs, &outcomes);
  if (!status.ok()) return status.ToString();
  std::string text;
  for (const AcceptedResultCost& group : CompareAcceptedCosts(costs, outcomes)) {
    text += Concat(text.empty() ? "" : "; ", AcceptedText(group));
  }
  return text;
}

std::string SequencerSubject::AcceptedCosts(const std::vector<std::string>& keys) const {
  History history = TakeHistory();
  const Population& state = population();
  return AcceptedCostsText(AllCosts(state.last_sequence, NowUs(), state.books.shared_rates()), keys,
                           &history);
}

}  // namespace purser
