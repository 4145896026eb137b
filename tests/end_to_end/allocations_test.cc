// Cost entries of which a label is split by what its values used, over REST.
#include "daemon/sha256.h"
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

const std::string kEntries = kBooks + "/cost-entries";
const std::string kCharges = kBooks + "/charges";
const std::string kCosts = kBooks + "/costs";

// What stands between the braces of labels.
std::string Of(const std::string& family, const std::string& capability = R"("ocr")",
               const std::string& more = "") {
  return Concat(R"("operator_family":")", family, R"(","capability":)", capability, more);
}

// An entry of 100 USD of observability; `labels` are those besides the allocation's.
std::string Entry(const std::string& id, const std::string& labels, const std::string& allocation) {
  return Concat(R"({"id":")", id, R"(","amount":"100","category":"observability","labels":{)",
                labels, R"(},"allocation":{)", allocation, "}}");
}

const std::string kByFamily = R"("label":"operator_family","resource":"gpu_hours",)"
                              R"("period":"2026-01")";
const std::string kByTeam = R"("label":"team","resource":"gpu_hours","period":"2026-01")";
const std::string kOcr = R"("capability":"ocr")";

class CostAllocations : public DaemonTest {
 protected:
  void Use(const std::string& id, const std::string& amount, const std::string& labels,
           const std::string& resource = "gpu_hours") {
    const RestAnswer answer =
        Post(kCharges, Concat(R"({"id":")", id, R"(","amounts":{")", resource, R"(":")", amount,
                              R"("},"labels":{)", labels, "}}"));
    EXPECT_EQ(answer.status, 201) << answer;
  }
  void ExpectCost(const std::string& by, const std::string& value, const std::string& cost) {
    EXPECT_THAT(Get(Concat(kCosts, "?group_by=", by, "&period=2026-01")).body,
                HasSubstr(Concat(R"({"by":{")", by, R"(":")", value, R"("},"missing":[],"cost":")",
                                 cost, "\"")));
  }
  void ExpectVerified() { EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true"); }
};

TEST_F(CostAllocations, ShareByWhatFamiliesWereCharged) {
  Use("c1", "1", Of("docs"));
  Use("c2", "0.5", Of("vision"));
  Use("c3", "1.5", Of("vision"));
  Use("c4", "7", Of("audio"), "inference_cost");
  const RestAnswer entered = Post(kEntries, Entry("e1", kOcr, kByFamily));
  ASSERT_EQ(entered.status, 201) << entered;
  EXPECT_THAT(entered.body, HasSubstr(R"("labels":{"capability":"ocr","operator_family":)"
                                      R"({"docs":"1","vision":"2"}})"));
  EXPECT_THAT(entered.body,
              HasSubstr(R"("allocation":{"label":"operator_family","resource":"gpu_hours",)"
                        R"("period":"2026-01","from":"2026-01-01T00:00:00Z",)"
                        R"("until":"2026-02-01T00:00:00Z","labels":{},"as_of":)"));
  EXPECT_EQ(entered.FieldAfter("allocation", "unattributed"), "0");
  // Up to the entry before it.
  EXPECT_EQ(std::stoull(entered.FieldAfter("allocation", "as_of")) + 1,
            std::stoull(entered.Field("ledger_sequence")));
  EXPECT_EQ(Get(kEntries + "/e1").body, entered.body);
  EXPECT_THAT(Get(kEntries).body, HasSubstr(R"("resource":"gpu_hours")"));
  ExpectCost("operator_family", "docs", "33.333333");
  ExpectCost("operator_family", "vision", "66.666667");
  const RestAnswer families = Get(kCosts + "?group_by=operator_family&period=2026-01");
  EXPECT_EQ(families.Field("total"), "107");
  EXPECT_EQ(families.Field("unattributed"), "0");
  EXPECT_EQ(Get(kCosts + "?group_by=capability&period=2026-01").Field("total"), "107");
  EXPECT_THAT(Get(Concat(kBooks, "/journal/", entered.Field("ledger_sequence"))).body,
              HasSubstr(R"("allocation":"operator_family by gpu_hours")"));
  // By whatever a family may be charged with, also as a product.
  const RestAnswer activity =
      Post(kEntries,
           Concat(R"({"id":"e2","count":"3","rate":"0.5","category":"network","labels":{)", kOcr,
                  R"(},"allocation":{"label":"operator_family",)"
                  R"("resource":"inference_cost","period":"2026-01"}})"));
  EXPECT_THAT(activity.body, HasSubstr(R"("operator_family":{"audio":"7"})"));
  EXPECT_EQ(activity.Field("amount"), "1.5");
  ExpectVerified();
}

