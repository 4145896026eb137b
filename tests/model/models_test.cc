// ML models in the reference model, over random histories: a covered rollback works, gates hold, no
// reserve is lowered by who may not (ledger.md 4, 7 and decisions/0010).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "tests/model/action_text.h"
#include "tests/model/calendar.h"
#include "tests/model/decimal.h"
#include "tests/model/model.h"
#include "tests/model/models_words.h"

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

bool IsCovered(const PopulationView& view, const std::string& resource) {
  const std::optional<int64_t> coverage = view.coverage.at(resource);
  return !coverage || *coverage >= 1;
}

bool Forbids(const Artifact& artifact, const std::string& verb) {
  return std::any_of(artifact.constraints.begin(), artifact.constraints.end(),
                     [&verb](const Constraint& each) { return each.forbids.contains(verb); });
}

std::set<std::string> Provided(const Artifacts& artifacts) {
  std::set<std::string> provided;
  for (const auto& [id, artifact] : artifacts) {
    if (!artifact.IsActive()) continue;
    provided.insert(artifact.capabilities.begin(), artifact.capabilities.end());
  }
  return provided;
}

struct Counts {
  std::map<std::string, int> accepted;  // By verb, and of activations by ground.
  std::map<std::string, int> refused;   // By code.
  int rollbacks = 0;                    // That were tried and worked.
  int rows = 0;                         // Several of them, one after the other.
  std::map<std::string, int> failed;    // Rollbacks tried, by code.
  int kept = 0;     // That worked before a command of who may do little, and after it.
  int grown = 0;    // Whose targets grew while coverage was lost already.
  int left = 0;     // Whose targets have left ACTIVE, to which they may not come back.
  int dropped = 0;  // Targets of those that came back.
};

// Who may neither draw on the reserve nor forbid anything, nor change resources.
bool MayDoLittle(const Action& action) {
  return !action.admin && !action.reserve_spend && !action.constraints_write;
}

// A rollback that was tried by who may draw on the reserve.
struct Tried {
  std::string target;
  bool by_replaces = false;
  Amounts footprint;
  bool covered = false;  // By the reserve, whatever other targets there are.
  std::string code;
};

bool IsLarger(const Amounts& one, const Amounts& other) {
  return std::any_of(one.begin(), one.end(), [&other](const auto& entry) {
    const auto found = other.find(entry.first);
    return entry.second > (found == other.end() ? 0 : found->second);
  });
}

class Walk {
 public:
  // Of one that is `mighty` everybody may do everything.
  Walk(uint64_t seed, bool mighty, Counts* counts)
      : words_(seed, &model_), mighty_(mighty), counts_(counts) {
    model_.Reset(*ParseInstant("2026-01-30T12:00:00Z"), {});
    Do("create", "memory capacity amount=60 reserve=22", &model_);
    Do("create", "risk capacity amount=16 reserve=5", &model_);
    Do("create", "archive_storage capacity amount=9 reserve=0", &model_);
    Do("create", "active_models capacity amount=7 reserve=2 step=1", &model_);
    Do("require", words_.Pick(3) == 0 ? "ocr" : "-", &model_);
  }

  // Returns "" or what went wrong; the log tells how it came to it.
  std::string Step() {
    const Action action = Command();
    log_ += ToString(action) + "\n";
    const Model before = model_;
    const Verdict verdict = model_.Do(action);
    Count(action, verdict);
    if (std::string broken = model_.CheckInvariants(); !broken.empty()) return broken;
    if (std::string broken = CheckGates(action, before); !broken.empty()) return broken;
    if (std::string broken = CheckCoverage(action, before); !broken.empty()) return broken;
    if (MayDoLittle(action)) {
      if (std::string broken = CheckReserves(before); !broken.empty()) return broken;
    }
    const std::map<std::string, Tried> tried = tried_;
    if (std::string broken = TryEach(); !broken.empty()) return broken;
    if (MayDoLittle(action)) {
      if (std::string broken = CheckKept(action, before, tried); !broken.empty()) return broken;
    }
    return TryRow();
  }

