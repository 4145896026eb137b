#include "tests/selection/selection_world.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace purser::selection {

namespace {

std::string Id(const char* kind, int64_t number) { return kind + std::to_string(100 + number); }

int ChangesOf(const SelectionQuestion& question, const Places& set) {
  int changes = 0;
  for (size_t i = 0; i < set.size(); ++i) changes += question.options[i].is_active != set[i];
  return changes;
}

// Whether of two sets of the same value the first goes before.
bool GoesBefore(const SelectionQuestion& question, const Places& a, const Places& b) {
  if (ChangesOf(question, a) != ChangesOf(question, b)) {
    return ChangesOf(question, a) < ChangesOf(question, b);
  }
  std::optional<size_t> smallest;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    if (!smallest || question.options[i].id < question.options[*smallest].id) smallest = i;
  }
  return smallest && a[*smallest];
}

}  // namespace

uint64_t FirstSeed() {
  const char* const text = std::getenv("PURSER_SEED");  // NOLINT(concurrency-mt-unsafe)
  const uint64_t seed = text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
  std::printf("PURSER_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

SelectionQuestion DrawSmall(Random* random, int64_t options_max) {
  SelectionQuestion question;
  const int64_t count = random->Between(0, options_max);
  const int64_t resources = random->Between(0, 3);
  const int64_t much = random->OneIn(4) ? 4'000'000'000'000'000'000 : 6;
  const int64_t worth = random->OneIn(4) ? INT64_MAX : random->Between(1, 9);
  const bool is_tight = random->OneIn(2);
  for (int64_t r = 0; r < resources; ++r) {
    question.resources.push_back(Id("r", r));
    const int64_t share = random->Between(0, is_tight ? 3 : 10);
    const Wide capacity = static_cast<Wide>(much) * std::max<int64_t>(count, 1) * share / 20;
    question.capacities.push_back(
        Amount::FromMicros(static_cast<int64_t>(std::min<Wide>(capacity, INT64_MAX))));
  }
  question.slots = random->OneIn(3) ? count : random->Between(0, count);
  for (int64_t i = 0; i < count; ++i) {
    SelectionOption& option = question.options.emplace_back();
    option.id = Id("m", i);
    option.is_active = random->OneIn(2);
    option.value =
        Amount::FromMicros(random->Between(random->OneIn(3) ? -worth : 0, worth / 2 + 1));
    for (int64_t r = 0; r < resources; ++r) {
      option.uses.push_back(Amount::FromMicros(random->OneIn(3) ? 0 : random->Between(0, much)));
    }
    if (random->OneIn(10)) option.barred = SelectionGate{"LEGAL", Id("gate", i)};
    option.is_pinned = option.is_active && !option.barred.has_value() && random->OneIn(10);
    while (count > 1 && random->OneIn(5)) {
      const int64_t other = random->Between(0, count - 1);
      if (other != i) option.forbids.push_back(Id("m", other));
    }
  }
  for (int64_t k = random->Between(0, 3); k > 0 && count > 0; --k) {
    SelectionCoverage& coverage = question.coverage.emplace_back();
    coverage.capability = Id("c", k);
    for (int64_t i = random->Between(0, 4); i > 0; --i) {
      coverage.ids.push_back(Id("m", random->Between(0, count - 1)));
    }
  }
  return question;
}

SelectionQuestion DrawLarge(Random* random, const Shape& shape) {
  SelectionQuestion question;
  std::vector<int64_t> used(shape.resources, 0);
  for (int i = 0; i < shape.candidates + shape.actives; ++i) {
    SelectionOption& option = question.options.emplace_back();
    option.is_active = i >= shape.candidates;
    option.id = option.is_active ? Id("active", i) : Id("candidate", i);
    int64_t sum = 0;
    for (int r = 0; r < shape.resources; ++r) {
      const int64_t use = random->OneIn(4) ? 0 : random->Between(1'000'000, 100'000'000);
      option.uses.push_back(Amount::FromMicros(use));
      sum += use;
      if (option.is_active) used[r] += use;
    }
    const int64_t by_size = sum / std::max(shape.resources, 1) * 10;
    const int64_t value = shape.value_follows_size ? by_size + random->Between(0, 500'000'000)
                                                   : random->Between(-100'000'000, 1'000'000'000);
    option.value = Amount::FromMicros(value);
    option.is_pinned = option.is_active && random->OneIn(10);
    if (!option.is_active && i % 4 > 0 && random->OneIn(2))
      option.forbids.push_back(Id("candidate", i - 1));
  }
  for (int r = 0; r < shape.resources; ++r) {
    question.resources.push_back(Id("r", r));
    question.capacities.push_back(Amount::FromMicros(used[r] + random->Between(0, 300'000'000)));
  }
  question.slots = shape.actives + random->Between(0, 5);
  for (int k = 0; k < 20; ++k) {
    SelectionCoverage& coverage = question.coverage.emplace_back();
    coverage.capability = Id("c", k);
    for (int i = 0; i < 3; ++i) {
      const int64_t place = random->Between(0, shape.candidates + shape.actives - 1);
      coverage.ids.push_back(question.options[place].id);
    }
  }
  return question;
}

SelectionQuestion Shuffled(const SelectionQuestion& question, Random* random) {
  SelectionQuestion other = question;
  std::vector<size_t> places;
  for (size_t i = 0; i < question.resources.size(); ++i) places.push_back(i);
  random->Shuffle(&places);
  for (size_t i = 0; i < places.size(); ++i) {
    other.resources[i] = question.resources[places[i]];
    other.capacities[i] = question.capacities[places[i]];
    for (size_t k = 0; k < other.options.size(); ++k) {
      other.options[k].uses[i] = question.options[k].uses[places[i]];
    }
  }
  for (SelectionOption& option : other.options) random->Shuffle(&option.forbids);
  for (SelectionCoverage& coverage : other.coverage) random->Shuffle(&coverage.ids);
  random->Shuffle(&other.options);
  random->Shuffle(&other.coverage);
  return other;
}

Places PlacesOf(const SelectionQuestion& question, const std::vector<std::string>& ids) {
  Places set;
  for (const SelectionOption& option : question.options) {
    set.push_back(std::find(ids.begin(), ids.end(), option.id) != ids.end());
  }
  return set;
}

Wide ValueOf(const SelectionQuestion& question, const Places& set) {
  Wide value = 0;
  for (size_t i = 0; i < set.size(); ++i) {
    if (set[i]) value += question.options[i].value.micros();
  }
  return value;
}

bool Fits(const SelectionQuestion& question, const Places& set) {
  int64_t slots = question.slots;
  std::vector<Wide> left;
  for (const Amount capacity : question.capacities) left.push_back(capacity.micros());
  const auto has = [&](const std::string& id) {
    for (size_t i = 0; i < set.size(); ++i) {
      if (question.options[i].id == id) return static_cast<bool>(set[i]);
    }
    return false;
  };
  for (size_t i = 0; i < set.size(); ++i) {
    const SelectionOption& option = question.options[i];
    if (!set[i] && option.is_pinned) return false;
    if (!set[i]) continue;
    if (option.barred || --slots < 0) return false;
    if (std::any_of(option.forbids.begin(), option.forbids.end(), has)) return false;
    for (size_t r = 0; r < left.size(); ++r) {
      left[r] -= option.uses[r].micros();
      if (left[r] < 0) return false;
    }
  }
  for (const SelectionCoverage& coverage : question.coverage) {
    const bool today = std::any_of(coverage.ids.begin(), coverage.ids.end(), [&](const auto& id) {
      return std::any_of(question.options.begin(), question.options.end(),
                         [&](const auto& option) { return option.is_active && option.id == id; });
    });
    if (today && std::none_of(coverage.ids.begin(), coverage.ids.end(), has)) return false;
  }
  return true;
}

PlainBest TryAll(const SelectionQuestion& question, std::optional<size_t> option, bool is_in) {
  PlainBest best;
  const size_t count = question.options.size();
  for (uint32_t bits = 0; bits < (uint32_t{1} << count); ++bits) {
    Places set;
    for (size_t i = 0; i < count; ++i) set.push_back((bits >> i & 1) != 0);
    if (option && set[*option] != is_in) continue;
    if (!Fits(question, set)) continue;
    const Wide value = ValueOf(question, set);
    if (best.set &&
        (value < best.value || (value == best.value && !GoesBefore(question, set, *best.set)))) {
      continue;
    }
    best = {set, value};
  }
  return best;
}

std::string Told(const Selection& selection) {
  std::string text = std::to_string(static_cast<int>(selection.verdict));
  const auto add_ids = [&](const char* name, const std::vector<std::string>& ids) {
    text += std::string(" ") + name;
    for (const std::string& id : ids) text += "," + id;
  };
  const auto add = [&](const char* name, absl::int128 number) {
    std::string digits;
    const bool is_negative = number < 0;
    do {
      const int digit = static_cast<int>(number % 10);
      digits.insert(digits.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
      number /= 10;
    } while (number != 0);
    text += std::string(" ") + name + (is_negative ? "-" : "") + digits;
  };
  add_ids("chosen", selection.chosen);
  add_ids("admitted", selection.admitted);
  add_ids("dropped", selection.dropped);
  add("value", selection.value);
  add("bound", selection.bound);
  add("optimal", selection.is_optimal);
  add("first", selection.is_first);
  add("slots", selection.slots_left);
  add("steps", selection.steps);
  for (const SelectionCandidate& each : selection.candidates) {
    text += "\n" + each.id + " " + std::to_string(static_cast<int>(each.verdict));
    add_ids("forbidden", each.forbidden_by);
    add_ids("displaces", each.displaces);
    for (const SelectionShortage& shortage : each.shortages)
      add("short", shortage.short_by.micros());
    if (each.marginal.value.has_value()) add("marginal", *each.marginal.value);
    add("least", each.marginal.least);
    add("most", each.marginal.most);
    add("exact", each.marginal.is_exact);
  }
  return text;
}

}  // namespace purser::selection