TEST_F(CostAllocations, CountPartsAndRefunds) {
  Use("c1", "1", Of("docs", R"({"layout":"1","ocr":"2"})"));
  Use("c2", "1", Of("docs"));
  Use("c3", "4", Of("docs", R"("speech")"));
  Use("c4", "4", Of("docs", R"("search")"));
  ASSERT_EQ(Post(kCharges + "/c2:refund", R"({"id":"r1","amounts":{"gpu_hours":"0.5"}})").status,
            201);
  // Wholly refunded: nothing was used.
  ASSERT_EQ(Post(kCharges + "/c3:refund", R"({"id":"r2"})").status, 201);
  const std::string by_capability =
      R"("label":"capability","resource":"gpu_hours","period":"2026-01")";
  const RestAnswer entered =
      Post(kEntries, Entry("e1", R"("operator_family":"docs")", by_capability));
  ASSERT_EQ(entered.status, 201) << entered;
  EXPECT_THAT(entered.body,
              HasSubstr(R"("capability":{"layout":"0.333333","ocr":"1.166667","search":"4"})"));
  // 100 × 0.333333 ÷ 5.5 and so on, what is left to the largest remainders.
  ExpectCost("capability", "layout", "6.0606");
  ExpectCost("capability", "ocr", "21.212127");
  ExpectCost("capability", "search", "72.727273");
  EXPECT_EQ(Get(kCosts + "?group_by=capability&period=2026-01").Field("total"), "100");
  // Only what docs used for ocr, by team: the part.
  Use("c5", "3", Of("docs", R"({"layout":"2","ocr":"1"})", R"(,"team":"a")"));
  Use("c6", "2", Of("vision", R"("ocr")", R"(,"team":"b")"));
  Use("c7", "2", Of("docs", R"("ocr")", R"(,"team":"b")"));
  const std::string of_docs =
      R"("labels":{"capability":"ocr","operator_family":"docs"},"label":"team",)"
      R"("resource":"gpu_hours","period":"2026-01")";
  const RestAnswer selected = Post(kEntries, Entry("e2", Of("docs"), of_docs));
  EXPECT_THAT(selected.body, HasSubstr(R"("team":{"":"1.166667","a":"1","b":"2"})")) << selected;
  EXPECT_THAT(selected.body,
              HasSubstr(R"("labels":{"capability":"ocr","operator_family":"docs"},"as_of")"));
  ExpectVerified();
}

// Half of 1 in thirds, whatever was taken away: not a third of 1 less a third of the refund.
TEST_F(CostAllocations, CountWhatIsLeftOfASplitLabel) {
  Use("c1", "1", Of("docs", R"({"layout":"1","ocr":"2"})"));
  ASSERT_EQ(Post(kCharges + "/c1:refund", R"({"id":"r1","amounts":{"gpu_hours":"0.5"}})").status,
            201);
  const RestAnswer entered =
      Post(kEntries, Entry("e1", R"("operator_family":"docs")",
                           R"("label":"capability","resource":"gpu_hours","period":"2026-01")"));
  EXPECT_THAT(entered.body, HasSubstr(R"("capability":{"layout":"0.166667","ocr":"0.333333"})"))
      << entered;
  ExpectVerified();
}

