// Faults that need no state: what a request is refused for before the ledger is looked at.
#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "tests/model/budget_text.h"
#include "tests/model/decimal.h"
#include "tests/model/label_parts.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

constexpr int64_t kShortestLeaseUs = kOne;
constexpr int64_t kLongestLeaseUs = 400 * 86'400 * kOne;
constexpr int64_t kLongestQueueWaitUs = 90 * 86'400 * kOne;
constexpr int64_t kLongestGraceUs = 3'600 * kOne;
constexpr size_t kAtomicOperationsMax = 1'024;
constexpr size_t kOperationsMax = 8'192;

constexpr int64_t kDearestPicos = 1'000'000 * kPicosOfDollar;
constexpr size_t kNamesMax = 32;  // Capabilities, parents, constraints, resources of an artifact.
constexpr size_t kProposedMax = 16;  // Models of a proposal.
constexpr size_t kTextsMax = 32;     // Evidence.
constexpr size_t kTextLengthMax = 2'000;
constexpr size_t kLeavingMax = 16;                    // Whom one activation makes leave.
constexpr int64_t kAmountMax = 1'000'000'000 * kOne;  // Of a footprint, or of money.

bool IsOperators(Verb verb) { return verb <= Verb::kDeleteBudget; }

bool MayStandInBatch(Verb verb) { return verb >= Verb::kReserve && verb <= Verb::kReportOutcomes; }

bool GoodId(const std::string& id) {
  if (id.empty() || id.size() > 128 || !std::isalnum(static_cast<unsigned char>(id[0])))
    return false;
  for (const char c : id) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '_' && c != '-')
      return false;
  }
  return true;
}

bool GoodOptionalId(const std::string& id) { return id.empty() || GoodId(id); }

bool AllPositive(const Amounts& amounts) {
  for (const auto& [resource, amount] : amounts) {
    if (amount <= 0) return false;
  }
  return true;
}

bool BadLease(const Action& action) {
  return action.lease_us &&
         (*action.lease_us < kShortestLeaseUs || *action.lease_us > kLongestLeaseUs);
}

bool BadWait(const Action& action) {
  return action.max_queue_wait_us &&
         (*action.max_queue_wait_us <= 0 || *action.max_queue_wait_us > kLongestQueueWaitUs);
}

// What never gives way has no grace, not even the one that it would have anyway.
bool BadGrace(const Action& action) {
  return action.grace_us &&
         (!MayGiveWay(action.tier) || *action.grace_us < 0 || *action.grace_us > kLongestGraceUs);
}

bool Negative(const std::optional<int64_t>& value) { return value && *value < 0; }
bool NotPositive(const std::optional<int64_t>& value) { return value && *value <= 0; }

bool BadSettings(const Settings& s) {
  const bool ratio_halves =
      s.overcommit_numerator.has_value() != s.overcommit_denominator.has_value();
  const bool below_one =
      s.overcommit_numerator && s.overcommit_denominator &&
      (*s.overcommit_denominator < 1 || *s.overcommit_numerator < *s.overcommit_denominator);
  return Negative(s.amount) || Negative(s.reserve_percent) || Negative(s.reserve_amount) ||
         (s.reserve_percent && *s.reserve_percent > 100 * kOne) ||
         (s.reserve_percent && s.reserve_amount) || NotPositive(s.min_amount) ||
         NotPositive(s.max_amount) || NotPositive(s.step) || Negative(s.debt_limit) ||
         ratio_halves || below_one;
}

bool BadNewResource(const Settings& s) {
  const bool periods = s.monthly || s.period_us != 0;
  const bool carries = s.carry_available || s.carry_reserve;
  return !s.amount || (s.monthly && s.period_us != 0) || s.period_us < 0 ||
         (s.capacity && (periods || carries)) || (!s.capacity && s.overcommit_numerator) ||
         (s.min_amount && s.max_amount && *s.min_amount > *s.max_amount);
}

bool BadBudget(const Action& action) {
  const BudgetParts& parts = action.budget;
  switch (action.verb) {
    case Verb::kCreateBudget:
      return !GoodOptionalId(action.budget_id) || parts.amount.value_or(0) <= 0 ||
             HasSplits(action.labels);
    case Verb::kUpdateBudget:
      return NotPositive(parts.amount);
    case Verb::kOverrideBudget:
      return !action.until_us || action.reason.empty();
    default:
      return false;
  }
}

