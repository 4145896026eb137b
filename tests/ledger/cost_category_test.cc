#include "ledger/cost_category.h"

#include <gtest/gtest.h>

#include "absl/strings/ascii.h"

namespace purser {
namespace {

TEST(CostCategories, AreCalledAsTheyAreStored) {
  for (int i = 1; i < stored::CostCategory_ARRAYSIZE; ++i) {
    const auto category = static_cast<CostCategory>(i);
    const std::string stored_name = absl::AsciiStrToLower(stored::CostCategory_Name(category));
    EXPECT_EQ(std::string(CostCategoryName(category)) + "_cost", stored_name);
    EXPECT_EQ(ParseCostCategory(CostCategoryName(category)), category);
    EXPECT_NE(std::string(kCostCategoryRule).find(CostCategoryName(category)), std::string::npos);
  }
}

TEST(CostCategories, NothingElseIsOne) {
  EXPECT_EQ(CostCategoryName(stored::COST_CATEGORY_UNSPECIFIED), "");
  EXPECT_EQ(CostCategoryName(static_cast<CostCategory>(99)), "");
  for (const char* name : {"", "Training", "training_cost", "gpu", " training", "on-call"}) {
    EXPECT_EQ(ParseCostCategory(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace purser
