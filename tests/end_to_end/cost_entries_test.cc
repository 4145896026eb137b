// Money that no resource measures, splits of labels, quotes and accepted results, over REST.
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

const std::string kEntries = kBooks + "/cost-entries";
const std::string kOutcomes = kBooks + "/outcomes";
const std::string kQuotes = kBooks + "/quotes";
const std::string kCards = kBooks + "/rate-cards";
const std::string kCharges = kBooks + "/charges";
const std::string kCosts = kBooks + "/costs";
const std::string kAccepted = kBooks + "/accepted-result-costs";

std::string Labels(const std::string& capability, const std::string& more = "") {
  return Concat(R"("labels":{"operator_family":"docs","capability":)", capability, more, "}");
}

class CostEntries : public DaemonTest {};

TEST_F(CostEntries, AreEnteredReadListedAndSaidAgain) {
  const std::string body = Concat(R"({"id":"i1","amount":"12.5","category":"incident",)",
                                  R"("reason":"an outage",)", Labels(R"("ocr")"), "}");
  const RestAnswer entered = Post(kEntries, body);
  ASSERT_EQ(entered.status, 201) << entered;
  EXPECT_EQ(entered.Header("Location"), kEntries + "/i1");
  EXPECT_EQ(entered.Field("amount"), "12.5");
  EXPECT_EQ(entered.Field("corrects"), "");
  const RestAnswer again = Post(kEntries, body);
  EXPECT_EQ(again.Header("Idempotency-Replayed"), "true");
  EXPECT_EQ(again.body, entered.body);
  const RestAnswer other =
      Post(kEntries, Concat(R"({"id":"i1","amount":"12","category":"incident",)",
                            R"("reason":"an outage",)", Labels(R"("ocr")"), "}"));
  EXPECT_EQ(other.Field("code"), "id_conflict");
  EXPECT_THAT(other.body, HasSubstr(R"("path":"amount")"));
  // What an activity cost is how much it was times what one costs.
  const RestAnswer activity =
      Post(kEntries, Concat(R"({"id":"a1","count":"50000","rate":"0.02","category":"network",)",
                            Labels(R"("ocr")"), "}"));
  EXPECT_EQ(activity.Field("amount"), "1000") << activity;
  EXPECT_EQ(activity.Field("rate"), "0.02");
  // It is no charge, and no charge is one.
  EXPECT_EQ(Get(kCharges + "/i1").status, 404);
  EXPECT_EQ(Post(kCharges + "/i1:refund", "{}").status, 404);
  ASSERT_EQ(Post(kCharges,
                 Concat(R"({"id":"c1","amounts":{"inference_cost":"1"},)", Labels(R"("ocr")"), "}"))
                .status,
            201);
  EXPECT_EQ(Get(kEntries + "/c1").status, 404);
  const std::string listed = Get(kEntries).body;
  EXPECT_LT(listed.find("\"a1\""), listed.find("\"i1\""));
  EXPECT_EQ(listed.find("\"c1\""), std::string::npos);
  const RestAnswer page = Get(kEntries + "?page_size=1");
  EXPECT_THAT(Get(Concat(kEntries, "?page_size=1&page_token=", page.Field("next_page_token"))).body,
              HasSubstr("\"i1\""));
  KillAndRestart();
  EXPECT_EQ(Get(kEntries).body, listed);
  EXPECT_EQ(Get(kEntries + "/i1").body, entered.body);
  EXPECT_EQ(Get(kCosts + "?group_by=category").Field("total"), "1013.5");
}

