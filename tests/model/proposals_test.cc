// Proposals in the reference model, over random histories: four eyes, premises, supersession,
// gates, promises and savings (decisions/0011).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "tests/model/action_text.h"
#include "tests/model/calendar.h"
#include "tests/model/decimal.h"
#include "tests/model/model.h"
#include "tests/model/proposals_words.h"

namespace purser::model {
namespace {

using Artifacts = std::map<std::string, Artifact>;

Action Parse(const std::string& command, const std::string& arguments, int64_t now_us) {
  Action action;
  EXPECT_EQ(ParseAction(command, arguments, now_us, &action), "") << arguments;
  return action;
}

Verdict Do(const std::string& command, const std::string& arguments, Model* model) {
  return model->Do(Parse(command, arguments, model->NowUs()));
}

const Artifacts& ArtifactsOf(const Model& model) { return model.state().zoo.artifacts; }

bool Forbids(const Artifact& artifact, const std::string& verb) {
  return std::any_of(artifact.constraints.begin(), artifact.constraints.end(),
                     [&verb](const Constraint& each) { return each.forbids.contains(verb); });
}

bool IsProvided(const Artifacts& artifacts, const std::string& capability) {
  return std::any_of(artifacts.begin(), artifacts.end(), [&capability](const auto& entry) {
    const auto& list = entry.second.capabilities;
    return entry.second.IsActive() && std::find(list.begin(), list.end(), capability) != list.end();
  });
}

int64_t AmountOf(const Amounts& amounts, const std::string& name) {
  const auto found = amounts.find(name);
  return found == amounts.end() ? 0 : found->second;
}

// What is lost of the value of one that has left, by who is ACTIVE without it.
int64_t LostOf(const Artifact& left, const Artifacts& now) {
  int64_t lost = 0;
  for (const std::string& each : left.capabilities) {
    Artifacts good = now;
    std::erase_if(good, [&](const auto& entry) {
      return AmountOf(entry.second.quality, each) < AmountOf(left.quality, each);
    });
    lost += IsProvided(good, each) ? 0 : 1;
  }
  const auto all = static_cast<int64_t>(left.capabilities.size());
  if (all == 0 || left.business_value < 0) return left.business_value;
  const int64_t exact = left.business_value * lost;
  return exact / all + (exact % all == 0 ? 0 : 1);
}

// Whether anything was said or done to it, whatever its generation.
bool IsChanged(Artifact one, const Artifact& other) {
  one.generation = other.generation;
  return one != other;
}

// The command that does the same without a proposal; "" where there is none.
std::string Equivalent(const Proposal& proposal, std::string* arguments) {
  *arguments = Joined(proposal.models);
  if (proposal.kind == "REPLACE") {
    *arguments = std::string(proposal.result).append(" replaces leaving=").append(*arguments);
    return "activate";
  }
  if (proposal.models.size() != 1) return "";
  return proposal.kind == "RETIRE" ? "retire" : "archive";
}

struct Counts {
  std::map<std::string, int> accepted;  // By verb, of executions also by kind.
  std::map<std::string, int> refused;   // By verb and code.
  std::map<std::string, int> ended;     // By state.
  int compared = 0;                     // With the command that does the same.
  int realised = 0;
  int returned = 0;  // Of those, with a model that was ACTIVE meanwhile.
};

// What the walk itself has seen of a proposal.
struct Seen {
  std::string proposer;
  std::string approver;
  std::string state = "OPEN";
  bool touched = false;  // A model of it has changed since the last approval.
  int64_t executed_us = 0;
  std::map<std::string, int64_t> costs;
  std::map<std::string, int64_t> active_us;  // Of the 28 days since the execution.
};

class Walk {
 public:
  Walk(uint64_t seed, Counts* counts) : words_(seed, &model_), counts_(counts) {
    model_.Reset(*ParseInstant("2026-01-30T12:00:00Z"), {});
    Do("create", "memory capacity amount=60 reserve=22", &model_);
    Do("create", "risk capacity amount=20 reserve=5", &model_);
    Do("create", "archive_storage capacity amount=30 reserve=0", &model_);
    Do("create", "active_models capacity amount=9 reserve=2 step=1", &model_);
  }

