// Files of models as `purser models import --dry-run` judges them, without any daemon: what is
// wrong with each is told with line and column, all at once.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/purser_run.h"
#include "tests/fixtures/temp_directory.h"

namespace purser {
namespace {

using testing::HasSubstr;

class ModelFile : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    std::string path = Concat(directory_.path(), "/", name);
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  PurserRun Check(const std::string& text, const std::string& options = "",
                  const std::string& name = "m.csv") {
    return RunPurser(Concat("models import --dry-run ", Write(name, text), " ", options), "");
  }
  PurserRun CheckMapped(const std::string& text, const std::string& columns) {
    return Check(text, Concat("--columns ", Write("columns.toml", columns)));
  }

  TempDirectory directory_;
};

const std::string kHeader = "id,operator_family\n";

struct Row {
  std::string name;
  std::string text;
  std::vector<std::string> said;
};

TEST_F(ModelFile, IsRefusedWithLineAndColumn) {
  const std::vector<Row> rows = {
      {"empty", "", {"the file is empty"}},
      {"only a mark", "\xEF\xBB\xBF", {"the file is empty"}},
      {"empty lines", "\n\r\n", {"the file has no models"}},
      {"header only", kHeader, {"the file has no models"}},
      {"missing column", "operator_family\nf\n", {"line 1, id: is missing"}},
      {"missing columns", "state\nf\n", {"2 mist", "id: is missing", "operator_family: is missi"}},
      {"duplicate header",
       "id,operator_family,state,id\na,f,,b\n",
       {"line 1, id: stands there twice"}},
      {"column without a name", "id,operator_family,\na,f,\n", {"a column without a name"}},
      {"unknown columns",
       "id,operator_family,familiy,generation\na,f,g,1\n",
       {"2 mist", "line 1, familiy: is unknown; known are id, operator_family, capabilities",
        "footprint.NAME, monthly_costs.CATEGORY and quality.CAPABILITY",
        "line 1, generation: is unknown\n"}},
      {"unknown category",
       "id,operator_family,monthly_costs.meals\na,f,1\n",
       {"line 1, monthly_costs.meals: \"meals\" is none of training, evaluation, inference"}},
      {"bad resource", "id,operator_family,footprint.GPU\na,f,1\n", {"footprint.GPU: must match"}},
      {"duplicate id",
       Concat(kHeader, "a,f\nb,f\na,f\n"),
       {"line 4, id: \"a\" is the id of line 2 already"}},
      {"too few cells",
       Concat(kHeader, "a\nb,f\n"),
       {"1 mist", "line 2: has 1 cells, the header has 2"}},
      {"too many cells", Concat(kHeader, "a,f,\n"), {"line 2: has 3 cells, the header has 2"}},
      {"unterminated quote",
       Concat(kHeader, "a,f\n\"b,f\nc,f\n"),
       {"line 3: a quote is opened in this row and never closed"}},
      {"quote that opens again later",
       Concat(kHeader, "\"a,f\nb,\"f\"\n"),
       {"line 3: a quote stands where none may", "; the row begins on line 2"}},
      {"quote within a cell", Concat(kHeader, "a\"b,f\n"), {"line 2: a quote stands where none"}},
      {"text behind a quote", Concat(kHeader, "\"a\" ,f\n"), {"line 2: a quote stands where none"}},
      {"not UTF-8",
       Concat(kHeader, "a,f\nb,\xff\nc,f\nd,\xc3\n"),
       {"2 mist", "line 3: has bytes that are not UTF-8", "line 5: has bytes that are not UTF-8"}},
      {"a NUL", Concat(kHeader, std::string("a,f\0\n", 5)), {"line 2: has a NUL"}},
      {"id not in the grammar",
       Concat(kHeader, "a/b,f\n"),
       {"line 2, id: must match [A-Za-z0-9][A-Za-z0-9._-]{0,127}"}},
      {"empty id", Concat(kHeader, ",f\n"), {"line 2, id: is required"}},
      {"empty family", Concat(kHeader, "a,\n"), {"line 2, operator_family: is required"}},
      {"state",
       "id,operator_family,state\na,f,live\n",
       {"line 2, state: \"live\" is none of CAND"}},
      {"constraints",
       "id,operator_family,constraints\na,f,audit\nb,f,\"[],\"\"id\"\":\"\"x\"\"\"\n"
       "c,f,\"[{\"\"kind\"\":\"\"FUN\"\",\"\"name\"\":\"\"n\"\",\"\"forbids\"\":[]}]\"\n",
       {"4 mist", "line 2, constraints: is no list of constraints",
        "line 3, constraints: is no list of constraints",
        "line 4, constraints[0].kind: SAFETY, LEGAL, DATA or PROTECTED",
        "line 4, constraints[0].forbids: is required"}},
      {"target of itself",
       "id,operator_family,rollback_target\na,f,a\n",
       {"line 2, rollback_target: a model is not brought back for itself"}}};
  for (const Row& row : rows) {
    const PurserRun run = Check(row.text);
    EXPECT_EQ(run.exit_code, 2) << row.name;
    EXPECT_EQ(run.out, "") << row.name;
    for (const std::string& said : row.said) {
      EXPECT_THAT(run.err, HasSubstr(said)) << row.name;
    }
  }
}

TEST_F(ModelFile, TakesNumbersExactly) {
  const std::string header = "id,operator_family,quality.ocr\na,f,";
  for (const std::string good : {"1", "-0", "0.123456", "007", "1000000000"}) {
    EXPECT_EQ(Check(Concat(header, good, "\n")).exit_code, 0) << good;
  }
  for (const std::string bad :
       {"0.1234567", "1e3", "\"1,000\"", "1 000", "1.", ".5", "+1", " 1", "'1", "NaN", "0x1", "-1",
        "1000000000.000001", "99999999999999999999", "½"}) {
    const PurserRun run = Check(Concat(header, bad, "\n"));
    EXPECT_EQ(run.exit_code, 2) << bad;
    EXPECT_THAT(run.err, HasSubstr("line 2, quality.ocr: ")) << bad;
  }
}

TEST_F(ModelFile, TellsTwentyMistakesAndCountsTheRest) {
  std::string text = kHeader;
  for (int i = 0; i < 23; ++i) text += "/,f\n";
  const PurserRun run = Check(text);
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("m.csv: 45 mistakes, nothing was sent"));
  EXPECT_THAT(run.err, HasSubstr("and 25 more\n"));
  EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 22);
}

