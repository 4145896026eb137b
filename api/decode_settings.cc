// Settings of populations and resources, amounts of operators, freezes.
#include <charconv>
#include <set>

#include "absl/time/time.h"
#include "api/decode.h"
#include "ledger/default_resources.h"
#include "ledger/names.h"
#include "ledger/resource.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

bool ReadInteger(std::string_view text, int64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

void DecodePeriod(const std::string& period, const std::string& path, Faults* faults,
                  stored::ResourceSettings* settings) {
  if (period == "NONE") return;
  if (period == "MONTHLY") {
    settings->set_monthly(true);
    return;
  }
  // A duration's decimal is read as an amount: both are exact to the millionth.
  if (!period.empty() && period.back() == 's') {
    const auto seconds = Amount::Parse(std::string_view(period).substr(0, period.size() - 1));
    if (seconds.ok() && seconds->is_positive()) {
      settings->set_period_us(seconds->micros());
      return;
    }
  }
  faults->Add(stored::INVALID_ARGUMENT, path + "period",
              "MONTHLY, NONE or a duration such as \"2592000s\"");
}

stored::CarryOver DecodeCarry(const std::string& text, const std::string& path, Faults* faults) {
  stored::CarryOver policy;
  if (text.empty() || text == "NONE") return policy;
  if (text == "ALL") {
    policy.set_kind(stored::CarryOver::ALL);
    return policy;
  }
  const auto amount = Amount::Parse(text);
  if (!amount.ok()) {
    faults->Add(stored::INVALID_ARGUMENT, path, "NONE, ALL or an amount");
    return policy;
  }
  policy.set_kind(stored::CarryOver::UP_TO);
  policy.set_amount(amount->micros());
  return policy;
}

std::pair<int64_t, int64_t> DecodeRatio(const std::string& text, const std::string& path,
                                        Faults* faults) {
  const size_t slash = text.find('/');
  std::pair<int64_t, int64_t> ratio(1, 1);
  const std::string_view whole(text);
  const bool good = slash == std::string::npos
                        ? ReadInteger(whole, &ratio.first)
                        : ReadInteger(whole.substr(0, slash), &ratio.first) &&
                              ReadInteger(whole.substr(slash + 1), &ratio.second);
  // 0/0 would be read as no setting at all.
  if (!good || ratio.second < 1) {
    faults->Add(stored::INVALID_ARGUMENT, path, "an integer fraction such as \"3/2\"");
    return {1, 1};
  }
  return ratio;
}

template <typename Set>
void IfPresent(bool present, const v1::Amount& amount, Set set) {
  if (present) set(amount.micros());
}

std::vector<std::string> DecodeRequiredCapabilities(const v1::RequiredCapabilities& list,
                                                    Faults* faults) {
  std::set<std::string> names;
  int index = 0;
  for (const std::string& name : list.values()) {
    const std::string path = Concat("required_capabilities[", index++, "]");
    if (!IsLabelValue(name)) faults->Add(stored::INVALID_ARGUMENT, path, kLabelValueRule);
    if (!names.insert(name).second) faults->Add(stored::INVALID_ARGUMENT, path, "named twice");
  }
  if (names.size() > kCapabilitiesMax) {
    faults->Add(stored::INVALID_ARGUMENT, "required_capabilities",
                Concat("at most ", kCapabilitiesMax));
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> DecodeRequiredLabels(const v1::RequiredLabels& labels, Faults* faults) {
  std::set<std::string> keys;
  int index = 0;
  for (const std::string& key : labels.values()) {
    const std::string path = Concat("required_labels[", index++, "]");
    if (!IsLabelKey(key)) faults->Add(stored::INVALID_ARGUMENT, path, kLabelKeyRule);
    if (!keys.insert(key).second) faults->Add(stored::INVALID_ARGUMENT, path, "named twice");
  }
  if (keys.size() > kLabelsMax) {
    faults->Add(stored::INVALID_ARGUMENT, "required_labels", Concat("at most ", kLabelsMax));
  }
  return {keys.begin(), keys.end()};
}

}  // namespace

stored::ResourceSettings DecodeSettings(const v1::ResourceSettings& message,
                                        const std::string& path, Faults* faults) {
  stored::ResourceSettings settings;
  settings.set_name(message.name());
  settings.set_unit(message.unit());
  settings.set_kind(static_cast<stored::ResourceKind>(message.kind()));
  if (message.has_period()) DecodePeriod(message.period(), path, faults, &settings);
  settings.set_amount(message.amount().micros());
  if (!message.has_amount()) {
    faults->Add(stored::INVALID_ARGUMENT, path + "amount", "is required");
  }
  const bool default_reserve = !message.has_reserve_percent() && !message.has_reserve_amount();
  if (default_reserve) {
    settings.set_reserve_percent(Amount::FromUnits(kDefaultReservePercent).micros());
  }
  IfPresent(message.has_reserve_percent(), message.reserve_percent(),
            [&](int64_t micros) { settings.set_reserve_percent(micros); });
  IfPresent(message.has_reserve_amount(), message.reserve_amount(),
            [&](int64_t micros) { settings.set_reserve_amount(micros); });
  IfPresent(message.has_min_amount(), message.min_amount(),
            [&](int64_t micros) { settings.set_min_amount(micros); });
  IfPresent(message.has_max_amount(), message.max_amount(),
            [&](int64_t micros) { settings.set_max_amount(micros); });
  IfPresent(message.has_step(), message.step(), [&](int64_t micros) { settings.set_step(micros); });
  IfPresent(message.has_debt_limit(), message.debt_limit(),
            [&](int64_t micros) { settings.set_debt_limit(micros); });
  if (message.has_overcommit()) {
    const auto [numerator, denominator] =
        DecodeRatio(message.overcommit(), path + "overcommit", faults);
    settings.set_overcommit_numerator(numerator);
    settings.set_overcommit_denominator(denominator);
  }
  if (message.has_carry_over()) {
    const auto& carry = message.carry_over();
    *settings.mutable_carry_available() =
        DecodeCarry(carry.available(), path + "carry_over.available", faults);
    *settings.mutable_carry_reserve() =
        DecodeCarry(carry.reserve(), path + "carry_over.reserve", faults);
  }
  settings.set_priced(!message.has_priced() || message.priced());
  CheckSettings(settings, path, faults);
  return settings;
}

UpdateResource DecodeUpdate(const v1::ResourceSettings& message, const std::string& resource,
                            Faults* faults) {
  UpdateResource update;
  update.resource = resource;
  const std::pair<bool, const char*> fixed[] = {{!message.name().empty(), "name"},
                                                {!message.unit().empty(), "unit"},
                                                {message.kind() != 0, "kind"},
                                                {message.has_period(), "period"}};
  for (const auto& [named, field] : fixed) {
    if (named) faults->Add(stored::IMMUTABLE, field, "never changes");
  }
  const auto read = [](bool present, const v1::Amount& amount, std::optional<Amount>* out) {
    if (present) *out = Amount::FromMicros(amount.micros());
  };
  read(message.has_amount(), message.amount(), &update.amount);
  read(message.has_reserve_percent(), message.reserve_percent(), &update.reserve_percent);
  read(message.has_reserve_amount(), message.reserve_amount(), &update.reserve_amount);
  read(message.has_min_amount(), message.min_amount(), &update.min_amount);
  read(message.has_max_amount(), message.max_amount(), &update.max_amount);
  read(message.has_step(), message.step(), &update.step);
  read(message.has_debt_limit(), message.debt_limit(), &update.debt_limit);
  if (message.has_overcommit()) {
    update.overcommit = DecodeRatio(message.overcommit(), "overcommit", faults);
  }
  if (message.has_carry_over()) {
    const auto& carry = message.carry_over();
    if (!carry.available().empty()) {
      update.carry_available = DecodeCarry(carry.available(), "carry_over.available", faults);
    }
    if (!carry.reserve().empty()) {
      update.carry_reserve = DecodeCarry(carry.reserve(), "carry_over.reserve", faults);
    }
  }
  if (message.has_priced()) update.priced = message.priced();
  // What needs the rest of the settings is judged when the command is decided.
  stored::ResourceSettings values;
  ChangeSettings(update, &values);
  CheckValues(values, "", faults);
  return update;
}

CreatePopulation DecodePopulation(const v1::CreatePopulation& message,
                                  const std::vector<std::string>& default_labels, Faults* faults) {
  CreatePopulation command;
  command.settings.set_name(message.name());
  if (!IsResourceName(message.name())) {
    faults->Add(stored::INVALID_ARGUMENT, "name", kResourceNameRule);
  }
  command.settings.set_time_zone(message.time_zone().empty() ? "UTC" : message.time_zone());
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(command.settings.time_zone(), &zone)) {
    faults->Add(stored::INVALID_ARGUMENT, "time_zone", "not an IANA time zone known here");
  }
  const std::vector<std::string> labels =
      message.has_required_labels() ? DecodeRequiredLabels(message.required_labels(), faults)
                                    : default_labels;
  for (const std::string& label : labels) command.settings.add_required_labels(label);
  if (message.has_required_capabilities()) {
    const auto required = DecodeRequiredCapabilities(message.required_capabilities(), faults);
    command.settings.mutable_required_capabilities()->Assign(required.begin(), required.end());
  }
  std::set<std::string> names;
  for (int i = 0; i < message.resources_size(); ++i) {
    const std::string path = Concat("resources[", i, "].");
    command.resources.push_back(DecodeSettings(message.resources(i), path, faults));
    if (!names.insert(message.resources(i).name()).second) {
      faults->Add(stored::INVALID_ARGUMENT, path + "name", "named twice");
    }
  }
  if (command.resources.size() > kResourcesMax) {
    faults->Add(stored::INVALID_ARGUMENT, "resources",
                Concat("at most ", kResourcesMax, " resources a population"));
  }
  if (command.resources.empty()) command.resources = DefaultResources();
  return command;
}

UpdatePopulation DecodePopulationUpdate(const v1::UpdatePopulation& message, Faults* faults) {
  UpdatePopulation command;
  if (message.has_name()) faults->Add(stored::IMMUTABLE, "name", "never changes");
  if (message.has_time_zone()) faults->Add(stored::IMMUTABLE, "time_zone", "never changes");
  if (message.has_required_labels()) {
    command.required_labels = DecodeRequiredLabels(message.required_labels(), faults);
  }
  if (message.has_required_capabilities()) {
    command.required_capabilities =
        DecodeRequiredCapabilities(message.required_capabilities(), faults);
  }
  return command;
}

CreateFreeze DecodeFreeze(const v1::Freeze& message, Faults* faults) {
  CreateFreeze command;
  command.id = message.id();
  if (!command.id.empty() && !IsId(command.id)) {
    faults->Add(stored::INVALID_ARGUMENT, "id", kIdRule);
  }
  switch (message.target_case()) {
    case v1::Freeze::kPopulation:
      if (!message.population()) {
        faults->Add(stored::INVALID_ARGUMENT, "population", "true, or another target");
      }
      break;
    case v1::Freeze::kOperatorFamily:
      command.operator_family = message.operator_family();
      if (!IsLabelValue(command.operator_family)) {
        faults->Add(stored::INVALID_ARGUMENT, "operator_family", kLabelValueRule);
      }
      break;
    case v1::Freeze::kResource:
      command.resource = message.resource();
      if (!IsResourceName(command.resource)) {
        faults->Add(stored::INVALID_ARGUMENT, "resource", kResourceNameRule);
      }
      break;
    case v1::Freeze::kGuardrail:
      break;  // refused below
    case v1::Freeze::TARGET_NOT_SET:
      faults->Add(stored::INVALID_ARGUMENT, "",
                  "one of population, operator_family, resource is required");
  }
  command.reason = message.reason();
  if (!IsText(command.reason, kReasonLengthMax)) {
    faults->Add(stored::INVALID_ARGUMENT, "reason", "at most 500 characters without controls");
  }
  for (const auto& [present, field] : {std::pair(message.has_create_time(), "create_time"),
                                       std::pair(message.has_guardrail(), "guardrail"),
                                       std::pair(message.has_dry_run(), "dry_run")}) {
    if (present) faults->Add(stored::UNKNOWN_FIELD, field, "is not sent");
  }
  if (message.has_until()) {
    command.until_us = message.until().seconds() * kSecondUs + message.until().nanos() / 1'000;
    if (command.until_us <= 0) {
      faults->Add(stored::INVALID_ARGUMENT, "until", "must be in the future");
    }
  }
  return command;
}

Amount DecodeGrant(const v1::AmountAndReason& message, Faults* faults) {
  const Amount amount = Amount::FromMicros(message.amount().micros());
  if (!message.has_amount()) {
    faults->Add(stored::INVALID_ARGUMENT, "amount", "is required");
  } else if (!amount.is_positive()) {
    faults->Add(stored::INVALID_ARGUMENT, "amount", "must be above 0");
  }
  if (!IsText(message.reason(), kReasonLengthMax)) {
    faults->Add(stored::INVALID_ARGUMENT, "reason", "at most 500 characters without controls");
  }
  return amount;
}

}  // namespace purser::api
