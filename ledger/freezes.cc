#include "ledger/freezes.h"

#include "ledger/text.h"

namespace purser {
namespace {

constexpr char kPopulationTarget[] = "population";
std::string FamilyTarget(std::string_view family) { return Concat("family ", family); }
std::string ResourceTarget(uint32_t resource) { return Concat("resource ", resource); }

std::string GuardrailTarget(std::string_view id) { return Concat("guardrail ", id); }

std::string TargetOf(const stored::Freeze& freeze) {
  if (freeze.has_experiments()) return GuardrailTarget(freeze.guardrail());
  if (freeze.has_resource()) return ResourceTarget(freeze.resource());
  if (freeze.has_operator_family()) return FamilyTarget(freeze.operator_family());
  return kPopulationTarget;
}

}  // namespace

void FreezeBook::Put(const stored::Freeze& freeze) {
  Erase(freeze.id());
  by_id_[freeze.id()] = freeze;
  id_by_target_[TargetOf(freeze)] = freeze.id();
  if (freeze.has_experiments()) of_experiments_.insert(freeze.id());
  if (freeze.until_us() != 0) ends_.emplace(freeze.until_us(), freeze.id());
  ++version_;
}

bool FreezeBook::Erase(std::string_view id) {
  const auto it = by_id_.find(id);
  if (it == by_id_.end()) return false;
  id_by_target_.erase(TargetOf(it->second));
  of_experiments_.erase(it->first);
  ends_.erase({it->second.until_us(), it->first});
  by_id_.erase(it);
  ++version_;
  return true;
}

const stored::Freeze* FreezeBook::Find(std::string_view id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : &it->second;
}

const stored::Freeze* FreezeBook::FindByTarget(const std::string& target) const {
  const auto it = id_by_target_.find(target);
  return it == id_by_target_.end() ? nullptr : Find(it->second);
}

const stored::Freeze* FreezeBook::FindSameTarget(const stored::Freeze& freeze) const {
  return FindByTarget(TargetOf(freeze));
}
const stored::Freeze* FreezeBook::FindOfPopulation() const {
  return FindByTarget(kPopulationTarget);
}
const stored::Freeze* FreezeBook::FindOfFamily(std::string_view family) const {
  return FindByTarget(FamilyTarget(family));
}
const stored::Freeze* FreezeBook::FindOfResource(uint32_t resource) const {
  return FindByTarget(ResourceTarget(resource));
}

const stored::Freeze* FreezeBook::FindOfGuardrail(std::string_view guardrail) const {
  return FindByTarget(GuardrailTarget(guardrail));
}

std::optional<FreezeBook::End> FreezeBook::NextEnd() const {
  if (ends_.empty()) return std::nullopt;
  return End{ends_.begin()->first, ends_.begin()->second};
}

}  // namespace purser