TEST_F(ModelFile, MayBeWrittenInManyWays) {
  for (const std::string& text :
       {Concat("\xEF\xBB\xBF", kHeader, "a,f\n"), std::string("id,operator_family\r\na,f\r\n"),
        std::string("id,operator_family\ra,f\r"), Concat(kHeader, "a,f"),
        Concat("\n\n", kHeader, "\r\n\na,f\n\n"), std::string("operator_family,id\nf,a\n"),
        std::string("\"id\",\"operator_family\"\n\"a\",\"f, of \"\"vision\"\"\"\n")}) {
    const PurserRun run = Check(text);
    EXPECT_EQ(run.exit_code, 0) << text << run.err;
    EXPECT_EQ(run.out, "dry run: the file is good, nothing was sent. It has 1 model.\n");
  }
}

TEST_F(ModelFile, KnowsTheLineOfARowBehindCellsOfSeveralLines) {
  const std::string rule = R"("[{""kind"":""LEGAL"",)"
                           "\n"
                           R"(""name"":""a"",)"
                           "\r\n"
                           R"(""forbids"":[""PURGE""]}]")";
  const PurserRun run =
      Check(Concat("id,operator_family,constraints\r\na,f,", rule, "\r\n\r\nb/c,f,", rule, "\r\n"));
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("1 mistake,"));
  EXPECT_THAT(run.err, HasSubstr("line 6, id: must match"));
}

