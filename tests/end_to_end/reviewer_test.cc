// The daemon's own reviewer, by its own time.
#include <chrono>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/end_to_end/daemon_fixture.h"
#include "tests/fixtures/eventually.h"

namespace purser {
namespace {

using testing::HasSubstr;

class Reviewing : public DaemonTest {
 protected:
  void Serve(const std::string& id, const std::string& quality) {
    const std::string models = kBooks + "/models";
    const std::string body =
        Concat(R"({"id":")", id,
               R"(","operator_family":"vision","capabilities":["ocr"],"quality":{"ocr":")", quality,
               R"("},"footprint":{"active_model_memory":"10"}})");
    ASSERT_EQ(Post(models, body).status, 201);
    ASSERT_EQ(Post(Concat(models, "/", id, ":activate"), R"({"vacancy":{}})").status, 200);
  }
  void Deny(const std::string& id) {
    const std::string large = Concat(R"({"id":")", id, R"(","purpose":"SERVING",)",
                                     R"("amounts":{"active_model_memory":"50"},)", kLabels, "}");
    ASSERT_EQ(Post(kReservations, large).status, 409);
  }
  std::string Proposals() { return Get(kBooks + "/proposals").body; }
  bool Proposes(const std::string& model) {
    return Proposals().find(Concat(R"("models":[")", model, "\"]")) != std::string::npos;
  }
};

// Between two reviews under pressure there is a minute. What presses in it is not forgotten.
TEST_F(Reviewing, LooksAMinuteLaterWhenSomebodyWasDenied) {
  Serve("good", "0.9");
  Serve("poor", "0.5");
  ASSERT_EQ(Advance(R"({"to":"2026-01-01T00:01:00Z"})").status, 200);
  Deny("first");
  ASSERT_TRUE(Eventually([this] { return Proposes("poor"); }));
  EXPECT_THAT(Proposals(), HasSubstr(R"("proposer":"reviewer")"));
  Serve("bad", "0.4");
  Deny("second");
  // It looks once a second, and the clock stands: what it sees now it may not look at yet. Were it
  // later than this, less would be shown.
  std::this_thread::sleep_for(std::chrono::milliseconds(2'500));
  EXPECT_FALSE(Proposes("bad"));
  ASSERT_EQ(Advance(R"({"to":"2026-01-01T00:02:00Z"})").status, 200);
  EXPECT_TRUE(Eventually([this] { return Proposes("bad"); }));
}

}  // namespace
}  // namespace purser
