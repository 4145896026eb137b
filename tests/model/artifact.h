#ifndef PURSER_TESTS_MODEL_ARTIFACT_H_
#define PURSER_TESTS_MODEL_ARTIFACT_H_

// The ML models of a population in the reference model (ledger.md 4, daemon/decisions/0010). An ML
// model is an artifact here, as the class Model is something else.
//
// Amounts in millionths, instants in microseconds. Plain data, thread-compatible.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/model/subject.h"

namespace purser::model {

inline constexpr char kCount[] = "active_models";
inline constexpr char kStorage[] = "archive_storage";

struct Artifact {
  std::string id;
  std::string family;
  std::vector<std::string> capabilities;
  std::vector<std::string> parents;
  Amounts footprint;
  Amounts monthly_costs;
  Amounts quality;
  int64_t business_value = 0;
  int64_t incident_cost = 0;  // As it is expected; no part of the monthly costs.
  int64_t cold_cost = 0;      // Of each time that it becomes ACTIVE.
  std::vector<Constraint> constraints;
  std::string state = "CANDIDATE";
  // What a rollback brings back; "" nothing. It stays (0), or is there for this window of it.
  std::string target;
  int64_t target_window = 0;
  int64_t window = 0;      // Of a ROLLBACK_TARGET.
  int64_t generation = 0;  // Counts the entries that changed it.
  int64_t order = 0;       // Of the registration.
  bool served = false;     // It has been ACTIVE.

  bool operator==(const Artifact&) const = default;

  bool IsActive() const { return state == "ACTIVE"; }
  bool IsGone() const { return state == "ARCHIVED" || state == "PURGED"; }
  void DropTarget() {
    target.clear();
    target_window = 0;
  }
  int64_t MonthlyCost() const;
};

// How long one that was replaced is kept for a rollback.
struct Window {
  int64_t number = 0;  // The smaller the earlier it began, then by id.
  int64_t until_us = 0;
};

// What an approved activation drew on the reserve.
struct Loan {
  std::string artifact;
  Amounts amounts;
  int64_t due_back_us = 0;
};

// An activation that waits for another principal's word.
struct Approval {
  Action asked;
  std::string state = "PENDING";  // APPROVED, REJECTED, EXPIRED.
  int64_t expires_us = 0;
};

// What an id was first used for, and the first answer.
struct Remembered {
  std::string content;
  Verdict verdict;
  int64_t denied_us = -1;  // When it was a denial, which is forgotten after the retention.
};

// Everything about them that a command may change.
struct Zoo {
  std::map<std::string, Artifact> artifacts;
  std::vector<Window> windows;      // Those of the artifacts that are ROLLBACK_TARGET.
  std::vector<Loan> loans;          // In the order in which they were drawn.
  std::vector<Approval> approvals;  // In the order in which they were asked for.
  std::vector<std::string> required;
  int64_t next_window = 1;
  // The base of active_models as the running month began, which ends then.
  int64_t month_began_with = 0;
  int64_t month_ends_us = 0;
};

// What a command makes of artifacts, by their ids.
using Change = std::map<std::string, Artifact>;

// How a change is judged.
struct Terms {
  std::string family;  // Whose freeze refuses it.
  bool activates = false;
  bool lends = false;             // Slots of active_models.
  bool draws_on_reserve = false;  // A rollback, an approved loan: nothing else binds it.
  bool coverage = false;          // Whether it must not be lost.
  bool overdue = false;           // Some loan is, and that matters.
  bool not_reduced = false;       // The cost.
};

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_ARTIFACT_H_
