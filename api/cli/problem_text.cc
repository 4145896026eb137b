#include "api/cli/problem_text.h"

#include <string_view>

#include "api/cli/denial_text.h"
#include "api/cli/terminal_text.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

void AppendLine(std::string_view text, std::string* out) {
  *out += Concat("\n  ", Printable(text));
}

std::string FaultText(const v1::Fault& fault) {
  std::string text = fault.path().empty() ? "" : Concat(fault.path(), ": ");
  text += fault.message().empty() ? fault.code() : fault.message();
  if (fault.has_was() || fault.has_now()) {
    text += Concat("; was ", fault.was().empty() ? "absent" : fault.was());
  }
  if (fault.has_was() || fault.has_now()) {
    text += Concat("; now ", fault.now().empty() ? "absent" : fault.now());
  }
  return text;
}

}  // namespace

std::string ProblemText(const v1::Problem& problem) {
  std::string out =
      Concat("refused: ", Printable(problem.title()), problem.title().empty() ? "" : " ", "(",
             problem.status(), " ", Printable(problem.code()), ")");
  // The detail says in one line what the shortages, or the first of the faults, say in theirs.
  const bool repeated =
      !problem.fields().empty() && problem.detail() == FaultText(problem.fields(0));
  if (!problem.detail().empty() && problem.shortages().empty() && !repeated) {
    AppendLine(problem.detail(), &out);
  } else if (const size_t first = problem.detail().rfind("; at first: ");
             first != std::string::npos) {
    AppendLine(problem.detail().substr(0, first), &out);  // how its waiting ended
  }
  for (const v1::Fault& fault : problem.fields()) AppendLine(FaultText(fault), &out);
  for (const std::string& line : DenialLines(problem)) AppendLine(line, &out);
  if (problem.has_retry_after_seconds()) {
    AppendLine(Concat("try again in ", problem.retry_after_seconds(), " s"), &out);
  }
  if (problem.dry_run()) AppendLine("dry run: nothing was recorded", &out);
  if (!problem.request_id().empty()) {
    AppendLine(Concat("request ", problem.request_id()), &out);
  }
  return out;
}

}  // namespace purser::cli
