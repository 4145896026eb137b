#include <gtest/gtest.h>

#include <random>
#include <string>

#include "api/json.h"
#include "api/json_syntax.h"
#include "api/v1/journal.pb.h"
#include "api/v1/population.pb.h"
#include "api/v1/reservation.pb.h"
#include "ledger/text.h"
#include "tests/json/json_messages.h"

namespace purser::api {
namespace {

struct Row {
  const char* json;
  const char* faults;
};

// Each against a ReservationRequest.
constexpr Row kReservationRows[] = {
    // Fields.
    {R"({"idd":"x"})", "idd unknown_field: there is no such field here"},
    {R"({"Id":"x"})", "Id unknown_field: there is no such field here"},
    {R"({"maxQueueWait":"1s"})", "maxQueueWait unknown_field: there is no such field here"},
    {R"({"":1})", " unknown_field: there is no such field here"},
    {R"({"x":{"a":[1,{"b":null}]},"id":"k"})", "x unknown_field: there is no such field here"},
    {R"({"id":"x","id":"x"})", "id malformed: given more than once"},
    {R"({"id":"x","\u0069d":"y"})", "id malformed: given more than once"},
    {R"({"labels":{"a":"1","a":"1"}})", "labels.a malformed: given more than once"},
    {R"({"amounts":{"a":1,"b":2,"a":3}})", "amounts.a malformed: given more than once"},
    {R"({"labels":{"a":{"b":1,"c":2,"\u0062":3}}})", "labels.a.b malformed: given more than once"},
    // Types.
    {R"({"id":5})", "id invalid_argument: expected a string"},
    {R"({"id":true})", "id invalid_argument: expected a string"},
    {R"({"id":null})", "id invalid_argument: null is not a value: leave the field out"},
    {R"({"id":{}})", "id invalid_argument: expected a single value, not an object or a list"},
    {R"({"id":["x"]})", "id invalid_argument: expected a single value, not an object or a list"},
    {R"({"amounts":[]})", "amounts invalid_argument: expected an object"},
    {R"({"amounts":"x"})", "amounts invalid_argument: expected an object"},
    {R"({"amounts":null})", "amounts invalid_argument: expected an object"},
    {R"({"amounts":{"g":{}}})",
     "amounts.g invalid_argument: expected a single value, not an object or a list"},
    {R"({"amounts":{"g":true}})",
     "amounts.g invalid_argument: expected an amount: a decimal string or a number"},
    {R"({"labels":{"team":1}})", "labels.team invalid_argument: expected a string"},
    {R"([])", " invalid_argument: expected an object"},
    {R"([{"id":"x"}])", " invalid_argument: expected an object"},
    {R"("x")", " invalid_argument: expected an object"},
    {R"( 12 )", " invalid_argument: expected an object"},
    {R"(null)", " invalid_argument: expected an object"},
    // Whole numbers.
    {R"({"priority":1.5})", "priority invalid_argument: expected a whole number"},
    {R"({"priority":1e2})", "priority invalid_argument: expected a whole number"},
    {R"({"priority":"1"})", "priority invalid_argument: expected a whole number"},
    {R"({"priority":2147483648})", "priority invalid_argument: beyond 32 bits"},
    {R"({"priority":-2147483649})", "priority invalid_argument: beyond 32 bits"},
    {R"({"priority":99999999999999999999})", "priority invalid_argument: beyond 64 bits"},
    // Enums.
    {R"({"tier":"GOLD"})",
     "tier invalid_argument: expected one of REALTIME, STANDARD, BATCH, FLEX"},
    {R"({"tier":"batch"})",
     "tier invalid_argument: expected one of REALTIME, STANDARD, BATCH, FLEX"},
    {R"({"tier":"TIER_UNSPECIFIED"})",
     "tier invalid_argument: expected one of REALTIME, STANDARD, BATCH, FLEX"},
    {R"({"tier":2})", "tier invalid_argument: expected one of REALTIME, STANDARD, BATCH, FLEX"},
    {R"({"tier":true})", "tier invalid_argument: expected one of REALTIME, STANDARD, BATCH, FLEX"},
    // Amounts.
    {R"({"amounts":{"g":"1.1234567"}})",
     "amounts.g invalid_argument: more than 6 digits after the decimal point"},
    {R"({"amounts":{"g":1.1234567}})",
     "amounts.g invalid_argument: more than 6 digits after the decimal point"},
    {R"({"amounts":{"g":1e-7}})",
     "amounts.g invalid_argument: more than 6 digits after the decimal point"},
    {R"({"amounts":{"g":1e40}})",
     "amounts.g invalid_argument: beyond ±9223372036854.775807, the largest amount"},
    {R"({"amounts":{"g":1E+400000000000000000000}})",
     "amounts.g invalid_argument: beyond ±9223372036854.775807, the largest amount"},
    {R"({"amounts":{"g":"9223372036854.775808"}})",
     "amounts.g invalid_argument: beyond ±9223372036854.775807, the largest amount"},
    {R"({"amounts":{"g":"NaN"}})", "amounts.g invalid_argument: not a decimal number: \"NaN\""},
    {R"({"amounts":{"g":"1e2"}})", "amounts.g invalid_argument: not a decimal number: \"1e2\""},
    {R"({"amounts":{"g":""}})", "amounts.g invalid_argument: not a decimal number: \"\""},
    {R"({"amounts":{"g":" 1"}})", "amounts.g invalid_argument: not a decimal number: \" 1\""},
    {R"({"amounts":{"g":null}})",
     "amounts.g invalid_argument: null is not a value: leave the field out"},
    // Durations.
    {R"({"lease":3600})", "lease invalid_argument: expected a duration such as \"3600s\""},
    {R"({"lease":"3600"})", "lease invalid_argument: not a duration such as \"3600s\""},
    {R"({"lease":"s"})", "lease invalid_argument: not a duration such as \"3600s\""},
    {R"({"lease":"1h"})", "lease invalid_argument: not a duration such as \"3600s\""},
    {R"({"lease":"+1s"})", "lease invalid_argument: not a duration such as \"3600s\""},
    {R"({"lease":"1.s"})", "lease invalid_argument: digits are missing after the decimal point"},
    {R"({"lease":"1.1234567s"})", "lease invalid_argument: finer than a microsecond"},
    {R"({"lease":"315576000001s"})", "lease invalid_argument: longer than 315576000000s"},
    {R"({"lease":"99999999999999999999s"})", "lease invalid_argument: longer than 315576000000s"},
    // Not built yet.
    {R"({"duration":{"a":1}})",
     "duration invalid_argument: expected a single value, not an object or a list"},
    {R"({"start_at":null,"id":"x"})",
     "start_at invalid_argument: null is not a value: leave the field out"},
    // All at once, in the order of the document.
    {R"({"idd":1,"tier":"X","amounts":{"a":"x","b":1,"c":1e40},"lease":5,"lease":"5s"})",
     "idd unknown_field: there is no such field here\n"
     "tier invalid_argument: expected one of REALTIME, STANDARD, BATCH, FLEX\n"
     "amounts.a invalid_argument: not a decimal number: \"x\"\n"
     "amounts.c invalid_argument: beyond ±9223372036854.775807, the largest amount\n"
     "lease invalid_argument: expected a duration such as \"3600s\"\n"
     "lease malformed: given more than once"},
};

TEST(JsonRefusals, NamePathAndReasonOfEachFault) {
  for (const Row& row : kReservationRows) {
    v1::ReservationRequest request;
    EXPECT_EQ(FaultText(row.json, &request), row.faults) << row.json;
  }
}

// Documents that are no JSON: one fault, with its place. {0} in the text is a byte 0.
constexpr Row kSyntaxRows[] = {
    {"", "byte 0: the document ends too early"},
    {"  ", "byte 2: the document ends too early"},
    {"{", "byte 1: expected a name in double quotes"},
    {"}", "byte 0: expected a value"},
    {R"({"id":"x")", "byte 9: expected ',' or '}'"},
    {R"({"id":"x"}})", "byte 10: text after the document"},
    {R"({"id":"x"} x)", "byte 11: text after the document"},
    {R"({"id":"x"}{})", "byte 10: text after the document"},
    {R"({"id":"x"} {"id":"y"})", "byte 11: text after the document"},
    {R"({"id":"x",})", "byte 10: expected a name in double quotes"},
    {R"({,"id":"x"})", "byte 1: expected a name in double quotes"},
    {R"({"id" "x"})", "byte 6: expected ':'"},
    {R"({"id":})", "byte 6: expected a value"},
    {R"({"id":"x" "tier":"BATCH"})", "byte 10: expected ',' or '}'"},
    {R"({id:"x"})", "byte 1: expected a name in double quotes"},
    {R"({'id':"x"})", "byte 1: expected a name in double quotes"},
    {R"({"id":'x'})", "byte 6: expected a value"},
    {R"({"id":"x"]})", "byte 9: expected ',' or '}'"},
    {R"({"x":[1,2})", "byte 9: expected ',' or ']'"},
    {R"({"x":[1,]})", "byte 8: expected a value"},
    {R"({"x":[,1]})", "byte 6: expected a value"},
    {R"({"x":["a":1]})", "byte 9: expected ',' or ']'"},
    {R"({"x":[1:2]})", "byte 7: expected ',' or ']'"},
    {R"({"x":["a" "b"]})", "byte 10: expected ',' or ']'"},
    {R"({"x":{"a"}})", "byte 9: expected ':'"},
    {R"({"x":{"a":1]})", "byte 11: expected ',' or '}'"},
    {R"({"x":01})", "byte 5: expected a value"},
    {R"({"x":+1})", "byte 5: expected a value"},
    {R"({"x":1.})", "byte 5: expected a value"},
    {R"({"x":.5})", "byte 5: expected a value"},
    {R"({"x":-})", "byte 5: expected a value"},
    {R"({"x":1e})", "byte 5: expected a value"},
    {R"({"x":0x10})", "byte 5: expected a value"},
    {R"({"x":1 2})", "byte 7: expected ',' or '}'"},
    {R"({"x":NaN})", "byte 5: expected a value"},
    {R"({"amounts":{"g":NaN}})", "byte 16: expected a value"},
    {R"({"amounts":{"g":Infinity}})", "byte 16: expected a value"},
    {R"({"amounts":{"g":-Infinity}})", "byte 16: expected a value"},
    {R"({"x":tru})", "byte 5: expected a value"},
    {R"({"x":trues})", "byte 5: expected a value"},
    {R"({"x":True})", "byte 5: expected a value"},
    {R"({"x":nulll})", "byte 5: expected a value"},
    {R"({"x":1"y"})", "byte 6: expected ',' or '}'"},
    {R"({"x":"a"b})", "byte 8: expected ',' or '}'"},
    {R"({"x":1//c
})",
     "byte 5: expected a value"},
    {R"({"x":/*c*/1})", "byte 5: expected a value"},
    {"{\"x\":\"a\nb\"}", "byte 7: a control character inside a string must be escaped"},
    {"{\"x\":\"a\tb\"}", "byte 7: a control character inside a string must be escaped"},
    {"{\"x\x01\":1}", "byte 3: a control character inside a string must be escaped"},
    {"{\"x\":\x01}", "byte 5: expected a value"},
    {"{\"x\":1\f}", "byte 5: expected a value"},
    {"\xef\xbb\xbf{}", "byte 0: expected a value"},
    {"{\"x\":\"\xff\"}", "byte 6: not UTF-8"},
    {"{\"x\":\"\xc0\x80\"}", "byte 6: not UTF-8"},
    {"{\"x\":\"\xed\xa0\x80\"}", "byte 6: not UTF-8"},
    {"{\"x\":\"\xf5\x80\x80\x80\"}", "byte 6: not UTF-8"},
    {"{\"x\":\"\xe2\x82\"}", "byte 6: not UTF-8"},
    {"{\"x\":[{\"\x80\":1}]}", "byte 8: not UTF-8"},
    {"{\"id\":\"\xff\"}", "byte 7: not UTF-8"},
    {R"({"id":"\q"})", "byte 7: not an escape"},
    {R"({"id":"\u12"})", "byte 7: not an escape"},
    {R"({"id":"\u12g4"})", "byte 7: not an escape"},
    {R"({"id":"\ud800"})", "byte 7: not an escape"},
    {R"({"id":"\ud800\u0041"})", "byte 7: not an escape"},
    {R"({"id":"\ud800\ue000"})", "byte 7: not an escape"},
    {R"({"\ud800\ue000":1})", "byte 2: not an escape"},
    {R"({"id":"\udc00"})", "byte 7: not an escape"},
    {R"({"x":"\udc00"})", "byte 6: not an escape"},
    {R"({"x":{"\udc00":1}})", "byte 7: not an escape"},
    {R"({"\ud83d\ud83d":1})", "byte 2: not an escape"},
    {R"({"labels":{"a":"\x"}})", "byte 16: not an escape"},
    {R"({"id":"x)", "byte 8: a string has no end"},
    {R"({"id":"x\"})", "byte 11: a string has no end"},
    {R"({"id)", "byte 4: a string has no end"},
};

