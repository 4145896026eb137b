#ifndef PURSER_RESERVATIONS_USAGE_H_
#define PURSER_RESERVATIONS_USAGE_H_

// What one principal, or those with one label value, have open, occupy, were granted and charged:
// what a limit is compared with (daemon/decisions/0007). Sums that only grow saturate at the
// largest amount. Values; thread-compatible.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/resource.h"
#include "reservations/reservation.h"

namespace purser {

// Days and months of UTC since 1970, by the civil calendar.
int64_t DayOf(InstantUs instant);
int64_t MonthOf(InstantUs instant);
InstantUs DayStart(int64_t day);
InstantUs MonthStart(int64_t month);

struct Usage {
  struct Line {
    uint32_t resource = 0;
    Amount occupied;  // held or in use by what is open
    uint64_t period = 0;
    Amount charged;  // in that period
    int64_t day = 0;
    Amount day_granted;
    int64_t month = 0;
    Amount month_granted;
  };
  uint64_t open = 0;  // granted, not ended
  std::vector<Line> lines;
  uint64_t since_sequence = 0;    // of the first entry that counted for what is recorded; 0: none
  uint64_t changed_sequence = 0;  // of the last of these since the start; 0: none
  uint64_t touched_sequence = 0;  // likewise, of any entry that changed anything

  // The line of the resource; nullptr: there is none.
  const Line* Find(uint32_t resource) const;
  Amount OccupiedOf(uint32_t resource) const;
  Amount ChargedOf(const Resource& resource) const;  // in its running period
  // Both together; the largest amount where they are more.
  Amount UsedOf(const Resource& resource) const;
  Amount GrantedOfDay(uint32_t resource, int64_t day) const;
  Amount GrantedOfMonth(uint32_t resource, int64_t month) const;

  // Of one that is open: it counts (sign 1), or no more (-1).
  void CountOpen(const ReservationPicture& reservation, int sign, uint64_t sequence = 0);
  // What is recorded.
  void NoteGranted(const ReservationPicture& granted, const EntryContext& entry);
  void NoteCharged(const stored::Charged& charged, const EntryContext& entry);
  void NoteRefunded(const stored::Refunded& refunded, const stored::ChargeRecord& charge,
                    const EntryContext& entry);
  // Forgets what is recorded.
  void Forget(const EntryContext& entry);

 private:
  Line& At(uint32_t resource);
  void Changed(const EntryContext& entry);
};

// What is recorded of it; `subject` has its names alone.
stored::UsageRecord ToRecord(const stored::UsageRecord& subject, const Usage& usage);
void RestoreRecord(const stored::UsageRecord& record, Usage* usage);

using LabelPair = std::pair<std::string, std::string>;

// The usage of those whom limits bind, as it is shown to others than the writer. Immutable.
struct UsageView {
  std::map<std::string, std::shared_ptr<const Usage>, std::less<>> principals;
  std::map<LabelPair, std::shared_ptr<const Usage>> labels;  // those that are counted

  const Usage* FindPrincipal(std::string_view name) const;
  const Usage* FindLabel(const LabelPair& label) const;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_USAGE_H_
