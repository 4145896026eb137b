// The house rules, over every file of the checkout; and planted violations, which prove that a rule
// that finds nothing would find something.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/tidy/house_rules.h"

namespace purser::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kEndings[] = {".cc", ".h",   ".proto", ".py", ".sh",  ".ts",
                                         ".js", ".css", ".html",  ".md", ".toml"};

// What people wrote below the seven folders; nothing of a build.
const std::vector<SourceFile>& Checkout() {
  static const auto& files = *[] {
    auto* read = new std::vector<SourceFile>;
    const std::filesystem::path top = PURSER_SOURCE_DIR;
    for (const char* folder :
         {"ledger", "reservations", "lifecycle", "api", "config", "daemon", "tests"}) {
      if (!std::filesystem::exists(top / folder)) continue;
      for (const auto& entry : std::filesystem::recursive_directory_iterator(top / folder)) {
        const std::string path = entry.path().lexically_relative(top);
        if (!entry.is_regular_file() ||
            std::none_of(std::begin(kEndings), std::end(kEndings),
                         [&path](std::string_view ending) { return path.ends_with(ending); })) {
          continue;
        }
        std::ifstream stream(entry.path(), std::ios::binary);
        read->push_back({path, {std::istreambuf_iterator<char>(stream), {}}});
      }
    }
    std::sort(read->begin(), read->end(),
              [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
    return read;
  }();
  return files;
}

// Each violation on a line of its own, as compilers tell them.
void ExpectNone(const Violations& violations) {
  std::string lines;
  for (const std::string& violation : violations) lines += violation + "\n";
  EXPECT_TRUE(violations.empty()) << lines;
}

TEST(HouseRules, TheCheckoutIsRead) { EXPECT_GE(Checkout().size(), 30u); }

TEST(HouseRules, IncludesPointDown) { ExpectNone(CheckIncludeDirection(Checkout())); }

TEST(HouseRules, OneForeignLibraryOneFile) { ExpectNone(CheckForeignLibraries(Checkout())); }

TEST(HouseRules, PureFoldersArePure) { ExpectNone(CheckPureFolders(Checkout())); }

TEST(HouseRules, FilesLinesAndFunctionsAreShort) { ExpectNone(CheckSizes(Checkout())); }

TEST(HouseRules, NamesSaySomething) { ExpectNone(CheckNames(Checkout())); }

TEST(HouseRules, HeadersAreGuarded) { ExpectNone(CheckHeaderGuards(Checkout())); }

TEST(HouseRules, EachFolderIntroducesItself) { ExpectNone(CheckReadmes(Checkout())); }

// Planted violations, a rule at a time.

TEST(IncludeDirection, RefusesArrowsThatPointUp) {
  EXPECT_THAT(CheckIncludeDirection({
                  {"ledger/a.cc", "\n#include \"reservations/hold.h\"\n"},
                  {"ledger/b.h", "#include \"lifecycle/transaction.pb.h\"\n"},
                  {"lifecycle/c.cc", "#include \"api/v1/types.pb.h\"\n"},
                  {"api/cli/d.cc", "#include \"daemon/mutex.h\"\n"},
                  {"config/e.cc", "#include \"reservations/hold.h\"\n"},
                  {"api/f.cc", "#include \"config/config.h\"\n"},
                  {"daemon/g.cc", "#include \"tests/model/model.h\"\n"},
                  {"ledger/h.proto", "import \"api/v1/types.proto\";\n"},
              }),
              ElementsAre("ledger/a.cc:2: ledger must not include reservations/hold.h",
                          "ledger/b.h:1: ledger must not include lifecycle/transaction.pb.h",
                          "lifecycle/c.cc:1: lifecycle must not include api/v1/types.pb.h",
                          "api/cli/d.cc:1: api/cli must not include daemon/mutex.h",
                          "config/e.cc:1: config must not include reservations/hold.h",
                          "api/f.cc:1: api must not include config/config.h",
                          "daemon/g.cc:1: daemon must not include tests/model/model.h",
                          "ledger/h.proto:1: ledger must not include api/v1/types.proto"));
}

TEST(IncludeDirection, AcceptsArrowsThatPointDown) {
  EXPECT_THAT(CheckIncludeDirection({
                  {"daemon/a.cc", "#include \"config/config.h\"\n#include \"api/v1/a.pb.h\"\n"},
                  {"config/b.cc", "#include \"ledger/amount.h\"\n#include \"toml++/toml.h\"\n"},
                  {"ledger/c.cc", "#include <string>\n// #include \"daemon/x.h\"\n"},
                  {"ledger/d.cc", "const char kText[] = R\"(\n#include \"daemon/x.h\"\n)\";\n"},
                  {"tests/e/e.cc", "#include \"daemon/mutex.h\"\n"},
                  {"api/cli/f.cc", "#include \"config/config.h\"\n#include \"api/json.h\"\n"},
              }),
              IsEmpty());
}

TEST(ForeignLibraries, RefusesASecondFile) {
  EXPECT_THAT(CheckForeignLibraries({{"daemon/a.cc", "#include \"rocksdb/db.h\"\n"},
                                     {"daemon/b.cc", "\n#include <rocksdb/options.h>\n"}}),
              ElementsAre("daemon/b.cc:1: RocksDB is named in daemon/a.cc already"));
}

TEST(ForeignLibraries, RefusesHeadersAndOtherFolders) {
  EXPECT_THAT(CheckForeignLibraries({{"daemon/a.h", "#include \"rocksdb/db.h\"\n"},
                                     {"ledger/b.cc", "#include \"simdjson.h\"\n"},
                                     {"api/c.cc", "#include <openssl/sha.h>\n"},
                                     {"api/d.cc", "#include \"CLI/CLI.hpp\"\n"},
                                     {"api/e.cc", "#include <curl/curl.h>\n"},
                                     {"daemon/f.cc", "#include <civetweb.h>\n"},
                                     {"daemon/g.cc", "#include \"toml++/toml.h\"\n"},
                                     {"config/h.cc", "#include \"toml++/toml.h\"\n"},
                                     {"api/cli/i.h", "#include <csv.h>\n"}}),
              ElementsAre(HasSubstr("daemon/a.h:1: RocksDB"), HasSubstr("daemon/f.cc:1: CivetWeb"),
                          HasSubstr("ledger/b.cc:1: simdjson"), HasSubstr("daemon/g.cc:1: toml++"),
                          HasSubstr("config/h.cc:1: toml++"), HasSubstr("api/c.cc:1: OpenSSL"),
                          HasSubstr("api/d.cc:1: CLI11"), HasSubstr("api/e.cc:1: libcurl"),
                          HasSubstr("api/cli/i.h:1: libcsv")));
}

TEST(ForeignLibraries, RefusesNamesWithoutAnInclude) {
  EXPECT_THAT(CheckForeignLibraries({{"daemon/a.h",
                                      "\nnamespace rocksdb { class DB; }\n"
                                      "rocksdb::DB* db;\n"},
                                     {"api/b.h", "struct mg_connection;\n"},
                                     {"lifecycle/c.cc", "auto t = absl::Now();\n"},
                                     {"api/d.cc", "std::chrono::system_clock::now();\n"}}),
              ElementsAre("daemon/a.h:3: RocksDB has no place in this file",
                          "api/b.h:1: CivetWeb has no place in this file",
                          "lifecycle/c.cc:1: the clock has no place in this file",
                          "api/d.cc:1: the clock has no place in this file"));
}

TEST(ForeignLibraries, AcceptsOneFileAPlaceAndRemarks) {
  EXPECT_THAT(CheckForeignLibraries({{"daemon/main.cc", "#include \"CLI/CLI.hpp\"\nCLI::App a;\n"},
                                     {"api/cli/arguments.cc", "#include \"CLI/CLI.hpp\"\n"},
                                     {"api/cli/http.cc", "#include <curl/curl.h>\n"},
                                     {"daemon/a.h", "// Like rocksdb::Status.\nint img_mg;\n"},
                                     {"tests/a/a.cc", "#include \"rocksdb/db.h\"\n"}}),
              IsEmpty());
}

TEST(PureFolders, RefusesEffectsAndFloatingPoint) {
  EXPECT_THAT(
      CheckPureFolders({{"ledger/a.cc", "#include <chrono>\n"},
                        {"reservations/b.h", "#include \"absl/synchronization/mutex.h\"\n"},
                        {"lifecycle/c.cc", "#include <sys/stat.h>\n"},
                        {"ledger/d.cc", "\n  double rate = 1.5;\n"},
                        {"ledger/e.h", "float x;\n"},
                        {"lifecycle/f.cc", "std::getenv(\"HOME\");\n"},
                        {"config/rules.cc", "#include <fstream>\n"}}),
      ElementsAre("ledger/a.cc:1: is pure, not for chrono",
                  "reservations/b.h:1: is pure, not for absl/synchronization/",
                  "lifecycle/c.cc:1: is pure, not for sys/",
                  "ledger/d.cc:2: is pure, not for double", "ledger/e.h:1: is pure, not for float",
                  "lifecycle/f.cc:1: is pure, not for getenv",
                  "config/rules.cc:1: is pure, not for fstream"));
}

TEST(PureFolders, AcceptsFactsAndRemarks) {
  EXPECT_THAT(CheckPureFolders({{"ledger/a.cc", "#include <string>\n// a double entry\n"},
                                {"ledger/b.cc", "const char* a = \"double\"; int doubled;\n"},
                                {"ledger/c.cc", "/* float\n double */ int x = 1'000; // float\n"},
                                {"config/config.cc", "#include <fstream>\n"},
                                {"daemon/d.cc", "#include <thread>\ndouble x;\n"}}),
              IsEmpty());
}

std::string Function(size_t lines) {
  std::string text = "int Count(int first,\n          int second) {\n";
  for (size_t i = 3; i < lines; ++i) text += "  first += second;\n";
  return text + "}\n";
}

TEST(Sizes, RefusesWhatIsTooLong) {
  std::string lines;
  for (int i = 0; i < 501; ++i) lines += "// x\n";
  EXPECT_THAT(CheckSizes({{"ledger/a.cc", lines}, {"api/b.h", "//" + std::string(99, 'x') + "\n"}}),
              ElementsAre("ledger/a.cc: has 501 lines, more than 500",
                          "api/b.h:1: has 101 columns, more than 100"));
  EXPECT_THAT(
      CheckSizes({{"ledger/c.cc", "namespace a {\n\n" + Function(71) + "}  // namespace a\n"}}),
      ElementsAre("ledger/c.cc:3: a function of 71 lines, more than 70"));
  EXPECT_THAT(CheckSizes({{"ledger/d.cc", Function(70) + "\n" + Function(72)}}),
              ElementsAre("ledger/d.cc:72: a function of 72 lines, more than 70"));
}

TEST(Sizes, AcceptsWhatIsJustShortEnough) {
  std::string lines;
  for (int i = 0; i < 500; ++i) lines += "// x\n";
  std::string umlauts = "// ";
  for (int i = 0; i < 97; ++i) umlauts += "ü";
  std::string members = "class A {\n";
  for (int i = 0; i < 80; ++i) members += "  int a;\n";
  EXPECT_THAT(CheckSizes({{"ledger/a.cc", lines},
                          {"ledger/b.cc", umlauts + "\n"},
                          {"ledger/c.cc", Function(70) + Function(70)},
                          {"ledger/d.h", members + "};\n"},
                          {"ledger/e.md", std::string(200, 'x')}}),
              IsEmpty());
}

TEST(Names, RefusesEmptyNamesMarksAndWholeNamespaces) {
  EXPECT_THAT(
      CheckNames({{"ledger/amount_util.cc", ""},
                  {"api/common.h", ""},
                  {"tests/a/test-helper.py", ""},
                  {"ledger/a.cc", std::string("// TO") + "DO: later\n"},
                  {"ledger/b.md", std::string("\nFIX") + "ME\n"},
                  {"ledger/c.cc", "using namespace std;\n"}}),
      ElementsAre(HasSubstr("ledger/amount_util.cc: is named"), HasSubstr("api/common.h: is named"),
                  HasSubstr("test-helper.py: is named"), HasSubstr("ledger/a.cc:1: has"),
                  HasSubstr("ledger/b.md:2: has"), HasSubstr("ledger/c.cc:1: takes")));
}

TEST(Names, AcceptsWordsThatOnlyContainThem) {
  EXPECT_THAT(CheckNames({{"ledger/database.cc", "mkdtemp(\"purser.XXXXXX\");\n"},
                          {"tests/config/testdata/a.toml", ""},
                          {"ledger/b.cc", "// using namespace std\nusing std::string;\n"}}),
              IsEmpty());
}

TEST(HeaderGuards, RefusesOtherGuards) {
  const std::string good =
      "#ifndef PURSER_API_V1_A_B_H_\n#define PURSER_API_V1_A_B_H_\n\n#endif  // "
      "PURSER_API_V1_A_B_H_\n";
  EXPECT_THAT(CheckHeaderGuards({{"api/v1/a_b.h", good}}), IsEmpty());
  EXPECT_THAT(CheckHeaderGuards({{"api/v1/a_c.h", good}, {"ledger/d.h", "#pragma once\n"}}),
              ElementsAre("api/v1/a_c.h: is not guarded by PURSER_API_V1_A_C_H_",
                          "ledger/d.h: is not guarded by PURSER_LEDGER_D_H_"));
}

TEST(Readmes, RefusesMissingAndLongOnes) {
  std::vector<SourceFile> files;
  for (const char* folder : {"ledger", "reservations", "lifecycle", "config", "daemon", "tests"}) {
    files.push_back({std::string(folder) + "/README.md", "# x\n"});
  }
  files[0].text = std::string(21, '\n');
  files[1].text = std::string(18, '\n') + "x\n## A chapter\n" + std::string(100, '\n');
  EXPECT_THAT(CheckReadmes(files),
              ElementsAre("ledger/README.md: introduces itself in 21 lines, more than 20",
                          "api/README.md: is missing"));
}

TEST(Blanking, LeavesCodeAndLinesWhereTheyAre) {
  EXPECT_EQ(BlankCommentsAndLiterals("a; // b\nc /* d\ne */ f"), "a;     \nc     \n     f");
  EXPECT_EQ(BlankCommentsAndLiterals("f(\"a\\\"b\", 'c', '\\'', 1'000) g"),
            "f(\"    \", ' ', '  ', 1'000) g");
  EXPECT_EQ(BlankCommentsAndLiterals("x = R\"y(a\n\")b)y\"; z"), "x = R\"   \n      ; z");
  EXPECT_EQ(BlankCommentsAndLiterals("// \"\na"), "    \na");
}

}  // namespace
}  // namespace purser::tidy
