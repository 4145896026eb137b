#include "api/openapi_operations_costs.h"

#include "api/v1/budget.pb.h"
#include "api/v1/cost.pb.h"
#include "api/v1/cost_entry.pb.h"
#include "api/v1/digest.pb.h"
#include "api/v1/guardrail.pb.h"
#include "api/v1/period.pb.h"
#include "api/v1/population.pb.h"
#include "api/v1/reservation.pb.h"
#include "api/v1/summary.pb.h"

namespace purser::api {

using stored::ID_CONFLICT;
using stored::LIMIT_OF_THE_DAEMON;
using stored::REFUND_EXCEEDS_CHARGE;
using stored::UNKNOWN_RESOURCE;

std::vector<Operation> ChargeOperations() {
  return {
      {Action::kListDebts, "listDebts", kChargesTag, "List the debts, by resource, oldest first",
       nullptr, v1::DebtList::descriptor()},
      {Action::kListCharges, "listCharges", kChargesTag, "List charges, newest first", nullptr,
       v1::ChargeList::descriptor()},
      {Action::kPostCharge,
       "postCharge",
       kChargesTag,
       "Charge usage without a reservation",
       v1::ChargeRequest::descriptor(),
       v1::Charge::descriptor(),
       {201},
       Use::kRequest,
       {ID_CONFLICT, UNKNOWN_RESOURCE}},
      {Action::kGetCharge, "getCharge", kChargesTag, "Read a charge", nullptr,
       v1::Charge::descriptor()},
      {Action::kRefund,
       "refundCharge",
       kChargesTag,
       "Refund a charge, or what is left of it",
       v1::RefundRequest::descriptor(),
       v1::Charge::descriptor(),
       {201},
       Use::kRequest,
       {ID_CONFLICT, UNKNOWN_RESOURCE, REFUND_EXCEEDS_CHARGE, LIMIT_OF_THE_DAEMON}},
  };
}

std::vector<Operation> GuardrailOperations() {
  const auto* guardrail = v1::Guardrail::descriptor();
  const auto* none = v1::ReleaseRequest::descriptor();
  return {
      {Action::kListGuardrails, "listGuardrails", kGuardrailsTag,
       "List the guardrails, with what their hour costs", nullptr, v1::GuardrailList::descriptor()},
      {Action::kCreateGuardrail,
       "createGuardrail",
       kGuardrailsTag,
       "Stop experiments in hours that cost too much",
       guardrail,
       guardrail,
       {200, 201},
       Use::kRequest,
       {ID_CONFLICT, LIMIT_OF_THE_DAEMON}},
      {Action::kGetGuardrail, "getGuardrail", kGuardrailsTag, "Read a guardrail", nullptr,
       guardrail},
      {Action::kUpdateGuardrail,
       "updateGuardrail",
       kGuardrailsTag,
       "Change what an hour is expected to cost",
       guardrail,
       guardrail,
       {200},
       Use::kUpdate,
       {}},
      {Action::kDeleteGuardrail, "deleteGuardrail", kGuardrailsTag,
       "Delete a guardrail; what it stopped goes on", none, guardrail},
      {Action::kResetGuardrail,
       "resetGuardrail",
       kGuardrailsTag,
       "Let experiments go on",
       v1::GuardrailReset::descriptor(),
       guardrail,
       {200},
       Use::kRequest,
       {stored::WRONG_STATE}},
  };
}

std::vector<Operation> BudgetOperations() {
  const auto* budget = v1::Budget::descriptor();
  const auto* none = v1::ReleaseRequest::descriptor();
  return {
      {Action::kListBudgets, "listBudgets", kBudgetsTag,
       "List the budgets, with what is spent and held of each", nullptr,
       v1::BudgetList::descriptor()},
      {Action::kCreateBudget,
       "createBudget",
       kBudgetsTag,
       "Say what may be spent in a month",
       budget,
       budget,
       {200, 201},
       Use::kRequest,
       {ID_CONFLICT, LIMIT_OF_THE_DAEMON}},
      {Action::kGetBudget, "getBudget", kBudgetsTag,
       "Read a budget, what is spent and held of it, and where that leads", nullptr, budget},
      {Action::kUpdateBudget,
       "updateBudget",
       kBudgetsTag,
       "Change the amount of a budget, or whether it is enforced",
       budget,
       budget,
       {200},
       Use::kUpdate,
       {}},
      {Action::kDeleteBudget, "deleteBudget", kBudgetsTag,
       "Delete a budget; what it refused goes on", none, budget},
      {Action::kOverrideBudget, "overrideBudget", kBudgetsTag,
       "Let a budget refuse nothing until an instant", v1::BudgetOverride::descriptor(), budget},
  };
}

std::vector<Operation> CostOperations() {
  const auto* entry = v1::CostEntry::descriptor();
  const auto* outcomes = v1::Outcomes::descriptor();
  return {
      {Action::kListCostEntries, "listCostEntries", kCostsTag, "List cost entries, newest first",
       nullptr, v1::CostEntryList::descriptor()},
      {Action::kEnterCost,
       "enterCost",
       kCostsTag,
       "Enter money that no resource measures, or correct what was posted",
       v1::CostEntryRequest::descriptor(),
       entry,
       {201},
       Use::kRequest,
       {ID_CONFLICT, UNKNOWN_RESOURCE, LIMIT_OF_THE_DAEMON, stored::AS_OF_IN_FUTURE}},
      {Action::kGetCostEntry, "getCostEntry", kCostsTag, "Read a cost entry", nullptr, entry},
      {Action::kListOutcomes, "listOutcomes", kCostsTag, "List reports of outcomes, newest first",
       nullptr, v1::OutcomesList::descriptor()},
      {Action::kReportOutcomes,
       "reportOutcomes",
       kCostsTag,
       "Report what became of results",
       v1::OutcomesRequest::descriptor(),
       outcomes,
       {201},
       Use::kRequest,
       {ID_CONFLICT}},
      {Action::kGetOutcomes, "getOutcomes", kCostsTag, "Read a report of outcomes", nullptr,
       outcomes},
      {Action::kQuote,
       "quote",
       kCostsTag,
       "Tell what amounts cost now, at rates that stay good for a day",
       v1::QuoteRequest::descriptor(),
       v1::Quote::descriptor(),
       {200},
       Use::kRequest,
       {UNKNOWN_RESOURCE}},
      {Action::kReadCosts,
       "readCosts",
       kCostsTag,
       "Read what a month cost, by labels, category or resource",
       nullptr,
       v1::CostReport::descriptor(),
       {200},
       Use::kRequest,
       {LIMIT_OF_THE_DAEMON}},
      {Action::kReadStatement,
       "readStatement",
       kCostsTag,
       "Read the statement of a month on both axes, as JSON or CSV",
       nullptr,
       v1::Statement::descriptor(),
       {200},
       Use::kRequest,
       {LIMIT_OF_THE_DAEMON}},
      {Action::kReadAcceptedResultCosts,
       "readAcceptedResultCosts",
       kCostsTag,
       "Compare what an accepted result cost, with every part of it",
       nullptr,
       v1::AcceptedResultCostReport::descriptor(),
       {200},
       Use::kRequest,
       {LIMIT_OF_THE_DAEMON}},
  };
}

std::vector<Operation> PeriodOperations() {
  return {
      {Action::kStreamCostLines, "streamCostLines", kCostsTag,
       "Read each cost of a month, as lines of JSON or CSV", nullptr, nullptr},
      {Action::kListPeriods, "listPeriods", kCostsTag, "List the months, newest first", nullptr,
       v1::PeriodList::descriptor()},
      {Action::kGetPeriod, "getPeriod", kCostsTag, "Read whether a month is closed", nullptr,
       v1::Period::descriptor()},
      {Action::kClosePeriod,
       "closePeriod",
       kCostsTag,
       "Close a month: its statement never changes from then on",
       v1::ClosePeriodRequest::descriptor(),
       v1::Period::descriptor(),
       {200},
       Use::kRequest,
       {stored::PERIOD_NOT_OVER, stored::PERIOD_HELD}},
      {Action::kReadDigest,
       "readDigest",
       kCostsTag,
       "Compare what a week cost with the weeks before it",
       nullptr,
       v1::Digest::descriptor(),
       {200},
       Use::kRequest,
       {LIMIT_OF_THE_DAEMON}},
      {Action::kReadSummary,
       "readSummary",
       kCostsTag,
       "Read what the month costs, how fast, and where that leads",
       nullptr,
       v1::Summary::descriptor(),
       {200},
       Use::kRequest,
       {LIMIT_OF_THE_DAEMON}},
  };
}

}  // namespace purser::api
