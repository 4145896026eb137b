#include "tests/end_to_end/unpriced_world.h"

#include "daemon/sha256.h"

namespace purser {

size_t CountOf(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::string Request(const std::string& id, const std::string& amounts, const std::string& more) {
  const std::string purpose = more.find("purpose") == more.npos ? R"(,"purpose":"TRAINING")" : "";
  return Concat(R"({"id":")", id, R"(","amounts":{)", amounts, "},", kLabels, purpose, more, "}");
}

std::string Charged(const std::string& id, const std::string& amounts) {
  return Concat(R"({"id":")", id, R"(","amounts":{)", amounts, "},", kLabels, "}");
}

void Unpriced::SetUp() {
  std::string config;
  for (const auto& [name, scopes] :
       {std::pair("alice", R"("admin","approvals:write","charges:write","finance","ledger:read",)"
                           R"("models:write","outcomes:write","proposals:write",)"
                           R"("reservations:write","reserve:spend")"),
        std::pair("bob", R"("approvals:write","ledger:read","proposals:approve")")}) {
    config += Concat("[[tokens]]\nname = \"", name, "\"\nsha256 = \"", Hex(Sha256(name)),
                     "\"\nscopes = [", scopes, "]\n\n");
  }
  WriteConfig(config);
  Start();
  client_ = std::make_unique<RestClient>(port(), "alice");
  bob_ = std::make_unique<RestClient>(port(), "bob");
  Make("visits", "visit");
  Make("play_money", "USD");
  Expect(201, Post(kBooks + "/rate-cards", R"({"id":"house","rates":{"gpu_hours":{"rate":"2"}}})"));
  Expect(201, Post(kBooks + "/budgets", R"({"id":"all","amount":"100"})"));
}

void Unpriced::Expect(int status, const RestAnswer& answer) {
  ASSERT_EQ(answer.status, status) << answer;
}

void Unpriced::Make(const std::string& name, const std::string& unit) {
  Expect(201, Post(kBooks + "/resources",
                   Concat(R"({"name":")", name, R"(","unit":")", unit,
                          R"(","kind":"CONSUMABLE","amount":"1000","reserve_percent":"0",)",
                          R"("priced":false})")));
}

void Unpriced::GoTo(const std::string& time) {
  Expect(200, Advance(Concat(R"({"to":")", time, "\"}")));
}

void Unpriced::ExpectMoney(const std::string& spent, const std::string& held) {
  EXPECT_EQ(Get(kCosts).Field("total"), spent);
  EXPECT_EQ(Get(kBooks + "/accepted-result-costs").Field("total"), spent);
  EXPECT_EQ(Get(kStatement).Field("total"), spent);
  EXPECT_EQ(Get(kBooks + "/summary").Field("month_to_date"), spent);
  EXPECT_EQ(Get(kBooks + "/digest?week=2026-W01").FieldAfter("total", "cost"), spent);
  const RestAnswer budget = Get(kBooks + "/budgets/all");
  EXPECT_EQ(budget.Field("spent"), spent) << budget;
  EXPECT_EQ(budget.Field("held"), held) << budget;
}

void Unpriced::ExpectAllCostsZero(const RestAnswer& answer) {
  ASSERT_EQ(answer.status, 200) << answer;
  EXPECT_GT(CountOf(answer.body, R"("cost":")"), 0u) << answer;
  EXPECT_EQ(CountOf(answer.body, R"("cost":")"), CountOf(answer.body, R"("cost":"0")")) << answer;
}

std::string Unpriced::Lines(const std::string& type) {
  return GetStream(Concat(kStatement, "/lines"), type, "Authorization: Bearer alice\r\n");
}

void Unpriced::UseUnpriced() {
  Expect(201,
         Post(kReservations, Request("use", R"("visits":"4","play_money":"5","risk_capacity":"2")",
                                     R"(,"lease":"864000s")")));
  GoTo("2026-01-01T12:00:00Z");
  Expect(200, Post(kReservations + "/use:start", "{}"));
  Expect(201, Post(kReservations + "/use:charge",
                   R"({"id":"used","amounts":{"visits":"6","play_money":"5"}})"));
  GoTo("2026-01-02T00:00:00Z");
}

}  // namespace purser
