// The product's months as the reference model speaks of them, and what is looked up of them before
// a command is sent.
#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/model/calendar.h"
#include "tests/subject/sequencer_subject.h"

namespace purser {

std::string SequencerSubject::Periods() const {
  std::string text;
  for (const auto& [period, closed] : population().books.closed_periods()) {
    text += Concat(text.empty() ? "" : "; ", period, " by ", closed.principal(), " at ",
                   model::FormatInstant(closed.create_time_us()));
  }
  return text.empty() ? "none" : text;
}

// As the service does it before it sends.
std::string SequencerSubject::LookAtPeriod(ClosePeriod* close) {
  const auto period = controller_->FindPeriod(controller_->Peek(kPopulation), close->period);
  if (!period.ok()) return "invalid_argument";
  close->from_us = period->from_us;
  close->until_us = period->until_us;
  close->was_over = period->is_over;
  close->held = period->held;
  return "";
}

void SequencerSubject::LookAtBudget(CountBudget* count) {
  const api::View view = controller_->Peek(kPopulation);
  const BudgetState* const budget = view->budgets->Find(count->id);
  if (budget == nullptr) return;
  const auto earlier = controller_->ReadEarlierCosts(view, *budget);
  PURSER_CHECK(earlier.ok(), "the memory can be read");
  count->sequence = budget->settings->sequence();
  count->counted_after = budget->totals.counted_after;
  count->spent = earlier->spent;
  for (const EarlierHold& each : earlier->held) count->held.push_back(each.id);
}

}  // namespace purser
