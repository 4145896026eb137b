#include "lifecycle/proposal_findings.h"

#include <algorithm>

namespace purser {

namespace {

using Settings = stored::ProposalSettings;

// The state in which executing leaves one of its models.
stored::ModelState StateAfter(const Settings& proposal, bool is_result) {
  if (is_result) return stored::MODEL_ACTIVE;
  switch (proposal.kind()) {
    case Settings::ARCHIVE:
      return stored::MODEL_ARCHIVED;
    case Settings::REPLACE:
      return stored::MODEL_ROLLBACK_TARGET;
    default:
      return stored::MODEL_RETIRED;
  }
}

// What must not be forbidden of it.
std::vector<stored::Constraint::Act> ActsOn(const Settings& proposal, bool is_result) {
  if (proposal.kind() == Settings::ARCHIVE) return {stored::Constraint::ARCHIVE};
  std::vector<stored::Constraint::Act> acts = {is_result ? stored::Constraint::ACTIVATE
                                                         : stored::Constraint::RETIRE};
  if (proposal.kind() == Settings::MERGE) acts.push_back(stored::Constraint::MERGE);
  return acts;
}

void AddConstraints(const Settings& proposal, const ModelRecord& model, bool is_result,
                    std::vector<ProposalFindings::OfConstraint>* out) {
  const auto acts = ActsOn(proposal, is_result);
  for (const stored::Constraint& constraint : model.settings().constraints()) {
    const auto& forbids = constraint.forbids();
    const bool forbidden = std::any_of(acts.begin(), acts.end(), [&forbids](auto act) {
      return std::find(forbids.begin(), forbids.end(), act) != forbids.end();
    });
    out->push_back({model.settings().id(), constraint, forbidden});
  }
}

}  // namespace

Occupied EffectOf(const Settings& proposal, const ModelBook& models,
                  const ModelResources& resources) {
  Occupied effect;
  for (const std::string& id : ModelsOf(proposal)) {
    const ModelRecord* const model = models.Find(id);
    if (model == nullptr) continue;
    const stored::ModelState after = StateAfter(proposal, id == proposal.result_model());
    AddOccupied(*model, resources, -1, &effect);
    AddOccupiedIn(after, model->settings(), resources, 1, &effect);
  }
  return effect;
}

NetValue NetValueOf(const Settings& proposal, const ModelBook& models) {
  if (proposal.kind() == Settings::ARCHIVE) return {};
  std::vector<const stored::ModelSettings*> leaving;
  for (const std::string& id : proposal.models()) {
    const ModelRecord* const model = models.Find(id);
    if (model != nullptr) leaving.push_back(&model->settings());
  }
  const ModelRecord* const result = models.Find(proposal.result_model());
  return NetValueOf(leaving, result == nullptr ? nullptr : &result->settings(), models.providers());
}

NetValue NetValueOf(const Settings& proposal, const ModelBook& models,
                    const ModelResources& resources, const ShadowPrices& prices) {
  NetValue value = NetValueOf(proposal, models);
  if (proposal.kind() == Settings::ARCHIVE || prices.empty()) return value;
  value.opportunity_cost = OpportunityCost(EffectOf(proposal, models, resources), prices);
  return value;
}

ProposalFindings Examine(const Settings& proposal, const ModelBook& models,
                         const ModelResources& resources) {
  ProposalFindings findings;
  findings.effect = EffectOf(proposal, models, resources);
  findings.net_value = NetValueOf(proposal, models);
  for (const std::string& id : ModelsOf(proposal)) {
    const ModelRecord* const model = models.Find(id);
    if (model == nullptr) continue;
    AddConstraints(proposal, *model, id == proposal.result_model(), &findings.constraints);
  }
  return findings;
}

void AddOpportunityCost(const Settings& proposal, const ShadowPrices& prices,
                        ProposalFindings* findings) {
  if (proposal.kind() == Settings::ARCHIVE) return;
  findings->net_value.opportunity_cost = OpportunityCost(findings->effect, prices);
}

}  // namespace purser