TEST_F(ModelFile, HasALineageWithoutCircles) {
  const std::string header = "id,operator_family,parents\n";
  EXPECT_EQ(Check(Concat(header, "a,f,b|elsewhere\nb,f,c\nc,f,\n")).exit_code, 0);
  EXPECT_THAT(Check(Concat(header, "a,f,a\n")).err,
              HasSubstr("line 2, parents: the lineage goes in a circle, each from the next: "
                        "a (line 2) → a (line 2)"));
  EXPECT_THAT(Check(Concat(header, "x,f,a\na,f,b\nb,f,y|c\nc,f,a\ny,f,\n")).err,
              HasSubstr("a (line 3) → b (line 4) → c (line 5) → a (line 3)"));
  // However long.
  std::string chain = header;
  for (int i = 0; i < 20'000; ++i) chain += Concat("m", i, ",f,m", i + 1, "\n");
  EXPECT_EQ(Check(Concat(chain, "m20000,f,\n")).exit_code, 0);
  EXPECT_THAT(Check(Concat(chain, "m20000,f,m0\n")).err, HasSubstr("→ … (20001 models)"));
}

TEST_F(ModelFile, HasAtMostAHundredThousandModels) {
  std::string text = kHeader;
  for (int i = 1; i <= 100'000; ++i) text += Concat("m", i, ",f\n");
  EXPECT_THAT(Check(text).out, HasSubstr("It has 100000 models."));
  EXPECT_THAT(Check(Concat(text, "m,f\n")).err, HasSubstr("line 100002: more than 100000 models"));
}

TEST_F(ModelFile, HasRowsOfAMebibyteAtMost) {
  const std::string million(1'000'000, 'x');
  EXPECT_THAT(Check(Concat(kHeader, million, ",f\n")).err, HasSubstr("line 2, id: must match"));
  EXPECT_THAT(Check(Concat(kHeader, million, million, ",f\n")).err,
              HasSubstr("line 2: a row of more than 1048576 bytes"));
  EXPECT_THAT(Check(Concat(kHeader, "a,f\n\"", million, "\n", million, "\",f\n")).err,
              HasSubstr("line 3: a row of more than 1048576 bytes"));
}

TEST_F(ModelFile, IsKnownByItsNameOrHowItBegins) {
  const std::string json = R"({"models":[{"id":"a","operator_family":"f"}]})";
  EXPECT_EQ(Check(json, "", "m.json").exit_code, 0);
  EXPECT_EQ(Check(Concat("\n ", json), "", "m").exit_code, 0);
  EXPECT_EQ(Check(json, "--format json").exit_code, 0);
  EXPECT_EQ(Check(json).exit_code, 2);
  EXPECT_EQ(Check(Concat(kHeader, "a,f\n"), "", "m").exit_code, 0);
  EXPECT_EQ(Check(Concat(kHeader, "a,f\n"), "--format csv", "m.json").exit_code, 0);
  const PurserRun input = RunPurser(Concat("models import - --dry-run < ", Write("m", json)), "");
  EXPECT_EQ(input.exit_code, 0) << input.err;
}

TEST_F(ModelFile, InJsonIsRefusedWithLineAndPath) {
  const std::string model = R"({"id":"a","operator_family":"f"})";
  const std::vector<Row> rows = {
      {"empty object",
       "{}",
       {"line 1: is no JSON object {\"models\": [{…}, …]}: there is no list"}},
      {"no models", R"({"models":[]})", {"the file has no models"}},
      {"no object", "[1]", {"line 1: is no JSON object"}},
      {"a page",
       Concat("{\"models\":[\n", model, "],\n\"next_page_token\":\"abc\"}"),
       {"line 3: is no JSON object {\"models\": [{…}, …]}: it is one page of several"}},
      {"no list", "{\"models\":\n1}", {"line 2: is no JSON object"}},
      {"no model", R"({"models":[1]})", {"a model is no object"}},
      {"two documents", Concat("{\"models\":[", model, "]}\n{}"), {"line 2: is no", "behind the"}},
      {"cut", Concat("{\"models\":[\n", model, ","), {"line 2: is no JSON object"}},
      {"cut in a text", Concat("{\"models\":[\n{\"id\":\"a"), {"line 2: is no JSON object"}},
      {"twice", R"({"models":[],"models":[]})", {"stands there twice"}},
      {"broken inside", "{\"models\":[\n{\"id\":}]}", {"line 2: "}},
      {"wrong bracket", "{\"models\":[{\"id\":[1}]}]}", {"line 1"}},
      {"unknown field",
       "{\"models\":[\n{\"id\":\"a\",\"operator_family\":\"f\",\"familiy\":1}]}",
       {"line 2, familiy: "}},
      {"several mistakes",
       "{\"models\":[\n{\"id\":\"a/"
       "\",\n\"operator_family\":\"f\",\"quality\":{\"ocr\":\"1e-9\"}},\n"
       "{\"operator_family\":\"f\",\"footprint\":{\"memory\":\"-1\"}},\n{\"id\":\"a\",\n"
       "\"operator_family\":\"f\",\"monthly_costs\":{\"meals\":1}}]}",
       {"4 mist", "line 2, quality.ocr: ", "line 4, footprint.memory: must not be below 0",
        "line 4, id: is required", "line 5, monthly_costs.meals: "}},
      {"duplicate id",
       Concat("{\"models\":[", model, ",\n", model, "]}"),
       {"line 2, id: \"a\" is the id of line 1 already"}},
      {"not UTF-8", "{\"models\":[\n\"\xff\"]}", {"line 2: has bytes that are not UTF-8"}}};
  for (const Row& row : rows) {
    const PurserRun run = Check(row.text, "", "m.json");
    EXPECT_EQ(run.exit_code, 2) << row.name;
    for (const std::string& said : row.said) {
      EXPECT_THAT(run.err, HasSubstr(said)) << row.name;
    }
  }
}

TEST_F(ModelFile, InJsonSurvivesEveryCut) {
  const std::string json = R"({"n":"\"","models":[{"id":"a","operator_family":"f"}],"m":[1,{}]})";
  EXPECT_EQ(Check(json, "", "m.json").exit_code, 0);
  for (size_t i = 0; i < json.size(); ++i) {
    EXPECT_EQ(Check(json.substr(0, i), "", "m.json").exit_code, 2) << json.substr(0, i);
  }
}

