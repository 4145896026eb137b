#include "tests/crash/agreement.h"

#include <string>

#include "gtest/gtest.h"
#include "ledger/amount.h"

namespace purser {
namespace {

int64_t Millionths(const std::string& text) {
  const auto amount = Amount::Parse(text);
  return amount.ok() ? amount->micros() : -1;
}

void ExpectReservation(const std::string& id, const BookedReservation& booked, RestClient* client) {
  const RestAnswer answer = client->Get(kCrashReservations + "/" + id);
  ASSERT_EQ(answer.status, 200) << id << " was acknowledged and is missing";
  if (booked.denied) {
    ASSERT_EQ(answer.Field("state"), "DENIED") << answer;
    return;
  }
  const std::string state = answer.Field("state");
  if (booked.ended) {
    EXPECT_EQ(state, booked.settled ? "SETTLED" : "RELEASED") << answer;
  } else {
    EXPECT_TRUE(state == "GRANTED" || state == "ACTIVE") << answer;
  }
  EXPECT_EQ(Millionths(answer.FieldAfter("charged", "gpu_hours")), booked.charged) << answer;
  EXPECT_EQ(Millionths(answer.FieldAfter("granted", "gpu_hours")), booked.asked) << answer;
}

}  // namespace

void ExpectBalances(const std::vector<ClientBook>& books, RestClient* client,
                    int64_t held_besides) {
  int64_t held = held_besides;
  int64_t spent = 0;
  for (const ClientBook& book : books) {
    for (const auto& [id, booked] : book.reservations()) {
      spent += booked.charged;
      if (booked.granted && !booked.ended) held += booked.asked - booked.charged;
    }
  }
  const RestAnswer resource = client->Get("/v1/populations/default/resources/gpu_hours");
  EXPECT_EQ(Millionths(resource.Field("held")), held) << resource;
  EXPECT_EQ(Millionths(resource.Field("spent")), spent) << resource;
  // Behind `granted`: the settings before it use the same names.
  const std::string reserve = resource.FieldAfter("granted", "reserve");
  EXPECT_EQ(
      Millionths(resource.FieldAfter("granted", "available")) + Millionths(reserve) + held + spent,
      Millionths(resource.Field("granted")))
      << resource;
  EXPECT_EQ(reserve, resource.Field("reserve_target")) << resource;
}

void ExpectReservations(const std::vector<ClientBook>& books, RestClient* client) {
  for (const ClientBook& book : books) {
    for (const auto& [id, booked] : book.reservations()) ExpectReservation(id, booked, client);
  }
}

}  // namespace purser
