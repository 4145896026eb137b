// `purser models import` and `export`: what they send, in which order, and what they say of the
// answers.
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/purser_run.h"
#include "tests/fixtures/temp_directory.h"

namespace purser {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kModels[] = "/v1/populations/default/models";
constexpr char kReplayed[] = "Idempotency-Replayed: true\r\n";

std::string ModelJson(const std::string& id, const std::string& state = "CANDIDATE") {
  return Concat(R"({"id":")", id, R"(","operator_family":"f","state":")", state,
                R"(","generation":"4"})");
}

std::string ProblemJson(int status, const std::string& code, const std::string& more = "") {
  return Concat(R"({"title":"No","status":)", status, R"(,"code":")", code, R"(","detail":"told")",
                more, "}");
}

class ModelsImport : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    std::string path = Concat(directory_.path(), "/", name);
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  PurserRun Run(const std::string& arguments) {
    return RunPurser(Concat("--url ", daemon_.url(), " ", arguments), "");
  }
  PurserRun Import(const std::string& text, const std::string& options = "") {
    return Run(Concat("models import ", Write("m", text), " ", options));
  }
  std::string Post() { return Concat("POST ", kModels); }
  std::string Post(const std::string& id, const std::string& verb) {
    return Concat("POST ", kModels, "/", id, ":", verb);
  }
  // What outputs there are at their defaults says nothing.
  static std::string Said(std::string body) {
    const std::string outputs = R"(,"state":"","generation":"0")";
    const size_t at = body.find(outputs);
    return at == body.npos ? body : body.erase(at, outputs.size());
  }
  std::vector<std::string> Asked() {
    std::vector<std::string> asked;
    for (const ReceivedRequest& request : daemon_.received()) {
      const std::string target = request.target.substr(sizeof(kModels) - 1);
      asked.push_back(Concat(request.method, " ", target.empty() ? Said(request.body) : target));
    }
    return asked;
  }

  FakeDaemon daemon_;
  TempDirectory directory_;
};

