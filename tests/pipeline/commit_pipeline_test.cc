// What the commit pipeline does while the disk says no, over a store whose disk obeys the test.
#include "daemon/commit_pipeline.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "daemon/memory_store.h"
#include "daemon/reviewer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/default_resources.h"
#include "ledger/refusal.h"
#include "ledger/text.h"
#include "tests/fixtures/eventually.h"

namespace purser {
namespace {

using testing::HasSubstr;

// The memory store behind a disk that can be told to say no. The knobs are thread-safe.
class StubbornStore : public JournalStore {
 public:
  std::atomic<bool> full{false};
  std::atomic<int> probes{0};
  std::atomic<int> reopened{0};
  // Called as a cursor moves on in the journal, by the thread that reads.
  std::function<void()> on_journal_row;

  Appended Append(uint64_t expected_group, const std::vector<Row>& rows) override {
    if (full) store_.FailNext(MemoryStore::Fault::kUnknownRowsLost);
    return store_.Append(expected_group, rows);
  }
  uint64_t GroupCount() const override { return store_.GroupCount(); }
  std::unique_ptr<StoreSnapshot> TakeSnapshot() override {
    return std::make_unique<WatchedSnapshot>(store_.TakeSnapshot(), &on_journal_row);
  }
  absl::Status Probe() override {
    ++probes;
    return full ? absl::UnavailableError("the test's disk is full") : absl::OkStatus();
  }
  absl::Status Reopen() override {
    ++reopened;
    return store_.Reopen();
  }
  std::string LastError() const override { return store_.LastError(); }

 private:
  class WatchedSnapshot : public StoreSnapshot {
   public:
    WatchedSnapshot(std::unique_ptr<StoreSnapshot> snapshot, const std::function<void()>* hook)
        : snapshot_(std::move(snapshot)), hook_(hook) {}
    absl::Status Get(Table table, std::string_view key,
                     std::optional<std::string>* value) override {
      return snapshot_->Get(table, key, value);
    }
    std::unique_ptr<Cursor> NewCursor(Table table) override {
      auto cursor = snapshot_->NewCursor(table);
      if (table != Table::kJournal || !*hook_) return cursor;
      return std::make_unique<WatchedCursor>(std::move(cursor), hook_);
    }

   private:
    class WatchedCursor : public Cursor {
     public:
      WatchedCursor(std::unique_ptr<Cursor> cursor, const std::function<void()>* hook)
          : cursor_(std::move(cursor)), hook_(hook) {}
      void SeekFirstAtOrAfter(std::string_view key) override { cursor_->SeekFirstAtOrAfter(key); }
      void SeekLastAtOrBefore(std::string_view key) override { cursor_->SeekLastAtOrBefore(key); }
      bool valid() const override { return cursor_->valid(); }
      void Next() override {
        (*hook_)();
        cursor_->Next();
      }
      void Previous() override { cursor_->Previous(); }
      std::string_view key() const override { return cursor_->key(); }
      std::string_view value() const override { return cursor_->value(); }
      absl::Status status() const override { return cursor_->status(); }

     private:
      std::unique_ptr<Cursor> cursor_;
      const std::function<void()>* hook_;
    };
    std::unique_ptr<StoreSnapshot> snapshot_;
    const std::function<void()>* hook_;
  };

