// Batches over REST: each for itself, all or nothing, their keys and their limits.
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

class Batches : public DaemonTest {
 protected:
  static std::string Many(size_t count, bool atomic) {
    return Batch(std::vector<std::string>(count, R"({"start":{"id":"nobody"}})"), atomic);
  }
};

TEST_F(Batches, JudgesEachMemberForItselfInOrder) {
  const RestAnswer answer = Post(
      kBatch,
      Batch({Create("a", "40"),
             R"({"charge":{"reservation":"a","id":"c1","amounts":{"gpu_hours":"3"}}})",
             R"({"settle":{"id":"a","amounts":{"gpu_hours":"1"}}})", Create("b", "9000"),
             R"({"release":{"id":"nobody"}})",
             Concat(R"({"post_charge":{"id":"c2","amounts":{"gpu_hours":"2"},)", kLabels, "}}")}));
  EXPECT_EQ(answer.status, 200) << answer;
  EXPECT_THAT(answer.body, HasSubstr(R"("charged":{"gpu_hours":"4"})"));
  EXPECT_THAT(answer.body, HasSubstr(R"("code":"insufficient_capacity")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("code":"not_found")"));
  EXPECT_EQ(answer.Header("Ledger-Sequence"), "6");
  EXPECT_THAT(answer.body, HasSubstr(R"(],"ledger_sequence":"6"})"));
  EXPECT_EQ(GpuHours(), "granted 400 = available 294 + reserve 100 + spent 6");
}

TEST_F(Batches, RefusesWhatCannotBeReadMemberByMember) {
  const std::vector<std::string> operations = {
      Create("a", "40"),
      R"({"create":{"id":"b","surprise":1}})",
      R"({"start":{"id":"a","id":"a"}})",
      R"({"charge":{"reservation":"a","amounts":{"x":"1e40"}}})",
      R"({"start":7})",
      R"({"start":{"id":"a"}})"};
  const RestAnswer answer = Post(kBatch, Batch(operations));
  ASSERT_EQ(answer.status, 200) << answer;
  for (const std::string path : {"operations[1].create.surprise", "operations[2].start.id",
                                 "operations[3].charge.amounts.x", "operations[4].start"}) {
    EXPECT_THAT(answer.body, HasSubstr(Concat("\"path\":\"", path, "\""))) << answer;
  }
  EXPECT_THAT(answer.body, HasSubstr(R"("state":"ACTIVE")"));
  EXPECT_EQ(answer.Header("Ledger-Sequence"), "3");
  // All faults of an atomic one at once, and nothing happens.
  const RestAnswer atomic = Post(kBatch, Batch(operations, true));
  EXPECT_EQ(atomic.status, 400) << atomic;
  EXPECT_THAT(atomic.body, HasSubstr("operations[1].create.surprise"));
  EXPECT_THAT(atomic.body, HasSubstr("operations[4].start"));
}

// What is no operation has its place among the results all the same.
TEST_F(Batches, CountWhatIsNoOperation) {
  const RestAnswer answer = Post(
      kBatch,
      Batch({Create("m1", "1"), "null", Create("m2", "1"), "[]", R"({"release":{"id":"m1"}})", "7",
             R"({"create":{"id":"m3","zz":1}})", R"({"create":{"id":"m4"},"release":{"id":"m2"}})",
             R"({"settle":{"id":"m2","charge_all":"true"}})"}));
  ASSERT_EQ(answer.status, 200) << answer;
  for (const int i : {1, 3, 5}) {
    EXPECT_THAT(answer.body, HasSubstr(Concat("\"path\":\"operations[", i, "]\""))) << answer;
  }
  EXPECT_EQ(Get(kReservations + "/m1").Field("state"), "RELEASED");
  EXPECT_EQ(Get(kReservations + "/m2").Field("state"), "GRANTED");
  EXPECT_EQ(Get(kReservations + "/m3").status, 404);
  EXPECT_EQ(Get(kReservations + "/m4").status, 404);
  EXPECT_EQ(answer.Header("Ledger-Sequence"), "4");
}

// No more faults are named than that, so nothing behind them may be taken for good.
TEST_F(Batches, WithMoreFaultsThanAreNamedDoNothing) {
  std::vector<std::string> operations(64, R"({"start":{"id":"a","x":1}})");
  operations.push_back(R"({"create":{"id":"b","zz":1}})");
  operations.push_back(Create("c", "1"));
  EXPECT_EQ(Post(kBatch, Batch(operations)).status, 400);
  EXPECT_EQ(Get(kReservations + "/c").status, 404);
}