TEST_F(ModelsImport, RegistersParentsBeforeTheirChildren) {
  daemon_.Answer(Post(), 201, ModelJson("a"));
  const PurserRun run = Import("id,operator_family,parents\nc,f,b|a\nb,f,a\na,f,old\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "registered 3, the same as before 0, refused 0, activated 0\n");
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(Asked(), ElementsAre(R"(POST {"id":"a","operator_family":"f","parents":["old"]})",
                                   R"(POST {"id":"b","operator_family":"f","parents":["a"]})",
                                   R"(POST {"id":"c","operator_family":"f","parents":["b","a"]})"));
}

TEST_F(ModelsImport, SendsEveryField) {
  daemon_.Answer(Post(), 201, ModelJson("a"));
  const PurserRun run = Import(
      "id,operator_family,capabilities,parents,artifact_uri,footprint.memory,"
      "monthly_costs.inference,quality.\"ocr\"\n");
  EXPECT_EQ(run.exit_code, 2);  // a quote within a cell
  const PurserRun good = Import(
      "id,operator_family,capabilities,artifact_uri,footprint.memory,monthly_costs.on_call,"
      "\"quality.ocr, German\",business_value_monthly,expected_incident_cost_monthly,"
      "cold_start_cost,constraints,state\n"
      "a,'=f,ocr|'x,s3://a,0012.50,0,0.5,-3,4,0.000001,"
      "\"[{\"\"kind\"\":\"\"LEGAL\"\",\"\"name\"\":\"\"n\"\",\"\"forbids\"\":[\"\"PURGE\"\"]}]\","
      "ACTIVE\n",
      "--reason law");
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_THAT(Asked(), ElementsAre(Concat(
                           R"(POST {"id":"a","operator_family":"=f","capabilities":["ocr","'x"],)",
                           R"("artifact_uri":"s3://a","footprint":{"memory":"12.5"},)",
                           R"("monthly_costs":{"on_call":"0"},"quality":{"ocr, German":"0.5"},)",
                           R"("business_value_monthly":"-3",)",
                           R"("expected_incident_cost_monthly":"4","cold_start_cost":"0.000001",)",
                           R"("constraints":[{"kind":"LEGAL","name":"n","forbids":["PURGE"]}],)",
                           R"("reason":"law"})")));
}

TEST_F(ModelsImport, SendsNothingOfAFileWithAMistake) {
  EXPECT_EQ(Import("id,operator_family\na,f\nb/c,f\n").exit_code, 2);
  EXPECT_THAT(Asked(), IsEmpty());
}

TEST_F(ModelsImport, TakesWhatAnExportSaysAndLeavesOutputsOut) {
  daemon_.Answer(Post(), 201, ModelJson("a"));
  const PurserRun run = Import(
      R"({"models":[{"id":"a","operator_family":"f","capabilities":[],"constraints":[{"kind":)"
      R"("DATA","name":"n","forbids":["MERGE"],"set_time":"2026-01-01T00:00:00Z"}],"state":)"
      R"("ACTIVE","generation":"3","create_time":"2026-01-01T00:00:00Z","state_time":)"
      R"("2026-01-01T00:00:00Z","rollback_window_ends":"2026-01-01T00:00:00Z","replaced_target":)"
      R"("b","monthly_cost":"1","occupies":{"memory":"1"},"uncoverable":["memory"]},)"
      R"({"id":"b","operator_family":"f","constraints":[],"footprint":{"memory":1.5}}],)"
      R"("next_page_token":""})");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(
      Asked(),
      ElementsAre(R"(POST {"id":"a","operator_family":"f","capabilities":[],"constraints":[{"kind")"
                  R"(:"DATA","name":"n","forbids":["MERGE"]}],"reason":"import"})",
                  R"(POST {"id":"b","operator_family":"f","footprint":{"memory":"1.5"}})"));
}

TEST_F(ModelsImport, ScalesExactlyAndUpwards) {
  daemon_.Answer(Post(), 201, ModelJson("a"));
  const std::string columns = Write("c.toml", R"(
[columns]
id = "m"
operator_family = { constant = "open" }
business_value_monthly = { column = "n", scale = "0.333333" }
[footprint]
memory = { column = "n", scale = "2.5" }
[monthly_costs]
inference = { constant = "7" }
[options]
id_replacement = "."
)");
  EXPECT_EQ(Import("m,n\norg/ä b,0.000001\nc,3\nd,\n", Concat("--columns ", columns)).exit_code, 0);
  EXPECT_EQ(
      Import("m,n\ne,-1\n", Concat("--columns ", Write("d.toml",
                                                       "columns = { id = 'm', operator_family = "
                                                       "'m', business_value_monthly = { column ="
                                                       " 'n', scale = '0.0000015' } }")))
          .exit_code,
      2);
  const std::string minus = Write("e.toml",
                                  "columns = { id = 'm', operator_family = 'm', "
                                  "business_value_monthly = { column = 'n', scale = '0.5' } }");
  EXPECT_EQ(Import("m,n\ne,-0.000001\n", Concat("--columns ", minus)).exit_code, 0);
  EXPECT_THAT(
      Asked(),
      ElementsAre(R"(POST {"id":"org...b","operator_family":"open","footprint":{"memory":)"
                  R"("0.000003"},"monthly_costs":{"inference":"7"},)"
                  R"("business_value_monthly":"0.000001"})",
                  R"(POST {"id":"c","operator_family":"open","footprint":{"memory":"7.5"},)"
                  R"("monthly_costs":{"inference":"7"},"business_value_monthly":"0.999999"})",
                  R"(POST {"id":"d","operator_family":"open","monthly_costs":{"inference":"7"}})",
                  R"(POST {"id":"e","operator_family":"e","business_value_monthly":"0"})"));
}

TEST_F(ModelsImport, GoesOnBehindARefusal) {
  daemon_.Answer(Post(), 201, ModelJson("a"));
  daemon_.Answer(Post(), 409, ProblemJson(409, "id_conflict"));
  daemon_.Answer(Post(), 200, ModelJson("c"), kReplayed);
  const std::string file = "id,operator_family\na,f\nb,f\nc,f\n";
  const PurserRun run = Import(file);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "registered 1, the same as before 1, refused 1, activated 0\n");
  EXPECT_THAT(run.err,
              HasSubstr("purser: line 3, b not registered: refused: No (409 id_conflict)\n"));
}

