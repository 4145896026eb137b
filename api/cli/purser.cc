// The command line of operators: speaks the public REST API and nothing else.
#include <optional>

#include "api/cli/arguments.h"
#include "api/cli/budgets.h"
#include "api/cli/calendar.h"
#include "api/cli/caller.h"
#include "api/cli/charges.h"
#include "api/cli/connection.h"
#include "api/cli/cost_entries.h"
#include "api/cli/costs.h"
#include "api/cli/demand.h"
#include "api/cli/guardrails.h"
#include "api/cli/journal.h"
#include "api/cli/limits.h"
#include "api/cli/models.h"
#include "api/cli/output.h"
#include "api/cli/periods.h"
#include "api/cli/proposals.h"
#include "api/cli/rates.h"
#include "api/cli/reservations.h"
#include "api/cli/resources.h"
#include "api/cli/status.h"
#include "api/cli/summary.h"

namespace purser::cli {
namespace {

ExitCode RunMoney(const Arguments& arguments, Connection* connection) {
  if (arguments.command == Command::kCosts) return RunCosts(arguments, connection);
  if (arguments.command == Command::kSummary) return RunSummary(arguments, connection);
  if (arguments.command == Command::kDemand) return RunDemand(arguments, connection);
  if (arguments.command >= Command::kChargesList && arguments.command <= Command::kChargesRefund) {
    return RunCharges(arguments, connection);
  }
  if (arguments.command >= Command::kStatement && arguments.command <= Command::kDigest) {
    return RunPeriods(arguments, connection);
  }
  if (arguments.command >= Command::kBudgetsList) return RunBudgets(arguments, connection);
  if (arguments.command >= Command::kGuardrailsList) return RunGuardrails(arguments, connection);
  return arguments.command >= Command::kRatesList ? RunRates(arguments, connection)
                                                  : RunCostEntries(arguments, connection);
}

ExitCode Run(const Arguments& arguments) {
  Connection connection(arguments);
  switch (arguments.command) {
    case Command::kStatus:
      return RunStatus(arguments, &connection);
    case Command::kResources:
      return RunResources(arguments, &connection);
    case Command::kReservationsList:
    case Command::kReservationsShow:
    case Command::kReservationsCreate:
    case Command::kReservationsStart:
    case Command::kReservationsRenew:
    case Command::kReservationsCharge:
    case Command::kReservationsSettle:
    case Command::kReservationsRelease:
    case Command::kQueue:
    case Command::kWhy:
      return RunReservations(arguments, &connection);
    case Command::kCalendar:
      return RunCalendar(arguments, &connection);
    case Command::kLimitsList:
    case Command::kLimitsShow:
    case Command::kLimitsSet:
    case Command::kLimitsDelete:
      return RunLimits(arguments, &connection);
    case Command::kPopulation:
    case Command::kModelsList:
    case Command::kModelsShow:
    case Command::kModelsRegister:
    case Command::kModelsChange:
    case Command::kModelsShadow:
    case Command::kModelsActivate:
    case Command::kModelsRetire:
    case Command::kModelsArchive:
    case Command::kModelsPurge:
    case Command::kModelsRollback:
    case Command::kModelsSelect:
    case Command::kModelsExport:
    case Command::kModelsImport:
    case Command::kApprovalsList:
    case Command::kApprovalsApprove:
    case Command::kApprovalsReject:
      return RunModels(arguments, &connection);
    case Command::kProposalsList:
    case Command::kProposalsShow:
    case Command::kProposalsMake:
    case Command::kProposalsResult:
    case Command::kProposalsApprove:
    case Command::kProposalsReject:
    case Command::kProposalsWithdraw:
    case Command::kProposalsExecute:
    case Command::kProposalsReview:
    case Command::kProposers:
      return RunProposals(arguments, &connection);
    case Command::kJournalTail:
      return RunJournalTail(arguments, &connection);
    case Command::kMe:
      return RunMe(arguments, &connection);
    case Command::kVersion:
      return RunVersion(arguments, &connection);
    default:
      return RunMoney(arguments, &connection);
  }
}

}  // namespace
}  // namespace purser::cli

int main(int argc, char** argv) {
  purser::cli::Arguments arguments;
  const std::optional<int> exit_code = purser::cli::ParseArguments(argc, argv, &arguments);
  if (exit_code.has_value()) return *exit_code;
  purser::cli::ExitCode result = purser::cli::Run(arguments);
  if (result == purser::cli::ExitCode::kDone && purser::cli::IsOutputLost()) {
    purser::cli::WriteComplaint("it was done, but the output could not be written");
    result = purser::cli::ExitCode::kOutputLost;
  }
  return static_cast<int>(result);
}
