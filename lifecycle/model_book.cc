#include "lifecycle/model_book.h"

#include <algorithm>

#include "ledger/check.h"
#include "ledger/text.h"
#include "reservations/usage.h"

namespace purser {

namespace {

// As counters that vanish at 0.
template <typename Map, typename Key>
void CountIn(const Key& key, int sign, Map* counts) {
  const auto it = counts->try_emplace(key).first;
  it->second += sign;
  if (it->second == 0) counts->erase(it);
}

template <typename Set, typename Key>
void PutInto(Key key, int sign, Set* set) {
  const bool changed = sign > 0 ? set->insert(std::move(key)).second : set->erase(key) > 0;
  PURSER_CHECK(changed, "what is counted is counted once");
}

}  // namespace

const ModelRecord* ModelBook::Find(std::string_view id) const {
  const auto it = models_.find(id);
  return it == models_.end() ? nullptr : it->second.get();
}

ModelPicture ModelBook::Share(std::string_view id) const {
  const auto it = models_.find(id);
  return it == models_.end() ? nullptr : it->second;
}

std::optional<uint64_t> ModelBook::FindCreateSequence(std::string_view id) const {
  if (const ModelRecord* model = Find(id)) return model->create_sequence();
  const auto purged = purged_.find(ToAbsl(id));
  if (purged == purged_.end()) return std::nullopt;
  return purged->second.create_sequence;
}

bool ModelBook::WasActive(std::string_view id) const {
  if (const ModelRecord* model = Find(id)) return model->was_active();
  const auto purged = purged_.find(ToAbsl(id));
  return purged != purged_.end() && purged->second.was_active;
}

size_t ModelBook::CountRollingBackTo(std::string_view id) const {
  const auto it = targets_.find(id);
  return it == targets_.end() ? 0 : it->second;
}

const Needs* ModelBook::FindNeeds(uint32_t resource) const {
  const auto it = needs_.find(resource);
  return it == needs_.end() ? nullptr : &it->second;
}

int ModelBook::CountNaming(uint32_t resource) const {
  const auto it = naming_.find(resource);
  return it == naming_.end() ? 0 : it->second;
}

std::optional<ModelBook::Window> ModelBook::NextWindow() const {
  if (windows_.empty()) return std::nullopt;
  const auto& [ends_us, sequence, id] = *windows_.begin();
  return Window{ends_us, id};
}

std::optional<ModelBook::Expiring> ModelBook::NextApproval() const {
  if (expiring_.empty()) return std::nullopt;
  return Expiring{expiring_.begin()->first, expiring_.begin()->second};
}

std::vector<std::string> ModelBook::ListReplacing(std::string_view target) const {
  std::vector<std::string> ids;
  const std::pair<std::string, std::string> first(target, "");
  for (auto it = replacing_.lower_bound(first); it != replacing_.end() && it->first == target;
       ++it) {
    ids.push_back(it->second);
  }
  return ids;
}

void ModelBook::AddNeeds(const ModelRecord& target, int sign) {
  for (const auto& [resource, amount] : RollbackFootprint(target.settings(), resources_)) {
    Needs& needs = needs_[resource];
    PutInto(std::pair(amount.micros(), target.settings().id()), sign, &needs);
    if (needs.empty()) needs_.erase(resource);
  }
}

const ModelRecord* ModelBook::FindTarget(const ModelRecord& model) const {
  const ModelRecord* const target = Find(RollbackTargetOf(model));
  return target == nullptr || target->state() == stored::MODEL_ARCHIVED ? nullptr : target;
}

// What is ARCHIVED stays so, and a target of an ACTIVE model is not archived: what was counted is
// found again.
void ModelBook::CountTarget(const ModelRecord& active, int sign) {
  const ModelRecord* const target = FindTarget(active);
  if (target == nullptr) return;
  const std::string& id = target->settings().id();
  const bool was_one = targets_.contains(id);
  CountIn(id, sign, &targets_);
  if (was_one != targets_.contains(id)) AddNeeds(*target, sign);
}

void ModelBook::CountActive(const ModelRecord& model, int sign) {
  PutInto(model.settings().id(), sign, &active_);
  monthly_cost_micros_ += absl::int128(MonthlyCost(model.settings()).micros()) * sign;
  if (sign > 0) {
    providers_.Add(model.settings());
  } else {
    providers_.Remove(model.settings());
  }
}

void ModelBook::Count(const ModelRecord& model, int sign) {
  const stored::ModelSettings& settings = model.settings();
  if (IsActive(model)) CountActive(model, sign);
  for (const auto& line : settings.footprint()) CountIn(line.resource(), sign, &naming_);
  if (model.window_ends_us() != 0) {
    PutInto(WindowKey(model.window_ends_us(), model.state_sequence(), settings.id()), sign,
            &windows_);
  }
  if (!model.replaced_target().empty()) {
    PutInto(std::pair(model.replaced_target(), settings.id()), sign, &replacing_);
  }
}

void ModelBook::Put(const ModelPicture& model, const ModelResources& resources, Changes* changes) {
  resources_ = resources;
  const std::string id = model->settings().id();
  const ModelPicture before = Share(id);
  const bool was_active = before != nullptr && IsActive(*before);
  const bool is_target = targets_.contains(id);
  if (before != nullptr) {
    Count(*before, -1);
    if (is_target) AddNeeds(*before, -1);
  }
  if (model->state() == stored::MODEL_PURGED) {
    PURSER_CHECK(!is_target, "the rollback target of an ACTIVE model is kept");
    purged_[id] = {model->create_sequence(), model->was_active()};
    models_.erase(id);
  } else {
    models_[id] = model;
    Count(*model, 1);
    if (is_target) AddNeeds(*model, 1);
  }
  if (was_active) CountTarget(*before, -1);
  if (IsActive(*model)) CountTarget(*model, 1);
  if (was_active != IsActive(*model)) ++activity_;
  if (was_active && !IsActive(*model) && uses_.erase(id) > 0 && changes != nullptr) {
    changes->uses.emplace_back().set_model(id);
  }
  if (changes == nullptr) return;
  changes->models.push_back(model);
  if (!was_active && IsActive(*model)) changes->activated.push_back(id);
  if (was_active && !IsActive(*model)) changes->deactivated.push_back(id);
}

void ModelBook::NoteUse(const std::string& id, InstantUs now_us, Changes* changes) {
  const ModelRecord* const model = Find(id);
  if (model == nullptr || !IsActive(*model)) return;
  InstantUs& last_us = uses_[id];
  if (last_us != 0 && DayOf(last_us) >= DayOf(now_us)) return;
  last_us = now_us;
  if (changes == nullptr) return;
  stored::ModelUse& use = changes->uses.emplace_back();
  use.set_model(id);
  use.set_time_us(now_us);
}

void ModelBook::Take(const stored::ModelUse& use) {
  if (use.time_us() == 0) {
    uses_.erase(use.model());
  } else {
    uses_[use.model()] = use.time_us();
  }
}

InstantUs ModelBook::LastUse(const ModelRecord& model) const {
  const auto it = uses_.find(model.settings().id());
  return it == uses_.end() ? 0 : it->second;
}

bool ModelBook::Restore(ModelPicture model) {
  const std::string id = model->settings().id();
  if (FindCreateSequence(id).has_value()) return false;
  if (model->state() == stored::MODEL_PURGED) {
    purged_[id] = {model->create_sequence(), model->was_active()};
    return true;
  }
  Count(*model, 1);
  models_[id] = std::move(model);
  return true;
}

void ModelBook::RestoreTargets(const ModelResources& resources) {
  resources_ = resources;
  for (const std::string& id : active_) CountTarget(*Find(id), 1);
}

void ModelBook::Restore(const stored::ModelStateRow& row) {
  if (row.has_approval()) Add(row.approval());
  if (row.has_loan()) loans_[row.loan().sequence()] = row.loan();
  if (row.has_budget_month()) month_ = row.budget_month();
  if (row.has_use()) Take(row.use());
}

void ModelBook::Add(const stored::Approval& approval) {
  approvals_[approval.id()] = approval;
  expiring_.emplace(approval.expire_time_us(), approval.id());
}

Occupied ModelBook::SumOccupied(const ModelResources& resources) const {
  Occupied sum;
  for (const auto& [id, model] : models_) AddOccupied(*model, resources, 1, &sum);
  return sum;
}

std::string ModelBook::FindFault(const ModelResources& resources) const {
  ModelBook again;
  for (const auto& [id, model] : models_) again.Restore(model);
  again.RestoreTargets(resources);
  const bool same =
      again.active_ == active_ && again.monthly_cost_micros_ == monthly_cost_micros_ &&
      again.providers_ == providers_ && again.targets_ == targets_ && again.needs_ == needs_ &&
      again.naming_ == naming_ && again.windows_ == windows_ && again.replacing_ == replacing_;
  return same ? proposals_.FindFault() : "what is counted of the models is not what they are";
}

}  // namespace purser
