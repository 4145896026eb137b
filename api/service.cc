#include "api/service.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "api/openapi.h"
#include "api/problems.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

constexpr size_t kRequestIdLengthMax = 128;
constexpr size_t kKeyLengthMax = 255;

bool IsPrintable(std::string_view text, size_t length_max) {
  return !text.empty() && text.size() <= length_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool HasPopulation(const Route& route) {
  return std::string_view(route.path).find("{population}") != std::string_view::npos;
}

bool IsWord(std::string_view list, std::string_view word, char separator) {
  for (absl::string_view each : absl::StrSplit(ToAbsl(list), separator)) {
    if (ToStd(each) == word) return true;
  }
  return false;
}

// nullopt for what is neither a generation in quotes nor "*".
std::optional<IfMatch> ReadIfMatch(const std::string& header) {
  if (header == "*") return IfMatch{true, 0};
  const bool quoted = header.size() > 2 && header.front() == '"' && header.back() == '"';
  const std::string digits = quoted ? header.substr(1, header.size() - 2) : "";
  const bool number =
      !digits.empty() && digits.size() < 20 &&
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!number) return std::nullopt;
  return IfMatch{false, std::stoull(digits)};
}

}  // namespace

HttpResponse RefuseEarly(const HttpRequest& request) {
  static std::atomic<uint64_t> count{0};
  RequestContext context;
  context.request_id = Concat("starting-", count.fetch_add(1, std::memory_order_relaxed));
  HttpResponse response =
      request.path == "/livez"
          ? TextResponse(200, "ok\n")
          : Problem(context, Refuse(stored::OVERLOADED, "the daemon is starting"));
  response.headers.emplace_back("X-Request-Id", context.request_id);
  return response;
}

Service::Service(Controller* controller, ServiceOptions options)
    : controller_(controller),
      options_(std::move(options)),
      principals_(options_.tokens, options_.all_scopes, options_.sha256_hex),
      description_(DescribeApi({options_.version, controller_->has_test_clock()})),
      description_tag_(Concat("\"", options_.sha256_hex(description_), "\"")),
      room_(options_.threads),
      admin_room_(options_.admin_threads) {}

std::string Service::NewRequestId() {
  return Concat(options_.request_id_prefix, "-", requests_.load(std::memory_order_relaxed));
}

HttpResponse Service::Handle(const HttpRequest& request) {
  const auto begin = std::chrono::steady_clock::now();
  requests_.fetch_add(1, std::memory_order_relaxed);
  RequestContext context;
  const std::string* id = request.FindHeader("X-Request-Id");
  context.request_id =
      id != nullptr && IsPrintable(*id, kRequestIdLengthMax) ? *id : NewRequestId();
  HttpResponse response = Judge(request, &context);
  response.headers.emplace_back("X-Request-Id", context.request_id);
  responses_by_class_[std::clamp(response.status / 100, 0, 5)].fetch_add(1,
                                                                         std::memory_order_relaxed);
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - begin);
  options_.log(Concat(
      "event=request method=", request.method, " path=", request.path, " status=", response.status,
      " duration_us=", static_cast<long long>(took.count()), " request_id=", context.request_id,
      " principal=", context.principal == nullptr ? "-" : context.principal->name));
  return response;
}

// The order of judgement: the first that applies is the answer.
HttpResponse Service::Judge(const HttpRequest& request, RequestContext* context) {
  if (auto status = CheckHost(request); !status.ok()) return Problem(*context, status);
  RouteMatch match = Match(request.method, request.path, controller_->has_test_clock());
  if (match.allow.empty()) {
    return Problem(*context, Refuse(stored::NOT_FOUND, "there is no such route"));
  }
  if (match.route == nullptr) {
    HttpResponse response = Problem(
        *context, Refuse(stored::METHOD_NOT_ALLOWED, Concat("the route has ", match.allow)));
    response.headers.emplace_back("Allow", match.allow);
    return response;
  }
  context->route = match.route;
  context->parameters = std::move(match.parameters);
  const std::string* const authorization = request.FindHeader("Authorization");
  context->principal = principals_.Find(authorization == nullptr ? "" : *authorization);
  const bool open = std::string_view(match.route->scope).empty() && options_.public_metrics;
  if (context->principal == nullptr && !open) {
    return Problem(*context, RefuseToken(request));
  }
  if (HasPopulation(*match.route) && controller_->Peek(context->population()) == nullptr) {
    return Problem(*context, Refuse(stored::NOT_FOUND, Concat("there is no population \"",
                                                              context->population(), "\"")));
  }
  for (const absl::Status& status : {CheckScope(*context), CheckBody(request, context)}) {
    if (status.ok()) continue;
    HttpResponse response = Problem(*context, status);
    response.close_connection = request.body_too_large;
    return response;
  }
  Faults faults;
  context->query.clear();
  std::vector<std::pair<std::string, std::string>> parameters;
  if (!ParseQuery(request.query, &parameters)) {
    faults.Add(stored::MALFORMED, "", "the query is not well-formed");
  }
  for (auto& [name, value] : parameters) {
    if (!IsWord(match.route->query, name, ',')) {
      faults.Add(stored::UNKNOWN_FIELD, "?" + name, "not a parameter of this route");
    } else if (!context->query.emplace(name, value).second) {
      faults.Add(stored::MALFORMED, "?" + name, "given twice");
    }
  }
  ReadQuery(context, &faults);
  ReadHeaders(request, context, &faults);
  context->faults = faults;
  if (!faults.empty() && !match.route->mutating) return Problem(*context, faults.ToStatus());
  return Dispatch(request, *context);
}

