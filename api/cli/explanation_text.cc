#include "api/cli/explanation_text.h"

#include "api/cli/message_text.h"
#include "api/cli/problem_text.h"
#include "api/cli/terminal_text.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

template <typename Texts>
std::string Joined(const Texts& texts) {
  std::string out;
  for (const std::string& text : texts) out += Concat(out.empty() ? "" : ", ", text);
  return out;
}

std::string RemedyText(const v1::Remedy& remedy) {
  if (remedy.kind() == "WAIT") return Concat("wait until ", TimeText(remedy.until()));
  if (remedy.kind() == "REDUCE") {
    std::string text = Concat("ask for ", AmountsText(remedy.amounts()));
    if (!remedy.drop_minimums().empty()) {
      text += Concat(", without a minimum of ", Joined(remedy.drop_minimums()));
    }
    return text;
  }
  std::string text;
  if (!remedy.grants().empty()) {
    text = Concat("grants ", AmountsText(remedy.grants()), " (debts and the reserve take theirs)");
  }
  if (!remedy.lift_freezes().empty()) {
    text += Concat(text.empty() ? "" : " and ", "lifts freeze ", Joined(remedy.lift_freezes()));
  }
  return Concat("an operator ", text.empty() ? remedy.kind() : text);
}

}  // namespace

std::string ExplanationText(const v1::Explanation& explanation) {
  if (explanation.fits()) {
    return Concat("it would be granted now: ", AmountsText(explanation.granted()), "\n");
  }
  std::string out = Concat("not now (", Printable(explanation.code()), ")\n");
  const auto line = [&out](std::string_view text) { out += Concat("  ", Printable(text), "\n"); };
  for (const auto& blocking : explanation.blocking()) line(BlockingText(blocking));
  for (const auto& shortage : explanation.shortages()) {
    std::string text = ShortageText(shortage);
    if (shortage.has_earliest_start()) {
      text += Concat("; enough from ", TimeText(shortage.earliest_start()));
    }
    line(text);
  }
  out += explanation.has_earliest_start()
             ? Concat("earliest: ", TimeText(explanation.earliest_start()),
                      ", if nobody arrives, renews or overruns\n")
             : "earliest: none is known\n";
  for (const std::string& assumption : explanation.assumptions()) line(assumption);
  if (!explanation.complete()) out += "the search was cut short: there may be an earlier time\n";
  if (!explanation.remedies().empty()) out += "what would help:\n";
  for (const auto& remedy : explanation.remedies()) line(RemedyText(remedy));
  return out;
}

}  // namespace purser::cli
