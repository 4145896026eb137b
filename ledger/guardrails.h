#ifndef PURSER_LEDGER_GUARDRAILS_H_
#define PURSER_LEDGER_GUARDRAILS_H_

// The guardrails of one population and what each counts: what charges cost in the running clock
// hour, on its day and on the day before (ledger.md 5, daemon/decisions/0014). USD; sums that do
// not fit are the largest, or the smallest, amount. Bounded by kGuardrailsMax where they are made.
// A value; thread-compatible.
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "ledger/amount.h"
#include "ledger/ledger.pb.h"
#include "ledger/resource.h"

namespace purser {

inline constexpr size_t kGuardrailsMax = 100;  // each is looked at with each charge

// The clock hour of a time zone that an instant is in.
using ClockHourAt =
    std::function<stored::ClockHour(const std::string& time_zone, InstantUs instant)>;
stored::ClockHour ClockHourOfUtc(const std::string& time_zone, InstantUs instant);

class GuardrailBook {
 public:
  using ById = std::map<std::string, stored::GuardrailRecord, std::less<>>;

  // A new one counts from nothing; of one that stands the counts stay.
  void Put(const stored::Guardrail& guardrail);
  // False when there is none.
  bool Erase(std::string_view id);
  void Restore(const stored::GuardrailRecord& record);
  // What is charged from now on is of this hour.
  void BeginHour(const stored::ClockHour& hour);
  // It trips in its running hour. There is one of the id, as in Count.
  void NoteTrip(std::string_view id);
  void Count(std::string_view id, Amount cost);

  const ById& all() const { return by_id_; }
  size_t size() const { return by_id_.size(); }
  bool empty() const { return by_id_.empty(); }
  // nullptr: none.
  const stored::GuardrailRecord* Find(std::string_view id) const;
  // Counts the changes: equal, nothing changed between.
  uint64_t version() const { return version_; }

 private:
  ById by_id_;
  uint64_t version_ = 0;
};

// Whether what is charged in the hour counts in another one than it counts now.
bool IsOfAnotherHour(const stored::GuardrailRecord& record, const stored::ClockHour& hour);
void BeginHour(const stored::ClockHour& hour, stored::GuardrailRecord* record);
void CountCost(Amount cost, stored::GuardrailRecord* record);

// Why the hour that is running costs too much, as operators are told; empty: it does not, or
// nothing is known that it could be compared with.
std::string FindExcess(const stored::GuardrailRecord& record);
// Whether there is something that an hour is compared with.
bool IsArmed(const stored::GuardrailRecord& record);
// A mean hour of the day before, rounded half away from zero; 0 where that is not known.
Amount MeanHourOfDayBefore(const stored::GuardrailRecord& record);

}  // namespace purser

#endif  // PURSER_LEDGER_GUARDRAILS_H_
