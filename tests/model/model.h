#ifndef PURSER_TESTS_MODEL_MODEL_H_
#define PURSER_TESTS_MODEL_MODEL_H_

// The independent reference model of the ledger and of reservations: naive, quadratic, obvious.
//
// It is written from the design page alone and shares no logic with the product. One population;
// time zones other than UTC, requests a second, passing in the queue and more than 1,000 leases
// that end within a minute are not in it. What is due is executed first, each at its own instant.
// Reservations and charges without an id of the client's get names of the model's own, which mean
// nothing outside. Thread-compatible.
#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/model/artifact.h"
#include "tests/model/book.h"
#include "tests/model/budget.h"
#include "tests/model/card.h"
#include "tests/model/charge.h"
#include "tests/model/limit.h"
#include "tests/model/month.h"
#include "tests/model/proposal.h"
#include "tests/model/reservation.h"
#include "tests/model/stay.h"
#include "tests/model/subject.h"

namespace purser::model {

// Everything that a command may change; copied to undo an atomic batch.
struct State {
  int64_t now_us = 0;
  int64_t next_order = 1;
  std::map<std::string, Book> books;
  std::map<std::string, Reservation> reservations;
  std::vector<Waiting> queue;     // In no order that matters.
  std::vector<Waiting> bookings;  // In the order in which they were made.
  std::vector<Notice> notices;    // In the order in which they were given.
  // Resources of which bookings may have lost something: by a withdrawal, a changed setting,
  // downtime, or a purpose that may draw on the reserve.
  std::set<std::string> disturbed;
  std::map<std::string, Charge> charges;
  std::set<std::string> cost_entries;  // Ids.
  std::vector<CostLine> costs;
  std::vector<OutcomesTold> outcomes;
  Stays stays;
  std::map<std::pair<std::string, std::string>, FreezeView> freezes;
  std::map<std::string, Card> cards;            // By id.
  std::map<std::string, Guardrail> guardrails;  // By id.
  std::map<std::string, Budget> budgets;        // By id.
  Month budget_month;                           // Of all of them, while there are some.
  int64_t entry = 0;                            // Counts what may have been one.
  std::map<std::string, Limit> limits;          // By id.
  int64_t next_moment = 1;                      // Orders what limits count.
  int64_t recorded_from = 0;                    // The moment since which there is a limit.
  std::map<std::string, ClosedMonth> closed;    // By name.
  std::vector<GrantedOnce> grants;
  std::map<std::string, Remembered> resource_names;
  std::map<std::string, Remembered> reservation_ids;
  std::map<std::string, Remembered> charge_ids;
  std::map<std::string, Remembered> refund_ids;
  Zoo zoo;
  Proposals proposals;
};

class Model : public Subject {
 public:
  Model() { Reset(0, {"capability", "operator_family"}); }

  void Reset(int64_t start_us, const std::vector<std::string>& required_labels) override;
  Verdict Do(const Action& action) override;

  int64_t NowUs() const override { return state_.now_us; }
  std::optional<ResourceView> FindResource(const std::string& name) const override;
  std::optional<ReservationView> FindReservation(const std::string& id) const override;
  std::vector<DebtView> ListDebts() const override;
  std::vector<FreezeView> ListFreezes() const override;
  std::vector<std::string> ListQueue() const override;
  std::string Identity(const std::string& resource) const override;
  std::optional<ArtifactView> FindArtifact(const std::string& id) const override;
  std::optional<PopulationView> FindPopulation() const override;
  std::optional<ProposalView> FindProposal(const std::string& id) const override;
  std::optional<ProposerView> FindProposer(const std::string& principal) const override;
  std::string RateCards() const override;
  std::string Guardrails() const override;
  std::string Budgets() const override;
  std::string BudgetMonth() const override;
  std::string RateInForce(const std::string& resource) const override;
  // Also counts from now on what capacities are occupied, held and kept, and for how long.
  void CountStays() { counts_stays_ = true; }
  std::string Periods() const override;
  // What belongs to the time from `from_us` to before `until_us`, by the keys: "x|ocr 12.5; x| 3
  // network 7 memory=900/300", a nothing for a label that was not said; of the 900 (millionths
  // times microseconds) 300 were not priced.
  std::string Costs(int64_t from_us, int64_t until_us, const std::vector<std::string>& keys) const;
  // What became of results between these, and what one that was accepted cost by everything that
  // was spent then, the dearest first: "ocr|m 21 fallback:18 judge:3 accepted 4 rejected 0
  // escalated 6 each 5.25; …", of what was not accepted "undefined"; of costs as above.
  std::string AcceptedCosts(int64_t from_us, int64_t until_us,
                            const std::vector<std::string>& keys) const;
  std::string AcceptedCosts(const std::vector<std::string>& keys) const override {
    return AcceptedCosts(0, INT64_MAX, keys);
  }
  std::string CheckInvariants() const override;

