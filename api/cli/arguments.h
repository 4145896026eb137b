#ifndef PURSER_API_CLI_ARGUMENTS_H_
#define PURSER_API_CLI_ARGUMENTS_H_

// The command line and its environment, read and checked: no command runs with a value that makes
// no sense by itself. What only the daemon can judge (names, limits, states) is left to it.
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "api/v1/budget.pb.h"
#include "api/v1/guardrail.pb.h"
#include "api/v1/limit.pb.h"
#include "api/v1/model.pb.h"
#include "api/v1/proposal.pb.h"
#include "api/v1/rate_card.pb.h"
#include "api/v1/reservation.pb.h"
#include "ledger/amount.h"

namespace purser::cli {

enum class Command {
  kStatus,
  kResources,
  kWhy,
  kReservationsList,
  kReservationsShow,
  kReservationsCreate,
  kReservationsStart,
  kReservationsRenew,
  kReservationsCharge,
  kReservationsSettle,
  kReservationsRelease,
  kQueue,
  kCalendar,
  kLimitsList,
  kLimitsShow,
  kLimitsSet,
  kLimitsDelete,
  kCosts,
  kAcceptedResultCosts,
  kQuote,
  kChargesList,
  kChargesShow,
  kChargesCreate,
  kChargesRefund,
  kCostEntriesCreate,
  kCostEntriesList,
  kOutcomesCreate,
  kStatement,
  kPeriodsList,
  kPeriodsClose,
  kDigest,
  kSummary,
  kDemand,
  kRatesList,
  kRatesShow,
  kRatesMake,
  kRatesChange,
  kRatesDelete,
  kGuardrailsList,
  kGuardrailsShow,
  kGuardrailsMake,
  kGuardrailsChange,
  kGuardrailsDelete,
  kGuardrailsReset,
  kBudgetsList,
  kBudgetsShow,
  kBudgetsMake,
  kBudgetsChange,
  kBudgetsDelete,
  kBudgetsOverride,
  kPopulation,
  kModelsList,
  kModelsShow,
  kModelsRegister,
  kModelsChange,
  kModelsShadow,
  kModelsActivate,
  kModelsRetire,
  kModelsArchive,
  kModelsPurge,
  kModelsRollback,
  kModelsSelect,
  kModelsExport,
  kModelsImport,
  kApprovalsList,
  kApprovalsApprove,
  kApprovalsReject,
  kProposalsList,
  kProposalsShow,
  kProposalsMake,
  kProposalsResult,
  kProposalsApprove,
  kProposalsReject,
  kProposalsWithdraw,
  kProposalsExecute,
  kProposalsReview,
  kProposers,
  kJournalTail,
  kMe,
  kVersion,
};

enum class FileFormat { kUnsaid, kCsv, kJson };

struct Arguments {
  Command command = Command::kStatus;
  std::string url = "http://127.0.0.1:7480";  // without a slash at its end
  std::string token;                          // empty: none is sent
  std::string population = "default";
  bool json = false;  // the daemon's answers as they came

  std::string id;    // of what the command is about; empty only for `create`
  std::string name;  // of a resource; empty: all of them

  // reservations
  std::string state;  // of the list; empty: every state
  int64_t limit = 50;
  v1::Purpose purpose = v1::PURPOSE_UNSPECIFIED;
  v1::OverrunPolicy overrun_policy = v1::OVERRUN_POLICY_UNSPECIFIED;
  std::map<std::string, Amount> amounts;
  std::map<std::string, Amount> minimum_amounts;
  std::map<std::string, std::string> labels;
  std::optional<int64_t> lease_us;
  bool queue = false;  // wait when it is not granted at once
  std::optional<int64_t> max_queue_wait_us;
  std::optional<int64_t> start_at_us;  // of an advance reservation
  int32_t priority = 0;
  v1::Tier tier = v1::TIER_UNSPECIFIED;
  std::optional<int64_t> preemption_grace_us;
  std::string charge_id;  // of a new charge or refund
  std::string category;   // of a charge; empty: that of each resource
  bool charge_all = false;
  std::string idempotency_key;
  bool dry_run = false;

  // limits
  v1::Limit limit_settings;

  // rates
  v1::RateCard rate_card;
  std::vector<std::string> group_by;
  std::string period;
  bool csv = false;
  std::string week;
  std::string family;
  std::string as_of;
  std::optional<int64_t> quoted_at_us;  // of a reservation
  v1::CostEntryRequest cost_entry;      // what is said of it, but its id and labels
  v1::OutcomesRequest outcomes;         // likewise

  // guardrails
  v1::Guardrail guardrail;  // what is said of it, but its id and labels

  // budgets
  v1::Budget budget;  // likewise
  v1::Enforcement enforcement = v1::ENFORCEMENT_UNSPECIFIED;
  v1::BudgetOverride budget_override;  // but its reason

  // models
  v1::Model model;  // what is said of it, but its id
  v1::ActivateRequest activation;
  std::vector<std::string> candidates;  // of a selection; none: all there are
  std::string reason;                   // of what is decided; of imported constraints
  std::string file;                     // of an import; "-": standard input
  FileFormat format = FileFormat::kUnsaid;
  std::string columns_file;  // that maps columns; empty: they are named as the fields are
  bool activate = false;     // those of the file that were ACTIVE
  v1::Proposal proposal;     // what is said of it, but its id

  // journal
  int64_t entries = 20;
  bool follow = false;
  int64_t interval_us = 1'000'000;  // before a follower connects again
};

// nullopt: `arguments` is filled. Else the exit code of the program: 0 after --help, 2 for faults;
// what the operator reads has been printed.
std::optional<int> ParseArguments(int argc, char** argv, Arguments* arguments);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_ARGUMENTS_H_
