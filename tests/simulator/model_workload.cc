#include "tests/simulator/model_workload.h"

#include "ledger/check.h"
#include "tests/model/action_text.h"
#include "tests/model/calendar.h"

namespace purser {

using model::Action;

namespace {

Action Parse(const std::string& command, const std::string& arguments, int64_t now_us) {
  Action action;
  const std::string fault = model::ParseAction(command, arguments, now_us, &action);
  PURSER_CHECK(fault.empty(), "the words make a command");
  return action;
}

}  // namespace

std::vector<Action> ModelWorkload::Foundation() {
  return {Parse("create", "active_models capacity amount=5 reserve=0", 0),
          Parse("create", "archive_storage capacity amount=40 reserve=10%", 0)};
}

Action ModelWorkload::Say(const std::string& command, const std::string& arguments) {
  static constexpr const char* kAlice =
      " by=alice scopes=approvals:write,debt:incur,proposals:write,proposals:approve,models:write";
  static constexpr const char* kBob =
      " by=bob scopes=reserve:spend,approvals:write,constraints:write,proposals:approve,"
      "proposals:write";
  static constexpr const char* kActors[] = {"", "", "", kAlice, kBob};
  return Parse(command, arguments + kActors[words_.Pick(5)], model_.NowUs());
}

std::string ModelWorkload::Constraints() {
  static constexpr const char* kActs[] = {"ACTIVATE", "RETIRE", "ARCHIVE", "PURGE"};
  if (words_.Pick(2) == 0) return " reason=r forbid=-";
  return std::string(" reason=r forbid:LEGAL:x=").append(kActs[words_.Pick(4)]);
}

Action ModelWorkload::Operators() {
  switch (words_.Pick(8)) {
    case 0:
      return Say("update", "active_models amount=" + std::to_string(3 + words_.Pick(6)));
    case 1:
      return Say("grant", "active_models " + std::to_string(1 + words_.Pick(2)));
    case 2:
      return Say("withdraw", "active_models 1");
    case 3:
      return Say("require", words_.Pick(2) == 0 ? "-" : words_.Capability());
    case 4:
      return Say("update", "archive_storage amount=" + std::to_string(10 + words_.Pick(60)));
    default:
      return Say("patch", words_.Target() + Constraints());
  }
}

Action ModelWorkload::OnProposal() {
  switch (words_.Pick(9)) {
    case 0:
      return Say("amend", words_.Incomplete() + words_.Result());
    case 1:
    case 2:
      return Say("approve_proposal", words_.InState("OPEN"));
    case 3:
    case 4:
      return Say("execute", words_.InState("APPROVED"));
    case 5:
      return words_.Pick(3) == 0 ? Say("withdraw_proposal", words_.InState("OPEN"))
                                 : Say("reject_proposal", words_.InState("APPROVED") + " reason=r");
    default:
      return Say("propose", words_.Propose());
  }
}

Action ModelWorkload::Next() {
  if (words_.Pick(4) == 0) return OnProposal();
  const uint64_t dice = words_.Pick(100);
  if (dice < 14) {
    return Say("register", words_.Register() + (words_.Pick(9) == 0 ? Constraints() : ""));
  }
  if (dice < 22) return Say("patch", words_.Patch());
  if (dice < 26) return Say("shadow", words_.Of({"CANDIDATE"}));
  if (dice < 30) return Say("retire", words_.Of({"ACTIVE", "CANDIDATE", "SHADOW"}));
  if (dice < 36) return Say("archive", words_.Of({"RETIRED"}));
  if (dice < 40) return Say("purge", words_.Of({"ARCHIVED"}));
  if (dice < 48) return Say("rollback", words_.Active());
  if (dice < 56) return Operators();
  if (dice < 66) {
    const auto pending = model_.FindPopulation()->pending;
    const std::string id =
        pending.empty() ? words_.Active() : pending[words_.Pick(pending.size())].model;
    return words_.Pick(4) == 0 ? Say("reject", id + " reason=r") : Say("approve", id);
  }
  return Say("activate", words_.Activate());
}

}  // namespace purser
