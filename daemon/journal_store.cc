#include "daemon/journal_store.h"

#include "ledger/check.h"

namespace purser {

const char* TableName(Table table) {
  // stored as column family names; do not rename.
  switch (table) {
    case Table::kMeta:
      return "meta";
    case Table::kSettings:
      return "settings";
    case Table::kJournal:
      return "journal";
    case Table::kBalances:
      return "balances";
    case Table::kReservations:
      return "reservations";
    case Table::kOpen:
      return "open";
    case Table::kCharges:
      return "charges";
    case Table::kByTime:
      return "by_time";
    case Table::kKeys:
      return "keys";
    case Table::kDebts:
      return "debts";
    case Table::kFreezes:
      return "freezes";
    case Table::kLimits:
      return "limits";
    case Table::kUsage:
      return "usage";
    case Table::kGuardrails:
      return "guardrails";
    case Table::kBudgets:
      return "budgets";
    case Table::kRateCards:
      return "rate_cards";
    case Table::kPeriods:
      return "periods";
    case Table::kCosts:
      return "costs";
    case Table::kModels:
      return "models";
    case Table::kModelVersions:
      return "model_versions";
    case Table::kActiveModels:
      return "active_models";
    case Table::kProposals:
      return "proposals";
    case Table::kProposalVersions:
      return "proposal_versions";
    case Table::kModelState:
      return "model_state";
  }
  PURSER_CHECK(false, "every table has a name");
  return "";
}

bool IsLookedUpById(Table table) {
  return table == Table::kReservations || table == Table::kOpen || table == Table::kCharges ||
         table == Table::kKeys;
}

}  // namespace purser
