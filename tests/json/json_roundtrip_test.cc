#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "api/json.h"
#include "api/v1/journal.pb.h"
#include "api/v1/population.pb.h"
#include "api/v1/reservation.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "ledger/text.h"
#include "tests/json/json_messages.h"

namespace purser::api {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr char kReservation[] =
    R"({"id":"exp-2041","purpose":"TRAINING","tier":"STANDARD","priority":0,)"
    R"("amounts":{"gpu_hours":"40","active_model_memory":"12","risk_capacity":2},)"
    R"("labels":{"operator_family":"vision-specialists","capability":"ocr","team":"docs",)"
    R"("experiment":"ablation-2041","owner":"somebody@example.org","note":"third of five"},)"
    R"("lease":"7200s","on_shortage":"DENY","overrun_policy":"EXTEND",)"
    R"("minimum_amounts":{"gpu_hours":"20.5","active_model_memory":"6","risk_capacity":"1"}})";

TEST(JsonRoundTrip, BringsBackEveryMessageTypeFullAndEmpty) {
  int types = 0;
  for (const auto* type : PublicMessageTypes()) {
    if (type == v1::Amount::descriptor()) continue;  // a value, never a document
    for (int seed = 0; seed < 4; ++seed) {
      const auto sent = NewMessage(type);
      const auto got = NewMessage(type);
      if (seed > 0) FillMessage(sent.get(), seed, 3);
      const std::string json = ToJson(*sent);
      ASSERT_EQ(FaultText(json, got.get()), "OK") << type->full_name() << "\n" << json;
      EXPECT_TRUE(MessageDifferencer::Equals(*sent, *got)) << type->full_name() << "\n" << json;
      EXPECT_EQ(ToJson(*got), json);
      EXPECT_TRUE(CompareMessages(*sent, *got).empty());
    }
    ++types;
  }
  EXPECT_GT(types, 40);
}

TEST(JsonRoundTrip, ReadsTheRequestOfTheContract) {
  v1::ReservationRequest request;
  ASSERT_EQ(FaultText(kReservation, &request), "OK");
  EXPECT_EQ(request.id(), "exp-2041");
  EXPECT_EQ(request.purpose(), v1::TRAINING);
  EXPECT_EQ(request.amounts().at("risk_capacity").micros(), 2'000'000);
  EXPECT_EQ(request.minimum_amounts().at("gpu_hours").micros(), 20'500'000);
  EXPECT_EQ(request.lease().seconds(), 7200);
  EXPECT_EQ(request.on_shortage(), v1::DENY);
  EXPECT_EQ(request.labels().at("capability"), "ocr");
}

TEST(JsonRoundTrip, PrintsFieldsInOrderAndMapsSorted) {
  v1::ReservationRequest request;
  ASSERT_EQ(FaultText(R"({"labels":{"b":"2","a":"1"},"id":"x","purpose":"SERVING","lease":"1.5s"})",
                      &request),
            "OK");
  EXPECT_EQ(ToJson(request),
            R"({"id":"x","purpose":"SERVING","priority":0,"labels":{"a":"1","b":"2"},)"
            R"("lease":"1.500s"})");
}

TEST(JsonRoundTrip, PrintsEmptyListsOnlyWhereMarked) {
  EXPECT_EQ(ToJson(v1::ReservationList()), R"({"reservations":[],"next_page_token":""})");
  EXPECT_EQ(ToJson(v1::Charge()),
            R"({"id":"","reservation":"","amounts":{},"within_hold":{},"overrun":{},)"
            R"("overdraft":{},"refunded":{},"labels":{},"category":"","late":false,"action":"",)"
            R"("principal":"","ledger_sequence":"0","rates":{},"costs":{},"refunded_costs":{},)"
            R"("cost_categories":{}})");
}

TEST(JsonRoundTrip, PrintsPlainListsAndSixtyFourBitNumbersAsStrings) {
  v1::CreatePopulation create;
  ASSERT_EQ(FaultText(R"({"name":"p0","required_labels":["team","owner"]})", &create), "OK");
  EXPECT_EQ(ToJson(create), R"({"name":"p0","time_zone":"","required_labels":["team","owner"]})");
  ASSERT_EQ(FaultText(R"({"required_labels":[]})", &create), "OK");
  EXPECT_TRUE(create.has_required_labels());
  v1::BatchResponse response;
  response.set_ledger_sequence(18'446'744'073'709'551'615u);
  EXPECT_EQ(ToJson(response), R"({"results":[],"ledger_sequence":"18446744073709551615"})");
}

TEST(JsonRoundTrip, EscapesOnlyWhatMustBe) {
  v1::Version version;
  version.set_version("\"\\/\b\f\n\r\t\x01\x1f\x7f é\xe2\x80\xa8");
  const std::string json = ToJson(version);
  EXPECT_NE(json.find(R"("version":"\"\\/\b\f\n\r\t\u0001\u001f)"
                      "\x7f é\xe2\x80\xa8\""),
            std::string::npos)
      << json;
}

TEST(JsonRoundTrip, ReadsEscapesAndSurrogatePairs) {
  v1::Version version;
  ASSERT_EQ(FaultText(R"({"ver\u0073ion":"\ud83d\ude00 \u00e9\/\"\\ \u20ac"})", &version), "OK");
  EXPECT_EQ(version.version(), "😀 é/\"\\ €");
}

TEST(JsonRoundTrip, ComparesMessages) {
  v1::ReservationRequest before;
  v1::ReservationRequest after;
  ASSERT_EQ(
      FaultText(R"({"id":"a","amounts":{"x":"1","y":2},"lease":"5s","tier":"BATCH"})", &before),
      "OK");
  ASSERT_EQ(FaultText(R"({"id":"b","amounts":{"x":1.0,"z":"2"},"labels":{},"priority":0})", &after),
            "OK");
  std::string text;
  for (const v1::Fault& fault : CompareMessages(before, after)) {
    EXPECT_EQ(fault.code(), "differs");
    text += Concat(fault.path(), " ", fault.has_was() ? fault.was() : "-", " ",
                   fault.has_now() ? fault.now() : "-", "\n");
  }
  EXPECT_EQ(text,
            "id \"a\" \"b\"\n"
            "tier \"BATCH\" -\n"
            "amounts.y \"2\" -\n"
            "amounts.z - \"2\"\n"
            "lease \"5s\" -\n");
}

TEST(JsonRoundTrip, ComparesListsByElementAndByLength) {
  v1::BatchRequest before;
  v1::BatchRequest after;
  ASSERT_EQ(FaultText(R"({"operations":[{"start":{"id":"a"}},{"release":{"id":"b"}}]})", &before),
            "OK");
  ASSERT_EQ(FaultText(R"({"operations":[{"start":{"id":"a"}},{"release":{"id":"c"}}]})", &after),
            "OK");
  auto faults = CompareMessages(before, after);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].path(), "operations[1].release.id");
  after.mutable_operations()->RemoveLast();
  faults = CompareMessages(before, after);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].path(), "operations");
}

