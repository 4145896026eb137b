#include "api/cli/message_text.h"

#include <map>

#include "api/json_scalar.h"
#include "ledger/amount.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

std::string WithoutQuotes(const std::string& json) { return json.substr(1, json.size() - 2); }

std::string AssignmentsText(const std::map<std::string, std::string>& assignments) {
  std::string out;
  for (const auto& [name, value] : assignments) {
    out += Concat(out.empty() ? "" : " ", name, "=", value);
  }
  return TextOrDash(out);
}

}  // namespace

void SetAmounts(const std::map<std::string, Amount>& from, AmountMap* to) {
  for (const auto& [name, amount] : from) (*to)[name].set_micros(amount.micros());
}

std::string AmountText(const v1::Amount& amount) {
  return Amount::FromMicros(amount.micros()).ToString();
}

std::string AmountTextOf(const AmountMap& amounts, const std::string& name) {
  const auto found = amounts.find(name);
  return found == amounts.end() ? "-" : AmountText(found->second);
}

std::string AmountsText(const AmountMap& amounts) {
  std::map<std::string, std::string> texts;
  for (const auto& [name, amount] : amounts) texts.emplace(name, AmountText(amount));
  return AssignmentsText(texts);
}

std::string LabelsText(const TextMap& labels) {
  return AssignmentsText(std::map<std::string, std::string>(labels.begin(), labels.end()));
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  std::string json;
  api::AppendTimestamp(time.seconds(), time.nanos(), &json);
  return WithoutQuotes(json);
}

std::string DurationText(const google::protobuf::Duration& duration) {
  std::string json;
  api::AppendDuration(duration.seconds(), duration.nanos(), &json);
  return WithoutQuotes(json);
}

std::string TextOrDash(const std::string& text) { return text.empty() ? "-" : text; }

}  // namespace purser::cli
