#include "api/cli/selection.h"

#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "api/v1/selection.pb.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

template <typename Ids>
std::string IdsText(const Ids& ids) {
  return ids.empty() ? "-" : absl::StrJoin(ids, ", ");
}

std::string AmountText(const v1::Amount& amount) {
  return Amount::FromMicros(amount.micros()).ToString();
}

// Why it is not among the best.
std::string ReasonText(const v1::SelectionCandidate& candidate) {
  if (!candidate.constraint().empty()) {
    return Concat(candidate.constraint_kind(), " ", candidate.constraint());
  }
  const std::map<std::string, v1::Amount> ordered(candidate.short_by().begin(),
                                                  candidate.short_by().end());
  std::string text;
  for (const auto& [resource, amount] : ordered) {
    text += Concat(text.empty() ? "short by " : ", ", AmountText(amount), " ", resource);
  }
  if (candidate.displaces().empty()) return text.empty() ? "-" : text;
  return Concat(text, text.empty() ? "" : "; ", "instead of ", IdsText(candidate.displaces()));
}

std::string SelectionText(const v1::SelectionReport& report) {
  std::string text;
  if (report.verdict() == "NONE") text = "no set keeps all that must be kept\n";
  if (report.verdict() == "UNKNOWN") text = "none was found in the steps there are\n";
  if (report.verdict() == "FOUND") {
    text = Concat("admit ", IdsText(report.admit()), "\ndrop ", IdsText(report.drop()), "\nkeep ",
                  IdsText(report.keep()), "\n", report.value(), " USD a month; ",
                  report.optimal() ? std::string("nothing is better")
                                   : Concat("at most ", report.gap(), " more may be possible"),
                  "\n");
  }
  Table table({{"CANDIDATE"},
               {"VERDICT"},
               {"NET VALUE", Align::kRight},
               {"ADDS", Align::kRight},
               {"WHY NOT", Align::kLeft, Fit::kWrap}});
  for (const v1::SelectionCandidate& candidate : report.candidates()) {
    const std::string verdict = absl::AsciiStrToLower(candidate.verdict());
    table.AddRow({candidate.model(), absl::StrReplaceAll(verdict, {{"_", " "}}),
                  AmountText(candidate.net_value().sum()),
                  candidate.has_marginal_value() ? candidate.marginal_value() : "-",
                  ReasonText(candidate)});
  }
  return table.empty() ? Concat(text, "no candidates\n")
                       : Concat(text, table.HeadingAndRows(OutputColumns()));
}

}  // namespace

ExitCode RunSelection(const Arguments& arguments, Connection* connection) {
  v1::SelectionRequest body;
  body.mutable_candidates()->Add(arguments.candidates.begin(), arguments.candidates.end());
  v1::SelectionReport answer;
  const Reply reply =
      connection->Post(connection->InPopulation("/selection:evaluate"), body, {false, ""}, &answer);
  return Show(reply, arguments, SelectionText(answer));
}

}  // namespace purser::cli