TEST_F(ModelsImport, SaysItInJson) {
  daemon_.Answer(Post(), 409, ProblemJson(409, "id_conflict"));
  daemon_.Answer(Post(), 201, ModelJson("b"));
  const PurserRun run = Import("id,operator_family\na,f\nb,f\n", "--json");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, Concat(R"({"registered":1,"same":0,"refused":1,"activated":0,)",
                            R"("rollback_targets_lost":0,"replaced_targets_left":0,"refusals":)"
                            R"([{"what":"REGISTER","line":2,)",
                            R"("model":"a","problem":)", ProblemJson(409, "id_conflict"), "}]}\n"));
  EXPECT_EQ(run.err, "");
}

TEST_F(ModelsImport, TellsTwentyRefusalsAndCountsTheRest) {
  daemon_.Answer(Post(), 409, ProblemJson(409, "id_conflict"));
  std::string file = "id,operator_family\n";
  for (int i = 0; i < 23; ++i) file += Concat("m", i, ",f\n");
  const PurserRun run = Import(file);
  EXPECT_THAT(run.err, HasSubstr("line 21, m19 not registered"));
  EXPECT_THAT(run.err, Not(HasSubstr("m20")));
  EXPECT_THAT(run.err, EndsWith("purser: and 3 more were refused\n"));
  EXPECT_THAT(run.out, HasSubstr("refused 23,"));
}

TEST_F(ModelsImport, EndsWhereNothingAnswersAndGoesOnTheSecondTime) {
  daemon_.Answer(Post(), 201, ModelJson("a"));
  daemon_.AnswerRaw(Post(), "");
  const std::string file = "id,operator_family\na,f\nb,f\nc,f\n";
  const PurserRun run = Import(file);
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(run.out, "registered 1, the same as before 0, refused 0, activated 0\n");
  EXPECT_THAT(run.err, HasSubstr("it ended early: "));
  EXPECT_THAT(run.err, HasSubstr("The same import again goes on from there"));
  EXPECT_EQ(Asked().size(), 2U);
}

TEST_F(ModelsImport, EndsWhereAllWouldBeRefused) {
  for (const auto& [status, code] :
       {std::pair(401, "unauthenticated"), {404, "not_found"}, {500, "internal"}}) {
    FakeDaemon daemon;
    daemon.Answer(Post(), status, ProblemJson(status, code));
    const PurserRun run =
        RunPurser(Concat("models import --url ", daemon.url(), " ",
                         Write("m", "id,operator_family,rollback_target\na,f,b\nb,f,\n")));
    EXPECT_EQ(run.exit_code, 1) << code;
    EXPECT_EQ(daemon.received().size(), 1U) << code;
  }
  daemon_.Answer(Post(), 503, ProblemJson(503, "commit_unknown"));
  EXPECT_EQ(Import("id,operator_family\na,f\nb,f\n").exit_code, 3);
  EXPECT_EQ(Asked().size(), 1U);
}

