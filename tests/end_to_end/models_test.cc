// Models over REST: their states, the grounds of activations, rollbacks, and what the population
// is.
#include <thread>

#include "daemon/sha256.h"
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

const std::string kModels = kBooks + "/models";
const std::string kMemory = kBooks + "/resources/active_model_memory";

// A model that occupies so much memory, of the vision family.
std::string Model(const std::string& id, const std::string& memory, const std::string& more = "") {
  return Concat(R"({"id":")", id, R"(","operator_family":"vision","capabilities":["ocr"],)",
                R"("footprint":{"active_model_memory":")", memory,
                R"(","archive_storage":"0.1"},"monthly_costs":{"inference":"100"})", more, "}");
}

class Models : public DaemonTest {
 protected:
  void Register(const std::string& id, const std::string& memory, const std::string& more = "") {
    const RestAnswer answer = Post(kModels, Model(id, memory, more));
    ASSERT_EQ(answer.status, 201) << answer;
  }
  RestAnswer Activate(const std::string& id, const std::string& ground) {
    return Post(Concat(kModels, "/", id, ":activate"), ground);
  }
  std::string StateOf(const std::string& id) { return Get(kModels + "/" + id).Field("state"); }
};

TEST_F(Models, LiveFromRegistrationToPurge) {
  const RestAnswer made = Post(kModels, Model("a", "10"));
  ASSERT_EQ(made.status, 201) << made;
  EXPECT_EQ(made.Field("state"), "CANDIDATE");
  EXPECT_THAT(made.body, HasSubstr(R"("occupies":{"archive_storage":"0.1"})"));
  EXPECT_EQ(made.Header("ETag"), "\"1\"");
  // Said again it is the same; with other content it is a conflict.
  const RestAnswer again = Post(kModels, Model("a", "10"));
  EXPECT_EQ(again.status, 200) << again;
  EXPECT_EQ(again.Header("Idempotency-Replayed"), "true");
  const RestAnswer other = Post(kModels, Model("a", "11"));
  EXPECT_EQ(other.code(), "id_conflict");
  EXPECT_THAT(other.body, HasSubstr(R"("fields":[{"path":"footprint.active_model_memory",)"
                                    R"("code":"id_conflict","message":"differs from the first )"
                                    R"(request","was":"\"10\"","now":"\"11\""}])"));
  EXPECT_EQ(Post(kModels + "/a:shadow", "{}").Field("state"), "SHADOW");
  const RestAnswer active = Activate("a", R"({"vacancy":{}})");
  EXPECT_EQ(active.Field("state"), "ACTIVE") << active;
  EXPECT_THAT(active.body,
              HasSubstr(R"("occupies":{"active_model_memory":"10","active_models":"1")"));
  EXPECT_EQ(Get(kMemory).Field("identity"), "granted 80 = available 50 + reserve 20 + in_use 10");
  EXPECT_EQ(Activate("a", R"({"vacancy":{}})").code(), "wrong_state");
  EXPECT_EQ(Post(kModels + "/a:retire", "{}").Field("state"), "RETIRED");
  EXPECT_EQ(Post(kModels + "/a:archive", "{}").Field("state"), "ARCHIVED");
  EXPECT_EQ(Post(kModels + "/a:purge", "{}").Field("state"), "PURGED");
  EXPECT_EQ(StateOf("a"), "PURGED");
  EXPECT_EQ(Get(kMemory).Field("identity"), "granted 80 = available 60 + reserve 20");
  EXPECT_EQ(Post(kModels, Model("a", "10")).code(), "id_conflict");
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
}

TEST_F(Models, HaveTheReasonOfTheirFirstConstraintsInTheJournal) {
  const std::string constraint =
      R"(,"constraints":[{"kind":"LEGAL","name":"hold","forbids":["PURGE"]}])";
  EXPECT_EQ(Post(kModels, Model("a", "1", constraint)).code(), "invalid_argument");
  ASSERT_EQ(Post(kModels, Model("a", "1", constraint + R"(,"reason":"a court")")).status, 201);
  const std::string entry = Get(Concat(kBooks, "/journal/", Sequence())).body;
  EXPECT_THAT(entry, HasSubstr(R"("constraints_set":"hold")"));
  EXPECT_THAT(entry, HasSubstr(R"("reason":"a court")"));
  // Why is no part of what it is.
  EXPECT_EQ(Post(kModels, Model("a", "1", constraint + R"(,"reason":"a judge")")).status, 200);
}

