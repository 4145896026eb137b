#ifndef PURSER_LIFECYCLE_MODELS_SUMMARY_H_
#define PURSER_LIFECYCLE_MODELS_SUMMARY_H_

// The population at a glance: its models by state, what they occupy and cost, what its reserves can
// bring back. Looks at every model: not for the writer. A value.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/books.h"
#include "lifecycle/model_book.h"

namespace purser {

struct ModelsSummary {
  struct OfResource {
    Amount occupied;
    Amount reserve;
    absl::int128 needed_micros = 0;    // by the largest `minimum` targets together
    std::optional<uint32_t> coverage;  // nullopt: no target needs any
  };
  std::map<stored::ModelState, uint32_t> counts;
  absl::int128 monthly_cost_micros = 0;
  std::map<std::string, OfResource> resources;  // capacities that models may occupy
  std::optional<uint32_t> coverage;             // the smallest; nullopt: there are no targets
  std::vector<std::string> blocked;             // ACTIVE models whose rollback a constraint forbids
  std::vector<stored::ReserveLoan> loans;
  std::vector<std::string> active;
};

ModelsSummary Summarise(const ModelBook& models, const Books& books, int coverage_minimum);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_MODELS_SUMMARY_H_
