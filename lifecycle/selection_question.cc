#include "lifecycle/selection_question.h"

#include <algorithm>
#include <limits>
#include <set>

#include "ledger/refusal.h"
#include "ledger/text.h"
#include "lifecycle/models.h"

namespace purser {
namespace {

constexpr absl::int128 kMost = std::numeric_limits<int64_t>::max();

absl::StatusOr<std::vector<const ModelRecord*>> FindCandidates(
    const ModelBook& models, const std::vector<std::string>& ids) {
  std::vector<const ModelRecord*> found;
  Faults faults;
  std::set<std::string_view> named;
  for (size_t i = 0; i < ids.size(); ++i) {
    const std::string path = Concat("candidates[", i, "]");
    const ModelRecord* const model = models.Find(ids[i]);
    if (model == nullptr) {
      faults.Add(stored::UNKNOWN_MODEL, path, Concat("there is no model \"", ids[i], "\""));
    } else if (!MayBecomeActive(model->state())) {
      faults.Add(stored::INVALID_ARGUMENT, path,
                 Concat("is ", ModelStateName(model->state()), ", and no candidate"));
    } else if (!named.insert(ids[i]).second) {
      faults.Add(stored::INVALID_ARGUMENT, path, "is named twice");
    } else {
      found.push_back(model);
    }
  }
  if (!faults.empty()) return faults.ToStatus();
  if (!ids.empty()) return found;
  for (const auto& [id, model] : models.all()) {
    const bool is_candidate =
        model->state() == stored::MODEL_CANDIDATE || model->state() == stored::MODEL_SHADOW;
    if (is_candidate) found.push_back(model.get());
  }
  return found;
}

// The resources that some of them may take or leave, the slots apart, in order of names; and how
// much of each there is for them.
class Rooms {
 public:
  Rooms(const Books& books, const ModelResources& resources)
      : books_(books), resources_(resources) {}

  // What comes to be occupied, or free, with the model's becoming ACTIVE or leaving.
  Occupied ChangeOf(const ModelRecord& model) const {
    const stored::ModelState otherwise = IsActive(model) ? stored::MODEL_RETIRED : model.state();
    Occupied change = OccupiedIn(stored::MODEL_ACTIVE, model.settings(), resources_);
    for (const auto& [resource, amount] : OccupiedIn(otherwise, model.settings(), resources_)) {
      change[resource] -= amount;
    }
    return change;
  }
  void Name(const ModelRecord& model) {
    for (const auto& [resource, amount] : ChangeOf(model)) {
      if (amount.is_zero() || resource == resources_.slots) continue;
      numbers_[books_.Find(resource)->name()] = resource;
    }
  }
  std::vector<Amount> UsesOf(const ModelRecord& model) const {
    const Occupied change = ChangeOf(model);
    std::vector<Amount> uses;
    for (const auto& [name, number] : numbers_) {
      const auto found = change.find(number);
      uses.push_back(found == change.end() ? Amount() : found->second);
    }
    return uses;
  }
  // With all that ACTIVE ones have; the reserve is nobody's here.
  void SetCapacities(const std::vector<const ModelRecord*>& active,
                     SelectionQuestion* question) const {
    std::vector<absl::int128> sums;
    for (const auto& [name, number] : numbers_) {
      question->resources.push_back(name);
      sums.push_back(std::max(Amount(), (*books_.Find(number))[stored::AVAILABLE]).micros());
    }
    for (const ModelRecord* const model : active) {
      const std::vector<Amount> uses = UsesOf(*model);
      for (size_t i = 0; i < uses.size(); ++i) sums[i] += uses[i].micros();
    }
    for (const absl::int128 sum : sums) {
      question->capacities.push_back(
          Amount::FromMicros(static_cast<int64_t>(std::min(sum, kMost))));
    }
    const Resource* const slots = books_.Find(resources_.slots);
    question->slots = static_cast<int64_t>(active.size());
    if (slots != nullptr) {
      question->slots += (*slots)[stored::AVAILABLE].micros() / Amount::kMicrosPerUnit;
    }
  }

 private:
  const Books& books_;
  const ModelResources resources_;
  std::map<std::string, uint32_t> numbers_;
};

SelectionOption OptionOf(const ModelRecord& model, const ModelBook& models) {
  SelectionOption option;
  option.id = model.settings().id();
  option.is_active = IsActive(model);
  const absl::int128 value = OwnValue(model.settings()).Sum();
  option.value = Amount::FromMicros(static_cast<int64_t>(std::clamp(value, -kMost, kMost)));
  if (option.is_active) {
    option.is_pinned = FindForbidding(model, stored::Constraint::RETIRE) != nullptr ||
                       models.CountRollingBackTo(option.id) > 0;
    return option;
  }
  const stored::Constraint* const forbids = FindForbidding(model, stored::Constraint::ACTIVATE);
  if (forbids != nullptr) {
    option.barred = SelectionGate{stored::Constraint::Kind_Name(forbids->kind()), forbids->name()};
  }
  return option;
}

bool Provides(const ModelRecord& model, const std::string& capability) {
  const auto& provided = model.settings().capabilities();
  return std::find(provided.begin(), provided.end(), capability) != provided.end();
}

}  // namespace

NetValue OwnValue(const stored::ModelSettings& model) {
  const NetValue costs = SavedCosts(model);
  NetValue value;
  value.business_value = model.business_value_monthly();
  value.incremental_inference = -costs.incremental_inference;
  value.lifecycle_maintenance = -costs.lifecycle_maintenance;
  value.expected_incident = -costs.expected_incident;
  return value;
}

absl::StatusOr<SelectionQuestion> MakeSelectionQuestion(
    const ModelBook& models, const Books& books, const std::vector<std::string>& candidates) {
  const auto found = FindCandidates(models, candidates);
  if (!found.ok()) return found.status();
  std::vector<const ModelRecord*> active;
  for (const std::string& id : models.active()) active.push_back(models.Find(id));
  std::vector<const ModelRecord*> all = active;
  all.insert(all.end(), found->begin(), found->end());
  if (all.size() > kSelectionOptionsMax) {
    return Refuse(stored::LIMIT_OF_THE_DAEMON,
                  Concat("at most ", kSelectionOptionsMax, " models are compared, and there are ",
                         all.size(), ": name some candidates"));
  }
  Rooms rooms(books, ModelResources::Of(books));
  for (const ModelRecord* const model : all) rooms.Name(*model);
  SelectionQuestion question;
  rooms.SetCapacities(active, &question);
  if (question.resources.size() > kSelectionResourcesMax) {
    return Refuse(stored::LIMIT_OF_THE_DAEMON,
                  Concat("models that occupy more than ", kSelectionResourcesMax,
                         " resources together are not compared"));
  }
  for (const ModelRecord* const model : all) {
    SelectionOption& option = question.options.emplace_back(OptionOf(*model, models));
    option.uses = rooms.UsesOf(*model);
  }
  for (const std::string& capability : books.settings().required_capabilities()) {
    SelectionCoverage& coverage = question.coverage.emplace_back();
    coverage.capability = capability;
    for (const ModelRecord* const model : all) {
      if (Provides(*model, capability)) coverage.ids.push_back(model->settings().id());
    }
  }
  return question;
}

}  // namespace purser
