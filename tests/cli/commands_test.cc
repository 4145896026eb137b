// What each command asks of the daemon, and how it shows the answer.
#include <cstdio>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/fixtures.h"
#include "tests/cli/purser_run.h"

namespace purser {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kGetPopulation[] = "GET /v1/populations/default";
constexpr char kGetFreezes[] = "GET /v1/populations/default/freezes?page_size=1000";
constexpr char kGetDebts[] = "GET /v1/populations/default/debts?page_size=1000";
constexpr char kReservations[] = "/v1/populations/default/reservations";

class PurserCommands : public testing::Test {
 protected:
  PurserRun Run(const std::string& arguments, const std::string& environment = "") {
    return RunPurser(Concat("--url ", daemon_.url(), " ", arguments), environment);
  }
  void PrepareStatus() {
    daemon_.Answer("GET /version", 200, kVersionJson);
    daemon_.Answer(kGetPopulation, 200, kPopulationJson);
    daemon_.Answer(kGetFreezes, 200,
                   R"({"freezes":[{"id":"f-1","resource":"inference_cost","reason":"audit",)"
                   R"("until":"2026-12-01T00:00:00Z"}],"next_page_token":""})");
    daemon_.Answer(kGetDebts, 200,
                   R"({"debts":[{"operator_family":"vision","resource":"inference_cost",)"
                   R"("charge":"c9","amount":"5"}],"next_page_token":""})");
  }
  ReceivedRequest LastRequest() {
    const std::vector<ReceivedRequest> received = daemon_.received();
    EXPECT_FALSE(received.empty());
    return received.empty() ? ReceivedRequest() : received.back();
  }

  FakeDaemon daemon_;
};

TEST_F(PurserCommands, ShowsThePopulationOnOneScreen) {
  PrepareStatus();
  const PurserRun run = Run("status");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(
      run.out,
      Concat("purserd 0.1.0 (abc1234) at ", daemon_.url(),
             "\n"
             "population default, sequence 42, open reservations 3, time zone UTC\n"
             "\n"
             "RESOURCE        UNIT  LEDGER                                                       "
             " RESERVE  TARGET  FLAGS\n"
             "gpu_hours       h     granted 400   = available 262 + reserve 100 + held 38        "
             "     100     100\n"
             "inference_cost  USD   granted 12000 = reserve 2999.5 + spent 9005.5 + overdraft -5 "
             "  2999.5    3000  FROZEN, reserve short by 0.5, debt 5, reserve backed 2994.5\n"
             "\n"
             "freezes:\n"
             "  f-1: resource inference_cost, until 2026-12-01T00:00:00Z: audit\n"
             "debts:\n"
             "  vision owes 5 inference_cost (charge c9)\n"));
}

TEST_F(PurserCommands, SaysWhatEndsTheFreezeOfAGuardrail) {
  daemon_.Answer("GET /version", 200, kVersionJson);
  daemon_.Answer(kGetPopulation, 200, kPopulationJson);
  daemon_.Answer(kGetFreezes, 200,
                 R"({"freezes":[{"id":"_80.0","guardrail":"speech-hour","reason":)"
                 R"("the hour costs 12 USD"}],"next_page_token":""})");
  daemon_.Answer(kGetDebts, 200, R"({"debts":[],"next_page_token":""})");
  const PurserRun run = Run("status");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("freezes:\n"
                                 "  _80.0: experiments, by guardrail speech-hour: the hour costs "
                                 "12 USD; ended by: purser guardrails reset speech-hour\n"));
}

TEST_F(PurserCommands, WrapsWhatIsWiderThanTheTerminalAndCutsNothing) {
  PrepareStatus();
  const PurserRun run = Run("status", "COLUMNS=80");
  EXPECT_EQ(run.exit_code, 0);
  size_t start = run.out.find("RESOURCE");
  const size_t table_end = run.out.find("freezes:");
  while (start < table_end) {
    const size_t end = run.out.find('\n', start);
    EXPECT_LE(end - start, 80u) << run.out.substr(start, end - start);
    start = end + 1;
  }
  for (const char* word : {"2999.5", "9005.5", "overdraft", "FROZEN,", "2994.5"}) {
    EXPECT_THAT(run.out, HasSubstr(word));
  }
}

