#ifndef PURSER_TESTS_SIMULATOR_PLAN_CHECKS_H_
#define PURSER_TESTS_SIMULATOR_PLAN_CHECKS_H_

// Whether what those who wait, or are booked, are told comes true, and what the calendar says: each
// is carried out on a copy of the state. Thread-compatible.
#include <map>
#include <string>

#include "ledger/ledger.pb.h"
#include "lifecycle/command.h"
#include "tests/simulator/population_copy.h"
#include "tests/subject/sequencer_subject.h"

namespace purser {

inline constexpr int kEventsMax = 2'000;  // looked at where no time is known

struct Counts {
  std::map<std::string, int> of;
};

// The request as the principal's command, under the id "explained".
Command CommandFor(RequestReservation request, const std::string& principal);
// Or budgets.
bool HasLimits(const Population& population);
// Another than who asks approves what waits; false: it cannot be.
bool Approve(const std::string& id, InstantUs now_us, Copy* copy);
// Does what an operator is to do, less a millionth of the resource `smaller`; false: it cannot be.
bool Act(const stored::Explanation::Remedy& remedy, const std::string& smaller, InstantUs now_us,
         Copy* copy);

// What the calendar says of each capacity comes true, as long as nobody waits. "" or what does not.
std::string CheckCalendar(SequencerSubject* subject, Counts* counts);
// What those who wait are told comes true: each is granted when it is said, or waits in vain, or is
// granted by what an operator is to do. "" or what does not.
std::string CheckPlan(SequencerSubject* subject, Counts* counts);

}  // namespace purser

#endif  // PURSER_TESTS_SIMULATOR_PLAN_CHECKS_H_
