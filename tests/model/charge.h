#ifndef PURSER_TESTS_MODEL_CHARGE_H_
#define PURSER_TESTS_MODEL_CHARGE_H_

// What was charged, what it cost and who watches that, in the reference model. Amounts and costs in
// millionths, instants in microseconds. Plain data, thread-compatible.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/model/action.h"
#include "tests/model/decimal.h"

namespace purser::model {

struct ChargeLine {
  int64_t within = 0;
  int64_t overrun = 0;
  int64_t within_refunded = 0;
  int64_t overrun_refunded = 0;
  int64_t period = 0;       // Of the book, when the charge was posted.
  bool older_hold = false;  // The hold was of an older period than the charge.
  int64_t incarnation = 0;
  std::optional<int64_t> picos;  // Of its rate, when it was charged.
  std::string category;
};

struct Charge {
  std::string reservation;  // "" without one.
  std::string family;
  std::string principal;  // Whose usage it is: the holder's.
  std::map<std::string, std::string> labels;
  int64_t moment = 0;
  std::map<std::string, ChargeLine> lines;
  std::string purpose;   // "" without a reservation.
  std::string category;  // As it was said.
};

// What was charged, or refunded, of one resource: the number is below 0 of a refund. Of what no
// resource measures it is 0.
struct CostLine {
  int64_t at_us = 0;
  int64_t amount = 0;
  int64_t within = 0;  // Of the amount, in a hold that was made then:
  int64_t held_us = 0;
  std::optional<int64_t> cost;
  // Of a refund: what was left of the charge before it.
  int64_t amount_before = 0;
  int64_t cost_before = 0;
  bool is_stay = false;                   // What counts is `area`:
  Wide area = 0;                          // Millionths times microseconds.
  std::map<std::string, std::string> by;  // Its labels, "category", "resource", "origin".
  // Of labels that are split, by key: the parts with their weights.
  std::map<std::string, std::map<std::string, int64_t>> splits;
};

// Costs of one group together.
struct CostSums {
  int64_t cost = 0;
  std::map<std::string, int64_t> unpriced;                // By resource.
  std::map<std::string, std::pair<Wide, Wide>> occupied;  // Together, and what is not priced.
};
using CostGroups = std::map<std::vector<std::string>, CostSums>;  // By the values of the keys.
// " 12.5 network 7 memory=900/300"
std::string ToString(const CostSums& sums);

// What became of results, as it was told at a time.
struct OutcomesTold {
  int64_t at_us = 0;
  std::map<std::string, std::string> labels;
  Outcomes counts;
};

// Watches what charges cost. Of each charge since it was made that has the labels, the part that
// goes to them.
struct Guardrail {
  std::map<std::string, std::string> labels;
  int64_t expected = 0;  // 0: nothing is.
  int64_t made_us = 0;
  std::vector<std::pair<int64_t, int64_t>> counted;  // When, how much.
  bool counts_now = false;                           // Something of the entry that is being made.
  int64_t charged_us = -1;                           // The last charge of anybody since then.
  int64_t tripped_us = -1;
};

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_CHARGE_H_
