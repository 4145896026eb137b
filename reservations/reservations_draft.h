#ifndef PURSER_RESERVATIONS_RESERVATIONS_DRAFT_H_
#define PURSER_RESERVATIONS_RESERVATIONS_DRAFT_H_

// What one undecided command would make of reservations and charges, on top of a BooksDraft: copies
// of what it touches, and the facts that lead there. Each operation either refuses, with a Status,
// and changes nothing (Refund: leaves the draft to be thrown away), or adds its facts. A refusal
// whose reason IsDenial() is a verdict on a request, to be remembered (Deny); any other leaves no
// trace.
//
// The order of the checks in each operation is the contract's order of judgement. A value for one
// command; thread-compatible.
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/books_draft.h"
#include "reservations/book_foresight.h"
#include "reservations/commands.h"
#include "reservations/if_match.h"
#include "reservations/limit_check.h"
#include "reservations/preemptibles.h"
#include "reservations/queue_rules.h"
#include "reservations/reservation_book.h"
#include "reservations/usage_draft.h"

namespace purser {

inline constexpr char kDebtTooLarge[] = "makes a debt beyond the largest amount";
inline constexpr char kCostTooLarge[] = "costs more than the largest amount";

// Whether a refusal with this reason is a denial: a verdict on a well-formed request.
bool IsDenial(Reason reason);
// Those of experiments with such labels, by id, if the purpose is an experiment's.
std::vector<const stored::Freeze*> FindExperimentFreezes(const FreezeBook& freezes,
                                                         stored::Purpose purpose,
                                                         const Labels& labels);
// The freezes that the request meets, of the population, its family, its resources and experiments
// like it, by id. Those of the resources that there are.
std::vector<const stored::Freeze*> FindFreezes(const Books& books,
                                               const RequestReservation& request);
// The least of the resource that the request is content with, of which it asks `asked`.
Amount LeastOf(const RequestReservation& request, const Resource& resource, Amount asked);
// The same where the minimum is at hand, and what is got of at least that much that may be drawn.
Amount LeastOf(const Resource& resource, Amount asked, const std::optional<Amount>& minimum);
Amount GrantOf(const Resource& resource, Amount asked, const std::optional<Amount>& minimum,
               Amount drawable);

// What the reservation asks for, as a request would.
RequestReservation RequestOf(const ReservationPicture& reservation, const Books& books);

// The numbers of a denial in one line.
std::string DescribeDenial(const Refusal& refusal);
// Of a request that is not left to wait.
void NoteNeverFits(Refusal* refusal);

class ReservationsDraft {
 public:
  struct Context {
    const ReservationBook* book;
    const Lookup* lookup;
    const ReservationPolicy* policy;
    ResourceIdentities identify;
    std::optional<IfMatch> if_match;       // of the reservation that a verb acts on
    const Queue* queue = nullptr;          // nullptr: the book's
    const UsageView* usage = nullptr;      // for who has no book
    const Foresight* foresight = nullptr;  // likewise
    const Preemptibles* preemptibles = nullptr;
  };
  // Facts are made on the arena of the entry that takes them; nullptr: on none.
  ReservationsDraft(BooksDraft* books, Context context, google::protobuf::Arena* arena = nullptr);
  ReservationsDraft(const ReservationsDraft&) = delete;
  ReservationsDraft& operator=(const ReservationsDraft&) = delete;

