#include "reservations/cost_report.h"

#include <gtest/gtest.h>

namespace purser {
namespace {

const CostLabels kOcr = {{{"capability", "ocr"}, {"operator_family", "vision"}}, {}};
const CostLabels kNameless = {{{"team", "docs"}}, {}};

void Add(const CostLabels& labels, int64_t micros, CostReport* report) {
  CostReport::Sums* const group = report->FindGroup(labels, stored::TRAINING_COST, "gpu_hours");
  CostReport::AddTo("gpu_hours", Amount::FromUnits(1), Amount::FromMicros(micros), group);
}

TEST(CostReports, AddUpWhateverTheyAreGroupedBy) {
  for (const std::vector<std::string>& keys : {std::vector<std::string>{},
                                               {"operator_family"},
                                               {"capability", "operator_family"},
                                               {"category"},
                                               {"resource", "team"}}) {
    CostReport report(keys);
    Add(kOcr, 5, &report);
    Add(kOcr, 7, &report);
    Add(kNameless, -2, &report);
    EXPECT_EQ(report.Total().cost_micros, 10);
  }
}

TEST(CostReports, ShowWhatMissesALabelAndDoNotSpreadIt) {
  CostReport report({"operator_family"});
  Add(kOcr, 5, &report);
  Add(kNameless, 3, &report);
  ASSERT_EQ(report.groups().size(), 2u);
  EXPECT_EQ(report.groups().at({""}).cost_micros, 3);
  EXPECT_EQ(report.groups().at({"vision"}).cost_micros, 5);
  EXPECT_EQ(report.Unattributed().cost_micros, 3);
}

TEST(CostReports, KeepWhatIsNotPricedOutOfMoney) {
  CostReport report({"category"});
  CostReport::Sums* const group = report.FindGroup(kOcr, stored::NETWORK_COST, "network");
  CostReport::AddTo("network", Amount::FromUnits(4), std::nullopt, group);
  CostReport::AddTo("network", Amount::FromUnits(-1), std::nullopt, group);
  EXPECT_EQ(report.Total().cost_micros, 0);
  EXPECT_EQ(report.groups().at({"network"}).unpriced.at("network"), Amount::FromUnits(3).micros());
}

TEST(CostReports, HoldMoreThanAnAmount) {
  CostReport report({});
  for (int i = 0; i < 3; ++i) Add(kOcr, INT64_MAX, &report);
  EXPECT_EQ(report.Total().cost_micros, absl::int128(INT64_MAX) * 3);
}

TEST(CostReports, HaveABoundedNumberOfGroups) {
  CostReport report({"experiment"});
  for (size_t i = 0; i < kCostGroupsMax; ++i) {
    const CostLabels labels = {{{"experiment", std::to_string(i)}}, {}};
    ASSERT_NE(report.FindGroup(labels, stored::TRAINING_COST, "gpu_hours"), nullptr);
  }
  EXPECT_NE(report.FindGroup({{{"experiment", "7"}}, {}}, stored::TRAINING_COST, "x"), nullptr);
  EXPECT_EQ(report.FindGroup(kOcr, stored::TRAINING_COST, "gpu_hours"), nullptr);
}

const CostLabels kSplit = {
    {{"operator_family", "vision"}},
    {{"capability", {{"layout", Amount::FromMicros(1)}, {"ocr", Amount::FromMicros(2)}}},
     {"team", {{"a", Amount::FromMicros(1)}, {"b", Amount::FromMicros(1)}}}}};

TEST(CostReports, SplitBySeveralKeysOneAfterTheOther) {
  CostReport report({"capability", "team"});
  ASSERT_TRUE(report.IsSplit(kSplit));
  ASSERT_TRUE(report.Add(kSplit, stored::COLD_START_COST, "", Amount(), Amount::FromMicros(10)));
  // 10 by 1 : 2 is 3 and 7; 3 in halves 2 and 1, 7 in halves 4 and 3.
  EXPECT_EQ(report.groups().at({"layout", "a"}).cost_micros, 2);
  EXPECT_EQ(report.groups().at({"layout", "b"}).cost_micros, 1);
  EXPECT_EQ(report.groups().at({"ocr", "a"}).cost_micros, 4);
  EXPECT_EQ(report.groups().at({"ocr", "b"}).cost_micros, 3);
  CostReport alone({"capability"});
  ASSERT_TRUE(alone.Add(kSplit, stored::COLD_START_COST, "", Amount(), Amount::FromMicros(10)));
  EXPECT_EQ(alone.groups().at({"ocr"}).cost_micros, 7);
  EXPECT_FALSE(CostReport({"operator_family"}).IsSplit(kSplit));
}

TEST(CostReports, SplitWhatIsNotPricedAlike) {
  CostReport report({"capability"});
  ASSERT_TRUE(
      report.Add(kSplit, stored::NETWORK_COST, "network", Amount::FromMicros(4), std::nullopt));
  EXPECT_EQ(report.groups().at({"layout"}).unpriced.at("network"), 1);
  EXPECT_EQ(report.groups().at({"ocr"}).unpriced.at("network"), 3);
}

TEST(CostReports, AreNobodysWhereAllWeightsAreZero) {
  CostReport report({"capability"});
  const CostLabels nobody = {{}, {{"capability", {{"ocr", Amount()}, {"layout", Amount()}}}}};
  ASSERT_TRUE(report.Add(nobody, stored::COLD_START_COST, "", Amount(), Amount::FromMicros(5)));
  EXPECT_EQ(report.groups().at({""}).cost_micros, 5);
  EXPECT_EQ(report.Unattributed().cost_micros, 5);
}

TEST(CostReports, MissNoResourceWhereNoneMeasures) {
  CostReport report({"resource"});
  ASSERT_TRUE(report.Add(kOcr, stored::COLD_START_COST, "", Amount(), Amount::FromMicros(5)));
  EXPECT_EQ(report.Unattributed().cost_micros, 0);
}

}  // namespace
}  // namespace purser
