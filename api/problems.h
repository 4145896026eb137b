#ifndef PURSER_API_PROBLEMS_H_
#define PURSER_API_PROBLEMS_H_

// The one table from reasons to HTTP: status, title, and the page that /problems/{code} serves; and
// the making of RFC 9457 documents from refusals. Thread-safe: pure functions.
#include <string>
#include <string_view>

#include "api/http.h"
#include "api/v1/problem.pb.h"
#include "ledger/refusal.h"

namespace purser::api {

struct ProblemKind {
  Reason reason;
  int status;
  const char* title;
  const char* meaning;  // what it says, and why it comes
  const char* fix;      // what the caller does about it
};

// Every reason that a client may see, in the order of judgement.
const ProblemKind& KindOfProblem(Reason reason);
// nullptr when no reason has this code.
const ProblemKind* FindProblem(std::string_view code);

v1::Problem MakeProblem(const Refusal& refusal, std::string_view request_id);
HttpResponse ProblemResponse(const Refusal& refusal, std::string_view request_id);
HttpResponse ProblemResponse(const v1::Problem& problem);
// The page of one problem, as plain text; of all when `kind` is null.
std::string ProblemPage(const ProblemKind* kind);

}  // namespace purser::api

#endif  // PURSER_API_PROBLEMS_H_
