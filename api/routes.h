#ifndef PURSER_API_ROUTES_H_
#define PURSER_API_ROUTES_H_

// The route table: method and path to what is to be done, the scope it needs and the query
// parameters it knows. 404 and 405 come from it, and the pages and tests that describe the API loop
// over it. Thread-safe: constant data.
#include <string>
#include <string_view>
#include <vector>

namespace purser::api {

enum class Action {
  kListPopulations,
  kCreatePopulation,
  kGetPopulation,
  kUpdatePopulation,
  kListResources,
  kCreateResource,
  kGetResource,
  kUpdateResource,
  kDeleteResource,
  kGrant,
  kWithdraw,
  kListFreezes,
  kCreateFreeze,
  kGetFreeze,
  kDeleteFreeze,
  kListLimits,
  kCreateLimit,
  kGetLimit,
  kUpdateLimit,
  kDeleteLimit,
  kListRateCards,
  kCreateRateCard,
  kGetRateCard,
  kUpdateRateCard,
  kDeleteRateCard,
  kListGuardrails,
  kCreateGuardrail,
  kGetGuardrail,
  kUpdateGuardrail,
  kDeleteGuardrail,
  kResetGuardrail,
  kListBudgets,
  kCreateBudget,
  kGetBudget,
  kUpdateBudget,
  kDeleteBudget,
  kOverrideBudget,
  kListModels,
  kRegisterModel,
  kGetModel,
  kUpdateModel,
  kShadowModel,
  kActivateModel,
  kRetireModel,
  kArchiveModel,
  kPurgeModel,
  kRollBackModel,
  kReadModels,
  kListApprovals,
  kApprove,
  kReject,
  kListProposals,
  kPropose,
  kGetProposal,
  kUpdateProposal,
  kApproveProposal,
  kRejectProposal,
  kWithdrawProposal,
  kExecuteProposal,
  kListProposers,
  kReviewModels,
  kSelectModels,
  kListDebts,
  kReadQueue,
  kReadCalendar,
  kReadDemand,
  kReadCosts,
  kReadAcceptedResultCosts,
  kReadStatement,
  kStreamCostLines,
  kListPeriods,
  kGetPeriod,
  kClosePeriod,
  kReadDigest,
  kReadSummary,
  kQuote,
  kListReservations,
  kCreateReservation,
  kGetReservation,
  kBatch,
  kExplain,
  kStart,
  kRenew,
  kCharge,
  kSettle,
  kRelease,
  kListCharges,
  kPostCharge,
  kGetCharge,
  kRefund,
  kListCostEntries,
  kEnterCost,
  kGetCostEntry,
  kListOutcomes,
  kReportOutcomes,
  kGetOutcomes,
  kListEntries,
  kGetEntry,
  kWatch,
  kVerify,
  kMe,
  kCheckAccess,
  kListProblems,
  kGetProblem,
  kLive,
  kReady,
  kMetrics,
  kVersion,
  kOpenApi,
  kAdvanceClock,
};

struct Route {
  const char* method;
  const char* path;  // segments in braces match one; a last ":verb" is part of the pattern
  Action action;
  const char* scope;  // "": none; "a|b": either
  const char* query;  // the parameters it knows, by comma
  bool mutating;
};

const std::vector<Route>& Routes();

struct RouteMatch {
  const Route* route = nullptr;         // nullptr: no such path, or not with this method
  std::vector<std::string> parameters;  // of the braces, decoded, in order
  std::string allow;                    // the methods that the path has; "": no such path
};

// `path` is raw. A path that is not well-formed percent-encoding of UTF-8, or that encodes a slash
// or a control character, matches nothing. Exact: case counts, no trailing slash, no dot segments.
RouteMatch Match(std::string_view method, std::string_view path, bool test_clock);

// Splits a raw query; false when it is not well-formed, or no UTF-8 without control characters.
bool ParseQuery(std::string_view query,
                std::vector<std::pair<std::string, std::string>>* parameters);

}  // namespace purser::api

#endif  // PURSER_API_ROUTES_H_
