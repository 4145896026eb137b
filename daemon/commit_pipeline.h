#ifndef PURSER_DAEMON_COMMIT_PIPELINE_H_
#define PURSER_DAEMON_COMMIT_PIPELINE_H_

// The commit pipeline: a bounded queue of commands, the one writer thread that takes all that wait
// and commits them as a group, and the reads of what is durable. While one group syncs the next
// gathers: that is the only concurrency in the core.
//
// After a failed write or sync the group is answered COMMIT_UNKNOWN and everything after it
// READ_ONLY. The writer asks the disk, with back-off, until it takes writes again, and only then
// closes the store, opens it and takes what the log kept. Reads go on from the last views; only
// those that come while the store is closed are answered READ_ONLY. Thread-safe.
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "api/controller.h"
#include "daemon/clock.h"
#include "daemon/demand_reads.h"
#include "daemon/history.h"
#include "daemon/journal_feed.h"
#include "daemon/journal_store.h"
#include "daemon/mutex.h"
#include "daemon/notification.h"
#include "daemon/sequencer.h"

namespace purser {

struct CommitPipelineOptions {
  SequencerOptions sequencer;
  size_t queue_length_max = 65'536;
  // Operations taken into one group, the members of batches counted: bounds its memory and time.
  size_t operations_a_group_max = 16'384;
  int64_t tick_ms = 200;             // how often the writer looks for what is due when nobody asks
  int64_t sign_of_life_ms = 10'000;  // how often it leaves a durable sign of life
  int64_t idempotency_retention_us = 7 * kDayUs;
  // Told the time of each group that is durable: what is past its retention then, nobody asks for.
  std::shared_ptr<std::atomic<InstantUs>> committed_until_us =
      std::make_shared<std::atomic<InstantUs>>(0);
  ReviewPolicy review;
  TestClock* test_clock = nullptr;  // the same object as the clock, when time stands still
  // Called without any lock held.
  std::function<void(const std::string&)> log = [](const std::string&) {};
};

class CommitPipeline : public api::Controller {
 public:
  CommitPipeline(CommitPipelineOptions options, JournalStore* store, Clock* clock);
  ~CommitPipeline() override;

  // Reads the state and starts the writer. DataLoss and others as Recover and the store say.
  absl::Status Start();
  Follower* follower() { return &follower_; }
  // Takes nothing more, answers what it took, and stops the writer. Idempotent.
  void Stop();

