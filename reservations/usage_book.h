#ifndef PURSER_RESERVATIONS_USAGE_BOOK_H_
#define PURSER_RESERVATIONS_USAGE_BOOK_H_

// The usage of every principal, and of every label value that has a limit.
//
// What is open is counted for principals always. For a label value it is counted when its limit is
// made, kCountedAtOnceMax reservations at a time in the order of their expiries, so that the writer
// never walks all of them: those up to a place in that order count, and what moves over the place
// is counted where it goes. Until all are counted the label's limits on usage do not bind.
// What is granted and charged is recorded while the population has any limit. Thread-compatible.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/btree_map.h"
#include "ledger/limits.h"
#include "reservations/usage.h"

namespace purser {

inline constexpr size_t kCountedAtOnceMax = 10'000;

class UsageBook {
 public:
  using Expiries = absl::btree_map<ExpiryKey, Reservation*>;

  // Tells of each that is booked: of these there are few, and they count at once.
  using Visit = std::function<void(const Reservation& reservation)>;
  using ForEachBooked = std::function<void(const Visit& visit)>;
  // The limits changed by the entry. `gone` is given the label values that have none any more.
  void SetLimits(const LimitBook& limits, const EntryContext& entry,
                 const ForEachBooked& for_each_booked, std::vector<LabelPair>* gone);
  // At start-up, before any reservation: the limits, and what is recorded.
  void RestoreLimits(const LimitBook& limits);
  // False: of a label value without a limit.
  bool Restore(const stored::UsageRecord& record);

  // One that is open or booked counts (sign 1), or no more (-1).
  void CountOpen(const Reservation& reservation, int sign, uint64_t sequence);
  bool is_counting() const { return uncounted_ > 0; }
  // Goes on counting.
  void CountSome(const Expiries& expiries);

  // Whether what is granted and charged is recorded.
  bool records() const { return records_; }
  void NoteGranted(const Reservation& granted, const EntryContext& entry);
  void NoteCharged(const std::string& principal, const Labels& labels,
                   const stored::Charged& charged, const EntryContext& entry);
  void NoteRefunded(const std::string& principal, const Labels& labels,
                    const stored::Refunded& refunded, const stored::ChargeRecord& charge,
                    const EntryContext& entry);

  // nullptr: nothing is known of it; of a label value also: not all is counted yet.
  const Usage* FindPrincipal(std::string_view name) const;
  const Usage* FindLabel(const std::string& key, const std::string& value) const;
  // Each with a record that has its names alone, in order: principals, then labels.
  void ForEach(const std::function<void(const stored::UsageRecord& subject, const Usage& usage)>&
                   visit) const;
  // The usage of those whom the limits bind; what did not change since is shared with `before`.
  std::shared_ptr<const UsageView> MakeView(const LimitBook& limits, uint64_t since_sequence,
                                            const UsageView* before) const;
  // Whether what is counted is what is open. Empty, or what is wrong.
  std::string FindFault(const Expiries& expiries, const ForEachBooked& for_each_booked) const;

 private:
  struct OfLabel {
    Usage usage;
    bool counted = false;
    std::optional<ExpiryKey> counted_to;
    bool Counts(const ExpiryKey& key) const {
      return counted || (counted_to.has_value() && key <= *counted_to);
    }
  };
  template <typename VisitLabel>
  void ForEachLabel(const Labels& labels, VisitLabel visit);

  bool records_ = false;
  std::map<std::string, Usage, std::less<>> principals_;
  std::map<std::string, std::map<std::string, OfLabel, std::less<>>, std::less<>> labels_;
  size_t uncounted_ = 0;  // labels
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_USAGE_BOOK_H_
