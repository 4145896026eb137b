#ifndef PURSER_TESTS_MODEL_SUBJECT_H_
#define PURSER_TESTS_MODEL_SUBJECT_H_

// What a scenario table can be run against: the reference model, or the real state machine behind
// an adapter. Answers and views are plain data, so that one runner compares both.
//
// Units as in action.h. Thread-compatible.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/model/action.h"

namespace purser::model {

// One resource that is short, with the numbers of the moment of judgement.
struct Shortage {
  std::string resource;
  int64_t requested = 0;
  int64_t available = 0;
  int64_t held = 0;
  int64_t in_use = 0;
  int64_t spent = 0;
  int64_t reserve = 0;
  int64_t reserve_protected = 0;
  int64_t short_by = 0;
  // Of one for what is booked, at an instant to come: the worst one, the earliest of these.
  int64_t booked = 0;  // By others, then.
  int64_t at_us = 0;   // 0: it is short now.
};

struct Verdict {
  std::string code;  // "" = accepted, else the code of the problem document.
  bool replayed = false;
  std::string made;        // The name of what waits, in the model. Not compared.
  bool queued = false;     // Of an accepted kReserve: it waits, and has got nothing yet.
  bool scheduled = false;  // Of an accepted kReserve: it is booked.
  bool pending = false;    // Of an accepted kActivate: it waits for an approval.

  // Of a denial: every reason in the order of judgement (the first is `code`), and every shortage
  // by resource name, also when the first reason is another one. A kRenew or kStart that is refused
  // for what is booked has shortages and no reasons.
  std::vector<std::string> reasons;
  std::vector<Shortage> shortages;

  Amounts granted;  // Of an accepted kReserve: what was got, or booked.

  // Of an accepted kCharge or kPostCharge; `overrun` includes what became `overdraft`.
  Amounts within_hold;
  Amounts overrun;
  Amounts overdraft;
  // Of these and of a kRefund: what each resource that is priced costs, and refunds took back of
  // that, and the category of each.
  Amounts costs;
  Amounts refunded_costs;
  std::map<std::string, std::string> categories;
  std::string action;  // "" or "STOP".
  Outcomes outcomes;   // Of an accepted kReportOutcomes: what was told.
  bool late = false;

  // Of what would change the population budget too fast: the months ("2026-01") and what it may
  // be in each, until it is what was asked for.
  std::vector<std::pair<std::string, int64_t>> schedule;
  // Of what is refused as `constraint_forbids`: the models and their constraints, as
  // ("m", "LEGAL:retention").
  std::vector<std::pair<std::string, std::string>> forbids;
  // Of what is refused as `premises_changed`: the models that are not as they were approved.
  std::vector<std::string> changed;
  // Of a rollback target that was set: the resources whose reserve could never cover it.
  std::vector<std::string> uncoverable;

  // Of a kBatch: an answer for each member; `member` is the index of the one that failed, or -1.
  int member = -1;
  std::vector<Verdict> results;
};

struct ResourceView {
  int64_t granted = 0;  // Positive: what the source gave and did not take back.
  int64_t available = 0;
  int64_t reserve = 0;
  int64_t held = 0;
  int64_t in_use = 0;
  int64_t spent = 0;
  int64_t overdraft = 0;  // A debt of 5 is -5.
  int64_t base = 0;
  int64_t target = 0;
  int64_t deficit = 0;
  int64_t backed = 0;
  int64_t shortfall = 0;
};

struct LineView {
  int64_t granted = 0;
  int64_t held = 0;
  int64_t in_use = 0;
  int64_t charged = 0;
  int64_t overrun = 0;
};

struct ReservationView {
  // SCHEDULED, QUEUED, GRANTED, ACTIVE, SETTLED, RELEASED, EXPIRED, PREEMPTED, DENIED.
  std::string state;
  std::map<std::string, LineView> lines;  // By resource.
  int64_t expires_us = 0;                 // 0 when it never was granted.
  bool stopped = false;                   // A STOP was given: :renew is refused.
  // Of one that gives way, or had to when it ended: when, and for which request; 0 and "" else.
  int64_t preempt_at_us = 0;
  std::string preempted_for;  // "_" for a request without an id of the client's.
  std::string approver;       // Who decided on what a budget asked for; "" nobody.
};

struct DebtView {
  std::string family;
  std::string resource;
  std::string charge;  // "" when the charge got its id from the daemon.
  int64_t amount = 0;
};

struct FreezeView {
  std::string kind;  // As Action::freeze_kind.
  std::string name;  // Of "experiments" the guardrail.
  std::optional<int64_t> until_us;
};

// An ML model.
struct ArtifactView {
  std::string state;
  int64_t generation = 0;
  std::string target;           // "" none.
  int64_t target_until_us = 0;  // 0: it stays.
  int64_t window_until_us = 0;  // Of a ROLLBACK_TARGET.
  Amounts occupies;             // Without zeros.
  Amounts footprint;
  int64_t monthly_cost = 0;
  Amounts quality;
  std::vector<std::string> constraints;  // "LEGAL:retention".
};

struct LoanView {
  std::string model;
  Amounts amounts;
  int64_t due_back_us = 0;
};

struct ApprovalView {
  std::string model;
  std::string principal;  // Who asked.
  int64_t expires_us = 0;
};

// The ML models of the population together.
struct PopulationView {
  int64_t active = 0;
  // Of each capacity resource but archive_storage and active_models; absent: not limited, as
  // nothing is to be brought back.
  std::map<std::string, std::optional<int64_t>> coverage;
  std::optional<int64_t> smallest_coverage;
  std::vector<LoanView> loans;
  std::vector<ApprovalView> pending;   // The oldest first.
  int64_t lent = 0;                    // The shortfall of active_models.
  std::vector<std::string> forbidden;  // The ACTIVE ones whose rollback a constraint forbids.
};

// A proposal. What it shows is absent once it has ended.
struct ProposalView {
  std::string state;
  std::string kind;
  std::string proposer;
  std::string approver;  // "" none.
  std::string result;    // "" none, or none yet.
  int64_t expires_us = 0;
  std::optional<int64_t> promised;
  std::optional<int64_t> realised;

