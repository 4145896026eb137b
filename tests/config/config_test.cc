#include "config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/rules.h"
#include "tests/config/test_files.h"

namespace purser {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::map<std::string, std::filesystem::path> TestFiles(std::string_view ending) {
  return FilesIn("tests/config/testdata", ending);
}

Config ParseGood(std::string_view text) {
  std::vector<ConfigFault> faults;
  Config config = ParseConfig(text, &faults);
  EXPECT_EQ(FormatAll("", faults), "");
  return config;
}

std::vector<ConfigFault> FaultsOf(std::string_view text) {
  std::vector<ConfigFault> faults;
  ParseConfig(text, &faults);
  return faults;
}

void ExpectDefaults(const Config& config) {
  const Config defaults;
  EXPECT_EQ(config.listen, defaults.listen);
  EXPECT_EQ(config.admin_listen, defaults.admin_listen);
  EXPECT_EQ(config.data_dir, defaults.data_dir);
  EXPECT_EQ(config.hosts, defaults.hosts);
  EXPECT_EQ(config.threads, defaults.threads);
  EXPECT_EQ(config.keep_alive_timeout_ms, defaults.keep_alive_timeout_ms);
  EXPECT_EQ(config.request_timeout_ms, defaults.request_timeout_ms);
  EXPECT_EQ(config.queue_length_max, defaults.queue_length_max);
  EXPECT_EQ(config.watch_behind_max, defaults.watch_behind_max);
  EXPECT_EQ(config.insecure, defaults.insecure);
  EXPECT_EQ(config.public_metrics, defaults.public_metrics);
  EXPECT_EQ(config.idempotency_retention_s, defaults.idempotency_retention_s);
  EXPECT_EQ(config.resume_leases, defaults.resume_leases);
  EXPECT_EQ(config.minimum_run_ms, defaults.minimum_run_ms);
  EXPECT_EQ(config.reserve_purposes, defaults.reserve_purposes);
  EXPECT_EQ(config.required_labels, defaults.required_labels);
  EXPECT_EQ(config.time_zone, defaults.time_zone);
  EXPECT_THAT(config.tokens, IsEmpty());
}

TEST(ConfigFiles, EveryGoodFileIsAccepted) {
  const auto files = TestFiles(".good.toml");
  ASSERT_GE(files.size(), 5u);
  for (const auto& [name, path] : files) {
    std::vector<ConfigFault> faults;
    LoadConfig(path, &faults);
    EXPECT_EQ(FormatAll(name, faults), "");
  }
}

TEST(ConfigFiles, EveryBadFileIsRefusedWithItsMessages) {
  const auto files = TestFiles(".bad.toml");
  ASSERT_GE(files.size(), 20u);
  for (const auto& [name, path] : files) {
    std::vector<ConfigFault> faults;
    LoadConfig(path, &faults);
    std::filesystem::path expected = path;
    expected.replace_extension(".txt");
    EXPECT_EQ(FormatAll(name, faults), ReadAll(expected)) << expected;
  }
}

TEST(ConfigFiles, EveryListOfMessagesHasItsBadFile) {
  for (const auto& [name, path] : TestFiles(".txt")) {
    std::filesystem::path toml = path;
    toml.replace_extension(".toml");
    EXPECT_TRUE(std::filesystem::exists(toml)) << toml;
  }
}

TEST(ConfigFiles, NamesAllTenMistakesOfOneFile) {
  std::vector<ConfigFault> faults;
  LoadConfig(SourcePath("tests/config/testdata/ten_mistakes.bad.toml"), &faults);
  EXPECT_EQ(faults.size(), 10u) << FormatAll("", faults);
  for (const ConfigFault& fault : faults) {
    EXPECT_GT(fault.line, 0) << fault.path;
    EXPECT_GT(fault.column, 0) << fault.path;
  }
}

TEST(ConfigFiles, TheExampleIsTheDefaults) {
  std::vector<ConfigFault> faults;
  const std::string path = SourcePath("config/purser.toml");
  ExpectDefaults(LoadConfig(path, &faults));
  EXPECT_EQ(FormatAll(path, faults), "");
}

// The reader's own list of keys, as it tells it to somebody who mistypes one.
std::string KnownKeys(std::string_view table) {
  const std::string text = table == "tokens" ? "[[tokens]]\nx = 1" : std::string(table) + ".x = 1";
  for (const ConfigFault& fault : FaultsOf(text)) {
    const size_t start = fault.message.find("known here: ");
    if (start != std::string::npos) return fault.message.substr(start + 12) + ", ";
  }
  return "";
}

TEST(ConfigFiles, TheExampleNamesEveryKeyAndEveryScope) {
  const std::string example = ReadAll(SourcePath("config/purser.toml"));
  for (const char* table : {"server", "ledger", "tokens"}) {
    std::string keys = KnownKeys(table);
    EXPECT_FALSE(keys.empty()) << table;
    for (size_t comma; (comma = keys.find(", ")) != std::string::npos; keys.erase(0, comma + 2)) {
      EXPECT_THAT(example, HasSubstr(keys.substr(0, comma) + " = ")) << table;
    }
  }
  for (std::string_view scope : kScopes) EXPECT_THAT(example, HasSubstr(std::string(scope)));
}

TEST(ParseConfig, ReadsEveryKey) {
  const Config config = ParseGood(ReadAll(SourcePath("tests/config/testdata/every_key.good.toml")));
  EXPECT_EQ(config.listen, "0.0.0.0:65535");
  EXPECT_EQ(config.admin_listen, "localhost:0");
  EXPECT_EQ(config.data_dir, "/var/lib/purser");
  EXPECT_THAT(config.hosts, ElementsAre("purser.example.org", "10.0.0.1:8080"));
  EXPECT_EQ(config.threads, 10'240);
  EXPECT_EQ(config.keep_alive_timeout_ms, 100);
  EXPECT_EQ(config.request_timeout_ms, 3'600'000);
  EXPECT_EQ(config.queue_length_max, 1);
  EXPECT_EQ(config.watch_behind_max, 7);
  EXPECT_TRUE(config.insecure);
  EXPECT_FALSE(config.public_metrics);
  EXPECT_EQ(config.idempotency_retention_s, 86'400);
  EXPECT_FALSE(config.resume_leases);
  EXPECT_EQ(config.minimum_run_ms, 0);
  EXPECT_THAT(config.reserve_purposes, ElementsAre("SERVING"));
  EXPECT_THAT(config.required_labels, ElementsAre("team", "cost.center-1_x"));
  EXPECT_EQ(config.time_zone, "Europe/Berlin");
  EXPECT_THAT(
      config.tokens,
      ElementsAre(
          AllOf(Field(&TokenConfig::name, "sweep-1.a_b"),
                Field(&TokenConfig::sha256,
                      "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
                Field(&TokenConfig::scopes, ElementsAre("ledger:read", "reservations:write")),
                Field(&TokenConfig::populations, ElementsAre("p0", "p_1"))),
          AllOf(Field(&TokenConfig::name, "9"), Field(&TokenConfig::scopes, ElementsAre("admin")),
                Field(&TokenConfig::populations, ElementsAre("*")))));
}

TEST(ParseConfig, NothingMeansTheDefaults) {
  ExpectDefaults(ParseGood(""));
  ExpectDefaults(ParseGood("\n# only a remark\n[server]\n[ledger]\n"));
}

TEST(ParseConfig, KeepsTheText) {
  const std::string text = "server.threads = 3\n";
  EXPECT_EQ(ParseGood(text).source_text, text);
}

TEST(ParseConfig, ForgetsEarlierFaults) {
  std::vector<ConfigFault> faults = {{1, 2, "a", "b"}};
  ParseConfig("", &faults);
  EXPECT_THAT(faults, IsEmpty());
}

TEST(ParseConfig, TellsFaultsInOrderOfLine) {
  const auto faults = FaultsOf("tokens = 1\nserver.threads = 0\nledger.time_zone = 1\nabc = 1\n");
  EXPECT_THAT(faults, ElementsAre(Field(&ConfigFault::line, 1), Field(&ConfigFault::line, 2),
                                  Field(&ConfigFault::line, 3), Field(&ConfigFault::line, 4)));
}

TEST(ParseConfig, DoesNotRepeatASecretPutInPlaceOfItsHash) {
  const auto faults =
      FaultsOf("[[tokens]]\nname = 'a'\nscopes = ['admin']\nsha256 = 'correct horse'\n");
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_THAT(faults[0].message, ::testing::Not(HasSubstr("horse")));
}

TEST(ParseConfig, AcceptsEachScope) {
  for (std::string_view scope : kScopes) {
    ParseGood("[[tokens]]\nname = 'a'\nscopes = ['" + std::string(scope) + "']\nsha256 = '" +
              std::string(64, 'a') + "'\n");
  }
}

TEST(ParseConfig, RefusesAFileBeyondOneMebibyte) {
  const std::string longest((1 << 20), '\n');
  ParseGood(longest);
  EXPECT_THAT(FaultsOf(longest + "\n"),
              ElementsAre(Field(&ConfigFault::message, "is longer than 1048576 bytes")));
}

TEST(ParseConfig, RefusesMoreTokensThanTheLimit) {
  std::string text;
  for (int i = 0; i < 1'025; ++i) text += "[[tokens]]\n";
  EXPECT_THAT(FaultsOf(text), ElementsAre(Field(&ConfigFault::message, "must not exceed 1024")));
}

TEST(ParseConfig, SurvivesDeepNesting) {
  EXPECT_THAT(FaultsOf("a = " + std::string(100'000, '[')), ::testing::SizeIs(1));
}

// The parser has asserts that these texts trip, unless it is built without them.
TEST(ParseConfig, SurvivesBracketsWithoutAName) {
  for (const char* text : {"[\n", "[[\n", "[[[a]]]\n", "a = {[", "[ = 1\n"}) {
    EXPECT_THAT(FaultsOf(text), ::testing::SizeIs(1)) << text;
  }
}

// Each file of the test data, cut after each byte and with each byte changed: an answer, never an
// end.
TEST(ParseConfig, SurvivesEveryCutAndChangedByte) {
  for (const auto& [name, path] : TestFiles(".toml")) {
    const std::string text = ReadAll(path);
    for (size_t i = 0; i < text.size(); ++i) {
      FaultsOf(text.substr(0, i));
      for (char byte : {'\0', '"', '[', '\n', '\x80'}) {
        std::string changed = text;
        changed[i] = byte;
        FaultsOf(changed);
      }
    }
  }
}

TEST(LoadConfig, NamesAFileThatIsNotThere) {
  std::vector<ConfigFault> faults;
  ExpectDefaults(LoadConfig(SourcePath("tests/config/testdata/absent.toml"), &faults));
  EXPECT_EQ(FormatAll("absent.toml", faults),
            "absent.toml: cannot be read: No such file or directory\n");
}

TEST(LoadConfig, RefusesADirectory) {
  std::vector<ConfigFault> faults;
  LoadConfig(SourcePath("tests/config"), &faults);
  EXPECT_EQ(FormatAll("config", faults), "config: cannot be read: Is a directory\n");
}

TEST(FormatFault, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(FormatFault("f.toml", {3, 9, "tokens[0].scopes[1]", "is odd"}),
            "f.toml:3:9: tokens[0].scopes[1]: is odd");
  EXPECT_EQ(FormatFault("f.toml", {0, 0, "", "is odd"}), "f.toml: is odd");
}

TEST(ParseDurationMs, ReadsWholeMilliseconds) {
  EXPECT_EQ(ParseDurationMs("0s"), 0);
  EXPECT_EQ(ParseDurationMs("0.001s"), 1);
  EXPECT_EQ(ParseDurationMs("3600s"), 3'600'000);
  EXPECT_EQ(ParseDurationMs("9223372036854.775s"), 9'223'372'036'854'775);
  for (const char* text : {"", "s", "5", "-1s", "1 s", "1S", "0.0005s", "1e3s", "9223372036855s"}) {
    EXPECT_EQ(ParseDurationMs(text), std::nullopt) << text;
  }
}

TEST(Quote, KeepsMessagesOnOneShortLine) {
  EXPECT_EQ(Quote("a\nb\x7f"), "\"a?b?\"");
  EXPECT_EQ(Quote(std::string(60, 'a')), "\"" + std::string(60, 'a') + "\"");
  EXPECT_EQ(Quote(std::string(61, 'a')), "\"" + std::string(60, 'a') + "…\"");
  // "ü" is two bytes, the second of which would be the sixty-first.
  EXPECT_EQ(Quote(std::string(59, 'a') + "üü"), "\"" + std::string(59, 'a') + "…\"");
}

}  // namespace
}  // namespace purser
