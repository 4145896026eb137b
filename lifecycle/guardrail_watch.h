#ifndef PURSER_LIFECYCLE_GUARDRAIL_WATCH_H_
#define PURSER_LIFECYCLE_GUARDRAIL_WATCH_H_

// What charges do to guardrails (daemon/decisions/0014): the entry that makes an hour cost too much
// also stops experiments. Costs are those of charges as they are posted, of whatever purpose;
// refunds, cost entries and cold starts do not count, so that no invoice trips one and no refund
// hides what runs away.
#include <map>
#include <string>
#include <vector>

#include "ledger/books_draft.h"
#include "ledger/guardrails.h"
#include "reservations/reservation.h"

namespace purser {

// What the charge costs those whom each guardrail watches, by id; those whom it costs nothing left
// out.
std::map<std::string, Amount> CostsByGuardrail(const GuardrailBook& guardrails,
                                               const stored::Charged& charged,
                                               const Labels& labels);

// The guardrails as one undecided command leaves them. A value for one command; thread-compatible.
class GuardrailWatch {
 public:
  GuardrailWatch(BooksDraft* books, const ClockHourAt* clock_hour_at)
      : books_(books), clock_hour_at_(clock_hour_at) {}

  // The draft adds the hour, where it is a new one, and a freeze for each guardrail that trips.
  void Watch(const stored::Charged& charged, const Labels& labels);
  // What follows is as if of the entry after this one.
  void TurnToNextEntry() { trips_ = 0; }

 private:
  void BeginHour();
  void Trip(const std::string& excess, stored::GuardrailRecord* record);

  BooksDraft* const books_;
  const ClockHourAt* const clock_hour_at_;
  GuardrailBook::ById watched_;  // once something was charged
  uint32_t trips_ = 0;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_GUARDRAIL_WATCH_H_
