#include "api/routes.h"

#include <deque>
#include <optional>

#include "absl/strings/str_split.h"
#include "ledger/names.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

constexpr char kP[] = "/v1/populations/{population}";
constexpr char kPage[] = "page_size,page_token";
constexpr char kDry[] = "dry_run";
constexpr char kHolder[] = "reservations:write|admin";
constexpr char kModels[] = "models:write|admin";
constexpr char kReadsModels[] = "ledger:read|models:write";
constexpr char kReadsMoney[] = "ledger:read|finance";
constexpr char kReadsProposals[] = "ledger:read|proposals:write|proposals:approve";

std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out.push_back(' ');
      continue;
    }
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = digit(text[i + 1]);
    const int low = digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  // Answers quote it, and they are UTF-8.
  if (!IsText(out, out.size())) return std::nullopt;
  return out;
}

bool IsSegment(std::string_view segment) {
  for (char c : segment) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '/' || c == 0x7F) return false;
  }
  return true;
}

std::vector<std::string_view> Split(std::string_view path) {
  std::vector<std::string_view> parts;
  for (absl::string_view part : absl::StrSplit(ToAbsl(path), '/')) parts.push_back(ToStd(part));
  return parts;
}

// Whether one segment of a path matches one of a pattern: "{id}:verb", "{id}", "word:verb" or
// "word".
bool MatchSegment(std::string_view pattern, std::string_view raw,
                  std::vector<std::string>* parameters) {
  if (pattern.empty() || pattern.front() != '{') return pattern == raw;
  const std::string_view verb = pattern.substr(pattern.find('}') + 1);
  if (!verb.empty()) {
    if (raw.size() <= verb.size() || raw.substr(raw.size() - verb.size()) != verb) return false;
    raw.remove_suffix(verb.size());
  } else if (raw.find(':') != std::string_view::npos) {
    return false;
  }
  auto decoded = PercentDecode(raw, false);
  if (!decoded.has_value() || decoded->empty() || !IsSegment(*decoded)) return false;
  parameters->push_back(*std::move(decoded));
  return true;
}

using Parts = std::vector<std::string_view>;

bool MatchPath(const Parts& parts, const Parts& segments, std::vector<std::string>* parameters) {
  if (parts.size() != segments.size()) return false;
  parameters->clear();
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!MatchSegment(parts[i], segments[i], parameters)) return false;
  }
  return true;
}

// In the order of the table in API.md.
class RouteTable {
 public:
  std::vector<Route> Make() {
    AddSettings();
    AddModels();
    AddProposals();
    AddReservations();
    AddBooks();
    AddPages();
    return std::move(routes_);
  }

 private:
  void Add(const char* method, std::string_view path, Action action, const char* scope,
           const char* query, bool mutating) {
    static auto* const paths = new std::deque<std::string>();  // the routes point into it
    paths->emplace_back(path);
    routes_.push_back({method, paths->back().c_str(), action, scope, query, mutating});
  }
  // Below a population.
  void AddIn(const char* method, std::string_view below, Action action, const char* scope,
             const char* query, bool mutating) {
    Add(method, Concat(kP, below), action, scope, query, mutating);
  }