  const State& state() const { return state_; }
  // In the running month.
  Wide SpentOf(const Budget& budget) const;
  Wide HeldOf(const Budget& budget) const;
  // The ids of who waits while a budget asks for an approval.
  std::vector<std::string> ListUnapproved() const;

  // What is free of a capacity resource from now on if all leases and bookings end when they say:
  // begins now, in the order of time.
  std::vector<Moment> PlayForward(const std::string& resource) const;

  // Everything that a client can see of the present, and what is left of each charge, as text.
  std::string Digest() const;

 private:
  // Time.
  void MoveTo(int64_t at_us);
  void RunDue(int64_t until_us);

  // Stays.
  void NotePriced(const Book& book);
  std::map<StayKey, Stay> ListStays() const;  // As things stand.
  void AddArtifactStays(std::map<StayKey, Stay>* stays) const;
  // Why a capacity costs what it does at an instant: the card, and of a rate a month the month's
  // first instant; "" where it is not priced.
  std::pair<std::string, int64_t> PricedBy(const Stay& stay, int64_t at_us) const;
  // One for each rate that was in force meanwhile, of what lies between.
  std::vector<CostLine> LinesOf(const Stay& stay, int64_t from_us, int64_t until_us) const;
  void RollOver(Book* book) const;
  void Expire(const std::string& id);
  void ForgetDenials();

  // Judgement before any state is looked at; "" or a code.
  std::string Malformed(const Action& action) const;
  // "" or where a scope is missing: "route", judged first, or "content", after what is malformed.
  std::string LacksScope(const Action& action) const;
  // Without what falls due by it.
  Verdict DoInEntries(const Action& action);
  Verdict Dispatch(const Action& action);

  // An operator's commands.
  Verdict CreateResource(const Action& action);
  Verdict UpdateResource(const Action& action);
  Verdict DeleteResource(const Action& action);
  Verdict Move(const Action& action);
  Verdict Freeze(const Action& action);
  Verdict Unfreeze(const Action& action);
  Verdict SetLimit(const Action& action);
  Verdict Relimit(const Action& action);
  Verdict Unlimit(const Action& action);
  Verdict MakeCard(const Action& action);
  Verdict ChangeCard(const Action& action);
  Verdict DropCard(const Action& action);
  Verdict ClosePeriod(const Action& action);
  bool IsHeldSinceBefore(int64_t instant_us) const;
  std::string CheckClosed() const;
  std::string RefuseRates(const std::map<std::string, UnitRate>& rates) const;
  int64_t EndOfCard(const std::string& id, const std::string& resource) const;
  bool OverlapsIn(const std::string& resource, const Card& card, const std::string& other_id) const;
  std::string RefuseCard(const std::string& id, const Card& card) const;
  bool IsPriced(const std::string& resource) const;
  Verdict MakeGuardrail(const Action& action);
  Verdict OnGuardrail(const Action& action);
  bool ExceedsHour(const Guardrail& guardrail) const;
  void CountForGuardrails(const Charge& charge);
  void TripGuardrails();
  bool IsStoppedByGuardrails(const Action& action) const;
  Verdict DispatchBudget(const Action& action);
  Verdict MakeBudget(const Action& action);
  Verdict OnBudget(const Action& action);
  Verdict Advance(const Action& action);
  Verdict Resume(const Action& action);

  // Reservations.
  Verdict Reserve(const Action& action);
  // What stands in the way of a request now, with the shortages; no reasons: it may be granted.
  Verdict Judge(const Action& action) const;
  Verdict Deny(const Action& action, Verdict verdict);
  // Holds what was asked, or the most there is; the lease begins. What was got.
  Amounts GrantHold(const std::string& id, const Action& action);
  std::string FaultyRequest(const Action& action) const;
  std::vector<std::string> Blocks(const Action& action) const;
  std::vector<Shortage> Shortages(const Action& action) const;
  std::string RefuseVerb(const Action& action) const;  // Not found, forbidden, wrong state.
  Verdict StartVerb(const Action& action);
  Verdict Renew(const Action& action);
  Verdict Settle(const Action& action);
  Verdict Release(const Action& action);
  // What the request gets, if it is granted or booked: what was asked; "up to", the largest
  // multiple of the step that may be drawn. `room`: what limits leave.
  int64_t Obtainable(const Action& action, const std::string& resource, int64_t room) const;
  void Start(Reservation* reservation);
  void GiveBack(Reservation* reservation);