TEST_F(PurserCommands, ShowsAStatusWithoutWhatTheCallerMayNotRead) {
  PrepareStatus();
  FakeDaemon daemon;
  const std::string forbidden = R"({"title":"Forbidden","status":403,"code":"forbidden"})";
  daemon.Answer(kGetPopulation, 200, kPopulationJson);
  for (const char* request : {"GET /version", kGetFreezes, kGetDebts}) {
    daemon.Answer(request, 403, forbidden);
  }
  const PurserRun run = RunPurser(Concat("status --url ", daemon.url()));
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, HasSubstr("purserd (version unknown) at"));
  EXPECT_THAT(run.out, HasSubstr("freezes: not shown to you (forbidden)\n"));
  EXPECT_THAT(run.out, HasSubstr("debts: not shown to you (forbidden)\n"));
  const PurserRun raw = RunPurser(Concat("status --json --url ", daemon.url()));
  EXPECT_EQ(raw.out, Concat(R"({"version":null,"population":)", kPopulationJson,
                            R"(,"freezes":null,"debts":null})", "\n"));
}

TEST_F(PurserCommands, ListsResourcesAndShowsOne) {
  daemon_.Answer("GET /v1/populations/p0/resources?page_size=1000", 200,
                 R"({"resources":[{"name":"gpu_hours","unit":"h","kind":"CONSUMABLE",)"
                 R"("granted":"400","available":"262.000001","reserve":"100","held":"37.999999"}],)"
                 R"("next_page_token":""})");
  daemon_.Answer("GET /v1/populations/p0/resources/gpu_hours", 200,
                 R"({"name":"gpu_hours","unit":"h","kind":"CONSUMABLE","period":"MONTHLY",)"
                 R"("amount":"400","reserve":"100","reserve_target":"100","reserve_percent":"25",)"
                 R"("identity":"granted 400 = available 300 + reserve 100","generation":"2"})");
  const PurserRun list = Run("resources --population p0");
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_EQ(list.out,
            "RESOURCE   UNIT  KIND        GRANTED   AVAILABLE  RESERVE       HELD  IN USE  SPENT"
            "  OVERDRAFT  FLAGS\n"
            "gpu_hours  h     CONSUMABLE      400  262.000001      100  37.999999       0      0"
            "          0\n");
  const PurserRun one = Run("resources gpu_hours --population p0");
  EXPECT_EQ(one.exit_code, 0) << one.err;
  EXPECT_THAT(one.out, HasSubstr("ledger           granted 400 = available 300 + reserve 100\n"));
  EXPECT_THAT(one.out, HasSubstr("reserve          100 of a target of 100\n"));
  EXPECT_THAT(one.out, HasSubstr("period           MONTHLY\n"));
  EXPECT_THAT(one.out, Not(HasSubstr("flags")));
}

