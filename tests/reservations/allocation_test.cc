#include "reservations/allocation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/refusal.h"
#include "ledger/text.h"
#include "reservations/label_split.h"

namespace purser {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kUnit = Amount::kMicrosPerUnit;

const Allocation kByFamily = {"operator_family", "gpu_hours"};

CostLabels SplitCapability() {
  CostLabels labels;
  labels.labels = {{"operator_family", "docs"}};
  labels.splits = {
      {"capability", {{"layout", Amount::FromUnits(1)}, {"ocr", Amount::FromUnits(2)}}}};
  return labels;
}

Refusal RefusedWith(const UsedByValue& used) {
  const auto split = SplitByUse(kByFamily, used, "allocation.");
  EXPECT_FALSE(split.ok());
  return RefusalOf(split.status());
}

TEST(Allocations, SelectThePartThatHasTheLabels) {
  const CostLabels labels = SplitCapability();
  EXPECT_EQ(SelectedPart({}, labels, 10), absl::int128(10));
  EXPECT_EQ(SelectedPart({{"capability", "ocr"}}, labels, 10), absl::int128(7));
  EXPECT_EQ(SelectedPart({{"capability", "layout"}, {"operator_family", "docs"}}, labels, -10),
            absl::int128(-3));
  EXPECT_EQ(SelectedPart({{"capability", "speech"}}, labels, 10), std::nullopt);
  EXPECT_EQ(SelectedPart({{"operator_family", "vision"}}, labels, 10), std::nullopt);
  EXPECT_EQ(SelectedPart({{"team", "a"}}, labels, 10), std::nullopt);
}

TEST(Allocations, OfWhatIsNobodysSelectNothing) {
  CostLabels labels = SplitCapability();
  for (Weight& part : labels.splits.front().parts) part.weight = Amount();
  EXPECT_EQ(SelectedPart({{"capability", "ocr"}}, labels, 10), std::nullopt);
}

TEST(Allocations, WeighWhoUsedSomething) {
  const auto split = SplitByUse(
      kByFamily, {{"vision", 2 * kUnit}, {"docs", kUnit / 2}, {"audio", 0}, {"lab", -kUnit}}, "");
  ASSERT_TRUE(split.ok());
  EXPECT_EQ(*split, R"({"docs":"0.5","vision":"2"})");
  EXPECT_EQ(UnattributedOf(*split), Amount());
}

TEST(Allocations, KeepWhatLacksTheLabelApart) {
  const auto split = SplitByUse(kByFamily, {{"", 3 * kUnit}, {"docs", kUnit}}, "");
  ASSERT_TRUE(split.ok());
  EXPECT_EQ(*split, R"({"":"3","docs":"1"})");
  EXPECT_EQ(UnattributedOf(*split), Amount::FromUnits(3));
  CostReport report({"operator_family"});
  CostLabels labels;
  labels.splits = {{"operator_family", *ParseLabelSplit(*split)}};
  const CostKind kind{stored::OBSERVABILITY_COST, CostOrigin::kCostEntry, ""};
  ASSERT_TRUE(report.Add(labels, kind, {0, absl::int128(10)}));
  EXPECT_EQ(report.groups().at({"docs"}).cost_micros, 2);
  EXPECT_EQ(report.Unattributed().cost_micros, 8);
}

TEST(Allocations, OfNothingAreNone) {
  for (const UsedByValue& used :
       {UsedByValue{}, UsedByValue{{"docs", 0}, {"lab", -1}}, UsedByValue{{"", kUnit}}}) {
    const Refusal refusal = RefusedWith(used);
    EXPECT_EQ(refusal.reason(), stored::INVALID_ARGUMENT);
    EXPECT_EQ(refusal.faults(0).path(), "allocation.resource");
  }
}

TEST(Allocations, AreBounded) {
  UsedByValue used;
  for (size_t i = 0; i < kLabelPartsMax; ++i) used[Concat("n", i)] = kUnit;
  EXPECT_TRUE(SplitByUse(kByFamily, used, "").ok());
  used[""] = kUnit;
  EXPECT_EQ(RefusedWith(used).reason(), stored::LIMIT_OF_THE_DAEMON);
  EXPECT_THAT(RefusedWith(used).faults(0).message(), HasSubstr("at most 32 values"));
  used = {};
  for (char c = 'a'; c < 'h'; ++c) used[std::string(1, c) + std::string(199, 'n')] = kUnit;
  EXPECT_EQ(RefusedWith(used).faults(0).path(), "allocation.label");
  EXPECT_EQ(RefusedWith({{"docs", absl::int128(INT64_MAX) + 1}}).reason(),
            stored::LIMIT_OF_THE_DAEMON);
}

TEST(Allocations, StandAmongTheLabelsInOrder) {
  for (const std::string label : {"a", "c", "z"}) {
    Labels labels = {{"b", "1"}, {"d", "2"}};
    AddAllocated(label, R"({"x":"1"})", &labels);
    EXPECT_TRUE(std::is_sorted(labels.begin(), labels.end()));
    EXPECT_EQ(FindLabel(labels, label), R"({"x":"1"})");
  }
}

}  // namespace
}  // namespace purser