absl::Status Service::CheckHost(const HttpRequest& request) const {
  const std::string* header = request.FindHeader("Host");
  std::string host = header == nullptr ? "" : absl::AsciiStrToLower(*header);
  const size_t colon = host.rfind(':');
  if (colon != std::string::npos && host.find(']', colon) == std::string::npos) host.resize(colon);
  const bool known =
      host == "localhost" || host == "127.0.0.1" ||
      std::find(options_.hosts.begin(), options_.hosts.end(), host) != options_.hosts.end();
  if (known) return absl::OkStatus();
  return Refuse(stored::MISDIRECTED, "the Host is not one of this daemon's");
}

absl::Status Service::CheckScope(const RequestContext& context) const {
  const std::string_view scope = context.route->scope;
  if (context.principal == nullptr) return absl::OkStatus();
  if (HasPopulation(*context.route) && !context.principal->Sees(context.population())) {
    return Refuse(stored::FORBIDDEN, "the principal is not of this population");
  }
  if (scope.empty()) return absl::OkStatus();
  for (absl::string_view each : absl::StrSplit(ToAbsl(scope), '|')) {
    if (context.principal->May(ToStd(each))) return absl::OkStatus();
  }
  return Refuse(stored::FORBIDDEN, Concat("the scope ", scope, " is required"));
}

absl::Status Service::CheckBody(const HttpRequest& request, RequestContext* context) const {
  if (request.body_too_large) {
    return Refuse(stored::BODY_TOO_LARGE, "at most 256 KiB, a batch 8 MiB");
  }
  const Action action = context->route->action;
  if (auto status = CheckContentType(request, action); !status.ok()) return status;
  const auto form = ChooseAnswerForm(request, action);
  if (!form.has_value()) return RefuseAccept(action);
  context->answer_form = *form;
  return absl::OkStatus();
}

void Service::ReadQuery(RequestContext* context, Faults* faults) const {
  for (const auto& [name, value] : context->query) {
    if (value.empty()) {
      faults->Add(stored::INVALID_ARGUMENT, "?" + name, "must not be empty: leave it out");
    }
  }
  const auto it = context->query.find("dry_run");
  if (it == context->query.end()) return;
  if (it->second != "true" && it->second != "false" && !it->second.empty()) {
    faults->Add(stored::INVALID_ARGUMENT, "?dry_run", "true or false");
  }
  context->dry_run = it->second == "true";
  context->query.erase(it);
}

void Service::ReadHeaders(const HttpRequest& request, RequestContext* context,
                          Faults* faults) const {
  if (const std::string* key = request.FindHeader("Idempotency-Key")) {
    if (!IsPrintable(*key, kKeyLengthMax)) {
      faults->Add(stored::INVALID_ARGUMENT, "Idempotency-Key",
                  "1 to 255 printable ASCII characters, no spaces");
    }
    if (request.method == "POST" && context->route->mutating) context->key = *key;
  }
  const std::string* trace = request.FindHeader("traceparent");
  if (trace != nullptr && IsPrintable(*trace, kRequestIdLengthMax)) context->traceparent = *trace;
  const std::string* match = request.FindHeader("If-Match");
  if (match == nullptr) return;
  context->if_match = ReadIfMatch(*match);
  if (!context->if_match.has_value()) {
    faults->Add(stored::INVALID_ARGUMENT, "If-Match", "\"<generation>\", quoted, or *");
  }
}

HttpResponse Service::Dispatch(const HttpRequest& request, const RequestContext& context) {
  if (context.route->mutating) return Execute(request, context);
  switch (context.route->action) {
    case Action::kMe:
    case Action::kCheckAccess:
    case Action::kListProblems:
    case Action::kGetProblem:
    case Action::kLive:
    case Action::kReady:
    case Action::kMetrics:
    case Action::kVersion:
    case Action::kOpenApi:
    case Action::kAdvanceClock:
      return Page(request, context);
    default:
      return Read(request, context);
  }
}

}  // namespace purser::api