TEST_F(Models, AreReplacedAndRolledBackThroughAKill) {
  Register("old", "12");
  Register("new", "14");
  ASSERT_EQ(Activate("old", R"({"vacancy":{}})").status, 200);
  const std::string before = Sequence();
  const RestAnswer replaced = Activate("new", R"({"replaces":{"models":["old"]}})");
  ASSERT_EQ(replaced.status, 200) << replaced;
  EXPECT_EQ(replaced.Field("replaced_target"), "old");
  const RestAnswer old = Get(kModels + "/old");
  EXPECT_EQ(old.Field("state"), "ROLLBACK_TARGET");
  EXPECT_EQ(old.Field("rollback_window_ends"), "2026-01-08T00:00:00Z");
  EXPECT_EQ(Post(kModels + "/old:archive", "{}").code(), "wrong_state");
  EXPECT_EQ(Post(kModels + "/old:retire", "{}").code(), "rollback_window");
  KillAndRestart();
  EXPECT_EQ(Get(kModels + "/old").body, old.body);
  const RestAnswer population = Get(kBooks + "/population");
  EXPECT_EQ(population.Field("coverage"), "1");
  EXPECT_THAT(population.body, HasSubstr(R"("active_models":["new"])"));
  const RestAnswer back = Post(kModels + "/new:rollback", "{}");
  ASSERT_EQ(back.status, 200) << back;
  EXPECT_EQ(back.Field("id"), "new");
  EXPECT_EQ(back.Field("state"), "RETIRED");
  EXPECT_EQ(StateOf("old"), "ACTIVE");
  EXPECT_EQ(Post(kModels + "/old:rollback", "{}").code(), "no_rollback_target");
  // Who was active when.
  EXPECT_THAT(Get(kBooks + "/population?as_of=" + before).body,
              HasSubstr(R"("active_models":["old"])"));
  EXPECT_EQ(Get(kModels + "/old?as_of=" + before).Field("state"), "ACTIVE");
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
}

TEST_F(Models, TargetsAreRetiredWhenTheirWindowEnds) {
  Register("old", "12");
  Register("new", "14");
  ASSERT_EQ(Activate("old", R"({"vacancy":{}})").status, 200);
  ASSERT_EQ(Activate("new", R"({"replaces":{"models":["old"]}})").status, 200);
  ASSERT_EQ(Advance(R"({"by":"604800s"})").status, 200);
  EXPECT_EQ(StateOf("old"), "RETIRED");
  EXPECT_THAT(Get(kModels + "/new").body, Not(HasSubstr("replaced_target")));
}

TEST_F(Models, AreRefusedWithNumbersWhereThereIsNoRoom) {
  Register("small", "50");
  Register("large", "20");
  ASSERT_EQ(Activate("small", R"({"vacancy":{}})").status, 200);
  const RestAnswer full = Activate("large", R"({"vacancy":{}})");
  EXPECT_EQ(full.status, 409) << full;
  EXPECT_EQ(full.code(), "population_full");
  EXPECT_THAT(full.body, HasSubstr(R"("resource":"active_model_memory","requested":"20")"));
  EXPECT_THAT(full.body, HasSubstr(R"("short_by":"10")"));
  EXPECT_EQ(StateOf("large"), "CANDIDATE");
}

TEST_F(Models, ReduceCostOnlyWhereTheyDo) {
  Register("dear", "10");
  Register("cheap", "10", R"(,"quality":{"ocr":"0.9"})");
  ASSERT_EQ(Activate("dear", R"({"vacancy":{}})").status, 200);
  const RestAnswer more =
      Activate("cheap", R"({"reduces_cost":{"cost_changes":{"dear":{"inference":"99"}}}})");
  EXPECT_EQ(more.code(), "cost_not_reduced") << more;
  const RestAnswer higher =
      Activate("cheap", R"({"reduces_cost":{"cost_changes":{"dear":{"inference":"101"}}}})");
  EXPECT_EQ(higher.status, 400) << higher;
  EXPECT_EQ(Activate("cheap", R"({"vacancy":{},"replaces":{"models":["dear"]}})").status, 400);
  EXPECT_EQ(Activate("cheap", "{}").status, 400);
  EXPECT_EQ(Activate("cheap", R"({"replaces":{"models":["nobody"]}})").code(), "unknown_model");
}

