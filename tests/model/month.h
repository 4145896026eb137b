#ifndef PURSER_TESTS_MODEL_MONTH_H_
#define PURSER_TESTS_MODEL_MONTH_H_

// Months of the reference model, which lives by UTC. Plain values.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace purser::model {

struct Month {
  int64_t from_us = 0;
  int64_t until_us = 0;
};
// nullopt: it is the name of none.
std::optional<Month> MonthNamed(const std::string& name);

// One that was closed, and what its statement said then.
struct ClosedMonth {
  std::string principal;
  int64_t at_us = 0;
  std::string costs;
};
inline const std::vector<std::string> kStatementKeys = {"operator_family", "capability", "category",
                                                        "resource"};

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_MONTH_H_
