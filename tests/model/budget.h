#ifndef PURSER_TESTS_MODEL_BUDGET_H_
#define PURSER_TESTS_MODEL_BUDGET_H_

// Budgets of the reference model. Costs in millionths of a dollar, instants in microseconds. Plain
// data, thread-compatible.
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/model/decimal.h"

namespace purser::model {

// Of what has the labels, the part that goes to them.
struct Budget {
  std::map<std::string, std::string> labels;
  int64_t amount = 0;
  bool showback = false;
  int64_t made_entry = 0;
  int64_t made_us = 0;
  size_t costs_before = 0;   // How many there were when it was made.
  bool whole_month = false;  // Those of its month are counted, and what was held before it.
  int64_t generation = 1;
  std::vector<std::pair<int64_t, Wide>> counted;  // Of when, how much was spent.
  int told = 0;                                   // In the month: 1 WARN, 2 REVIEW, 3 BLOCK.
  // The last one; "" and 0: none.
  std::string overridden_by;
  int64_t overridden_until_us = 0;
};

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_BUDGET_H_
