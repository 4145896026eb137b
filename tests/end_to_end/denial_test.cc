// Denials say when the request would be granted and what would help, and say it again.
#include <gmock/gmock.h>

#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

using testing::HasSubstr;
using testing::Not;

class Denials : public DaemonTest {};

constexpr char kHelp[] =
    R"("remedies":[{"kind":"WAIT","until":"2026-01-01T01:00:00Z"},)"
    R"({"kind":"REDUCE","amounts":{"gpu_hours":"290"}},)"
    R"({"kind":"OPERATOR_ACTION","grants":{"gpu_hours":"6.666667"}}],"complete":true)";

TEST_F(Denials, AreExplainedAlikeInBodyReplayReservationAndJournal) {
  ASSERT_EQ(Post(kReservations, Ask("a", "10")).status, 201);
  const RestAnswer first = Post(kReservations, Ask("b", "295"));
  EXPECT_EQ(first.code(), "reserve_protected");
  EXPECT_EQ(first.Field("earliest_start"), "2026-01-01T01:00:00Z");
  EXPECT_THAT(first.body,
              HasSubstr(R"("assumptions":["lease of a ends at 2026-01-01T01:00:00Z"])"));
  EXPECT_THAT(first.body, HasSubstr(kHelp));
  // What happens afterwards does not change what was said.
  ASSERT_EQ(Post(kReservations + "/a:release", "{}").status, 200);
  EXPECT_EQ(Post(kReservations, Ask("b", "295")).body, first.body);
  KillAndRestart();
  EXPECT_EQ(Post(kReservations, Ask("b", "295")).body, first.body);
  EXPECT_THAT(Get(kReservations + "/b").body, HasSubstr(kHelp));
  const RestAnswer entry = Get(kBooks + "/journal/4");
  EXPECT_EQ(entry.Field("command"), "explain_requests");
  EXPECT_THAT(entry.body, HasSubstr(R"("kind":"explained","subject":"b")"));
  EXPECT_THAT(entry.body, HasSubstr(kHelp));
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
}

TEST_F(Denials, ComeTrueWhenTheirRemediesAreCarriedOut) {
  ASSERT_EQ(Post(kReservations, Ask("a", "10")).status, 201);
  ASSERT_EQ(Post(kReservations, Ask("b", "295")).code(), "reserve_protected");
  EXPECT_EQ(Post(kReservations + "?dry_run=true", Ask("c", "290")).status, 201);
  EXPECT_EQ(Post(kReservations + "?dry_run=true", Ask("c", "290.000001")).status, 409);
  ASSERT_EQ(Advance(R"({"to":"2026-01-01T00:59:59Z"})").status, 200);
  EXPECT_EQ(Post(kReservations + "?dry_run=true", Ask("c", "295")).status, 409);
  ASSERT_EQ(Advance(R"({"to":"2026-01-01T01:00:00Z"})").status, 200);
  EXPECT_EQ(Post(kReservations, Ask("c", "295")).status, 201);
}

TEST_F(Denials, ThatLeaveNoTraceAreExplainedToo) {
  const std::string unnamed =
      Concat(R"({"purpose":"TRAINING","amounts":{"gpu_hours":"301"},)", kLabels, "}");
  EXPECT_THAT(Post(kReservations, unnamed).body, HasSubstr(R"("amounts":{"gpu_hours":"300"})"));
  EXPECT_THAT(Post(kReservations + "?dry_run=true", Ask("a", "301")).body,
              HasSubstr(R"("amounts":{"gpu_hours":"300"})"));
  EXPECT_EQ(Sequence(), "1");
  const Headers key = {{"Idempotency-Key", "k"}};
  const RestAnswer first = Post(kReservations, unnamed, key);
  EXPECT_THAT(first.body, HasSubstr(R"("amounts":{"gpu_hours":"300"})"));
  EXPECT_EQ(Sequence(), "3");
  KillAndRestart();
  EXPECT_EQ(Post(kReservations, unnamed, key).body, first.body);
}