  void AddSettings() {
    Add("GET", "/v1/populations", Action::kListPopulations, "ledger:read", kPage, false);
    Add("POST", "/v1/populations", Action::kCreatePopulation, "admin", kDry, true);
    AddIn("GET", "", Action::kGetPopulation, "ledger:read", "", false);
    AddIn("PATCH", "", Action::kUpdatePopulation, "admin", kDry, true);
    AddIn("GET", "/resources", Action::kListResources, "ledger:read", "page_size,page_token,as_of",
          false);
    AddIn("POST", "/resources", Action::kCreateResource, "admin", kDry, true);
    AddIn("GET", "/resources/{resource}", Action::kGetResource, "ledger:read", "as_of", false);
    AddIn("PATCH", "/resources/{resource}", Action::kUpdateResource, "admin", kDry, true);
    AddIn("DELETE", "/resources/{resource}", Action::kDeleteResource, "admin", kDry, true);
    AddIn("POST", "/resources/{resource}:grant", Action::kGrant, "admin", kDry, true);
    AddIn("POST", "/resources/{resource}:withdraw", Action::kWithdraw, "admin", kDry, true);
    AddIn("GET", "/freezes", Action::kListFreezes, "ledger:read|admin", kPage, false);
    AddIn("POST", "/freezes", Action::kCreateFreeze, "admin", kDry, true);
    AddIn("GET", "/freezes/{freeze}", Action::kGetFreeze, "ledger:read|admin", "", false);
    AddIn("DELETE", "/freezes/{freeze}", Action::kDeleteFreeze, "admin", kDry, true);
    AddIn("GET", "/limits", Action::kListLimits, "ledger:read|admin", kPage, false);
    AddIn("POST", "/limits", Action::kCreateLimit, "admin", kDry, true);
    AddIn("GET", "/limits/{limit}", Action::kGetLimit, "ledger:read|admin", "", false);
    AddIn("PATCH", "/limits/{limit}", Action::kUpdateLimit, "admin", kDry, true);
    AddIn("DELETE", "/limits/{limit}", Action::kDeleteLimit, "admin", kDry, true);
    AddIn("GET", "/rate-cards", Action::kListRateCards, "ledger:read|admin", kPage, false);
    AddIn("POST", "/rate-cards", Action::kCreateRateCard, "admin", kDry, true);
    AddIn("GET", "/rate-cards/{rate_card}", Action::kGetRateCard, "ledger:read|admin", "", false);
    AddIn("PATCH", "/rate-cards/{rate_card}", Action::kUpdateRateCard, "admin", kDry, true);
    AddIn("DELETE", "/rate-cards/{rate_card}", Action::kDeleteRateCard, "admin", kDry, true);
    AddIn("GET", "/guardrails", Action::kListGuardrails, "ledger:read|admin", kPage, false);
    AddIn("POST", "/guardrails", Action::kCreateGuardrail, "admin", kDry, true);
    AddIn("GET", "/guardrails/{guardrail}", Action::kGetGuardrail, "ledger:read|admin", "", false);
    AddIn("PATCH", "/guardrails/{guardrail}", Action::kUpdateGuardrail, "admin", kDry, true);
    AddIn("DELETE", "/guardrails/{guardrail}", Action::kDeleteGuardrail, "admin", kDry, true);
    AddIn("POST", "/guardrails/{guardrail}:reset", Action::kResetGuardrail, "admin", kDry, true);
    AddIn("GET", "/budgets", Action::kListBudgets, "ledger:read|admin", kPage, false);
    AddIn("POST", "/budgets", Action::kCreateBudget, "admin", kDry, true);
    AddIn("GET", "/budgets/{budget}", Action::kGetBudget, "ledger:read|admin", "", false);
    AddIn("PATCH", "/budgets/{budget}", Action::kUpdateBudget, "admin", kDry, true);
    AddIn("DELETE", "/budgets/{budget}", Action::kDeleteBudget, "admin", kDry, true);
    AddIn("POST", "/budgets/{budget}:override", Action::kOverrideBudget, "approvals:write", kDry,
          true);
  }

  void AddModels() {
    AddIn("GET", "/models", Action::kListModels, kReadsModels,
          "page_size,page_token,state,operator_family", false);
    AddIn("POST", "/models", Action::kRegisterModel, kModels, kDry, true);
    AddIn("GET", "/models/{model}", Action::kGetModel, kReadsModels, "as_of", false);
    AddIn("PATCH", "/models/{model}", Action::kUpdateModel, "models:write|constraints:write|admin",
          kDry, true);
    AddIn("POST", "/models/{model}:shadow", Action::kShadowModel, kModels, kDry, true);
    AddIn("POST", "/models/{model}:activate", Action::kActivateModel, kModels, kDry, true);
    AddIn("POST", "/models/{model}:retire", Action::kRetireModel, kModels, kDry, true);
    AddIn("POST", "/models/{model}:archive", Action::kArchiveModel, kModels, kDry, true);
    AddIn("POST", "/models/{model}:purge", Action::kPurgeModel, kModels, kDry, true);
    AddIn("POST", "/models/{model}:rollback", Action::kRollBackModel, kModels, kDry, true);
    AddIn("GET", "/population", Action::kReadModels, "ledger:read", "as_of", false);
    AddIn("GET", "/approvals", Action::kListApprovals, "ledger:read|approvals:write", "", false);
    AddIn("POST", "/approvals/{approval}:approve", Action::kApprove, "approvals:write", kDry, true);
    AddIn("POST", "/approvals/{approval}:reject", Action::kReject, "approvals:write", kDry, true);
  }