TEST_F(Models, HaveConstraintsThatNothingOutbids) {
  Register(
      "kept", "10",
      R"(,"constraints":[{"kind":"LEGAL","name":"audit","forbids":["RETIRE"]}],"reason":"law")");
  Register("other", "10");
  ASSERT_EQ(Activate("kept", R"({"vacancy":{}})").status, 200);
  const RestAnswer retired = Post(kModels + "/kept:retire", "{}");
  EXPECT_EQ(retired.code(), "constraint_forbids") << retired;
  EXPECT_THAT(retired.body, HasSubstr(R"("kind":"CONSTRAINT","name":"audit")"));
  EXPECT_THAT(retired.body, HasSubstr(R"("model":"kept")"));
  EXPECT_EQ(Activate("other", R"({"replaces":{"models":["kept"]}})").code(), "constraint_forbids");
  const RestAnswer lifted = Patch(kModels + "/kept", R"({"constraints":[],"reason":"over"})",
                                  {{"If-Match", Get(kModels + "/kept").Header("ETag")}});
  EXPECT_EQ(lifted.status, 200) << lifted;
  EXPECT_EQ(Post(kModels + "/kept:retire", "{}").status, 200);
}

TEST_F(Models, BadInputIsRefusedAndLosesNothing) {
  const std::string before = Sequence();
  const std::pair<std::string, std::string> bodies[] = {
      {Model("a", "-1"), "invalid_argument"},
      {Model("a", "1", R"(,"parents":["a"])"), "lineage_cycle"},
      {Model("a", "1", R"(,"parents":["nobody"])"), "unknown_model"},
      {Model("a", "1", R"(,"rollback_target":"nobody")"), "unknown_model"},
      {Model("a", "1", R"(,"rollback_target":"a")"), "invalid_argument"},
      {R"({"id":"a","operator_family":"v","footprint":{"nothing":"1"}})", "unknown_resource"},
      {R"({"id":"a","operator_family":"v","footprint":{"gpu_hours":"1"}})", "invalid_argument"},
      {R"({"id":"a","operator_family":"v","footprint":{"active_models":"1"}})", "invalid_argument"},
      {R"({"id":"a"})", "invalid_argument"},
      {R"({"id":"a","operator_family":"v","state":"ACTIVE"})", "unknown_field"}};
  for (const auto& [body, code] : bodies) {
    const RestAnswer answer = Post(kModels, body);
    EXPECT_EQ(answer.code(), code) << body << "\n" << answer;
  }
  EXPECT_EQ(Post(kModels + "/nobody:retire", "{}").code(), "not_found");
  EXPECT_EQ(Get(kModels + "/nobody").code(), "not_found");
  EXPECT_EQ(Sequence(), before);
}

// Each PATCH may name 32; together they may not be more.
TEST_F(Models, HaveAQualityInSoManyCapabilitiesAtMost) {
  Register("a", "1");
  const auto patch = [this](int first) {
    std::string quality;
    for (int i = first; i < first + 32; ++i) {
      quality += Concat(quality.empty() ? "" : ",", "\"c", i, R"(":"1")");
    }
    return Patch(kModels + "/a", Concat(R"({"quality":{)", quality, "}}"), {{"If-Match", "*"}});
  };
  ASSERT_EQ(patch(0).status, 200);
  const RestAnswer before = Get(kModels + "/a");
  const RestAnswer more = patch(1);
  EXPECT_EQ(more.code(), "limit_of_the_daemon") << more;
  EXPECT_EQ(Get(kModels + "/a").body, before.body);
}

TEST_F(Models, ChangeTheirBudgetSlowly) {
  const std::string slots = kBooks + "/resources/active_models";
  const RestAnswer much = Patch(slots, R"({"amount":"26"})", {{"If-Match", "*"}});
  EXPECT_EQ(much.code(), "budget_step") << much;
  EXPECT_THAT(much.body, HasSubstr(R"("schedule":[{"from":"2026-01-01T00:00:00Z","amount":"22"},)"
                                   R"({"from":"2026-02-01T00:00:00Z","amount":"24"},)"
                                   R"({"from":"2026-03-01T00:00:00Z","amount":"26"}])"));
  EXPECT_EQ(Patch(slots, R"({"amount":"22"})", {{"If-Match", "*"}}).status, 200);
  EXPECT_EQ(Patch(slots, R"({"amount":"23"})", {{"If-Match", "*"}}).code(), "budget_step");
  // What it told comes true.
  ASSERT_EQ(Advance(R"({"to":"2026-02-01T00:00:00Z"})").status, 200);
  EXPECT_EQ(Patch(slots, R"({"amount":"24"})", {{"If-Match", "*"}}).status, 200);
}

