#include "api/protobuf.h"

#include <gtest/gtest.h>

#include <random>

#include "api/json.h"
#include "api/v1/population.pb.h"
#include "api/v1/reservation.pb.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "ledger/text.h"
#include "tests/json/json_messages.h"
#include "tests/protobuf/wire_bytes.h"

namespace purser::api {
namespace {

using google::protobuf::util::MessageDifferencer;

// The faults as lines "path code: message", or "OK".
std::string Faults(std::string_view bytes, google::protobuf::Message* message) {
  std::vector<v1::Fault> faults;
  if (ParseProtobuf(bytes, message, &faults)) return "OK";
  std::string text;
  for (const v1::Fault& fault : faults) {
    text +=
        Concat(text.empty() ? "" : "\n", fault.path(), " ", fault.code(), ": ", fault.message());
  }
  return text;
}

std::string ToBytes(const google::protobuf::Message& message) {
  std::string bytes;
  PrintProtobuf(message, &bytes);
  return bytes;
}

TEST(ProtobufRoundTrip, BringsBackEveryMessageTypeFullAndEmpty) {
  for (const auto* type : PublicMessageTypes()) {
    for (int seed = 0; seed < 4; ++seed) {
      const auto sent = NewMessage(type);
      const auto got = NewMessage(type);
      if (seed > 0) FillMessage(sent.get(), seed, 3);
      const std::string bytes = ToBytes(*sent);
      ASSERT_EQ(Faults(bytes, got.get()), "OK") << type->full_name();
      EXPECT_TRUE(MessageDifferencer::Equals(*sent, *got)) << type->full_name();
      EXPECT_EQ(ToBytes(*got), bytes);
    }
  }
}

TEST(ProtobufRoundTrip, SaysTheSameAsJson) {
  v1::ReservationRequest json;
  v1::ReservationRequest protobuf;
  std::vector<v1::Fault> faults;
  ASSERT_TRUE(ParseJson(R"({"id":"x","purpose":"TRAINING","amounts":{"a":"0.000001","b":-3},)"
                        R"("lease":"1.5s","priority":-7,"on_shortage":"DENY",)"
                        R"("max_queue_wait":"86400s"})",
                        &json, &faults));
  EXPECT_EQ(Faults(json.SerializeAsString(), &protobuf), "OK");
  EXPECT_TRUE(CompareMessages(json, protobuf).empty());
  EXPECT_EQ(protobuf.amounts().at("a").micros(), 1);
  EXPECT_EQ(protobuf.amounts().at("b").micros(), -3'000'000);
}

TEST(ProtobufRoundTrip, TakesFieldsInAnyOrderAndEntriesWithTheValueFirst) {
  v1::ReservationRequest request;
  const std::string entry = WireBytes(2, WireNumber(1, 10)) + WireBytes(1, "gpu_hours");
  EXPECT_EQ(Faults(WireBytes(5, entry) + WireNumber(2, 1) + WireBytes(1, "x"), &request), "OK");
  EXPECT_EQ(request.amounts().at("gpu_hours").micros(), 5);
  EXPECT_EQ(request.id(), "x");
}

struct Row {
  std::string bytes;
  std::string faults;
};

// 2^63: what -2^63 looks like in zig-zag is all ones.
constexpr uint64_t kSmallest = UINT64_MAX;

// Each against a ReservationRequest.
std::vector<Row> RefusedRequests() {
  const std::string nested_amount = WireBytes(1, "g") + WireBytes(2, WireNumber(7, 1));
  return {
      // Fields.
      {WireNumber(99, 1), "99 unknown_field: there is no such field here"},
      {WireBytes(16, "any"), "16 unknown_field: there is no such field here"},
      {WireTag(99, 1) + "12345678", "99 unknown_field: there is no such field here"},
      {WireTag(99, 5) + "1234", "99 unknown_field: there is no such field here"},
      {WireBytes(5, nested_amount), "amounts.g.7 unknown_field: there is no such field here"},
      {WireBytes(5, WireBytes(1, "g") + WireNumber(3, 1)),
       "amounts.g.3 unknown_field: there is no such field here"},
      {WireBytes(8, WireNumber(1, 1) + WireNumber(3, 1)),
       "lease.3 unknown_field: there is no such field here"},
      {WireBytes(1, "x") + WireBytes(1, "x"), "id malformed: given more than once"},
      {WireAmount(5, "a", 1) + WireAmount(5, "b", 1) + WireAmount(5, "a", 1),
       "amounts.a malformed: given more than once"},
      {WireBytes(5, WireBytes(1, "a") + WireBytes(1, "a")),
       "amounts.a malformed: given more than once"},
      {WireBytes(5, WireBytes(1, "a") + WireBytes(2, "") + WireBytes(2, "")),
       "amounts.a malformed: given more than once"},
      {WireBytes(1, ""), "id invalid_argument: must not be empty: leave the field out"},
      // Types.
      {WireNumber(1, 5), "id invalid_argument: expected a string (wire type 2)"},
      {WireTag(1, 5) + "abcd", "id invalid_argument: expected a string (wire type 2)"},
      {WireBytes(2, "TRAINING"), "purpose invalid_argument: expected a number (wire type 0)"},
      {WireNumber(5, 5), "amounts invalid_argument: expected an entry of a map (wire type 2)"},
      {WireBytes(5, WireBytes(1, "g") + WireNumber(2, 5)),
       "amounts.g invalid_argument: expected a message (wire type 2)"},
      {WireNumber(8, 3600), "lease invalid_argument: expected a message (wire type 2)"},
      // Numbers.
      {WireNumber(4, uint64_t{1} << 32), "priority invalid_argument: beyond 32 bits"},
      {WireNumber(2, 0), "purpose invalid_argument: no number of Purpose"},
      {WireNumber(2, 8), "purpose invalid_argument: no number of Purpose"},
      {WireNumber(2, kSmallest), "purpose invalid_argument: no number of Purpose"},
      {WireBytes(5, WireBytes(1, "g") + WireBytes(2, WireNumber(1, kSmallest))),
       "amounts.g invalid_argument: beyond ±9223372036854.775807, the largest amount"},
      // Times.
      {WireBytes(8, WireNumber(1, 1) + WireNumber(2, 1)),
       "lease invalid_argument: finer than a microsecond"},
      {WireBytes(8, WireNumber(1, 1) + WireNumber(2, static_cast<uint64_t>(-1000))),
       "lease invalid_argument: seconds and nanos must have the same sign"},
      {WireBytes(8, WireNumber(1, 315'576'000'001)),
       "lease invalid_argument: longer than 315576000000s"},
      {WireBytes(8, WireNumber(2, 1'000'000'000)),
       "lease invalid_argument: nanos must be -999999999 to 999999999"},
      {WireBytes(8, WireNumber(2, 4'000'000'000)), "lease.nanos invalid_argument: beyond 32 bits"},
      // Text.
      {WireBytes(1, "\xff"), "id malformed: not UTF-8"},
      {WireBytes(1, "\xed\xa0\x80"), "id malformed: not UTF-8"},
      {WireBytes(7, WireBytes(1, "k") + WireBytes(2, "\xc0\x80")), "labels.k malformed: not UTF-8"},
      {WireBytes(7, WireBytes(1, "\xff") + WireBytes(2, "v")),
       "labels malformed: a key is no text of UTF-8"},
      {WireBytes(5, WireNumber(1, 1)), "amounts malformed: a key is no text of UTF-8"},
      // What is not built yet.
      // All at once.
      {WireBytes(1, "\xff") + WireNumber(77, 1) + WireNumber(2, 0) + WireBytes(8, WireNumber(9, 1)),
       "id malformed: not UTF-8\n77 unknown_field: there is no such field here\n"
       "purpose invalid_argument: no number of Purpose\n"
       "lease.9 unknown_field: there is no such field here"},
  };
}

TEST(ProtobufRefusal, NamesWhatIsWrongByItsPath) {
  v1::ReservationRequest request;
  for (const Row& row : RefusedRequests()) EXPECT_EQ(Faults(row.bytes, &request), row.faults);
}

TEST(ProtobufRefusal, GivesBytesUpThatAreNoWireFormat) {
  const std::string ten_bytes(10, '\xff');
  const std::vector<Row> rows = {
      {"\xff", "0: no tag of a field"},
      {std::string("\0", 1), "0: no number of a field"},
      {WireTag(1u << 29, 0) + "x", "0: no number of a field"},
      {WireNumber(4, 2) + "\x0a", "2: no length of a value"},
      {WireNumber(4, 2) + "\x0a\x05" + "abc", "2: a value is cut off"},
      {WireTag(1, 2) + ten_bytes, "0: no length of a value"},
      {WireTag(4, 0), "0: no number of at most 64 bits"},
      {WireTag(4, 0) + ten_bytes, "0: no number of at most 64 bits"},
      {WireTag(99, 1) + "1234567", "0: a value is cut off"},
      {WireTag(99, 5) + "123", "0: a value is cut off"},
      {WireTag(3, 3) + WireTag(3, 4), "0: groups are not used"},
      {WireTag(3, 6), "0: no wire type"},
      {WireTag(3, 7), "0: no wire type"},
      // A fault inside a message is told by its place in the whole; nothing else is told.
      {WireNumber(77, 1) + WireBytes(8, WireNumber(1, 1) + "\x10"),
       "7: no number of at most 64 bits"},
      {WireBytes(5, WireBytes(1, "g") + "\x12\x7f"), "5: a value is cut off"},
  };
  v1::ReservationRequest request;
  for (const Row& row : rows) {
    EXPECT_EQ(Faults(row.bytes, &request), " malformed: not protobuf at byte " + row.faults);
  }
}

TEST(ProtobufRefusal, KnowsASecondMemberOfAOneofAndKeepsThePlacesOfElements) {
  v1::BatchRequest batch;
  const std::string good = WireBytes(6, WireBytes(1, "x"));
  EXPECT_EQ(Faults(WireBytes(2, good) + WireNumber(2, 1) +
                       WireBytes(2, good + WireBytes(2, WireBytes(1, "y"))) +
                       WireBytes(2, WireBytes(1, WireNumber(99, 1))) + WireBytes(2, good),
                   &batch),
            "operations[1] invalid_argument: expected a message (wire type 2)\n"
            "operations[2].start invalid_argument: excludes another field that is given\n"
            "operations[3].create.99 unknown_field: there is no such field here");
  ASSERT_EQ(batch.operations_size(), 5);
  EXPECT_EQ(batch.operations(4).release().id(), "x");
}

TEST(ProtobufRefusal, StopsAtTheDepthOfJson) {
  std::string bytes;
  // Problem.results (11) holds a MemberProblem whose problem (1) is a Problem: two levels a turn.
  for (int depth = 1; depth < kJsonDepthMax; ++depth) bytes = WireBytes(depth % 2 ? 1 : 11, bytes);
  v1::MemberProblem member;
  v1::Problem problem;
  EXPECT_EQ(Faults(bytes, &member), "OK");
  EXPECT_EQ(Faults(WireBytes(11, bytes), &problem).substr(0, 40),
            " malformed: not protobuf at byte 32: nes");
}

// An element of two bytes is a hundred as a message: what is refused in the end must not be kept.
TEST(ProtobufRefusal, KeepsNoMoreElementsThanThereMayBe) {
  std::string list;
  std::string map;
  for (int i = 0; i < kJsonElementsMax; ++i) {
    list += WireBytes(2, "");
    map += WireAmount(5, Concat("r", i), 1);
  }
  v1::BatchRequest batch;
  v1::ReservationRequest request;
  EXPECT_EQ(Faults(list, &batch), "OK");
  EXPECT_EQ(Faults(map, &request), "OK");
  for (int i = 0; i < 3 * kJsonElementsMax; ++i) {
    list += WireBytes(2, "");
    map += WireAmount(5, "x", 1);
  }
  EXPECT_EQ(Faults(list, &batch), "operations invalid_argument: has more than 16384 elements");
  EXPECT_EQ(batch.operations_size(), kJsonElementsMax);
  EXPECT_EQ(Faults(map, &request), "amounts invalid_argument: has more than 16384 elements");
  EXPECT_EQ(request.amounts_size(), kJsonElementsMax);
}

TEST(ProtobufRefusal, StopsCountingFaults) {
  std::string bytes;
  for (int i = 0; i < 1'000; ++i) bytes += WireNumber(99, 1);
  v1::ReservationRequest request;
  std::vector<v1::Fault> faults;
  EXPECT_FALSE(ParseProtobuf(bytes, &request, &faults));
  EXPECT_EQ(faults.size(), static_cast<size_t>(kJsonFaultsMax));
}

TEST(ProtobufRefusal, CutsLongKeysBetweenCharacters) {
  std::string key;
  for (int i = 0; i < 100; ++i) key += "é";
  v1::ReservationRequest request;
  const std::string faults = Faults(WireAmount(5, key, 1) + WireAmount(5, key, 1), &request);
  EXPECT_EQ(faults, Concat("amounts.", key.substr(0, 128), "… malformed: given more than once"));
}

TEST(ProtobufRoundTrip, TakesListsOfNumbersPackedAndNot) {
  google::protobuf::SourceCodeInfo::Location location;  // has lists of numbers; ours have none yet
  EXPECT_EQ(Faults(WireNumber(1, 3) + WireBytes(1, WireVarint(1) + WireVarint(300)), &location),
            "OK");
  EXPECT_EQ(location.path_size(), 3);
  EXPECT_EQ(location.path(2), 300);
  EXPECT_EQ(Faults(WireBytes(1, "\xff"), &location),
            " malformed: not protobuf at byte 2: no number of at most 64 bits");
}

// What is taken is what protobuf's own parser reads; what it refuses is never taken.
TEST(ProtobufRefusal, NeverTakesMoreThanTheLibrary) {
  const uint64_t seed = std::random_device()();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  v1::BatchRequest filled;
  FillMessage(&filled, 3, 4);
  const std::string whole = ToBytes(filled);
  int taken = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string bytes = whole.substr(0, random() % (whole.size() + 1));
    for (uint64_t flips = random() % 3; flips > 0 && !bytes.empty(); --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    v1::BatchRequest ours;
    v1::BatchRequest library;
    std::vector<v1::Fault> faults;
    if (!ParseProtobuf(bytes, &ours, &faults)) {
      ASSERT_FALSE(faults.empty());
      continue;
    }
    ++taken;
    ASSERT_TRUE(library.ParseFromString(bytes));
    ASSERT_TRUE(MessageDifferencer::Equals(ours, library));
  }
  EXPECT_GT(taken, 100);
}

}  // namespace
}  // namespace purser::api
