// The files that map columns to models: every good one is read, every bad one refused with what the
// operator reads.
#include "config/model_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/text.h"
#include "tests/config/test_files.h"

namespace purser {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::map<std::string, std::filesystem::path> TestFiles(std::string_view ending) {
  return FilesIn("tests/config/model_columns", ending);
}

std::vector<ConfigFault> FaultsOf(std::string_view text) {
  std::vector<ConfigFault> faults;
  ParseModelColumns(text, &faults);
  return faults;
}

ModelColumns LoadGood(const std::string& name) {
  std::vector<ConfigFault> faults;
  ModelColumns columns = LoadModelColumns(SourcePath(name), &faults);
  EXPECT_EQ(FormatAll(name, faults), "");
  return columns;
}

TEST(ModelColumnFiles, EveryGoodFileIsAccepted) {
  const auto files = TestFiles(".good.toml");
  ASSERT_GE(files.size(), 2U);
  for (const auto& [name, path] : files) LoadGood(Concat("tests/config/model_columns/", name));
}

TEST(ModelColumnFiles, EveryBadFileIsRefusedWithItsMessages) {
  const auto files = TestFiles(".bad.toml");
  ASSERT_GE(files.size(), 8U);
  for (const auto& [name, path] : files) {
    std::vector<ConfigFault> faults;
    LoadModelColumns(path, &faults);
    std::filesystem::path expected = path;
    expected.replace_extension(".txt");
    EXPECT_EQ(FormatAll(name, faults), ReadAll(expected)) << expected;
  }
}

TEST(ModelColumnFiles, TheExampleIsGoodAndNamesEveryFieldAndOption) {
  const ModelColumns columns = LoadGood("config/model_columns.toml");
  EXPECT_EQ(columns.fields.at("footprint.active_model_memory").scale, Amount::FromUnits(2));
  EXPECT_EQ(columns.id_replacement, '.');
  const std::string example = ReadAll(SourcePath("config/model_columns.toml"));
  for (const std::string_view field : kModelFields) {
    EXPECT_THAT(example, HasSubstr(std::string(field)));
  }
  for (const std::string_view table : kModelAmounts) {
    EXPECT_THAT(example, HasSubstr(Concat("[", table, "]")));
  }
}

TEST(ParseModelColumns, ReadsEveryKey) {
  const ModelColumns columns = LoadGood("tests/config/model_columns/every_key.good.toml");
  EXPECT_THAT(columns.fields, SizeIs(14));
  EXPECT_EQ(columns.fields.at("id").column, "model, quoted");
  EXPECT_EQ(columns.fields.at("operator_family").column, "family");
  EXPECT_EQ(columns.fields.at("capabilities").column, "");
  EXPECT_EQ(columns.fields.at("capabilities").constant, "a;b");
  EXPECT_EQ(columns.fields.at("business_value_monthly").scale, Amount::FromUnits(1'000));
  EXPECT_EQ(columns.fields.at("cold_start_cost").scale, Amount::FromUnits(1));
  EXPECT_EQ(columns.fields.at("expected_incident_cost_monthly").constant, "0.5");
  EXPECT_EQ(columns.fields.at("monthly_costs.inference").scale, Amount::FromMicros(1));
  EXPECT_EQ(columns.fields.at("monthly_costs.inference").line, 18);
  EXPECT_EQ(columns.fields.at("quality.ocr, German").column, "ocr.de");
  EXPECT_EQ(columns.separator, ";");
  EXPECT_EQ(columns.id_replacement, '-');
  EXPECT_TRUE(columns.ignore_other_columns);
}

TEST(ParseModelColumns, HasDefaults) {
  const ModelColumns columns = LoadGood("tests/config/model_columns/least.good.toml");
  EXPECT_EQ(columns.separator, "|");
  EXPECT_FALSE(columns.id_replacement.has_value());
  EXPECT_FALSE(columns.ignore_other_columns);
}

TEST(ParseModelColumns, RefusesAFileThatIsNotThereOrTooLong) {
  std::vector<ConfigFault> faults;
  LoadModelColumns("/nowhere", &faults);
  EXPECT_THAT(faults, ElementsAre(Field(&ConfigFault::message, HasSubstr("cannot be read"))));
  EXPECT_THAT(FaultsOf(std::string((1 << 20) + 1, '\n')),
              ElementsAre(Field(&ConfigFault::message, "is longer than 1048576 bytes")));
}

// An answer, never an end.
TEST(ParseModelColumns, SurvivesEveryCutAndChangedByte) {
  for (const auto& [name, path] : TestFiles(".toml")) {
    const std::string text = ReadAll(path);
    for (size_t i = 0; i < text.size(); ++i) {
      FaultsOf(text.substr(0, i));
      for (const char byte : {'\0', '"', '[', '\n', '\x80'}) {
        std::string changed = text;
        changed[i] = byte;
        FaultsOf(changed);
      }
    }
  }
}

}  // namespace
}  // namespace purser