constexpr char kColumns[] = R"(
[columns]
id = "model"
operator_family = { constant = "open" }
parents = "from"
[footprint]
archive_storage = { column = "params_b", scale = "2.5" }
[options]
separator = ";"
id_replacement = "."
)";

TEST_F(ModelFile, IsReadByTheColumnsThatAreNamed) {
  const std::string header = "model,from,params_b\n";
  EXPECT_EQ(CheckMapped(Concat(header, "a/b,c d;x é,0.000001\nc d,,\n"), kColumns).exit_code, 0);
  const std::vector<Row> rows = {
      {"same ids",
       Concat(header, "a/b,,1\na b,,1\n"),
       {"line 3, model (id): \"a.b\" is the id of line 2 already"}},
      {"bad id all the same", Concat(header, "/a,,1\n"), {"line 2, model (id): must match"}},
      {"circle behind replacements", Concat(header, "a/b,c d,1\nc d,a.b,1\n"), {"in a circle"}},
      {"number",
       Concat(header, "a,,-1\n"),
       {"line 2, params_b (footprint.archive_storage): must not be below 0"}},
      {"no number",
       Concat(header, "a,,1e1\n"),
       {"line 2, params_b (footprint.archive_storage): not a decimal number: \"1e1\""}},
      {"too large",
       Concat(header, "a,,9000000000000\n"),
       {"line 2, params_b (footprint.archive_storage): is too large"}},
      {"missing", "model,params_b\na,1\n", {"line 1, from: is missing"}},
      {"others",
       "model,from,params_b,url\na,,1,u\n",
       {"line 1, url: is not among the columns", "ignore_other_columns"}}};
  for (const Row& row : rows) {
    const PurserRun run = CheckMapped(row.text, kColumns);
    EXPECT_EQ(run.exit_code, 2) << row.name;
    for (const std::string& said : row.said) {
      EXPECT_THAT(run.err, HasSubstr(said)) << row.name;
    }
  }
  EXPECT_EQ(CheckMapped("model,url,from,params_b\na,u,,1\n",
                        Concat(kColumns, "ignore_other_columns = true\n"))
                .exit_code,
            0);
}