  api::CommandResult Submit(const Command& command) override;
  absl::StatusOr<api::View> Read(std::string_view population) override;
  absl::StatusOr<std::vector<api::View>> ReadAll() override;
  absl::StatusOr<api::LookedUp> LookUp(const api::PopulationView& view,
                                       const api::LookUpIds& ids) override;
  api::View Peek(std::string_view population) override;
  int64_t idempotency_retention_us() const override { return options_.idempotency_retention_us; }
  // As commands see it: never before the newest entry.
  InstantUs NowUs() override {
    return std::max<InstantUs>(clock_->NowMicros(),
                               options_.committed_until_us->load(std::memory_order_acquire));
  }
  absl::StatusOr<std::vector<Shown>> Recall(const api::PopulationView& view,
                                            const std::vector<stored::Answer>& answers) override;
  absl::StatusOr<api::ReservationRead> FindReservation(const api::View& view, const std::string& id,
                                                       const api::AsOf& as_of) override;
  absl::StatusOr<api::Page<Reservation>> ListReservations(const api::View& view,
                                                          const api::ReservationFilter& filter,
                                                          const api::PageRequest& page) override;
  absl::StatusOr<api::Page<stored::ChargeRecord>> ListCharges(
      const api::View& view, api::Posted posted, const std::string& reservation,
      const api::PageRequest& page) override;
  absl::StatusOr<Present> FixPresent(const api::View& view) override;
  absl::StatusOr<api::ModelRead> FindModel(const api::View& view, const std::string& id,
                                           const api::AsOf& as_of) override;
  absl::StatusOr<api::Page<ModelRecord>> ListModels(const api::View& view,
                                                    const api::ModelFilter& filter,
                                                    const api::PageRequest& page) override;
  absl::StatusOr<api::CostsRead> ReadCosts(const api::View& view, const api::CostsQuery& query,
                                           const api::AsOf& as_of) override;
  absl::StatusOr<api::UsageRead> ReadUsage(const api::View& view, const Allocation& allocation,
                                           std::string_view path) override;
  absl::StatusOr<EarlierCosts> ReadEarlierCosts(const api::View& view,
                                                const BudgetState& budget) override;
  absl::StatusOr<api::PeriodRead> FindPeriod(const api::View& view,
                                             const std::string& period) override;
  absl::StatusOr<api::PeriodsRead> ListPeriods(const api::View& view,
                                               const api::PageRequest& page) override;
  absl::StatusOr<api::CostLinesRead> ReadCostLines(const api::View& view,
                                                   const api::CostLinesQuery& query) override;
  absl::StatusOr<api::SummaryRead> ReadSummary(const api::View& view,
                                               const std::optional<std::string>& family) override;
  absl::StatusOr<api::DigestRead> ReadDigest(const api::View& view,
                                             const std::optional<std::string>& week) override;
  absl::StatusOr<api::ModelsRead> ReadModels(const api::View& view,
                                             const api::AsOf& as_of) override;
  absl::StatusOr<api::ApprovalsRead> ReadApprovals(const api::View& view, size_t requests) override;
  absl::StatusOr<api::ProposalRead> FindProposal(const api::View& view,
                                                 const std::string& id) override;
  absl::StatusOr<api::Page<ProposalPicture>> ListProposals(const api::View& view,
                                                           const api::ProposalFilter& filter,
                                                           const api::PageRequest& page) override;
  absl::StatusOr<api::ProposersRead> ReadProposers(const api::View& view) override;
  absl::StatusOr<api::SelectionRead> SelectModels(
      const api::View& view, const std::vector<std::string>& candidates) override;
  absl::StatusOr<api::DemandRead> ReadDemand(const std::string& population) override;
  absl::StatusOr<ShadowPrices> ReadShadowPrices(const std::string& population) override;
  absl::Status AddShadowPrices(Command* command) override;
  absl::StatusOr<api::ReviewRead> ReviewModels(const api::View& view,
                                               const std::string& reservation) override;
  absl::StatusOr<api::Page<stored::Debt>> ListDebts(const api::View& view,
                                                    const api::PageRequest& page) override;
  absl::StatusOr<api::ResourcesRead> ReadResources(const api::View& view,
                                                   const api::AsOf& as_of) override;
  absl::StatusOr<api::Page<api::StoredEntry>> ListEntries(const api::View& view,
                                                          const api::PageRequest& page) override;
  absl::StatusOr<std::optional<api::StoredEntry>> FindEntry(const api::View& view,
                                                            uint64_t sequence) override;
  absl::StatusOr<std::vector<api::StoredEntry>> ReadEntries(const api::View& view,
                                                            uint64_t first) override;
  absl::StatusOr<api::VerifyResult> Verify(const api::View& view) override;
  absl::StatusOr<Explained> Explain(const api::View& view, const RequestReservation& request,
                                    const std::string& principal,
                                    ReturnSchedule::Steps* steps) override;
  absl::StatusOr<Explained> ExplainQueued(const api::View& view, const ReservationPicture& queued,
                                          ReturnSchedule::Steps* steps) override;
  absl::StatusOr<api::CalendarRead> ReadCalendar(const api::View& view,
                                                 const api::CalendarQuery& query,
                                                 const api::PageRequest& page) override;
  absl::StatusOr<api::QueueRead> ReadQueue(const api::View& view,
                                           const api::PageRequest& page) override;
  std::optional<RequestReservation::Passing> MayPass(const api::View& view,
                                                     const RequestReservation& request,
                                                     std::string_view principal) override {
    return follower_.MayPass(view->name, request, principal, NowUs());
  }
  api::Bulletin& bulletin() override { return bulletin_; }
  bool Ready() override;
  std::string MetricsText() override;
  absl::StatusOr<InstantUs> AdvanceClock(std::optional<int64_t> by_us,
                                         std::optional<InstantUs> to_us) override;
  bool has_test_clock() const override { return options_.test_clock != nullptr; }