TEST_F(PurserCommands, CreatesAReservationFromItsOptions) {
  daemon_.Answer(Concat("POST ", kReservations), 201, kReservationJson);
  const PurserRun run =
      Run("reservations create --id exp-1 --purpose training --amount gpu_hours=40 --amount "
          "risk_capacity=2.50 --minimum gpu_hours=10 --label operator_family=vision --label "
          "note=a=b --lease 2h --overrun-policy stop");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const ReceivedRequest request = LastRequest();
  EXPECT_EQ(request.Header("content-type"), "application/json");
  EXPECT_EQ(request.Header("idempotency-key"), "");
  EXPECT_EQ(request.body, R"({"id":"exp-1","purpose":"TRAINING","priority":0,)"
                          R"("amounts":{"gpu_hours":"40","risk_capacity":"2.5"},)"
                          R"("minimum_amounts":{"gpu_hours":"10"},)"
                          R"("labels":{"note":"a=b","operator_family":"vision"},)"
                          R"("lease":"7200s","overrun_policy":"STOP"})");
  EXPECT_EQ(run.out,
            "reservation exp-1: GRANTED\n"
            "purpose         TRAINING\n"
            "labels          capability=ocr operator_family=vision\n"
            "lease           3600s\n"
            "overrun policy  EXTEND\n"
            "by              local\n"
            "made            2026-11-22T14:00:00Z\n"
            "expires         2026-11-22T15:00:00Z\n"
            "\n"
            "RESOURCE   ASKED  GRANTED  HELD  IN USE  CHARGED  OVERRUN\n"
            "gpu_hours     40       40   8.5       0     31.5        0\n");
}

TEST_F(PurserCommands, SaysWhyNotAndWhatWouldHelp) {
  daemon_.Answer(Concat("POST ", kReservations, ":explain"), 200,
                 R"({"fits":false,"code":"frozen","blocking":[{"kind":"FREEZE","name":"f1",)"
                 R"("detail":"audit","until":"2026-11-22T15:00:00Z"}],"shortages":[{"resource":)"
                 R"("gpu_hours","requested":"80","available":"60","held":"240","in_use":"0",)"
                 R"("spent":"0","reserve":"100","reserve_protected":"20","short_by":"20",)"
                 R"("earliest_start":"2026-11-22T12:16:40Z","assumptions":["lease of e1 ends"]}],)"
                 R"("earliest_start":"2026-11-22T15:00:00Z","assumptions":["lease of e1 ends",)"
                 R"("freeze f1 ends"],"remedies":[{"kind":"WAIT","until":"2026-11-22T15:00:00Z"},)"
                 R"({"kind":"REDUCE","amounts":{"gpu_hours":"60"}},{"kind":"OPERATOR_ACTION",)"
                 R"("grants":{"gpu_hours":"26.666667"},"lift_freezes":["f1"]}],"complete":true,)"
                 R"("ledger_sequence":"5","judged_at":"2026-11-22T12:00:00Z"})");
  const PurserRun run = Run("why --purpose training --amount gpu_hours=80 --label team=docs");
  EXPECT_EQ(run.exit_code, 1) << run.err;
  EXPECT_EQ(LastRequest().body, R"({"purpose":"TRAINING","priority":0,)"
                                R"("amounts":{"gpu_hours":"80"},"labels":{"team":"docs"}})");
  EXPECT_EQ(
      run.out,
      "not now (frozen)\n"
      "  blocked: frozen: f1: audit; until 2026-11-22T15:00:00Z\n"
      "  gpu_hours: asked 80, available 60, short by 20; the rollback reserve of 100 protects "
      "20 of it; enough from 2026-11-22T12:16:40Z\n"
      "  earliest: 2026-11-22T15:00:00Z, if nobody arrives, renews or overruns\n"
      "    lease of e1 ends\n"
      "    freeze f1 ends\n"
      "  what would help:\n"
      "    wait until 2026-11-22T15:00:00Z\n"
      "    ask for gpu_hours=60\n"
      "    an operator grants gpu_hours=26.666667 (debts and the reserve take theirs) "
      "and lifts freeze f1\n");
}

TEST_F(PurserCommands, SaysWhenItWouldBeGranted) {
  daemon_.Answer(Concat("POST ", kReservations, ":explain"), 200,
                 R"({"fits":true,"complete":true,"ledger_sequence":"5",)"
                 R"("judged_at":"2026-11-22T12:00:00Z","granted":{"gpu_hours":"60"}})");
  const PurserRun run = Run("why --purpose training --amount gpu_hours=80 --minimum gpu_hours=2");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "it would be granted now: gpu_hours=60\n");
}