TEST_F(CostEntries, CorrectWhatWasPostedInTheMonthInWhichTheyCome) {
  ASSERT_EQ(Post(kCharges,
                 Concat(R"({"id":"c1","amounts":{"inference_cost":"9"},)", Labels(R"("ocr")"), "}"))
                .status,
            201);
  const std::string month = Get(kCosts).Field("period");
  const RestAnswer before = Get(Concat(kCosts, "?group_by=capability&period=", month));
  ASSERT_EQ(Advance(Concat(R"({"to":")", Get(kCosts).Field("until"), "\"}")).status, 200);
  // A third of it was another's: both sides, or none.
  const auto move = [](const std::string& id, const std::string& amount, const std::string& to,
                       const std::string& corrects) {
    return Concat(R"({"cost_entry":{"id":")", id, R"(","amount":")", amount,
                  R"(","category":"inference","corrects":")", corrects, "\",",
                  Labels(Concat("\"", to, "\"")), "}}");
  };
  const RestAnswer wrong =
      Post(kReservations + ":batch",
           Concat(R"({"atomic":true,"operations":[)", move("k1", "-3", "ocr", "c1"), ",",
                  move("k2", "3", "layout", "c2"), "]}"));
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, HasSubstr("there is no charge or cost entry"));
  const RestAnswer undone =
      Post(kReservations + ":batch",
           Concat(R"({"atomic":true,"operations":[)", move("u1", "-3", "ocr", "c1"), ",",
                  move("u2", "3", "ocr", "u1"), "]}"));
  EXPECT_EQ(undone.status, 200) << undone;
  EXPECT_EQ(Get(kEntries + "/k1").status, 404);
  const RestAnswer moved =
      Post(kReservations + ":batch",
           Concat(R"({"atomic":true,"operations":[)", move("k1", "-3", "ocr", "c1"), ",",
                  move("k2", "3", "layout", "c1"), "]}"));
  ASSERT_EQ(moved.status, 200) << moved;
  EXPECT_THAT(moved.body, HasSubstr(R"({"cost_entry":{"id":"k1","amount":"-3")"));
  // The month that is over says what it said.
  const RestAnswer after = Get(Concat(kCosts, "?group_by=capability&period=", month));
  EXPECT_EQ(after.Field("total"), "9");
  // Time has passed, and with it what the reserves of capacities are kept for.
  const std::string ocr = R"({"by":{"capability":"ocr"},"missing":[],"cost":"9")";
  EXPECT_THAT(before.body, HasSubstr(ocr));
  EXPECT_THAT(after.body, HasSubstr(ocr));
  const RestAnswer now = Get(kCosts + "?group_by=capability");
  EXPECT_EQ(now.Field("total"), "0");
  EXPECT_THAT(now.body, HasSubstr(R"({"by":{"capability":"layout"},"missing":[],"cost":"3")"));
  EXPECT_THAT(now.body, HasSubstr(R"({"by":{"capability":"ocr"},"missing":[],"cost":"-3")"));
}

