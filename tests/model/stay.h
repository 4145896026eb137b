#ifndef PURSER_TESTS_MODEL_STAY_H_
#define PURSER_TESTS_MODEL_STAY_H_

// What capacities were occupied, held and kept in the reference model: whenever time passes the
// books are looked at, and what stands there has stood there for so long. Plain data,
// thread-compatible.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/model/charge.h"

namespace purser::model {

// Origin, who has it, resource, incarnation of that.
using StayKey = std::tuple<std::string, std::string, std::string, int64_t>;

struct Stay {
  int64_t incarnation = 0;
  int64_t amount = 0;
  int64_t from_us = 0;
  int64_t until_us = 0;
  CostLine line;  // Its labels.

  bool IsLike(const Stay& other) const {
    return amount == other.amount && line.by == other.line.by && line.splits == other.line.splits;
  }
};

struct Stays {
  std::map<StayKey, Stay> running;  // Up to when time passed last.
  std::vector<std::shared_ptr<const Stay>> past;
  // Of incarnations: since when one is priced, or is not, in order of time.
  std::map<int64_t, std::vector<std::pair<int64_t, bool>>> priced;

  std::vector<Stay> All() const;
};

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_STAY_H_