TEST_F(Denials, OfABatchAreExplainedByOneEntry) {
  const std::string batch =
      Batch({Create("a", "301"), Create("b", "1"), Create("c", "302"), Create("a", "301")});
  const RestAnswer answer = Post(kBatch, batch);
  ASSERT_EQ(answer.status, 200) << answer;
  // Entries 2 to 4 deny, grant and deny; both denials are judged behind the grant.
  EXPECT_EQ(Get(kBooks + "/journal/5").Field("command"), "explain_requests");
  EXPECT_EQ(Sequence(), "5");
  EXPECT_THAT(answer.body, HasSubstr(R"("amounts":{"gpu_hours":"299"})"));
  EXPECT_THAT(Post(kReservations, Ask("c", "302")).body,
              HasSubstr(R"("amounts":{"gpu_hours":"299"})"));
  EXPECT_EQ(Sequence(), "5");
}

TEST_F(Denials, OfAnAtomicBatchSayThatNothingWasLookedFor) {
  const RestAnswer answer = Post(kBatch, Batch({Create("a", "200"), Create("b", "200")}, true));
  EXPECT_EQ(answer.status, 409) << answer;
  EXPECT_EQ(answer.Field("complete"), "false");
  EXPECT_THAT(answer.body, Not(HasSubstr("remedies")));
  EXPECT_EQ(Sequence(), "3");
  const RestAnswer alone = Post(kBatch, Batch({Create("c", "301")}, true));
  EXPECT_EQ(alone.Field("complete"), "true");
}

TEST_F(Denials, OfAFailedBatchAreReplayedByItsKey) {
  const Headers key = {{"Idempotency-Key", "k"}};
  const std::string batch = Batch({Create("a", "350")}, true);
  const RestAnswer first = Post(kBatch, batch, key);
  EXPECT_THAT(first.body, HasSubstr(R"("amounts":{"gpu_hours":"300"})"));
  EXPECT_EQ(first.Field("member"), "0");
  ASSERT_EQ(Post(kReservations, Ask("other", "100")).status, 201);
  EXPECT_EQ(Post(kBatch, batch, key).body, first.body);
  KillAndRestart();
  EXPECT_EQ(Post(kBatch, batch, key).body, first.body);
}

TEST_F(Denials, OfOthersAreReplayedByTheKeyOfABatch) {
  const RestAnswer denied = Post(kReservations, Ask("a", "350"));
  const Headers key = {{"Idempotency-Key", "k"}};
  const std::string batch = Batch({Create("a", "350"), Create("b", "100")});
  const RestAnswer first = Post(kBatch, batch, key);
  EXPECT_THAT(first.body, HasSubstr(R"("amounts":{"gpu_hours":"300"})"));
  EXPECT_EQ(Post(kBatch, batch, key).body, first.body);
  const std::string atomic = Batch({Create("c", "1"), Create("a", "350")}, true);
  const RestAnswer failed = Post(kBatch, atomic, {{"Idempotency-Key", "l"}, {"X-Request-Id", "r"}});
  EXPECT_EQ(failed.status, 409);
  EXPECT_EQ(failed.Field("member"), "1");
  EXPECT_EQ(Post(kBatch, atomic, {{"Idempotency-Key", "l"}, {"X-Request-Id", "r"}}).body,
            failed.body);
}

TEST_F(Denials, OfADryRunKnowNothingOfTheMembersBefore) {
  const RestAnswer answer =
      Post(kBatch + "?dry_run=true",
           Batch({Create("x", "301"), Create("a", "200"), Create("b", "200")}));
  EXPECT_THAT(answer.body, HasSubstr(R"("complete":true)"));   // of x
  EXPECT_THAT(answer.body, HasSubstr(R"("complete":false)"));  // of b
  EXPECT_THAT(answer.body, Not(HasSubstr(R"("amounts":{"gpu_hours":"100"})")));
}

TEST_F(Denials, AreSeenOnlyOnceTheyWereThere) {
  Post(kReservations, Ask("a", "301"));
  EXPECT_THAT(Get(kReservations + "/a?as_of=2").body, Not(HasSubstr("remedies")));
  EXPECT_THAT(Get(kReservations + "/a?as_of=3").body, HasSubstr("remedies"));
}

TEST_F(Denials, ShareOneSearchInABatch) {
  std::vector<std::string> members;
  members.reserve(3'000);
  for (int i = 0; i < 3'000; ++i) members.push_back(Create(Concat("e", i), "301"));
  const RestAnswer answer = Post(kBatch, Batch(members));
  ASSERT_EQ(answer.status, 200) << answer.status;
  EXPECT_THAT(answer.body, HasSubstr(R"("complete":true)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("complete":false)"));
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
}

}  // namespace
}  // namespace purser
