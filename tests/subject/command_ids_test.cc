#include "api/command_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace purser::api {
namespace {

using testing::ElementsAre;

// A reservation's record may have ten thousand sequences, and a batch eight thousand members.
TEST(CommandIds, AreEachLookedUpOnce) {
  Command command;
  Batch batch;
  for (int i = 0; i < 3; ++i) {
    RequestReservation request;
    request.id = "made";
    batch.members.emplace_back().operation = request;
    batch.members.emplace_back().operation = ChargeReservation{"used", "charge", {}, {}};
  }
  batch.members.emplace_back().operation = ReleaseReservation{"other"};
  batch.members.emplace_back().operation = ReleaseReservation{"malformed"};
  batch.members.back().malformed = true;
  command.body = std::move(batch);
  const LookUpIds ids = IdsOf(command);
  EXPECT_THAT(ids.made, ElementsAre("made"));
  EXPECT_THAT(ids.ended, ElementsAre("other", "used"));
  EXPECT_THAT(ids.charges, ElementsAre("charge"));
  EXPECT_FALSE(ids.key.has_value());
}

}  // namespace
}  // namespace purser::api
