#include "lifecycle/providers.h"

#include <algorithm>

#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {

std::vector<Provision> ProvisionsOf(const stored::ModelSettings& settings) {
  std::vector<Provision> provisions;
  provisions.reserve(settings.capabilities_size());
  for (const std::string& capability : settings.capabilities()) {
    const auto& qualities = settings.quality();
    const auto it = std::find_if(qualities.begin(), qualities.end(), [&](const auto& quality) {
      return quality.capability() == capability;
    });
    provisions.push_back({capability, it == qualities.end() ? 0 : it->value()});
  }
  return provisions;
}

void Providers::Add(const stored::ModelSettings& active) {
  for (const Provision& each : ProvisionsOf(active)) {
    ProvidersByQuality& providers = by_capability_[ToAbsl(each.capability)];
    const bool is_new = providers.emplace(each.quality_micros, active.id()).second;
    PURSER_CHECK(is_new, "a model provides each capability once");
  }
}

void Providers::Remove(const stored::ModelSettings& active) {
  for (const Provision& each : ProvisionsOf(active)) {
    const auto it = by_capability_.find(ToAbsl(each.capability));
    PURSER_CHECK(it != by_capability_.end(), "who leaves was there");
    const size_t erased = it->second.erase({each.quality_micros, active.id()});
    PURSER_CHECK(erased == 1, "who leaves provided what it provides");
    if (it->second.empty()) by_capability_.erase(it);
  }
}

const ProvidersByQuality* Providers::Find(std::string_view capability) const {
  const auto it = by_capability_.find(ToAbsl(capability));
  return it == by_capability_.end() ? nullptr : &it->second;
}

size_t Providers::Count(std::string_view capability) const {
  const ProvidersByQuality* const providers = Find(capability);
  return providers == nullptr ? 0 : providers->size();
}

bool Providers::Has(const stored::ModelSettings& active) const {
  const std::vector<Provision> provisions = ProvisionsOf(active);
  return std::all_of(provisions.begin(), provisions.end(), [&](const Provision& each) {
    const ProvidersByQuality* const providers = Find(each.capability);
    return providers != nullptr && providers->contains({each.quality_micros, active.id()});
  });
}

bool Providers::HasOther(const Provision& provision,
                         absl::Span<const std::string_view> leaving) const {
  const ProvidersByQuality* const providers = Find(provision.capability);
  if (providers == nullptr) return false;
  for (const auto& [quality_micros, id] : *providers) {
    if (quality_micros < provision.quality_micros) return false;
    if (std::find(leaving.begin(), leaving.end(), id) == leaving.end()) return true;
  }
  return false;
}

}  // namespace purser
