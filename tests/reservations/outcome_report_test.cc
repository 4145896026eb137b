#include "reservations/outcome_report.h"

#include <gtest/gtest.h>

namespace purser {
namespace {

void Spend(const std::string& model, const std::string& role, int64_t micros, CostReport* costs) {
  CostLabels labels;
  labels.labels = {{"model", model}};
  if (!role.empty()) labels.labels.emplace_back("role", role);
  ASSERT_TRUE(costs->Add(labels, {stored::INFERENCE_COST, CostOrigin::kCharge, "inference_cost"},
                         {micros, micros}));
}

TEST(OutcomeReport, PutsTheDearestFirstAndTheUndefinedLast) {
  CostReport costs({"model", std::string(kByRole)});
  Spend("small", "invocation", 2, &costs);
  Spend("small", "fallback", 18, &costs);
  Spend("small", "misc", 1, &costs);
  Spend("small", "", 1, &costs);
  Spend("large", "invocation", 30, &costs);
  Spend("idle", "invocation", 7, &costs);
  OutcomeReport outcomes({"model"});
  ASSERT_TRUE(outcomes.Add({{"model", "small"}}, {4, 0, 6}));
  ASSERT_TRUE(outcomes.Add({{"model", "large"}}, {9, 1, 0}));
  ASSERT_TRUE(outcomes.Add({{"model", "large"}}, {1, 0, 0}));
  ASSERT_TRUE(outcomes.Add({{"model", "free"}}, {3, 0, 0}));
  const auto groups = CompareAcceptedCosts(costs, outcomes);
  ASSERT_EQ(groups.size(), 4);
  EXPECT_EQ(groups[0].values, CostReport::Values{"small"});
  EXPECT_EQ(groups[0].per_accepted_micros, absl::int128(6));  // 5.5, away from zero
  EXPECT_EQ(groups[0].parts.at("fallback"), 18);
  EXPECT_EQ(groups[0].parts.at("other"), 2);
  EXPECT_EQ(groups[1].values, CostReport::Values{"large"});
  EXPECT_EQ(groups[1].per_accepted_micros, absl::int128(3));
  EXPECT_EQ(groups[2].values, CostReport::Values{"free"});
  EXPECT_EQ(groups[2].per_accepted_micros, absl::int128(0));
  EXPECT_EQ(groups[3].values, CostReport::Values{"idle"});
  EXPECT_FALSE(groups[3].per_accepted_micros.has_value());
}

// However many names somebody gives to roles, they are these seven.
TEST(OutcomeReport, SplitsRolesAndCountsNoOthers) {
  CostReport costs({std::string(kByRole)});
  CostLabels labels;
  labels.splits.push_back({"role", {}});
  for (const char* name : {"judge", "retry", "x", "y"}) {
    labels.splits[0].parts.push_back({name, Amount::FromUnits(1)});
  }
  ASSERT_TRUE(costs.IsSplit(labels));
  ASSERT_TRUE(costs.Add(labels, {stored::INFERENCE_COST, CostOrigin::kCharge, ""}, {0, 7}));
  ASSERT_EQ(costs.groups().size(), 3);
  EXPECT_EQ(costs.groups().at({"judge"}).cost_micros, 2);
  EXPECT_EQ(costs.groups().at({"retry"}).cost_micros, 2);
  EXPECT_EQ(costs.groups().at({"other"}).cost_micros, 3);
}

TEST(OutcomeReport, HasABoundedNumberOfGroups) {
  OutcomeReport outcomes({"model"});
  for (size_t i = 0; i < kCostGroupsMax; ++i) {
    ASSERT_TRUE(outcomes.Add({{"model", std::to_string(i)}}, {1, 0, 0}));
  }
  EXPECT_FALSE(outcomes.Add({{"model", "more"}}, {1, 0, 0}));
  EXPECT_TRUE(outcomes.Add({{"model", "7"}}, {1, 0, 0}));
}

}  // namespace
}  // namespace purser
