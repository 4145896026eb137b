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
  LookAtNewBudgets();
  const auto looked = looked_.find(count->id);
  if (looked != looked_.end()) *count = looked->second.first;
}

void SequencerSubject::LookAtNewBudgets() {
  const api::View view = controller_->Peek(kPopulation);
  if (view == nullptr || !controller_->writable()) return;
  for (const auto& [id, budget] : view->budgets->all()) {
    auto& [count, opening] = looked_[id];
    const uint64_t sequence = budget.settings->sequence();
    if (count.sequence == sequence && opening == controller_->openings()) continue;
    const auto earlier = controller_->ReadEarlierCosts(view, budget);
    PURSER_CHECK(earlier.ok(), "the memory can be read");
    count = {id, sequence, budget.totals.counted_after, 0, earlier->spent};
    for (const EarlierHold& each : earlier->held) count.held.push_back(each.id);
    opening = controller_->openings();
  }
}

}  // namespace purser