TEST_F(PurserCommands, JudgesWithoutRecordingOnADryRun) {
  std::string answer = kReservationJson;
  answer.insert(answer.size() - 1, R"(,"dry_run":true,"judged_at_sequence":"42")");
  daemon_.Answer(Concat("POST ", kReservations, "?dry_run=true"), 201, answer);
  const PurserRun run =
      Run("reservations create --purpose TRAINING --amount gpu_hours=40 --dry-run");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out,
              testing::StartsWith("dry run: nothing was recorded; judged at sequence 42\n"));
}

TEST_F(PurserCommands, SaysWhenAnAnswerIsTheFirstOneAgain) {
  daemon_.Answer(Concat("POST ", kReservations, "/exp-1:release"), 200, kReservationJson,
                 "Idempotency-Replayed: true\r\n");
  const PurserRun run = Run("reservations release exp-1");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, testing::StartsWith("sent before: this is the first answer again\n"));
}

struct Verb {
  const char* arguments;
  const char* target;
  const char* body;
};

TEST_F(PurserCommands, SendsEachVerbToItsRoute) {
  const Verb verbs[] = {
      {"start exp-1", "/exp-1:start", "{}"},
      {"start exp-1 --lease 1d", "/exp-1:start", R"({"lease":"86400s"})"},
      {"renew exp-1 --lease 90s", "/exp-1:renew", R"({"lease":"90s"})"},
      {"renew exp-1 --lease 0.5h --dry-run", "/exp-1:renew?dry_run=true", R"({"lease":"1800s"})"},
      {"settle exp-1", "/exp-1:settle", R"({"charge_all":false,"category":""})"},
      {"settle --charge-all exp-1", "/exp-1:settle", R"({"charge_all":true,"category":""})"},
      {"settle --amount gpu_hours=0 exp-1", "/exp-1:settle",
       R"({"amounts":{"gpu_hours":"0"},"charge_all":false,"category":""})"},
      {"release a%2Fb/..", "/a%252Fb%2F..:release", "{}"},
  };
  for (const Verb& verb : verbs) {
    daemon_.Answer(Concat("POST ", kReservations, verb.target), 200, kReservationJson);
    const PurserRun run = Run(Concat("reservations ", verb.arguments));
    EXPECT_EQ(run.exit_code, 0) << verb.arguments << ": " << run.err;
    EXPECT_EQ(LastRequest().body, verb.body) << verb.arguments;
    EXPECT_NE(LastRequest().Header("idempotency-key"), "") << verb.arguments;
  }
}

TEST_F(PurserCommands, ChargesWithTheOperatorsId) {
  daemon_.Answer(Concat("POST ", kReservations, "/exp-1:charge"), 201,
                 R"({"id":"c1","reservation":"exp-1","amounts":{"gpu_hours":"31.5"},)"
                 R"("within_hold":{"gpu_hours":"30"},"overrun":{"gpu_hours":"1.5"},)"
                 R"("overdraft":{"gpu_hours":"0"},"refunded":{},"action":"STOP",)"
                 R"("costs":{"gpu_hours":"78.75"},"cost_categories":{"gpu_hours":"training"}})");
  const PurserRun run = Run("reservations charge --amount gpu_hours=31.5 exp-1 --charge-id c1");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(LastRequest().body, R"({"id":"c1","amounts":{"gpu_hours":"31.5"},"category":""})");
  EXPECT_EQ(LastRequest().Header("idempotency-key"), "");
  EXPECT_EQ(run.out,
            "charge c1 on exp-1, action STOP\n"
            "RESOURCE   AMOUNT  WITHIN HOLD  OVERRUN  OVERDRAFT    USD  CATEGORY\n"
            "gpu_hours    31.5           30      1.5          0  78.75  training\n");
}

