// Sums that are more than an amount holds, as texts.
#include <gtest/gtest.h>

#include "api/render.h"

namespace purser::api {
namespace {

TEST(SumTexts, AreExactWhateverTheirSize) {
  const absl::int128 unit = Amount::kMicrosPerUnit;
  const absl::int128 tera = absl::int128(1'000'000'000'000) * unit;
  EXPECT_EQ(SumText(0), "0");
  EXPECT_EQ(SumText(1), "0.000001");
  EXPECT_EQ(SumText(-1), "-0.000001");
  EXPECT_EQ(SumText(-5 * unit / 2), "-2.5");
  EXPECT_EQ(SumText(tera - 1), "999999999999.999999");
  EXPECT_EQ(SumText(tera), "1000000000000");
  EXPECT_EQ(SumText(tera + 5 * unit + 1), "1000000000005.000001");
  EXPECT_EQ(SumText(absl::int128(INT64_MAX) * 3), "27670116110564.327421");
  EXPECT_EQ(SumText(absl::int128(INT64_MIN) * 3), "-27670116110564.327424");
  EXPECT_EQ(SumText(tera * 1'000'000), "1000000000000000000");
}

}  // namespace
}  // namespace purser::api
