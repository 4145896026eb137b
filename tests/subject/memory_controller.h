#ifndef PURSER_TESTS_SUBJECT_MEMORY_CONTROLLER_H_
#define PURSER_TESTS_SUBJECT_MEMORY_CONTROLLER_H_

// The commit pipeline without threads: a sequencer over a store that can be broken, in memory
// unless the test brings another, asked by api::Submission as the server's threads ask the real
// one. Several commands can be made to share a group, so that look-ups go stale as they do under
// load; the store's faults and the power switch are the caller's.
//
// Only what a Submission asks is answered; the reads that only routes need say Unimplemented.
// Deterministic; thread-compatible.
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/controller.h"
#include "daemon/follower.h"
#include "daemon/history.h"
#include "daemon/sequencer.h"
#include "tests/subject/breakable_store.h"

namespace purser {

class MemoryController : public api::Controller {
 public:
  MemoryController(SequencerOptions options, std::unique_ptr<BreakableStore> store);

  // A power failure, or the reopening after COMMIT_UNKNOWN: the memory is gone, the store stays.
  // The store is open again afterwards; nothing is committed before Open.
  void Crash();
  absl::Status Reopen();
  // As Sequencer::Open. Also the first opening.
  absl::Status Open();
  // How often it was opened: what was not durable may be gone since.
  int openings() const { return openings_; }

  // What time it is for the next group; it may be set back.
  void set_clock_us(InstantUs clock_us) { clock_us_ = clock_us; }
  InstantUs clock_us() const { return clock_us_; }
  bool CommitAllDue();
  bool SignOfLife();

  // Runs while the next command waits for its group: what it submits joins that group.
  void Join(std::function<void()> other) { waiting_.push_back(std::move(other)); }

  // False after the store said no, until Open succeeds.
  bool writable() const { return writable_; }
  JournalStore& store() { return store_->journal(); }
  BreakableStore& breakable() { return *store_; }
  const Sequencer& sequencer() const { return *sequencer_; }
  const Population* Find(std::string_view population) const {
    return sequencer_->machine().Find(population);
  }
  History TakeHistory(const std::string& population);
  // Runs what still waits: the command it was to join was answered without the writer.
  void RunWaiting();

  // Which commands were decided by the writer, or answered without it, in that order; what went
  // stale is named when it was decided for good.
  struct Decided {
    std::string request_id;
    bool met_writer = false;  // if only to go stale there: what was due in its group is durable
  };
  const std::vector<Decided>& decided() const { return decided_; }
  void ForgetDecided() {
    decided_.clear();
    stale_.clear();
  }
  // To be called when a command was answered.
  void NoteAnswered(const std::string& request_id);

  api::CommandResult Submit(const Command& command) override;
  api::View Peek(std::string_view population) override;
  absl::StatusOr<api::LookedUp> LookUp(const api::PopulationView& view,
                                       const api::LookUpIds& ids) override;
  absl::StatusOr<std::vector<Shown>> Recall(const api::PopulationView& view,
                                            const std::vector<stored::Answer>& answers) override;
  absl::StatusOr<Explained> Explain(const api::View& view, const RequestReservation& request,
                                    const std::string& principal,
                                    ReturnSchedule::Steps* steps) override {
    return follower_.Explain(view->name, request, principal, NowUs(), steps);
  }
  absl::StatusOr<Explained> ExplainQueued(const api::View& view, const ReservationPicture& queued,
                                          ReturnSchedule::Steps* steps) override {
    if (queued.scheduled()) {
      return follower_.ExplainScheduled(view->name, BookingKeyOf(queued), NowUs(), steps);
    }
    return follower_.ExplainQueued(view->name, QueueKeyOf(queued), NowUs(), steps);
  }
  absl::StatusOr<api::QueueRead> ReadQueue(const api::View& view,
                                           const api::PageRequest& page) override {
    return follower_.ReadQueue(view->name, std::nullopt, page.size, NowUs());
  }
  absl::StatusOr<api::CalendarRead> ReadCalendar(const api::View& view,
                                                 const api::CalendarQuery& query,
                                                 const api::PageRequest& page) override {
    CalendarQuestion question;
    question.resource = query.resource;
    question.count = page.size;
    api::CalendarRead read;
    auto found = follower_.ReadCalendar(view->name, question, NowUs(), &read.sequence);
    if (!found.ok()) return found.status();
    read.steps = std::move(found->steps);
    return read;
  }
  std::optional<LetPass> FindPassing(const std::string& population) {
    return follower_.FindPassing(population, NowUs());
  }
  // The follower's copy differs from the state: empty, or how.
  std::string CheckFollower(const std::string& population);
  int64_t idempotency_retention_us() const override { return 7 * kDayUs; }
  // The clock as commands see it: it never falls.
  InstantUs NowUs() override;
  bool Ready() override { return writable_; }
  bool has_test_clock() const override { return true; }

