#ifndef PURSER_LIFECYCLE_STATE_MACHINE_H_
#define PURSER_LIFECYCLE_STATE_MACHINE_H_

// THE place where a command is decided. Decide changes nothing and says what would happen; Apply
// takes an entry in and cannot fail. State = fold(journal). Pure: no clock, no disk, no threads;
// the same facts in, the same bits out. Thread-compatible: the writer's alone.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/arena.h"
#include "ledger/guardrails.h"
#include "ledger/refusal.h"
#include "lifecycle/command.h"
#include "lifecycle/population.h"

namespace purser {

// The end of the period that begins at the instant; 0: it does not end.
InstantUs NextBoundary(const stored::ResourceSettings& settings, const std::string& time_zone,
                       InstantUs begin_us, const MonthStartAfter& month_start_after);

// What the calendar of a time zone says, which is the shell's to know.
struct CivilTime {
  MonthStartAfter month_start_after;
  ClockHourAt clock_hour_at;
};

struct Policy {
  ReservationPolicy reservations;
  ModelPolicy models;
  std::string version;  // names the configuration in every entry
};

// What a client is shown of a command that took effect, as it was right after it.
struct Shown {
  stored::Answer answer;
  std::shared_ptr<const ReservationPicture> reservation;
  // Of a request that was made to wait: why, with an explanation once it has one.
  std::shared_ptr<const Refusal> waits_for;
  int64_t lease_shift_us = 0;
  // Of a charge that is not recorded (a dry run), that is recalled, or of a refund. The record of
  // one that is recorded is made when its entry is applied, and whoever applies it shows that.
  std::shared_ptr<const stored::ChargeRecord> charge;
  std::vector<Resource> resources;
  std::shared_ptr<const stored::PopulationSettings> population;
  std::shared_ptr<const stored::Freeze> freeze;
  std::shared_ptr<const stored::Limit> limit;
  std::shared_ptr<const stored::RateCard> rate_card;
  std::shared_ptr<const stored::GuardrailRecord> guardrail;  // `freeze` is what it tripped to
  std::shared_ptr<const BudgetPicture> budget;
  std::shared_ptr<const stored::PeriodClosed> period;
  ModelPicture model;
  std::shared_ptr<const stored::Approval> approval;
  ProposalPicture proposal;
  std::string request_id;  // of a recalled denial: the first request's
};

// What was decided. `entry` is what the journal gets: nullptr for a refusal, which leaves no trace,
// and for what was said before, which its answer says.
// It lives on the arena that Decide was given.
struct Verdict {
  absl::Status status;  // not OK: a refusal, or a denial (then there may be an entry)
  bool stale = false;   // the Lookup is too old, or an id is used meanwhile: look up again
  const stored::Entry* entry = nullptr;
  std::vector<Shown> shown;  // one; of an atomic batch one a member
};

class BooksDraft;
class Decision;
class ReservationsDraft;

// The dry run of a batch that is not atomic: each member is decided on top of what those before it
// would have done. Nothing of it is recorded, so its verdicts have no entries. Not to outlive the
// command, nor any change of the state.
class Rehearsal {
 public:
  Rehearsal(const Command* command, std::unique_ptr<Decision> decision);
  Rehearsal(Rehearsal&&) noexcept;
  ~Rehearsal();
  Verdict DecideMember(size_t member);

 private:
  const Command* command_;
  std::unique_ptr<Decision> decision_;
};

class StateMachine {
 public:
  StateMachine(Policy policy, MonthStartAfter month_start_after,
               ClockHourAt clock_hour_at = ClockHourOfUtc);

  // Decides any command but a batch that is not atomic, which is decided member by member
  // (DecideMember). `now_us` is >= the population's last time, and nothing is due at or before it.
  Verdict Decide(const Command& command, InstantUs now_us, google::protobuf::Arena* arena) const;
  Verdict DecideMember(const Command& command, size_t member, InstantUs now_us,
                       google::protobuf::Arena* arena) const;
  // Of the members of such a batch. Its population exists.
  Rehearsal Rehearse(const Command& command, InstantUs now_us) const;
  // Whether an id of the batch, or its key, was used since the command's Lookup: it is to be looked
  // up again before anything of it is decided.
  bool IsStale(const Command& command) const;
  // The entry for what is due, at its own instant.
  stored::Entry DecideDue(const Population& population, const Due& due) const;
  // The entry that goes on granting out of the queue what can be granted; nullopt: nothing can.
  std::optional<stored::Entry> DecideGrants(const Population& population, InstantUs at_us) const;
  // Downtime given back: stamped `at_us`, moves leases by `shift_us`.
  stored::Entry DecideResume(const Population& population, InstantUs at_us, int64_t shift_us) const;

  // Takes an entry into the state; makes the population if the entry does. `lookup` is the
  // command's.
  void Apply(const std::string& population, const stored::Entry& entry, const Lookup& lookup,
             ReservationBook::Changes* changes, ModelBook::Changes* models = nullptr);

  Population* Find(std::string_view name);
  const Population* Find(std::string_view name) const;
  const std::map<std::string, std::unique_ptr<Population>, std::less<>>& populations() const {
    return populations_;
  }
  // For start-up.
  Population* Restore(std::unique_ptr<Population> population);
  const Policy& policy() const { return policy_; }

 private:
  // Of what time brings.
  stored::Entry MakeEntry(stored::CommandKind kind, BooksDraft* books,
                          ReservationsDraft* reservations) const;

  Policy policy_;
  CivilTime civil_time_;
  uint32_t next_population_number_ = 1;
  std::map<std::string, std::unique_ptr<Population>, std::less<>> populations_;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_STATE_MACHINE_H_
