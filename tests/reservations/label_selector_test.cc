#include "reservations/label_selector.h"

#include <gtest/gtest.h>

#include <random>

#include "reservations/cost_report.h"
#include "reservations/label_split.h"

namespace purser {
namespace {

LabelValues SelectorOf(const Labels& wanted) {
  LabelValues selector;
  for (const auto& [key, value] : wanted) {
    stored::LabelValue& added = *selector.Add();
    added.set_key(key);
    added.set_value(value);
  }
  return selector;
}

// As a report by the selector's keys has it.
Amount Reported(const Labels& wanted, const Labels& labels, Amount cost) {
  std::vector<std::string> keys;
  CostReport::Values values;
  for (const auto& [key, value] : wanted) {
    keys.push_back(key);
    values.push_back(value);
  }
  CostLabels split;
  for (const auto& [key, value] : labels) {
    if (!IsLabelSplit(value)) {
      split.labels.emplace_back(key, value);
    } else {
      split.splits.push_back({key, *ParseLabelSplit(value)});
    }
  }
  CostReport report(keys);
  EXPECT_TRUE(report.Add(split, {stored::TRAINING_COST}, {0, cost.micros()}));
  const auto found = report.groups().find(values);
  if (found == report.groups().end()) return Amount();
  return Amount::FromMicros(static_cast<int64_t>(found->second.cost_micros));
}

TEST(LabelSelector, SelectsAllByNothing) {
  EXPECT_TRUE(Selects({}, {}));
  EXPECT_EQ(PartOf({}, {{"team", "a"}}, Amount::FromMicros(7)), Amount::FromMicros(7));
}

TEST(LabelSelector, SelectsWhoHasAllItsValues) {
  const LabelValues selector = SelectorOf({{"project", "p"}, {"team", "a"}});
  EXPECT_TRUE(Selects(selector, {{"project", "p"}, {"role", "x"}, {"team", "a"}}));
  EXPECT_FALSE(Selects(selector, {{"project", "p"}}));
  EXPECT_FALSE(Selects(selector, {{"project", "p"}, {"team", "b"}}));
  EXPECT_TRUE(Selects(selector, {{"project", "p"}, {"team", R"({"a":"1","b":"2"})"}}));
  EXPECT_FALSE(Selects(selector, {{"project", "p"}, {"team", R"({"b":"2","c":"1"})"}}));
}

TEST(LabelSelector, HasThePartThatAReportHas) {
  std::mt19937 random(7);
  const std::vector<std::string> values = {"a", "b", R"({"a":"1","b":"2"})",
                                           R"({"a":"0","b":"3.5","c":"0.000001"})",
                                           R"({"b":"1","c":"1"})"};
  for (int i = 0; i < 2'000; ++i) {
    Labels labels;
    Labels wanted;
    for (const char* key : {"capability", "operator_family", "team"}) {
      if (random() % 4 != 0) labels.emplace_back(key, values[random() % values.size()]);
      if (random() % 2 != 0) wanted.emplace_back(key, random() % 3 == 0 ? "b" : "a");
    }
    const Amount cost = Amount::FromMicros(static_cast<int64_t>(random() % 2'001) - 1'000);
    EXPECT_EQ(PartOf(SelectorOf(wanted), labels, cost), Reported(wanted, labels, cost));
  }
}

}  // namespace
}  // namespace purser
