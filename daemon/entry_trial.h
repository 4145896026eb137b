#ifndef PURSER_DAEMON_ENTRY_TRIAL_H_
#define PURSER_DAEMON_ENTRY_TRIAL_H_

// The trial of one entry: copies of what it touches, and what is wrong with it. Internal to
// entry_check.h. A value for one entry; thread-compatible.
#include <map>
#include <set>
#include <string>

#include "absl/numeric/int128.h"
#include "ledger/text.h"
#include "lifecycle/population.h"

namespace purser {

// Far beyond any instant or lease, and three of them still fit into 64 bits.
inline constexpr int64_t kInstantMaxUs = int64_t{1} << 60;

class EntryTrial {
 public:
  EntryTrial(const Population& population, const stored::Entry& entry)
      : population_(population), entry_(entry) {
    next_resource_number_ = population.books.next_resource_number();
  }

  // Each step is false, with fault() set, at the first thing that is wrong. In this order.
  bool CheckHeader();
  bool CheckDue();
  bool TryFacts();
  bool TryPostings();
  bool TryBalances();
  bool TryDeletions();
  bool TryReservations();
  bool CheckNotices();
  bool CheckTrips();
  bool CheckBudgets();
  bool TryModels();
  bool CheckSums();
  bool CheckReserve();

  const std::string& fault() const { return fault_; }

 private:
  // What the entry's facts say of one resource, to be compared with what its postings do.
  struct Said {
    absl::int128 held = 0;    // change
    absl::int128 in_use = 0;  // change
    absl::int128 owed = 0;    // change
    absl::int128 spent = 0;   // charged
    absl::int128 posted_to_spent = 0;
    absl::int128 base = 0;  // granted less withdrawn
    absl::int128 carried = 0;
    absl::int128 held_for_reserve_purposes = 0;
    bool created = false;
    bool rolled_over = false;
    bool stated = false;  // its balances
    bool deleted = false;
  };

  template <typename... Pieces>
  bool Fail(const Pieces&... pieces) {
    fault_ = Concat(pieces...);
    return false;
  }
  // As the entry has made it so far; nullptr when there is none.
  Resource* Touch(uint32_t number);
  const Reservation* FindReservation(const std::string& id) const;
  const stored::ChargeRecord* FindCharge(const std::string& id) const;

  bool TryFact(const stored::LedgerFact& fact);
  bool Try(const stored::ResourceCreated& fact);
  bool Try(const stored::ResourceUpdated& fact);
  bool Try(const stored::RolledOver& fact);
  bool Try(const stored::Thawed& fact);
  bool Try(const stored::Debt& fact);
  bool Try(const stored::DebtRepaid& fact);
  bool Try(const stored::Resumed& fact);
  bool Try(const stored::Limit& fact);
  LimitBook& TouchLimits();
  RateBook& TouchRates();
  bool Try(const stored::RateCard& fact);
  bool Try(const stored::RateCardDeleted& fact);
  bool Try(const stored::Guardrail& fact);
  bool Try(const stored::GuardrailDeleted& fact);
  bool Try(const stored::ClockHour& fact);
  bool Try(const stored::Freeze& fact);
  bool Try(const stored::PeriodClosed& fact);
  bool Try(const stored::BudgetSet& fact);
  bool Try(const stored::BudgetDeleted& fact);
  bool Try(const stored::BudgetCounted& fact);
  bool Try(const stored::CostMonth& fact);
  bool Try(const stored::RequestReviewed& fact);
  // Whether the lines of what is held now have the rates that budgets count them at; `before`,
  // where it is given, may have had them already.
  bool CheckHeldRates(const Reservation& held, const Reservation* before);
  // What the entry, which was tried but for this, spends and holds.
  void CountForBudgets(BudgetBook* budgets);
  BudgetBook& TouchBudgets();
  bool TryBaseChange(uint32_t number, int64_t amount, int sign);
  bool TryPosting(const stored::Posting& posting);
  bool CheckSumsOf(const Resource& after);
  bool CheckBase(const Resource& before, const Resource& after, const Said& said);

