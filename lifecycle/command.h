#ifndef PURSER_LIFECYCLE_COMMAND_H_
#define PURSER_LIFECYCLE_COMMAND_H_

// Everything that may be asked of the daemon's state, as one value. What needs no state was checked
// before a command is made (grammar, signs, ranges, scopes); what needs it is checked when it is
// decided.
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lifecycle/model_commands.h"
#include "lifecycle/proposal_commands.h"
#include "lifecycle/transaction.pb.h"
#include "reservations/commands.h"
#include "reservations/holds_since.h"
#include "reservations/if_match.h"

namespace purser {

struct CreatePopulation {
  stored::PopulationSettings settings;
  std::vector<stored::ResourceSettings> resources;
};
struct UpdatePopulation {
  std::optional<std::vector<std::string>> required_labels;
  std::optional<std::vector<std::string>> required_capabilities;
};
struct CreateResource {
  stored::ResourceSettings settings;
};
// What is absent stays as it is.
struct UpdateResource {
  std::string resource;
  std::optional<Amount> amount;
  std::optional<Amount> reserve_percent;
  std::optional<Amount> reserve_amount;
  std::optional<Amount> min_amount;
  std::optional<Amount> max_amount;
  std::optional<Amount> step;
  std::optional<std::pair<int64_t, int64_t>> overcommit;
  std::optional<stored::CarryOver> carry_available;
  std::optional<stored::CarryOver> carry_reserve;
  std::optional<Amount> debt_limit;
  std::optional<bool> priced;
};
// Puts what the update names into `settings`: the resource's own, or empty ones to judge its
// values.
void ChangeSettings(const UpdateResource& update, stored::ResourceSettings* settings);
struct DeleteResource {
  std::string resource;
};
struct GrantAmount {
  std::string resource;
  Amount amount;
  std::string reason;
};
struct WithdrawAmount {
  std::string resource;
  Amount amount;
  std::string reason;
};
// Exactly one target: the population when both names are empty.
struct CreateFreeze {
  std::string id;  // empty: the daemon chooses one
  std::string operator_family;
  std::string resource;
  std::string reason;
  InstantUs until_us = 0;  // 0: until it is lifted
};
struct DeleteFreeze {
  std::string id;
};
// The limit as it is asked for, with what the daemon adds to it left out; an id may be absent.
struct CreateLimit {
  stored::Limit limit;
};
// What is absent stays as it is; what is 0 is taken away, but for a priority.
struct UpdateLimit {
  std::string id;
  stored::Limit changes;  // neither id nor subject
};
struct DeleteLimit {
  std::string id;
};
// The card as it is asked for, with what the daemon adds to it left out; an id may be absent, and
// the instant from which it is valid.
struct CreateRateCard {
  stored::RateCard card;
};
// What is absent stays as it is; rates are replaced whole.
struct UpdateRateCard {
  std::string id;
  std::optional<InstantUs> valid_from_us;
  std::optional<InstantUs> valid_until_us;
  stored::RateCard changes;  // its rates alone
};
struct DeleteRateCard {
  std::string id;
};
// The guardrail as it is asked for, with what the daemon adds to it left out; an id may be absent.
struct CreateGuardrail {
  stored::Guardrail guardrail;
};
struct UpdateGuardrail {
  std::string id;
  std::optional<Amount> expected_hourly_cost;  // 0: none is expected any more
};
struct DeleteGuardrail {
  std::string id;
};
// Experiments go on.
struct ResetGuardrail {
  std::string id;
  std::string reason;
};
// The budget as it is asked for, with what the daemon adds to it left out; an id may be absent.
struct CreateBudget {
  stored::Budget budget;
};
// What is absent stays as it is.
struct UpdateBudget {
  std::string id;
  std::optional<Amount> amount;
  std::optional<stored::Budget::Enforcement> enforcement;
};
struct DeleteBudget {
  std::string id;
};
struct OverrideBudget {
  std::string id;
  std::string reason;
  InstantUs until_us = 0;
};
// Of the budget that the entry made: some of those that held something of it before, and hold it
// still, and what was spent in its month up to that entry, which does not change any more and is in
// the journal. The daemon's own; no client asks for it.
inline constexpr size_t kCountedHoldsMax = 1'000;  // and the rest of their entry
struct CountBudget {
  std::string id;
  uint64_t sequence = 0;
  uint64_t counted_after = 0;      // so far
  uint64_t now_counted_after = 0;  // by this; 0: nothing is left to count
  absl::int128 spent = 0;          // where that is 0
  // Ids, each once: all of those that hold by an entry behind the one and not behind the other.
  std::vector<std::string> held = {};
};
// Of a request that waits for it.
struct ApproveRequest {
  std::string reservation;
  std::string reason;
};
struct RejectRequest {
  std::string reservation;
  std::string reason;
};
// A calendar month, with what its sender saw once all of the month was durable: when it begins and
// ends, and who still holds what may be charged to it, of whom there are only ever fewer
// (reservations/holds_since.h): what was seen may be too much, and never too little.
struct ClosePeriod {
  std::string period;  // "2026-11"
  std::string reason;
  InstantUs from_us = 0;
  InstantUs until_us = 0;
  bool was_over = false;  // when who holds was looked at
  HoldsSince held;
};
// Nothing by itself: commits what is due.
struct Tick {};

// One operation of a batch. A member whose id is used already was compared by the thread that sends
// it.
using BatchOperation =
    std::variant<RequestReservation, StartReservation, RenewReservation, ChargeReservation,
                 SettleReservation, ReleaseReservation, PostCharge, EnterCost, ReportOutcomes>;
struct BatchMember {
  enum class Known { kNew, kReplay, kConflict };
  BatchOperation operation;
  Known known = Known::kNew;
  std::optional<stored::Answer> replay;  // of kReplay, and of kConflict where it was denied before
  std::optional<stored::Refusal> refusal;  // of kConflict, and of one that is malformed by itself
  bool malformed = false;
  // Of a member that uses an id: the first member that uses the same, and the first of those that
  // says the same with it (by index; itself where there is none before). Once one of them has taken
  // effect the others are its replays or conflicts.
  struct IdUse {
    size_t first = 0;
    size_t first_of_content = 0;
  };
  std::optional<IdUse> id_use;
};
struct Batch {
  bool atomic = false;
  std::vector<BatchMember> members;
};

// What the follower found out about denials of this population, to be recorded: of one that was
// explained since the Lookup the command is stale. Sent by who answers the denials.
struct ExplainRequests {
  std::vector<stored::RequestExplained> explained;
};

// One that waits is granted though others wait for the same before it: the follower found that it
// delays none of them, as of a state in which nothing has changed since. Sent by the daemon itself.
struct LetPass {
  std::string id;
  uint64_t judged_sequence = 0;
  InstantUs judged_us = 0;
};

// An idempotency key that was sent with the command; `record` lacks its answers.
struct KeyUse {
  std::string key;
  stored::KeyRecord record;
};

struct Command {
  std::string population;
  Caller caller;
  std::string request_id;
  std::string traceparent;
  std::optional<KeyUse> key;
  std::optional<IfMatch> if_match;
  bool dry_run = false;
  Lookup lookup;
  std::variant<
      Tick, CreatePopulation, UpdatePopulation, CreateResource, UpdateResource, DeleteResource,
      GrantAmount, WithdrawAmount, CreateFreeze, DeleteFreeze, RequestReservation, StartReservation,
      RenewReservation, ChargeReservation, SettleReservation, ReleaseReservation, PostCharge,
      RefundCharge, Batch, ExplainRequests, CreateLimit, UpdateLimit, DeleteLimit, LetPass,
      RegisterModel, UpdateModel, ShadowModel, ActivateModel, RetireModel, ArchiveModel, PurgeModel,
      RollBackModel, ApproveActivation, RejectActivation, Propose, UpdateProposal, ApproveProposal,
      RejectProposal, WithdrawProposal, ExecuteProposal, CreateRateCard, UpdateRateCard,
      DeleteRateCard, EnterCost, ReportOutcomes, CreateGuardrail, UpdateGuardrail, DeleteGuardrail,
      ResetGuardrail, ClosePeriod, CreateBudget, UpdateBudget, DeleteBudget, OverrideBudget,
      ApproveRequest, RejectRequest, CountBudget>
      body;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_COMMAND_H_