TEST_F(Batches, ThatAreAtomicNameTheMemberAlsoOfAFaultThatNeedsNoState) {
  for (const std::string& bad :
       {std::string(R"({"create":{"id":"_x"}})"), std::string(R"({"start":{"id":"a","x":1}})"),
        std::string("null")}) {
    const RestAnswer answer = Post(kBatch, Batch({Create("a", "1"), bad, Create("b", "1")}, true));
    EXPECT_EQ(answer.status, 400) << answer;
    EXPECT_EQ(answer.Field("member"), "1") << answer;
    EXPECT_EQ(answer.FieldAfter("results", "code"), "batch_member_failed") << answer;
  }
  EXPECT_EQ(Get(kReservations + "/a").status, 404);
}

// The first member with an id leaves nothing, so the second has it; the third is its replay.
TEST_F(Batches, GiveAnIdToTheFirstMemberThatTakesEffect) {
  const std::string unknown = Concat(R"({"create":{"id":"x","purpose":"TRAINING",)",
                                     R"("amounts":{"nope":"1"},)", kLabels, "}}");
  const RestAnswer created =
      Post(kBatch, Batch({unknown, Create("x", "1"), Create("x", "1"), Create("x", "2")}));
  ASSERT_EQ(created.status, 200) << created;
  EXPECT_EQ(GpuHours(), "granted 400 = available 299 + reserve 100 + held 1");
  EXPECT_THAT(created.body, HasSubstr("\"code\":\"unknown_resource\""));
  EXPECT_THAT(created.body, HasSubstr("\"replayed\":true"));
  EXPECT_THAT(created.body, HasSubstr("\"code\":\"id_conflict\""));
  const std::string charge =
      R"({"charge":{"reservation":"y","id":"c1","amounts":{"gpu_hours":"3"}}})";
  ASSERT_EQ(Post(kBatch, Batch({charge, Create("y", "9"), charge, charge, charge})).status, 200);
  EXPECT_EQ(Get(kReservations + "/y").FieldAfter("charged", "gpu_hours"), "3");
  const auto post = [](const std::string& resource) {
    return Concat(R"({"post_charge":{"id":"p1","amounts":{")", resource, R"(":"5"},)", kLabels,
                  "}}");
  };
  ASSERT_EQ(Post(kBatch, Batch({post("nope"), post("gpu_hours"), post("gpu_hours")})).status, 200);
  EXPECT_EQ(GpuHours(), "granted 400 = available 285 + reserve 100 + held 7 + spent 8");
  // A denial has the id, too.
  const RestAnswer denied =
      Post(kBatch, Batch({Concat(unknown).replace(unknown.find("\"x\""), 3, "\"z\""),
                          Create("z", "1000"), Create("z", "5")}));
  EXPECT_THAT(denied.body, HasSubstr("\"code\":\"id_conflict\""));
  EXPECT_EQ(Get(kReservations + "/z").Field("state"), "DENIED");
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
  Restart();
  EXPECT_EQ(GpuHours(), "granted 400 = available 285 + reserve 100 + held 7 + spent 8");
}

TEST_F(Batches, CommitsAnAtomicOneAsOneEntry) {
  ASSERT_EQ(Post(kReservations, Ask("old", "300")).status, 201);
  // A swap fits whichever way it is written.
  const RestAnswer answer =
      Post(kBatch, Batch({Create("new", "300"), R"({"release":{"id":"old"}})"}, true));
  EXPECT_EQ(answer.status, 200) << answer;
  EXPECT_EQ(answer.Field("ledger_sequence"), "3");
  EXPECT_EQ(GpuHours(), "granted 400 = reserve 100 + held 300");
}

TEST_F(Batches, DoesNothingOfAnAtomicOneThatFails) {
  const RestAnswer answer =
      Post(kBatch, Batch({Create("a", "1"), Create("b", "301"), Create("c", "1")}, true));
  EXPECT_EQ(answer.status, 409) << answer;
  EXPECT_EQ(answer.code(), "reserve_protected");
  EXPECT_EQ(answer.Field("member"), "1");
  EXPECT_EQ(answer.FieldAfter("results", "code"), "batch_member_failed");
  EXPECT_EQ(GpuHours(), "granted 400 = available 300 + reserve 100");
  // The id that was denied is burnt, the others are not.
  EXPECT_EQ(Post(kReservations, Ask("b", "301")).Header("Idempotency-Replayed"), "true");
  EXPECT_EQ(Post(kReservations, Ask("a", "1")).status, 201);
}

TEST_F(Batches, RefusesAnAtomicOneThatSettlesNobody) {
  const RestAnswer answer =
      Post(kBatch, Batch({Create("a", "1"), R"({"settle":{"id":"nobody"}})"}, true));
  EXPECT_EQ(answer.status, 404) << answer;
  EXPECT_EQ(answer.code(), "not_found");
  EXPECT_EQ(answer.Field("member"), "1");
  EXPECT_EQ(Get(kReservations + "/a").status, 404);
}

