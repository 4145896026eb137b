#include "tests/model/scenario_artifacts.h"

#include <algorithm>

#include "tests/model/action_text.h"
#include "tests/model/calendar.h"
#include "tests/model/decimal.h"

namespace purser::model {
namespace {

using Clauses = std::vector<std::string>;

std::string ReadAmounts(const Amounts& amounts) {
  std::string text;
  for (const auto& [resource, amount] : amounts) {
    text += (text.empty() ? "" : " ") + resource + " " + FormatDecimal(amount);
  }
  return text.empty() ? "nothing" : text;
}

Clauses ReadArtifact(const ArtifactView& view) {
  Clauses clauses = {view.state, "generation " + std::to_string(view.generation)};
  std::string target = "target " + (view.target.empty() ? "none" : view.target);
  if (view.target_until_us != 0) target += " until " + FormatInstant(view.target_until_us);
  clauses.push_back(target);
  const bool window = view.window_until_us != 0;
  clauses.push_back("window " + (window ? FormatInstant(view.window_until_us) : "none"));
  clauses.push_back("occupies " + ReadAmounts(view.occupies));
  clauses.push_back("footprint " + ReadAmounts(view.footprint));
  clauses.push_back("cost " + FormatDecimal(view.monthly_cost));
  clauses.push_back("quality " + ReadAmounts(view.quality));
  std::string constraints;
  for (const std::string& each : view.constraints) constraints += " " + each;
  clauses.push_back("constraints" + (constraints.empty() ? " none" : constraints));
  return clauses;
}

std::string ReadCoverage(const std::optional<int64_t>& coverage) {
  return coverage ? std::to_string(*coverage) : "unlimited";
}

Clauses ReadPopulation(const PopulationView& view) {
  Clauses clauses = {"active " + std::to_string(view.active),
                     "coverage " + ReadCoverage(view.smallest_coverage)};
  for (const auto& [resource, coverage] : view.coverage) {
    clauses.push_back(
        std::string("coverage ").append(resource).append(" ").append(ReadCoverage(coverage)));
  }
  clauses.push_back("lent " + FormatDecimal(view.lent));
  std::string loans;
  for (const LoanView& loan : view.loans) {
    loans += (loans.empty() ? "" : ", ") + loan.model + " " + ReadAmounts(loan.amounts) + " due " +
             FormatInstant(loan.due_back_us);
  }
  clauses.push_back("loans " + (loans.empty() ? "none" : loans));
  std::string pending;
  for (const ApprovalView& approval : view.pending) {
    pending += (pending.empty() ? "" : ", ") + approval.model + " by " + approval.principal +
               " until " + FormatInstant(approval.expires_us);
  }
  clauses.push_back("pending " + (pending.empty() ? "none" : pending));
  std::string forbidden;
  for (const std::string& id : view.forbidden) forbidden += (forbidden.empty() ? "" : ", ") + id;
  clauses.push_back("forbidden " + (forbidden.empty() ? "none" : forbidden));
  return clauses;
}

std::string Or(const std::string& name, const char* otherwise) {
  return name.empty() ? otherwise : name;
}

std::string Money(const std::optional<int64_t>& amount) {
  return amount ? FormatDecimal(*amount) : "none";
}

Clauses ReadProposal(const ProposalView& view) {
  Clauses clauses = {view.state, "kind " + view.kind, "by " + view.proposer};
  clauses.push_back("approver " + Or(view.approver, "none"));
  clauses.push_back("result " + Or(view.result, "none"));
  clauses.push_back("expires " + FormatInstant(view.expires_us));
  clauses.push_back("promised " + Money(view.promised));
  clauses.push_back("realised " + Money(view.realised));
  if (!view.shown) {
    clauses.emplace_back("net none");
    return clauses;
  }
  clauses.push_back("frees " + ReadAmounts(view.shown->frees));
  clauses.push_back("net " + FormatDecimal(view.shown->net_value));
  for (const auto& [term, amount] : view.shown->terms) {
    clauses.push_back(std::string(term).append(" ").append(FormatDecimal(amount)));
  }
  std::string constraints;
  for (const std::string& each : view.shown->constraints) {
    constraints.append(constraints.empty() ? "" : ", ").append(each);
  }
  clauses.push_back("constraints " + Or(constraints, "none"));
  return clauses;
}

std::string Joined(const Clauses& clauses) {
  std::string text;
  for (const std::string& clause : clauses) text += (text.empty() ? "" : "; ") + clause;
  return text;
}

// Each clause that is expected must be among those that were read.
std::string Compare(const std::string& expected, const Clauses& read) {
  const Clauses wanted = SplitAt(expected, ';');
  const bool holds = std::all_of(wanted.begin(), wanted.end(), [&read](const std::string& clause) {
    return std::find(read.begin(), read.end(), Trimmed(clause)) != read.end();
  });
  return holds ? "" : Joined(read);
}

}  // namespace

std::string Describe(const ArtifactView& view) { return Joined(ReadArtifact(view)); }
std::string Describe(const PopulationView& view) { return Joined(ReadPopulation(view)); }
std::string Describe(const ProposalView& view) { return Joined(ReadProposal(view)); }

std::string CompareArtifact(const std::string& expected, const std::optional<ArtifactView>& view) {
  if (!view) return expected == "absent" ? "" : "absent";
  return Compare(expected, ReadArtifact(*view));
}

std::string ComparePopulation(const std::string& expected,
                              const std::optional<PopulationView>& view) {
  return view ? Compare(expected, ReadPopulation(*view)) : "absent";
}

std::string CompareProposal(const std::string& expected, const std::optional<ProposalView>& view) {
  if (!view) return expected == "absent" ? "" : "absent";
  return Compare(expected, ReadProposal(*view));
}

std::string CompareProposer(const std::string& expected, const std::optional<ProposerView>& view) {
  if (!view) return expected == "absent" ? "" : "absent";
  return Compare(
      expected,
      {"proposals " + std::to_string(view->proposals), "executed " + std::to_string(view->executed),
       "promised " + FormatDecimal(view->promised), "realised " + FormatDecimal(view->realised)});
}

}  // namespace purser::model