TEST_F(PurserCommands, ListsReservationsOverSeveralPages) {
  const std::string first =
      Concat(R"({"reservations":[)", kReservationJson, R"(],"next_page_token":"a/b"})");
  const std::string second =
      Concat(R"({"reservations":[)", kReservationJson, R"(],"next_page_token":"c"})");
  daemon_.Answer(Concat("GET ", kReservations, "?page_size=2&state=GRANTED"), 200, first);
  daemon_.Answer(Concat("GET ", kReservations, "?page_size=1&state=GRANTED&page_token=a%2Fb"), 200,
                 second);
  const PurserRun run = Run("reservations list --state granted --limit 2");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const std::string row =
      "exp-1  GRANTED  TRAINING  gpu_hours=40  gpu_hours=31.5  until 2026-11-22T15:00:00Z  "
      "capability=ocr operator_family=vision\n";
  EXPECT_EQ(run.out, Concat("ID     STATE    PURPOSE   GRANTED       CHARGED         TIME          "
                            "              LABELS\n",
                            row, row, "There are more: --limit N shows N of them.\n"));
  const PurserRun raw = Run("reservations list --state granted --limit 2 --json");
  EXPECT_EQ(raw.out, Concat(first, "\n", second, "\n"));
}

TEST_F(PurserCommands, ShowsWhyAReservationWasDenied) {
  daemon_.Answer(
      Concat("GET ", kReservations, "/exp-2"), 200,
      Concat(R"({"id":"exp-2","state":"DENIED","purpose":"TRAINING","denial":)", kDenialJson, "}"));
  const PurserRun run = Run("reservations show exp-2");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, testing::StartsWith("reservation exp-2: DENIED\n"));
  EXPECT_THAT(run.out, HasSubstr("\n  gpu_hours: asked 280, available 260, short by 20; the "
                                 "rollback reserve of 100 protects 20 of it; enough from "));
}

std::string EntryJson(int sequence) {
  return Concat(R"({"sequence":")", sequence, R"(","time":"2026-11-22T14:00:00.25Z",)",
                R"("command":"reserve","principal":"local","facts":[{"kind":"Held","subject":"e)",
                sequence, R"(","details":{}}],"postings":[{"resource":"gpu_hours",)",
                R"("operation":"hold","from":"available","to":"held","amount":"40"}],)",
                R"("balances":[],"hash":"00","stored":""})");
}

TEST_F(PurserCommands, ShowsTheJournalsEndNewestLast) {
  daemon_.Answer(
      "GET /v1/populations/default/journal?page_size=2", 200,
      Concat(R"({"entries":[)", EntryJson(42), ",", EntryJson(41), R"(],"next_page_token":"x"})"));
  const PurserRun run = Run("journal tail -n 2");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out,
            "SEQUENCE  TIME                         COMMAND       PRINCIPAL  EVENTS\n"
            "      41  2026-11-22T14:00:00.250Z     reserve       local      "
            "Held e41; gpu_hours 40 available→held\n"
            "      42  2026-11-22T14:00:00.250Z     reserve       local      "
            "Held e42; gpu_hours 40 available→held\n");
}

constexpr char kProblemGone[] = R"({"title":"Not found","status":404,"code":"not_found"})";

// A stream of these entries, whole or broken off.
std::string StreamText(const std::vector<int>& sequences, bool whole) {
  std::string text =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
      "Connection: close\r\n\r\n";
  const auto add = [&text](const std::string& piece) {
    char size[16];
    std::snprintf(size, sizeof(size), "%zx\r\n", piece.size());
    text += Concat(size, piece, "\r\n");
  };
  add("retry: 1000\n: hello\n\n");
  for (const int sequence : sequences) {
    const std::string event = Concat("id: ", sequence, "\ndata: ", EntryJson(sequence), "\n\n");
    add(event.substr(0, 9));  // a piece ends where it likes
    add(event.substr(9));
    add(": heartbeat\n\n");
  }
  if (whole) text += "0\r\n\r\n";
  return text;
}