TEST_F(Batches, ReplaysAWholeBatchByItsKeyAlsoAfterAKill) {
  for (const bool atomic : {false, true}) {
    const std::string tag = atomic ? "x" : "y";
    const Headers own_key = {{"Idempotency-Key", "k" + tag}};
    const std::string body =
        Batch({Create("a" + tag, "4"), Concat(R"({"settle":{"id":"a)", tag, "\"}}")}, atomic);
    const RestAnswer first = Post(kBatch, body, own_key);
    ASSERT_EQ(first.status, 200) << first;
    KillAndRestart();
    const RestAnswer again = Post(kBatch, body, own_key);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.Header("Idempotency-Replayed"), "true");
  }
}

TEST_F(Batches, ReplaysAPlainBatchWithFailuresByteForByte) {
  const Headers key = {{"Idempotency-Key", "k"}};
  const std::string body = Batch(
      {Create("a", "4"), Create("b", "900"), R"({"start":{"id":"nobody"}})", Create("c", "-1")});
  const RestAnswer first = Post(kBatch, body, key);
  ASSERT_EQ(first.status, 200) << first;
  for (int round = 0; round < 2; ++round) {
    const RestAnswer again = Post(kBatch, body, key);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.Header("Idempotency-Replayed"), "true");
    KillAndRestart();
  }
}

TEST_F(Batches, AnswersAnIdThatIsThereTwiceAsAReplayOrAConflict) {
  const RestAnswer answer =
      Post(kBatch, Batch({Create("a", "4"), Create("a", "4.0"), Create("a", "5")}));
  EXPECT_EQ(answer.status, 200) << answer;
  EXPECT_THAT(answer.body, HasSubstr(R"("replayed":true)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("code":"id_conflict")"));
  EXPECT_EQ(GpuHours(), "granted 400 = available 296 + reserve 100 + held 4");
}

TEST_F(Batches, CountsAReplayedIdInAnAtomicOneAsDone) {
  ASSERT_EQ(Post(kReservations, Ask("a", "4")).status, 201);
  const RestAnswer answer = Post(kBatch, Batch({Create("a", "4"), Create("b", "5")}, true));
  EXPECT_EQ(answer.status, 200) << answer;
  EXPECT_EQ(GpuHours(), "granted 400 = available 291 + reserve 100 + held 9");
}

TEST_F(Batches, NamesTheFaultsOfEachMember) {
  const RestAnswer answer = Post(kBatch, Batch({Create("a", "4"), Create("b", "-1")}));
  EXPECT_EQ(answer.status, 200) << answer;
  EXPECT_THAT(answer.body, HasSubstr(R"("path":"operations[1].create.amounts.gpu_hours")"));
  EXPECT_EQ(Get(kReservations + "/a").status, 200);
}

TEST_F(Batches, TakesAtMost8192OperationsAnd1024WhenAtomic) {
  EXPECT_EQ(Post(kBatch, Many(8'192, false)).status, 200);
  const RestAnswer plain = Post(kBatch, Many(8'193, false));
  EXPECT_EQ(plain.status, 413) << plain;
  EXPECT_EQ(plain.code(), "batch_too_large");
  EXPECT_EQ(Post(kBatch, Many(1'024, true)).status, 404);
  const RestAnswer atomic = Post(kBatch, Many(1'025, true));
  EXPECT_EQ(atomic.status, 413) << atomic;
  EXPECT_EQ(atomic.code(), "batch_too_large");
}

TEST_F(Batches, RefusesAnEmptyOne) {
  const RestAnswer answer = Post(kBatch, R"({"operations":[]})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.FieldAfter("fields", "path"), "operations");
}

TEST_F(Batches, RefusesAnAtomicOneWhoseEntryWouldBeTooLong) {
  std::vector<std::string> operations;
  const std::string label(200, 'x');
  for (int i = 0; i < 1'024; ++i) {
    std::string labels;
    for (int k = 0; k < 8; ++k) labels += Concat(",\"l", k, "\":\"", label, "\"");
    operations.push_back(Concat("{\"create\":{\"id\":\"a", i,
                                "\",\"purpose\":\"TRAINING\",\"amounts\":{\"gpu_hours\":\"0.01\"},"
                                "\"labels\":{\"operator_family\":\"f\",\"capability\":\"c\"",
                                labels, "}}}"));
  }
  const RestAnswer answer = Post(kBatch, Batch(operations, true));
  EXPECT_EQ(answer.status, 413) << answer;
  EXPECT_EQ(answer.code(), "batch_too_large");
  EXPECT_EQ(Sequence(), "1");
}

}  // namespace
}  // namespace purser
