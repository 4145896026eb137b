// Reservations and batches as protobuf: the same calls, contents, refusals and limits as JSON.
#include "api/json.h"
#include "api/v1/reservation.pb.h"
#include "tests/end_to_end/daemon_fixture.h"
#include "tests/protobuf/wire_bytes.h"

namespace purser {
namespace {

constexpr char kProtobuf[] = "application/x-protobuf";
constexpr int64_t kUnit = 1'000'000;

class Protobuf : public DaemonTest {
 protected:
  // Sends bytes and asks for bytes.
  RestAnswer Call(const std::string& path, const std::string& body, Headers headers = {}) {
    headers.emplace("Content-Type", kProtobuf);
    headers.emplace("Accept", kProtobuf);
    return Post(path, body, headers);
  }
  RestAnswer Call(const std::string& path, const google::protobuf::Message& message,
                  const Headers& headers = {}) {
    return Call(path, message.SerializeAsString(), headers);
  }
  RestAnswer GetBytes(const std::string& path) { return Get(path, {{"Accept", kProtobuf}}); }
};

template <typename Message>
Message Read(const RestAnswer& answer) {
  Message message;
  EXPECT_EQ(answer.Header("Content-Type"), kProtobuf) << answer;
  EXPECT_TRUE(message.ParseFromString(answer.body)) << answer.head;
  return message;
}

std::string JsonOf(const google::protobuf::Message& message) {
  std::string json;
  api::PrintJson(message, &json);
  return json + "\n";
}

v1::ReservationRequest Request(const std::string& id, int64_t micros) {
  v1::ReservationRequest request;
  request.set_id(id);
  request.set_purpose(v1::TRAINING);
  (*request.mutable_amounts())["gpu_hours"].set_micros(micros);
  (*request.mutable_labels())["operator_family"] = "vision-specialists";
  (*request.mutable_labels())["capability"] = "ocr";
  return request;
}

void ExpectProblem(const RestAnswer& answer, int status, const std::string& code) {
  EXPECT_EQ(answer.status, status) << answer;
  EXPECT_EQ(answer.code(), code) << answer;
  EXPECT_EQ(answer.Header("Content-Type"), "application/problem+json");
}

TEST_F(Protobuf, LeadsAReservationThroughItsLife) {
  const RestAnswer created = Call(kReservations, Request("e", 40 * kUnit + 1));
  EXPECT_EQ(created.status, 201) << created;
  EXPECT_EQ(created.Header("Location"), kReservations + "/e");
  EXPECT_EQ(created.Header("ETag"), "\"1\"");
  EXPECT_EQ(Read<v1::Reservation>(created).granted().at("gpu_hours").micros(), 40 * kUnit + 1);

  v1::LeaseRequest lease;
  lease.mutable_lease()->set_seconds(90);
  lease.mutable_lease()->set_nanos(500'000'000);
  EXPECT_EQ(Read<v1::Reservation>(Call(kReservations + "/e:start", lease)).state(), v1::ACTIVE);
  EXPECT_EQ(Read<v1::Reservation>(Call(kReservations + "/e:renew", lease)).lease().nanos(),
            500'000'000);
  v1::ReservationChargeRequest charge;
  charge.set_id("c1");
  (*charge.mutable_amounts())["gpu_hours"].set_micros(3);
  EXPECT_EQ(Read<v1::Charge>(Call(kReservations + "/e:charge", charge)).reservation(), "e");
  v1::SettleRequest settle;
  (*settle.mutable_amounts())["gpu_hours"].set_micros(2 * kUnit);
  const RestAnswer settled = Call(kReservations + "/e:settle", settle);
  EXPECT_EQ(Read<v1::Reservation>(settled).charged().at("gpu_hours").micros(), 2 * kUnit + 3);
  EXPECT_EQ(Get(kReservations + "/e").Field("charged").substr(0, 1), "{");
  EXPECT_EQ(GpuHours(), "granted 400 = available 297.999997 + reserve 100 + spent 2.000003");

  ASSERT_EQ(Call(kReservations, Request("f", kUnit)).status, 201);
  EXPECT_EQ(Read<v1::Reservation>(Call(kReservations + "/f:release", "")).state(), v1::RELEASED);
}

TEST_F(Protobuf, ReadsTheSameAsJson) {
  ASSERT_EQ(Post(kReservations, Ask("e", "40")).status, 201);
  ASSERT_EQ(Post(kReservations, Ask("no", "4000")).status, 409);
  for (const std::string path : {"/e", "/no", "/e?as_of=2"}) {
    const RestAnswer bytes = GetBytes(kReservations + path);
    EXPECT_EQ(JsonOf(Read<v1::Reservation>(bytes)), Get(kReservations + path).body);
    EXPECT_EQ(bytes.body, GetBytes(kReservations + path).body);  // equal messages, equal bytes
  }
  const RestAnswer list = GetBytes(kReservations + "?page_size=1");
  EXPECT_EQ(JsonOf(Read<v1::ReservationList>(list)), Get(kReservations + "?page_size=1").body);
  EXPECT_EQ(client_->Send("HEAD", kReservations + "/e", "", {{"Accept", kProtobuf}})
                .Header("Content-Type"),
            kProtobuf);
}

TEST_F(Protobuf, IsTheSameContentAsJson) {
  // By id, in both directions.
  ASSERT_EQ(Post(kReservations, Ask("e", "40")).status, 201);
  const RestAnswer again = Call(kReservations, Request("e", 40 * kUnit));
  EXPECT_EQ(again.status, 201) << again;
  EXPECT_EQ(again.Header("Idempotency-Replayed"), "true");
  ASSERT_EQ(Call(kReservations, Request("f", 7)).status, 201);
  EXPECT_EQ(Post(kReservations, Ask("f", "0.000007")).Header("Idempotency-Replayed"), "true");
  ExpectProblem(Call(kReservations, Request("e", 40 * kUnit + 1)), 409, "id_conflict");
  ExpectProblem(Post(kReservations, Ask("f", "0.000008")), 409, "id_conflict");

  // By key, with ids made by the daemon; a default that is sent is one that is left out.
  v1::ReservationRequest unnamed = Request("", kUnit);
  unnamed.set_tier(v1::STANDARD);
  unnamed.set_on_shortage(v1::DENY);
  const RestAnswer first = Call(kReservations, unnamed, {{"Idempotency-Key", "k1"}});
  const RestAnswer second = Post(
      kReservations, Concat(R"({"purpose":"TRAINING","amounts":{"gpu_hours":1},)", kLabels, "}"),
      {{"Idempotency-Key", "k1"}});
  EXPECT_EQ(second.status, 201) << second;
  EXPECT_EQ(second.Header("Idempotency-Replayed"), "true");
  EXPECT_EQ(second.body, JsonOf(Read<v1::Reservation>(first)));
  const std::string verb = kReservations + "/e:charge";
  ASSERT_EQ(Post(verb, R"({"amounts":{"gpu_hours":"2"}})", {{"Idempotency-Key", "k2"}}).status,
            201);
  const std::string two = WireAmount(2, "gpu_hours", 2 * kUnit);
  EXPECT_EQ(Call(verb, two, {{"Idempotency-Key", "k2"}}).Header("Idempotency-Replayed"), "true");
  const RestAnswer other =
      Call(verb, WireAmount(2, "gpu_hours", kUnit), {{"Idempotency-Key", "k2"}});
  ExpectProblem(other, 422, "key_conflict");
  EXPECT_EQ(other.Field("path"), "amounts.gpu_hours");
  EXPECT_EQ(GpuHours(),
            "granted 400 = available 258.999993 + reserve 100 + held 39.000007 + spent 2");
}

TEST_F(Protobuf, RefusesWhatJsonRefusesWithEveryFaultAtOnce) {
  const std::string body = Request("e", kUnit).SerializeAsString();
  ExpectProblem(Call(kReservations, body + WireNumber(99, 1)), 400, "unknown_field");
  ExpectProblem(Call(kReservations, body + "\x0a"), 400, "malformed");
  ExpectProblem(Call(kReservations, body + WireBytes(6, WireBytes(1, "\xff"))), 400, "malformed");
  const RestAnswer all =
      Call(kReservations + "?x=1",
           WireBytes(1, "-") + WireNumber(2, 99) + WireNumber(99, 1) + WireAmount(5, "Gpu", -1) +
               WireBytes(5, WireBytes(1, "a") + WireBytes(2, WireNumber(4, 1))),
           {{"Idempotency-Key", "a b"}});
  ExpectProblem(all, 400, "invalid_argument");
  for (const char* path : {"?x", "Idempotency-Key", "purpose", "99", "amounts.a.4"}) {
    EXPECT_THAT(all.body, HasSubstr(Concat("\"path\":\"", path, "\""))) << all;
  }
  // What shows once the bytes could be read.
  const RestAnswer values = Call(kReservations, WireBytes(1, "-") + WireAmount(5, "Gpu", -1));
  for (const char* path : {"id", "purpose", "amounts.Gpu"}) {
    EXPECT_THAT(values.body, HasSubstr(Concat("\"path\":\"", path, "\""))) << values;
  }
  ExpectProblem(Call(kReservations, Request("e", 300 * kUnit + 1)), 409, "reserve_protected");
  EXPECT_EQ(Sequence(), "3");  // the denial with its explanation, and nothing else
}

TEST_F(Protobuf, KeepsTheOrderOfJudgement) {
  const std::string bytes = Request("e", kUnit).SerializeAsString();
  const std::string elsewhere = "/v1/populations/nobody/reservations";
  ExpectProblem(Call(elsewhere, bytes, {{"Accept", "text/html"}}), 404, "not_found");
  ExpectProblem(Call(kReservations, std::string(256 * 1024 + 1, 'x'), {{"Accept", "image/png"}}),
                413, "body_too_large");
  ExpectProblem(Call(kReservations, bytes, {{"Content-Type", "text/xml"}, {"Accept", "image/png"}}),
                415, "unsupported_media_type");
  ExpectProblem(Call(kReservations, "\xff", {{"Accept", "image/png"}}), 406, "not_acceptable");
  ExpectProblem(Call(kReservations, "\xff"), 400, "malformed");
  // Routes that speak JSON only.
  ExpectProblem(Call(kBooks + "/charges", bytes), 415, "unsupported_media_type");
  ExpectProblem(GetBytes(kGpuHours), 406, "not_acceptable");
  // A batch may be larger than the body of a single call, and JSON is not protobuf.
  ExpectProblem(Call(kBatch, WireBytes(3, std::string(300 * 1024, 'x'))), 400, "unknown_field");
  ExpectProblem(Call(kReservations, Ask("e", "1")), 400, "malformed");
  EXPECT_EQ(Sequence(), "1");
}

TEST_F(Protobuf, AnswersInTheFormThatIsLikedBest) {
  ASSERT_EQ(Post(kReservations, Ask("e", "1")).status, 201);
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"*/*", "application/json"},
      {"application/*", "application/json"},
      {"application/json, application/x-protobuf", "application/json"},
      {"application/x-protobuf, */*;q=0.1", kProtobuf},
      {"application/json;q=0.5, Application/X-Protobuf ; q=0.501", kProtobuf},
      {"application/json;q=0, */*", kProtobuf},
      {"application/x-protobuf;q=0, */*", "application/json"},
      {"application/x-protobuf;q=2, text/html", "application/problem+json"},
      {"application/x-protobuf;q=0", "application/problem+json"},
  };
  for (const auto& [accept, type] : rows) {
    EXPECT_EQ(Get(kReservations + "/e", {{"Accept", accept}}).Header("Content-Type"), type)
        << accept;
  }
  // Sent as bytes, answered as JSON.
  const RestAnswer mixed =
      Post(kReservations, Request("f", kUnit).SerializeAsString(), {{"Content-Type", kProtobuf}});
  EXPECT_EQ(mixed.status, 201) << mixed;
  EXPECT_EQ(mixed.Field("id"), "f");
}