  // Budgets.
  void CountForBudgets(const CostLine& line);
  // What was spent in the month before it was made.
  Verdict CountEarlier(Budget* budget) const;
  // What the request would cost the budget.
  Wide AskedOf(const Budget& budget, const Action& action) const;
  // The reasons to refuse it; of one that another approved the first alone.
  std::vector<std::string> OverBudget(const Action& action, bool approved) const;
  bool AwaitsApproval(const std::string& id) const;
  bool IsApproved(const std::string& id) const;  // and waits still
  std::string ApproverOf(const std::string& id) const;
  // What a hold that is made now counts at; nullopt: nothing.
  std::optional<int64_t> HoldPriceOf(const Reservation& reservation,
                                     const std::string& resource) const;
  Verdict Review(const Action& action);
  void BeginBudgetMonth();
  void TellBudgets();

  // Advance reservations.
  std::string FaultyStart(const Action& action) const;
  Verdict Schedule(const Action& action, Verdict verdict);
  bool TooManyBookings(const Action& action) const;
  void StartScheduled(const std::string& id);
  // The tightest moment of the span, the earliest of these.
  std::optional<Moment> Tightest(const std::string& resource, const Span& span) const;
  // The one that binds a request for the resource, now or from its start on.
  std::optional<Moment> TightestFor(const Action& action, const std::string& resource) const;
  // Gives the lease another end, unless something is booked between the old one and the new.
  Verdict Prolong(Reservation* reservation, int64_t lease_us);
  // What a booking needs to start.
  bool BookedIsThere(const Waiting& booking) const;
  // What one that starts too late lacks to start, and to leave what else is booked.
  std::set<std::string> LackingToStart(const Waiting& booking) const;
  void Begin(const Waiting& booking);
  void Disturb(const std::string& purpose, const Amounts& amounts);
  void Cancel(const std::string& id);
  std::string CheckBookings() const;

  // Limits.
  // The limits that bind the request; of each principal's what the own does not say.
  std::vector<Limit> LimitsOf(const Action& action) const;
  int64_t CountOpen(const Limit& limit, const std::string& principal) const;
  int64_t UsedShare(const Limit& limit, const std::string& principal,
                    const std::string& resource) const;
  bool CountsDays() const;  // whether some limit counts days or months
  static int64_t NextDay(int64_t now_us);
  int64_t GrantedSince(const Limit& limit, const std::string& principal,
                       const std::string& resource, int64_t since_us) const;
  bool Counts(const Limit& limit, const std::string& principal,
              const std::map<std::string, std::string>& labels, const std::string& holder) const;
  // What the limit leaves of the resource for one more request.
  int64_t RoomUnder(const Limit& limit, const Action& action, const std::string& resource) const;
  int64_t Room(const Action& action, const std::string& resource) const;
  bool IsLimited(const Action& action) const;
  bool IsLimitedForGood(const Action& action) const;
  bool IsLimitedAtStart(const Waiting& booking) const;

  // The queue.
  Verdict Queue(const Action& action, Verdict verdict);
  std::vector<Waiting> QueueInOrder() const;
  std::vector<std::string> ClaimedBy(const Waiting& waiting) const;
  // The resources claimed by those who stand ahead of a request that arrives now.
  std::set<std::string> ClaimedAhead(const Action& action) const;
  // A freeze, a debt, a limit or a budget stands in its way.
  bool IsBarred(const Waiting& waiting) const;
  // The resources of which there is not the least that it is content with.
  std::set<std::string> Lacking(const Waiting& waiting) const;
  bool HasRoom(const Waiting& waiting) const { return Lacking(waiting).empty(); }
  bool NeverFits(const Action& action) const;
  bool QueueIsFull(const std::string& principal) const;
  void GrantQueued();
  void ShowGrant(bool atomic, Verdict* result);
  bool GrantFirstQueued();
  void LeaveQueue(const std::string& id, const std::string& state);
  std::string CheckQueue() const;

