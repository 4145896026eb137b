#ifndef PURSER_RESERVATIONS_USAGE_DRAFT_H_
#define PURSER_RESERVATIONS_USAGE_DRAFT_H_

// What one undecided command would make of the usage of those whom limits bind, and of what budgets
// count: copies of what it touches. Whom nothing binds costs a look. A value for one command;
// thread-compatible.
#include <map>
#include <string>
#include <string_view>

#include "ledger/books_draft.h"
#include "reservations/budget_parts.h"
#include "reservations/usage_book.h"

namespace purser {

class UsageDraft {
 public:
  // One of `book` and `view` may be nullptr, or both: then nobody is known to use anything.
  UsageDraft(const BooksDraft* books, const UsageBook* book, const UsageView* view)
      : books_(books), book_(book), view_(view) {}

  // Of one that is open: counts (sign 1), or no more (-1).
  void CountOpen(const Reservation& reservation, int sign);
  void NoteGranted(const Reservation& granted, const EntryContext& entry);
  void NoteCharged(std::string_view principal, const Labels& labels, const stored::Charged& charged,
                   const EntryContext& entry);
  void NoteRefunded(std::string_view principal, const Labels& labels,
                    const stored::Refunded& refunded, const stored::ChargeRecord& charge,
                    const EntryContext& entry);
  // Of what is posted beside charges: budgets alone count it.
  void NoteCost(const Labels& labels, Amount cost);

  // As the command has made it. nullptr: none is known; of a label value: it is not counted yet.
  const Usage* FindPrincipal(std::string_view name) const;
  const Usage* FindLabel(const std::string& key, const std::string& value) const;
  // Whether a limit binds somebody who is this, with these labels.
  bool Binds(std::string_view principal, const Labels& labels) const;
  // Of one of the books' budgets.
  const BudgetTotals& TotalsOf(const std::string& id, const BudgetState& state) const;
  // The budgets that this command put above a threshold that they did not tell yet, by id.
  std::vector<stored::BudgetCrossed> FindCrossings() const;

 private:
  BudgetTotals& TouchTotals(const std::string& id);
  template <typename Change>
  void ForEachBound(std::string_view principal, const Labels& labels, Change change);

  const BooksDraft* const books_;
  const UsageBook* const book_;
  const UsageView* const view_;
  std::map<std::string, Usage, std::less<>> principals_;
  std::map<LabelPair, Usage> labels_;
  std::map<std::string, BudgetTotals> budgets_;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_USAGE_DRAFT_H_