  // `index` counts the members of an atomic batch (-1: not in a batch); it makes ids that were not
  // given.
  absl::Status Request(const RequestReservation& command, const Caller& caller, int index);
  // Would it be granted? A refusal without a reason: yes. A Status that is not OK: it is malformed.
  // Asks neither the book, but for who waits, nor the look-up. Sets `granted`, where it is given,
  // to what of each resource would be.
  absl::StatusOr<Refusal> Judge(const RequestReservation& command, std::string_view principal,
                                NamedAmounts* granted = nullptr) const;
  // Whether a well-formed request could be granted with everything free, so that it may wait.
  bool MayEverFit(const RequestReservation& command) const;
  // Why one that waits is not granted. A refusal without a reason: it is, as soon as it is looked
  // at.
  Refusal JudgeQueued(const ReservationPicture& queued) const;
  // What there is of a resource that a well-formed request names, by amounts and bookings.
  Amount RoomOf(const RequestReservation& command, const Resource& resource) const;
  // The same of each, and what limits leave of it.
  NamedAmounts RoomsOf(const RequestReservation& command, std::string_view principal) const;
  // Why one that is SCHEDULED will not start in time, as things stand: without a reason, it will.
  Refusal JudgeScheduled(const ReservationPicture& booked) const;
  // What models would occupy more, by resource, for ever.
  struct Growth {
    std::map<uint32_t, Amount> amounts;
    bool may_draw_on_reserve = false;
    bool is_rollback = false;  // then neither bookings nor claims bind it
    bool is_bound() const { return !may_draw_on_reserve && !is_rollback; }
  };
  // Adds what is short of it, and whose claims stand in its way.
  void FindGrowthShortages(const Growth& growth, Refusal* refusal) const;
  void FindGrowthClaims(const Growth& growth, Refusal* refusal) const;
  // As the command leaves it.
  const CalendarDraft& calendar() const { return calendar_; }
  void Deny(const RequestReservation& command, const Caller& caller, const Refusal& refusal);
  // What was denied last is found by what the command does later, as if it were an entry before.
  void KeepDenied();
  void Explain(const stored::RequestExplained& explained);
  absl::Status Start(const StartReservation& command, const Caller& caller);
  absl::Status Renew(const RenewReservation& command, const Caller& caller);
  absl::Status Charge(const ChargeReservation& command, const Caller& caller, int index);
  absl::Status Settle(const SettleReservation& command, const Caller& caller, int index);
  absl::Status Release(const ReleaseReservation& command, const Caller& caller);
  absl::Status Post(const PostCharge& command, const Caller& caller, int index);
  absl::Status Refund(const RefundCharge& command, int index);
  absl::Status Enter(const EnterCost& command, const Caller& caller, int index);
  absl::Status Report(const ReportOutcomes& command, const Caller& caller, int index);
  // What a budget asks for, of one that waits.
  absl::Status Approve(const std::string& id, const std::string& reason, const Caller& caller);
  absl::Status Reject(const std::string& id, const std::string& reason, const Caller& caller);
  // Of what is posted neither with a charge nor with a cost entry.
  void NoteCost(const Labels& labels, Amount cost) { usage_.NoteCost(labels, cost); }
  // Which budgets the command put above a threshold, once it has done all: they are told.
  std::vector<stored::BudgetCrossed> TellCrossings();
  // An advance reservation has reached its start: it is granted, or waits.
  void StartScheduled(const std::string& id);
  // Names those that will not have what they booked, as the command leaves things: where it took
  // something that nobody else could, `took` or by a purpose that bookings do not bind.
  void TellEndangered(bool took);
  // Likewise where leases end so much later.
  void TellEndangered(int64_t shift_us);
  // The lease has ended. The reservation is open.
  void Expire(const std::string& id);
  // It has waited long enough. The reservation is QUEUED.
  void TimeOut(const std::string& id);
  // Grants one that waits what there is, whoever waits before it. False: it does not wait, or not
  // for others alone.
  bool LetPass(const std::string& id);
  // Grants out of the queue what can be granted now, as the command leaves it; then those give
  // notice who still wait, and may. False: there may be more than one entry grants.
  bool GrantQueued();
  // The notice of a request is to be executed: those that give way end and it is granted, or they
  // do not.
  void Preempt(const std::string& id);
  // The notice that a request would give if it waited as well; nullopt: none.
  struct NoticePlan {
    InstantUs preempt_at_us = 0;
    std::vector<const Reservation*> victims;  // valid until the draft changes
    bool is_alone = true;                     // it need not wait for others that gave notice before
  };
  std::optional<NoticePlan> FindNotice(const ReservationPicture& joining) const;

  // As the command has made it; nullptr when there is none. Valid until the draft changes.
  const Reservation* Find(std::string_view id) const;
  // One that the command has made or touched; what the command does to it later is seen as well.
  std::shared_ptr<const Reservation> Share(std::string_view id) const;
  // Of what the last operation was about.
  const std::string& subject() const { return subject_; }
  const std::string& charge_id() const { return charge_id_; }

  google::protobuf::RepeatedPtrField<stored::ReservationFact>& facts() { return facts_; }

 private:
  struct Wanted {
    const Resource* resource;
    Amount asked;
    std::optional<Amount> minimum;
    Amount least;  // what it is content with
    Amount granted;
    Amount room = Amount::Max();  // what limits leave of it
    Room booked = {};             // what those leave who booked
  };
  struct Judged {
    Refusal refusal;
    bool is_hopeless = false;  // a limit never lets it through
  };
  EntryContext MakeContext() const;
  stored::ReservationFact& NewFact() { return *facts_.Add(); }
  std::string ChooseId(const std::string& id, int index) const;