  void AddProposals() {
    AddIn("GET", "/proposals", Action::kListProposals, kReadsProposals,
          "page_size,page_token,state,model,proposer", false);
    AddIn("POST", "/proposals", Action::kPropose, "proposals:write", kDry, true);
    AddIn("GET", "/proposals/{proposal}", Action::kGetProposal, kReadsProposals, "", false);
    AddIn("PATCH", "/proposals/{proposal}", Action::kUpdateProposal, "proposals:write", kDry, true);
    AddIn("POST", "/proposals/{proposal}:approve", Action::kApproveProposal, "proposals:approve",
          kDry, true);
    AddIn("POST", "/proposals/{proposal}:reject", Action::kRejectProposal, "proposals:approve",
          kDry, true);
    AddIn("POST", "/proposals/{proposal}:withdraw", Action::kWithdrawProposal,
          "proposals:write|admin", kDry, true);
    AddIn("POST", "/proposals/{proposal}:execute", Action::kExecuteProposal,
          "proposals:approve|models:write", kDry, true);
    AddIn("POST", "/proposals:review", Action::kReviewModels, "proposals:write", kDry, false);
    AddIn("POST", "/selection:evaluate", Action::kSelectModels, "ledger:read|models:write", "",
          false);
    AddIn("GET", "/proposers", Action::kListProposers, kReadsProposals, "", false);
  }

  void AddReservations() {
    AddIn("GET", "/debts", Action::kListDebts, "ledger:read", kPage, false);
    AddIn("GET", "/reservations", Action::kListReservations, "ledger:read",
          "page_size,page_token,state,operator_family", false);
    AddIn("POST", "/reservations", Action::kCreateReservation, "reservations:write", kDry, true);
    AddIn("POST", "/reservations:batch", Action::kBatch, "reservations:write", kDry, true);
    AddIn("POST", "/reservations:explain", Action::kExplain, "ledger:read", "", false);
    AddIn("GET", "/reservations/{reservation}", Action::kGetReservation, "ledger:read",
          "as_of,wait,generation", false);
    AddIn("POST", "/reservations/{reservation}:start", Action::kStart, kHolder, kDry, true);
    AddIn("POST", "/reservations/{reservation}:renew", Action::kRenew, kHolder, kDry, true);
    AddIn("POST", "/reservations/{reservation}:charge", Action::kCharge, kHolder, kDry, true);
    AddIn("POST", "/reservations/{reservation}:settle", Action::kSettle, kHolder, kDry, true);
    AddIn("POST", "/reservations/{reservation}:release", Action::kRelease, kHolder, kDry, true);
    AddIn("GET", "/queue", Action::kReadQueue, "ledger:read", kPage, false);
    AddIn("GET", "/calendar", Action::kReadCalendar, "ledger:read",
          "page_size,page_token,resource,from,until", false);
    AddIn("GET", "/demand", Action::kReadDemand, "ledger:read", "", false);
  }