  bool TryFact(const stored::ReservationFact& fact);
  bool Try(const stored::Held& fact);
  bool Try(const stored::RequestDenied& fact);
  bool Try(const stored::RequestExplained& fact);
  bool Try(const stored::Queued& fact);
  bool Try(const stored::Scheduled& fact);
  // One that holds something, now or later; its lines were counted.
  template <typename Fact>
  bool Make(const Fact& fact);
  bool Try(const stored::Delayed& fact);
  bool Try(const stored::Endangered& fact);
  bool Try(const stored::Noticed& fact);
  bool Try(const stored::NoticeWithdrawn& fact);
  bool Try(const stored::Granted& fact);
  bool Try(const stored::Started& fact);
  bool Try(const stored::Renewed& fact);
  bool Try(const stored::Charged& fact);
  bool Try(const stored::Ended& fact);
  bool Try(const stored::Refunded& fact);
  bool Try(const stored::CostEntered& fact);
  bool Try(const stored::OutcomesReported& fact);
  bool CheckChargedLine(const stored::Charged& fact, const stored::Charged::Line& line);
  bool CheckPrice(const stored::Charged& fact, const stored::Charged::Line& line,
                  const Resource& resource);
  // Whether the rates of a quote were those of its instant, and good still.
  bool CheckQuote(const Reservation& made);
  bool CheckAllocation(const stored::CostEntered& fact);
  bool CheckRefundedLine(const stored::Refunded& fact, const stored::ChargeRecord& charge,
                         const stored::Refunded::Line& line);
  bool CheckLease(int64_t lease_us);
  bool CheckWait(int64_t wait_us);
  // As the entry has made it so far; nullptr when there is none, or it was PURGED before.
  const ModelRecord* FindModel(const std::string& id) const;
  bool TryFact(const stored::ModelFact& fact);
  bool Try(const stored::ModelRegistered& fact);
  bool Try(const stored::ProposalFact& fact);
  bool Try(const stored::ProposalMade& fact);
  const ProposalRecord* FindProposal(const std::string& id) const;
  bool MayFollow(const stored::ProposalFact& fact, const ProposalRecord& before) const;
  bool Try(const stored::ModelChanged& fact);
  bool Try(const stored::ModelMoved& fact);
  bool Try(const stored::ReplacedTargetSet& fact);
  bool Try(const stored::CostPromised& fact);
  bool CheckSettings(const stored::ModelSettings& settings);
  template <typename Fact>
  bool FoldModel(const std::string& id, const Fact& fact);
  bool NoteOccupied();
  bool CheckTargets();
  // Folds the fact into a copy, and notes what that does to holds and occupation.
  template <typename Fact>
  void FoldInto(const std::string& id, const Fact& fact);
  void NoteHolds(const Reservation& reservation, int sign);

  const Population& population_;
  const stored::Entry& entry_;
  std::string fault_;
  uint32_t next_resource_number_ = 0;
  uint32_t made_ = 0;
  bool has_resumed_ = false;
  std::map<uint32_t, Resource> resources_;
  std::map<uint32_t, Said> said_;
  std::map<std::string, bool> freezes_;  // in force
  std::map<DebtKey, int64_t> debts_;     // left of those touched
  std::optional<LimitBook> limits_;      // once one of them changed
  std::optional<RateBook> rates_;        // likewise
  std::optional<BudgetBook> budgets_;    // likewise
  std::map<std::string, Reservation> reservations_;
  std::set<std::pair<uint64_t, std::string>> explained_;  // entries, with ids
  uint32_t grants_ = 0;                                   // out of the queue
  std::map<std::string, stored::ChargeRecord> charges_;
  std::map<std::string, ModelRecord> models_;
  std::map<std::string, bool> approvals_;  // asked for
  std::map<std::string, ProposalRecord> proposals_;
  std::set<uint64_t> repaid_;      // loans
  bool draws_on_reserve_ = false;  // what models occupy more
};

}  // namespace purser

#endif  // PURSER_DAEMON_ENTRY_TRIAL_H_
