#ifndef PURSER_TESTS_MODEL_ACTION_H_
#define PURSER_TESTS_MODEL_ACTION_H_

// One command on one population, as plain data: what a scenario line, the simulator and the
// reference model speak. Every command of the ledger and of reservations is here; nothing is
// decided here.
//
// Units: amounts in millionths, instants in microseconds since 1970, durations in microseconds.
// Thread-compatible.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/model/rate_card.h"

namespace purser::model {

using Amounts = std::map<std::string, int64_t>;  // By resource, in millionths.

enum class Verb {
  kCreateResource,
  kUpdateResource,
  kDeleteResource,
  kGrant,
  kWithdraw,
  kFreeze,
  kUnfreeze,
  kLimit,
  kRelimit,
  kUnlimit,
  kRateCard,
  kRerate,
  kUnrate,
  kGuardrail,
  kReguard,
  kUnguard,
  kReset,
  kCreateBudget,
  kUpdateBudget,
  kDeleteBudget,
  kCountBudget,  // What the daemon does by itself.
  kOverrideBudget,
  kApproveRequest,
  kRejectRequest,
  kReserve,
  kStart,
  kRenew,
  kCharge,
  kSettle,
  kRelease,
  kPostCharge,
  kEnterCost,
  kReportOutcomes,
  kRefund,
  kClosePeriod,
  kBatch,
  kAdvance,
  kResume,
  // Of ML models.
  kRegister,
  kPatch,
  kShadow,
  kActivate,
  kApprove,
  kReject,
  kRetire,
  kArchive,
  kPurge,
  kRollback,
  kRequire,
  // Of proposals.
  kPropose,
  kAmend,
  kApproveProposal,
  kRejectProposal,
  kWithdrawProposal,
  kExecute,
};

// What stays at a rollover: nothing, all, or at most an amount.
struct CarryOver {
  enum class Kind { kNone, kAll, kUpTo };
  Kind kind = Kind::kNone;
  int64_t amount = 0;  // Of kUpTo.
};

// Settings of a resource. For kUpdateResource an absent one stays as it is.
struct Settings {
  bool capacity = false;                   // Else consumable. Of create only.
  bool monthly = false;                    // Of create only.
  int64_t period_us = 0;                   // A duration from creation; 0 and not monthly: NONE.
  std::optional<int64_t> amount;           // Required by create.
  std::optional<int64_t> reserve_percent;  // Millionths of a percent; the default is 25 %.
  std::optional<int64_t> reserve_amount;   // Instead of the percent.
  std::optional<int64_t> min_amount;
  std::optional<int64_t> max_amount;
  std::optional<int64_t> step;
  std::optional<int64_t> overcommit_numerator;  // Together with the denominator.
  std::optional<int64_t> overcommit_denominator;
  std::optional<CarryOver> carry_available;
  std::optional<CarryOver> carry_reserve;
  std::optional<int64_t> debt_limit;
  std::optional<bool> priced;  // The default is yes.
  std::string unit = "unit";   // Of create only.
};

// A limit, or for kRelimit the parts that are changed; what is 0 is taken away.
struct LimitParts {
  std::optional<int64_t> open_reservations;
  std::optional<Amounts> share_percent;  // Millionths of a percent.
  std::optional<Amounts> request;
  std::optional<Amounts> day;
  std::optional<Amounts> month;
  std::optional<int> highest_tier;  // As Action::tier.
  std::optional<int> highest_priority;
};

// What became of results.
struct Outcomes {
  int64_t accepted = 0;
  int64_t rejected = 0;
  int64_t escalated = 0;

  bool IsNothing() const { return accepted == 0 && rejected == 0 && escalated == 0; }
};

// A budget, or for kUpdateBudget what is changed.
struct BudgetParts {
  std::optional<int64_t> amount;
  std::optional<bool> showback;
};

// What must not be done with an ML model: ACTIVATE, RETIRE, MERGE, ARCHIVE, PURGE.
struct Constraint {
  std::string kind;  // SAFETY, LEGAL, DATA or PROTECTED.
  std::string name;
  std::set<std::string> forbids;

  bool operator==(const Constraint&) const = default;
};

// What is said of an ML model. For kPatch an absent one stays as it is; of the footprint, the
// costs and the quality what is named is changed, and taken away where it is 0; the others are
// replaced as a whole.
struct ArtifactParts {
  std::optional<std::vector<std::string>> capabilities;
  std::optional<std::vector<std::string>> parents;
  std::optional<Amounts> footprint;
  std::optional<Amounts> monthly_costs;  // By category, in millionths of a dollar.
  std::optional<Amounts> quality;        // By capability.
  std::optional<std::vector<Constraint>> constraints;
  std::optional<std::string> rollback_target;  // "" is none.
  std::optional<int64_t> business_value;       // A month, in millionths of a dollar; below 0 too.
  std::optional<int64_t> cold_cost;            // What it costs to load it.
  std::optional<int64_t> incident_cost;        // What incidents are expected to cost a month.
};

// On what ground an ML model is activated: exactly one of the four.
struct Grounds {
  bool vacancy = false;
  bool replaces = false;
  std::vector<std::string> leaving;  // Of replaces; of reduces_cost its `retire`.
  bool reduces_cost = false;
  std::map<std::string, Amounts> cost_changes;  // By model and category.
  bool consumes_reserve = false;
  std::optional<int64_t> due_back_us;
};

// What is said of a proposal.
struct ProposalParts {
  std::string kind;  // RETIRE, REPLACE, MERGE or ARCHIVE.
  std::vector<std::string> models;
  std::string result;
  std::optional<int64_t> expires_us;  // Absent: 30 days from now.
  std::map<std::string, std::string> evidence;
};

struct Action {
  Verb verb = Verb::kAdvance;

