// Deciding what operators ask: populations, resources, amounts, freezes.
#include <algorithm>

#include "ledger/names.h"
#include "ledger/text.h"
#include "lifecycle/decision.h"

namespace purser {

absl::Status Decision::CheckGeneration(const Resource& resource, Match match) const {
  return CheckIfMatch(command_.if_match, resource.settings->generation(), match);
}

absl::StatusOr<const Resource*> Decision::FindResource(const std::string& name) const {
  const Resource* resource = population_.books.FindByName(name);
  if (resource != nullptr) return resource;
  return Refuse(stored::NOT_FOUND, Concat("there is no resource \"", name, "\""));
}

InstantUs Decision::FirstBoundary(const stored::ResourceSettings& settings,
                                  const std::string& time_zone) const {
  return NextBoundary(settings, time_zone, books_.now_us(), civil_time_.month_start_after);
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
  if (books_.FindByName(kDefaultLimitResource) == nullptr) return absl::OkStatus();
  stored::Limit limit;
  limit.set_id(kDefaultLimit);
  limit.set_each_principal(true);
  stored::Limit::Part& share = *limit.add_share_percent();
  share.set_resource(kDefaultLimitResource);
  share.set_amount(Amount::FromUnits(kDefaultSharePercent).micros());
  limit.set_generation(1);
  limit.set_create_time_us(books_.now_us());
  limit.set_sequence(books_.sequence());
  books_.SetLimit(limit);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const UpdatePopulation& body) {
  const stored::PopulationSettings& before = population_.books.settings();
  if (auto status = CheckIfMatch(command_.if_match, before.generation(), Match::kRequired);
      !status.ok())
    return status;
  stored::PopulationSettings settings = before;
  settings.set_generation(before.generation() + 1);
  if (body.required_labels.has_value()) {
    settings.clear_required_labels();
    for (const std::string& label : *body.required_labels) settings.add_required_labels(label);
  }
  if (body.required_capabilities.has_value()) {
    settings.mutable_required_capabilities()->Assign(body.required_capabilities->begin(),
                                                     body.required_capabilities->end());
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
  if (body.settings.name() == kSlotsResource && !population_.models.active().empty()) {
    return Refuse(stored::RESOURCE_IN_USE, Concat("models are ACTIVE, and would not count in it: ",
                                                  population_.models.active().size()));
  }
  auto status = books_.CreateResource(
      body.settings, FirstBoundary(body.settings, population_.books.settings().time_zone()));
  if (!status.ok()) return status;
  ShowResource(books_.FindByName(body.settings.name())->number, true);
  return absl::OkStatus();
}

// In the order of judgement: no such resource, what the state makes a fault of, a wrong state, and
// only then the generation; the draft of what is refused is thrown away.

absl::Status Decision::DecideBody(const UpdateResource& body) {
  auto resource = FindResource(body.resource);
  if (!resource.ok()) return resource.status();
  const uint32_t number = (*resource)->number;
  stored::ResourceSettings settings = *(*resource)->settings;
  ChangeSettings(body, &settings);
  Faults faults;
  CheckSettings(settings, "", &faults);
  if (!faults.empty()) return faults.ToStatus();
  const bool loses_price = (*resource)->settings->priced() && !settings.priced();
  if (auto status = books_.UpdateResource(number, settings); !status.ok()) return status;
  if (loses_price) {
    const RateCard card = books_.books().rates().FindOpen(body.resource, books_.now_us());
    if (card != nullptr) {
      return Refuse(stored::RESOURCE_IN_USE,
                    Concat("the rate card \"", card->id(), "\" prices it, now or later"));
    }
  }
  if (auto status = CheckModels(); !status.ok()) return status;
  if (auto status = CheckGeneration(**resource, Match::kRequired); !status.ok()) return status;
  ShowResource(number, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const DeleteResource& body) {
  auto resource = FindResource(body.resource);
  if (!resource.ok()) return resource.status();
  const uint32_t number = (*resource)->number;
  if (population_.reservations.CountNaming(number) > 0) {
    return Refuse(stored::RESOURCE_IN_USE, Concat("open reservations name the resource: ",
                                                  population_.reservations.CountNaming(number)));
  }
  const bool counts_models =
      body.resource == kSlotsResource && !population_.models.active().empty();
  if (population_.models.CountNaming(number) > 0 || counts_models) {
    return Refuse(stored::RESOURCE_IN_USE, counts_models
                                               ? "ACTIVE models occupy it"
                                               : Concat("footprints of models name the resource: ",
                                                        population_.models.CountNaming(number)));
  }
  if (auto status = books_.DeleteResource(number); !status.ok()) return status;
  if (auto status = CheckGeneration(**resource, Match::kRequired); !status.ok()) return status;
  // A freeze of what is gone would stand for ever.
  const stored::Freeze* freeze = population_.books.freezes().FindOfResource(number);
  if (freeze != nullptr) books_.Thaw(freeze->id(), false);
  ShowResource(number, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const GrantAmount& body) {
  auto resource = FindResource(body.resource);
  if (!resource.ok()) return resource.status();
  const uint32_t number = (*resource)->number;
  if (auto status = books_.Grant(number, body.amount, body.reason); !status.ok()) return status;
  if (auto status = CheckModels(); !status.ok()) return status;
  if (auto status = CheckGeneration(**resource, Match::kOptional); !status.ok()) return status;
  ShowResource(number, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const WithdrawAmount& body) {
  auto resource = FindResource(body.resource);
  if (!resource.ok()) return resource.status();
  const uint32_t number = (*resource)->number;
  if (auto status = books_.Withdraw(number, body.amount, body.reason); !status.ok()) return status;
  if (auto status = CheckModels(); !status.ok()) return status;
  if (auto status = CheckGeneration(**resource, Match::kOptional); !status.ok()) return status;
  ShowResource(number, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const CreateFreeze& body) {
  stored::Freeze freeze;
  if (!body.resource.empty()) {
    const Resource* resource = books_.FindByName(body.resource);
    if (resource == nullptr) {
      return RefuseField(stored::UNKNOWN_RESOURCE, "resource", kNoSuchResource);
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
  const FreezeBook& freezes = population_.books.freezes();
  const stored::Freeze* before = freezes.FindSameTarget(freeze);
  const bool created = before == nullptr;
  if (before != nullptr) {
    // Freezing again keeps the id and replaces reason and end.
    freeze.set_id(before->id());
    freeze.set_create_time_us(before->create_time_us());
  } else if (freezes.Find(freeze.id()) != nullptr) {
    return Refuse(stored::ID_CONFLICT, "the id freezes something else");
  } else if (freezes.size() >= kFreezesMax) {
    return Refuse(stored::LIMIT_OF_THE_DAEMON,
                  Concat("a population has at most ", kFreezesMax, " freezes"));
  }
  books_.Freeze(freeze);
  NewShown(stored::Answer::FREEZE, freeze.id(), created).freeze =
      std::make_shared<const stored::Freeze>(freeze);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const DeleteFreeze& body) {
  const stored::Freeze* freeze = population_.books.freezes().Find(body.id);
  if (freeze == nullptr) {
    return Refuse(stored::NOT_FOUND, Concat("there is no freeze \"", body.id, "\""));
  }
  books_.Thaw(body.id, false);
  NewShown(stored::Answer::FREEZE, body.id, false).freeze =
      std::make_shared<const stored::Freeze>(*freeze);
  return absl::OkStatus();
}

}  // namespace purser