  const std::string& log() const { return log_; }

 private:
  void Count(const Action& action, const Verdict& verdict) {
    std::string what = ToString(action.verb);
    if (action.ground.vacancy) what += " vacancy";
    if (action.ground.replaces) what += " replaces";
    if (action.ground.reduces_cost) what += " reduces_cost";
    if (action.ground.consumes_reserve) what += " consumes_reserve";
    ++(verdict.code.empty() ? counts_->accepted[what] : counts_->refused[verdict.code]);
  }

  const Artifacts& artifacts() const { return model_.state().zoo.artifacts; }

  // What may not be, whatever was asked.
  std::string CheckGates(const Action& action, const Model& before) const {
    const Zoo& zoo = before.state().zoo;
    for (const auto& [id, was] : zoo.artifacts) {
      const Artifact& is = artifacts().at(id);
      if (was.state == is.state) continue;
      const bool runs = is.IsActive() || is.state == "SHADOW";
      if (runs && Forbids(was, "ACTIVATE")) return id + ": may not be activated";
      if (was.IsActive() && Forbids(was, "RETIRE")) return id + ": may not be retired";
      if (is.state == "ARCHIVED" && Forbids(was, "ARCHIVE")) return id + ": may not be archived";
      if (is.state == "PURGED" && Forbids(was, "PURGE")) return id + ": may not be purged";
      const bool early = was.state == "ROLLBACK_TARGET" && is.state == "RETIRED" &&
                         before.FindArtifact(id)->window_until_us > model_.NowUs();
      if (early) return id + ": retired within its window";
      for (const auto& [other, holder] : artifacts()) {
        const bool needed = is.IsGone() && holder.IsActive() && holder.target == id;
        if (needed)
          return std::string(id).append(": is gone, and the rollback target of ").append(other);
      }
    }
    const std::set<std::string> provided = Provided(artifacts());
    for (const std::string& capability : zoo.required) {
      const bool lost = Provided(zoo.artifacts).contains(capability) &&
                        !provided.contains(capability) && action.verb != Verb::kRequire &&
                        action.verb != Verb::kRollback;
      if (lost) return capability + ": nobody provides it any more";
    }
    return "";
  }

  // What was covered stays so, but by what draws on the reserve.
  std::string CheckCoverage(const Action& action, const Model& before) {
    const bool draws =
        action.reserve_spend && (action.verb == Verb::kRollback ||
                                 (action.verb == Verb::kReserve && action.purpose == "ROLLBACK"));
    const PopulationView was = *before.FindPopulation();
    const PopulationView is = *model_.FindPopulation();
    for (const auto& [resource, coverage] : is.coverage) {
      if (!IsCovered(was, resource) || IsCovered(is, resource)) continue;
      if (!draws) return std::string(resource).append(": coverage was lost");
    }
    const Book& count = model_.state().books.at(kCount);
    const bool lowered = count.Base() < 7 * kOne;
    if (!lowered && is.lent > kOne) return "more than one slot is lent";
    const bool many = is.active * kOne > count.Base() + is.lent;
    return many ? "more are active than there are places" : "";
  }

  std::string CheckReserves(const Model& before) const {
    for (const auto& [name, book] : model_.state().books) {
      if (book.reserve < before.state().books.at(name).reserve) return name + ": reserve lowered";
    }
    return "";
  }

  // What the reserve covers of a footprint; the storage is occupied already.
  bool Covers(const Amounts& footprint) const {
    return std::all_of(footprint.begin(), footprint.end(), [this](const auto& part) {
      return part.first == kStorage || part.second <= model_.state().books.at(part.first).reserve;
    });
  }

