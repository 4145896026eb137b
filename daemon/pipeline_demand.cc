// What others wait for, and what is judged with it: read on the thread that asks, so that the
// writer reads no journal.
#include <algorithm>

#include "daemon/periods.h"
#include "daemon/pipeline_history.h"
#include "ledger/refusal.h"
#include "ledger/text.h"

namespace purser {
namespace {

// As of the newest entry of the history.
absl::StatusOr<api::DemandRead> ReadDemandOf(History* history, const api::PopulationView& view,
                                             const Present& present) {
  auto meta = history->ReadMeta();
  if (!meta.ok()) return meta.status();
  api::DemandRead read;
  read.sequence = meta->last_sequence();
  read.at_us = std::max<InstantUs>(present.at_us, meta->last_time_us());
  const auto unserved = history->ReadUnserved(read.at_us, present.abandon);
  if (!unserved.ok()) return unserved.status();
  const auto resources = history->ResourcesAsOf(read.sequence);
  if (!resources.ok()) return resources.status();
  for (const Resource& resource : *resources) {
    const auto found = unserved->find(resource.number);
    api::DemandRead::Of& of = read.resources[resource.name()];
    of.number = resource.number;
    of.consumable = resource.consumable();
    of.unserved = found == unserved->end() ? absl::int128(0) : found->second;
    of.base = resource.base;
    of.price = ShadowPriceOf(resource, *view.rates, read.at_us, of.unserved);
  }
  return read;
}

bool HasPricedCapacity(const api::PopulationView& view, InstantUs at_us) {
  return std::any_of(view.resources.begin(), view.resources.end(), [&](const auto& each) {
    const Resource& resource = *each.second;
    if (resource.consumable()) return false;
    const auto price = ShadowPriceOf(resource, *view.rates, at_us, 0);
    return price.has_value() && price->rate.picos() > 0;
  });
}

}  // namespace

absl::StatusOr<api::DemandRead> CommitPipeline::ReadDemand(const std::string& population) {
  const api::View view = Peek(population);
  if (view == nullptr) {
    return Refuse(stored::NOT_FOUND, Concat("there is no population \"", population, "\""));
  }
  const InstantUs now_us = std::max(NowUs(), view->time_us);
  return demand_reads_.Get(view->number, view->sequence, now_us, [&] {
    const auto abandon = Abandons();
    auto read =
        WithHistory<api::DemandRead>(population, [&](History& history, const api::View& now) {
          return ReadDemandOf(&history, *now, {now_us, abandon});
        });
    if (absl::IsCancelled(read.status())) {
      read = Refuse(stored::READ_ONLY, "the store is being reopened; try again");
    }
    return read;
  });
}

absl::StatusOr<ShadowPrices> CommitPipeline::ReadShadowPrices(const std::string& population) {
  ShadowPrices prices;
  const api::View view = Peek(population);
  if (view == nullptr || !HasPricedCapacity(*view, NowUs())) return prices;
  const auto read = ReadDemand(population);
  if (!read.ok()) return read.status();
  for (const auto& [name, of] : read->resources) {
    if (of.consumable || !of.price.has_value()) continue;
    if (of.price->rate.picos() > 0 && of.price->waiting > 0) prices[of.number] = *of.price;
  }
  return prices;
}

absl::Status CommitPipeline::AddShadowPrices(Command* command) {
  const auto& approved = options_.sequencer.policy.models.auto_approve;
  auto* const made = std::get_if<Propose>(&command->body);
  auto* const changed = std::get_if<UpdateProposal>(&command->body);
  if (approved.empty() || (made == nullptr && changed == nullptr)) return absl::OkStatus();
  const auto kind = made != nullptr ? std::optional(made->said.kind())
                                    : follower_.FindKind(command->population, changed->id);
  if (!kind.has_value() || !approved.contains(*kind)) return absl::OkStatus();
  auto prices = ReadShadowPrices(command->population);
  if (!prices.ok()) return prices.status();
  (made != nullptr ? made->prices : changed->prices) = *std::move(prices);
  return absl::OkStatus();
}

absl::StatusOr<api::ReviewRead> CommitPipeline::ReviewModels(const api::View& view,
                                                             const std::string& reservation) {
  const auto prices = ReadShadowPrices(view->name);
  if (!prices.ok()) return prices.status();
  return follower_.ReviewModels(view->name, reservation, options_.review, *prices, NowUs());
}

absl::StatusOr<api::SelectionRead> CommitPipeline::SelectModels(
    const api::View& view, const std::vector<std::string>& candidates) {
  auto prices = ReadShadowPrices(view->name);
  if (!prices.ok()) return prices.status();
  return follower_.SelectModels(view->name, candidates, {*std::move(prices), NowUs()});
}

}  // namespace purser