class Followed : public PurserCommands {
 protected:
  void SetUp() override {
    daemon_.Answer("GET /v1/populations/default/journal?page_size=1", 200,
                   Concat(R"({"entries":[)", EntryJson(1), R"(],"next_page_token":""})"));
  }
  PurserRun Follow(const std::string& more = "") {
    return Run("journal tail -n 1 --follow --interval 0.01s " + more);
  }
  // The entries in the order in which they were shown.
  static std::string Order(const PurserRun& run) {
    std::string order;
    for (size_t at = run.out.find("Held e"); at != std::string::npos;
         at = run.out.find("Held e", at + 1)) {
      order.push_back(run.out[at + 6]);
    }
    return order;
  }
  const std::string watch_ = "GET /v1/populations/default/watch?after=1";
};

TEST_F(Followed, GoesOnBehindTheLastEventHoweverTheStreamEnds) {
  daemon_.AnswerRaw(watch_, StreamText({2, 3}, /*whole=*/true));
  daemon_.AnswerRaw(watch_, StreamText({4}, /*whole=*/false));
  daemon_.AnswerRaw(watch_, "");
  daemon_.Answer(watch_, 503, R"({"title":"Over","status":503,"code":"overloaded"})");
  daemon_.AnswerRaw(watch_, StreamText({5}, true));
  daemon_.Answer(watch_, 404, kProblemGone);
  const PurserRun run = Follow();
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(Order(run), "12345");
  // Once an outage, and once for the end.
  EXPECT_THAT(run.err, HasSubstr("Trying again until it answers."));
  EXPECT_EQ(run.err.find("Trying"), run.err.rfind("Trying"));
  EXPECT_THAT(run.err, HasSubstr("not_found"));
  std::vector<std::string> ids;
  for (const ReceivedRequest& request : daemon_.received()) {
    if (request.target.find("/watch") == std::string::npos) continue;
    EXPECT_EQ(request.Header("accept"), "text/event-stream, application/problem+json");
    ids.push_back(request.Header("last-event-id"));
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"", "3", "4", "4", "4", "5"}));
}

TEST_F(Followed, ReadsPagesWhereAWatchWouldBeginTooFarBack) {
  daemon_.AnswerRaw(watch_, StreamText({2}, true));
  daemon_.Answer(watch_, 410, R"({"title":"Too far back","status":410,"code":"too_far_back"})");
  daemon_.Answer("GET /v1/populations/default/journal?page_size=1000", 200,
                 Concat(R"({"entries":[)", EntryJson(4), ",", EntryJson(3), ",", EntryJson(2),
                        R"(],"next_page_token":"older"})"));
  daemon_.AnswerRaw("GET /v1/populations/default/watch?after=4", StreamText({5}, true));
  daemon_.Answer("GET /v1/populations/default/watch?after=4", 404, kProblemGone);
  EXPECT_EQ(Order(Follow()), "12345");
}

TEST_F(Followed, EndsAtOnceWhenItCannotBegin) {
  daemon_.Answer(watch_, 503, R"({"title":"Over","status":503,"code":"overloaded"})");
  const PurserRun run = Follow();
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("overloaded"));
}

TEST_F(Followed, WantsAStreamOfEvents) {
  daemon_.Answer(watch_, 200, "{}");
  const PurserRun run = Follow();
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.err, HasSubstr("no stream of events"));
}

TEST_F(Followed, NeverShowsAJournalWithAGap) {
  daemon_.AnswerRaw(watch_, StreamText({2, 4}, true));
  const PurserRun run = Follow();
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(Order(run), "12");
  EXPECT_THAT(run.err, HasSubstr("entry 4 came behind 2"));
}

TEST_F(Followed, GivesEventsAsTheyCameInJson) {
  daemon_.AnswerRaw(watch_, StreamText({2}, true));
  daemon_.Answer(watch_, 404, kProblemGone);
  EXPECT_THAT(Follow("--json").out, HasSubstr(Concat("\n", EntryJson(2), "\n")));
}

}  // namespace
}  // namespace purser
