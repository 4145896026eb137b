#ifndef PURSER_LIFECYCLE_PLANNER_H_
#define PURSER_LIFECYCLE_PLANNER_H_

// One plan in the making: see queue_plan.h, whose internal part this is. A value for one plan;
// thread-compatible.
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "lifecycle/prospects.h"
#include "lifecycle/queue_plan.h"
#include "reservations/calendar.h"
#include "reservations/queue_rules.h"

namespace purser {

using Assumptions = google::protobuf::RepeatedPtrField<stored::Explanation::Assumption>;

inline constexpr size_t kEventsNamedMax = 5;  // of one start
// Unless so many are named already.
void AddAssumption(stored::Explanation::Assumption::Kind kind, std::string_view name,
                   InstantUs at_us, Assumptions* to);

class Planner : private Foresight {
 public:
  Planner(const JudgedState& state, const PlanQuestion& question, ReturnSchedule::Steps* steps);

  QueuePlan Make();

 private:
  struct Waiting {
    QueueKey key;
    const ReservationPicture* picture = nullptr;
    InstantUs gives_up_us = 0;
    size_t start = SIZE_MAX;  // in the plan; of an advance reservation that is late: none
    bool is_there = true;     // neither granted nor gone
  };
  // What was granted ahead of time, until its lease ends.
  struct Lease {
    const ReservationPicture* picture = nullptr;
    std::vector<Amount> granted;
    std::vector<uint64_t> periods;
  };
  enum class Kind { kNone, kBoundary, kThaw, kTimeOut, kReturn, kStart };
  struct Event {
    InstantUs at_us = INT64_MAX;
    Kind kind = Kind::kNone;

    // Of one instant they come in the order of their kinds.
    void Take(InstantUs at, Kind what) {
      if (std::pair(at, what) < std::pair(at_us, kind) || kind == Kind::kNone) *this = {at, what};
    }
  };

  // What is known of the time to come, of leases that there are and of planned ones.
  const BookedSteps* FindBooked(uint32_t resource) const override;
  Amount ReturnedWithin(uint32_t resource, InstantUs after_us, InstantUs until_us) const override;
  InstantUs MinuteStart(InstantUs at_us) const override;

  std::vector<Waiting> FindWaiting();
  void KeepRelated(std::vector<Waiting>* waiting) const;
  // Those that share resources with whom is asked about, and with one another; also who may make
  // others, who have these, give way.
  std::vector<const ReservationPicture*> FindBookings() const;
  void AddBooking(const ReservationPicture& booked);
  void StartBookings(InstantUs at_us);
  void GiveUpBooking(const ReservationPicture& booked);
  // Not enough is there for it, or something is in its way.
  void Delay(const ReservationPicture& booked);
  void NoteLimits();
  void NoteNotices();
  bool MayThoseBehindMatter();
  bool MayOthersFree(const ReservationPicture& joining) const;
  bool MayPreempt(const ReservationPicture& picture) const;
  bool IsSettled(const Waiting& noticed) const;
  bool NeedsAllVictims(const ReservationPicture& noticed) const;
  void NoteFailures(InstantUs until_us);
  InstantUs PreemptAt(const ReservationPicture& noticed) const {
    return noticed.notice->preempt_end_us + state_.books->lease_shift_us();
  }
  std::set<uint32_t> FindResources() const;
  std::set<uint32_t> ResourcesOfQuestion() const;
  void AddResourcesOf(const ReservationPicture& picture, std::set<uint32_t>* resources) const;
  void TakeNow(const ReservationPicture& picture, const std::vector<Amount>& granted,
               InstantUs until_us);
  // Of one that books now.
  void HoldConsumables(const ReservationPicture& booked);
  void NoteStart(const Waiting& granted);
  // Of those that are there still, as many as the writer looks at.
  struct First {
    size_t waiting = 0;  // its index
    bool is_blocked = false;
  };
  std::vector<First> FindFirst() const;
  void GrantWaiting();
  void GrantAll();
  bool GrantSome();
  void NoteArrival(const QueueRules& rules);
  Event FindNext();
  void AddReadiness(const ReservationPicture& picture, const QueueRules& rules,
                    const QueueClaims& claims, InstantUs until_us, Event* next);
  // Of those ahead of who would come at the instant.
  QueueClaims ClaimsAhead(const ReservationPicture& arrival) const;
  void Pass(const Event& event);
  QueuePlan Finish();
  void EndLeases(InstantUs at_us);
  void NoteMoreIsThere();
  void TimeOut(InstantUs at_us);
  bool IsMoreThanLeast(const ReservationPicture& picture, const QueueRules::Grant& granted) const;
  bool IsOneOfSeveral(size_t happened) const;
  // Of an instant that is not passed yet.
  void NoteBlocked(InstantUs at_us);
  bool IsAnyFreed() const;
  std::vector<ExpiryKey> FindEnds(uint32_t resource, size_t count) const;
  size_t CountEnds(size_t most) const;
  size_t CountHappened() const;
  // What happened at the instant to bring about a grant of the picture.
  Assumptions ReasonsOf(const ReservationPicture& picture) const;

  InstantUs Now() const { return at_us_ == 0 ? state_.now_us : at_us_; }

  const JudgedState& state_;
  const PlanQuestion& question_;
  ReturnSchedule::Steps* const steps_;
  bool leaves_out_ = false;                          // some that wait, behind these
  std::vector<Waiting> waiting_;                     // in order of the queue
  std::vector<const ReservationPicture*> bookings_;  // in order of their starts, the last first
  std::map<uint32_t, BookedSteps> booked_;           // by these
  const std::set<uint32_t> resources_;               // that all of these name, and what they owe
  Future future_;
  Prospects prospects_;
  std::multimap<InstantUs, Lease> leases_;
  InstantUs at_us_ = 0;   // of the last event; 0: it is now
  Assumptions happened_;  // at it, other than ends of leases that there are now
  std::vector<const ReservationPicture*> blocked_;  // until then
  size_t thaws_ = 0;                                // at it
  std::vector<size_t> started_;                     // at it
  bool is_more_granted_ = false;                    // than the least with which somebody is content
  QueuePlan plan_;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_PLANNER_H_