class ModelsOfSeveral : public Models {
 protected:
  // Of the configuration, before the tokens.
  virtual std::string Settings() const { return ""; }
  void SetUp() override {
    std::string config = Settings();
    for (const auto& [name, scopes] :
         {std::pair("alice", R"("ledger:read","models:write","proposals:write")"),
          std::pair("bob",
                    R"("ledger:read","approvals:write","reserve:spend","proposals:approve")"),
          std::pair("carol", R"("ledger:read","approvals:write","reservations:write")")}) {
      config += Concat("[[tokens]]\nname = \"", name, "\"\nsha256 = \"", Hex(Sha256(name)),
                       "\"\nscopes = [", scopes, "]\n\n");
    }
    WriteConfig(config);
    Start();
    for (const std::string name : {"alice", "bob", "carol"}) {
      clients_.emplace(name, RestClient(port(), name));
    }
  }
  RestClient& As(const std::string& name) { return clients_.at(name); }
  void Serve(const std::string& id, const std::string& memory) {
    ASSERT_EQ(As("alice").Post(kModels, Model(id, memory)).status, 201);
    ASSERT_EQ(As("alice").Post(Concat(kModels, "/", id, ":activate"), R"({"vacancy":{}})").status,
              200);
  }

  std::map<std::string, RestClient> clients_;
};

TEST_F(ModelsOfSeveral, ConsumeTheReserveByFourEyes) {
  Serve("first", "55");
  ASSERT_EQ(As("alice").Post(kModels, Model("second", "15")).status, 201);
  const RestAnswer asked = As("alice").Post(
      kModels + "/second:activate",
      R"({"consumes_reserve":{"reason":"launch","due_back":"2026-01-03T00:00:00Z"}})");
  ASSERT_EQ(asked.status, 202) << asked;
  const std::string approval = asked.Field("id");
  EXPECT_EQ(As("bob").Get(kModels + "/second").Field("state"), "CANDIDATE");
  EXPECT_THAT(As("bob").Get(kBooks + "/approvals").body, HasSubstr(approval));
  const std::string approve = Concat(kBooks, "/approvals/", approval, ":approve");
  // Not without the scope of the reserve, nor by who asked.
  EXPECT_EQ(As("carol").Post(approve, "{}").status, 403);
  const RestAnswer approved = As("bob").Post(approve, "{}");
  ASSERT_EQ(approved.status, 200) << approved;
  EXPECT_EQ(approved.Field("state"), "ACTIVE");
  EXPECT_EQ(As("bob").Get(kMemory).Field("identity"), "granted 80 = reserve 10 + in_use 70");
  EXPECT_THAT(As("bob").Get(kBooks + "/population").body,
              HasSubstr(R"("drawn":{"active_model_memory":"10"})"));
  EXPECT_EQ(As("bob").Post(approve, "{}").code(), "not_found");
}

