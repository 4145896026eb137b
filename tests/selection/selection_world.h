#ifndef PURSER_TESTS_SELECTION_SELECTION_WORLD_H_
#define PURSER_TESTS_SELECTION_SELECTION_WORLD_H_

// Questions for a selection, drawn, and what is true of them by the words of lifecycle/selection.h,
// written without the product's code: slow and plain.
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "lifecycle/selection.h"

namespace purser::selection {

__extension__ typedef __int128 Wide;
inline absl::int128 ToAbsl(Wide value) { return value; }

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  int64_t Between(int64_t low, int64_t high) {
    const uint64_t count = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
    return static_cast<int64_t>(static_cast<uint64_t>(low) + engine_() % count);
  }
  bool OneIn(int64_t count) { return Between(1, count) == 1; }
  template <typename Item>
  void Shuffle(std::vector<Item>* items) {
    for (size_t i = items->size(); i > 1; --i) {
      std::swap((*items)[i - 1], (*items)[static_cast<size_t>(Between(0, i - 1))]);
    }
  }

 private:
  std::mt19937_64 engine_;
};

// PURSER_SEED, or 1; printed.
uint64_t FirstSeed();

// With at most so many options, and small numbers, so that much of it is equal, or large ones.
SelectionQuestion DrawSmall(Random* random, int64_t options_max);

struct Shape {
  int candidates = 24;
  int actives = 200;
  int resources = 8;
  bool value_follows_size = false;
};
// Actives that fill what there is to within a little, and candidates like them; a tenth of them
// pinned, capabilities, and candidates of which only one may be chosen.
SelectionQuestion DrawLarge(Random* random, const Shape& shape);

// Everything in another order, the resources included.
SelectionQuestion Shuffled(const SelectionQuestion& question, Random* random);

// Sets by place among the options.
using Places = std::vector<bool>;
Places PlacesOf(const SelectionQuestion& question, const std::vector<std::string>& ids);
Wide ValueOf(const SelectionQuestion& question, const Places& set);
bool Fits(const SelectionQuestion& question, const Places& set);

struct PlainBest {
  std::optional<Places> set;  // the best of all subsets; nullopt: none fits
  Wide value = 0;
};
// Of those that have, or do not have, the option if one is named.
PlainBest TryAll(const SelectionQuestion& question, std::optional<size_t> option = std::nullopt,
                 bool is_in = false);

// Everything that is answered, as text.
std::string Told(const Selection& selection);

}  // namespace purser::selection

#endif  // PURSER_TESTS_SELECTION_SELECTION_WORLD_H_
