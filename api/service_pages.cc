// The daemon's own pages: who am I, problems, liveness, metrics, version, the test clock.
#include "api/json_scalar.h"
#include "api/problems.h"
#include "api/render.h"
#include "api/service.h"
#include "ledger/text.h"

namespace purser::api {

HttpResponse Service::Page(const HttpRequest& request, const RequestContext& context) {
  switch (context.route->action) {
    case Action::kLive:
      return TextResponse(200, "ok\n");
    case Action::kReady: {
      if (controller_->Ready()) return TextResponse(200, "ok\n");
      HttpResponse response = TextResponse(503, "read only or stopping\n");
      response.headers.emplace_back("Retry-After", "1");
      return response;
    }
    case Action::kListProblems:
      return TextResponse(200, ProblemPage(nullptr));
    case Action::kGetProblem: {
      const ProblemKind* kind = FindProblem(context.id());
      if (kind != nullptr) return TextResponse(200, ProblemPage(kind));
      return Problem(context, Refuse(stored::NOT_FOUND, "there is no such problem"));
    }
    case Action::kVersion: {
      v1::Version version;
      version.set_version(options_.version);
      version.set_commit(options_.commit);
      version.set_api("v1");
      version.set_policy_version(options_.policy_version);
      return JsonResponse(200, version);
    }
    case Action::kOpenApi:
      return ServeDescription(request);
    case Action::kMetrics: {
      std::string text = controller_->MetricsText() + WaitingMetrics();
      text +=
          "# HELP purser_http_responses_total Answers, by class of status.\n"
          "# TYPE purser_http_responses_total counter\n";
      for (int i = 1; i <= 5; ++i) {
        text += Concat("purser_http_responses_total{class=\"", i, "xx\"} ",
                       responses_by_class_[i].load(std::memory_order_relaxed), "\n");
      }
      HttpResponse response = TextResponse(200, std::move(text));
      response.content_type = "text/plain; version=0.0.4; charset=utf-8";
      return response;
    }
    case Action::kMe: {
      if (context.principal == nullptr) {
        return Problem(context, RefuseToken(request));
      }
      v1::Me me;
      me.set_principal(context.principal->name);
      for (const std::string& scope : context.principal->scopes) me.add_scopes(scope);
      for (const std::string& name : context.principal->populations) me.add_populations(name);
      return JsonResponse(200, me);
    }
    case Action::kCheckAccess:
      return CheckAccess(request, context);
    default:
      return AdvanceClock(request, context);
  }
}

// It changes with the binary only, so a client may keep it and ask whether it is still the same.
HttpResponse Service::ServeDescription(const HttpRequest& request) const {
  HttpResponse response;
  response.headers = {{"ETag", description_tag_}, {"Cache-Control", "no-cache"}};
  const std::string* known = request.FindHeader("If-None-Match");
  if (known != nullptr && (*known == "*" || known->find(description_tag_) != std::string::npos)) {
    response.status = 304;
    return response;
  }
  response.body = description_;
  return response;
}

HttpResponse Service::CheckAccess(const HttpRequest& request, const RequestContext& context) {
  if (context.principal == nullptr) {
    return Problem(context, RefuseToken(request));
  }
  v1::AccessCheckRequest message;
  Faults faults;
  if (auto status = ParseBody(request, &message, &faults); !status.ok()) {
    return Problem(context, status);
  }
  if (message.scope().empty()) faults.Add(stored::INVALID_ARGUMENT, "scope", "is required");
  if (!faults.empty()) return Problem(context, faults.ToStatus());
  v1::AccessCheck check;
  check.set_principal(context.principal->name);
  const bool sees = message.population().empty() || context.principal->Sees(message.population());
  check.set_allowed(sees && context.principal->May(message.scope()));
  if (!sees) {
    check.set_reason("the principal is not of this population");
  } else if (!check.allowed()) {
    check.set_reason("the principal has not this scope");
  }
  return JsonResponse(200, check);
}

HttpResponse Service::AdvanceClock(const HttpRequest& request, const RequestContext& context) {
  if (!context.principal->Sees("*")) {
    return Problem(context, Refuse(stored::FORBIDDEN, "the clock is that of every population"));
  }
  v1::ClockAdvance message;
  Faults faults;
  if (auto status = ParseBody(request, &message, &faults); !status.ok()) {
    return Problem(context, status);
  }
  std::optional<int64_t> by_us;
  std::optional<InstantUs> to_us;
  if (message.has_by()) {
    const auto by = ParseDurationMicros(message.by());
    if (!by.ok() || *by < 0) {
      faults.Add(stored::INVALID_ARGUMENT, "by", "a duration such as \"1s\"");
    } else {
      by_us = *by;
    }
  }
  if (message.has_to()) {
    to_us = message.to().seconds() * kSecondUs + message.to().nanos() / 1'000;
  }
  if (message.has_by() == message.has_to()) {
    faults.Add(stored::INVALID_ARGUMENT, "", "either `by` or `to`");
  }
  if (!faults.empty()) return Problem(context, faults.ToStatus());
  auto now = controller_->AdvanceClock(by_us, to_us);
  if (!now.ok()) return Problem(context, now.status());
  v1::Clock clock;
  SetTime(*now, clock.mutable_now());
  return JsonResponse(200, clock);
}

}  // namespace purser::api