  // Each rollback that is covered works for who may draw on the reserve.
  std::string TryEach() {
    tried_.clear();
    for (const auto& [id, artifact] : artifacts()) {
      if (!artifact.IsActive() || artifact.target.empty()) continue;
      const Amounts footprint = artifacts().at(artifact.target).footprint;
      Model alone = model_;
      const std::string code = Do("rollback", id + " by=saver scopes=reserve:spend", &alone).code;
      tried_[id] = {artifact.target, artifact.target_window != 0, footprint, Covers(footprint),
                    code};
      if (code.empty() && alone.FindPopulation()->active == 0) return "nobody is left active";
      if (!tried_[id].covered) continue;
      ++(code.empty() ? counts_->rollbacks : counts_->failed[code]);
      const bool gate = mighty_ && code == "constraint_forbids";
      if (!code.empty() && !gate) {
        return std::string(id).append(": its covered rollback is refused: ").append(code);
      }
      const Artifact& back = alone.state().zoo.artifacts.at(artifact.target);
      const Artifact& was = artifacts().at(artifact.target);
      if (code.empty() && back.target.empty() && !was.target.empty()) ++counts_->dropped;
    }
    return "";
  }

  // Who may do little makes no rollback fail that was covered and worked.
  std::string CheckKept(const Action& action, const Model& before,
                        const std::map<std::string, Tried>& tried) {
    const PopulationView population = *before.FindPopulation();
    const bool all = !population.smallest_coverage || *population.smallest_coverage >= 1;
    for (const auto& [id, was] : tried) {
      const Artifact& artifact = artifacts().at(id);
      if (!was.covered || !was.code.empty() || !artifact.IsActive()) continue;
      const bool asked = action.verb == Verb::kPatch && action.id == id;
      if (artifact.target != was.target) {
        const bool over = was.by_replaces && artifact.target.empty() &&
                          artifacts().at(was.target).state == "RETIRED";
        if (!asked && !over) return id + ": lost its target";
        continue;
      }
      const Tried& is = tried_.at(id);
      if (is.code.empty()) {
        ++counts_->kept;
        continue;
      }
      // Its target, which was active, may not be brought back.
      const bool left = is.code == "constraint_forbids" &&
                        before.state().zoo.artifacts.at(is.target).IsActive() &&
                        !artifacts().at(is.target).IsActive();
      counts_->left += left ? 1 : 0;
      if (left) continue;
      const bool grew = !all && IsLarger(is.footprint, was.footprint);
      if (!grew) return id + ": its rollback worked, and does not any more: " + is.code;
      ++counts_->grown;
    }
    return "";
  }

  // As many of them, one after the other, as coverage says.
  std::string TryRow() {
    const PopulationView view = *model_.FindPopulation();
    if (!view.smallest_coverage || *view.smallest_coverage < 1) return "";
    Model row = model_;
    std::set<std::string> brought_back;
    for (const auto& [id, tried] : tried_) {
      if (static_cast<int64_t>(brought_back.size()) >= *view.smallest_coverage) break;
      if (brought_back.contains(tried.target) || !row.state().zoo.artifacts.at(id).IsActive()) {
        continue;
      }
      const std::string after = Do("rollback", id + " by=saver scopes=reserve:spend", &row).code;
      if (after == "population_full")
        return id + ": rollback number " + std::to_string(brought_back.size() + 1) + " is refused";
      if (after.empty()) brought_back.insert(tried.target);
    }
    counts_->rows += brought_back.size() > 1 ? 1 : 0;
    return "";
  }

  Action Say(const std::string& command, const std::string& arguments) {
    std::string who = " by=alice scopes=approvals:write,debt:incur";
    const uint64_t dice = mighty_ ? words_.Pick(4) : 3;
    if (dice == 0) who = "";
    if (dice == 1) who = " by=bob scopes=reserve:spend";
    return Parse(command, arguments + who, model_.NowUs());
  }

  // As `local`, with all scopes.
  Action Order(const std::string& command, const std::string& arguments) {
    return Parse(command, arguments, model_.NowUs());
  }

