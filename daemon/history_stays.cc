// What capacities were in the course of time, and what open reservations and models have of them:
// the part of a report that no row of costs has.
#include <algorithm>
#include <map>

#include "daemon/costs_in_group.h"
#include "daemon/group_costs.h"
#include "daemon/history.h"
#include "daemon/recovery.h"
#include "daemon/schema.h"
#include "ledger/text.h"
#include "reservations/charge_costs.h"
#include "reservations/course.h"

namespace purser {
namespace {

// What a model occupies of a capacity, and for whom.
struct Residence {
  Amount amount;
  std::string operator_family;
  std::vector<std::string> capabilities;

  bool operator==(const Residence&) const = default;
};
using Residences = std::map<uint32_t, Residence>;  // by resource

// What one model occupied, version by version.
class ModelStays {
 public:
  explicit ModelStays(const StayCosts& costs) : costs_(costs) {}

  const std::string& id() const { return id_; }
  void Begin(const std::string& id) {
    id_ = id;
    courses_.clear();
    last_.clear();
  }

  Residences ResidencesOf(const ModelRecord& model) const {
    const stored::ModelSettings& settings = model.settings();
    Residences residences;
    for (const auto& [resource, amount] : OccupiedIn(model.state(), settings, ResourcesOf(model))) {
      residences[resource] = {amount,
                              settings.operator_family(),
                              {settings.capabilities().begin(), settings.capabilities().end()}};
    }
    return residences;
  }
  // Otherwise it does not matter since when.
  bool IsOther(const Residences& residences) const { return residences != last_; }
  void Set(InstantUs since_us, Residences residences) {
    for (const auto& [resource, residence] : last_) {
      if (!residences.contains(resource)) courses_[resource].Set(since_us, Residence());
    }
    for (const auto& [resource, residence] : residences) {
      courses_[resource].Set(since_us, residence);
    }
    last_ = std::move(residences);
  }

  absl::Status AddTo(CostReport* report) const {
    for (const auto& [resource, course] : courses_) {
      const StayCosts::Capacity* const capacity = costs_.Find(resource);
      if (capacity == nullptr) continue;
      Stay stay;
      stay.resource = resource;
      stay.category = CategoryOfUse({capacity->past.name, false}, stored::SERVING);
      const bool fits = course.ForEach([&](const Residence& residence, Span span) {
        stay.amount = residence.amount;
        stay.span = span;
        return costs_.Add(LabelsOf(residence), stay, report);
      });
      if (!fits) return TooManyCostGroups(report->most_groups());
    }
    return absl::OkStatus();
  }

 private:
  // What had these names then. What its footprint names is there as long as it is not PURGED, and
  // active_models is neither made nor deleted while any model is ACTIVE.
  ModelResources ResourcesOf(const ModelRecord& model) const {
    ModelResources resources;
    for (const auto& line : model.settings().footprint()) {
      const StayCosts::Capacity* const capacity = costs_.Find(line.resource());
      if (capacity != nullptr && capacity->past.name == kStorageResource) {
        resources.storage = line.resource();
      }
    }
    if (IsActive(model)) resources.slots = costs_.FindAt(kSlotsResource, model.state_time_us());
    return resources;
  }
  CostLabels LabelsOf(const Residence& residence) const {
    stored::ModelSettings settings;
    settings.set_id(id_);
    settings.set_operator_family(residence.operator_family);
    for (const std::string& each : residence.capabilities) settings.add_capabilities(each);
    return ReadCostLabels(MakeLabelSet(settings));
  }

