// Which models a population would best consist of, over REST.
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

const std::string kModels = kBooks + "/models";
const std::string kSelection = kBooks + "/selection:evaluate";

class Selections : public DaemonTest {
 protected:
  void Register(const std::string& id, const std::string& memory, const std::string& value,
                const std::string& more = "") {
    const RestAnswer made =
        Post(kModels, Concat(R"({"id":")", id, R"(","operator_family":"vision","capabilities":)",
                             R"(["ocr"],"footprint":{"active_model_memory":")", memory,
                             R"("},"business_value_monthly":")", value, R"(","monthly_costs":)",
                             R"({"inference":"100"})", more, "}"));
    ASSERT_EQ(made.status, 201) << made;
  }
  void Activate(const std::string& id) {
    const RestAnswer done = Post(Concat(kModels, "/", id, ":activate"), R"({"vacancy":{}})");
    ASSERT_EQ(done.status, 200) << done;
  }
};

TEST_F(Selections, AreTheBestUnderAllCapacitiesAtOnce) {
  // 60 GB are there for all of them: 80 less the reserve.
  Register("old", "30", "150");
  Register("steady", "20", "900");
  Activate("old");
  Activate("steady");
  Register("big", "35", "600");
  Register("small", "10", "300");
  Register("loss", "1", "50");
  const std::string before = Sequence();
  const RestAnswer best = Post(kSelection, "{}");
  ASSERT_EQ(best.status, 200) << best;
  EXPECT_EQ(best.Field("verdict"), "FOUND");
  // Old is worth 50 and takes 30; big is worth 500 and takes 35, small 200 and 10: 20 + 35 leave 5.
  EXPECT_THAT(best.body, HasSubstr(R"("admit":["big"],"drop":["old"],"keep":["steady"])"));
  EXPECT_EQ(best.Field("value"), "1300");
  EXPECT_THAT(best.body, HasSubstr(R"("gap":"0","optimal":true)"));
  EXPECT_THAT(best.body, HasSubstr(R"({"model":"loss","verdict":"WORTH_NOTHING")"));
  EXPECT_THAT(best.body, HasSubstr(R"("short_by":{"active_model_memory":"5"})"));
  EXPECT_THAT(best.body, HasSubstr(R"("slack":{"active_model_memory":"5"})"));
  // Of these alone: who is not named is no candidate.
  const RestAnswer one = Post(kSelection, R"({"candidates":["small"]})");
  EXPECT_THAT(one.body, HasSubstr(R"("admit":["small"],"drop":[],"keep":["old","steady"])"));
  EXPECT_EQ(Sequence(), before);
}

TEST_F(Selections, LeaveWhatIsBooked) {
  Register("old", "30", "150");
  Activate("old");
  Register("big", "35", "600");
  Register("small", "25", "300");
  const std::string running =
      Concat(R"({"id":"running","purpose":"TRAINING","amounts":{"active_model_memory":"10"},)",
             R"("lease":"3600s",)", kLabels, "}");
  ASSERT_EQ(Post(kBooks + "/reservations", running).status, 201);
  // Of 60 GB 25 are somebody else's in a day, and for good as far as a model is concerned; by then
  // what runs has ended.
  const std::string booking =
      Concat(R"({"id":"booked","purpose":"TRAINING","amounts":{"active_model_memory":"25"},)",
             R"("start_at":"2026-01-02T00:00:00Z","lease":"3600s",)", kLabels, "}");
  ASSERT_EQ(Post(kBooks + "/reservations", booking).Field("state"), "SCHEDULED");
  const RestAnswer best = Post(kSelection, "{}");
  EXPECT_THAT(best.body, HasSubstr(R"("admit":["big"],"drop":["old"],"keep":[])")) << best;
  EXPECT_THAT(best.body, HasSubstr(R"("slack":{"active_model_memory":"0"})"));
  EXPECT_THAT(best.body, HasSubstr(R"("short_by":{"active_model_memory":"25"})"));
  // As it says it is carried out once what runs has ended, and there is no room for the other.
  ASSERT_EQ(Post(kBooks + "/reservations/running:release", "{}").status, 200);
  ASSERT_EQ(Post(kModels + "/old:retire", "{}").status, 200);
  Activate("big");
  EXPECT_EQ(Post(kModels + "/small:activate", R"({"vacancy":{}})").code(), "population_full");
  ASSERT_EQ(Post(kBooks + "/reservations/booked:release", "{}").status, 200);
  EXPECT_THAT(Post(kSelection, "{}").body,
              HasSubstr(R"("admit":["small"],"drop":[],"keep":["big"])"));
}