  // Returns "" or what went wrong; the log tells how it came to it.
  std::string Step() {
    const Action action = Command();
    log_ += ToString(action) + "\n";
    const Model before = model_;
    const Verdict verdict = model_.Do(action);
    Count(action, verdict);
    if (std::string broken = model_.CheckInvariants(); !broken.empty()) return broken;
    Integrate(before);
    Note(action, verdict, before);
    for (const auto& check :
         {CheckRefused(action, verdict, before), CheckProposed(action, verdict, before),
          CheckPremises(action, verdict), CheckExecuted(action, verdict, before), CheckStates(),
          CheckSums(), CheckRealised()}) {
      if (!check.empty()) return check;
    }
    return "";
  }

  const std::string& log() const { return log_; }
  const std::map<std::string, Seen>& seen() const { return seen_; }

 private:
  const std::map<std::string, Proposal>& proposals() const {
    return model_.state().proposals.by_id;
  }

  void Count(const Action& action, const Verdict& verdict) {
    if (action.verb < Verb::kPropose) return;
    std::string what = ToString(action.verb);
    if (!verdict.code.empty()) {
      ++counts_->refused[what.append(" ").append(verdict.code)];
      return;
    }
    if (action.verb == Verb::kExecute) what.append(" ").append(proposals().at(action.id).kind);
    if (verdict.replayed) what.append(" replayed");
    ++counts_->accepted[what];
  }

  // States change by commands alone: while the clock went on they were what they were before.
  void Integrate(const Model& before) {
    for (auto& [id, seen] : seen_) {
      if (seen.executed_us == 0) continue;
      const int64_t until_us = std::min(model_.NowUs(), seen.executed_us + 28 * kDayUs);
      const int64_t passed_us = std::max<int64_t>(0, until_us - before.NowUs());
      for (const auto& [artifact, cost] : seen.costs) {
        const bool active = ArtifactsOf(before).at(artifact).IsActive();
        seen.active_us[artifact] += active ? passed_us : 0;
      }
    }
  }

  void Note(const Action& action, const Verdict& verdict, const Model& before) {
    for (auto& [id, seen] : seen_) {
      for (const std::string& model : proposals().at(id).All()) {
        const bool changed =
            IsChanged(ArtifactsOf(before).at(model), ArtifactsOf(model_).at(model));
        seen.touched = seen.touched || changed;
      }
    }
    if (!verdict.code.empty() || verdict.replayed) return;
    if (action.verb == Verb::kPropose) seen_[action.id].proposer = action.principal;
    if (action.verb == Verb::kApproveProposal) {
      seen_.at(action.id).approver = action.principal;
      seen_.at(action.id).touched = false;
    }
    if (action.verb != Verb::kExecute) return;
    Seen& seen = seen_.at(action.id);
    seen.executed_us = model_.NowUs();
    for (const std::string& model : proposals().at(action.id).All()) {
      seen.costs[model] = ArtifactsOf(before).at(model).MonthlyCost();
    }
  }

  // What is refused, or said again, has changed nothing.
  std::string CheckRefused(const Action& action, const Verdict& verdict, const Model& before) {
    const bool nothing = !verdict.code.empty() || verdict.replayed;
    if (action.verb < Verb::kPropose || !nothing) return "";
    return before.Digest() == model_.Digest() ? "" : "it was refused, and has changed something";
  }

  // Where it is made it could be executed, as far as states and gates say; where it is not, the
  // command that does the same is refused too.
  std::string CheckProposed(const Action& action, const Verdict& verdict, const Model& before) {
    if (action.verb != Verb::kPropose || verdict.replayed) return "";
    Model tried = model_;
    if (!verdict.code.empty()) {
      Proposal proposal;
      proposal.kind = action.proposal.kind;
      proposal.models = action.proposal.models;
      proposal.result = action.proposal.result;
      std::string arguments;
      const std::string command = Equivalent(proposal, &arguments);
      const bool judged = verdict.code == "constraint_forbids" || verdict.code == "sole_provider" ||
                          verdict.code == "rollback_window";
      if (command.empty() || !judged) return "";
      ++counts_->compared;
      Model other = before;
      const std::string code = Do(command, arguments, &other).code;
      return code == verdict.code ? "" : "refused, and is otherwise: " + code;
    }
    const bool incomplete = action.proposal.kind == "MERGE" && action.proposal.result.empty();
    const std::string approved = Do("approve_proposal", action.id, &tried).code;
    if (incomplete) return approved == "wrong_state" ? "" : "approved without a result";
    if (!approved.empty()) return "made, and cannot be approved: " + approved;
    static const std::set<std::string> may_come = {"", "frozen", "population_full", "coverage_lost",
                                                   "behind_queue"};
    const std::string executed = Do("execute", action.id, &tried).code;
    return may_come.contains(executed) ? "" : "made, and cannot be executed: " + executed;
  }

