#ifndef PURSER_LIFECYCLE_MODELS_H_
#define PURSER_LIFECYCLE_MODELS_H_

// What a model is: its states, which of them follow one another, and what each occupies (ledger.md
// 4, daemon/decisions/0010). A model is a stored::ModelRecord, immutable once it is made. Pure
// functions, thread-safe.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/books.h"
#include "ledger/default_resources.h"
#include "lifecycle/models.pb.h"
#include "reservations/reservation.h"

namespace purser {

// The first instant of the month after `instant` in the time zone. Given by the shell, which knows
// the time zones; what it says is stored in entries, so that a replay needs none.
using MonthStartAfter = std::function<InstantUs(const std::string& time_zone, InstantUs instant)>;

using ModelRecord = stored::ModelRecord;
using ModelPicture = std::shared_ptr<const ModelRecord>;

inline constexpr char kModelLabel[] = "model";     // of charges: whom it is for
inline constexpr size_t kModelsMax = 1'000'000;    // of a population, ever
inline constexpr size_t kModelsKeptMax = 100'000;  // that are not PURGED
// One amount of a footprint, one of money: their sums stay far within what an amount holds.
inline constexpr Amount kModelAmountMax = Amount::FromUnits(1'000'000'000);
inline constexpr size_t kModelItemsMax = 32;     // capabilities, parents, constraints, resources
inline constexpr size_t kModelsLeavingMax = 16;  // by one activation
inline constexpr size_t kLoansMax = 16;
inline constexpr size_t kApprovalsMax = 1'000;
inline constexpr int64_t kApprovalUs = kDayUs;
inline constexpr int64_t kDueBackMaxUs = 400 * kDayUs;

// What the configuration fixes for every population. Immutable.
struct ModelPolicy {
  int64_t rollback_window_us = 7 * kDayUs;
  // Of what the amount of active_models was as the month began.
  Amount budget_step_percent = Amount::FromUnits(10);
  // By how much an activation on the ground reduces_cost lowers the cost of all ACTIVE models.
  Amount cost_margin_percent = Amount::FromUnits(5);
  int64_t lent_slots_max = 1;
  int coverage_minimum = 1;
  // Which proposals are approved as they are made, and the least net value of such, USD a month.
  std::set<stored::ProposalSettings::Kind> auto_approve;
  Amount auto_approve_net_value_min;
};

// The numbers of these resources in one population; 0: it has none of the name.
struct ModelResources {
  uint32_t storage = 0;
  uint32_t slots = 0;

  template <typename Resources>  // Books or BooksDraft
  static ModelResources Of(const Resources& resources) {
    const auto number = [&](std::string_view name) {
      const Resource* const found = resources.FindByName(name);
      return found == nullptr ? 0 : found->number;
    };
    return {number(kStorageResource), number(kSlotsResource)};
  }
};

// Amounts by resource; none of zero.
using Occupied = std::map<uint32_t, Amount>;

// "ROLLBACK_TARGET", as clients see it.
std::string_view ModelStateName(stored::ModelState state);

// Whether a model of the state has its place among those that serve, or are tried out.
inline bool IsLoaded(stored::ModelState state) {
  return state == stored::MODEL_SHADOW || state == stored::MODEL_ACTIVE;
}
// Whether `:activate` takes it.
inline bool MayBecomeActive(stored::ModelState state) {
  return state == stored::MODEL_CANDIDATE || state == stored::MODEL_SHADOW ||
         state == stored::MODEL_RETIRED || state == stored::MODEL_ROLLBACK_TARGET;
}
inline bool IsActive(const ModelRecord& model) { return model.state() == stored::MODEL_ACTIVE; }

// What the model would occupy in the state.
Occupied OccupiedIn(stored::ModelState state, const stored::ModelSettings& settings,
                    const ModelResources& resources);
// Adds to `sum` what it occupies, or takes it from there.
void AddOccupiedIn(stored::ModelState state, const stored::ModelSettings& settings,
                   const ModelResources& resources, int sign, Occupied* sum);
void AddOccupied(const ModelRecord& model, const ModelResources& resources, int sign,
                 Occupied* sum);
// What brings it back as a rollback target: without the storage that it has, and the slot that the
// failed one leaves.
Occupied RollbackFootprint(const stored::ModelSettings& settings, const ModelResources& resources);

// The sum of its monthly costs: each is an amount, and there are fourteen.
Amount MonthlyCost(const stored::ModelSettings& settings);

// The model that brings this one back, by its client's word or else because it replaced it; empty:
// none.
const std::string& RollbackTargetOf(const ModelRecord& model);

// The constraint that forbids the act; nullptr: none does.
const stored::Constraint* FindForbidding(const ModelRecord& model, stored::Constraint::Act act);

// What a cold start of the model costs, by the labels that reports charge it to: equal parts for
// its capabilities.
std::vector<std::pair<Labels, Amount>> ColdStartParts(const stored::ModelSettings& model,
                                                      Amount cost);

// What one entry's facts make of a model. Its generation rises once an entry.
struct ModelContext {
  uint64_t sequence = 0;
  InstantUs time_us = 0;
};
ModelRecord Fold(const stored::ModelRegistered& fact, const ModelContext& context);
ModelRecord Fold(const stored::ModelChanged& fact, const ModelContext& context,
                 const ModelRecord& before);
ModelRecord Fold(const stored::ModelMoved& fact, const ModelContext& context,
                 const ModelRecord& before);
ModelRecord Fold(const stored::ReplacedTargetSet& fact, const ModelContext& context,
                 const ModelRecord& before);
ModelRecord Fold(const stored::CostPromised& fact, const ModelContext& context,
                 const ModelRecord& before);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_MODELS_H_