TEST_F(CostAllocations, LeaveUnattributedWhatLacksTheLabel) {
  Use("c1", "30", Of("docs", R"("ocr")", R"(,"team":"a")"));
  Use("c2", "10", Of("vision"));
  const RestAnswer entered = Post(kEntries, Entry("e1", Of("docs"), kByTeam));
  ASSERT_EQ(entered.status, 201) << entered;
  EXPECT_THAT(entered.body, HasSubstr(R"("team":{"":"10","a":"30"})"));
  EXPECT_EQ(entered.FieldAfter("allocation", "unattributed"), "10");
  ExpectCost("team", "a", "75");
  const RestAnswer teams = Get(kCosts + "?group_by=team&period=2026-01");
  EXPECT_THAT(teams.body, HasSubstr(R"({"by":{},"missing":["team"],"cost":"25")"));
  EXPECT_EQ(teams.Field("total"), "100");
  EXPECT_EQ(teams.Field("unattributed"), "25");
  EXPECT_EQ(Get(kCosts + "?group_by=operator_family&period=2026-01").Field("total"), "100");
  EXPECT_THAT(GetStream(kBooks + "/statements/2026-01/lines", "*/*"),
              HasSubstr(R"("team":{"":"10","a":"30"})"));
  // That is the daemon's to say.
  const RestAnswer said =
      Post(kEntries, Concat(R"({"amount":"1","category":"on_call","labels":{)",
                            Of("docs", R"("ocr")", R"(,"team":{"":"1","a":"3"})"), "}}"));
  EXPECT_EQ(said.status, 400) << said;
  EXPECT_EQ(said.FieldAfter("fields", "path"), "labels.team");
  // A budget counts the value's part.
  ASSERT_EQ(Post(kBooks + "/budgets", R"({"id":"b","labels":{"team":"a"},"amount":"1000"})").status,
            201);
  ASSERT_EQ(Post(kEntries, Entry("e2", Of("docs"), kByTeam)).status, 201);
  EXPECT_EQ(Get(kBooks + "/budgets/b").Field("spent"), "150") << "of the entry before it, too";
  // Nothing but what lacks it is nobody's.
  EXPECT_EQ(Post(kEntries, Entry("e3", Of("docs"),
                                 R"("labels":{"operator_family":"vision"},"label":"team",)"
                                 R"("resource":"gpu_hours","period":"2026-01")"))
                .FieldAfter("fields", "path"),
            "allocation.resource");
  ExpectVerified();
}

TEST_F(CostAllocations, AreOfTheTimeThatIsAskedFor) {
  ASSERT_EQ(Post(kReservations, Ask("exp", "40", "TRAINING", R"(,"lease":"4000000s")")).status,
            201);
  Use("c1", "1", Of("docs"));
  ASSERT_EQ(Advance(R"({"to":"2026-01-20T00:00:00Z"})").status, 200);
  Use("c2", "2", Of("docs"));
  Use("c3", "4", Of("vision"));
  const std::string from_20 = R"("label":"operator_family","resource":"gpu_hours",)"
                              R"("from":"2026-01-20T00:00:00Z","until":"2026-01-21T00:00:00Z")";
  const RestAnswer day = Post(kEntries, Entry("e1", kOcr, from_20));
  EXPECT_THAT(day.body, HasSubstr(R"({"docs":"2","vision":"4"})")) << day;
  EXPECT_THAT(day.body, HasSubstr(R"("period":"","from":"2026-01-20T00:00:00Z")"));
  ASSERT_EQ(Advance(R"({"to":"2026-02-01T00:00:00Z"})").status, 200);
  Use("c4", "8", Of("vision"));
  // Within its hold, which is of January.
  ASSERT_EQ(
      Post(kReservations + "/exp:charge", R"({"id":"c5","amounts":{"gpu_hours":"16"}})").status,
      201);
  const RestAnswer january = Post(kEntries, Entry("e2", kOcr, kByFamily));
  EXPECT_THAT(january.body, HasSubstr(R"({"docs":"3","vision":"4","vision-specialists":"16"})"))
      << january;
  // Of a month that goes on what there is; the entry itself is of the month in which it comes.
  const RestAnswer february =
      Post(kEntries, Entry("e3", kOcr,
                           R"("label":"operator_family","resource":"gpu_hours",)"
                           R"("period":"2026-02")"));
  EXPECT_THAT(february.body, HasSubstr(R"("operator_family":{"vision":"8"})")) << february;
  EXPECT_EQ(Get(kCosts + "?period=2026-02").Field("total"), "200");
  ExpectVerified();
}