  MemoryStore store_;
};

class CommitPipelineTest : public testing::Test {
 protected:
  CommitPipelineTest() : clock_(1'767'225'600 * kSecondUs) { Start(); }

  // Again: on what the store has.
  void Start() {
    pipeline_.reset();
    CommitPipelineOptions options;
    options.test_clock = &clock_;
    options.log = [this](const std::string& line) {
      pipeline_->Ready();  // takes the pipeline's lock: a line is never written under it
      std::lock_guard<std::mutex> lock(log_mutex_);
      log_ += line + "\n";
    };
    pipeline_ = std::make_unique<CommitPipeline>(std::move(options), &store_, &clock_);
    EXPECT_TRUE(pipeline_->Start().ok());
  }

  Reason Request(const std::string& id, int64_t gpu_hours = 1) {
    Command command;
    command.population = kDefaultPopulation;
    command.caller = {"local", true};
    command.lookup.sequence = pipeline_->Peek(kDefaultPopulation)->sequence;
    RequestReservation request;
    request.id = id;
    request.purpose = stored::SERVING;
    request.amounts = {{"gpu_hours", Amount::FromUnits(gpu_hours)}};
    request.labels = {{"capability", "any"}, {kFamilyLabel, "lab"}};
    command.body = std::move(request);
    return ReasonOf(pipeline_->Submit(command).status);
  }
  // As an operator.
  template <typename Body>
  api::CommandResult Submit(Body body, std::optional<IfMatch> if_match = std::nullopt) {
    Command command;
    command.population = kDefaultPopulation;
    command.caller = {"local", true};
    command.lookup.sequence = pipeline_->Peek(kDefaultPopulation)->sequence;
    command.if_match = if_match;
    command.body = std::move(body);
    return pipeline_->Submit(command);
  }
  static Reason ReasonOf(const absl::Status& status) {
    return status.ok() ? stored::REASON_UNSPECIFIED : RefusalOf(status).reason();
  }
  absl::StatusOr<api::ReservationRead> Find(const std::string& id) {
    return pipeline_->FindReservation(pipeline_->Peek(kDefaultPopulation), id, api::AsOf());
  }
  absl::StatusOr<Explained> Explain(const api::View& view, const RequestReservation& request) {
    ReturnSchedule::Steps steps{kOutlookStepsMax};
    return pipeline_->Explain(view, request, "local", &steps);
  }
  bool IsThere(const std::string& id) {
    const auto read = Find(id);
    return read.ok() && read->reservation.has_value();
  }
  std::string Log() {
    std::lock_guard<std::mutex> lock(log_mutex_);
    return log_;
  }

  StubbornStore store_;
  TestClock clock_;
  std::mutex log_mutex_;
  std::string log_;
  std::unique_ptr<CommitPipeline> pipeline_;
};

TEST_F(CommitPipelineTest, ReadsGoOnAsLongAsTheDiskSaysNo) {
  ASSERT_EQ(Request("a"), stored::REASON_UNSPECIFIED);
  store_.full = true;
  EXPECT_EQ(Request("b"), stored::COMMIT_UNKNOWN);
  EXPECT_EQ(Request("c"), stored::READ_ONLY);
  EXPECT_FALSE(pipeline_->Ready());
  for (int probes = 1; probes <= 4; ++probes) {
    ASSERT_TRUE(Eventually([&] { return store_.probes >= probes; }));
    ASSERT_TRUE(IsThere("a")) << Find("a").status();
    ASSERT_TRUE(pipeline_->Verify(pipeline_->Peek(kDefaultPopulation)).ok());
  }
  EXPECT_EQ(store_.reopened, 0) << "nothing is closed before the disk takes writes again";
  EXPECT_THAT(Log(), HasSubstr("event=reopen_failed error=\"the test's disk is full\""));
  store_.full = false;
  ASSERT_TRUE(Eventually([&] { return pipeline_->Ready(); }));
  EXPECT_EQ(store_.reopened, 1);
  EXPECT_EQ(Request("b"), stored::REASON_UNSPECIFIED);
  EXPECT_TRUE(IsThere("a"));
  EXPECT_TRUE(IsThere("b"));
  EXPECT_TRUE(Eventually([&] { return Log().find("event=writable") != std::string::npos; }));
}

// As a crash leaves it, right behind the entry that made it.
TEST_F(CommitPipelineTest, TheReviewerCountsForABudgetThatWasNotCounted) {
  ASSERT_EQ(Request("a", 8), stored::REASON_UNSPECIFIED);
  const auto submit = [&](auto body) {
    const auto result = Submit(std::move(body));
    ASSERT_TRUE(result.status.ok()) << result.status;
  };
  EnterCost invoice;
  invoice.id = "invoice";
  invoice.amount = Amount::FromUnits(30);
  invoice.category = stored::NETWORK_COST;
  invoice.labels = {{"capability", "any"}, {kFamilyLabel, "lab"}};
  submit(invoice);
  CreateBudget budget;
  budget.budget.set_id("all");
  budget.budget.set_amount(Amount::FromUnits(100).micros());
  submit(budget);
  budget.budget.set_id("of-nobody");
  auto& label = *budget.budget.add_labels();
  label.set_key(kFamilyLabel);
  label.set_value("nobody");
  submit(budget);
  const auto totals = [&](const char* id) {
    return pipeline_->Peek(kDefaultPopulation)->budgets->Find(id)->totals;
  };
  EXPECT_NE(totals("all").counted_after, 0u);
  ReviewerOptions options;
  std::string told;
  options.log = [&](const std::string& line) { told += line + "\n"; };
  {
    Reviewer reviewer(options, pipeline_.get(), pipeline_->follower());
    // A disk that says no is no reason to forget it, nor to read the month again and again.
    store_.full = true;
    reviewer.LookAtAll();
    EXPECT_NE(totals("all").counted_after, 0u);
    EXPECT_THAT(told,
                HasSubstr("event=budgets_not_counted population=default error=\"the disk did"));
    store_.full = false;
    ASSERT_TRUE(Eventually([&] { return pipeline_->Ready(); }));
    told.clear();
    int looks = 0;
    for (; looks < 100 && totals("of-nobody").counted_after != 0; ++looks) reviewer.LookAtAll();
    EXPECT_GT(looks, 10);
    EXPECT_LT(looks, 100);
    EXPECT_EQ(told, "");
  }
  EXPECT_EQ(totals("all").spent_amount(), Amount::FromUnits(30));
  EXPECT_EQ(totals("of-nobody").spent_amount(), Amount());
  const uint64_t sequence = pipeline_->Peek(kDefaultPopulation)->sequence;
  Start();
  Reviewer another(options, pipeline_.get(), pipeline_->follower());
  another.LookAtAll();
  EXPECT_EQ(pipeline_->Peek(kDefaultPopulation)->sequence, sequence) << "once";
  EXPECT_EQ(totals("all").spent_amount(), Amount::FromUnits(30));
  const auto verified = pipeline_->Verify(pipeline_->Peek(kDefaultPopulation));
  EXPECT_TRUE(verified.ok() && verified->ok) << verified.status();
}

TEST_F(CommitPipelineTest, WhatWasReadForABudgetIsNotCountedForAnotherOfItsName) {
  const auto submit = [&](auto body) { return ReasonOf(Submit(std::move(body)).status); };
  CreateBudget budget;
  budget.budget.set_id("all");
  budget.budget.set_amount(Amount::FromUnits(100).micros());
  ASSERT_EQ(submit(budget), stored::REASON_UNSPECIFIED);
  const uint64_t made = pipeline_->Peek(kDefaultPopulation)->sequence;
  ASSERT_TRUE(Submit(DeleteBudget{"all"}, IfMatch{true, 0}).status.ok());
  ASSERT_EQ(submit(budget), stored::REASON_UNSPECIFIED);
  EXPECT_EQ(submit(CountBudget{"all", made, made, 0, 1'000'000}), stored::NOT_FOUND);
  EXPECT_EQ(submit(CountBudget{"all", made + 2, made, 0, 0}), stored::WRONG_STATE);
  EXPECT_EQ(submit(CountBudget{"all", made + 2, made + 2, 0, 0}), stored::REASON_UNSPECIFIED);
  EXPECT_EQ(submit(CountBudget{"all", made + 2, made + 2, 0, 0}), stored::WRONG_STATE);
}

// As a crash leaves it, between two of the entries that count what is held.
TEST_F(CommitPipelineTest, TheReviewerGoesOnCountingWhatIsHeld) {
  const auto submit = [&](auto body) {
    const auto result = Submit(std::move(body));
    EXPECT_TRUE(result.status.ok()) << result.status;
    return result.sequence;
  };
  const auto held = [&] {
    return pipeline_->Peek(kDefaultPopulation)->budgets->Find("all")->totals;
  };
  CreateRateCard create;
  create.card.set_id("cloud");
  auto& rate = *create.card.add_rates();
  rate.set_resource("gpu_hours");
  rate.set_picos(Rate::One().picos());
  submit(create);
  ASSERT_EQ(Request("a", 1), stored::REASON_UNSPECIFIED);
  const uint64_t first = pipeline_->Peek(kDefaultPopulation)->sequence;
  ASSERT_EQ(Request("b", 2), stored::REASON_UNSPECIFIED);
  ASSERT_EQ(Request("c", 4), stored::REASON_UNSPECIFIED);
  CreateBudget budget;
  budget.budget.set_id("all");
  budget.budget.set_amount(Amount::FromUnits(100).micros());
  const uint64_t made = submit(budget);
  ASSERT_EQ(Request("d", 8), stored::REASON_UNSPECIFIED);
  CountBudget count{"all", made, made, first, 0};
  // Who is not of these entries does not count by it, nor who is not there any more.
  count.held = {"a", "b", "c", "d", "e"};
  submit(count);
  EXPECT_EQ(held().held_amount(), Amount::FromUnits(14));
  EXPECT_EQ(held().counted_after, first);
  // What comes between counts where it was counted, and is found changed where it was not.
  submit(ChargeReservation{"a", "of-a", {{"gpu_hours", Amount::FromMicros(250'000)}}, {}});
  submit(ChargeReservation{"b", "of-b", {{"gpu_hours", Amount::FromUnits(1)}}, {}});
  ASSERT_TRUE(Submit(UpdateBudget{"all", Amount::FromUnits(200), std::nullopt}, IfMatch{true, 0})
                  .status.ok());
  EXPECT_EQ(held().held_amount(), Amount::FromUnits(13));
  EXPECT_EQ(held().spent_amount(), Amount::FromMicros(1'250'000));
  Start();
  EXPECT_EQ(held().held_amount(), Amount::FromUnits(13));
  EXPECT_EQ(held().counted_after, first);
  ReviewerOptions options;
  options.log = [](const std::string& line) { ADD_FAILURE() << line; };
  Reviewer(options, pipeline_.get(), pipeline_->follower()).LookAtAll();
  EXPECT_EQ(held().held_amount(), Amount::FromMicros(13'750'000));
  EXPECT_EQ(held().spent_amount(), Amount::FromMicros(1'250'000));
  EXPECT_EQ(held().counted_after, 0u);
  const auto verified = pipeline_->Verify(pipeline_->Peek(kDefaultPopulation));
  EXPECT_TRUE(verified.ok() && verified->ok) << verified.status();
}

TEST_F(CommitPipelineTest, SaysThatTheBooksAreAheadOfTheClock) {
  ASSERT_EQ(Request("a"), stored::REASON_UNSPECIFIED);
  const int64_t then_us = clock_.NowMicros();
  Start();
  EXPECT_THAT(Log(), Not(HasSubstr("clock_behind")));
  clock_.Set(then_us - 3'600 * kSecondUs);
  Start();
  EXPECT_THAT(Log(), HasSubstr("event=clock_behind seconds=3600 "));
  EXPECT_EQ(clock_.NowMicros(), then_us);
}

TEST_F(CommitPipelineTest, ALongVerifyGivesWayToAReopening) {
  for (const std::string id : {"a", "b", "c"}) {
    ASSERT_EQ(Request(id), stored::REASON_UNSPECIFIED);
  }
  // In the middle of the journal the disk fails, and verify takes its time until the pipeline waits
  // for it.
  std::atomic<int> rows{0};
  store_.on_journal_row = [&] {
    if (++rows > 1) return;
    store_.full = true;
    EXPECT_EQ(Request("d"), stored::COMMIT_UNKNOWN);
    store_.full = false;
    EXPECT_TRUE(Eventually([&] { return ReasonOf(Find("a").status()) == stored::READ_ONLY; }));
  };
  const auto verified = pipeline_->Verify(pipeline_->Peek(kDefaultPopulation));
  EXPECT_EQ(ReasonOf(verified.status()), stored::READ_ONLY) << verified.status();
  EXPECT_EQ(rows, 1) << "it did not read on";
  ASSERT_TRUE(Eventually([&] { return pipeline_->Ready(); }));
  const auto again = pipeline_->Verify(pipeline_->Peek(kDefaultPopulation));
  EXPECT_TRUE(again.ok() && again->ok) << again.status();
  EXPECT_TRUE(IsThere("c"));
}

// The first look-up of a command leaves out what is open; an id that was denied long before must
// not pass for a denied one then.
TEST_F(CommitPipelineTest, FindsAnOpenReservationBehindTheDenialOfItsId) {
  constexpr int64_t kTooMany = 1'000'000'000;
  ASSERT_EQ(Request("denied", kTooMany), stored::INSUFFICIENT_CAPACITY);
  ASSERT_EQ(Request("both", kTooMany), stored::INSUFFICIENT_CAPACITY);
  ASSERT_EQ(Request("both"), stored::REASON_UNSPECIFIED);
  ASSERT_EQ(Request("open"), stored::REASON_UNSPECIFIED);
  const auto view = pipeline_->Peek(kDefaultPopulation);
  api::LookUpIds ids;
  ids.made = {"both", "denied", "open"};
  ids.made_open = false;
  const auto first = pipeline_->LookUp(*view, ids);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->made.at("both").state, stored::STATE_GRANTED);
  EXPECT_EQ(first->made.at("denied").state, stored::STATE_DENIED);
  EXPECT_FALSE(first->made.contains("open"));
  ids.made_open = true;
  const auto second = pipeline_->LookUp(*view, ids);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->made.at("open").state, stored::STATE_GRANTED);
}

// The follower is told before anybody sees the view, by another thread than asks it.
TEST_F(CommitPipelineTest, ExplainsOnAStateAsNewAsAnyView) {
  std::atomic<bool> done{false};
  std::thread other([&] {
    // More than wait until somebody asks.
    for (int i = 0; i < 300; ++i) EXPECT_EQ(Request("r" + std::to_string(i)), 0);
    done = true;
  });
  RequestReservation request;
  request.purpose = stored::TRAINING;
  request.amounts = {{"gpu_hours", Amount::FromUnits(300)}};
  request.labels = {{"capability", "any"}, {kFamilyLabel, "lab"}};
  while (!done) {
    const api::View view = pipeline_->Peek(kDefaultPopulation);
    const auto explained = Explain(view, request);
    ASSERT_TRUE(explained.ok()) << explained.status();
    EXPECT_GE(explained->explanation.sequence(), view->sequence);
  }
  other.join();
  const auto explained = Explain(pipeline_->Peek(kDefaultPopulation), request);
  ASSERT_TRUE(explained.ok()) << explained.status();
  // All of the 300 that are available are held, for an hour.
  EXPECT_EQ(explained->refusal.shortages(0).available(), 0);
  EXPECT_EQ(explained->explanation.earliest_start_us(), clock_.NowMicros() + kLeaseDefaultUs);
  EXPECT_EQ(explained->explanation.assumptions_size(), 5);
  EXPECT_EQ(explained->explanation.assumptions(0).name(), "r299");
}

TEST_F(CommitPipelineTest, ExplainsNothingThatIsMalformed) {
  RequestReservation request;
  request.purpose = stored::SERVING;
  request.amounts = {{"no_such_thing", Amount::FromUnits(1)}};
  const auto explained = Explain(pipeline_->Peek(kDefaultPopulation), request);
  EXPECT_EQ(ReasonOf(explained.status()), stored::UNKNOWN_RESOURCE);
}

}  // namespace
}  // namespace purser
