#include "api/decode_cost_entries.h"

#include "api/decode_fields.h"
#include "ledger/names.h"
#include "ledger/rate_book.h"

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
  command.labels = DecodeLabels(message.labels(), LabelSplits::kAllowed, {path, "labels"}, faults);
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