bool BadReservation(const Action& action) {
  const bool purpose =
      IsExperiment(action.purpose) || DrawsOnReserve(action.purpose) || action.purpose == "SERVING";
  const bool policy = action.overrun_policy == "STOP" || action.overrun_policy == "EXTEND" ||
                      action.overrun_policy == "DEBT";
  for (const auto& [resource, minimum] : action.minimum_amounts) {
    const auto asked = action.amounts.find(resource);
    if (asked == action.amounts.end() || minimum < 0 || minimum > asked->second) return true;
  }
  if (action.start_at_us && action.queue) return true;
  if (BadLabels(action.labels, false)) return true;
  return !GoodOptionalId(action.id) || !purpose || !policy || BadLease(action) || BadWait(action) ||
         BadGrace(action) || action.amounts.empty() || !AllPositive(action.amounts);
}

bool BadSettle(const Action& action) {
  for (const auto& [resource, amount] : action.amounts) {
    if (amount < 0) return true;
  }
  if (BadCategory(action.category)) return true;
  return !GoodOptionalId(action.charge_id) || (action.charge_all && !action.amounts.empty());
}

// Of an activity the amount is how much it was.
bool BadCostEntry(const Action& action) {
  if (!GoodOptionalId(action.charge_id) || BadLabels(action.labels, true)) return true;
  if (action.category.empty() || BadCategory(action.category)) return true;
  if (!action.picos) return action.amount == 0;
  const bool counts = action.amount > 0 && *action.picos >= 0 && *action.picos <= kDearestPicos;
  return !counts || CostOfAmount(action.amount, *action.picos).value_or(0) == 0;
}

bool BadFreeze(const Action& action) {
  const bool population = action.freeze_kind == "population";
  const bool trips = action.verb == Verb::kUnfreeze && action.freeze_kind == "experiments";
  const bool named =
      trips || action.freeze_kind == "operator_family" || action.freeze_kind == "resource";
  return population ? !action.freeze_name.empty() : !named || action.freeze_name.empty();
}

bool BadParts(const std::optional<Amounts>& amounts, int64_t least, int64_t most) {
  if (!amounts) return false;
  for (const auto& [resource, amount] : *amounts) {
    if (amount < least || amount > most) return true;
  }
  return false;
}

bool BadLimit(const Action& action) {
  const LimitParts& parts = action.limit;
  const bool makes = action.verb == Verb::kLimit;
  const bool subject = action.limit_kind == "principal" || action.limit_kind == "each" ||
                       action.limit_kind == "label";
  const int64_t least = makes ? 1 : 0;  // What is 0 is taken away.
  bool any = parts.open_reservations || parts.highest_tier || parts.highest_priority;
  for (const auto* amounts : {&parts.share_percent, &parts.request, &parts.day, &parts.month}) {
    any = any || (*amounts && !(*amounts)->empty());
  }
  return (makes && (!subject || !any)) || !GoodOptionalId(action.limit_id) ||
         BadParts(parts.share_percent, least, 100 * kOne) ||
         BadParts(parts.request, least, INT64_MAX) || BadParts(parts.day, least, INT64_MAX) ||
         BadParts(parts.month, least, INT64_MAX) ||
         (parts.open_reservations && *parts.open_reservations < least);
}

bool BadNames(const std::optional<std::vector<std::string>>& names, size_t most) {
  if (!names) return false;
  const std::set<std::string> distinct(names->begin(), names->end());
  return names->size() > most || distinct.size() != names->size() || distinct.contains("");
}

// None at registration is nothing that is said.
bool SaysConstraints(const Action& action) {
  const auto& constraints = action.artifact.constraints;
  return constraints && (action.verb == Verb::kPatch || !constraints->empty());
}

bool BadConstraints(const Action& action) {
  static const std::set<std::string> kinds = {"SAFETY", "LEGAL", "DATA", "PROTECTED"};
  static const std::set<std::string> acts = {"ACTIVATE", "RETIRE", "MERGE", "ARCHIVE", "PURGE"};
  if (!SaysConstraints(action)) return false;
  const auto& constraints = *action.artifact.constraints;
  bool bad = constraints.size() > kNamesMax || action.reason.empty();
  for (const Constraint& each : constraints) {
    bad = bad || !kinds.contains(each.kind) || each.name.empty() || each.forbids.empty() ||
          !std::includes(acts.begin(), acts.end(), each.forbids.begin(), each.forbids.end());
  }
  return bad;
}