  // requests.cc
  absl::Status CheckRequest(const RequestReservation& command, std::vector<Wanted>* wanted) const;
  // As Judge, with what it found out of each resource.
  absl::StatusOr<Judged> JudgeWanted(const RequestReservation& command, std::string_view principal,
                                     std::vector<Wanted>* wanted) const;
  // `starts`: an advance reservation, of which the rest was looked at when it was made.
  void FindLimits(const RequestReservation& command, std::string_view principal, bool starts,
                  std::vector<Wanted>* wanted, Judged* judged) const;
  // budgets.cc
  void FindBudgets(const RequestReservation& command, Judged* judged) const;
  void FindBudgets(const ReservationPicture& queued, Refusal* refusal) const;
  static void AddBudgets(const BudgetCheck& check, Refusal* refusal);
  // At which budgets count what it asks for; nullopt: it is not priced.
  std::optional<Rate> RateOfRequest(const RequestReservation& command,
                                    const Resource& resource) const;
  // Of what is held of the resource for a request now, also for budgets that are yet to be made.
  static void SetHeldRate(const Resource& resource, const std::optional<Rate>& rate,
                          stored::Held::Line* line);
  // One that waits, and that another than `caller` may approve or reject: else it is refused.
  absl::StatusOr<Reservation*> TouchReviewed(const std::string& id, bool approves,
                                             const Caller& caller);
  // requests.cc
  void FindBlocking(const RequestReservation& command, Refusal* refusal) const;
  void FindShortages(const RequestReservation& command, const CalendarDraft& calendar,
                     std::vector<Wanted>* wanted, Refusal* refusal) const;
  Amount DrawableOf(const RequestReservation& command, const Resource& resource) const;
  void AddShortage(const Wanted& line, Amount drawable, bool may_draw, Refusal* refusal) const;
  static void AddClaimed(const Resource& resource, Refusal* refusal);
  absl::Status Hold(const RequestReservation& command, const Caller& caller, int index,
                    const std::vector<Wanted>& wanted);
  void Store(const RequestReservation& command, const std::vector<Wanted>& wanted,
             stored::ReservationRequest* request) const;
  void StoreQuote(InstantUs at_us, const std::vector<Wanted>& wanted, stored::Quote* quote) const;

  // advance.cc
  void CheckStart(const RequestReservation& command, Faults* faults) const;
  absl::Status CheckPeriods(const RequestReservation& command,
                            const std::vector<Wanted>& wanted) const;
  void FindBookingBounds(const RequestReservation& command, std::string_view principal,
                         Refusal* refusal) const;
  // As JudgeQueued; `behind_others`: also of who stands ahead.
  Refusal JudgeWaiting(const ReservationPicture& queued, bool behind_others) const;
  // What bookings leave of the resource for the time in question.
  Room FindRoom(const RequestReservation& command, const CalendarDraft& calendar,
                const Resource& resource) const;
  absl::Status Schedule(const RequestReservation& command, const Caller& caller, int index,
                        const std::vector<Wanted>& wanted);
  void NameEndangered(const CalendarDraft& calendar);
  // Whether the lease may end so much later, for those who booked.
  absl::Status CheckLonger(const Reservation& reservation, int64_t lease_us);
  // Whether changes count for the calendar: when something is booked.
  void Track(const Reservation& reservation, int sign);
  void StartTracking();

  // queue_grants.cc
  const Queue* FindQueue() const;  // nullptr: nobody waits, as far as is known here
  // Of those ahead of who stands, or would stand, at `place`.
  void FindClaims(const RequestReservation& command, const QueueKey& place,
                  const std::vector<Wanted>& wanted, Refusal* refusal) const;
  QueueClaims ClaimsAhead(const QueueKey& place) const;
  QueueKey PlaceOf(const RequestReservation& command) const;
  class QueueWalk;  // over those that wait
  bool MayFit(const RequestReservation& command, const Wanted& line) const;
  absl::Status Enqueue(const RequestReservation& command, const Caller& caller, int index,
                       const std::vector<Wanted>& wanted, Judged judged);
  void GrantOne(const Reservation& queued, const QueueRules::Grant& granted);

