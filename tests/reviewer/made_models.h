#ifndef PURSER_TESTS_REVIEWER_MADE_MODELS_H_
#define PURSER_TESTS_REVIEWER_MADE_MODELS_H_

// Models as the reviewer's tests make them, at random as well, and what of them is true by the
// words of daemon/decisions/0011, written without the product's code: slow and plain.
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "lifecycle/models.pb.h"
#include "lifecycle/providers.h"

namespace purser::reviewer {

using Settings = stored::ModelSettings;

// One that nobody has to look up: amounts are millionths.
struct Made {
  std::string id;
  std::map<std::string, int64_t> capabilities;  // with their quality; 0 is not given
  int64_t business_value = 0;
  std::map<stored::CostCategory, int64_t> costs;
  int64_t incidents = 0;
};
Settings ToSettings(const Made& made);
Providers ProvidersOf(const std::vector<Made>& active);

// The terms by the words, and their sum.
struct PlainValue {
  __extension__ typedef __int128 Wide;
  Wide business = 0;
  Wide inference = 0;
  Wide maintenance = 0;
  Wide incident = 0;
  Wide Sum() const { return business + inference + maintenance + incident; }
};
// `leaving` is by place in `active`; `result` is nullptr: none.
PlainValue PlainValueOf(const std::vector<Made>& active, const std::vector<size_t>& leaving,
                        const Made* result);

// Small numbers, so that much of it is equal.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(engine_() % static_cast<uint64_t>(high - low + 1));
  }
  bool OneIn(int64_t count) { return Between(1, count) == 1; }
  Made Model(const std::string& id, int capabilities_max);
  template <typename Item>
  void Shuffle(std::vector<Item>* items) {
    for (size_t i = items->size(); i > 1; --i) {
      std::swap((*items)[i - 1], (*items)[static_cast<size_t>(Between(0, i - 1))]);
    }
  }

 private:
  std::mt19937_64 engine_;
};

// PURSER_SEED, or the other one; printed.
uint64_t FirstSeed(uint64_t otherwise);

}  // namespace purser::reviewer

#endif  // PURSER_TESTS_REVIEWER_MADE_MODELS_H_