  // Preemption.
  using Names = std::set<std::string>;
  const Notice* FindNotice(const std::string& id) const;
  void GiveNotices();
  // Gives notice if that, and victims, make room. `model` is what there is when all notices so far
  // have been executed.
  bool GiveNotice(const Waiting& waiting, const Model& model);
  // In the order in which they are taken.
  std::vector<std::string> VictimsFor(int tier) const;
  std::optional<std::vector<std::string>> ChooseVictims(const Waiting& waiting,
                                                        const Model& model) const;
  // When it could be granted with these victims.
  int64_t PreemptAtUs(const Waiting& waiting, const std::vector<std::string>& victims) const;
  // What it lacks if these are gone, from now until its lease after `preempt_at_us` has ended.
  Names LackingWithout(const std::vector<std::string>& victims, const Waiting& waiting,
                       int64_t preempt_at_us) const;
  // What there is when all notices have been executed now, save for those that would fail: the ids
  // of these.
  Model AsIfExecuted(Names* failing) const;
  Model Lean() const;
  // With the notice that it gave withdrawn, as it is once it is granted.
  bool HasRoomWithoutNotice(const Waiting& waiting) const;
  void HoldLeast(const Waiting& waiting, int64_t preempt_at_us);
  // Who gave notice before, and it or a victim of it names one of the resources.
  std::vector<Notice> RelatedNotices(const Action& request) const;
  std::vector<std::string> VictimsOf(const std::string& id) const;
  void Preempt(const std::vector<std::string>& victims);
  void Withdraw(const std::string& id);
  void Execute(const std::string& id);
  std::string CheckNotices() const;

  // Charges.
  Verdict ChargeVerb(const Action& action);
  Verdict PostCharge(const Action& action);
  Verdict Refund(const Action& action);
  Verdict EnterCost(const Action& action);
  Verdict ReportOutcomes(const Action& action);
  // `last`: how many of the keys, at their end, split what the others leave.
  CostGroups GroupCosts(int64_t from_us, int64_t until_us, const std::vector<std::string>& keys,
                        size_t last = 0) const;
  std::string UnknownResource(const Amounts& amounts) const;
  std::string NotOfReservation(const Action& action) const;
  // `charge` says whose it is.
  std::string CategoryOf(const std::string& said, const std::string& resource,
                         const std::string& purpose) const;
  // Of a unit of a consumable, at an instant that is not to come.
  std::optional<int64_t> PriceOf(const std::string& resource, int64_t at_us) const;
  // When the next card begins or ends.
  std::optional<int64_t> NextRates() const;
  // Of what is charged to the reservation now, or to none: by its quote, if it has one.
  std::optional<int64_t> PriceFor(const Reservation* reservation,
                                  const std::string& resource) const;
  bool CostsTooMuch(const Amounts& amounts, const Reservation* reservation) const;
  // The prices of what is asked for, where it names a quote.
  std::optional<std::map<std::string, std::optional<int64_t>>> QuoteOf(const Action& action) const;
  void RecordColdStart(const Artifact& artifact);
  void RecordCosts(const Charge& charge);
  void RecordRefund(const Charge& charge, const std::string& resource, int64_t amount);
  static void ShowCosts(const Charge& charge, Verdict* verdict);
  Verdict Post(Charge charge, const std::string& charge_id, const Amounts& amounts);
  Charge ChargeOf(const Action& action) const;
  void RefundLine(const std::string& family, int64_t amount, ChargeLine* line, Book* book);