  // preemption.cc
  class Ahead;  // of who may give notice
  // What one that gave notice gets if it is granted now, so that its victims go on.
  std::optional<QueueRules::Grant> FindEarlyGrant(const Reservation& noticed) const;
  const Preemptibles* FindPreemptibles() const;
  bool MayPreempt() const;
  // Those that give way to the request, as the command leaves them, the smallest regret first.
  std::vector<const Reservation*> ListVictims(const std::string& request) const;
  std::vector<const Reservation*> ListPreemptible(int tier) const;
  std::optional<NoticePlan> FindNotice(const ReservationPicture& queued, const Ahead& ahead) const;
  // Takes one that waits among those ahead, with the notice that it gives, if it does.
  std::optional<NoticePlan> LookAt(const Reservation& queued, bool is_blocked, Ahead* ahead) const;
  void GiveNotices();
  // The calendar where those that would give way to it go on.
  CalendarDraft WithoutNotice(const ReservationPicture& noticed) const;
  // When the notice of a request is executed.
  InstantUs PreemptAt(const Reservation& noticed) const;
  void GiveNotice(const Reservation& queued, const NoticePlan& plan);
  // Of those that give way to the request: they do not.
  void Withdraw(const std::string& request);
  // It waits, where the queue did not have it before.
  void Move(const Reservation* queued);

  // verbs.cc
  // The reservation to act on: not found, not the caller's, or ended are refusals.
  absl::StatusOr<Reservation*> TouchOpen(const std::string& id, const Caller& caller);
  absl::StatusOr<Reservation*> TouchForCharge(const std::string& id, const Caller& caller);
  Reservation* Touch(std::string_view id);
  // Folds the fact, and counts what that changes.
  template <typename Fact>
  void Change(const Fact& fact, const EntryContext& context, Reservation* reservation);
  // The generation is that before this command.
  absl::Status CheckGeneration(const std::string& id) const;
  // Refused when the reservation's record is as long as it may be; its end is never refused.
  absl::Status CheckLength(const Reservation& reservation) const;
  void StartNow(Reservation* reservation, std::optional<int64_t> lease_us);
  void End(Reservation* reservation, stored::ReservationState state, const std::string& charge);
  absl::Status CheckNames(const NamedAmounts& amounts) const;
  // Those that the population requires.
  void CheckLabels(const Labels& labels, Faults* faults) const;
  absl::Status CheckLines(const Reservation& reservation, const NamedAmounts& amounts) const;
  // refunds.cc
  absl::Status ResolveRefund(const RefundCharge& command, const stored::ChargeRecord& charge,
                             stored::Refunded* refunded) const;
  absl::Status PostRefund(const stored::ChargeRecord& charge, const stored::Refunded& refunded);
  // Posts the amounts as `charged`, a fact that has its id and principal. They were checked.
  void ChargeLines(Reservation* reservation, const NamedAmounts& amounts, CostCategory category,
                   stored::Charged* charged);

  BooksDraft* books_;
  Context context_;
  UsageDraft usage_;
  std::optional<BookForesight> foresight_;  // the book's
  CalendarDraft calendar_;
  bool tracks_ = false;
  bool is_unbound_ = false;  // by bookings: a hold of it, or what goes on instead of giving way
  uint32_t booked_ = 0;      // by this command
  uint32_t cancelled_ = 0;   // of what was booked before
  std::map<std::string, std::shared_ptr<Reservation>, std::less<>> touched_;
  google::protobuf::RepeatedPtrField<stored::ReservationFact> facts_;
  // Those that this command made to wait, or to stand elsewhere; and how many wait by it.
  std::map<QueueKey, const Reservation*> queued_;
  uint32_t made_to_wait_ = 0;
  uint32_t notices_ = 0;
  uint32_t made_ = 0;
  uint32_t grants_ = 0;  // out of the queue
  std::string subject_;
  std::string charge_id_;
};

template <typename Fact>
void ReservationsDraft::Change(const Fact& fact, const EntryContext& context,
                               Reservation* reservation) {
  if (reservation->counts()) usage_.CountOpen(*reservation, -1);
  Track(*reservation, -1);
  Fold(fact, context, reservation);
  Track(*reservation, 1);
  if (reservation->counts()) usage_.CountOpen(*reservation, 1);
}

}  // namespace purser

#endif  // PURSER_RESERVATIONS_RESERVATIONS_DRAFT_H_