TEST(JsonRoundTrip, IsTheSameFromManyThreads) {
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([] {
      for (int j = 0; j < 200; ++j) {
        v1::ReservationRequest request;
        ASSERT_EQ(FaultText(kReservation, &request), "OK");
        v1::ReservationRequest again;
        ASSERT_EQ(FaultText(ToJson(request), &again), "OK");
        ASSERT_EQ(ToJson(again), ToJson(request));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Only prints: the goals are 4 µs in and 2 µs out in a release build.
TEST(JsonRoundTrip, PrintsItsSpeed) {
  constexpr int kRounds = 20'000;
  v1::ReservationRequest request;
  std::vector<v1::Fault> faults;
  std::string out;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kRounds; ++i) ASSERT_TRUE(ParseJson(kReservation, &request, &faults));
  const auto middle = std::chrono::steady_clock::now();
  for (int i = 0; i < kRounds; ++i) {
    out.clear();
    PrintJson(request, &out);
  }
  const auto end = std::chrono::steady_clock::now();
  const auto nanos = [](auto from, auto to) {
    return static_cast<long long>((to - from) / std::chrono::nanoseconds(1) / kRounds);
  };
  std::printf("json: %zu bytes in %lld ns, %zu bytes out %lld ns\n", sizeof(kReservation) - 1,
              nanos(start, middle), out.size(), nanos(middle, end));
}

}  // namespace
}  // namespace purser::api