TEST_F(ModelsOfSeveral, AreRetiredByProposals) {
  const std::string proposals = kBooks + "/proposals";
  Serve("a", "30");
  Serve("b", "30");
  const RestAnswer made = As("alice").Post(
      proposals, R"({"id":"p","kind":"RETIRE","models":["a"],"reason":"nobody asks for it"})");
  ASSERT_EQ(made.status, 201) << made;
  EXPECT_EQ(made.Field("state"), "OPEN");
  const RestAnswer shown = As("alice").Get(proposals + "/p");
  EXPECT_THAT(shown.body, HasSubstr(R"("frees":{"active_model_memory":"30","active_models":"1"})"));
  EXPECT_THAT(shown.body, HasSubstr(R"("incremental_inference":"100")"));
  EXPECT_EQ(As("alice").Post(proposals + "/p:execute", "{}").code(), "wrong_state");
  // A state is judged before If-Match.
  const Headers stale = {{"If-Match", "\"9\""}};
  EXPECT_EQ(As("alice").Post(proposals + "/p:execute", "{}", stale).code(), "wrong_state");
  EXPECT_EQ(As("bob").Post(proposals + "/p:approve", "{}", stale).code(), "precondition_failed");
  EXPECT_EQ(As("alice").Post(proposals + "/p:approve", "{}").status, 403);
  ASSERT_EQ(As("bob").Post(proposals + "/p:approve", "{}").status, 200);
  // Its premises change.
  ASSERT_EQ(As("alice")
                .Send("PATCH", kModels + "/a", R"({"quality":{"ocr":"0.5"}})", {{"If-Match", "*"}})
                .status,
            200);
  const RestAnswer changed = As("bob").Post(proposals + "/p:execute", "{}");
  EXPECT_EQ(changed.code(), "premises_changed") << changed;
  ASSERT_EQ(As("bob").Post(proposals + "/p:approve", "{}").status, 200);
  KillAndRestart();
  clients_.clear();
  for (const std::string name : {"alice", "bob", "carol"}) {
    clients_.emplace(name, RestClient(port(), name));
  }
  const RestAnswer executed = As("bob").Post(proposals + "/p:execute", "{}");
  ASSERT_EQ(executed.status, 200) << executed;
  EXPECT_EQ(executed.Field("state"), "EXECUTED");
  EXPECT_EQ(executed.Field("promised_saving"), "100");
  EXPECT_EQ(As("bob").Get(kModels + "/a").Field("state"), "RETIRED");
  EXPECT_THAT(As("bob").Get(kBooks + "/proposers").body,
              HasSubstr(R"({"principal":"alice","proposals":"1","executed":"1")"));
}

TEST_F(ModelsOfSeveral, MakeRoomForWhoWasDenied) {
  const std::string proposals = kBooks + "/proposals";
  Serve("a", "30");
  Serve("b", "25");
  ASSERT_EQ(As("alice").Post(proposals, R"({"id":"p","kind":"RETIRE","models":["a"]})").status,
            201);
  const std::string body = Concat(R"({"id":"r","purpose":"SERVING","amounts":)",
                                  R"({"active_model_memory":"20"},)", kLabels, "}");
  const RestAnswer denied = As("carol").Post(kReservations, body);
  ASSERT_EQ(denied.status, 409) << denied;
  EXPECT_THAT(denied.body, HasSubstr(R"("kind":"APPROVE_PROPOSAL")"));
  EXPECT_THAT(denied.body, HasSubstr(R"("proposal":"p","frees":{"active_model_memory":"30")"));
  // Who waits is granted in the entry that carries it out.
  std::string waits = body;
  waits.replace(waits.find("\"r\""), 3, R"("w","on_shortage":"QUEUE")");
  const RestAnswer queued = As("carol").Post(kReservations, waits);
  ASSERT_EQ(queued.status, 202) << queued;
  EXPECT_THAT(As("alice").Get(proposals + "/p").body, HasSubstr(R"("unblocks":["w"])"));
  ASSERT_EQ(As("bob").Post(proposals + "/p:approve", "{}").status, 200);
  const RestAnswer executed = As("bob").Post(proposals + "/p:execute", "{}");
  ASSERT_EQ(executed.status, 200) << executed;
  EXPECT_EQ(As("carol").Get(kReservations + "/w").Field("state"), "GRANTED");
}

TEST_F(ModelsOfSeveral, AreLookedAtByTheReviewer) {
  const std::string proposals = kBooks + "/proposals";
  ASSERT_EQ(As("alice").Post(kModels, Model("good", "10", R"(,"quality":{"ocr":"0.9"})")).status,
            201);
  ASSERT_EQ(As("alice")
                .Post(kModels, R"({"id":"poor","operator_family":"vision","capabilities":["ocr"],)"
                               R"("quality":{"ocr":"0.5"},"monthly_costs":{"inference":"300"}})")
                .status,
            201);
  for (const std::string id : {"good", "poor"}) {
    ASSERT_EQ(As("alice").Post(Concat(kModels, "/", id, ":activate"), R"({"vacancy":{}})").status,
              200);
  }
  const RestAnswer tried = As("alice").Post(proposals + ":review?dry_run=true", "{}");
  ASSERT_EQ(tried.status, 200) << tried;
  EXPECT_EQ(tried.Field("dominated"), "1");
  const RestAnswer reviewed = As("alice").Post(proposals + ":review", "{}");
  ASSERT_EQ(reviewed.status, 200) << reviewed;
  EXPECT_THAT(reviewed.body, HasSubstr(R"("kind":"RETIRE","models":["poor"])"));
  EXPECT_THAT(reviewed.body, HasSubstr(R"("evidence":{"dominated_by":"good"})"));
  EXPECT_THAT(reviewed.body, HasSubstr(R"("proposer":"reviewer")"));
  const std::string id = Concat("_", reviewed.Header("Ledger-Sequence"));
  EXPECT_THAT(reviewed.body, HasSubstr(Concat(R"("id":")", id, "\"")));
  const std::string other = R"({"id":"p","kind":"RETIRE","models":["good"]})";
  ASSERT_EQ(As("alice").Post(proposals, other).status, 201);
  const RestAnswer conflict =
      As("alice").Post(proposals, R"({"id":"p","kind":"RETIRE","models":["poor"],"reason":"r"})");
  EXPECT_EQ(conflict.code(), "id_conflict");
  EXPECT_THAT(conflict.body, HasSubstr(R"("path":"models[0]")"));
  EXPECT_THAT(conflict.body, HasSubstr(R"("path":"reason")"));
  // What is proposed already is not proposed again.
  EXPECT_THAT(As("alice").Post(proposals + ":review", "{}").body, HasSubstr(R"("proposals":[])"));
  EXPECT_EQ(As("alice").Post(proposals + ":review", R"({"reservation":"nobody"})").code(),
            "not_found");
}

