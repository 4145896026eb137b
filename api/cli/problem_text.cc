#include "api/cli/problem_text.h"

#include <string_view>

#include "api/cli/message_text.h"
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

std::string BlockingKindText(const std::string& kind) {
  if (kind == "FREEZE") return "frozen";
  if (kind == "DEBT") return "in debt";
  if (kind == "DEBT_LIMIT") return "beyond the debt limit";
  return kind;
}

}  // namespace

std::string BlockingText(const v1::Blocking& blocking) {
  std::string text = Concat("blocked: ", BlockingKindText(blocking.kind()));
  if (!blocking.name().empty()) text += Concat(": ", blocking.name());
  if (!blocking.detail().empty()) text += Concat(": ", blocking.detail());
  if (blocking.has_limit()) text += Concat("; limit ", AmountText(blocking.limit()));
  if (blocking.has_used()) text += Concat("; used ", AmountText(blocking.used()));
  if (blocking.has_until()) text += Concat("; until ", TimeText(blocking.until()));
  return text;
}

std::string ShortageText(const v1::Shortage& shortage) {
  std::string text = Concat(shortage.resource(), ": asked ", AmountText(shortage.requested()));
  if (shortage.has_minimum()) text += Concat(" (at least ", AmountText(shortage.minimum()), ")");
  text += Concat(", available ", AmountText(shortage.available()));
  // Whom the reserve does not refuse, it serves.
  if (shortage.reserve_protected().micros() == 0 && shortage.reserve().micros() != 0) {
    text += Concat(" and the rollback reserve of ", AmountText(shortage.reserve()));
  }
  text += Concat(", short by ", AmountText(shortage.short_by()));
  if (shortage.reserve_protected().micros() != 0) {
    text += Concat("; the rollback reserve of ", AmountText(shortage.reserve()), " protects ",
                   AmountText(shortage.reserve_protected()), " of it");
  }
  return text;
}

std::string ProblemText(const v1::Problem& problem) {
  std::string out =
      Concat("refused: ", Printable(problem.title()), problem.title().empty() ? "" : " ", "(",
             problem.status(), " ", Printable(problem.code()), ")");
  // The detail says in one line what the shortages, or the first of the faults, say in theirs.
  const bool repeated =
      !problem.fields().empty() && problem.detail() == FaultText(problem.fields(0));
  if (!problem.detail().empty() && problem.shortages().empty() && !repeated) {
    AppendLine(problem.detail(), &out);
  }
  for (const v1::Fault& fault : problem.fields()) AppendLine(FaultText(fault), &out);
  // What blocks comes first: while it stands, amounts do not matter.
  for (const v1::Blocking& blocking : problem.blocking()) AppendLine(BlockingText(blocking), &out);
  for (const v1::Shortage& shortage : problem.shortages()) {
    AppendLine(ShortageText(shortage), &out);
  }
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
