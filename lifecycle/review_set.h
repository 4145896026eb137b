#ifndef PURSER_LIFECYCLE_REVIEW_SET_H_
#define PURSER_LIFECYCLE_REVIEW_SET_H_

// Which models had best leave so that something fits that lacks what they occupy
// (daemon/decisions/0011, the reviewer, 4): the cheapest set. Deterministic, whatever order the
// candidates come in. Pure functions, thread-safe.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/numeric/int128.h"
#include "lifecycle/models.h"
#include "lifecycle/net_value.h"
#include "lifecycle/providers.h"

namespace purser {

struct SetCandidate {
  const stored::ModelSettings* model = nullptr;  // of one that is ACTIVE
  Occupied frees;                                // by its leaving; what is not above 0 is nothing
};

struct SetQuestion {
  std::vector<SetCandidate> candidates;
  Occupied lacking;  // what is not above 0 is not lacking
  // Of each that is provided at least one provider must stay.
  std::vector<std::string> required_capabilities;
  const Providers* providers = nullptr;  // of all ACTIVE models, candidates or not
};

struct SetLimits {
  size_t members_max = kModelsLeavingMax;  // of the set; never more than that
  size_t exact_max = 24;                   // candidates up to which no steps are counted
  int64_t steps_max = 1'000'000;           // each tries one model in one set
};

struct BestSet {
  enum class Verdict {
    kFound,
    kNone,     // no set frees it
    kUnknown,  // the steps ran out before any was found, or it was shown that there is none
  };
  Verdict verdict = Verdict::kNone;
  // Of kFound, by id: has the largest net value that was found, and no more members than another
  // of that value; what of that one and of nobody else frees would be missing is no reason to be
  // in.
  std::vector<std::string> ids;
  NetValue value;
  // No set has a larger net value, millionths: this less the value's sum is the gap, 0 where the
  // set is shown to be the best.
  absl::int128 bound = 0;
  // Else, of each resource that is lacking: the most that a set would free, of it alone.
  Occupied frees_most;
  int64_t steps = 0;
};

// The set of candidates that frees all that is lacking, keeps what is required, and has the largest
// net value as a set: what two of them provide is lost only where both leave. Of one that is no
// ACTIVE model by the providers, and of one named again, nothing is taken. Up to `exact_max`
// candidates of those that matter it is exact, in at most 2^24 steps; beyond, within the steps.
BestSet FindBestSet(const SetQuestion& question, const SetLimits& limits);

// What the models' leaving comes to, computed anew. Ids of candidates, each once.
struct SetVerdict {
  bool frees_all = false;
  bool keeps_required = false;
  NetValue value;
};
SetVerdict JudgeSet(const SetQuestion& question, const std::vector<std::string>& ids);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_REVIEW_SET_H_
