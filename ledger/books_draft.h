#ifndef PURSER_LEDGER_BOOKS_DRAFT_H_
#define PURSER_LEDGER_BOOKS_DRAFT_H_

// What one undecided command would make of the books: copies of the resources it touches, and the
// facts and postings that lead there. The books themselves do not change; when the command is
// granted the facts go into an entry, and Books::Apply repeats them from it.
//
// Each operation is a row of the table in ledger.md, section 2. Operations that may be refused
// return a Status and then leave the draft to be thrown away; the others have been checked by their
// caller and end the process if they are wrong. A value for one command; thread-compatible.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "google/protobuf/arena.h"
#include "ledger/books.h"
#include "ledger/refusal.h"

namespace purser {

// How a charge was funded. overrun includes overdraft.
struct Funding {
  Amount within_hold;
  Amount overrun;
  Amount overdraft;
};

// Which charge a debt, or a refund, belongs to.
struct ChargeOwner {
  std::string_view charge;
  std::string_view family;
};

class BooksDraft {
 public:
  // `sequence` is the one that the entry will have. Facts and postings are made on the arena of
  // the entry that takes them (MoveInto); nullptr: on none.
  BooksDraft(const Books* books, uint64_t sequence, InstantUs now_us,
             google::protobuf::Arena* arena = nullptr);

  // As the command has made it so far, without what it gathered: for who tries something out.
  BooksDraft Sketch() const;

  const Books& books() const { return *books_; }
  InstantUs now_us() const { return now_us_; }
  uint64_t sequence() const { return sequence_; }
  // As the command has made it so far; nullptr when there is none.
  const Resource* Find(uint32_t number) const;
  const Resource* FindByName(std::string_view name) const;
  bool Owes(std::string_view family) const { return debts_.Owes(family); }
  const FreezeBook& freezes() const { return freezes_.has_value() ? *freezes_ : books_->freezes(); }
  const LimitBook& limits() const { return limits_.has_value() ? *limits_ : books_->limits(); }
  const RateBook& rates() const { return rates_ != nullptr ? *rates_ : books_->rates(); }
  // Without what the command spends and holds of them.
  const BudgetBook& budgets() const { return budgets_.has_value() ? *budgets_ : books_->budgets(); }
  // Whether the command changed one, or began their month.
  bool changes_budgets() const { return budgets_.has_value(); }

  // Settings.
  void SetPopulation(const stored::PopulationSettings& settings);
  // Makes a resource and grants its amount. Refused when the amount does not fit.
  absl::Status CreateResource(const stored::ResourceSettings& settings, InstantUs next_boundary_us);
  // Replaces settings; a new amount acts at once on what has no periods, a new target always.
  absl::Status UpdateResource(uint32_t number, const stored::ResourceSettings& settings);
  // The caller has checked that nothing open names it. Refused while it is in debt.
  absl::Status DeleteResource(uint32_t number);

  // Operator's amounts. amount > 0.
  absl::Status Grant(uint32_t number, Amount amount, std::string_view reason);
  absl::Status Withdraw(uint32_t number, Amount amount, std::string_view reason);

  // So much of a capacity more, for the time until as much comes back: neither base nor target
  // change. amount > 0; it fits.
  void Lend(uint32_t number, Amount amount);

  // Freezes.
  void Freeze(const stored::Freeze& freeze);
  void Thaw(std::string_view id, bool by_time, std::string_view reason = {});

  // Limits.
  void SetLimit(const stored::Limit& limit);
  void DeleteLimit(std::string_view id);

  // Rate cards: what comes after this is priced by them.
  void SetRateCard(const stored::RateCard& card);
  void DeleteRateCard(std::string_view id);

  // Guardrails.
  void SetGuardrail(const stored::Guardrail& guardrail);
  void DeleteGuardrail(std::string_view id);
  void BeginHour(const stored::ClockHour& hour);
  // Budgets.
  void SetBudget(const stored::Budget& budget);
  void DeleteBudget(std::string_view id);
  void BeginCostMonth(const stored::CostMonth& month);
  void TellCrossing(const stored::BudgetCrossed& crossed);
  void CountEarlier(const stored::BudgetCounted& counted);