 private:
  struct Pending {
    const Command* command = nullptr;  // nullptr: what is due in every population
    api::CommandResult result;
    Notification answered;
  };
  class LeaseNamer;
  using Views = std::map<std::string, api::View, std::less<>>;

  void Run();
  // What waits, up to a group's worth; false when it is time to stop.
  bool Take(std::deque<Pending*>* taken);
  bool CommitGroup(const std::deque<Pending*>& group);
  void RefuseWaiting(stored::Reason reason);
  void Recover();
  absl::Status ReopenStore();
  void PublishViews();
  // Until it stops: grants those who delay nobody before them.
  void LetAllPass();
  bool Enqueue(Pending* pending);
  bool EnqueueAndWait(Pending* pending);
  // OVERLOADED when what is due could not be committed first.
  absl::StatusOr<api::View> WaitForDue(std::string_view population);
  // Until everything stamped at or before the time is durable and nothing more can be.
  absl::Status WaitUntilPast(const api::View& view, const api::AsOf& as_of);

  absl::StatusOr<api::AsOf> FixAsOf(const api::View& view, const api::CostsQuery& query,
                                    const api::AsOf& as_of);

  // Runs `read` on a history of one moment, with a directory that knows all it may meet.
  template <typename Result>
  absl::StatusOr<Result> WithHistory(
      std::string_view population,
      const std::function<absl::StatusOr<Result>(History&, const api::View&)>& read);
  // The newest view, once it is as new as `sequence`.
  api::View WaitForView(std::string_view population, uint64_t sequence);
  absl::Status EnterRead();
  void LeaveRead();
  // Whether a read is to give way, asked by the read now and then.
  std::function<bool()> Abandons();
  // Of the entries behind `after`.
  absl::StatusOr<std::set<std::string>> TouchedReservations(const api::View& view, uint64_t after);
  absl::StatusOr<uint64_t> ResolveAsOf(History& history, const api::View& view,
                                       const api::AsOf& as_of);

  const CommitPipelineOptions options_;
  JournalStore* const store_;
  Clock* const clock_;
  Follower follower_;
  Sequencer sequencer_;  // the writer's alone after Start
  std::thread writer_;
  std::thread passing_;

  Mutex mutex_;
  Condition work_;
  Condition views_changed_;
  Condition queue_changed_;
  Condition stops_;
  Condition reads_changed_;
  std::deque<Pending*> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool read_only_ ABSL_GUARDED_BY(mutex_) = true;
  bool reads_closed_ ABSL_GUARDED_BY(mutex_) = false;
  int reads_ ABSL_GUARDED_BY(mutex_) = 0;
  Views views_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> queues_changed_
      ABSL_GUARDED_BY(mutex_);  // populations where somebody waits

  api::Bulletin bulletin_;
  JournalFeed feed_;
  DemandReads demand_reads_;

  std::atomic<int64_t> last_sign_us_{0};
  std::atomic<uint64_t> commands_{0};
  std::atomic<uint64_t> groups_{0};
  std::atomic<uint64_t> entries_{0};
  std::atomic<uint64_t> overloaded_{0};
  std::atomic<uint64_t> commit_failures_{0};
};

}  // namespace purser

#endif  // PURSER_DAEMON_COMMIT_PIPELINE_H_
