#include "reservations/cost_report.h"

#include <gtest/gtest.h>

namespace purser {
namespace {

const CostLabels kOcr = {{{"capability", "ocr"}, {"operator_family", "vision"}}, {}};
const CostLabels kNameless = {{{"team", "docs"}}, {}};

const CostKind kTraining = {stored::TRAINING_COST, CostOrigin::kCharge, "gpu_hours"};
const CostKind kNetwork = {stored::NETWORK_COST, CostOrigin::kCharge, "network"};
const CostKind kColdStart = {stored::COLD_START_COST, CostOrigin::kColdStart, ""};
const CostKind kMemoryHeld = {stored::RESIDENCY_COST, CostOrigin::kHeld, "memory"};

void Add(const CostLabels& labels, int64_t micros, CostReport* report) {
  CostReport::AddTo(kTraining, {1'000'000, micros}, report->FindGroup(labels, kTraining));
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
  CostReport::Sums* const group = report.FindGroup(kOcr, kNetwork);
  CostReport::AddTo(kNetwork, {4'000'000}, group);
  CostReport::AddTo(kNetwork, {-1'000'000}, group);
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
    ASSERT_NE(report.FindGroup(labels, kTraining), nullptr);
  }
  EXPECT_NE(report.FindGroup({{{"experiment", "7"}}, {}}, kTraining), nullptr);
  EXPECT_EQ(report.FindGroup(kOcr, kTraining), nullptr);
}

const CostLabels kSplit = {
    {{"operator_family", "vision"}},
    {{"capability", {{"layout", Amount::FromMicros(1)}, {"ocr", Amount::FromMicros(2)}}},
     {"team", {{"a", Amount::FromMicros(1)}, {"b", Amount::FromMicros(1)}}}}};

TEST(CostReports, MayHaveMoreGroupsOrFewer) {
  CostReport report({"capability", "team"}, 3);
  EXPECT_FALSE(report.Add(kSplit, kColdStart, {0, 10}));
  CostReport larger({"capability", "team"}, 4);
  EXPECT_TRUE(larger.Add(kSplit, kColdStart, {0, 10}));
}

TEST(CostReports, SplitBySeveralKeysOneAfterTheOther) {
  CostReport report({"capability", "team"});
  ASSERT_TRUE(report.IsSplit(kSplit));
  ASSERT_TRUE(report.Add(kSplit, kColdStart, {0, 10}));
  // 10 by 1 : 2 is 3 and 7; 3 in halves 2 and 1, 7 in halves 4 and 3.
  EXPECT_EQ(report.groups().at({"layout", "a"}).cost_micros, 2);
  EXPECT_EQ(report.groups().at({"layout", "b"}).cost_micros, 1);
  EXPECT_EQ(report.groups().at({"ocr", "a"}).cost_micros, 4);
  EXPECT_EQ(report.groups().at({"ocr", "b"}).cost_micros, 3);
  CostReport alone({"capability"});
  ASSERT_TRUE(alone.Add(kSplit, kColdStart, {0, 10}));
  EXPECT_EQ(alone.groups().at({"ocr"}).cost_micros, 7);
  EXPECT_FALSE(CostReport({"operator_family"}).IsSplit(kSplit));
}

TEST(CostReports, HaveTheSameGroupsInAnyOrderOfTheKeys) {
  CostReport report({"capability", "team"});
  CostReport turned({"team", "operator_family", "capability"});
  for (CostReport* each : {&report, &turned}) {
    ASSERT_TRUE(each->Add(kSplit, kColdStart, {0, 10}));
    ASSERT_TRUE(each->Add(kSplit, kColdStart, {0, -1}));
    EXPECT_EQ(each->groups().size(), 4u);
  }
  for (const auto& [values, sums] : report.groups()) {
    EXPECT_EQ(turned.groups().at({values[1], "vision", values[0]}).cost_micros, sums.cost_micros)
        << values[0] << " " << values[1];
  }
}

// 5 in halves is 3 and 2, whatever is taken away of it, and in how many pieces.
TEST(CostReports, TakeAwayOfEachValueWhatItHad) {
  const CostLabels halves = {
      {}, {{"capability", {{"a", Amount::FromMicros(1)}, {"b", Amount::FromMicros(1)}}}}};
  CostReport report({"capability"});
  ASSERT_TRUE(report.Add(halves, kTraining, {50, 5}));
  for (int left = 5; left > 0; --left) {
    EXPECT_EQ(report.groups().at({"a"}).cost_micros, (left + 1) / 2);
    EXPECT_EQ(report.groups().at({"b"}).cost_micros, left / 2);
    ASSERT_TRUE(report.Add(halves, kTraining, {-10, -1}, {left * 10, left}));
  }
  EXPECT_EQ(report.groups().at({"a"}).cost_micros, 0);
  EXPECT_EQ(report.groups().at({"b"}).cost_micros, 0);
  // What takes nothing away of a value does not make it a group.
  CostReport later({"capability"});
  ASSERT_TRUE(later.Add(halves, kTraining, {-10, -1}, {50, 5}));
  EXPECT_EQ(later.groups().at({"a"}).cost_micros, -1);
  ASSERT_TRUE(later.Add(halves, kNetwork, {-1}, {2}));
  EXPECT_EQ(later.groups().at({"b"}).unpriced.at("network"), -1);
  ASSERT_TRUE(CostReport({"capability"}).Add(halves, kNetwork, {-1}, {3}));
  CostReport of_one({"capability"});
  ASSERT_TRUE(of_one.Add(halves, kNetwork, {-1}, {3}));
  EXPECT_EQ(of_one.groups().count({"b"}), 0u);
}

TEST(CostReports, SplitWhatIsNotPricedAlike) {
  CostReport report({"capability"});
  ASSERT_TRUE(report.Add(kSplit, kNetwork, {4}));
  EXPECT_EQ(report.groups().at({"layout"}).unpriced.at("network"), 1);
  EXPECT_EQ(report.groups().at({"ocr"}).unpriced.at("network"), 3);
}

TEST(CostReports, AreNobodysWhereAllWeightsAreZero) {
  CostReport report({"capability"});
  const CostLabels nobody = {{}, {{"capability", {{"ocr", Amount()}, {"layout", Amount()}}}}};
  ASSERT_TRUE(report.Add(nobody, kColdStart, {0, 5}));
  EXPECT_EQ(report.groups().at({""}).cost_micros, 5);
  EXPECT_EQ(report.Unattributed().cost_micros, 5);
}

// Three quarters of it priced: of each capability's share as well.
TEST(CostReports, TellHowMuchWasOccupiedAndWhatOfItIsNotPriced) {
  CostReport report({"capability", "origin"});
  const Area much = absl::int128(INT64_MAX) * 1'000;
  ASSERT_TRUE(report.Add(kSplit, kMemoryHeld, {3 * much, 30}));
  ASSERT_TRUE(report.Add(kSplit, kMemoryHeld, {much + 2}));
  const auto& layout = report.groups().at({"layout", "HELD"});
  const auto& ocr = report.groups().at({"ocr", "HELD"});
  EXPECT_EQ(layout.cost_micros, 10);
  EXPECT_EQ(ocr.cost_micros, 20);
  EXPECT_EQ(layout.occupied.at("memory").area + ocr.occupied.at("memory").area, 4 * much + 2);
  EXPECT_EQ(layout.occupied.at("memory").unpriced + ocr.occupied.at("memory").unpriced, much + 2);
  EXPECT_TRUE(layout.unpriced.empty());
  EXPECT_EQ(report.Total().occupied.at("memory").area, 4 * much + 2);
}

TEST(CostReports, MissNoResourceWhereNoneMeasures) {
  CostReport report({"resource"});
  ASSERT_TRUE(report.Add(kOcr, kColdStart, {0, 5}));
  EXPECT_EQ(report.Unattributed().cost_micros, 0);
}

}  // namespace
}  // namespace purser