  // Of a month that is not closed yet.
  void ClosePeriod(const stored::PeriodClosed& closed);

  // Holds. The caller has checked that it fits.
  void Hold(uint32_t number, Amount amount, bool may_draw_on_reserve);
  void Start(uint32_t number, Amount amount);
  // What a reservation holds or occupies comes back. `period` is the hold's: what was held from an
  // older one lapses, unless the resource carries over ALL that is available.
  void GiveBack(uint32_t number, Account from, Amount amount, uint64_t period);
  // Charges `amount` of which at most `held` is within the hold; the rest is overrun, from
  // available and then as a debt of the owner. The caller has checked CanCharge: false only when
  // the debt would not fit.
  bool CanCharge(uint32_t number, Amount amount, Amount held) const;
  Funding Charge(uint32_t number, Amount amount, Amount held, const ChargeOwner& owner);
  // Takes back part of a charge. posted_in / held_in are the periods of the charge and of its hold
  // (0: without a hold).
  absl::Status Refund(uint32_t number, Amount amount, uint64_t posted_in, uint64_t held_in,
                      std::string_view family);

  // The end of a period at `next boundary`; the one after it is computed by the caller.
  void RollOver(uint32_t number, InstantUs next_boundary_us);
  void Resume(int64_t shift_us);

  // What follows is as if of the entry after this one: for a rehearsal of several.
  void TurnToNextEntry();

  // Moves what the draft gathered into an entry's fields.
  void MoveInto(google::protobuf::RepeatedPtrField<stored::LedgerFact>* facts,
                google::protobuf::RepeatedPtrField<stored::Posting>* postings,
                google::protobuf::RepeatedPtrField<stored::Balances>* balances);

 private:
  Resource& Touch(uint32_t number);
  static Funding FundingOf(const Resource& resource, Amount amount, Amount held);
  stored::LedgerFact& NewFact() { return *facts_.Add(); }
  void Post(Operation operation, Resource& resource, Account from, Account to, Amount amount);
  // Whatever comes in: shortfall, debts (oldest first), the reserve up to its target, available.
  // From `granted` the shortfall is cancelled without a posting.
  void Inflow(Operation operation, Resource& resource, Account from, Amount amount);
  // Repays debts of the resource (of one family unless empty) from `from`; what is left over.
  Amount Repay(Operation operation, Resource& resource, Account from, Amount amount,
               std::string_view family);
  RateBook& TouchRates();
  BudgetBook& TouchBudgets();
  void TakeBack(Resource& resource, Amount amount);
  // What the reserve holds above its target flows in.
  void SpillReserve(Operation operation, Resource& resource);
  absl::Status Reshape(Resource& resource, Amount base,
                       std::shared_ptr<const stored::ResourceSettings> settings);

  const Books* books_;
  uint64_t sequence_;
  const InstantUs now_us_;
  uint64_t debts_incurred_ = 0;
  uint32_t next_resource_number_;
  absl::InlinedVector<Resource, 6> touched_;
  DebtDraft debts_;
  std::optional<FreezeBook> freezes_;  // once one of them changed
  std::optional<LimitBook> limits_;    // likewise
  std::optional<BudgetBook> budgets_;  // likewise
  std::shared_ptr<RateBook> rates_;    // likewise; nullptr: none did
  google::protobuf::RepeatedPtrField<stored::LedgerFact> facts_;
  google::protobuf::RepeatedPtrField<stored::Posting> postings_;
};

// Takes what the draft gathered into books that are as the draft's were: a copy of the state, for
// who tries something out.
void ApplyDraft(BooksDraft* draft, Books* books);

}  // namespace purser

#endif  // PURSER_LEDGER_BOOKS_DRAFT_H_