  // Nothing but a change of one of its models is premises_changed, and each is.
  std::string CheckPremises(const Action& action, const Verdict& verdict) const {
    if (action.verb != Verb::kExecute || !seen_.contains(action.id)) return "";
    const bool changed = verdict.code == "premises_changed";
    const bool touched = seen_.at(action.id).touched;
    if (changed && !touched) return "premises_changed, and nothing of its models has";
    const bool judged = verdict.code != "wrong_state" && !verdict.code.empty() && !changed;
    return judged && touched ? "its models have changed, and it was judged" : "";
  }

  std::string CheckExecuted(const Action& action, const Verdict& verdict, const Model& before) {
    if (action.verb != Verb::kExecute || !seen_.contains(action.id)) return "";
    const Proposal& was = before.state().proposals.by_id.at(action.id);
    if (std::string broken = Compare(was, verdict, before); !broken.empty()) return broken;
    if (!verdict.code.empty()) return "";
    const Seen& seen = seen_.at(action.id);
    if (seen.approver.empty() || seen.approver == seen.proposer) return "executed by two eyes";
    if (was.state != "APPROVED") return "executed from " + was.state;
    if (std::string broken = CheckGates(was, before); !broken.empty()) return broken;
    if (std::string broken = CheckValue(was, before); !broken.empty()) return broken;
    const Amounts frees = before.FindProposal(action.id)->shown->frees;
    for (const auto& [name, book] : model_.state().books) {
      const int64_t less = before.state().books.at(name).in_use - book.in_use;
      if (AmountOf(frees, name) != std::max<int64_t>(0, less))
        return name + ": frees what was not said";
    }
    return "";
  }

  // What was said to be lost of values is what those who serve now do not provide.
  std::string CheckValue(const Proposal& was, const Model& before) const {
    const Artifacts& old = ArtifactsOf(before);
    int64_t value = was.result.empty() ? 0 : old.at(was.result).business_value;
    for (const std::string& id : was.models) value -= LostOf(old.at(id), ArtifactsOf(model_));
    const auto shown = before.FindProposal(was.id)->shown;
    const int64_t said = shown->terms.at("business_value");
    return was.IsArchive() || said == value ? "" : "its value is not " + FormatDecimal(value);
  }

  // A proposal does, and is refused, as the command that does the same.
  std::string Compare(const Proposal& was, const Verdict& verdict, const Model& before) {
    std::string arguments;
    const std::string command = Equivalent(was, &arguments);
    const bool judged = verdict.code != "wrong_state" && verdict.code != "premises_changed";
    if (command.empty() || !judged) return "";
    ++counts_->compared;
    Model other = before;
    const Verdict same = Do(command, arguments, &other);
    if (same.code != verdict.code || same.reasons != verdict.reasons)
      return "judged otherwise than " + command + ": " + same.code;
    if (ArtifactsOf(other) != ArtifactsOf(model_)) return "not what " + command + " does";
    for (const auto& [name, book] : other.state().books) {
      if (other.Identity(name) != model_.Identity(name))
        return std::string(name).append(": not as by ").append(command);
    }
    return "";
  }