bool BadCosts(const Amounts& costs) {
  static const std::set<std::string> categories = {
      "training", "evaluation",     "inference",       "residency",       "cold_start",
      "storage",  "network",        "observability",   "compliance",      "incident",
      "on_call",  "vendor_license", "security_review", "rollback_reserve"};
  return std::any_of(costs.begin(), costs.end(), [](const auto& cost) {
    return cost.second < 0 || cost.second > kAmountMax || !categories.contains(cost.first);
  });
}

bool BadParts(const Action& action) {
  const ArtifactParts& parts = action.artifact;
  const Amounts footprint = parts.footprint.value_or(Amounts());
  bool bad = footprint.contains(kCount) || footprint.size() > kNamesMax;
  for (const auto& [name, amount] : parts.quality.value_or(Amounts())) bad = bad || amount < 0;
  for (const auto& [resource, amount] : footprint) bad = bad || amount < 0 || amount > kAmountMax;
  bad = bad || std::abs(parts.business_value.value_or(0)) > kAmountMax;
  bad = bad || parts.cold_cost.value_or(0) < 0 || parts.cold_cost.value_or(0) > kAmountMax;
  bad = bad || parts.incident_cost.value_or(0) < 0 || parts.incident_cost.value_or(0) > kAmountMax;
  return bad || BadNames(parts.capabilities, kNamesMax) || BadNames(parts.parents, kNamesMax) ||
         BadConstraints(action) || BadCosts(parts.monthly_costs.value_or(Amounts())) ||
         (parts.rollback_target && *parts.rollback_target == action.id);
}

bool BadGround(const Action& action) {
  const Grounds& ground = action.ground;
  const int grounds =
      ground.vacancy + ground.replaces + ground.reduces_cost + ground.consumes_reserve;
  bool bad = grounds != 1 || BadNames(ground.leaving, kLeavingMax) ||
             (ground.replaces && ground.leaving.empty()) ||
             (ground.reduces_cost && ground.leaving.empty() && ground.cost_changes.empty()) ||
             (!ground.replaces && !ground.reduces_cost && !ground.leaving.empty()) ||
             (!ground.reduces_cost && !ground.cost_changes.empty()) ||
             (ground.consumes_reserve && (action.reason.empty() || !ground.due_back_us)) ||
             (!ground.consumes_reserve && ground.due_back_us);
  for (const std::string& leaver : ground.leaving) bad = bad || leaver == action.id;
  for (const auto& [id, costs] : ground.cost_changes) {
    const bool leaves =
        std::find(ground.leaving.begin(), ground.leaving.end(), id) != ground.leaving.end();
    bad = bad || leaves || id == action.id || BadCosts(costs);
  }
  return bad;
}

bool BadOfArtifact(const Action& action) {
  if (action.verb == Verb::kRequire) return BadNames(action.capabilities, kNamesMax);
  if (action.verb == Verb::kRegister || action.verb == Verb::kPatch) {
    return !GoodId(action.id) || BadParts(action);
  }
  return action.verb == Verb::kActivate && BadGround(action);
}

bool BadEvidence(const std::map<std::string, std::string>& evidence) {
  return evidence.size() > kTextsMax ||
         std::any_of(evidence.begin(), evidence.end(), [](const auto& each) {
           return each.first.empty() || each.second.size() > kTextLengthMax;
         });
}

bool BadProposal(const Action& action) {
  static const std::set<std::string> kinds = {"RETIRE", "REPLACE", "MERGE", "ARCHIVE"};
  const ProposalParts& parts = action.proposal;
  const bool merge = parts.kind == "MERGE";
  const bool replace = parts.kind == "REPLACE";
  const bool named = !parts.result.empty();
  const bool among =
      std::find(parts.models.begin(), parts.models.end(), parts.result) != parts.models.end();
  return !GoodId(action.id) || !kinds.contains(parts.kind) || parts.models.empty() ||
         BadNames(parts.models, kProposedMax) || (merge && parts.models.size() < 2) ||
         (replace && !named) || (named && !merge && !replace) || (named && among) ||
         BadEvidence(parts.evidence);
}

// Nothing but what it is about.
bool SaysNothing(Verb verb) {
  static const std::set<Verb> verbs = {Verb::kUnlimit,       Verb::kUnrate,  Verb::kUnguard,
                                       Verb::kReset,         Verb::kRelease, Verb::kAdvance,
                                       Verb::kDeleteResource};
  return verbs.contains(verb);
}

bool BadOfProposal(const Action& action) {
  if (action.verb == Verb::kPropose) return BadProposal(action);
  if (action.verb == Verb::kAmend) return action.proposal.result.empty();
  return action.verb == Verb::kRejectProposal && action.reason.empty();
}

