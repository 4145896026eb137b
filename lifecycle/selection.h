#ifndef PURSER_LIFECYCLE_SELECTION_H_
#define PURSER_LIFECYCLE_SELECTION_H_

// Which models a population would best consist of: of those that are ACTIVE and of candidates the
// set of the largest value a month that fits all resources and slots at once. Nothing is changed by
// asking. Deterministic, whatever order the options come in, and exact where it says so. Pure
// functions, thread-safe; for a thread that may take a while, not for the writer: a step takes up
// to 0.2 ms for 200 options, and no more steps are taken than the limits say.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/amount.h"

namespace purser {

inline constexpr size_t kSelectionOptionsMax = 1'024;
inline constexpr size_t kSelectionResourcesMax = 192;    // budgets of money among them
inline constexpr size_t kSelectionCoveragesMax = 1'024;  // capabilities
inline constexpr size_t kSelectionForbidsMax = 4'096;    // pairs, as often as they are named

// A hard constraint that fails, as the caller names it; it is passed through.
struct SelectionGate {
  std::string kind;
  std::string name;
  friend bool operator==(const SelectionGate&, const SelectionGate&) = default;
};

struct SelectionOption {
  std::string id;  // of each option another; not empty
  bool is_active = false;
  bool is_pinned = false;               // must stay; only of one that is active and not barred
  Amount value;                         // USD a month, of any sign
  std::vector<Amount> uses;             // by resource of the question, of each; >= 0
  std::optional<SelectionGate> barred;  // is chosen in no case
  std::vector<std::string> forbids;     // ids of options, never chosen together with it
};

struct SelectionCoverage {
  std::string capability;
  std::vector<std::string> ids;  // of who provides it; of nobody who is active: nothing is asked
};

struct SelectionQuestion {
  std::vector<std::string> resources;  // their names
  std::vector<Amount> capacities;      // of them, all that active ones use now included; >= 0
  int64_t slots = 0;                   // how many may be chosen; >= 0
  std::vector<SelectionOption> options;
  std::vector<SelectionCoverage> coverage;
};

struct SelectionLimits {
  int64_t steps_max = 0;       // for the set; each solves one linear program
  int64_t rank_steps_max = 0;  // for the marginal values, shared by the candidates alike;
                               // what one leaves is there for the next by id
};
// By the size of the question and nothing else: up to 100,000 and half as many. Seconds;
// of the largest questions that stay open up to a minute.
SelectionLimits DefaultLimits(const SelectionQuestion& question);

// Of a candidate with everything else chosen as well as it can be.
struct SelectionMarginal {
  // The best total with it less the best total without, millionths of USD a month, of the sets that
  // were found; what is true is between `least` and `most`, which are the same where it is exact.
  // nullopt: no set was found, with it or without.
  std::optional<absl::int128> value;
  absl::int128 least = 0;
  absl::int128 most = 0;
  bool is_exact = false;  // also where it is shown that there is no such set
};

struct SelectionShortage {
  size_t resource = 0;  // its place in the question
  Amount short_by;      // > 0
  friend bool operator==(const SelectionShortage&, const SelectionShortage&) = default;
};

struct SelectionCandidate {
  // In this order of checks; the first that holds.
  enum class Verdict {
    kAdmitted,
    kBarred,
    kWorthNothing,  // its value is not above 0
    kForbidden,     // by one that is chosen
    kDoesNotFit,    // beside the chosen ones
    kNotFound,      // the steps ran out before it was told, or no set was found at all
  };
  std::string id;
  Verdict verdict = Verdict::kNotFound;
  std::optional<SelectionGate> gate;         // of kBarred
  std::vector<std::string> forbidden_by;     // chosen ones, by id
  std::vector<SelectionShortage> shortages;  // beside the chosen ones; of kDoesNotFit
  bool lacks_slot = false;                   // the same
  // What leaves the chosen set for the best one that was found with it; may be nobody.
  std::vector<std::string> displaces;
  SelectionMarginal marginal;
};

struct Selection {
  enum class Verdict {
    kFound,
    kNone,     // no set keeps all that must be kept
    kUnknown,  // the steps ran out before any was found, or it was shown that there is none
  };
  Verdict verdict = Verdict::kNone;
  // Of kFound, by id. Among sets of the same value the one that admits and drops the fewest
  // together, of two of those the one that has the smallest id which only one has; see `is_first`.
  std::vector<std::string> chosen;
  std::vector<std::string> admitted;
  std::vector<std::string> dropped;
  absl::int128 value = 0;  // of the chosen, millionths of USD a month
  // No set is worth more: this less the value is the gap, 0 where it is proved optimal. Of kUnknown
  // too; of kNone it says nothing.
  absl::int128 bound = 0;
  bool is_optimal = false;
  bool is_first = false;      // that no other set goes before it is proved as well
  std::vector<Amount> slack;  // by resource, beside the chosen ones; of kFound
  int64_t slots_left = 0;
  // Of all candidates, the largest marginal value first, then those without one; ties by id. The
  // ranks are exact if every marginal is.
  std::vector<SelectionCandidate> candidates;
  bool is_rank_exact = false;
  int64_t steps = 0;  // all of them
};

// InvalidArgument, with what to do about it, for a question that is not as above.
absl::Status CheckSelection(const SelectionQuestion& question);

// The same errors. With up to 24 candidates among 200 actives the default limits prove what is
// drawn without a pattern; where values follow sizes closely and hundreds of actives are as good as
// one another a gap below a thousandth may stay, and is told.
absl::StatusOr<Selection> EvaluateSelection(const SelectionQuestion& question,
                                            const SelectionLimits& limits);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_SELECTION_H_
