#include "daemon/command_rules.h"

namespace purser {
namespace {

constexpr uint32_t kHold = Mask(stored::HOLD, stored::HOLD_FROM_RESERVE);

// But for grants out of the queue.
uint32_t OwnOperationsOf(stored::CommandKind command) {
  constexpr uint32_t kEnd = Mask(stored::GIVE_BACK, stored::LAPSE);
  constexpr uint32_t kCharge = Mask(stored::START, stored::CHARGE, stored::OVERRUN);
  constexpr uint32_t kOccupy = kHold | Mask(stored::START);
  switch (command) {
    case stored::CREATE_POPULATION:
    case stored::CREATE_RESOURCE:
      return Mask(stored::GRANT);
    case stored::UPDATE_RESOURCE:
      return Mask(stored::GRANT, stored::WITHDRAW, stored::LOWER_TARGET, stored::RAISE_TARGET);
    case stored::DELETE_RESOURCE:
      return Mask(stored::DELETE);
    case stored::GRANT_AMOUNT:
    case stored::WITHDRAW_AMOUNT:
      return Mask(stored::GRANT, stored::WITHDRAW);
    case stored::CREATE_RESERVATION:
      return kHold;
    case stored::START_RESERVATION:
      return Mask(stored::START);
    case stored::CHARGE_RESERVATION:
    case stored::POST_CHARGE:
      return kCharge;
    case stored::SETTLE_RESERVATION:
      return kCharge | kEnd;
    case stored::RELEASE_RESERVATION:
    case stored::EXPIRE:
    case stored::TIME_OUT:
    case stored::PREEMPT:
      return kEnd;
    case stored::REFUND_CHARGE:
      return Mask(stored::REFUND, stored::REFUND_OF_CLOSED_PERIOD, stored::LAPSE);
    case stored::ATOMIC_BATCH:
      return kHold | kCharge | kEnd;
    case stored::REGISTER_MODEL:
    case stored::SHADOW_MODEL:
      return kOccupy;
    case stored::UPDATE_MODEL:
    case stored::ROLL_BACK_MODEL:
    case stored::APPROVE_ACTIVATION:
      return kOccupy | Mask(stored::GIVE_BACK);
    case stored::ACTIVATE_MODEL:
      return kOccupy | Mask(stored::GIVE_BACK, stored::GRANT);
    case stored::EXECUTE_PROPOSAL:
      return kOccupy | Mask(stored::GIVE_BACK);
    case stored::RETIRE_MODEL:
    case stored::PURGE_MODEL:
      return Mask(stored::GIVE_BACK);
    case stored::ROLLOVER:
      return Mask(stored::CLOSE_PERIOD, stored::LOWER_TARGET, stored::GRANT);
    default:
      return 0;
  }
}

}  // namespace

// Whatever makes room grants out of the queue.
uint32_t OperationsOf(stored::CommandKind command) { return OwnOperationsOf(command) | kHold; }

bool HasReservationFacts(stored::CommandKind command) {
  return (command >= stored::CREATE_RESERVATION && command <= stored::EXPLAIN_REQUESTS) ||
         command == stored::LET_PASS || command == stored::EXPIRE || command == stored::TIME_OUT ||
         command == stored::PREEMPT || command == stored::START_SCHEDULED ||
         command == stored::ENTER_COST || command == stored::REPORT_OUTCOMES ||
         command == stored::APPROVE_REQUEST || command == stored::REJECT_REQUEST;
}

bool FollowsReservations(const stored::LedgerFact& fact) {
  return fact.has_debt_incurred() || fact.has_debt_repaid() || fact.has_hour_began() ||
         !fact.frozen().guardrail().empty() || fact.has_budget_crossed();
}

bool IsDueCommand(stored::CommandKind command) {
  return command == stored::ROLLOVER || command == stored::THAW || command == stored::TIME_OUT ||
         command == stored::EXPIRE || command == stored::PREEMPT ||
         command == stored::START_SCHEDULED || command == stored::NEW_DAY ||
         command == stored::END_ROLLBACK_WINDOW || command == stored::EXPIRE_APPROVAL ||
         command == stored::EXPIRE_PROPOSAL || command == stored::BOOK_SAVING ||
         command == stored::COST_MONTH || command == stored::NEW_RATES;
}

bool HasModelFacts(stored::CommandKind command) {
  return (command >= stored::REGISTER_MODEL && command <= stored::ROLL_BACK_MODEL) ||
         (command >= stored::END_ROLLBACK_WINDOW && command <= stored::BOOK_SAVING) ||
         (command >= stored::APPROVE_ACTIVATION && command <= stored::EXECUTE_PROPOSAL);
}

bool Does(const stored::Entry& entry, const Due& due) {
  if (entry.command() != due.kind) return false;
  if (due.kind == stored::NEW_DAY || due.kind == stored::NEW_RATES) return true;
  for (const auto& fact : entry.ledger_facts()) {
    if (fact.has_rolled_over() && fact.rolled_over().resource() == due.resource) return true;
    if (fact.has_thawed() && fact.thawed().id() == due.id) return true;
    if (due.kind == stored::COST_MONTH && fact.has_cost_month_began()) return true;
  }
  for (const auto& fact : entry.reservation_facts()) {
    if (fact.has_ended() && fact.ended().id() == due.id) return true;
    const bool starts = due.kind == stored::START_SCHEDULED;
    const bool preempts = due.kind == stored::PREEMPT;
    if (preempts && fact.has_granted() && fact.granted().id() == due.id) return true;
    if (preempts && fact.has_notice_withdrawn() && fact.notice_withdrawn().id() == due.id) {
      return true;
    }
    if (starts && fact.has_granted() && fact.granted().id() == due.id) return true;
    if (starts && fact.has_delayed() && fact.delayed().id() == due.id) return true;
  }
  for (const auto& fact : entry.model_facts()) {
    if (fact.has_moved() && fact.moved().id() == due.id) return true;
    if (fact.has_approval_ended() && fact.approval_ended().id() == due.id) return true;
    if (fact.has_proposal() && ProposalOf(fact.proposal()) == due.id) return true;
  }
  return false;
}

}  // namespace purser
