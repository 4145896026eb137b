// What is not priced makes no model dearer, and no proposal or selection another one
// (unpriced_paths_test.cc, which has the table of routes). `safe` and `risky` are the same but for
// the points of risk that risky occupies, of which there are fewer than others asked for.
#include "tests/end_to_end/unpriced_world.h"

namespace purser {
namespace {

const std::string kModels = kBooks + "/models";
const std::string kProposals = kBooks + "/proposals";

class UnpricedModels : public Unpriced {
 protected:
  void Register(const std::string& id, const std::string& risk) {
    Expect(201, Post(kModels, Concat(R"({"id":")", id,
                                     R"(","operator_family":"vision","capabilities":["ocr"],)",
                                     R"("footprint":{"active_model_memory":"5")", risk,
                                     R"(},"monthly_costs":{"inference":"10"},)",
                                     R"("business_value_monthly":"60","cold_start_cost":"3"})")));
  }
  void RegisterBoth(const std::string& suffix = "") {
    Register("safe" + suffix, "");
    Register("risky" + suffix, R"(,"risk_capacity":"2")");
  }
  void Do(const std::string& id, const std::string& verb, const std::string& body) {
    Expect(200, Post(Concat(kModels, "/", id, ":", verb), body));
  }
  void DoBoth(const std::string& verb, const std::string& body) {
    for (const char* id : {"safe", "risky"}) Do(id, verb, body);
  }
  // Points are denied to one request, and another waits for some.
  void AskForMoreRiskThanThereIs() {
    Expect(201, Post(kReservations, Request("has", R"("risk_capacity":"9")")));
    Expect(409, Post(kReservations, Request("denied", R"("risk_capacity":"14")")));
    Expect(202, Post(kReservations,
                     Request("waits", R"("risk_capacity":"11")", R"(,"on_shortage":"QUEUE")")));
  }
  std::string CostOf(const std::string& model) {
    std::string report = Get(kCosts + "?group_by=model").body;
    const std::string group = Concat(R"({"by":{"model":")", model, R"("},"missing":[],"cost":")");
    const size_t at = report.find(group);
    if (at == report.npos) return report;
    return report.substr(at + group.size(),
                         report.find('"', at + group.size()) - at - group.size());
  }
  // From the first `"net_value":` behind `"name":"id"` on.
  static std::string NetValueOf(const std::string& body, const std::string& id) {
    const size_t at = body.find(R"("net_value":)", body.find(Concat("\"", id, "\"")));
    return at == body.npos ? "none" : body.substr(at, body.find('}', at) - at);
  }
};

TEST_F(UnpricedModels, IsNoCostOfAModel) {
  RegisterBoth();
  EXPECT_EQ(Get(kModels + "/risky").Field("monthly_cost"), "10");
  DoBoth("shadow", "{}");
  ExpectMoney("0");
  GoTo("2026-01-01T12:00:00Z");
  DoBoth("activate", R"({"vacancy":{}})");
  ExpectMoney("6");
  EXPECT_EQ(CostOf("safe"), "3");
  EXPECT_EQ(CostOf("risky"), "3");
  RegisterBoth("2");
  for (const char* id : {"safe", "risky"}) {
    Do(Concat(id, "2"), "activate", Concat(R"({"replaces":{"models":[")", id, "\"]}}"));
  }
  GoTo("2026-01-02T00:00:00Z");
  for (const char* id : {"safe2", "risky2"}) Do(id, "rollback", "{}");
  for (const char* suffix : {"", "2"}) {
    EXPECT_EQ(CostOf(Concat("risky", suffix)), CostOf(Concat("safe", suffix))) << suffix;
  }
  ExpectMoney("18");
  // A shadow occupies its points as well: 2 for half a day, and those of risky2 for the other half.
  const RestAnswer report = Get(kCosts + "?group_by=model,origin,resource");
  for (const auto& [id, days] : {std::pair("risky", "1"), std::pair("risky2", "1")}) {
    EXPECT_THAT(report.body,
                HasSubstr(Concat(R"({"by":{"model":")", id,
                                 R"(","origin":"OCCUPIED","resource":"risk_capacity"},)",
                                 R"("missing":[],"cost":"0","unpriced":{},"occupied":{)",
                                 R"("risk_capacity":{"amount":")", days,
                                 R"(","unit":"point·day","unpriced":")", days, "\"}}}")));
  }
  const RestAnswer together = Get(kBooks + "/population");
  EXPECT_EQ(together.Field("monthly_cost"), "20") << together;
  EXPECT_THAT(together.body, HasSubstr(R"({"resource":"risk_capacity","occupied":"2",)"));
}

TEST_F(UnpricedModels, IsNoTermOfNetValue) {
  RegisterBoth();
  DoBoth("activate", R"({"vacancy":{}})");
  RegisterBoth("2");
  AskForMoreRiskThanThereIs();
  // It is told what was asked for in vain, and that this is worth nothing.
  EXPECT_THAT(Get(kBooks + "/demand").body,
              HasSubstr(R"("risk_capacity":{"unserved":"25","base":"20"})"));
  for (const char* id : {"safe", "risky"}) {
    Expect(201, Post(kProposals, Concat(R"({"id":"p-)", id, R"(","kind":"RETIRE","models":[")", id,
                                        R"("],"reason":"r"})")));
  }
  const std::string net_value = NetValueOf(Get(kProposals + "/p-safe").body, "p-safe");
  EXPECT_THAT(net_value, HasSubstr(R"("incremental_inference":"10")"));
  EXPECT_THAT(net_value, HasSubstr(R"("opportunity_cost":"0","sum":"10")"));
  const RestAnswer risky = Get(kProposals + "/p-risky");
  EXPECT_EQ(NetValueOf(risky.body, "p-risky"), net_value) << risky;
  EXPECT_THAT(risky.body, HasSubstr(R"("risk_capacity":"2")")) << "what it frees";
  const RestAnswer summary = Get(kBooks + "/summary");
  EXPECT_EQ(CountOf(summary.body, R"("expected_saving":"10")"), 2u) << summary;
  const RestAnswer selection = Post(kBooks + "/selection:evaluate", "{}");
  const std::string gain = NetValueOf(selection.body, "safe2");
  EXPECT_THAT(gain, HasSubstr(R"("opportunity_cost":"0","sum":"50")")) << selection;
  EXPECT_EQ(CountOf(selection.body, gain), 2u) << selection;
  EXPECT_EQ(CountOf(selection.body, R"("marginal_value":"50")"), 2u) << selection;
  // Who looks by itself, and who keeps a promise, reckon alike.
  const RestAnswer review = Post(kProposals + ":review", "{}");
  Expect(200, review);
  EXPECT_EQ(CountOf(review.body, R"("opportunity_cost":")"),
            CountOf(review.body, R"("opportunity_cost":"0")"));
  for (const char* id : {"safe", "risky"}) {
    const std::string proposal = Concat(kProposals, "/p-", id);
    Expect(200, bob_->Post(proposal + ":approve", "{}"));
    EXPECT_EQ(Post(proposal + ":execute", "{}").Field("promised_saving"), "10") << id;
  }
  EXPECT_EQ(Get(kBooks + "/proposers").Field("promised_saving"), "20");
}

}  // namespace
}  // namespace purser