TEST_F(ModelFile, MayHaveColumnsThatAreWrong) {
  const PurserRun run = CheckMapped("model\na\n",
                                    "[columns]\nid = 3\noperator_family = \"model\"\n"
                                    "[monthly_costs]\nmeals = \"model\"\n");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("columns.toml:2:6: columns.id: must be a column's name"));
  EXPECT_THAT(run.err, HasSubstr("columns.toml:5:9: monthly_costs.meals: \"meals\" is none of tr"));
  EXPECT_THAT(Check(kHeader, "--columns /nowhere").err, HasSubstr("/nowhere: cannot be read"));
}

TEST_F(ModelFile, IsNamedAsItMustBe) {
  EXPECT_THAT(RunPurser("models import").err, HasSubstr("FILE is required"));
  EXPECT_THAT(RunPurser("models import /nowhere").err, HasSubstr("/nowhere cannot be read: No su"));
  EXPECT_THAT(RunPurser(Concat("models import ", directory_.path())).err,
              HasSubstr("cannot be read: Is a directory"));
  EXPECT_THAT(Check(kHeader, "--format xml").err, HasSubstr("'xml' is none of csv, json"));
  EXPECT_THAT(Check(kHeader, "--format json --columns x").err, HasSubstr("with CSV only"));
  EXPECT_THAT(RunPurser("models export --format json --columns x").err, HasSubstr("with CSV only"));
  EXPECT_EQ(RunPurser("models export extra").exit_code, 2);
}

// A leaderboard that nobody of this project wrote.
TEST_F(ModelFile, MayBeALeaderboard) {
  const char* const folder = std::getenv("PURSER_DATA_DIR");  // NOLINT(concurrency-mt-unsafe)
  const std::string path =
      Concat(folder == nullptr ? PURSER_SOURCE_DIR "/../shared/data" : folder, "/model_scores.csv");
  if (!std::ifstream(path).good()) {
    GTEST_SKIP() << "no " << path << " (PURSER_DATA_DIR names its folder)";
  }
  const std::string columns = Write("columns.toml", R"(
[columns]
id = "model"
operator_family = { constant = "open" }
[monthly_costs]
inference = { column = "params_b", scale = "0.9" }
[quality]
bbh = "bbh"
[options]
id_replacement = "."
ignore_other_columns = true
)");
  const std::string options = Concat(" --dry-run --columns ", columns);
  // 79 names stand there again, and a size of -1 is none.
  const PurserRun all = RunPurser(Concat("models import ", path, options));
  EXPECT_EQ(all.exit_code, 2);
  EXPECT_THAT(all.err, HasSubstr("model_scores.csv: 82 mistakes"));
  EXPECT_THAT(all.err, HasSubstr("is the id of line 104 already"));
  EXPECT_THAT(all.err, HasSubstr("params_b (monthly_costs.inference): must not be below 0"));
  const std::string sound =
      Write("sound.sh", Concat("awk -F, 'NR == 1 || ($3 > 0 && !seen[$2]++)' ", path));
  const PurserRun run =
      RunPurser(Concat("models import -", options, " <<EOF\n$(sh ", sound, ")\nEOF\n"));
  EXPECT_THAT(run.out, HasSubstr("It has 4487 models.")) << run.err;
}

}  // namespace
}  // namespace purser