TEST(JsonRefusals, NameThePlaceWhereADocumentStopsToBeJson) {
  for (const Row& row : kSyntaxRows) {
    v1::ReservationRequest request;
    EXPECT_EQ(FaultText(row.json, &request), Concat(" malformed: not JSON at ", row.faults))
        << row.json;
  }
}

TEST(JsonRefusals, CoverAByteZero) {
  v1::ReservationRequest request;
  const std::string inside("{\"id\":\"a\0b\"}", 12);
  const std::string behind("{\"id\":\"ab\"}\0", 12);
  EXPECT_EQ(FaultText(inside, &request),
            " malformed: not JSON at byte 8: a control character inside a string must be escaped");
  EXPECT_EQ(FaultText(behind, &request),
            " malformed: not JSON at byte 11: text after the document");
}

TEST(JsonRefusals, CoverEveryTruncation) {
  const std::string json =
      R"({"id":"a\u00e9","amounts":{"g":"1","h":2.5},"labels":{},"x":[true,{"y":null}]} )";
  for (size_t length = 0; length + 1 < json.size(); ++length) {
    v1::ReservationRequest request;
    EXPECT_NE(FaultText(json.substr(0, length), &request).find(" malformed: not JSON at byte "),
              std::string::npos)
        << json.substr(0, length);
  }
}