  // ML models: what a command makes of them is tried out on copies.
  Verdict DispatchArtifact(const Action& action);
  Verdict Register(const Action& action);
  Verdict Patch(const Action& action);
  Verdict Shadow(const Action& action);
  Verdict Retire(const Action& action);
  Verdict ArchiveOrPurge(const Action& action);
  Verdict Rollback(const Action& action);
  Verdict Require(const Action& action);
  Verdict Activate(const Action& action);
  // On the ground of an approval asked when it is requested and when it is approved.
  Verdict JudgeActivation(const Action& action) const;
  Verdict Approve(const Action& action);
  Verdict Reject(const Action& action);
  // "" or the code of what is wrong with what is said of one in this state.
  std::string FaultyParts(const Action& action) const;
  bool IsGone(const std::string& id) const;  // Archived or purged.
  std::string FaultyGround(const Action& action) const;
  // Who is activated and who leaves; new windows and costs.
  Change Activation(const Action& action, Zoo* zoo) const;
  Terms TermsOf(const Action& action, const Change& change) const;
  // What artifacts of these states occupy together, and of the change more (or less, negative).
  Amounts OccupiedBy(const Artifact& artifact) const;
  Amounts NetOf(const Change& change) const;
  // What is refused by a gate that is closed; of a merge that it forbids it of all of them counts.
  Verdict Gate(const Change& change, bool rollback, bool merge = false) const;
  Change RollbackOf(Artifact failed) const;
  // The reasons of a denial; what was drawn on the reserve is told in `drawn`.
  Verdict JudgeChange(const Change& change, const Terms& terms) const;
  std::vector<Shortage> MissingOf(const Amounts& net, bool with_reserve) const;
  std::vector<Shortage> ShortagesOf(const Amounts& net, const Terms& terms) const;
  // Makes the change as far as there is room for it; returns what was drawn on the reserve.
  Amounts Make(const Change& change, const Terms& terms);
  void Record(const std::map<std::string, Artifact>& before);
  Change WithoutUncovered(const Change& change, const std::string& id, const Terms& terms) const;
  Verdict Carry(const Change& change, const Terms& terms);
  bool IsFrozenFor(const Amounts& net, const Terms& terms) const;
  // The rollback footprints of a resource, the largest first.
  std::vector<int64_t> TargetsOf(const std::string& resource) const;
  // What the reserve lacks of the largest of them.
  int64_t Uncovered(const std::string& resource) const;
  // Of some resource more is missing than before, and than in the other one.
  bool LosesCoverage(const Model& before, const Model* besides = nullptr) const;
  std::vector<std::string> Uncoverable(const std::string& target) const;
  // An operator's command on a resource, refused if it goes too far.
  Verdict Guarded(const Action& action, Verdict (Model::*command)(const Action&));
  Verdict BudgetStep(const Model& before) const;
  bool IsNamedByArtifacts(const std::string& resource) const;
  int64_t CountActive() const;
  void EndWindow(int64_t number);
  void EndLoans();
  std::string CheckArtifacts() const;
  std::string DigestOfArtifacts() const;

  // Proposals.
  Verdict DispatchProposal(const Action& action);
  Verdict Propose(const Action& action);
  Verdict Amend(const Action& action, Proposal* proposal);
  Verdict ApproveProposal(const Action& action, Proposal* proposal);
  Verdict EndProposal(const Action& action, Proposal* proposal);
  Verdict ExecuteProposal(Proposal* proposal);
  bool IsUnknown(const Proposal& proposal) const;  // One of its models.
  // By states, or a gate.
  Verdict JudgeProposal(const Proposal& proposal) const;
  bool IsWatchedByMany(const Proposal& proposal) const;
  bool IsOvertaken(const Proposal& proposal) const;
  Change ChangeOf(const Proposal& proposal, Zoo* zoo) const;
  Terms TermsOf(const Proposal& proposal, const Change& change) const;
  void Supersede();
  void Realise(const std::string& id);
  // How long it was ACTIVE from one instant up to another.
  int64_t ActiveUs(const std::string& artifact, int64_t from_us, int64_t until_us) const;
  bool IsProvidedWithout(const Proposal& proposal, const std::string& capability,
                         int64_t quality) const;
  int64_t LostValue(const Proposal& proposal, const Artifact& artifact) const;
  std::map<std::string, int64_t> NetValue(const Proposal& proposal) const;
  std::vector<std::string> ConstraintsOf(const Proposal& proposal) const;
  std::string CheckProposals() const;
  std::string DigestOfProposals() const;

  // Batches.
  Verdict Batch(const Action& action);
  Verdict AtomicBatch(const Action& action);

  std::string FreshName() { return "_" + std::to_string(state_.next_order++); }

  int64_t born_us_ = 0;  // When the population was made.
  State state_;
  std::vector<std::string> required_labels_;
  bool counts_stays_ = false;
};

// Shared by the parts of the model.
Verdict Refused(const std::string& code);
bool IsExperiment(const std::string& purpose);
bool DrawsOnReserve(const std::string& purpose);
// FLEX to STANDARD and REALTIME, BATCH to REALTIME.
bool GivesWay(int tier, int other);
bool MayGiveWay(int tier);
std::string FamilyOf(const Action& action);
// What was asked, in no state yet.
Reservation NewReservation(const Action& action);
// What must be drawable for the request not to be short of this resource.
int64_t Need(const Action& action, const std::string& resource, const Book& book);
// What the purpose may draw of the resource now.
int64_t Drawable(const Action& action, const Book& book);
// What must be equal for an id to be a replay: the operation, an absent field like its default,
// whoever sends it.
std::string ContentOf(const Action& action);
// The verdict of a replay or a conflict; absent when the id is new.
std::optional<Verdict> Recall(const std::map<std::string, Remembered>& memory,
                              const std::string& id, const Action& action);

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_MODEL_H_