  const StayCosts& costs_;
  std::string id_;
  Residences last_;
  std::map<uint32_t, Course<Residence>> courses_;
};

}  // namespace

absl::StatusOr<CapacityPast> History::ReadCapacity(uint32_t number) {
  CapacityPast past;
  past.name = std::string(directory_->Find(number).name);
  const std::string prefix = schema::ResourceVersionPrefix(population_, number);
  auto cursor = snapshot_->NewCursor(Table::kSettings);
  for (cursor->SeekFirstAtOrAfter(prefix);
       cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix; cursor->Next()) {
    stored::ResourceVersion version;
    const std::string_view value = cursor->value();
    if (!version.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return absl::DataLossError("a resource's settings cannot be read");
    }
    if (version.deleted()) {
      auto entry = FindEntry(schema::SequenceOfResourceVersionKey(cursor->key()));
      if (!entry.ok()) return entry.status();
      if (*entry == nullptr) return absl::DataLossError("the entry that deleted it is missing");
      past.delete_us = (*entry)->time_us();
      continue;
    }
    const stored::ResourceSettings& settings = version.settings();
    past.unit = settings.unit();
    past.create_us = settings.create_time_us();
    const std::pair flip(InstantUs{settings.priced_time_us()}, settings.priced());
    if (past.is_priced.empty() || past.is_priced.back() != flip) past.is_priced.push_back(flip);
  }
  if (!cursor->status().ok()) return cursor->status();
  return past;
}

absl::StatusOr<std::map<uint32_t, CapacityPast>> History::ReadCapacities() {
  std::map<uint32_t, CapacityPast> capacities;
  for (uint32_t number = 1; number < directory_->size(); ++number) {
    if (directory_->Find(number).consumable) continue;
    auto past = ReadCapacity(number);
    if (!past.ok()) return past.status();
    capacities[number] = *std::move(past);
  }
  return capacities;
}

absl::Status History::AddOpenStays(const StayCosts& costs, const std::function<bool()>& abandon,
                                   CostReport* report) {
  return ForEachRow(
      snapshot_.get(), Table::kOpen, schema::PopulationPrefix(population_),
      [&](std::string_view, std::string_view value) -> absl::Status {
        if (abandon()) return absl::CancelledError("abandoned");
        stored::ReservationRecord record;
        if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
          return absl::DataLossError("table open: a row cannot be read");
        }
        if (record.grant_time_us() == 0) return absl::OkStatus();  // it waits
        const CostLabels labels = ReadCostLabels(MakeLabelSet(record.labels()));
        for (const auto& line : record.lines()) {
          const ResourceIdentity resource = directory_->Find(line.resource());
          if (resource.consumable) continue;
          const Stay as{line.resource(), CategoryOfUse(resource, record.purpose()),
                        CostOrigin::kHeld, Amount::FromMicros(line.granted()), Span()};
          for (const Stay& stay :
               StaysOf(as, record.grant_time_us(), record.start_time_us(), INT64_MAX)) {
            if (!costs.Add(labels, stay, report)) return TooManyCostGroups(report->most_groups());
          }
        }
        return absl::OkStatus();
      });
}

// Within a group only what commands do changes what a model occupies, and they have one time.
absl::StatusOr<InstantUs> History::ChangeTime(const ModelRecord& model, uint64_t before,
                                              InstantUs from_us) {
  const uint64_t changed = model.change_sequence();
  if (changed <= before) return from_us;
  if (changed == model.state_sequence()) return model.state_time_us();
  if (changed == model.create_sequence()) return model.create_time_us();
  auto entry = FindEntry(changed);
  if (!entry.ok()) return entry.status();
  if (*entry == nullptr) return absl::DataLossError("the entry that changed a model is missing");
  return (*entry)->time_us();
}

absl::Status History::AddModelStays(const StayCosts& costs, uint64_t before,
                                    const std::function<bool()>& abandon, CostReport* report) {
  ModelStays stays(costs);
  const auto status =
      ForEachRow(snapshot_.get(), Table::kModelVersions, schema::PopulationPrefix(population_),
                 [&](std::string_view, std::string_view value) -> absl::Status {
                   if (abandon()) return absl::CancelledError("abandoned");
                   ModelRecord model;
                   if (!model.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
                     return absl::DataLossError("a version of a model cannot be read");
                   }
                   if (model.settings().id() != stays.id()) {
                     if (auto added = stays.AddTo(report); !added.ok()) return added;
                     stays.Begin(model.settings().id());
                   }
                   Residences residences = stays.ResidencesOf(model);
                   if (!stays.IsOther(residences)) return absl::OkStatus();
                   auto since_us = ChangeTime(model, before, costs.period().from_us);
                   if (!since_us.ok()) return since_us.status();
                   stays.Set(*since_us, std::move(residences));
                   return absl::OkStatus();
                 });
  return status.ok() ? stays.AddTo(report) : status;
}

}  // namespace purser
