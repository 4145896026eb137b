// Which problems a route may answer: most follow from the row in the route table.
#include <algorithm>

#include "absl/strings/match.h"
#include "api/openapi_operations.h"
#include "api/v1/reservation.pb.h"

namespace purser::api {
namespace {

// In the order of judgement, as far as the request alone is looked at.
void AddOfRequest(const Route& route, std::vector<Reason>* reasons) {
  const bool of_population = absl::StrContains(route.path, "{population}");
  const bool scoped = *route.scope != '\0';
  reasons->insert(
      reasons->end(),
      {stored::MISDIRECTED, stored::METHOD_NOT_ALLOWED, stored::UNAUTHENTICATED,
       stored::BODY_TOO_LARGE, stored::UNSUPPORTED_MEDIA_TYPE, stored::NOT_ACCEPTABLE,
       stored::MALFORMED, stored::INVALID_ARGUMENT, stored::UNKNOWN_FIELD, stored::OVERLOADED});
  if (absl::StrContains(route.path, "{")) reasons->push_back(stored::NOT_FOUND);
  if (of_population || scoped) reasons->push_back(stored::FORBIDDEN);
  if (absl::StrContains(route.query, "as_of")) reasons->push_back(stored::AS_OF_IN_FUTURE);
}

void AddOfBody(const Operation& operation, std::vector<Reason>* reasons) {
  if (operation.request == nullptr) return;
  if (HasFieldsNotBuilt(operation.request)) reasons->push_back(stored::NOT_SUPPORTED);
  const bool updates = operation.use == Use::kUpdate && HasImmutableFields(operation.request);
  if (updates) reasons->push_back(stored::IMMUTABLE);
}

void AddOfState(const Route& route, std::vector<Reason>* reasons) {
  const bool records = route.mutating || route.action == Action::kAdvanceClock ||
                       route.action == Action::kReviewModels;
  if (records) {
    reasons->insert(reasons->end(), {stored::READ_ONLY, stored::COMMIT_UNKNOWN});
  } else if (absl::StrContains(route.path, "/v1/populations")) {
    reasons->push_back(stored::READ_ONLY);  // while the store is being reopened
  }
  if (absl::StrContains(route.path, "/v1/populations")) reasons->push_back(stored::INTERNAL);
  if (route.mutating && std::string_view(route.method) == "POST") {
    reasons->push_back(stored::KEY_CONFLICT);
  }
  if (TakesTokens(route.action)) reasons->push_back(stored::RATE_LIMITED);
  const IfMatchUse if_match = IfMatchUseOf(route.action);
  if (if_match == IfMatchUse::kRequired) reasons->push_back(stored::PRECONDITION_REQUIRED);
  if (if_match != IfMatchUse::kNone) reasons->push_back(stored::PRECONDITION_FAILED);
}

}  // namespace

IfMatchUse IfMatchUseOf(Action action) {
  switch (action) {
    case Action::kUpdatePopulation:
    case Action::kUpdateResource:
    case Action::kDeleteResource:
    case Action::kUpdateLimit:
    case Action::kDeleteLimit:
    case Action::kUpdateRateCard:
    case Action::kDeleteRateCard:
    case Action::kUpdateGuardrail:
    case Action::kDeleteGuardrail:
    case Action::kUpdateBudget:
    case Action::kDeleteBudget:
    case Action::kUpdateModel:
    case Action::kUpdateProposal:
      return IfMatchUse::kRequired;
    case Action::kGrant:
    case Action::kWithdraw:
    case Action::kResetGuardrail:
    case Action::kOverrideBudget:
    case Action::kBatch:
    case Action::kStart:
    case Action::kRenew:
    case Action::kCharge:
    case Action::kSettle:
    case Action::kRelease:
    case Action::kShadowModel:
    case Action::kActivateModel:
    case Action::kRetireModel:
    case Action::kArchiveModel:
    case Action::kPurgeModel:
    case Action::kRollBackModel:
    case Action::kApprove:
    case Action::kApproveProposal:
    case Action::kRejectProposal:
    case Action::kWithdrawProposal:
    case Action::kExecuteProposal:
      return IfMatchUse::kHonoured;
    default:
      return IfMatchUse::kNone;
  }
}

bool TakesTokens(Action action) {
  switch (action) {
    case Action::kCreateReservation:
    case Action::kBatch:
    case Action::kStart:
    case Action::kRenew:
    case Action::kCharge:
    case Action::kSettle:
    case Action::kRelease:
    case Action::kPostCharge:
    case Action::kRefund:
    case Action::kEnterCost:
    case Action::kReportOutcomes:
      return true;
    default:
      return false;
  }
}

std::map<int, std::vector<Reason>> RefusalsOf(const Route& route) {
  const Operation& operation = OperationOf(route.action);
  std::vector<Reason> reasons = operation.reasons;
  AddOfRequest(route, &reasons);
  AddOfBody(operation, &reasons);
  AddOfState(route, &reasons);
  std::sort(reasons.begin(), reasons.end());
  reasons.erase(std::unique(reasons.begin(), reasons.end()), reasons.end());
  std::map<int, std::vector<Reason>> by_status;
  for (Reason reason : reasons) by_status[KindOfProblem(reason).status].push_back(reason);
  // What is no readable HTTP (http_server.h) is malformed with a status of its own.
  for (const int status : {408, 417, 431, 505}) by_status[status] = {stored::MALFORMED};
  return by_status;
}

}  // namespace purser::api