  // Who asks, and with which scopes. A batch speaks for its members: theirs is not looked at.
  std::string principal = "local";
  bool admin = true;
  bool reserve_spend = true;
  bool debt_incur = true;
  bool constraints_write = true;
  bool approvals_write = true;
  bool models_write = true;
  bool proposals_write = true;
  bool proposals_approve = true;

  std::string resource;  // kCreateResource … kWithdraw.
  Settings settings;     // kCreateResource, kUpdateResource.
  int64_t amount = 0;    // kGrant, kWithdraw, kEnterCost, kGuardrail, kReguard.

  std::string
      freeze_kind;  // "population", "operator_family", "resource"; of a guardrail "experiments".
  std::string freeze_name;
  std::optional<int64_t> until_us;

  std::string limit_id;    // kLimit, kRelimit, kUnlimit.
  std::string limit_kind;  // kLimit: "principal", "each" or "label".
  std::string limit_name;  // kLimit: the principal, or the label as "key=value".
  LimitParts limit;        // kLimit, kRelimit.

  std::string card_id;  // kRateCard, kRerate, kUnrate.
  RateCardParts card;   // kRateCard, kRerate.

  // kGuardrail … kReset. `amount` is the expected cost of an hour, 0: none is; `labels` are those
  // of whom it watches.
  std::string guardrail_id;

  // kCreateBudget … kOverrideBudget; `labels` are those of what it is for, `until_us` the end of an
  // override.
  std::string budget_id;
  BudgetParts budget;  // kCreateBudget, kUpdateBudget.

  std::string id;  // The reservation: kReserve … kRelease, kApproveRequest, kRejectRequest.
  // kCharge, kPostCharge, kEnterCost, kReportOutcomes, kRefund; optional for kSettle.
  std::string charge_id;
  std::string refund_id;  // kRefund.
  std::string period;     // kClosePeriod: "2026-01".

  std::string purpose;      // kReserve.
  Amounts amounts;          // kReserve, kCharge, kSettle, kPostCharge, kRefund.
  Amounts minimum_amounts;  // kReserve, "up to".
  // kReserve, kPostCharge, kEnterCost, kReportOutcomes, kGuardrail, kCreateBudget.
  std::map<std::string, std::string> labels;
  std::optional<int64_t> lease_us;        // kReserve, kStart, kRenew; absent: the default.
  std::string overrun_policy = "EXTEND";  // kReserve.
  std::string category;                   // kCharge, kSettle, kPostCharge, kEnterCost.
  std::string corrects;                   // kEnterCost: a charge, or another one.
  std::optional<int64_t> picos;           // kEnterCost, of an activity: what one costs.
  Outcomes outcomes;                      // kReportOutcomes.
  std::optional<int64_t> quoted_us;       // kReserve: the instant whose rates it has.
  bool charge_all = false;                // kSettle.

  // kReserve: what to do when it cannot be granted at once, for how long (absent: 24 h), and how
  // far ahead of its arrival it stands in the queue.
  bool queue = false;
  std::optional<int64_t> max_queue_wait_us;
  int priority = 0;
  // kReserve: makes it a booking, which holds for its lease from this instant on.
  std::optional<int64_t> start_at_us;
  int tier = 2;  // kReserve: 1 REALTIME, 2 STANDARD, 3 BATCH, 4 FLEX.
  // kReserve, of a tier that may have to give way: how long it is left after a notice; absent: 30
  // s.
  std::optional<int64_t> grace_us;

  bool atomic = true;  // kBatch.
  std::vector<Action>
      members;  // kBatch: reservation verbs, creates and charges without reservation.

  // kAdvance: the instant to which the clock is set. kResume: the last sign of life; 0: now.
  int64_t at_us = 0;
  int64_t shift_us = 0;  // kResume: how long nobody could renew; the clock moves on by it too.

  // Of an ML model `id`, whose family stands in `labels`: kRegister … kRollback.
  ArtifactParts artifact;  // kRegister, kPatch.
  Grounds ground;          // kActivate.
  // Of constraints, of consuming the reserve, of a rejection, of an override.
  std::string reason;
  std::vector<std::string> capabilities;  // kRequire.

  // Of a proposal `id`: kPropose … kExecute.
  ProposalParts proposal;  // kPropose; kAmend, the result.
};

// The word of a verb in scenario files.
std::string ToString(Verb verb);

// The action as the line of a scenario file that repeats it (without the verdict); for a batch, a
// line for each member follows.
std::string ToString(const Action& action);

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_ACTION_H_