TEST_F(ModelsImport, WaitsWhereItIsAskedTo) {
  daemon_.Answer(Post(), 429, ProblemJson(429, "rate_limited", R"(,"retry_after_seconds":1)"));
  daemon_.Answer(Post(), 201, ModelJson("a"));
  const PurserRun run = Import("id,operator_family\na,f\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(Asked().size(), 2U);
}

TEST_F(ModelsImport, ActivatesThoseThatWereActive) {
  daemon_.Answer(Post(), 201, ModelJson("a"));
  daemon_.Answer(Post(), 201, ModelJson("b"));
  daemon_.Answer(Post(), 200, ModelJson("c", "ACTIVE"), kReplayed);
  daemon_.Answer(Post(), 201, ModelJson("d"));
  daemon_.Answer(Post("a", "activate"), 409, ProblemJson(409, "population_full"));
  daemon_.Answer(Post("d", "activate"), 200, ModelJson("d", "ACTIVE"));
  const std::string file =
      "id,operator_family,state\na,f,ACTIVE\nb,f,SHADOW\nc,f,ACTIVE\nd,f,ACTIVE\n";
  const PurserRun run = Import(file, "--activate");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "registered 3, the same as before 1, refused 1, activated 1\n");
  EXPECT_THAT(run.err, HasSubstr("line 2, a not activated: refused: No (409 population_full)"));
  const auto asked = Asked();
  ASSERT_EQ(asked.size(), 6U);
  EXPECT_EQ(asked[4], "POST /a:activate");
  EXPECT_EQ(asked[5], "POST /d:activate");
  EXPECT_EQ(daemon_.received().back().body, R"({"vacancy":{}})");
  EXPECT_EQ(Import(file).exit_code, 0);
  EXPECT_EQ(Asked().size(), 10U);  // not without being told to
}

TEST_F(ModelsImport, NamesRollbackTargetsOnceTheyMayBe) {
  daemon_.Answer(Post(), 201, ModelJson("old"));
  daemon_.Answer(Post(), 400, ProblemJson(400, "invalid_argument"));
  daemon_.Answer(Post(), 201, ModelJson("new"));
  daemon_.Answer(Post("old", "activate"), 200, ModelJson("old", "ACTIVE"));
  daemon_.Answer(Post("new", "activate"), 200, ModelJson("new", "ACTIVE"));
  daemon_.Answer(Concat("PATCH ", kModels, "/new"), 200, ModelJson("new", "ACTIVE"));
  daemon_.Answer(Concat("PATCH ", kModels, "/new"), 400, ProblemJson(400, "invalid_argument"));
  const std::string file =
      "id,operator_family,rollback_target,state\nold,f,,ACTIVE\nnew,f,old,ACTIVE\n";
  const PurserRun run = Import(file, "--activate");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "registered 2, the same as before 0, refused 0, activated 2\n");
  EXPECT_THAT(Asked(), ElementsAre(R"(POST {"id":"old","operator_family":"f"})",
                                   R"(POST {"id":"new","operator_family":"f",)"
                                   R"("rollback_target":"old"})",
                                   R"(POST {"id":"new","operator_family":"f"})",
                                   "POST /old:activate", "POST /new:activate", "PATCH /new"));
  EXPECT_EQ(Said(daemon_.received().back().body),
            R"({"operator_family":"","rollback_target":"old"})");
  EXPECT_EQ(daemon_.received().back().Header("if-match"), "\"4\"");
}

TEST_F(ModelsImport, SaysWhichRollbackTargetsWereNotCarriedOver) {
  daemon_.Answer(Post(), 400, ProblemJson(400, "invalid_argument"));
  daemon_.Answer(Post(), 201, ModelJson("new"));
  daemon_.Answer(Concat("PATCH ", kModels, "/new"), 400, ProblemJson(400, "invalid_argument"));
  const PurserRun run = Import("id,operator_family,rollback_target\nnew,f,old\n");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out,
            "registered 1, the same as before 0, refused 0, activated 0, "
            "rollback targets not carried over 1\n");
  EXPECT_THAT(run.err, HasSubstr("line 2, new its rollback_target was not carried over: refused"));
}