  struct Shown {
    Amounts frees;
    // Millionths of a dollar a month, by term; the value is their sum.
    std::map<std::string, int64_t> terms;
    int64_t net_value = 0;
    // "m LEGAL:x forbids" or "m LEGAL:x allows".
    std::vector<std::string> constraints;
  };
  std::optional<Shown> shown;
};

struct ProposerView {
  int64_t proposals = 0;
  int64_t executed = 0;
  int64_t promised = 0;
  int64_t realised = 0;
};

class Subject {
 public:
  virtual ~Subject() = default;

  // Begins anew with an empty population whose clock shows `start_us`.
  virtual void Reset(int64_t start_us, const std::vector<std::string>& required_labels) = 0;

  virtual Verdict Do(const Action& action) = 0;

  // Views of the present; absent for what never was, was deleted, or is forgotten.
  virtual int64_t NowUs() const = 0;
  virtual std::optional<ResourceView> FindResource(const std::string& name) const = 0;
  virtual std::optional<ReservationView> FindReservation(const std::string& id) const = 0;
  virtual std::vector<DebtView> ListDebts() const = 0;      // Oldest first.
  virtual std::vector<FreezeView> ListFreezes() const = 0;  // By kind, then name.
  // The ids of what waits, in the order of the queue; "_" for one that the daemon made.
  virtual std::vector<std::string> ListQueue() const = 0;

  // Absent also where ML models are not known at all.
  virtual std::optional<ArtifactView> FindArtifact(const std::string& /*id*/) const {
    return std::nullopt;
  }
  virtual std::optional<PopulationView> FindPopulation() const { return std::nullopt; }
  virtual std::optional<ProposalView> FindProposal(const std::string& /*id*/) const {
    return std::nullopt;
  }
  virtual std::optional<ProposerView> FindProposer(const std::string& /*principal*/) const {
    return std::nullopt;
  }

  // "a gpu_hours=2.5 from=INSTANT; b …", all of them by id.
  virtual std::string RateCards() const { return ""; }
  // "a hour 2.5 day 10 before 7.25; b …", all of them by id: what the hour, and the day, of the
  // last charge costs, and the day before where it was counted whole.
  virtual std::string Guardrails() const { return ""; }

  // "a spent 2.5 held 1 of 20 BELOW; b spent 9 held 0 of 10 SHOWBACK WARN overridden by alice until
  // INSTANT; …", all of them by id, each with the highest threshold told; also an override that is
  // over.
  virtual std::string Budgets() const { return ""; }
  // "INSTANT until INSTANT; a 2; b 1; …": the running month, and the generation of each budget.
  virtual std::string BudgetMonth() const { return ""; }

  // "2.5 by a", "0.01/h by a", of the card that is in force; or "none".
  virtual std::string RateInForce(const std::string& /*resource*/) const { return "none"; }

  // "2026-01 by alice at INSTANT; …", of the months that were closed; or "none".
  virtual std::string Periods() const { return "none"; }

  // What an accepted result cost so far, by labels, as Model::AcceptedCosts says it.
  virtual std::string AcceptedCosts(const std::vector<std::string>& /*keys*/) const { return ""; }

  // The line as it is shown: "granted 400 = available 262 + reserve 100 + held 38"; "" when absent.
  virtual std::string Identity(const std::string& resource) const = 0;

  // "" or the first invariant that does not hold.
  virtual std::string CheckInvariants() const = 0;
};

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_SUBJECT_H_