TEST_F(Selections, LeaveSlotsThatAreBooked) {
  Register("first", "1", "300");
  Register("second", "1", "200");
  const std::string booking =
      Concat(R"({"id":"booked","purpose":"TRAINING","amounts":{"active_models":"17"},)",
             R"("start_at":"2026-01-02T00:00:00Z","lease":"3600s",)", kLabels, "}");
  ASSERT_EQ(Post(kBooks + "/reservations", booking).Field("state"), "SCHEDULED");
  const RestAnswer best = Post(kSelection, "{}");
  EXPECT_THAT(best.body, HasSubstr(R"("admit":["first"],)")) << best;
  Activate("first");
  EXPECT_EQ(Post(kModels + "/second:activate", R"({"vacancy":{}})").code(), "population_full");
}

TEST_F(Selections, NeverOutbidAGate) {
  Register("kept", "30", "0",
           R"(,"constraints":[{"kind":"SAFETY","name":"audit","forbids":)"
           R"(["RETIRE"]}],"reason":"law")");
  Activate("kept");
  Register("great", "40", "9000");
  Register("barred", "1", "9000",
           R"(,"constraints":[{"kind":"LEGAL","name":"licence",)"
           R"("forbids":["ACTIVATE"]}],"reason":"law")");
  const RestAnswer best = Post(kSelection, "{}");
  EXPECT_THAT(best.body, HasSubstr(R"("admit":[],"drop":[],"keep":["kept"])")) << best;
  EXPECT_THAT(best.body, HasSubstr(R"("verdict":"BARRED")"));
  EXPECT_THAT(best.body, HasSubstr(R"("constraint_kind":"LEGAL","constraint":"licence")"));
  EXPECT_THAT(best.body, HasSubstr(R"("short_by":{"active_model_memory":"10"})"));
}

TEST_F(Selections, KeepWhatIsRequiredCovered) {
  Register("only", "30", "0");
  Activate("only");
  ASSERT_EQ(Patch(kBooks, R"({"required_capabilities":["ocr"]})", {{"If-Match", "*"}}).status, 200);
  // It costs more than it is worth, and stays, as nobody else provides it.
  EXPECT_THAT(Post(kSelection, "{}").body, HasSubstr(R"("drop":[],"keep":["only"])"));
  Register("better", "30", "500");
  EXPECT_THAT(Post(kSelection, "{}").body,
              HasSubstr(R"("admit":["better"],"drop":["only"],"keep":[])"));
}

TEST_F(Selections, NameWhatIsWrongWithCandidates) {
  Register("a", "1", "500");
  Register("b", "1", "500");
  Activate("a");
  const RestAnswer unknown = Post(kSelection, R"({"candidates":["b","nobody"]})");
  EXPECT_EQ(unknown.Field("code"), "unknown_model");
  EXPECT_EQ(unknown.FieldAfter("fields", "path"), "candidates[1]");
  EXPECT_THAT(Post(kSelection, R"({"candidates":["a"]})").body,
              HasSubstr("is ACTIVE, and no candidate"));
  EXPECT_THAT(Post(kSelection, R"({"candidates":["b","b"]})").body, HasSubstr("is named twice"));
  EXPECT_EQ(Post(kSelection, R"({"models":["b"]})").Field("code"), "unknown_field");
}

}  // namespace
}  // namespace purser