TEST_F(CostAllocations, AreOfMonthsOfTheTimeZoneAndOfWhatIsNotPriced) {
  const std::string berlin = "/v1/populations/berlin";
  ASSERT_EQ(Post("/v1/populations",
                 R"({"name":"berlin","time_zone":"Europe/Berlin","required_labels":[],)"
                 R"("resources":[{"name":"tokens","unit":"token","kind":"CONSUMABLE",)"
                 R"("amount":"100","priced":false},{"name":"slots","unit":"slot",)"
                 R"("kind":"CAPACITY","amount":"4"}]})")
                .status,
            201);
  ASSERT_EQ(Post(berlin + "/charges", R"({"amounts":{"tokens":"5"},"labels":{"team":"a"}})").status,
            201);
  const RestAnswer entered =
      Post(berlin + "/cost-entries", Entry("e1", "",
                                           R"("label":"team","resource":"tokens",)"
                                           R"("period":"2026-01")"));
  EXPECT_THAT(entered.body, HasSubstr(R"("labels":{"team":{"a":"5"}})")) << entered;
  EXPECT_EQ(entered.FieldAfter("allocation", "from"), "2025-12-31T23:00:00Z");
  const RestAnswer slots =
      Post(berlin + "/cost-entries", Entry("e2", "",
                                           R"("label":"team","resource":"slots",)"
                                           R"("period":"2026-01")"));
  EXPECT_EQ(slots.FieldAfter("fields", "path"), "allocation.resource") << slots;
  EXPECT_THAT(slots.body, HasSubstr("only a consumable is charged"));
}

TEST_F(CostAllocations, AreSaidAgainWithTheirFirstWeights) {
  Use("c1", "1", Of("docs"));
  Use("c2", "1", Of("vision"));
  const std::string body = Entry("e1", kOcr, kByFamily);
  const RestAnswer entered = Post(kEntries, body);
  ASSERT_EQ(entered.status, 201) << entered;
  const std::string keyed = Concat(R"({"amount":"3","category":"on_call","labels":{)", kOcr,
                                   R"(},"allocation":{)", kByFamily, "}}");
  const RestAnswer by_key = Post(kEntries, keyed, {{"Idempotency-Key", "k"}});
  ASSERT_EQ(by_key.status, 201) << by_key;
  Use("c3", "6", Of("docs"));
  for (int i = 0; i < 2; ++i) {
    const RestAnswer again = Post(kEntries, body);
    EXPECT_EQ(again.Header("Idempotency-Replayed"), "true") << again;
    EXPECT_EQ(again.body, entered.body);
    const RestAnswer key_again = Post(kEntries, keyed, {{"Idempotency-Key", "k"}});
    EXPECT_EQ(key_again.Header("Idempotency-Replayed"), "true") << key_again;
    EXPECT_EQ(key_again.body, by_key.body);
    EXPECT_EQ(Get(kEntries + "/e1").body, entered.body);
    KillAndRestart();
  }
  // Others have other weights, but for those as of the same entry: so it is taken back.
  EXPECT_THAT(Post(kEntries, Entry("e2", kOcr, kByFamily)).body,
              HasSubstr(R"({"docs":"7","vision":"1"})"));
  const std::string as_of =
      Concat(kByFamily, R"(,"as_of":")", entered.FieldAfter("allocation", "as_of"), "\"");
  const RestAnswer back = Post(kEntries, Entry("e3", kOcr, as_of));
  EXPECT_THAT(back.body, HasSubstr(R"({"docs":"1","vision":"1"})")) << back;
  EXPECT_EQ(Post(kEntries, Entry("e3", kOcr, as_of)).body, back.body);
  // What was said is compared: the resource, whether an entry was named, the label itself.
  const std::pair<std::string, std::string> others[] = {
      {Entry("e1", kOcr,
             R"("label":"operator_family","resource":"inference_cost",)"
             R"("period":"2026-01")"),
       "allocation.resource"},
      {Entry("e1", kOcr, as_of), "allocation.as_of"},
      {Concat(R"({"id":"e1","amount":"100","category":"observability","labels":{)", kOcr,
              R"(,"operator_family":{"docs":"1","vision":"1"}}})"),
       "operator_family"}};
  for (const auto& [other, path] : others) {
    const RestAnswer conflict = Post(kEntries, other);
    EXPECT_EQ(conflict.Field("code"), "id_conflict") << conflict;
    EXPECT_THAT(conflict.body, HasSubstr(path));
  }
  ExpectVerified();
}

