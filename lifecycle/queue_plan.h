#ifndef PURSER_LIFECYCLE_QUEUE_PLAN_H_
#define PURSER_LIFECYCLE_QUEUE_PLAN_H_

// When those who wait will be granted, if nobody arrives, renews, overruns or ends early: the
// writer's grants (daemon/decisions/0006) played forward on a copy of the books, from one instant
// at which something may change to the next. Pure; thread-safe.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lifecycle/future.h"
#include "lifecycle/outlook.h"

namespace purser {

// Somebody who has, now or from its start on, what others wait for: what it would do to them.
struct Passing {
  const ReservationPicture* picture = nullptr;
  std::vector<Amount> granted;  // of each of its lines
};

struct QueuePlan {
  struct Start {
    QueueKey key;
    std::string id;
    std::optional<InstantUs> at_us;  // absent: none is known
    bool is_exact = true;            // as the plan's, of what comes by then
    // What had to happen just before it.
    google::protobuf::RepeatedPtrField<stored::Explanation::Assumption> assumptions;
  };
  std::vector<Start> starts;  // in order of the queue, as far as it is looked at
  bool complete = true;       // false: there were no steps left, who has no start may have one yet
  // False where a limit may stand in somebody's way by then (limit_outlook.h). Whom one stands in
  // the way of now has no start, and holds up nobody. False also where somebody
  // may give notice later, or a notice that was given may not be executed as it stands; where one
  // that is not planned for may take something as it moves up; and where it depends on the order of
  // what comes in one instant.
  bool is_exact = true;
  // Of an arrival that was asked for: when it would be granted, were it to arrive then. Of an
  // advance reservation: when it will start.
  std::optional<InstantUs> arrival_us;
  google::protobuf::RepeatedPtrField<stored::Explanation::Assumption> arrival_assumptions;

  const Start* Find(const QueueKey& key) const;
};

struct PlanQuestion {
  size_t depth = kQueuePlanDepth;               // so many of the first that nothing blocks
  std::optional<QueueKey> before;               // only of those ahead of it
  const Passing* passing = nullptr;             // what is taken now
  const ReservationPicture* joining = nullptr;  // waits besides, in its place
  const ReservationPicture* changed = nullptr;  // in the place of who waits there
  // Comes at the first instant at which it is granted at once. Looks no further than that.
  const ReservationPicture* arrival = nullptr;
  // An advance reservation that is asked for. Looks no further than its start.
  const ReservationPicture* booking = nullptr;
  // What an operator does now, an entry each, with what that grants. Looks no further; `arrival`
  // comes after it.
  const std::vector<std::function<void(BooksDraft*)>>* acts = nullptr;
  bool no_notices = false;  // among them: exact only where nobody gave notice, or may
};

// Takes what it looks at off `steps`.
QueuePlan MakePlan(const JudgedState& state, const PlanQuestion& question,
                   ReturnSchedule::Steps* steps);

// Whether `passing`, which stands at `key` in the queue, may have what it asks for now, or book
// what it was granted: it fits, and none of those ahead of it starts later. False also where that
// is not known for want of steps.
bool MayPass(const JudgedState& state, const ReservationPicture& passing, const QueueKey& key,
             ReturnSchedule::Steps* steps);

// Whether who stands, or would stand, at `key` is looked at: not too many are before it.
bool IsAmongFirst(const JudgedState& state, const QueueKey& key);

// A request as it would stand in the queue, had it come now.
ReservationPicture PictureOf(const JudgedState& state, const RequestReservation& request);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_QUEUE_PLAN_H_