TEST_F(ModelsImport, LooksAgainAtAModelThatHasChangedSince) {
  daemon_.Answer(Post(), 400, ProblemJson(400, "invalid_argument"));
  daemon_.Answer(Post(), 201, ModelJson("new"));
  daemon_.Answer(Concat("PATCH ", kModels, "/new"), 412, ProblemJson(412, "precondition_failed"));
  daemon_.Answer(Concat("GET ", kModels, "/new"), 200,
                 R"({"id":"new","operator_family":"f","generation":"9"})");
  daemon_.Answer(Concat("PATCH ", kModels, "/new"), 200, ModelJson("new"));
  const PurserRun run = Import("id,operator_family,rollback_target\nnew,f,old\n");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(daemon_.received().back().Header("if-match"), "\"9\"");
}

TEST_F(ModelsImport, SaysWhatModelsThatReplacedOthersLeaveBehind) {
  daemon_.Answer(Post(), 201, ModelJson("new"));
  const PurserRun run =
      Import(R"({"models":[{"id":"new","operator_family":"f","replaced_target":"old"}]})",
             "--format json");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out,
            "registered 1, the same as before 0, refused 0, activated 0, "
            "targets by replacing left behind 1\n");
}

class ModelsExport : public ModelsImport {
 protected:
  void Hold(const std::string& models) {
    daemon_.Answer(Concat("GET ", kModels, "?page_size=1000"), 200,
                   Concat(R"({"models":[)", models, R"(],"next_page_token":""})"));
  }
};

TEST_F(ModelsExport, WritesEveryPageAsOneDocument) {
  daemon_.Answer(Concat("GET ", kModels, "?page_size=1000&state=ACTIVE"), 200,
                 Concat(R"({"models":[)", ModelJson("a"), R"(],"next_page_token":"t/1"})"));
  daemon_.Answer(Concat("GET ", kModels, "?page_size=1000&state=ACTIVE&page_token=t%2F1"), 200,
                 R"({"models":[],"next_page_token":"t2"})");
  daemon_.Answer(Concat("GET ", kModels, "?page_size=1000&state=ACTIVE&page_token=t2"), 200,
                 Concat(R"({"models":[)", ModelJson("b"), R"(],"next_page_token":""})"));
  const PurserRun run = Run("models export --state active");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, Concat("{\"models\":[\n", ModelJson("a"), ",\n", ModelJson("b"), "\n]}\n"));
}

TEST_F(ModelsExport, WritesAnEmptyPopulation) {
  Hold("");
  EXPECT_EQ(Run("models export").out, "{\"models\":[\n]}\n");
  EXPECT_EQ(Run("models export --format csv").out,
            "id,operator_family,capabilities,parents,artifact_uri,business_value_monthly,"
            "expected_incident_cost_monthly,cold_start_cost,constraints,rollback_target,state\r\n");
}

