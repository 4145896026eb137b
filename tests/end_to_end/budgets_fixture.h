#ifndef PURSER_TESTS_END_TO_END_BUDGETS_FIXTURE_H_
#define PURSER_TESTS_END_TO_END_BUDGETS_FIXTURE_H_

// A daemon with budgets of money, over REST.
#include <memory>
#include <string>
#include <utility>

#include "daemon/sha256.h"
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {

inline const std::string kBudgets = kBooks + "/budgets";
inline const std::string kBudget = kBudgets + "/docs";
inline const std::string kApprovals = kBooks + "/approvals";
inline const std::string kCharges = kBooks + "/charges";

inline Headers IfMatch(const std::string& tag) { return {{"If-Match", tag}}; }
inline Headers Key(const std::string& key) { return {{"Idempotency-Key", key}}; }

inline std::string LabelsOf(const std::string& family) {
  return Concat(R"("labels":{"operator_family":")", family, R"(","capability":"ocr"})");
}

// Of a resource that is money.
inline std::string Usd(const std::string& id, const std::string& usd, const std::string& more = "",
                       const std::string& family = "docs") {
  return Concat(R"({"id":")", id, R"(","amounts":{"api_calls":")", usd, R"("},)", LabelsOf(family),
                more, "}");
}
inline constexpr char kTrains[] = R"(,"purpose":"TRAINING")";
inline constexpr char kWaits[] = R"(,"purpose":"TRAINING","on_shortage":"QUEUE")";

inline size_t CountOf(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Alice may everything, bob reads and approves.
class Budgets : public DaemonTest {
 protected:
  void SetUp() override {
    std::string config;
    for (const auto& [name, scopes] :
         {std::pair("alice", R"("admin","approvals:write","charges:write","finance","ledger:read",)"
                             R"("reservations:write","reserve:spend")"),
          std::pair("bob", R"("approvals:write","ledger:read")")}) {
      config += Concat("[[tokens]]\nname = \"", name, "\"\nsha256 = \"", Hex(Sha256(name)),
                       "\"\nscopes = [", scopes, "]\n\n");
    }
    WriteConfig(config);
    Start();
    Connect();
    MakeMoney(kBooks);
  }
  void Connect() {
    client_ = std::make_unique<RestClient>(port(), "alice");
    bob_ = std::make_unique<RestClient>(port(), "bob");
  }
  void MakeMoney(const std::string& population, const std::string& name = "api_calls") {
    const RestAnswer made =
        Post(population + "/resources",
             Concat(R"({"name":")", name, R"(","unit":"USD","kind":)",
                    R"("CONSUMABLE","amount":"100000","reserve_percent":"0"})"));
    ASSERT_EQ(made.status, 201) << made;
  }
  void MakeBudget(const std::string& usd, const std::string& enforcement = "CHARGEBACK") {
    const RestAnswer made =
        Post(kBudgets, Concat(R"({"id":"docs","labels":{"operator_family":"docs"},"amount":")", usd,
                              R"(","enforcement":")", enforcement, "\"}"));
    ASSERT_EQ(made.status, 201) << made;
  }
  void Charge(const std::string& id, const std::string& usd) {
    const RestAnswer posted = Post(kCharges, Usd(id, usd));
    ASSERT_EQ(posted.status, 201) << posted;
  }
  void AdvanceTo(const std::string& instant) {
    const RestAnswer moved = Advance(Concat(R"({"to":")", instant, "\"}"));
    ASSERT_EQ(moved.status, 200) << moved;
  }
  std::string StateOf(const std::string& id) {
    return Get(Concat(kReservations, "/", id)).Field("state");
  }
  std::string Journal() { return Get(kBooks + "/journal?page_size=1000").body; }

  std::unique_ptr<RestClient> bob_;
};

}  // namespace purser

#endif  // PURSER_TESTS_END_TO_END_BUDGETS_FIXTURE_H_