  void AddBooks() {
    AddIn("GET", "/charges", Action::kListCharges, "ledger:read|charges:write",
          "page_size,page_token,reservation", false);
    AddIn("POST", "/charges", Action::kPostCharge, "charges:write", kDry, true);
    AddIn("GET", "/charges/{charge}", Action::kGetCharge, "ledger:read|charges:write", "", false);
    AddIn("POST", "/charges/{charge}:refund", Action::kRefund, "charges:write", kDry, true);
    AddIn("GET", "/cost-entries", Action::kListCostEntries, "ledger:read|charges:write", kPage,
          false);
    AddIn("POST", "/cost-entries", Action::kEnterCost, "charges:write", kDry, true);
    AddIn("GET", "/cost-entries/{cost_entry}", Action::kGetCostEntry, "ledger:read|charges:write",
          "", false);
    AddIn("GET", "/outcomes", Action::kListOutcomes, "ledger:read|outcomes:write", kPage, false);
    AddIn("POST", "/outcomes", Action::kReportOutcomes, "outcomes:write", kDry, true);
    AddIn("GET", "/outcomes/{outcomes}", Action::kGetOutcomes, "ledger:read|outcomes:write", "",
          false);
    AddIn("POST", "/quotes", Action::kQuote, "ledger:read|reservations:write", "", false);
    AddIn("GET", "/costs", Action::kReadCosts, "ledger:read|finance", "group_by,period,as_of",
          false);
    AddIn("GET", "/accepted-result-costs", Action::kReadAcceptedResultCosts, "ledger:read|finance",
          "group_by,period,as_of", false);
    AddIn("GET", "/statements/{period}", Action::kReadStatement, kReadsMoney, "", false);
    AddIn("GET", "/statements/{period}/lines", Action::kStreamCostLines, kReadsMoney, "", false);
    AddIn("GET", "/periods", Action::kListPeriods, kReadsMoney, kPage, false);
    AddIn("GET", "/periods/{period}", Action::kGetPeriod, kReadsMoney, "", false);
    AddIn("POST", "/periods/{period}:close", Action::kClosePeriod, "finance", kDry, true);
    AddIn("GET", "/digest", Action::kReadDigest, kReadsMoney, "week", false);
    AddIn("GET", "/summary", Action::kReadSummary, kReadsMoney, "operator_family", false);
    AddIn("GET", "/journal", Action::kListEntries, "ledger:read", kPage, false);
    AddIn("GET", "/journal/{sequence}", Action::kGetEntry, "ledger:read", "", false);
    AddIn("GET", "/watch", Action::kWatch, "ledger:read", "after", false);
    AddIn("POST", "/journal:verify", Action::kVerify, "ledger:read", "", false);
  }

  void AddPages() {
    Add("GET", "/v1/me", Action::kMe, "", "", false);
    Add("POST", "/v1/access:check", Action::kCheckAccess, "", "", false);
    Add("GET", "/problems", Action::kListProblems, "", "", false);
    Add("GET", "/problems/{code}", Action::kGetProblem, "", "", false);
    Add("GET", "/livez", Action::kLive, "", "", false);
    Add("GET", "/readyz", Action::kReady, "", "", false);
    Add("GET", "/metrics", Action::kMetrics, "", "", false);
    Add("GET", "/version", Action::kVersion, "", "", false);
    Add("GET", "/openapi.json", Action::kOpenApi, "", "", false);
    Add("POST", "/v1/test/clock:advance", Action::kAdvanceClock, "admin", "", false);
  }

  std::vector<Route> routes_;
};

}  // namespace

const std::vector<Route>& Routes() {
  static const std::vector<Route>* const routes = new std::vector<Route>(RouteTable().Make());
  return *routes;
}

namespace {

// The segments of each route's path, in the order of Routes().
const std::vector<Parts>& PartsOfRoutes() {
  static const std::vector<Parts>* const parts_of_routes = [] {
    auto* const all = new std::vector<Parts>();
    for (const Route& route : Routes()) all->push_back(Split(route.path));
    return all;
  }();
  return *parts_of_routes;
}

}  // namespace

RouteMatch Match(std::string_view method, std::string_view path, bool test_clock) {
  RouteMatch match;
  const std::vector<std::string_view> segments = Split(path);
  std::vector<std::string> parameters;
  for (size_t i = 0; i < Routes().size(); ++i) {
    const Route& route = Routes()[i];
    if (route.action == Action::kAdvanceClock && !test_clock) continue;
    if (!MatchPath(PartsOfRoutes()[i], segments, &parameters)) continue;
    match.allow += Concat(match.allow.empty() ? "" : ", ", route.method);
    if (std::string_view(route.method) == "GET") match.allow += ", HEAD";
    const bool is_head = method == "HEAD" && std::string_view(route.method) == "GET";
    if (method != route.method && !is_head) continue;
    match.route = &route;
    match.parameters = parameters;
  }
  return match;
}

bool ParseQuery(std::string_view query,
                std::vector<std::pair<std::string, std::string>>* parameters) {
  if (query.empty()) return true;
  for (absl::string_view part : absl::StrSplit(ToAbsl(query), '&')) {
    const std::string_view piece = ToStd(part);
    const size_t equals = piece.find('=');
    auto name = PercentDecode(piece.substr(0, equals), true);
    auto value = equals == std::string_view::npos ? std::optional<std::string>("")
                                                  : PercentDecode(piece.substr(equals + 1), true);
    if (!name.has_value() || !value.has_value()) return false;
    parameters->emplace_back(*std::move(name), *std::move(value));
  }
  return true;
}

}  // namespace purser::api
