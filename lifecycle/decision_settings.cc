// Deciding what operators ask: populations, resources, amounts, freezes.
#include <algorithm>

#include "ledger/names.h"
#include "ledger/text.h"
#include "lifecycle/decision.h"

namespace purser {

absl::Status Decision::CheckGeneration(uint64_t generation, bool required) const {
  if (!command_.if_match.has_value()) {
    if (!required) return absl::OkStatus();
    return Refuse(stored::PRECONDITION_REQUIRED,
                  Concat("send If-Match with the generation, which is \"", generation, "\""));
  }
  if (command_.if_match->any || command_.if_match->generation == generation) {
    return absl::OkStatus();
  }
  return Refuse(stored::PRECONDITION_FAILED,
                Concat("If-Match named generation \"", command_.if_match->generation,
                       "\", it is \"", generation, "\""));
}

absl::StatusOr<const Resource*> Decision::FindResource(const std::string& name,
                                                       bool match_required) const {
  const Resource* resource = books_.FindByName(name);
  if (resource == nullptr) {
    return Refuse(stored::NOT_FOUND, Concat("there is no resource \"", name, "\""));
  }
  if (auto status = CheckGeneration(resource->settings->generation(), match_required);
      !status.ok()) {
    return status;
  }
  return resource;
}

InstantUs Decision::FirstBoundary(const stored::ResourceSettings& settings,
                                  const std::string& time_zone) const {
  if (settings.monthly()) return month_start_after_(time_zone, books_.now_us());
  return settings.period_us() > 0 ? books_.now_us() + settings.period_us() : 0;
}

absl::Status Decision::DecideBody(const CreatePopulation& body) {
  stored::PopulationSettings settings = body.settings;
  settings.set_create_time_us(books_.now_us());
  settings.set_generation(1);
  books_.SetPopulation(settings);
  Shown& shown = NewShown(stored::Answer::POPULATION, settings.name(), true);
  for (const stored::ResourceSettings& resource : body.resources) {
    auto status = books_.CreateResource(resource, FirstBoundary(resource, settings.time_zone()));
    if (!status.ok()) return status;
    shown.resources.push_back(*books_.FindByName(resource.name()));
  }
  shown.population = std::make_shared<const stored::PopulationSettings>(settings);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const UpdatePopulation& body) {
  const stored::PopulationSettings& before = population_.books.settings();
  if (auto status = CheckGeneration(before.generation(), true); !status.ok()) return status;
  stored::PopulationSettings settings = before;
  settings.set_generation(before.generation() + 1);
  if (body.required_labels.has_value()) {
    settings.clear_required_labels();
    for (const std::string& label : *body.required_labels) settings.add_required_labels(label);
  }
  books_.SetPopulation(settings);
  Shown& shown = NewShown(stored::Answer::POPULATION, settings.name(), false);
  shown.population = std::make_shared<const stored::PopulationSettings>(settings);
  for (const auto& [name, number] : population_.books.numbers_by_name()) {
    shown.resources.push_back(*population_.books.Find(number));
  }
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const CreateResource& body) {
  if (books_.FindByName(body.settings.name()) != nullptr) {
    // The sender compares with what is there, and answers a replay or a conflict.
    return Refuse(stored::ID_CONFLICT,
                  Concat("there is a resource \"", body.settings.name(), "\" already"));
  }
  if (population_.books.numbers_by_name().size() >= kResourcesMax ||
      population_.books.next_resource_number() >= kResourceNumbersMax) {
    return Refuse(stored::LIMIT_OF_THE_DAEMON,
                  Concat("a population has at most ", kResourcesMax, " resources"));
  }
  auto status = books_.CreateResource(
      body.settings, FirstBoundary(body.settings, population_.books.settings().time_zone()));
  if (!status.ok()) return status;
  ShowResource(books_.FindByName(body.settings.name())->number, true);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const UpdateResource& body) {
  const Resource* found = books_.FindByName(body.resource);
  if (found == nullptr) {
    return Refuse(stored::NOT_FOUND, Concat("there is no resource \"", body.resource, "\""));
  }
  stored::ResourceSettings settings = *found->settings;
  ChangeSettings(body, &settings);
  Faults faults;
  CheckSettings(settings, "", &faults);
  if (!faults.empty()) return faults.ToStatus();
  auto resource = FindResource(body.resource, true);
  if (!resource.ok()) return resource.status();
  const uint32_t number = (*resource)->number;
  if (auto status = books_.UpdateResource(number, settings); !status.ok()) return status;
  ShowResource(number, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const DeleteResource& body) {
  auto resource = FindResource(body.resource, true);
  if (!resource.ok()) return resource.status();
  const uint32_t number = (*resource)->number;
  if (population_.reservations.CountNaming(number) > 0) {
    return Refuse(stored::RESOURCE_IN_USE, Concat("open reservations name the resource: ",
                                                  population_.reservations.CountNaming(number)));
  }
  // A freeze of what is gone would stand for ever.
  if (auto status = books_.DeleteResource(number); !status.ok()) return status;
  for (const auto& [id, freeze] : population_.books.freezes()) {
    if (freeze.has_resource() && freeze.resource() == number) books_.Thaw(id, false);
  }
  ShowResource(number, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const GrantAmount& body) {
  auto resource = FindResource(body.resource, false);
  if (!resource.ok()) return resource.status();
  const uint32_t number = (*resource)->number;
  if (auto status = books_.Grant(number, body.amount, body.reason); !status.ok()) return status;
  ShowResource(number, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const WithdrawAmount& body) {
  auto resource = FindResource(body.resource, false);
  if (!resource.ok()) return resource.status();
  const uint32_t number = (*resource)->number;
  if (auto status = books_.Withdraw(number, body.amount, body.reason); !status.ok()) return status;
  ShowResource(number, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const CreateFreeze& body) {
  stored::Freeze freeze;
  if (!body.resource.empty()) {
    const Resource* resource = books_.FindByName(body.resource);
    if (resource == nullptr) {
      return RefuseField(stored::UNKNOWN_RESOURCE, "resource",
                         "the population has no such resource");
    }
    freeze.set_resource(resource->number);
  } else if (!body.operator_family.empty()) {
    freeze.set_operator_family(body.operator_family);
  } else {
    freeze.set_population(true);
  }
  if (body.until_us != 0 && body.until_us <= books_.now_us()) {
    return RefuseField(stored::INVALID_ARGUMENT, "until", "must be in the future");
  }
  freeze.set_id(body.id.empty() ? Concat("_", books_.sequence()) : body.id);
  freeze.set_reason(body.reason);
  freeze.set_until_us(body.until_us);
  freeze.set_create_time_us(books_.now_us());
  freeze.set_sequence(books_.sequence());
  const auto same_target = [&freeze](const stored::Freeze& other) {
    return other.target_case() == freeze.target_case() &&
           other.operator_family() == freeze.operator_family() &&
           other.resource() == freeze.resource();
  };
  bool created = true;
  for (const auto& [id, other] : population_.books.freezes()) {
    if (!same_target(other)) {
      if (id == freeze.id()) return Refuse(stored::ID_CONFLICT, "the id freezes something else");
      continue;
    }
    // Freezing again keeps the id and replaces reason and end.
    freeze.set_id(id);
    freeze.set_create_time_us(other.create_time_us());
    created = false;
    break;
  }
  books_.Freeze(freeze);
  NewShown(stored::Answer::FREEZE, freeze.id(), created).freeze = freeze;
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const DeleteFreeze& body) {
  const auto it = population_.books.freezes().find(body.id);
  if (it == population_.books.freezes().end()) {
    return Refuse(stored::NOT_FOUND, Concat("there is no freeze \"", body.id, "\""));
  }
  books_.Thaw(body.id, false);
  NewShown(stored::Answer::FREEZE, body.id, false).freeze = it->second;
  return absl::OkStatus();
}

}  // namespace purser
