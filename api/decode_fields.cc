#include "api/decode_fields.h"

#include <algorithm>

#include "ledger/names.h"
#include "reservations/label_split.h"

namespace purser::api {

NamedAmounts DecodeAmounts(const AmountMap& amounts, Zero zero, const Field& field,
                           Faults* faults) {
  NamedAmounts named;
  if (amounts.size() > kResourcesOfRequestMax) {
    field.Refuse(Concat("at most ", kResourcesOfRequestMax, " resources a request"), faults);
    return named;
  }
  named.reserve(amounts.size());
  for (const auto& [name, value] : amounts) named[name] = Amount::FromMicros(value.micros());
  for (const auto& [name, amount] : named) {
    if (!IsResourceName(name)) {
      field.Refuse(name, Concat("a resource's name ", kResourceNameRule), faults);
    }
    if (amount.is_negative()) field.Refuse(name, "must not be negative", faults);
    if (amount.is_zero() && zero == Zero::kRefused) field.Refuse(name, "must be above 0", faults);
  }
  return named;
}

NamedAmounts DecodeSomeAmounts(const AmountMap& amounts, const Field& field, Faults* faults) {
  NamedAmounts named = DecodeAmounts(amounts, Zero::kRefused, field, faults);
  if (amounts.empty()) field.Refuse("name at least one resource", faults);
  return named;
}

namespace {

void DecodeSplit(const std::string& key, LabelSplits splits, const Field& field, std::string* value,
                 Faults* faults) {
  auto parts = ParseLabelSplit(*value);
  // What lacks the label is the daemon's to say.
  if (!parts.has_value() || parts->front().name.empty()) {
    return field.Refuse(key, kLabelSplitRule, faults);
  }
  if (splits == LabelSplits::kRefused) {
    return field.Refuse(key, "has one value here: what is counted is not split", faults);
  }
  if (splits == LabelSplits::kAllowedButOfFamily && key == kFamilyLabel) {
    return field.Refuse(key, "has one value here: one family answers for what is owed", faults);
  }
  *value = FormatLabelSplit(*std::move(parts));
}

}  // namespace

Labels DecodeLabels(const LabelMap& labels, LabelSplits splits, const Field& field,
                    Faults* faults) {
  Labels sorted(labels.begin(), labels.end());
  std::sort(sorted.begin(), sorted.end());
  if (sorted.size() > kLabelsMax) {
    field.Refuse(Concat("at most ", kLabelsMax, " labels"), faults);
    return {};
  }
  const auto splits_said = std::count_if(
      sorted.begin(), sorted.end(), [](const auto& label) { return IsLabelSplit(label.second); });
  if (splits_said > static_cast<int64_t>(kLabelSplitsMax)) {
    field.Refuse(Concat("at most ", kLabelSplitsMax, " of them split"), faults);
    return {};
  }
  for (auto& [key, value] : sorted) {
    if (!IsLabelKey(key)) {
      field.Refuse(key, Concat("a label's key ", kLabelKeyRule), faults);
    } else if (IsLabelSplit(value)) {
      DecodeSplit(key, splits, field, &value, faults);
    } else if (!IsLabelValue(value)) {
      field.Refuse(key, kLabelValueRule, faults);
    }
  }
  return sorted;
}

void CheckOptionalId(const std::string& id, const Field& field, Faults* faults) {
  if (!id.empty() && !IsId(id)) field.Refuse(kIdRule, faults);
}

void CheckPresentId(const std::string& id, const Field& field, Faults* faults) {
  if (id.empty()) field.Refuse("is required", faults);
}

CostCategory DecodeCategory(const std::string& name, std::string_view path, Faults* faults) {
  if (name.empty()) return stored::COST_CATEGORY_UNSPECIFIED;
  const auto category = ParseCostCategory(name);
  if (!category.has_value()) Field{path, "category"}.Refuse(kCostCategoryRule, faults);
  return category.value_or(stored::COST_CATEGORY_UNSPECIFIED);
}

InstantUs DecodeInstant(const google::protobuf::Timestamp& time) {
  const int64_t at_us = time.seconds() * kSecondUs + time.nanos() / 1'000;
  return at_us == 0 ? 1 : at_us;
}

}  // namespace purser::api
