// kill -9 under load: nothing that was acknowledged is missing, nothing is granted twice.
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <thread>

#include "gtest/gtest.h"
#include "ledger/amount.h"
#include "ledger/text.h"
#include "tests/crash/client_book.h"
#include "tests/end_to_end/purserd_process.h"
#include "tests/fixtures/temp_directory.h"

namespace purser {
namespace {

constexpr int kClients = 8;
constexpr int kRoundsDefault = 10;
constexpr uint64_t kAnswersMax = 1'500;  // the kill comes after at most so many

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

int64_t Millionths(const std::string& text) {
  const auto amount = Amount::Parse(text);
  return amount.ok() ? amount->micros() : -1;
}

class KillTest : public testing::Test {
 protected:
  void Start() {
    daemon_ = std::make_unique<PurserdProcess>(
        std::vector<std::string>{"serve", "--data-dir", DataDir(), "--listen", "127.0.0.1:0",
                                 "--quiet", "--test-clock", "2026-01-01T00:00:00Z"},
        directory_.path() + "/err");
    ASSERT_NE(daemon_->port(), 0) << daemon_->Err();
    client_ = std::make_unique<RestClient>(daemon_->port());
  }
  std::string DataDir() const { return directory_.path() + "/data"; }

  // Lets the clients work and kills the daemon after a random number of answers, in the middle of
  // whatever the other clients have under way.
  void PlayAndKill(std::mt19937_64* random) {
    std::atomic<uint64_t> answers{0};
    std::vector<std::thread> threads;
    for (ClientBook& book : books_) {
      threads.emplace_back([&, this] { book.Play(daemon_->port(), &answers); });
    }
    const uint64_t enough = 1 + (*random)() % kAnswersMax;
    for (uint64_t count = 0; (count = answers.load()) < enough;) answers.wait(count);
    daemon_->Kill();
    for (std::thread& thread : threads) thread.join();
  }
  void ExpectReservation(const std::string& id, const BookedReservation& booked) {
    const RestAnswer answer = client_->Get(kCrashReservations + "/" + id);
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

  // The clients' books, added up, are the daemon's.
  void ExpectBalances() {
    int64_t held = 0;
    int64_t spent = 0;
    for (const ClientBook& book : books_) {
      for (const auto& [id, booked] : book.reservations()) {
        spent += booked.charged;
        if (booked.granted && !booked.ended) held += booked.asked - booked.charged;
      }
    }
    const RestAnswer resource = client_->Get("/v1/populations/default/resources/gpu_hours");
    EXPECT_EQ(Millionths(resource.Field("held")), held) << resource;
    EXPECT_EQ(Millionths(resource.Field("spent")), spent) << resource;
    // Behind `granted`: the settings before it use the same names.
    const std::string reserve = resource.FieldAfter("granted", "reserve");
    EXPECT_EQ(Millionths(resource.FieldAfter("granted", "available")) + Millionths(reserve) + held +
                  spent,
              Millionths(resource.Field("granted")))
        << resource;
    EXPECT_EQ(reserve, resource.Field("reserve_target")) << resource;
  }

  TempDirectory directory_;
  std::unique_ptr<PurserdProcess> daemon_;
  std::unique_ptr<RestClient> client_;
  std::vector<ClientBook> books_;
};

TEST_F(KillTest, LosesNothingThatWasAcknowledgedAndGrantsNothingTwice) {
  const uint64_t seed = FromEnvironment("PURSER_CRASH_SEED", std::random_device()());
  const uint64_t rounds = FromEnvironment("PURSER_CRASH_ROUNDS", kRoundsDefault);
  std::cout << "PURSER_CRASH_SEED=" << seed << std::endl;
  std::mt19937_64 random(seed);
  for (int c = 0; c < kClients; ++c) books_.emplace_back(c, random());
  Start();
  for (uint64_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE(Concat("round ", round, " of seed ", seed));
    PlayAndKill(&random);
    Start();
    for (ClientBook& book : books_) {
      EXPECT_TRUE(book.Resend(client_.get())) << "a resend did not replay";
      EXPECT_EQ(book.complaint(), "");
    }
    ExpectBalances();
    if (HasFailure()) return;
  }
  int acknowledged = 0;
  for (const ClientBook& book : books_) {
    acknowledged += book.acknowledged();
    for (const auto& [id, booked] : book.reservations()) ExpectReservation(id, booked);
  }
  std::cout << rounds << " kills, " << acknowledged << " calls acknowledged" << std::endl;
  EXPECT_GT(acknowledged, 0);
  daemon_->Kill();
  const PurserdRun verify = RunPurserd(Concat("verify --data-dir '", DataDir(), "'"));
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
}

}  // namespace
}  // namespace purser