TEST_F(ModelsExport, GuardsTextsThatASpreadsheetWouldRun) {
  Hold(R"({"id":"a","operator_family":"=1+1","capabilities":["@x","y"],"artifact_uri":"'-a,\"b\"",)"
       R"("quality":{"@x":"0.5"},"business_value_monthly":"-3","monthly_costs":{"on_call":"1"},)"
       R"("constraints":[{"kind":"LEGAL","name":"n","forbids":["PURGE"],)"
       R"("set_time":"2026-01-01T00:00:00Z"}],"rollback_target":"b","state":"ACTIVE"},)"
       R"({"id":"b","operator_family":"'f","footprint":{"memory":"2"}})");
  const PurserRun run = Run("models export --format csv");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(
      run.out,
      "id,operator_family,capabilities,parents,artifact_uri,footprint.memory,"
      "monthly_costs.on_call,quality.@x,business_value_monthly,"
      "expected_incident_cost_monthly,cold_start_cost,constraints,rollback_target,state\r\n"
      "a,'=1+1,'@x|y,,\"''-a,\"\"b\"\"\",,1,0.5,-3,,,"
      "\"[{\"\"kind\"\":\"\"LEGAL\"\",\"\"name\"\":\"\"n\"\",\"\"forbids\"\":[\"\"PURGE\"\"]}]"
      "\",b,ACTIVE\r\n"
      "b,'f,,,,2,,,,,,,,\r\n");
  // And import takes the guards off.
  daemon_.Answer(Post(), 201, ModelJson("a"));
  ASSERT_EQ(Import(run.out).exit_code, 0);
  const auto received = daemon_.received();
  ASSERT_EQ(received.size(), 3U);
  EXPECT_EQ(Said(received[1].body),
            R"({"id":"a","operator_family":"=1+1","capabilities":["@x","y"],)"
            R"("artifact_uri":"'-a,\"b\"","monthly_costs":{"on_call":"1"},"quality":{"@x":"0.5"},)"
            R"("business_value_monthly":"-3","constraints":[{"kind":"LEGAL","name":"n",)"
            R"("forbids":["PURGE"]}],"rollback_target":"b","reason":"import"})");
  EXPECT_THAT(received[2].body, HasSubstr(R"("operator_family":"'f")"));
}

TEST_F(ModelsExport, WritesTheColumnsThatAreNamed) {
  Hold(R"({"id":"a","operator_family":"f","parents":["x","y"],"footprint":{"memory":"5"},)"
       R"("monthly_costs":{"inference":"1.8"},"quality":{"ocr":"0.5"}},)"
       R"({"id":"b","operator_family":"f"})");
  const std::string columns = Write("c.toml", R"(
[columns]
id = "=model"
operator_family = { constant = "f" }
parents = "from"
[footprint]
memory = { column = "params_b", scale = "2.5" }
[monthly_costs]
inference = { column = "params_b", scale = "0.9" }
[options]
separator = "; "
)");
  const PurserRun run = Run(Concat("models export --columns ", columns));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "'=model,from,params_b\r\na,x; y,2\r\nb,,\r\n");
}

TEST_F(ModelsExport, RefusesWhatACellCannotSay) {
  Hold(R"({"id":"a","operator_family":"f","capabilities":["x|y"],"footprint":{"memory":"5"},)"
       R"("quality":{"ocr":"0.5"}})");
  const std::string fields = "columns = { id = 'model', operator_family = 'family' }\n";
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"--format csv", "a, capabilities: \"x|y\" has the separator \"|\" in it"},
      {Concat("--columns ", Write("a.toml", Concat(fields,
                                                   "footprint.memory = { column = 'n', "
                                                   "scale = '0.7' }\n"))),
       "a, footprint.memory: 5 is not exactly 0.7 times a number"},
      {Concat("--columns ", Write("b.toml", Concat(fields,
                                                   "footprint.memory = 'n'\n"
                                                   "quality.ocr = 'n'\n"))),
       "a, column n: cannot be both 5 for footprint.memory and 0.5 for quality.ocr"},
      {Concat("--columns ", Write("c.toml",
                                  "columns = { id = 'model', operator_family = "
                                  "{ constant = 'open' } }\n")),
       "a, operator_family: is \"f\", and the columns say \"open\" of every model"},
      {Concat("--columns ",
              Write("d.toml", Concat(fields, "footprint.memory = { constant = '6' }\n"))),
       "a, footprint.memory: is \"5\", and the columns say \"6\" of every model"}};
  for (const auto& [options, said] : rows) {
    const PurserRun run = Run(Concat("models export ", options));
    EXPECT_EQ(run.exit_code, 2) << options;
    EXPECT_EQ(run.out, "") << options;
    EXPECT_THAT(run.err, HasSubstr(Concat("cannot be written as CSV: ", said))) << options;
  }
}

TEST_F(ModelsExport, WritesNothingWhereAPageIsMissing) {
  daemon_.Answer(Concat("GET ", kModels, "?page_size=1000"), 200,
                 Concat(R"({"models":[)", ModelJson("a"), R"(],"next_page_token":"t"})"));
  daemon_.AnswerRaw(Concat("GET ", kModels, "?page_size=1000&page_token=t"), "");
  const PurserRun run = Run("models export");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(run.out, "");
}

}  // namespace
}  // namespace purser