TEST_F(Protobuf, RunsABatchWhoseMembersStandForThemselves) {
  v1::BatchRequest batch;
  *batch.add_operations()->mutable_create() = Request("e", 2 * kUnit);
  *batch.add_operations()->mutable_create() = Request("big", 4'000 * kUnit);
  batch.add_operations()->mutable_release()->set_id("nobody");
  const std::string unknown = WireBytes(2, WireBytes(1, WireNumber(99, 1)));
  const std::string bytes = batch.SerializeAsString() + unknown;
  const auto answer = Read<v1::BatchResponse>(Call(kBatch, bytes, {{"Idempotency-Key", "b"}}));
  ASSERT_EQ(answer.results_size(), 4);
  EXPECT_EQ(answer.results(0).reservation().held().at("gpu_hours").micros(), 2 * kUnit);
  EXPECT_EQ(answer.results(1).problem().code(), "insufficient_capacity");
  EXPECT_EQ(answer.results(2).problem().code(), "not_found");
  ASSERT_EQ(answer.results(3).problem().code(), "unknown_field");
  EXPECT_EQ(answer.results(3).problem().fields(0).path(), "operations[3].create.99");

  const std::string atomic = WireNumber(1, 1) + bytes;
  const RestAnswer refused = Call(kBatch, atomic);
  ExpectProblem(refused, 400, "unknown_field");
  EXPECT_EQ(refused.Field("member"), "3");
}

TEST_F(Protobuf, BatchIsTheSameContentAsJson) {
  const std::string json =
      Concat(R"({"operations":[{"create":)", Ask("e", "2"),
             R"(},{"charge":{"reservation":"e","amounts":{"gpu_hours":1}}}]})");
  const RestAnswer first = Post(kBatch, json, {{"Idempotency-Key", "b"}});
  ASSERT_EQ(first.status, 200) << first;
  v1::BatchRequest batch;
  *batch.add_operations()->mutable_create() = Request("e", 2 * kUnit);
  auto& charge = *batch.add_operations()->mutable_charge();
  charge.set_reservation("e");
  (*charge.mutable_amounts())["gpu_hours"].set_micros(kUnit);
  const RestAnswer again = Call(kBatch, batch, {{"Idempotency-Key", "b"}});
  EXPECT_EQ(again.Header("Idempotency-Replayed"), "true") << again;
  EXPECT_EQ(JsonOf(Read<v1::BatchResponse>(again)), first.body);
}

}  // namespace
}  // namespace purser
