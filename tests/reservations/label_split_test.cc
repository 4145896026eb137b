#include "reservations/label_split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace purser {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::string Again(std::string_view text) {
  const auto parts = ParseLabelSplit(text);
  return parts.has_value() ? FormatLabelSplit(*parts) : "";
}

TEST(LabelSplit, HasOneForm) {
  EXPECT_EQ(Again(R"({"ocr":"2","layout":"1.500000"})"), R"({"layout":"1.5","ocr":"2"})");
  EXPECT_EQ(Again(R"({"a \"b\" \\ c":"1"})"), R"({"a \"b\" \\ c":"1"})");
  EXPECT_EQ(Again(R"({"ü, : }":"0.000001","x":"0"})"), R"({"x":"0","ü, : }":"0.000001"})");
  // What lacks the label.
  EXPECT_EQ(Again(R"({"ocr":"2","":"1"})"), R"({"":"1","ocr":"2"})");
}

TEST(LabelSplit, OfAnotherFormIsNone) {
  for (const char* bad :
       {"", "{", "{}", "ocr", R"({"ocr"})", R"({"ocr":2})", R"({"ocr":"2"}x)", R"({"ocr":"2",})",
        R"({ "ocr":"2"})", R"({"ocr": "2"})", R"({"{x":"2"})", R"({"ocr":"-1"})", R"({"ocr":"0"})",
        R"({"a":"1","a":"1"})", R"({"a\n":"1"})", R"({"a\u0041":"1"})", R"({"a":"1)",
        R"({"a":"1e3"})", R"({"a":"0.0000001"})"}) {
    EXPECT_FALSE(ParseLabelSplit(bad).has_value()) << bad;
  }
  std::string many = "{";
  for (int i = 0; i < 33; ++i) many += (i == 0 ? "\"n" : ",\"n") + std::to_string(i) + "\":\"1\"";
  EXPECT_FALSE(ParseLabelSplit(many + "}").has_value());
}

TEST(LabelSplit, NamesEachValueOnce) {
  std::vector<std::pair<std::string, std::string>> seen;
  ForEachLabelValue(
      {{"capability", R"({"":"1","a":"0","b":"2"})"}, {"team", "t"}},
      [&](const std::string& key, const std::string& value) { seen.emplace_back(key, value); });
  EXPECT_THAT(seen,
              ElementsAre(Pair("capability", "a"), Pair("capability", "b"), Pair("team", "t")));
}

}  // namespace
}  // namespace purser
