#include "ledger/default_resources.h"

#include "ledger/amount.h"

namespace purser {
namespace {

struct Default {
  const char* name;
  const char* unit;
  stored::ResourceKind kind;
  int64_t amount;
  bool priced;
};

constexpr Default kDefaults[] = {
    {"gpu_hours", "h", stored::CONSUMABLE, 400, true},
    {"inference_cost", "USD", stored::CONSUMABLE, 12'000, true},
    {"active_model_memory", "GB", stored::CAPACITY, 80, true},
    {"archive_storage", "TB", stored::CAPACITY, 5, true},
    {"evaluation_hours", "h", stored::CONSUMABLE, 120, true},
    {"risk_capacity", "point", stored::CAPACITY, 20, false},
    {"active_models", "model", stored::CAPACITY, 20, true},
};
// Of active_models, whose reserve is a number of models and not a share.
constexpr int64_t kActiveModelsReserve = 2;

}  // namespace

std::vector<stored::ResourceSettings> DefaultResources() {
  std::vector<stored::ResourceSettings> resources;
  for (const Default& each : kDefaults) {
    stored::ResourceSettings& settings = resources.emplace_back();
    settings.set_name(each.name);
    settings.set_unit(each.unit);
    settings.set_kind(each.kind);
    settings.set_monthly(each.kind == stored::CONSUMABLE);
    settings.set_amount(Amount::FromUnits(each.amount).micros());
    settings.set_priced(each.priced);
    if (settings.name() == "active_models") {
      settings.set_reserve_amount(Amount::FromUnits(kActiveModelsReserve).micros());
      settings.set_step(Amount::FromUnits(1).micros());
    } else {
      settings.set_reserve_percent(Amount::FromUnits(kDefaultReservePercent).micros());
    }
  }
  return resources;
}

}  // namespace purser