  std::string CheckGates(const Proposal& was, const Model& before) const {
    const Artifacts& old = ArtifactsOf(before);
    const Artifacts& now = ArtifactsOf(model_);
    const std::string leaves = was.IsArchive() ? "ARCHIVE" : "RETIRE";
    const std::string to = was.IsArchive()         ? "ARCHIVED"
                           : was.kind == "REPLACE" ? "ROLLBACK_TARGET"
                                                   : "RETIRED";
    for (const std::string& id : was.models) {
      if (Forbids(old.at(id), leaves)) return id + ": may not leave";
      if (was.IsMerge() && Forbids(old.at(id), "MERGE")) return id + ": may not be merged";
      if (now.at(id).state != to) return std::string(id).append(": is not ").append(to);
      for (const auto& [other, holder] : now) {
        const bool needed = was.IsArchive() && holder.IsActive() && holder.target == id;
        if (needed) return std::string(id).append(": is the target of ").append(other);
      }
    }
    if (!was.result.empty()) {
      const Artifact& result = old.at(was.result);
      const bool forbidden =
          Forbids(result, "ACTIVATE") || (was.IsMerge() && Forbids(result, "MERGE"));
      if (forbidden) return was.result + ": may not be activated";
      if (!now.at(was.result).IsActive()) return was.result + ": is not active";
    }
    for (const std::string& capability : before.state().zoo.required) {
      if (IsProvided(old, capability) && !IsProvided(now, capability))
        return capability + ": nobody provides it any more";
    }
    return "";
  }

  // What has ended stays so; one is approved by its last approver as long as it is live.
  std::string CheckStates() {
    for (auto& [id, seen] : seen_) {
      const Proposal& proposal = proposals().at(id);
      const bool was_live = seen.state == "OPEN" || seen.state == "APPROVED";
      if (!was_live && proposal.state != seen.state) return id + ": has ended, and is another";
      if (proposal.approver != seen.approver) return id + ": approved by somebody else";
      if (was_live && !proposal.IsLive()) ++counts_->ended[proposal.state];
      seen.state = proposal.state;
      const bool live = model_.FindProposal(id)->shown.has_value();
      if (live != proposal.IsLive()) return id + ": shows what it is worth, or not";
    }
    return "";
  }

  std::string CheckSums() const {
    std::map<std::string, ProposerSums> sums;
    for (const auto& [id, seen] : seen_) {
      const Proposal& proposal = proposals().at(id);
      ProposerSums& own = sums[seen.proposer];
      ++own.proposals;
      own.executed += seen.executed_us == 0 ? 0 : 1;
      for (const auto& [artifact, cost] : seen.costs) {
        if (proposal.IsArchive()) continue;
        own.promised += artifact == proposal.result ? -cost : cost;
      }
      own.realised += model_.FindProposal(id)->realised.value_or(0);
    }
    for (const auto& [proposer, own] : sums) {
      const ProposerView view = *model_.FindProposer(proposer);
      const ProposerSums told = {view.proposals, view.executed, view.promised, view.realised};
      if (own != told) return proposer + ": other sums than those of its proposals";
    }
    return "";
  }

  std::string CheckRealised() {
    for (auto& [id, seen] : seen_) {
      const auto realised = model_.FindProposal(id)->realised;
      const bool due = seen.executed_us != 0 && model_.NowUs() >= seen.executed_us + 28 * kDayUs;
      if (due != realised.has_value()) return id + ": realised too early or too late";
      if (!due || proposals().at(id).IsArchive() || booked_.contains(id)) continue;
      booked_.insert(id);
      ++counts_->realised;
      int64_t expected = 0;
      bool returned = false;
      for (const auto& [artifact, cost] : seen.costs) {
        const bool result = artifact == proposals().at(id).result;
        const int64_t active_us = seen.active_us[artifact];
        const int64_t time_us = result ? active_us : 28 * kDayUs - active_us;
        returned = returned || (!result && active_us > 0);
        const auto part = static_cast<int64_t>(static_cast<Wide>(cost) * time_us / (30 * kDayUs));
        expected += result ? -part : part;
      }
      counts_->returned += returned ? 1 : 0;
      if (*realised != expected) return id + ": realised is not " + FormatDecimal(expected);
    }
    return "";
  }

  std::string Who() { return words_.Pick(2) == 0 ? "alice" : "bob"; }

  Action Say(const std::string& command, const std::string& arguments, const std::string& who) {
    const std::string all = " scopes=proposals:write,proposals:approve,models:write";
    return Parse(command, std::string(arguments).append(" by=").append(who).append(all),
                 model_.NowUs());
  }

