// The alphabet of the small world of models.
#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/model/action_text.h"
#include "tests/small_world/letter.h"
#include "tests/subject/action_command.h"

namespace purser::small {
namespace {

constexpr char kLabels[] = " label:capability=any label:operator_family=fa";

// As a scenario table says it.
Letter Say(const std::string& command, const std::string& arguments) {
  Letter letter;
  letter.text = Concat(command, " ", arguments);
  const std::string fault = model::ParseAction(command, arguments, kStartUs, &letter.action);
  PURSER_CHECK(fault.empty(), "the words make a command");
  Translated translated = Translate(letter.action, "approval");
  PURSER_CHECK(translated.refusal.empty(), "the command is well-formed");
  letter.command = std::move(translated.command);
  letter.command.population = kPopulation;
  return letter;
}

Letter Request(const std::string& arguments) {
  Letter letter = Say("reserve", Concat("r ", arguments, kLabels));
  letter.kind = Kind::kRequest;
  letter.by_operator = letter.action.purpose == "ROLLBACK";
  return letter;
}

Letter OnApproval(const std::string& command, const std::string& arguments) {
  Letter letter = Say(command, arguments);
  letter.kind = Kind::kApproval;
  return letter;
}

}  // namespace

// Room for two models of three, and for a request beside them; a reserve that brings back any one.
std::vector<Letter> MakeOpeningOfModels() {
  return {Say("create", "k capacity amount=5 reserve=1"),
          Say("create", "active_models capacity amount=2 reserve=0"),
          Say("register", "a family=fa caps=any fp:k=1 cost:inference=10"),
          Say("register", "b family=fa caps=any fp:k=1 cost:inference=8"),
          Say("register", "c family=fb caps=any,more fp:k=2 cost:inference=5")};
}

std::vector<Letter> MakeAlphabetOfModels() {
  std::vector<Letter> letters;
  for (const std::string id : {"a", "b", "c"}) {
    for (const char* verb : {"retire", "archive", "rollback"}) letters.push_back(Say(verb, id));
    letters.push_back(Say("activate", Concat(id, " vacancy")));
  }
  const std::pair<const char*, const char*> others[] = {
      {"activate", "b replaces leaving=a"},
      {"activate", "c replaces leaving=b"},
      {"activate", "a replaces leaving=b,c"},
      {"activate", "b reduces_cost leaving=a"},
      {"activate", "c reduces_cost change:a:inference=1"},
      {"activate", "c consumes_reserve reason=r due_back=+1d by=alice scopes=models:write"},
      {"shadow", "a"},
      {"purge", "a"},
      {"rollback", "c by=alice scopes=models:write"},
      {"patch", "a target=b"},
      {"patch", "b fp:k=2"},
      {"patch", "a forbid:LEGAL:x=RETIRE reason=r"},
      {"patch", "a forbid=- reason=r"},
      {"require", "more"},
      {"propose", "p RETIRE models=a by=alice scopes=proposals:write"},
      {"propose", "q MERGE models=a,b result=c by=alice scopes=proposals:write"},
      {"approve_proposal", "p"},
      {"approve_proposal", "q"},
      {"execute", "p"},
      {"execute", "q"},
      {"release", "r1"},
      {"grant", "active_models 1"},
      {"withdraw", "active_models 1"},
      {"withdraw", "k 1"}};
  for (const auto& [command, arguments] : others) letters.push_back(Say(command, arguments));
  letters.push_back(OnApproval("approve", "c"));
  letters.push_back(OnApproval("approve", "c by=alice scopes=approvals:write,reserve:spend"));
  letters.push_back(Request("TRAINING k=2 lease=120s"));
  letters.push_back(Request("TRAINING k=2 lease=120s wait=240s queue"));
  letters.push_back(Request("ROLLBACK k=1 lease=120s"));
  letters.emplace_back();
  letters.back().text = "tick";
  letters.back().kind = Kind::kTick;
  letters.back().action.verb = model::Verb::kAdvance;
  return letters;
}

}  // namespace purser::small