TEST_F(CostAllocations, AreTriedWithoutATrace) {
  Use("c1", "1", Of("docs"));
  Use("c2", "3", Of("vision"));
  const std::string before = Sequence();
  const RestAnswer dry = Post(kEntries + "?dry_run=true", Entry("e1", kOcr, kByFamily));
  EXPECT_EQ(dry.Field("dry_run"), "true") << dry;
  EXPECT_THAT(dry.body, HasSubstr(R"("operator_family":{"docs":"1","vision":"3"})"));
  EXPECT_EQ(dry.FieldAfter("allocation", "as_of"), before);
  EXPECT_EQ(Sequence(), before);
  EXPECT_EQ(Get(kEntries + "/e1").status, 404);
  EXPECT_EQ(Post(kEntries, Entry("e1", kOcr, kByFamily)).status, 201);
}

TEST_F(CostAllocations, StandInBatches) {
  Use("c1", "1", Of("docs"));
  const auto member = [](const std::string& entry) {
    return Concat(R"({"cost_entry":)", entry, "}");
  };
  const std::string good = member(Entry("e1", kOcr, kByFamily));
  const std::string bad = member(
      Entry("e2", kOcr, R"("label":"operator_family","resource":"gpus","period":"2026-01")"));
  const RestAnswer refused = Post(kBatch, Batch({good, bad}, true));
  EXPECT_EQ(refused.status, 400) << refused;
  EXPECT_EQ(refused.Field("member"), "1");
  EXPECT_EQ(refused.FieldAfter("fields", "path"), "operations[1].cost_entry.allocation.resource");
  EXPECT_EQ(Get(kEntries + "/e1").status, 404);
  // What an earlier member charges is not there yet.
  const std::string charge = Concat(R"({"post_charge":{"id":"c2","amounts":{"gpu_hours":"1"},)",
                                    R"("labels":{)", Of("vision"), "}}}");
  const RestAnswer some = Post(kBatch, Batch({charge, good, bad}));
  EXPECT_EQ(some.status, 200) << some;
  EXPECT_THAT(some.body, HasSubstr(R"("operator_family":{"docs":"1"})"));
  EXPECT_EQ(some.FieldAfter("problem", "code"), "unknown_resource");
  const RestAnswer again = Post(kBatch, Batch({good}, true));
  EXPECT_THAT(again.body, HasSubstr(R"("replayed":true)")) << again;
  EXPECT_THAT(again.body, HasSubstr(R"("operator_family":{"docs":"1"})"));
  EXPECT_EQ(Post(kBatch, Batch(std::vector<std::string>(33, good))).FieldAfter("fields", "path"),
            "operations");
  ExpectVerified();
}