  // As `local`, with all scopes.
  Action Order(const std::string& command, const std::string& arguments) {
    return Parse(command, arguments, model_.NowUs());
  }

  // Mostly by another than who proposed it.
  Action Approve(const std::string& id) {
    const auto seen = seen_.find(id);
    const bool own = seen == seen_.end() || words_.Pick(6) == 0;
    const std::string other = own || seen->second.proposer == "bob" ? "alice" : "bob";
    return Say("approve_proposal", id, other);
  }

  Action OnProposals() {
    const uint64_t dice = words_.Pick(50);
    if (dice < 18) return Say("propose", words_.Propose(), Who());
    if (dice < 23) return Say("amend", words_.Incomplete() + words_.Result(), Who());
    if (dice < 34) return Approve(words_.InState("OPEN"));
    if (dice < 36) return Approve(words_.InState("APPROVED"));
    if (dice < 48) return Say("execute", words_.InState("APPROVED"), Who());
    if (dice < 49) return Say("reject_proposal", words_.InState("APPROVED") + " reason=r", Who());
    return Say("withdraw_proposal", words_.InState("OPEN"), Who());
  }

  Action Command() {
    const uint64_t dice = words_.Pick(100);
    if (dice < 50) return OnProposals();
    if (dice < 58) {
      return Order("register", words_.Register() + " value=" + words_.Number(40));
    }
    if (dice < 64) return Order("patch", words_.Changes());
    if (dice < 73) return Order("activate", words_.Of({"CANDIDATE", "RETIRED"}) + " vacancy");
    if (dice < 77) return Order("activate", words_.Activate());
    if (dice < 79) return Order("retire", words_.Active());
    if (dice < 82) return Order("rollback", words_.Active());
    if (dice < 83) return Order("archive", words_.Of({"RETIRED"}));
    if (dice < 84) return Order("purge", words_.Of({"ARCHIVED"}));
    if (dice < 85) return Order("require", words_.Pick(2) == 0 ? "-" : words_.Capability());
    if (dice < 88) return Order("reserve", words_.Reserve("SERVING"));
    if (dice < 89) {
      return Order("freeze", "resource=memory until=" + FormatInstant(model_.NowUs() + kDayUs));
    }
    return Order("advance", "+" + std::to_string(1 + words_.Pick(60)) + "h");
  }

  Model model_;
  WordsOfProposals words_;
  Counts* counts_;
  std::map<std::string, Seen> seen_;
  std::set<std::string> booked_;  // Whose savings were compared.
  std::string log_;
};

void Tell(const char* what, const std::map<std::string, int>& counts) {
  std::cout << what;
  for (const auto& [name, count] : counts) std::cout << "  " << name << " " << count;
  std::cout << "\n";
}

TEST(Proposals, DoWhatWasApprovedAndNothingElse) {
  const char* given = std::getenv("PURSER_SEED");  // NOLINT(concurrency-mt-unsafe)
  const uint64_t first_seed = given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
  std::cout << "first seed " << first_seed << "\n";
  Counts counts;
  for (uint64_t seed = first_seed; seed < first_seed + 40; ++seed) {
    Walk walk(seed, &counts);
    for (int step = 0; step < 400; ++step) {
      const std::string broken = walk.Step();
      ASSERT_EQ(broken, "") << "seed " << seed << "\n" << walk.log();
    }
  }
  Tell("accepted:", counts.accepted);
  Tell("refused:", counts.refused);
  Tell("ended:", counts.ended);
  std::cout << counts.compared << " compared with the command that does the same; "
            << counts.realised << " realised, " << counts.returned << " with one that came back\n";
  for (const char* kind : {"execute RETIRE", "execute REPLACE", "execute ARCHIVE"}) {
    EXPECT_GT(counts.accepted[kind], 50) << kind;
  }
  EXPECT_GT(counts.accepted["execute MERGE"], 15);
  EXPECT_GT(counts.refused["execute premises_changed"], 20);
  EXPECT_GT(counts.ended["SUPERSEDED"], 50);
  EXPECT_GT(counts.ended["EXPIRED"], 20);
  EXPECT_GT(counts.compared, 200);
  EXPECT_GT(counts.realised, 40);
  EXPECT_GT(counts.returned, 10);
}

}  // namespace
}  // namespace purser::model
