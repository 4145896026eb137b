#ifndef PURSER_DAEMON_FOLLOWER_H_
#define PURSER_DAEMON_FOLLOWER_H_

// A compact copy of what every population has, owes and gets back, told of each group once it is
// durable: what has to search the state asks this copy and not the writer, which it costs nothing
// but the telling. It is never behind a published view, since the writer tells it first.
//
// News wait until somebody asks or until there are many; a thread takes them in then. Thread-safe.
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "api/controller.h"
#include "daemon/mutex.h"
#include "ledger/debts.h"
#include "lifecycle/explanation.h"
#include "reservations/return_schedule.h"

namespace purser {

// What one durable group changed in a population.
struct PopulationNews {
  api::View view;  // after it
  std::vector<ReturnChange> returns;
  std::vector<stored::LedgerFact> debts;  // incurred and repaid, in order
  std::vector<QueueChange> queue;
  std::vector<BookingChange> bookings;
  std::vector<PreemptibleChange> preemptibles;
  // Of entries that say something of models.
  struct OfModels {
    google::protobuf::RepeatedPtrField<stored::ModelFact> facts;
    ModelBook::Context context;
    std::vector<stored::ModelUse> uses;
  };
  std::vector<OfModels> models;
};

struct FollowedPopulation {
  api::View view;
  DebtBook debts;
  ReturnSchedule returns;
  Queue queue;
  std::map<QueueKey, std::shared_ptr<const Reservation>> waiting;  // whom the queue names
  mutable BudgetMemo budget_memo = {};                             // of these
  Bookings bookings;
  std::map<BookingKey, std::shared_ptr<const Reservation>> booked;  // whom these name
  Preemptibles preemptibles;
  std::map<RegretKey, std::shared_ptr<const Reservation>> preemptible;  // whom these name
  ModelBook models = {};
  // Made when somebody asks, good until the next news; `plan_sequence` is that of its view.
  QueuePlan plan = {};
  uint64_t plan_sequence = 0;
  uint64_t no_passing_sequence = 0;  // of the view of which it is known that nobody may pass

  // The first who may have now what others wait for, since it delays none of them.
  const Reservation* FindPassing(const JudgedState& state) const;

  // In the order in which they were made.
  void Take(const QueueChange& change);
  void Take(const BookingChange& change);
  void Take(const PreemptibleChange& change);
};

class Follower {
 public:
  Follower(ReservationPolicy policy, ModelPolicy model_policy, MonthStartAfter month_start_after);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // Start and Stop by one thread; without them news are taken in when somebody asks.
  void Start();
  void Stop();

  // By the writer: everything, as it is after a start; and what each group changed.
  void Reset(std::vector<FollowedPopulation> populations);
  void Take(std::vector<PopulationNews> news);

  // Judged at `now_us` or, where something fell due meanwhile that the copy does not know yet, just
  // before that. Takes what it looks at off `steps`. NOT_FOUND: no such population.
  absl::StatusOr<Explained> Explain(const std::string& population,
                                    const RequestReservation& request, std::string_view principal,
                                    InstantUs now_us, ReturnSchedule::Steps* steps);
  // Why it waits, where, and until when. NOT_FOUND: it does not wait (any more).
  absl::StatusOr<Explained> ExplainQueued(const std::string& population, const QueueKey& key,
                                          InstantUs now_us, ReturnSchedule::Steps* steps);
  // Whether a booked one starts in time, and why not. NOT_FOUND: it is not booked any more.
  absl::StatusOr<Explained> ExplainScheduled(const std::string& population, const BookingKey& key,
                                             InstantUs now_us, ReturnSchedule::Steps* steps);
  // Those behind `after` in the queue, `count` at most.
  absl::StatusOr<api::QueueRead> ReadQueue(const std::string& population,
                                           const std::optional<QueueKey>& after, size_t count,
                                           InstantUs now_us);
  // The first that wait for what a budget asks for, in the order of the queue; none of a population
  // that there is not.
  std::vector<api::RequestApproval> ListUnapproved(const std::string& population, size_t count,
                                                   InstantUs now_us);
  // NOT_FOUND also: no such capacity.
  absl::StatusOr<CalendarPage> ReadCalendar(const std::string& population,
                                            const CalendarQuestion& question, InstantUs now_us,
                                            uint64_t* sequence);
  // The newest that is known; `minimum` as of ModelPolicy::coverage_minimum.
  absl::StatusOr<api::ModelsRead> ReadModels(const std::string& population, int minimum);
  // With what executing it would do, judged at `now_us`.
  absl::StatusOr<api::ProposalRead> ReadProposal(const std::string& population,
                                                 const std::string& id, InstantUs now_us);
  absl::StatusOr<api::Page<ProposalPicture>> ListProposals(const std::string& population,
                                                           const api::ProposalFilter& filter,
                                                           const api::PageRequest& page);
  absl::StatusOr<api::ProposersRead> ReadProposers(const std::string& population);
  // Of a proposal; nullopt: there is none.
  std::optional<stored::ProposalSettings::Kind> FindKind(const std::string& population,
                                                         const std::string& proposal);
  // As api::Controller::SelectModels says.
  absl::StatusOr<api::SelectionRead> SelectModels(const std::string& population,
                                                  const std::vector<std::string>& candidates,
                                                  const SelectionPremises& premises);
  // As api::Controller::ReviewModels says.
  absl::StatusOr<api::ReviewRead> ReviewModels(const std::string& population,
                                               const std::string& reservation,
                                               const ReviewPolicy& policy,
                                               const ShadowPrices& prices, InstantUs now_us);
  // As api::Controller::MayPass says.
  std::optional<RequestReservation::Passing> MayPass(const std::string& population,
                                                     const RequestReservation& request,
                                                     std::string_view principal, InstantUs now_us);
  // Who may be granted before others that wait, and as of which sequence; nullopt: nobody.
  std::optional<LetPass> FindPassing(const std::string& population, InstantUs now_us);
  // What is known of a population, for tests.
  FollowedPopulation* FindForTest(const std::string& population);

  // Populations of which somebody lacks what models occupy, or whose budget of models is smaller
  // than what is ACTIVE, since this was asked last.
  std::set<std::string> TakePressed();

 private:
  void Run();
  void TakeIn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_mutex_);
  absl::StatusOr<FollowedPopulation*> FindNewest(const std::string& population)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_mutex_);
  // What who waits lacks, of what models occupy.
  ReviewQuestion QuestionOf(const FollowedPopulation& followed, const Books& books,
                            const Reservation& waiting, InstantUs now_us) const;
  void NotePressure(const FollowedPopulation& followed, const Refusal& refusal)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_mutex_);
  const QueuePlan& PlanOf(const JudgedState& state, FollowedPopulation* followed);
  JudgedState StateOf(const FollowedPopulation& followed, const Books* books,
                      std::string_view principal, InstantUs now_us) const;

  const ReservationPolicy policy_;
  const ModelPolicy model_policy_;
  const MonthStartAfter month_start_after_;
  // state_mutex_ before mutex_, so that news are taken in in their order.
  Mutex state_mutex_;
  std::map<std::string, FollowedPopulation> populations_ ABSL_GUARDED_BY(state_mutex_);
  std::set<std::string> pressed_ ABSL_GUARDED_BY(state_mutex_);
  Mutex mutex_;
  Condition many_;
  std::vector<PopulationNews> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_changes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// The books that a view and the debts make.
Books MakeBooks(const api::PopulationView& view, const DebtBook& debts);

}  // namespace purser

#endif  // PURSER_DAEMON_FOLLOWER_H_