class ModelsThatNobodyReviews : public ModelsOfSeveral {
  std::string Settings() const override { return "[models]\nreview_proposals_max = 0\n\n"; }
};

// It is found, and not proposed.
TEST_F(ModelsThatNobodyReviews, AreNotProposedEvenForWhoWaits) {
  Serve("a", "30");
  Serve("b", "25");
  const std::string body = Concat(R"({"id":"w","purpose":"SERVING","on_shortage":"QUEUE",)",
                                  R"("amounts":{"active_model_memory":"20"},)", kLabels, "}");
  ASSERT_EQ(As("carol").Post(kReservations, body).status, 202);
  const RestAnswer reviewed =
      As("alice").Post(kBooks + "/proposals:review", R"({"reservation":"w"})");
  EXPECT_EQ(reviewed.Field("set"), "FOUND") << reviewed;
  EXPECT_THAT(reviewed.body, HasSubstr(R"("proposals":[])"));
}

// Each of 16 proposals replaces the same model, and all are executed at once: one is, the others
// are overtaken, and nothing is occupied twice.
TEST_F(ModelsOfSeveral, OneOfManyProposalsForAModelIsExecuted) {
  const std::string proposals = kBooks + "/proposals/";
  constexpr int kCount = 16;
  Serve("old", "5");
  for (int i = 0; i < kCount; ++i) {
    ASSERT_EQ(As("alice").Post(kModels, Model(Concat("new-", i), "6")).status, 201);
    const std::string body = Concat(R"({"id":"p)", i, R"(","kind":"REPLACE","models":["old"],)",
                                    R"("result_model":"new-)", i, "\"}");
    ASSERT_EQ(As("alice").Post(kBooks + "/proposals", body).status, 201);
    ASSERT_EQ(As("bob").Post(Concat(proposals, "p", i, ":approve"), "{}").status, 200);
  }
  std::vector<RestAnswer> answers(kCount);
  std::vector<std::thread> threads;
  threads.reserve(kCount);
  for (int i = 0; i < kCount; ++i) {
    threads.emplace_back([this, i, &proposals, &answers] {
      RestClient client(port(), "bob");
      answers[i] = client.Post(Concat(proposals, "p", i, ":execute"), "{}");
    });
  }
  for (std::thread& thread : threads) thread.join();
  int executed = 0;
  for (const RestAnswer& answer : answers) {
    const bool done = answer.status == 200;
    executed += done ? 1 : 0;
    EXPECT_EQ(answer.code(), done ? "" : "wrong_state") << answer;
  }
  EXPECT_EQ(executed, 1);
  EXPECT_EQ(As("bob").Get(kMemory).Field("identity"),
            "granted 80 = available 54 + reserve 20 + in_use 6");
  const std::string listed = As("bob").Get(kBooks + "/proposals?state=SUPERSEDED").body;
  size_t overtaken = 0;
  for (size_t at = listed.find(R"("state":"SUPERSEDED")"); at != std::string::npos;
       at = listed.find(R"("state":"SUPERSEDED")", at + 1)) {
    ++overtaken;
  }
  EXPECT_EQ(overtaken, kCount - 1);
}

