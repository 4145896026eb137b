#ifndef PURSER_LIFECYCLE_MODEL_COMMANDS_H_
#define PURSER_LIFECYCLE_MODEL_COMMANDS_H_

// What may be asked of models, as values. What needs no state (grammar of names, signs and bounds
// of amounts, scopes) was checked before a command is made.
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lifecycle/models.h"
#include "reservations/named_amounts.h"

namespace purser {

// What is absent stays as it is; of footprint, costs and quality what is not named, and what is 0
// is taken away.
struct UpdateModel {
  std::string id;
  std::optional<std::vector<std::string>> capabilities;
  std::optional<std::vector<std::string>> parents;
  std::optional<std::string> artifact_uri;
  NamedAmounts footprint;
  std::map<stored::CostCategory, Amount> monthly_costs;
  std::map<std::string, Amount> quality;
  std::optional<Amount> business_value_monthly;
  std::optional<Amount> expected_incident_cost_monthly;
  std::optional<Amount> cold_start_cost;
  std::optional<std::vector<stored::Constraint>> constraints;
  std::optional<std::string> rollback_target;  // empty: none
  std::string reason;                          // of the constraints
};

// Whether anything but the constraints would change.
bool SaysMoreThanConstraints(const UpdateModel& update);

struct RegisterModel {
  std::string operator_family;
  UpdateModel said;  // what was said of it; an empty id: the daemon chooses one
};

// The four grounds of an activation.
struct Vacancy {};
struct Replaces {
  std::vector<std::string> models;
};
struct ReducesCost {
  struct Change {
    std::string model;
    stored::CostCategory category = stored::COST_CATEGORY_UNSPECIFIED;
    Amount amount;
  };
  std::vector<std::string> retire;
  std::vector<Change> cost_changes;  // each model and category once
};
struct ConsumesReserve {
  std::string reason;
  InstantUs due_back_us = 0;
};
struct ActivateModel {
  std::string id;
  std::variant<Vacancy, Replaces, ReducesCost, ConsumesReserve> ground;
};
// Without a ground.
struct ShadowModel {
  std::string id;
};
struct RetireModel {
  std::string id;
};
struct ArchiveModel {
  std::string id;
};
struct PurgeModel {
  std::string id;
};
struct RollBackModel {
  std::string id;
  bool may_spend_reserve = false;
};
// Of an activation that consumes the reserve.
struct ApproveActivation {
  std::string approval;
};
struct RejectActivation {
  std::string approval;
  std::string reason;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_MODEL_COMMANDS_H_
