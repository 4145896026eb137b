#include "lifecycle/guardrail_watch.h"

#include <algorithm>

#include "ledger/text.h"
#include "reservations/charge_costs.h"
#include "reservations/label_selector.h"

namespace purser {

std::map<std::string, Amount> CostsByGuardrail(const GuardrailBook& guardrails,
                                               const stored::Charged& charged,
                                               const Labels& labels) {
  std::map<std::string, Amount> costs;
  for (const auto& [id, record] : guardrails.all()) {
    if (!Selects(record.guardrail().labels(), labels)) continue;
    Amount sum;
    for (const auto& line : charged.lines()) {
      const auto cost = CostOf(line);
      if (!cost.has_value()) continue;
      const Amount part = PartOf(record.guardrail().labels(), labels, *cost);
      sum = Add(sum, part).value_or(Amount::Max());
    }
    if (!sum.is_zero()) costs[id] = sum;
  }
  return costs;
}

// Of an hour that began before the draft's the counts are over.
void GuardrailWatch::BeginHour() {
  const bool is_first = watched_.empty();
  if (is_first) watched_ = books_->books().guardrails().all();
  const stored::ClockHour hour =
      (*clock_hour_at_)(books_->books().settings().time_zone(), books_->now_us());
  const bool is_new = std::any_of(watched_.begin(), watched_.end(), [&hour](const auto& each) {
    return IsOfAnotherHour(each.second, hour);
  });
  if (!is_new) return;
  books_->BeginHour(hour);
  for (auto& [id, record] : watched_) purser::BeginHour(hour, &record);
}

void GuardrailWatch::Trip(const std::string& excess, stored::GuardrailRecord* record) {
  record->set_tripped_hour_us(record->hour().hour_us());
  stored::Freeze freeze;
  freeze.set_id(Concat("_", books_->sequence(), ".", trips_++));
  *freeze.mutable_experiments()->mutable_labels() = record->guardrail().labels();
  freeze.set_guardrail(record->guardrail().id());
  freeze.set_reason(excess);
  freeze.set_create_time_us(books_->now_us());
  freeze.set_sequence(books_->sequence());
  books_->Freeze(freeze);
}

void GuardrailWatch::Watch(const stored::Charged& charged, const Labels& labels) {
  const GuardrailBook& guardrails = books_->books().guardrails();
  if (guardrails.empty()) return;
  BeginHour();
  for (const auto& [id, cost] : CostsByGuardrail(guardrails, charged, labels)) {
    stored::GuardrailRecord& record = watched_.at(id);
    CountCost(cost, &record);
    // Once an hour, also where an operator said that experiments go on.
    if (record.tripped_hour_us() == record.hour().hour_us()) continue;
    if (books_->freezes().FindOfGuardrail(id) != nullptr) continue;
    const std::string excess = FindExcess(record);
    if (!excess.empty()) Trip(excess, &record);
  }
}

}  // namespace purser
