// Depth by depth through the small world. PURSER_SMALL_WORLD_DEPTH searches deeper (7 is the whole
// of it), PURSER_SMALL_WORLD_MODEL_EVERY asks the model beyond depth 5 about one state of so many.
#include <cstdio>
#include <cstdlib>

#include "gtest/gtest.h"
#include "tests/small_world/search.h"

namespace purser::small {
namespace {

// What six minutes of one core reach, all searches together; a sanitizer makes it ten times slower.
#if defined(PURSER_SANITIZED)
constexpr int kDepth = 4;
#else
constexpr int kDepth = 6;
#endif
constexpr int kModelDepth = 5;
constexpr int kModelEvery = 32;

int ReadNumber(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
  return text == nullptr ? otherwise : static_cast<int>(std::strtol(text, nullptr, 10));
}

void SearchWorld(const char* name, const Rules& rules, int depth_less) {
  SearchOptions options;
  options.rules = rules;
  options.depth = ReadNumber("PURSER_SMALL_WORLD_DEPTH", kDepth) - depth_less;
  options.model_depth = kModelDepth;
  options.model_every = ReadNumber("PURSER_SMALL_WORLD_MODEL_EVERY", kModelEvery);
  Search search(options);
  std::printf("%s\n  depth       states  transitions     accepted  model asked\n", name);
  for (int i = 0; i < options.depth && search.faults().empty(); ++i) {
    const Level level = search.Deepen();
    std::printf("%7d %12llu %12llu %12llu %12llu\n", level.depth,
                static_cast<unsigned long long>(level.states),
                static_cast<unsigned long long>(level.transitions),
                static_cast<unsigned long long>(level.accepted),
                static_cast<unsigned long long>(level.compared));
    std::fflush(stdout);
  }
  std::printf("  %llu states in all\n", static_cast<unsigned long long>(search.states()));
  for (const std::string& fault : search.faults()) ADD_FAILURE() << fault;
}

TEST(SmallWorldTest, HoldsItsInvariantsAndAgreesWithTheModel) {
  SearchWorld("nothing is carried over, EXTEND", Rules(), 0);
}

TEST(SmallWorldTest, HoldsWithCarryOverAndStop) {
  SearchWorld("available is carried over, STOP", Rules{true, true}, 1);
}

TEST(SmallWorldTest, HoldsWithAQueue) {
  Rules rules;
  rules.waits = true;
  SearchWorld("requests wait, give way and are booked", rules, -1);
}

TEST(SmallWorldTest, HoldsWithModels) {
  Rules rules;
  rules.models = true;
  SearchWorld("models are activated, replaced, brought back and proposed", rules, -1);
}

// What ended or was used is remembered from the horizon on; a look-up from before it may have
// missed some.
TEST(SmallWorldTest, RefusesALookUpFromBeforeWhatIsRemembered) {
  Player player;
  SmallState state = player.Begin(Rules());
  state.population.reservations.recent().set_horizon(3);
  StateMachine machine{Policy(), MonthStartAfter()};
  machine.Restore(std::make_unique<Population>(std::move(state.population)));
  Command command = MakeAlphabet(Rules()).front().command;
  std::get<RequestReservation>(command.body).id = "r1";
  command.lookup.sequence = 2;
  google::protobuf::Arena arena;
  EXPECT_TRUE(machine.Decide(command, kStartUs, &arena).stale);
  command.lookup.sequence = 3;
  EXPECT_FALSE(machine.Decide(command, kStartUs, &arena).stale);
}

}  // namespace
}  // namespace purser::small