TEST_F(ModelsOfSeveral, BadProposalsAreRefusedAndLoseNothing) {
  const std::string proposals = kBooks + "/proposals";
  Serve("a", "5");
  Serve("b", "5");
  const std::string large = Model("large", "25");
  ASSERT_EQ(As("alice").Post(kModels, large).status, 201);
  const std::string before = As("bob").Get(kBooks).Field("ledger_sequence");
  const std::pair<const char*, const char*> bodies[] = {
      {R"({"kind":"MERGE","models":["a","a"]})", "invalid_argument"},
      {R"({"kind":"MERGE","models":["a"]})", "invalid_argument"},
      {R"({"kind":"MERGE","models":["a","b"],"result_model":"a"})", "invalid_argument"},
      {R"({"kind":"REPLACE","models":["a"]})", "invalid_argument"},
      {R"({"kind":"RETIRE","models":[]})", "invalid_argument"},
      {R"({"kind":"RETIRE","models":["a"],"result_model":"b"})", "invalid_argument"},
      {R"({"kind":"LUNCH","models":["a"]})", "invalid_argument"},
      {R"({"kind":"RETIRE","models":["nobody"]})", "unknown_model"},
      {R"({"kind":"REPLACE","models":["a"],"result_model":"nobody"})", "unknown_model"},
      {R"({"kind":"RETIRE","models":["large"]})", "wrong_state"},
      {R"({"kind":"ARCHIVE","models":["a"]})", "wrong_state"},
      {R"({"kind":"REPLACE","models":["a"],"result_model":"b"})", "wrong_state"},
      {R"({"kind":"RETIRE","models":["a"],"expire_time":"2020-01-01T00:00:00Z"})",
       "invalid_argument"}};
  for (const auto& [body, code] : bodies) {
    const RestAnswer answer = As("alice").Post(proposals, body);
    EXPECT_EQ(answer.code(), code) << body << "\n" << answer;
  }
  EXPECT_EQ(As("bob").Post(proposals + "/nobody:approve", "{}").code(), "not_found");
  EXPECT_EQ(As("carol").Post(proposals, R"({"kind":"RETIRE","models":["a"]})").status, 403);
  EXPECT_EQ(As("bob").Get(kBooks).Field("ledger_sequence"), before);
}

// One whose id the daemon made is named as any other.
TEST_F(Models, WithoutAnIdAreNamedByTheOneTheyGot) {
  const std::string body = R"({"operator_family":"vision","capabilities":["ocr"]})";
  const RestAnswer made = Post(kModels, body);
  ASSERT_EQ(made.status, 201) << made;
  const std::string id = made.Field("id");
  ASSERT_EQ(id.front(), '_');
  ASSERT_EQ(Activate(id, R"({"vacancy":{}})").status, 200);
  Register("child", "5", Concat(R"(,"parents":[")", id, "\"]"));
  const std::string proposal =
      Concat(R"({"id":"p","kind":"REPLACE","models":[")", id, R"("],"result_model":"child"})");
  EXPECT_EQ(Post(kBooks + "/proposals", proposal).status, 201);
  const RestAnswer replaced = Activate("child", Concat(R"({"replaces":{"models":[")", id, "\"]}}"));
  EXPECT_EQ(replaced.Field("replaced_target"), id) << replaced;
  const RestAnswer named =
      Patch(kModels + "/child", Concat(R"({"rollback_target":")", id, "\"}"), {{"If-Match", "*"}});
  EXPECT_EQ(named.Field("rollback_target"), id) << named;
  // Nobody gets such an id by asking for it.
  EXPECT_EQ(Post(kModels, Model("_9", "1")).code(), "invalid_argument");
}

// It would have to be brought back out of a reserve that is never as large.
TEST_F(Models, ATargetThatNoReserveCouldCoverIsRefused) {
  Register("large", "25");
  Register("small", "5");
  ASSERT_EQ(Activate("large", R"({"vacancy":{}})").status, 200);
  const std::string before = Sequence();
  const RestAnswer replaced = Activate("small", R"({"replaces":{"models":["large"]}})");
  EXPECT_EQ(replaced.code(), "coverage_lost") << replaced;
  EXPECT_THAT(replaced.body, HasSubstr("even the whole reserve, 20, could not cover it"));
  EXPECT_EQ(Sequence(), before);
  EXPECT_EQ(StateOf("large"), "ACTIVE");
}

}  // namespace
}  // namespace purser
