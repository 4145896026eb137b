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
using testing::Not;

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
  std::string Proposals() { return Get(kBooks + "/proposals").body; }
};

// Between two reviews under pressure there is a minute. What presses in it is not forgotten.
TEST_F(Reviewing, LooksAMinuteLaterWhenSomebodyWasDenied) {
  Serve("good", "0.9");
  Serve("poor", "0.5");
  // The clock stands: it has looked a moment ago, or will in this instant.
  std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
  const std::string large = Concat(R"({"id":"large","purpose":"SERVING",)",
                                   R"("amounts":{"active_model_memory":"50"},)", kLabels, "}");
  ASSERT_EQ(Post(kReservations, large).status, 409);
  std::this_thread::sleep_for(std::chrono::milliseconds(2'500));
  EXPECT_THAT(Proposals(), Not(HasSubstr("poor")));
  ASSERT_EQ(Advance(R"({"to":"2026-01-01T00:01:00Z"})").status, 200);
  EXPECT_TRUE(
      Eventually([this] { return Proposals().find(R"("models":["poor"])") != std::string::npos; }));
  EXPECT_THAT(Proposals(), HasSubstr(R"("proposer":"reviewer")"));
}

}  // namespace
}  // namespace purser
