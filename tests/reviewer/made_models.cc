#include "tests/reviewer/made_models.h"

#include <cstdio>
#include <cstdlib>

namespace purser::reviewer {

Settings ToSettings(const Made& made) {
  Settings settings;
  settings.set_id(made.id);
  for (const auto& [capability, quality] : made.capabilities) {
    settings.add_capabilities(capability);
    if (quality == 0) continue;
    auto& each = *settings.add_quality();
    each.set_capability(capability);
    each.set_value(quality);
  }
  for (const auto& [category, amount] : made.costs) {
    auto& cost = *settings.add_monthly_costs();
    cost.set_category(category);
    cost.set_amount(amount);
  }
  settings.set_business_value_monthly(made.business_value);
  settings.set_expected_incident_cost_monthly(made.incidents);
  return settings;
}

Providers ProvidersOf(const std::vector<Made>& active) {
  Providers providers;
  for (const Made& made : active) providers.Add(ToSettings(made));
  return providers;
}

namespace {

bool Serves(const Made& made, const std::string& capability, int64_t quality) {
  const auto it = made.capabilities.find(capability);
  return it != made.capabilities.end() && it->second >= quality;
}

void AddCostsOf(const Made& made, int sign, PlainValue* value) {
  for (const auto& [category, amount] : made.costs) {
    if (category == stored::INCIDENT_COST) continue;
    auto& term = category == stored::INFERENCE_COST ? value->inference : value->maintenance;
    term += PlainValue::Wide{amount} * sign;
  }
  value->incident += PlainValue::Wide{made.incidents} * sign;
}

}  // namespace

PlainValue PlainValueOf(const std::vector<Made>& active, const std::vector<size_t>& leaving,
                        const Made* result) {
  std::vector<const Made*> after;
  if (result != nullptr) after.push_back(result);
  for (size_t i = 0; i < active.size(); ++i) {
    bool leaves = false;
    for (const size_t each : leaving) leaves = leaves || each == i;
    if (!leaves) after.push_back(&active[i]);
  }
  PlainValue value;
  if (result != nullptr) {
    value.business += result->business_value;
    AddCostsOf(*result, -1, &value);
  }
  for (const size_t i : leaving) {
    const Made& model = active[i];
    const PlainValue::Wide whole = model.business_value;
    PlainValue::Wide unprovided = 0;
    for (const auto& [capability, quality] : model.capabilities) {
      bool is_served = false;
      for (const Made* const each : after) {
        is_served = is_served || Serves(*each, capability, quality);
      }
      unprovided += is_served ? 0 : 1;
    }
    const PlainValue::Wide count = model.capabilities.size();
    if (whole < 0 || count == 0) {
      value.business -= whole;
    } else {
      const PlainValue::Wide product = whole * unprovided;
      value.business -= product / count + (product % count == 0 ? 0 : 1);
    }
    AddCostsOf(model, 1, &value);
  }
  return value;
}

Made Random::Model(const std::string& id, int capabilities_max) {
  Made made;
  made.id = id;
  for (int i = 0; i < capabilities_max; ++i) {
    if (OneIn(2)) made.capabilities["c" + std::to_string(i)] = Between(0, 3);
  }
  made.business_value = OneIn(8) ? -Between(1, 5) : Between(0, 20);
  const int costs = static_cast<int>(Between(0, 3));
  for (int i = 0; i < costs; ++i) {
    const auto category = static_cast<stored::CostCategory>(Between(1, 14));
    made.costs[category] = OneIn(10) ? -Between(1, 5) : Between(1, 9);
  }
  made.incidents = OneIn(3) ? Between(0, 4) : 0;
  return made;
}

uint64_t FirstSeed(uint64_t otherwise) {
  const char* const given = std::getenv("PURSER_SEED");  // NOLINT(concurrency-mt-unsafe)
  const uint64_t seed = given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
  std::printf("seeds from %llu on\n", static_cast<unsigned long long>(seed));
  return seed;
}

}  // namespace purser::reviewer
