#include "tests/model/proposal_text.h"

#include "tests/model/action_text.h"
#include "tests/model/calendar.h"

namespace purser::model {
namespace {

constexpr char kEvidence[] = "evidence:";

}  // namespace

bool IsOfProposals(Verb verb) { return verb >= Verb::kPropose && verb <= Verb::kExecute; }

bool SetProposalKey(const std::string& key, const std::string& value, int64_t now_us,
                    Action* action) {
  ProposalParts& parts = action->proposal;
  if (key == "models") {
    parts.models = SplitAt(value, ',');
  } else if (key == "result") {
    parts.result = value;
  } else if (key == "reason") {
    action->reason = value;
  } else if (key == "expires") {
    parts.expires_us = ParseMoment(value, now_us);
    return parts.expires_us.has_value();
  } else if (key.rfind(kEvidence, 0) == 0) {
    parts.evidence[key.substr(std::string(kEvidence).size())] = value;
  } else {
    return false;
  }
  return true;
}

bool SetProposalWords(const std::vector<std::string>& words, Action* action) {
  const bool proposes = action->verb == Verb::kPropose;
  if (words.size() != (proposes ? 2U : 1U)) return false;
  action->id = words[0];
  if (proposes) action->proposal.kind = words[1];
  return true;
}

std::string ProposalWords(const Action& action) {
  if (!IsOfProposals(action.verb)) return "";
  const ProposalParts& parts = action.proposal;
  std::string text;
  if (!parts.kind.empty()) text.append(" ").append(parts.kind);
  std::string models;
  for (const std::string& id : parts.models) models.append(models.empty() ? "" : ",").append(id);
  if (!models.empty()) text.append(" models=").append(models);
  if (!parts.result.empty()) text.append(" result=").append(parts.result);
  if (parts.expires_us) text.append(" expires=").append(FormatInstant(*parts.expires_us));
  for (const auto& [name, said] : parts.evidence) {
    text.append(" ").append(kEvidence).append(name).append("=").append(said);
  }
  if (!action.reason.empty()) text.append(" reason=").append(action.reason);
  return text;
}

}  // namespace purser::model
