#include "lifecycle/selection_question.h"

#include <algorithm>
#include <limits>
#include <set>

#include "ledger/refusal.h"
#include "ledger/text.h"
#include "lifecycle/models.h"
#include "reservations/label_selector.h"

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

// What comes to be occupied, or free, with the model's becoming ACTIVE or leaving.
Occupied ChangeOf(const ModelRecord& model, const ModelResources& resources) {
  const stored::ModelState otherwise = IsActive(model) ? stored::MODEL_RETIRED : model.state();
  Occupied change = OccupiedIn(stored::MODEL_ACTIVE, model.settings(), resources);
  AddOccupiedIn(otherwise, model.settings(), resources, -1, &change);
  return change;
}

// The resources that some of them may take or leave, the slots apart, in order of names; and how
// much of each there is for them.
class Rooms {
 public:
  Rooms(const Books& books, const ModelResources& resources, const CalendarDraft* calendar)
      : books_(books), resources_(resources), calendar_(calendar) {}

  void Name(const ModelRecord& model) {
    for (const auto& [resource, amount] : ChangeOf(model, resources_)) {
      if (resource == resources_.slots) continue;
      numbers_[books_.Find(resource)->name()] = resource;
    }
  }
  std::vector<Amount> UsesOf(const ModelRecord& model) const {
    const Occupied change = ChangeOf(model, resources_);
    std::vector<Amount> uses;
    for (const auto& [name, number] : numbers_) {
      const auto found = change.find(number);
      uses.push_back(found == change.end() ? Amount() : found->second);
    }
    return uses;
  }
  // With all that ACTIVE ones have; the reserve, and what is booked, are nobody's here.
  void SetCapacities(const std::vector<const ModelRecord*>& active,
                     SelectionQuestion* question) const {
    std::vector<absl::int128> sums;
    for (const auto& [name, number] : numbers_) {
      question->resources.push_back(name);
      sums.push_back(FreeOf(*books_.Find(number)).micros());
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
    if (slots != nullptr) question->slots += FreeOf(*slots).micros() / Amount::kMicrosPerUnit;
  }

 private:
  // For good, so that nobody who booked has less.
  Amount FreeOf(const Resource& resource) const {
    Amount free = resource[stored::AVAILABLE];
    if (calendar_ != nullptr) {
      free = std::min(free, calendar_->RoomUntil(resource, INT64_MAX).amount);
    }
    return std::max(Amount(), free);
  }

  const Books& books_;
  const ModelResources resources_;
  const CalendarDraft* const calendar_;
  std::map<std::string, uint32_t> numbers_;
};

// What the models cost a month counts for a budget by the labels that a cold start has.
class BudgetRows {
 public:
  BudgetRows(const Books& books, InstantUs now_us) {
    for (const auto& [id, state] : books.budgets().all()) {
      if (Enforces(*state.settings, now_us)) rows_.push_back({state.settings.get(), {}, false});
    }
  }

  // In the order of the options.
  void Add(const ModelRecord& model) {
    const stored::ModelSettings& settings = model.settings();
    const auto parts = ColdStartParts(settings, MonthlyCost(settings));
    for (Row& row : rows_) row.uses.emplace_back();
    for (const auto& [labels, cost] : parts) {
      const ReadableLabels readable(labels);
      for (Row& row : rows_) row.uses.back() += readable.PartOf(row.budget->labels(), cost);
    }
    for (Row& row : rows_) row.counts_any = row.counts_any || row.uses.back().is_positive();
  }
  // Those that count nothing of any of them bind none.
  void AddTo(SelectionQuestion* question) const {
    for (const Row& row : rows_) {
      if (!row.counts_any) continue;
      question->resources.push_back(Concat(kBudgetPrefix, row.budget->id()));
      question->capacities.push_back(Amount::FromMicros(row.budget->amount()));
      for (size_t i = 0; i < row.uses.size(); ++i) {
        question->options[i].uses.push_back(row.uses[i]);
      }
    }
  }

 private:
  struct Row {
    const stored::Budget* budget = nullptr;
    std::vector<Amount> uses;
    bool counts_any = false;
  };
  std::vector<Row> rows_;
};

SelectionOption OptionOf(const ModelRecord& model, const ModelBook& models, const NetValue& own) {
  SelectionOption option;
  option.id = model.settings().id();
  option.is_active = IsActive(model);
  const absl::int128 value = own.Sum();
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

NetValue OwnValue(const ModelRecord& model, const ModelResources& resources,
                  const ShadowPrices& prices) {
  const NetValue costs = SavedCosts(model.settings());
  NetValue value;
  value.business_value = model.settings().business_value_monthly();
  value.incremental_inference = -costs.incremental_inference;
  value.lifecycle_maintenance = -costs.lifecycle_maintenance;
  value.expected_incident = -costs.expected_incident;
  value.opportunity_cost = OpportunityCost(ChangeOf(model, resources), prices);
  return value;
}

absl::StatusOr<SelectionQuestion> MakeSelectionQuestion(const ModelBook& models, const Books& books,
                                                        const std::vector<std::string>& candidates,
                                                        const SelectionPremises& premises) {
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
  const ModelResources resources = ModelResources::Of(books);
  Rooms rooms(books, resources, premises.calendar);
  for (const ModelRecord* const model : all) rooms.Name(*model);
  SelectionQuestion question;
  rooms.SetCapacities(active, &question);
  BudgetRows budgets(books, premises.now_us);
  for (const ModelRecord* const model : all) {
    SelectionOption& option = question.options.emplace_back(
        OptionOf(*model, models, OwnValue(*model, resources, premises.prices)));
    option.uses = rooms.UsesOf(*model);
    budgets.Add(*model);
  }
  budgets.AddTo(&question);
  if (question.resources.size() > kSelectionResourcesMax) {
    return Refuse(stored::LIMIT_OF_THE_DAEMON,
                  Concat("models that occupy more than ", kSelectionResourcesMax,
                         " resources and budgets together are not compared"));
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
