// The scenario tables on the product: every line through decoding, look-ups and the sequencer.
#include "tests/model/scenario.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/subject/sequencer_subject.h"

namespace purser {
namespace {

const std::string kScenarios = std::string(PURSER_SOURCE_DIR) + "/tests/scenarios";

class ScenariosOnTheProduct : public testing::TestWithParam<std::string> {};

TEST_P(ScenariosOnTheProduct, Hold) {
  SequencerSubject subject;
  for (const std::string& problem : model::RunScenario(GetParam(), &subject)) {
    ADD_FAILURE() << problem;
  }
}

std::string NameOf(const testing::TestParamInfo<std::string>& info) {
  const std::string file = info.param.substr(info.param.find_last_of('/') + 1);
  return file.substr(0, file.find('.'));
}

INSTANTIATE_TEST_SUITE_P(Tables, ScenariosOnTheProduct,
                         testing::ValuesIn(model::ListScenarios(kScenarios)), NameOf);
INSTANTIATE_TEST_SUITE_P(Models, ScenariosOnTheProduct,
                         testing::ValuesIn(model::ListScenarios(kScenarios + "/models")), NameOf);

TEST(ScenarioTables, AreAllThere) {
  EXPECT_GE(model::ListScenarios(kScenarios).size(), 19u);
  EXPECT_GE(model::ListScenarios(kScenarios + "/models").size(), 11u);
}

}  // namespace
}  // namespace purser
