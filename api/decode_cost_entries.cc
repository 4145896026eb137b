#include "api/decode_cost_entries.h"

#include <algorithm>

#include "api/decode_fields.h"
#include "ledger/names.h"
#include "ledger/rate_book.h"
#include "reservations/cost_report.h"
#include "reservations/label_split.h"

namespace purser::api {
namespace {

// Of an activity: how much it was, and what one costs.
void DecodeActivity(const v1::CostEntryRequest& message, std::string_view path, EnterCost* command,
                    Faults* faults) {
  if (message.has_amount())
    Field{path, "amount"}.Refuse("either amount, or count and rate", faults);
  if (!message.has_count()) Field{path, "count"}.Refuse("is required with rate", faults);
  if (!message.has_rate()) Field{path, "rate"}.Refuse("is required with count", faults);
  command->count = Amount::FromMicros(message.count().micros());
  command->rate = Rate::FromPicos(message.rate().picos());
  const bool counts = command->count->is_positive();
  if (message.has_count() && !counts) Field{path, "count"}.Refuse("must be above 0", faults);
  const bool is_rate =
      !command->rate->is_negative() && command->rate->picos() <= kRateMaxUsd * Rate::kPicosPerUsd;
  if (!is_rate) Field{path, "rate"}.Refuse(Concat("from 0 to ", kRateMaxUsd, " USD"), faults);
  if (!counts || !is_rate) return;
  const auto cost = CostOf(*command->count, *command->rate);
  if (!cost.has_value()) {
    Field{path, "count"}.Refuse("costs more than the largest amount", faults);
  } else if (message.has_rate() && cost->is_zero()) {
    Field{path, "rate"}.Refuse("costs less than a millionth", faults);
  }
  command->amount = cost.value_or(Amount());
}

// Labels that reports group by otherwise.
bool IsOtherKey(std::string_view key) {
  return key == kByCategory || key == kByResource || key == kByOrigin;
}

// When what is looked up was used.
void DecodeTime(const v1::CostAllocationRequest& message, std::string_view path,
                Allocation* allocation, Faults* faults) {
  allocation->period = message.period();
  const bool has_instants = message.has_from() || message.has_until();
  if (!message.period().empty()) {
    if (has_instants) Field{path, "period"}.Refuse("either period, or from and until", faults);
    return;
  }
  if (!message.has_from()) Field{path, "from"}.Refuse("or period is required", faults);
  if (!message.has_until()) Field{path, "until"}.Refuse("or period is required", faults);
  allocation->from_us = DecodeInstant(message.from());
  allocation->until_us = DecodeInstant(message.until());
  if (message.has_from() && message.has_until() && allocation->from_us >= allocation->until_us) {
    Field{path, "until"}.Refuse("must be after from", faults);
  }
}

// `path` is of its own fields.
Allocation DecodeAllocation(const v1::CostAllocationRequest& message, std::string_view path,
                            Faults* faults) {
  Allocation allocation{message.label(), message.resource()};
  const Field label{path, "label"};
  if (allocation.label.empty()) {
    label.Refuse("is required", faults);
  } else if (!IsLabelKey(allocation.label)) {
    label.Refuse(Concat("a label's key ", kLabelKeyRule), faults);
  } else if (IsOtherKey(allocation.label)) {
    label.Refuse("is no label that costs are grouped by", faults);
  }
  const Field resource{path, "resource"};
  if (allocation.resource.empty()) {
    resource.Refuse("is required", faults);
  } else if (!IsResourceName(allocation.resource)) {
    resource.Refuse(Concat("a resource's name ", kResourceNameRule), faults);
  }
  DecodeTime(message, path, &allocation, faults);
  const Field labels{path, "labels"};
  allocation.labels = DecodeLabels(message.labels(), LabelSplits::kRefused, labels, faults);
  if (!FindLabel(allocation.labels, allocation.label).empty()) {
    labels.Refuse(allocation.label, "is what is split", faults);
  }
  allocation.as_of = message.as_of();
  if (message.has_as_of() && allocation.as_of == 0) {
    Field{path, "as_of"}.Refuse("a journal entry, from 1 on", faults);
  }
  return allocation;
}

// With the one that is looked up, the entry's labels are as many as a request may have.
void CheckAllocated(const Labels& labels, const Allocation& allocation, const Field& field,
                    Faults* faults) {
  if (!FindLabel(labels, allocation.label).empty()) {
    field.Refuse(allocation.label, "is what the allocation splits: leave it out here", faults);
  }
  const auto splits = std::count_if(labels.begin(), labels.end(),
                                    [](const auto& label) { return IsLabelSplit(label.second); });
  if (labels.size() >= kLabelsMax || splits >= static_cast<int64_t>(kLabelSplitsMax)) {
    field.Refuse(Concat("at most ", kLabelsMax, " labels, of them ", kLabelSplitsMax,
                        " split, with that of the allocation"),
                 faults);
  }
}

}  // namespace

EnterCost DecodeCostEntry(const v1::CostEntryRequest& message, std::string_view path,
                          Faults* faults) {
  EnterCost command;
  command.id = message.id();
  CheckOptionalId(command.id, {path, "id"}, faults);
  if (message.has_count() || message.has_rate()) {
    DecodeActivity(message, path, &command, faults);
  } else {
    command.amount = Amount::FromMicros(message.amount().micros());
    if (command.amount.is_zero()) {
      Field{path, "amount"}.Refuse("USD other than 0 is required, or count and rate", faults);
    }
  }
  if (message.category().empty()) Field{path, "category"}.Refuse("is required", faults);
  command.category = DecodeCategory(message.category(), path, faults);
  const Field labels{path, "labels"};
  command.labels = DecodeLabels(message.labels(), LabelSplits::kAllowed, labels, faults);
  if (message.has_allocation()) {
    command.allocation =
        DecodeAllocation(message.allocation(), Concat(path, "allocation."), faults);
    CheckAllocated(command.labels, *command.allocation, labels, faults);
  }
  command.reason = message.reason();
  if (!IsText(command.reason, kReasonLengthMax)) {
    Field{path, "reason"}.Refuse("at most 500 characters without controls", faults);
  }
  command.corrects = message.corrects();
  std::string_view corrects = command.corrects;
  if (corrects.starts_with('_')) corrects.remove_prefix(1);  // the daemon's own
  if (!command.corrects.empty() && !IsId(corrects)) {
    Field{path, "corrects"}.Refuse("is no id", faults);
  }
  return command;
}

ReportOutcomes DecodeOutcomes(const v1::OutcomesRequest& message, std::string_view path,
                              Faults* faults) {
  ReportOutcomes command;
  command.id = message.id();
  CheckOptionalId(command.id, {path, "id"}, faults);
  const Field labels{path, "labels"};
  command.labels = DecodeLabels(message.labels(), LabelSplits::kRefused, labels, faults);
  if (FindLabel(command.labels, kCapabilityLabel).empty()) {
    labels.Refuse(kCapabilityLabel, "is required: what the results are of", faults);
  }
  command.accepted = message.accepted();
  command.rejected = message.rejected();
  command.escalated = message.escalated();
  if (command.accepted + command.rejected + command.escalated == 0) {
    Field{path, "accepted"}.Refuse("or rejected or escalated must be above 0", faults);
  }
  return command;
}

QuoteQuestion DecodeQuote(const v1::QuoteRequest& message, Faults* faults) {
  QuoteQuestion question;
  if (message.purpose() != v1::PURPOSE_UNSPECIFIED) {
    question.purpose = static_cast<stored::Purpose>(message.purpose());
  }
  question.amounts = DecodeSomeAmounts(message.amounts(), {"", "amounts"}, faults);
  return question;
}

}  // namespace purser::api