TEST_F(CostEntries, SplitLabelsToTheMillionth) {
  const std::string split = R"({"ocr":2,"layout":"1"})";
  const RestAnswer charged = Post(kCharges, Concat(R"({"id":"c1","amounts":{"inference_cost":)",
                                                   R"("0.00001"},)", Labels(split), "}"));
  ASSERT_EQ(charged.status, 201) << charged;
  // In one form, whatever was said.
  EXPECT_THAT(charged.body, HasSubstr(R"("capability":{"layout":"1","ocr":"2"})"));
  EXPECT_EQ(Get(kCharges + "/c1").body, charged.body);
  const RestAnswer again =
      Post(kCharges, Concat(R"({"id":"c1","amounts":{"inference_cost":"0.00001"},)",
                            Labels(R"({"layout":"1.0","ocr":"2"})"), "}"));
  EXPECT_EQ(again.Header("Idempotency-Replayed"), "true") << again;
  const RestAnswer costs = Get(kCosts + "?group_by=capability");
  EXPECT_THAT(costs.body, HasSubstr(R"("layout"},"missing":[],"cost":"0.000003")"));
  EXPECT_THAT(costs.body, HasSubstr(R"("ocr"},"missing":[],"cost":"0.000007")"));
  const RestAnswer held =
      Post(kReservations, Concat(R"({"id":"r1","purpose":"TRAINING","amounts":{"gpu_hours":"1"},)",
                                 Labels(split), "}"));
  ASSERT_EQ(held.status, 201) << held;
  EXPECT_THAT(Get(kReservations + "/r1").body, HasSubstr(R"({"layout":"1","ocr":"2"})"));
  // A shared cost by who used how much.
  ASSERT_EQ(Post(kEntries, Concat(R"({"id":"shared","amount":"100","category":"on_call","labels":)",
                                  R"({"capability":"ocr","operator_family":{"docs":"30",)",
                                  R"("vision":"60"}}})"))
                .status,
            201);
  EXPECT_THAT(Get(kCosts + "?group_by=operator_family").body,
              HasSubstr(R"("vision"},"missing":[],"cost":"66.666667")"));
  for (const char* bad :
       {R"({"ocr":"0"})", R"({"ocr":"-1"})", R"({"ocr":"1","ocr":"2"})", R"({})", R"({"":"1"})",
        R"({"ocr":{"a":"1"}})", R"({"ocr":["1"]})", R"({"ocr":null})", R"("{ocr")"}) {
    const RestAnswer refused =
        Post(kCharges, Concat(R"({"amounts":{"inference_cost":"1"},)", Labels(bad), "}"));
    EXPECT_EQ(refused.status, 400) << bad << refused;
    EXPECT_THAT(refused.FieldAfter("fields", "path"), HasSubstr("labels.capability")) << bad;
  }
  EXPECT_EQ(Post(kCharges, Concat(R"({"id":"e1","amounts":{"inference_cost":"1"},)",
                                  Labels(R"({"ocr":1e2,"layout":1.50})"), "}"))
                .FieldAfter("capability", "ocr"),
            "100");
  const std::string long_name(199, 'n');
  std::string parts;
  for (char c = 'a'; c < 'h'; ++c) {
    parts += Concat(parts.empty() ? "" : ",", "\"", std::string(1, c), long_name, "\":1");
  }
  EXPECT_THAT(Post(kCharges, Concat(R"({"amounts":{"inference_cost":"1"},)",
                                    Labels(Concat("{", parts, "}")), "}"))
                  .body,
              HasSubstr("at most 1024 bytes"));
  const RestAnswer family =
      Post(kCharges, Concat(R"({"amounts":{"inference_cost":"1"},"labels":{"capability":"ocr",)",
                            R"("operator_family":{"a":"1"}}})"));
  EXPECT_THAT(family.body, HasSubstr("one family answers for what is owed"));
}

TEST_F(CostEntries, OfWrongContentAreRefusedWithTheFieldThatIsWrong) {
  const std::string labels = Labels(R"("ocr")");
  const std::pair<std::string, std::string> bad[] = {
      {R"("category":"incident")", "amount"},
      {R"("amount":"0","category":"incident")", "amount"},
      {R"("amount":"1")", "category"},
      {R"("amount":"1","category":"lunch")", "category"},
      {R"("amount":"1","count":"2","rate":"1","category":"network")", "amount"},
      {R"("count":"2","category":"network")", "rate"},
      {R"("rate":"2","category":"network")", "count"},
      {R"("count":"-2","rate":"1","category":"network")", "count"},
      {R"("count":"2","rate":"0","category":"network")", "rate"},
      {R"("amount":"1","category":"incident","corrects":"nothing")", "corrects"},
      {R"("amount":"1","category":"incident","id":"-x")", "id"}};
  for (const auto& [fields, path] : bad) {
    const RestAnswer refused = Post(kEntries, Concat("{", fields, ",", labels, "}"));
    EXPECT_EQ(refused.status, 400) << fields << refused;
    EXPECT_EQ(refused.FieldAfter("fields", "path"), path) << fields;
  }
  const RestAnswer unlabelled = Post(kEntries, R"({"amount":"1","category":"incident"})");
  EXPECT_THAT(unlabelled.body, HasSubstr("labels.operator_family"));
  EXPECT_EQ(Get(kCosts).Field("total"), "0");
  const RestAnswer dry = Post(kEntries + "?dry_run=true",
                              Concat(R"({"amount":"1","category":"incident",)", labels, "}"));
  EXPECT_EQ(dry.Field("dry_run"), "true") << dry;
  EXPECT_EQ(Get(kCosts).Field("total"), "0");
}

TEST_F(CostEntries, QuotesHoldTheirRatesForADay) {
  ASSERT_EQ(Post(kCards, R"({"id":"a","rates":{"gpu_hours":{"rate":"2.5"}}})").status, 201);
  const RestAnswer quote =
      Post(kQuotes, R"({"purpose":"TRAINING","amounts":{"gpu_hours":"2","evaluation_hours":"3"}})");
  ASSERT_EQ(quote.status, 200) << quote;
  EXPECT_EQ(quote.Field("cost"), "5");
  EXPECT_EQ(quote.FieldAfter("rates", "gpu_hours"), "2.5");
  EXPECT_EQ(quote.FieldAfter("unpriced", "evaluation_hours"), "3");
  EXPECT_EQ(quote.FieldAfter("cost_categories", "gpu_hours"), "training");
  const std::string quoted_at = quote.Field("quoted_at");
  ASSERT_EQ(Advance(R"({"by":"3600s"})").status, 200);
  ASSERT_EQ(Post(kCards, R"({"id":"b","rates":{"gpu_hours":{"rate":"4"}}})").status, 201);
  const auto ask = [](const std::string& id, const std::string& at) {
    return Ask(id, "2", "TRAINING", Concat(R"(,"quoted_at":")", at, "\""));
  };
  const RestAnswer held = Post(kReservations, ask("r1", quoted_at));
  ASSERT_EQ(held.status, 201) << held;
  EXPECT_EQ(held.Field("quoted_at"), quoted_at);
  EXPECT_EQ(Post(kReservations, ask("r1", quoted_at)).Header("Idempotency-Replayed"), "true");
  EXPECT_EQ(Post(kReservations, Ask("r1", "2", "TRAINING", "")).Field("code"), "id_conflict");
  KillAndRestart();
  const RestAnswer settled =
      Post(kReservations + "/r1:charge", R"({"id":"c1","amounts":{"gpu_hours":"2"}})");
  EXPECT_EQ(settled.FieldAfter("costs", "gpu_hours"), "5") << settled;
  EXPECT_EQ(Post(kQuotes, R"({"amounts":{"gpu_hours":"2"}})").Field("cost"), "8");
  ASSERT_EQ(Advance(Concat(R"({"to":")", quote.Field("valid_until"), "\"}")).status, 200);
  const RestAnswer late = Post(kReservations, ask("r2", quoted_at));
  EXPECT_EQ(late.status, 409);
  EXPECT_EQ(late.Field("code"), "quote_expired");
  EXPECT_EQ(Post(kReservations, ask("r2", "2099-01-01T00:00:00Z")).status, 400);
  const RestAnswer unknown = Post(kQuotes, R"({"amounts":{"gpus":"2"}})");
  EXPECT_EQ(unknown.Field("code"), "unknown_resource");
  EXPECT_THAT(Post(kQuotes, R"({"amounts":{"active_model_memory":"2"}})").body,
              HasSubstr("only a consumable is charged"));
}