  absl::StatusOr<api::View> Read(std::string_view) override { return NotAsked(); }
  absl::StatusOr<std::vector<api::View>> ReadAll() override { return NotAsked(); }
  absl::StatusOr<api::ReservationRead> FindReservation(const api::View&, const std::string&,
                                                       const api::AsOf&) override {
    return NotAsked();
  }
  absl::StatusOr<api::Page<Reservation>> ListReservations(const api::View&,
                                                          const api::ReservationFilter&,
                                                          const api::PageRequest&) override {
    return NotAsked();
  }
  absl::StatusOr<api::Page<stored::ChargeRecord>> ListCharges(const api::View&, api::Posted,
                                                              const std::string&,
                                                              const api::PageRequest&) override {
    return NotAsked();
  }
  absl::StatusOr<Present> FixPresent(const api::View&) override { return NotAsked(); }
  absl::StatusOr<api::CostsRead> ReadCosts(const api::View&, const api::CostsQuery&,
                                           const api::AsOf&) override {
    return NotAsked();
  }
  absl::StatusOr<EarlierCosts> ReadEarlierCosts(const api::View& view,
                                                const BudgetState& budget) override;
  absl::StatusOr<api::PeriodRead> FindPeriod(const api::View& view,
                                             const std::string& period) override;
  absl::StatusOr<api::PeriodsRead> ListPeriods(const api::View&, const api::PageRequest&) override {
    return NotAsked();
  }
  absl::StatusOr<api::CostLinesRead> ReadCostLines(const api::View&,
                                                   const api::CostLinesQuery&) override {
    return NotAsked();
  }
  absl::StatusOr<api::SummaryRead> ReadSummary(const api::View&,
                                               const std::optional<std::string>&) override {
    return NotAsked();
  }
  absl::StatusOr<api::DigestRead> ReadDigest(const api::View&,
                                             const std::optional<std::string>&) override {
    return NotAsked();
  }
  absl::StatusOr<api::SelectionRead> SelectModels(const api::View&,
                                                  const std::vector<std::string>&) override {
    return NotAsked();
  }
  absl::StatusOr<api::ModelRead> FindModel(const api::View&, const std::string&,
                                           const api::AsOf&) override {
    return NotAsked();
  }
  absl::StatusOr<api::Page<ModelRecord>> ListModels(const api::View&, const api::ModelFilter&,
                                                    const api::PageRequest&) override {
    return NotAsked();
  }
  absl::StatusOr<api::ModelsRead> ReadModels(const api::View&, const api::AsOf&) override {
    return NotAsked();
  }
  absl::StatusOr<api::ApprovalsRead> ReadApprovals(const api::View&, size_t) override {
    return NotAsked();
  }
  absl::StatusOr<api::ProposalRead> FindProposal(const api::View&, const std::string&) override {
    return NotAsked();
  }
  absl::StatusOr<api::Page<ProposalPicture>> ListProposals(const api::View&,
                                                           const api::ProposalFilter&,
                                                           const api::PageRequest&) override {
    return NotAsked();
  }
  absl::StatusOr<api::ReviewRead> ReviewModels(const api::View&, const std::string&) override {
    return NotAsked();
  }
  absl::StatusOr<api::ProposersRead> ReadProposers(const api::View&) override { return NotAsked(); }
  absl::StatusOr<api::Page<stored::Debt>> ListDebts(const api::View&,
                                                    const api::PageRequest&) override {
    return NotAsked();
  }
  absl::StatusOr<api::ResourcesRead> ReadResources(const api::View&, const api::AsOf&) override {
    return NotAsked();
  }
  absl::StatusOr<api::Page<api::StoredEntry>> ListEntries(const api::View&,
                                                          const api::PageRequest&) override {
    return NotAsked();
  }
  absl::StatusOr<std::optional<api::StoredEntry>> FindEntry(const api::View&, uint64_t) override {
    return NotAsked();
  }
  absl::StatusOr<std::vector<api::StoredEntry>> ReadEntries(const api::View&, uint64_t) override {
    return NotAsked();
  }
  api::Bulletin& bulletin() override { return bulletin_; }
  absl::StatusOr<api::VerifyResult> Verify(const api::View&) override { return NotAsked(); }
  std::string MetricsText() override { return ""; }
  absl::StatusOr<InstantUs> AdvanceClock(std::optional<int64_t>,
                                         std::optional<InstantUs>) override {
    return NotAsked();
  }

 private:
  static absl::Status NotAsked() { return absl::UnimplementedError("not asked by a submission"); }
  void MakeSequencer();
  void CommitPending();
  void TakeViews();

  const SequencerOptions options_;
  const std::unique_ptr<BreakableStore> store_;
  Follower follower_;
  std::unique_ptr<Sequencer> sequencer_;
  std::map<std::string, api::View, std::less<>> views_;
  api::Bulletin bulletin_;
  InstantUs clock_us_ = 0;
  bool writable_ = false;
  int openings_ = 0;
  std::deque<std::function<void()>> waiting_;
  std::vector<Sequencer::Submission> pending_;
  std::vector<Decided> decided_;
  std::set<std::string> stale_;  // request ids
};

}  // namespace purser

#endif  // PURSER_TESTS_SUBJECT_MEMORY_CONTROLLER_H_