TEST(JsonRefusals, CoverNestingBeyondSixteenQuickly) {
  v1::ReservationRequest request;
  const auto nested = [](const char* open, const char* close, int depth) {
    std::string json = "{\"x\":";
    for (int i = 0; i < depth; ++i) json += open;
    json += "1";
    for (int i = 0; i < depth; ++i) json += close;
    return json + "}";
  };
  EXPECT_EQ(FaultText(nested("[", "]", 15), &request),
            "x unknown_field: there is no such field here");
  EXPECT_EQ(FaultText(nested("[", "]", 16), &request), "x malformed: nested deeper than 16 levels");
  EXPECT_EQ(FaultText(nested("{\"a\":", "}", 16), &request),
            "x malformed: nested deeper than 16 levels");
  EXPECT_EQ(FaultText(nested("[", "]", 20'000), &request),
            "x malformed: nested deeper than 16 levels");
  EXPECT_EQ(FaultText(std::string(20'000, '['), &request),
            " malformed: nested deeper than 16 levels");
}

TEST(JsonRefusals, AreAtMostSixtyFourWithShortPaths) {
  std::string json = "{";
  for (int i = 0; i < 1000; ++i) {
    json += Concat(i > 0 ? "," : "", "\"", std::string(499, 'k'), "é", i, "\":0");
  }
  v1::ReservationRequest request;
  std::vector<v1::Fault> faults;
  EXPECT_FALSE(ParseJson(json + "}", &request, &faults));
  ASSERT_EQ(faults.size(), static_cast<size_t>(kJsonFaultsMax));
  EXPECT_EQ(faults[0].path(), std::string(128, 'k') + "…");
}

TEST(JsonRefusals, NamePathsThroughListsAndOneofs) {
  v1::BatchRequest batch;
  EXPECT_EQ(FaultText(R"({"operations":[{"start":{"id":"a"}},{"create":{"amounts":{"g":"x"}}},
                          {"charge":{"idd":1}},{"start":{},"renew":{}},5,{"create":null}]})",
                      &batch),
            "operations[1].create.amounts.g invalid_argument: not a decimal number: \"x\"\n"
            "operations[2].charge.idd unknown_field: there is no such field here\n"
            "operations[3].renew invalid_argument: excludes another field that is given\n"
            "operations[4] invalid_argument: expected an object\n"
            "operations[5].create invalid_argument: null is not a value: leave the field out");
  v1::CreatePopulation population;
  EXPECT_EQ(
      FaultText(R"({"resources":{},"required_labels":["a",1,[]]})", &population),
      "resources invalid_argument: expected a list\n"
      "required_labels[1] invalid_argument: expected a string\n"
      "required_labels[2] invalid_argument: expected a single value, not an object or a list");
  EXPECT_EQ(FaultText(R"({"required_labels":{"values":["a"]}})", &population),
            "required_labels invalid_argument: expected a list");
}

TEST(JsonRefusals, CoverSixtyFourBitNumbersAndBytes) {
  v1::JournalEntry entry;
  EXPECT_EQ(FaultText(R"({"sequence":"18446744073709551615"})", &entry), "OK");
  EXPECT_EQ(FaultText(R"({"sequence":18446744073709551615})", &entry), "OK");
  EXPECT_EQ(entry.sequence(), UINT64_MAX);
  EXPECT_EQ(FaultText(R"({"sequence":-0,"stored":"AAE="})", &entry), "OK");
  EXPECT_EQ(FaultText(R"({"sequence":"18446744073709551616"})", &entry),
            "sequence invalid_argument: beyond 64 bits");
  EXPECT_EQ(FaultText(R"({"sequence":-1})", &entry),
            "sequence invalid_argument: must not be negative");
  for (const char* text : {"\"01\"", "\"\"", "\"1 \"", "1.0", "1e3", "true", "\"+1\"", "\"-\""}) {
    EXPECT_EQ(FaultText(Concat("{\"sequence\":", text, "}"), &entry),
              "sequence invalid_argument: expected a whole number")
        << text;
  }
  for (const char* text : {"AAE", "AAF=", "A A=", "AA-_", "=", "AAE=="}) {
    EXPECT_EQ(FaultText(Concat("{\"stored\":\"", text, "\"}"), &entry),
              "stored invalid_argument: not base64 (standard alphabet, padded)")
        << text;
  }
}

TEST(JsonAmounts, AreExactFromStringsAndNumbers) {
  const std::pair<const char*, int64_t> rows[] = {
      {"\"12.5\"", 12'500'000},
      {"12.5", 12'500'000},
      {"-0", 0},
      {"\"-0\"", 0},
      {"-0.000000", 0},
      {"1e3", 1'000'000'000},
      {"1.5E-5", 15},
      {"0.1", 100'000},
      {"9223372036854.775807", INT64_MAX},
      {"\"-9223372036854.775807\"", -INT64_MAX},
  };
  for (const auto& [text, micros] : rows) {
    v1::ReservationRequest request;
    ASSERT_EQ(FaultText(Concat("{\"amounts\":{\"g\":", text, "}}"), &request), "OK") << text;
    EXPECT_EQ(request.amounts().at("g").micros(), micros) << text;
  }
}

// The fast reader and the plain scanner must agree on what is JSON, whatever the bytes.
TEST(JsonRefusals, AgreeWithThePlainScannerOnMangledDocuments) {
  constexpr unsigned kSeed = 20'261'123;
  std::printf("seed %u\n", kSeed);
  std::mt19937 random(kSeed);
  const std::string base =
      R"({"id":"a\n\u00e9\ud83d\ude00","tier":"BATCH","amounts":{"g":"1","h":2.5e1},)"
      R"("labels":{"k":"é"},)"
      R"( "x":[true,false,null,{"y":[-1.5,""]}] , "priority":3})";
  const std::string bytes = "{}[]\",:\\ \n0123456789eE+-.tfnu\x01\x80\xc3\xed\xff/x";
  for (int round = 0; round < 30'000; ++round) {
    std::string json = base;
    const int edits = 1 + static_cast<int>(random() % 3);
    for (int i = 0; i < edits && !json.empty(); ++i) {
      const size_t at = random() % json.size();
      const char byte = bytes[random() % bytes.size()];
      switch (random() % 5) {
        case 0:
          json.erase(at, 1);
          break;
        case 1:
          json.insert(at, 1, byte);
          break;
        case 2:
          json[at] = byte;
          break;
        case 3:
          json.erase(at, random() % 8);
          break;
        default:
          json.insert(at, json.substr(random() % json.size(), random() % 12));
          break;
      }
    }
    v1::ReservationRequest request;
    const bool read = FaultText(json, &request).find(" malformed: not JSON") != 0;
    EXPECT_EQ(read, !FindJsonSyntaxFault(json).has_value()) << json;
  }
}

// What is small as text is large as messages: what is refused in the end must not be kept until
// then.
TEST(JsonRefusal, KeepsNoMoreElementsThanThereMayBe) {
  std::string list = R"({"operations":[{})";
  std::string map = R"({"amounts":{"r0":"1")";
  for (int i = 1; i < kJsonElementsMax; ++i) {
    list += ",{}";
    map += Concat(",\"r", i, "\":\"1\"");
  }
  v1::BatchRequest batch;
  v1::ReservationRequest request;
  EXPECT_EQ(FaultText(list + "]}", &batch), "OK");
  EXPECT_EQ(FaultText(map + "}}", &request), "OK");
  for (int i = 0; i < 3 * kJsonElementsMax; ++i) {
    list += ",{}";
    map += R"(,"x":"1")";
  }
  EXPECT_EQ(FaultText(list + "]}", &batch),
            "operations invalid_argument: has more than 16384 elements");
  EXPECT_EQ(batch.operations_size(), kJsonElementsMax);
  EXPECT_EQ(FaultText(map + "}}", &request),
            "amounts invalid_argument: has more than 16384 elements");
  EXPECT_EQ(request.amounts_size(), kJsonElementsMax);
  EXPECT_EQ(FaultText(list + ",{]}", &batch).find(" malformed: not JSON"), 0u);
}

}  // namespace
}  // namespace purser::api