TEST_F(CostAllocations, OfWrongContentAreRefusedWithTheFieldThatIsWrong) {
  const std::string label = R"("label":"operator_family")";
  const std::string resource = R"("resource":"gpu_hours")";
  const std::string period = R"("period":"2026-01")";
  const std::pair<std::string, std::string> bad[] = {
      {Concat(resource, ",", period), "allocation.label"},
      {Concat(R"("label":"Family",)", resource, ",", period), "allocation.label"},
      {Concat(R"("label":"category",)", resource, ",", period), "allocation.label"},
      {Concat(label, ",", period), "allocation.resource"},
      {Concat(label, R"(,"resource":"GPU",)", period), "allocation.resource"},
      {Concat(label, ",", resource), "allocation.from"},
      {Concat(label, ",", resource, R"(,"from":"2026-01-01T00:00:00Z")"), "allocation.until"},
      {Concat(label, ",", resource,
              R"(,"from":"2026-01-02T00:00:00Z","until":"2026-01-02T00:00:00Z")"),
       "allocation.until"},
      {Concat(label, ",", resource, ",", period, R"(,"from":"2026-01-02T00:00:00Z")"),
       "allocation.period"},
      {Concat(label, ",", resource, R"(,"period":"2026-13")"), "allocation.period"},
      {Concat(label, ",", resource, R"(,"period":"")"), "allocation.period"},
      {Concat(label, ",", resource, ",", period, R"(,"weights":{"docs":"1"})"),
       "allocation.weights"},
      {Concat(label, ",", resource, ",", period, R"(,"as_of":"0")"), "allocation.as_of"},
      {Concat(label, ",", resource, ",", period, R"(,"as_of":"999")"), "allocation.as_of"},
      {Concat(label, ",", resource, ",", period, R"(,"labels":{"capability":{"a":"1"}})"),
       "allocation.labels.capability"},
      {Concat(label, ",", resource, ",", period, R"(,"labels":{"operator_family":"docs"})"),
       "allocation.labels.operator_family"},
      // Nothing was used yet, of this and of what there is not.
      {kByFamily, "allocation.resource"},
      {Concat(label, R"(,"resource":"gpus",)", period), "allocation.resource"}};
  for (const auto& [allocation, path] : bad) {
    const RestAnswer refused = Post(kEntries, Entry("e1", kOcr, allocation));
    EXPECT_EQ(refused.status, 400) << allocation << refused;
    EXPECT_EQ(refused.FieldAfter("fields", "path"), path) << allocation << refused;
  }
  Use("c1", "1", Of("docs"));
  const RestAnswer both = Post(kEntries, Entry("e1", Of("docs"), kByFamily));
  EXPECT_EQ(both.status, 400) << both;
  EXPECT_EQ(both.FieldAfter("fields", "path"), "labels.operator_family");
  for (int i = 0; i < 33; ++i) {
    Use(Concat("t", i), "1", Of("docs", R"("ocr")", Concat(R"(,"team":"t)", i, "\"")));
  }
  const RestAnswer many = Post(kEntries, Entry("e1", Of("docs"), kByTeam));
  EXPECT_EQ(many.status, 409) << many;
  EXPECT_EQ(many.Field("code"), "limit_of_the_daemon");
  EXPECT_EQ(many.FieldAfter("fields", "path"), "allocation.label");
  EXPECT_THAT(many.body, HasSubstr("a split has at most 32 values"));
  EXPECT_EQ(Get(kCosts).Field("total"), "0");
  // Nothing of all that has used the id up.
  EXPECT_EQ(Post(kEntries, Entry("e1", kOcr, kByFamily)).status, 201);
}

// Whoever may post may not learn by that what others used.
TEST_F(CostAllocations, AreForWhoMayReadWhatWasUsed) {
  std::string config;
  for (const auto& [name, scopes] : {std::pair("poster", R"("charges:write","reservations:write")"),
                                     std::pair("accountant", R"("charges:write","finance")")}) {
    config += Concat("[[tokens]]\nname = \"", name, "\"\nsha256 = \"", Hex(Sha256(name)),
                     "\"\nscopes = [", scopes, "]\n\n");
  }
  Use("c1", "1", Of("docs"));
  WriteConfig(config);
  Restart();
  RestClient poster(port(), "poster");
  const RestAnswer refused =
      poster.Post(kEntries + "?dry_run=true", Entry("e1", kOcr, kByFamily), {});
  EXPECT_EQ(refused.status, 403) << refused;
  const RestAnswer member = poster.Post(
      kBooks + "/reservations:batch",
      Concat(R"({"operations":[{"cost_entry":)", Entry("e2", kOcr, kByFamily), "}]}"), {});
  EXPECT_THAT(member.body, HasSubstr("the scope ledger:read is required for an allocation"))
      << member;
  RestClient accountant(port(), "accountant");
  EXPECT_EQ(accountant.Post(kEntries, Entry("e1", kOcr, kByFamily), {}).status, 201);
}

}  // namespace
}  // namespace purser