TEST_F(CostEntries, ACheapModelThatEscalatesIsDearerForAnAcceptedResult) {
  const auto charge = [&](const std::string& id, const std::string& model, const std::string& role,
                          const std::string& usd) {
    const std::string labels = Concat(R"(,"model":")", model, R"(","role":")", role, "\"");
    EXPECT_EQ(Post(kCharges, Concat(R"({"id":")", id, R"(","amounts":{"inference_cost":")", usd,
                                    "\"},", Labels(R"("ocr")", labels), "}"))
                  .status,
              201);
  };
  const auto report = [&](const std::string& id, const std::string& model,
                          const std::string& counts) {
    return Post(kOutcomes, Concat(R"({"id":")", id, R"(","labels":{"capability":"ocr","model":")",
                                  model, "\"},", counts, "}"));
  };
  // A thousand requests each: the cheap one hands 600 on, and its share of what these cost is its
  // own.
  charge("s1", "small", "invocation", "2");
  charge("s2", "small", "fallback", "18");
  charge("s3", "small", "judge", "1");
  charge("l1", "large", "invocation", "30");
  ASSERT_EQ(report("o1", "small", R"("accepted":400,"escalated":600)").status, 201);
  const RestAnswer large = report("o2", "large", R"("accepted":980,"rejected":20)");
  ASSERT_EQ(large.status, 201) << large;
  EXPECT_EQ(large.Header("Location"), kOutcomes + "/o2");
  const RestAnswer compared = Get(kAccepted + "?group_by=capability,model");
  ASSERT_EQ(compared.status, 200) << compared;
  EXPECT_EQ(compared.Field("total"), "51");
  EXPECT_THAT(compared.body, HasSubstr(R"("total":"51","accepted":"1380")"));
  EXPECT_THAT(compared.body,
              HasSubstr(R"({"by":{"capability":"ocr","model":"small"},"missing":[],"cost":"21",)"
                        R"("parts":{"fallback":"18","invocation":"2","judge":"1"},)"
                        R"("accepted":"400","rejected":"0","escalated":"600",)"
                        R"("cost_per_accepted_result":"0.0525")"));
  EXPECT_THAT(compared.body, HasSubstr(R"("cost_per_accepted_result":"0.030612")"));
  EXPECT_LT(compared.body.find("small"), compared.body.find("large"));
  // Of the capability as a whole, which is what it is by when nothing else is said.
  EXPECT_THAT(Get(kAccepted).body, HasSubstr(R"("cost_per_accepted_result":"0.036957")"));
  // With none accepted it is not defined, and not zero.
  charge("t1", "third", "invocation", "5");
  ASSERT_EQ(report("o3", "third", R"("rejected":7)").status, 201);
  const RestAnswer none = Get(kAccepted + "?group_by=model");
  EXPECT_THAT(none.body, HasSubstr(R"({"by":{"model":"third"},"missing":[],"cost":"5",)"
                                   R"("parts":{"invocation":"5"},"accepted":"0","rejected":"7",)"
                                   R"("escalated":"0","unpriced":{},"occupied":{}})"));
  EXPECT_EQ(report("o2", "large", R"("accepted":980,"rejected":20)").body, large.body);
  EXPECT_EQ(report("o2", "large", R"("accepted":981,"rejected":20)").Field("code"), "id_conflict");
  KillAndRestart();
  EXPECT_EQ(Get(kAccepted + "?group_by=model").body, none.body);
  EXPECT_EQ(Get(kOutcomes + "/o2").body, large.body);
  EXPECT_THAT(Get(kOutcomes).body, HasSubstr("\"o1\""));
}

TEST_F(CostEntries, OutcomesOfWrongContentAreRefused) {
  const std::string good = R"("labels":{"capability":"ocr"})";
  const std::pair<std::string, std::string> bad[] = {
      {Concat("{", good, "}"), "accepted"},
      {R"({"accepted":1})", "labels.capability"},
      {R"({"accepted":1,"labels":{"capability":{"ocr":"1","layout":"1"}}})", "labels.capability"},
      {Concat(R"({"accepted":-1,)", good, "}"), "accepted"},
      {Concat(R"({"accepted":4294967296,)", good, "}"), "accepted"}};
  for (const auto& [body, path] : bad) {
    const RestAnswer refused = Post(kOutcomes, body);
    EXPECT_EQ(refused.status, 400) << body << refused;
    EXPECT_EQ(refused.FieldAfter("fields", "path"), path) << body;
  }
  EXPECT_EQ(Get(kAccepted + "?group_by=category").status, 400);
  EXPECT_EQ(Get(kAccepted + "?group_by=role").status, 400);
  EXPECT_EQ(Get(kAccepted + "?period=november").status, 400);
}

}  // namespace
}  // namespace purser