// Of a capability, each label of one value.
bool BadOutcomes(const Action& action) {
  return !GoodOptionalId(action.charge_id) || action.outcomes.IsNothing() ||
         !action.labels.contains("capability") || HasSplits(action.labels);
}

bool BadOfPosted(const Action& action) {
  if (action.verb == Verb::kReportOutcomes) return BadOutcomes(action);
  if (action.verb == Verb::kClosePeriod) return !MonthNamed(action.period);
  return !GoodOptionalId(action.refund_id) || !AllPositive(action.amounts);
}

bool BadBatch(const Action& action) {
  const size_t most = action.atomic ? kAtomicOperationsMax : kOperationsMax;
  if (action.members.empty() || action.members.size() > most) return true;
  return !std::all_of(action.members.begin(), action.members.end(),
                      [](const Action& member) { return MayStandInBatch(member.verb); });
}

}  // namespace

std::string Model::Malformed(const Action& action) const {
  bool bad = false;
  if (SaysNothing(action.verb)) return "";
  if (IsOfBudgets(action.verb)) return BadBudget(action) ? "invalid_argument" : "";
  switch (action.verb) {
    case Verb::kCreateResource:
      bad = BadSettings(action.settings) || BadNewResource(action.settings) ||
            (action.resource == kCount && !action.settings.capacity);
      break;
    case Verb::kUpdateResource:
      bad = BadSettings(action.settings);
      break;
    case Verb::kGrant:
    case Verb::kWithdraw:
      bad = action.amount <= 0;
      break;
    case Verb::kFreeze:
    case Verb::kUnfreeze:
      bad = BadFreeze(action);
      break;
    case Verb::kLimit:
    case Verb::kRelimit:
      bad = BadLimit(action);
      break;
    case Verb::kRateCard:
    case Verb::kRerate:
      bad = BadRates(action.card) || (action.verb == Verb::kRateCard && action.card.rates.empty());
      bad = bad || !GoodOptionalId(action.card_id);
      break;
    case Verb::kGuardrail:
    case Verb::kReguard:
      bad = !GoodOptionalId(action.guardrail_id) || action.amount < 0 || HasSplits(action.labels);
      break;
    case Verb::kReserve:
      bad = BadReservation(action);
      break;
    case Verb::kStart:
    case Verb::kRenew:
      bad = BadLease(action);
      break;
    case Verb::kSettle:
      bad = BadSettle(action);
      break;
    case Verb::kCharge:
    case Verb::kPostCharge:
      bad = !GoodOptionalId(action.charge_id) || action.amounts.empty() ||
            !AllPositive(action.amounts) || BadCategory(action.category) ||
            BadLabels(action.labels, false);
      break;
    case Verb::kEnterCost:
      bad = BadCostEntry(action);
      break;
    case Verb::kReportOutcomes:
    case Verb::kClosePeriod:
    case Verb::kRefund:
      bad = BadOfPosted(action);
      break;
    case Verb::kBatch:
      bad = BadBatch(action);
      break;
    case Verb::kResume:
      bad = action.shift_us < 0;
      break;
    default:
      bad = action.verb >= Verb::kPropose ? BadOfProposal(action) : BadOfArtifact(action);
  }
  return bad ? "invalid_argument" : "";
}

std::string Model::LacksScope(const Action& action) const {
  if ((IsOperators(action.verb) || action.verb == Verb::kRequire) && !action.admin) return "route";
  const bool approves = action.verb == Verb::kApprove || action.verb == Verb::kReject;
  if (approves && !action.approvals_write) return "route";
  const bool reviews = action.verb >= Verb::kOverrideBudget && action.verb <= Verb::kRejectRequest;
  if (reviews && !action.approvals_write) return "route";
  const bool proposes = action.verb == Verb::kPropose || action.verb == Verb::kAmend;
  if (proposes && !action.proposals_write) return "route";
  const bool decides =
      action.verb == Verb::kApproveProposal || action.verb == Verb::kRejectProposal;
  if (decides && !action.proposals_approve) return "route";
  const bool may_execute = action.proposals_approve || action.models_write;
  if (action.verb == Verb::kExecute && !may_execute) return "route";
  if (action.verb == Verb::kApprove && !action.reserve_spend) return "content";
  if (SaysConstraints(action) && !action.constraints_write) return "content";
  if (action.verb != Verb::kReserve) return "";
  const bool reserve = DrawsOnReserve(action.purpose) && !action.reserve_spend;
  const bool debt = action.overrun_policy == "DEBT" && !action.debt_incur;
  return reserve || debt ? "content" : "";
}

}  // namespace purser::model
