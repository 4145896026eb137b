// A population that goes through a file into another one, by `purser` and a real daemon.
#include <fstream>

#include "api/json.h"
#include "api/v1/model.pb.h"
#include "tests/cli/purser_run.h"
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

const std::string kModels = kBooks + "/models";

class ModelFiles : public DaemonTest {
 protected:
  void SetUp() override {
    Start();
    Make("root", R"(,"quality":{"ocr":"0.123456","=2+3":"1"},"business_value_monthly":"-7.5")");
    Make("old", R"(,"parents":["root"],"footprint":{"active_model_memory":"12.000001",)"
                R"("archive_storage":"0.1"},"monthly_costs":{"inference":"100","on_call":"0.5"})");
    // By its id before its parents.
    Make("new", R"(,"parents":["old","root"],"capabilities":["@layout","ocr, \"German\""],)"
                R"("artifact_uri":"s3://a,b","cold_start_cost":"3","constraints":[)"
                R"({"kind":"LEGAL","name":"audit","forbids":["RETIRE","PURGE"]}],"reason":"law")");
    Make("lone", R"(,"expected_incident_cost_monthly":"2")", "'=vision");
    ASSERT_EQ(Post(kModels + "/old:activate", R"({"vacancy":{}})").status, 200);
    ASSERT_EQ(Post(kModels + "/new:activate", R"({"vacancy":{}})").status, 200);
    const RestAnswer named =
        Patch(kModels + "/new", R"({"rollback_target":"old"})", {{"If-Match", "*"}});
    ASSERT_EQ(named.status, 200) << named;
    for (const std::string copy : {"copy_csv", "copy_json"}) {
      ASSERT_EQ(Post("/v1/populations", Concat(R"({"name":")", copy, R"("})")).status, 201);
    }
  }
  void Make(const std::string& id, const std::string& more, const std::string& family = "vision") {
    const RestAnswer made = Post(
        kModels, Concat(R"({"id":")", id, R"(","operator_family":")", family, "\"", more, "}"));
    ASSERT_EQ(made.status, 201) << made;
  }
  PurserRun Run(const std::string& population, const std::string& arguments) {
    return RunPurser(
        Concat("--url http://127.0.0.1:", port(), " --population ", population, " ", arguments));
  }
  std::string Export(const std::string& population, const std::string& format) {
    const PurserRun run = Run(population, Concat("models export --format ", format));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    std::string path = Concat(directory_.path(), "/", population, ".", format);
    std::ofstream(path, std::ios::binary) << run.out;
    return path;
  }
  // What was said of the models, by what their population says of them now.
  std::string Said(const std::string& population) {
    v1::ModelList list;
    std::vector<v1::Fault> faults;
    const PurserRun run = Run(population, "models export");
    EXPECT_TRUE(api::ParseJson(run.out, &list, &faults)) << run.out;
    std::string said;
    for (v1::Model& model : *list.mutable_models()) {
      for (int i = 0; i < v1::Model::descriptor()->field_count(); ++i) {
        const auto* const field = v1::Model::descriptor()->field(i);
        if (field->options().GetExtension(v1::output_only)) {
          v1::Model::GetReflection()->ClearField(&model, field);
        }
      }
      api::PrintJson(model, &said);
      said += "\n";
    }
    return said;
  }
};

TEST_F(ModelFiles, CarryAPopulationOver) {
  for (const std::string format : {"csv", "json"}) {
    const std::string file = Export("default", format);
    const std::string copy = Concat("copy_", format);
    const PurserRun first = Run(copy, Concat("models import ", file));
    // Nobody there has served before.
    EXPECT_EQ(first.exit_code, 1);
    EXPECT_EQ(first.out,
              "registered 4, the same as before 0, refused 0, activated 0, rollback targets not "
              "carried over 1\n");
    EXPECT_THAT(first.err, HasSubstr("has never been ACTIVE"));
    EXPECT_THAT(Run(copy, "population").out, HasSubstr("4 candidates"));
    const PurserRun second = Run(copy, Concat("models import --activate ", file));
    EXPECT_EQ(second.exit_code, 0) << second.err;
    EXPECT_EQ(second.out, "registered 0, the same as before 4, refused 0, activated 2\n");
    EXPECT_EQ(Said(copy), Said("default"));
    const PurserRun third = Run(copy, Concat("models import --activate ", file));
    EXPECT_EQ(third.out, "registered 0, the same as before 4, refused 0, activated 0\n");
    EXPECT_EQ(third.exit_code, 0) << third.err;
  }
  const RestAnswer verified = Post(kBooks + "/journal:verify", "{}");
  EXPECT_EQ(verified.Field("ok"), "true") << verified;
}

TEST_F(ModelFiles, AreReadAsOtherModelsOnceAModelHasChanged) {
  const std::string file = Export("default", "csv");
  ASSERT_EQ(Patch(kModels + "/old", R"({"quality":{"ocr":"0.5"}})", {{"If-Match", "*"}}).status,
            200);
  const PurserRun run = Run("default", Concat("models import ", file));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "registered 0, the same as before 3, refused 1, activated 0\n");
  EXPECT_THAT(run.err, HasSubstr(", old not registered: refused: "));
  EXPECT_THAT(run.err, HasSubstr("409 id_conflict"));
}

TEST_F(ModelFiles, AreRefusedByTheDaemonLineByLine) {
  const std::string path = Concat(directory_.path(), "/m.csv");
  std::ofstream(path) << "id,operator_family,parents,footprint.gpu_hours,footprint.nothing\n"
                         "child,f,a,,\na,f,nobody,,\nb,f,,1,\nc,f,,,1\nd,f,,,\n";
  const PurserRun run = Run("copy_csv", Concat("models import ", path));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "registered 1, the same as before 0, refused 4, activated 0\n");
  for (const char* said : {"line 3, a not registered", "line 2, child not registered",
                           "line 4, b not registered", "line 5, c not registered"}) {
    EXPECT_THAT(run.err, HasSubstr(said));
  }
  EXPECT_THAT(Run("nowhere", Concat("models import ", path)).err, HasSubstr("it ended early"));
}

TEST_F(ModelFiles, GoOnWhereADaemonWasKilled) {
  std::string text = "id,operator_family\n";
  for (int i = 0; i < 50; ++i) text += Concat("m", i, ",f\n");
  const std::string path = Concat(directory_.path(), "/m.csv");
  std::ofstream(path) << text.substr(0, text.find("m30"));
  EXPECT_EQ(Run("copy_csv", Concat("models import ", path)).exit_code, 0);
  KillAndRestart();
  std::ofstream(path) << text;
  const PurserRun run = Run("copy_csv", Concat("models import ", path));
  EXPECT_EQ(run.out, "registered 20, the same as before 30, refused 0, activated 0\n") << run.err;
}

}  // namespace
}  // namespace purser
