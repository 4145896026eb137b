// kill -9 under load: nothing that was acknowledged is missing, nothing is granted twice.
// PURSER_CRASH_ROUNDS=n kills so often, PURSER_CRASH_CLIENTS=n has so many clients (100 and 64 take
// minutes), PURSER_CRASH_SEED=n repeats what the clients do.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <thread>

#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/crash/agreement.h"
#include "tests/crash/client_book.h"
#include "tests/end_to_end/purserd_process.h"
#include "tests/fixtures/temp_directory.h"

namespace purser {
namespace {

constexpr uint64_t kClientsDefault = 8;
constexpr uint64_t kRoundsDefault = 10;
// Millionths: thousands of calls fit, and in the end some do not, whatever the number of rounds.
constexpr uint64_t kAmountMaxTimesRounds = 1'000'000;
constexpr uint64_t kAnswersMax = 1'500;  // the kill comes after at most so many

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
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
    ASSERT_TRUE(daemon_->was_killed()) << "it ended by itself: " << daemon_->Err();
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
  const uint64_t clients = FromEnvironment("PURSER_CRASH_CLIENTS", kClientsDefault);
  books_.reserve(clients);
  for (uint64_t c = 0; c < clients; ++c) {
    books_.emplace_back(
        static_cast<int>(c), random(),
        static_cast<int64_t>(kAmountMaxTimesRounds / std::max<uint64_t>(rounds, 10)));
  }
  Start();
  for (uint64_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE(Concat("round ", round, " of seed ", seed));
    PlayAndKill(&random);
    if (HasFatalFailure()) return;
    Start();
    for (ClientBook& book : books_) {
      EXPECT_TRUE(book.Resend(client_.get())) << "a resend did not replay";
      EXPECT_EQ(book.complaint(), "");
    }
    ExpectBalances(books_, client_.get());
    ASSERT_FALSE(HasFailure()) << "the daemon said: " << daemon_->Err();
  }
  ExpectReservations(books_, client_.get());
  int acknowledged = 0;
  for (const ClientBook& book : books_) acknowledged += book.acknowledged();
  std::cout << rounds << " kills, " << clients << " clients, " << acknowledged
            << " calls acknowledged" << std::endl;
  EXPECT_GT(acknowledged, 0);
  daemon_->Kill();
  const PurserdRun verify = RunPurserd(Concat("verify --data-dir '", DataDir(), "'"));
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
}

}  // namespace
}  // namespace purser