  Action Operators() {
    switch (words_.Pick(9)) {
      case 0:
        return Order("update", "active_models amount=" + std::to_string(6 + words_.Pick(4)));
      case 1:
        return Order("withdraw", "memory " + std::to_string(1 + words_.Pick(4)));
      case 2:
        return Order("grant", "memory " + std::to_string(1 + words_.Pick(6)));
      case 3:
        return Order("update", "memory reserve=" + std::to_string(16 + words_.Pick(9)));
      case 4:
        return Order("update", "risk amount=" + std::to_string(12 + words_.Pick(8)));
      case 5:
        return Order("freeze",
                     "resource=memory until=" + FormatInstant(model_.NowUs() + 3'600 * kOne));
      case 6:
        return Order("require", words_.Pick(2) == 0 ? "-" : words_.Capability());
      default:
        return Order("patch", words_.Target() + " reason=r forbid" +
                                  (words_.Pick(2) == 0 ? "=-" : ":LEGAL:x=" + Forbidden()));
    }
  }

  std::string Forbidden() {
    const char* const verbs[] = {"ACTIVATE", "RETIRE", "ARCHIVE", "PURGE"};
    return verbs[words_.Pick(4)];
  }

  Action OnReservations() {
    switch (words_.Pick(6)) {
      case 0:
        return Say("start", words_.Reservation());
      case 1:
        return Say("release", words_.Reservation());
      default:
        return Say("reserve",
                   words_.Reserve(mighty_ && words_.Pick(6) == 0 ? "ROLLBACK" : "SERVING"));
    }
  }

  Action Command() {
    const uint64_t dice = words_.Pick(100);
    if (dice < 12) return Say("register", words_.Register());
    if (dice < 20) return Say("patch", words_.Patch());
    if (dice < 23) return Say("shadow", words_.Of({"CANDIDATE"}));
    if (dice < 26) return Say("retire", words_.Of({"ACTIVE", "CANDIDATE", "SHADOW"}));
    if (dice < 31) return Say("archive", words_.Of({"RETIRED"}));
    if (dice < 34) return Say("purge", words_.Of({"ARCHIVED"}));
    if (dice < 42) return Say("rollback", words_.Active());
    if (dice < 50) return Say("advance", "+" + std::to_string(1 + words_.Pick(30)) + "h");
    if (dice < 60) return OnReservations();
    if (dice < 64) return mighty_ ? Operators() : OnReservations();
    if (dice < 74) return Approve();
    return Say("activate", words_.Activate());
  }

  // Of what waits, if anything does: a random one would seldom be it.
  Action Approve() {
    const auto pending = model_.FindPopulation()->pending;
    const std::string id =
        pending.empty() ? words_.Active() : pending[words_.Pick(pending.size())].model;
    return mighty_ ? Order("approve", id) : Say("approve", id);
  }

  Model model_;
  Words words_;
  bool mighty_;
  Counts* counts_;
  std::map<std::string, Tried> tried_;  // In the present state, by who would be taken out.
  std::string log_;
};

void Tell(const char* what, const std::map<std::string, int>& counts) {
  std::cout << what;
  for (const auto& [name, count] : counts) std::cout << "  " << name << " " << count;
  std::cout << "\n";
}

Counts WalkSeeds(bool mighty) {
  const char* given = std::getenv("PURSER_SEED");  // NOLINT(concurrency-mt-unsafe)
  const uint64_t first_seed = given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
  std::cout << "first seed " << first_seed << "\n";
  Counts counts;
  for (uint64_t seed = first_seed; seed < first_seed + 60; ++seed) {
    Walk walk(seed, mighty, &counts);
    for (int step = 0; step < 400; ++step) {
      const std::string broken = walk.Step();
      EXPECT_EQ(broken, "") << "seed " << seed << "\n" << walk.log();
      if (!broken.empty()) return counts;
    }
  }
  Tell("accepted:", counts.accepted);
  Tell("refused:", counts.refused);
  Tell("covered rollbacks refused:", counts.failed);
  std::cout << counts.rollbacks << " covered rollbacks work, " << counts.rows << " times several; "
            << counts.kept << " kept by who may do little, " << counts.grown
            << " not as their targets grew, " << counts.left << " whose targets left; "
            << counts.dropped << " targets dropped\n";
  EXPECT_GT(counts.rollbacks, 1'000);
  EXPECT_GT(counts.rows, 100);
  EXPECT_GT(counts.kept, 1'000);
  EXPECT_GT(counts.dropped, 10);
  return counts;
}

TEST(Artifacts, OfWhoMayNotDrawOnTheReserveAreRolledBackWhileCovered) {
  const Counts counts = WalkSeeds(false);
  for (const char* what :
       {"activate vacancy", "activate replaces", "activate reduces_cost", "rollback"}) {
    EXPECT_GT(counts.accepted.at(what), 50) << what;
  }
}

// A model that borrows of the reserve whatever it occupies.
Model Borrowers() {
  Model model;
  model.Reset(0, {});
  Do("create", "memory capacity amount=50 reserve=50", &model);
  return model;
}

TEST(Loans, AreSixteenAtMost) {
  Model model = Borrowers();
  const auto ask = [&model](const std::string& id, const std::string& footprint) {
    Do("register", id + footprint, &model);
    return Do("activate", id + " consumes_reserve reason=r due_back=+7d by=alice", &model);
  };
  const auto name = [](int i) { return "m" + std::to_string(i); };
  for (int i = 0; i < 17; ++i) {
    EXPECT_TRUE(ask(name(i), " fp:memory=1").pending) << i;
    if (i >= 15) continue;
    EXPECT_EQ(Do("approve", name(i), &model).code, "");
  }
  EXPECT_EQ(Do("approve", "m15", &model).code, "");
  EXPECT_EQ(Do("approve", "m16", &model).code, "limit_of_the_daemon");
  // Judged when it is asked for; what draws nothing on the reserve is no loan.
  EXPECT_EQ(ask("m17", " fp:memory=1").code, "limit_of_the_daemon");
  EXPECT_TRUE(ask("none", "").pending);
  EXPECT_EQ(model.FindPopulation()->loans.size(), 16u);
  EXPECT_EQ(model.FindPopulation()->pending.size(), 2u);
  EXPECT_EQ(model.FindArtifact("m16")->state, "CANDIDATE");
  Do("retire", "m3", &model);
  // The reserve is not whole again: all sixteen stand.
  EXPECT_EQ(Do("approve", "m16", &model).code, "limit_of_the_daemon");
  Do("update", "memory reserve=35", &model);
  EXPECT_EQ(model.FindPopulation()->loans.size(), 0u);
  EXPECT_EQ(Do("approve", "m16", &model).code, "");
  EXPECT_EQ(model.CheckInvariants(), "");
}

TEST(Approvals, AreAThousandPendingAtMost) {
  Model model = Borrowers();
  Do("register", "m fp:memory=1", &model);
  const auto ask = [&model] {
    return Do("activate", "m consumes_reserve reason=r due_back=+7d by=alice", &model);
  };
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(ask().pending) << i;
  EXPECT_EQ(ask().code, "limit_of_the_daemon");
  EXPECT_EQ(Do("reject", "m", &model).code, "");
  EXPECT_TRUE(ask().pending);
  EXPECT_EQ(Do("approve", "m", &model).code, "");
  Do("advance", "+24h", &model);
  EXPECT_TRUE(model.FindPopulation()->pending.empty());
}

TEST(Artifacts, KeepTheirGatesWhoeverCommands) {
  const Counts counts = WalkSeeds(true);
  for (const char* what : {"activate replaces", "approve", "rollback", "purge"}) {
    EXPECT_GT(counts.accepted.at(what), 50) << what;
  }
}

}  // namespace
}  // namespace purser::model
