// Every number that an entry can have, forged: verify tells of it or can apply it, and what it
// applies leaves no fault. What sanitizers see counts as well.
#include <algorithm>
#include <cstdio>
#include <iterator>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "daemon/entry_check.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "lifecycle/state_machine.h"
#include "tests/books/damage.h"
#include "tests/books/long_history.h"

namespace purser {
namespace {

constexpr uint64_t kSeed = 4'712;
constexpr int kGroups = 4'000;
constexpr size_t kEntriesBehind = 50;  // are tried on a forged one
constexpr int64_t kNumbers[] = {0, -1, INT64_MAX, INT64_MIN, 7'000'000};

std::vector<stored::Entry> EntriesOf(JournalStore& store, uint32_t population) {
  std::vector<stored::Entry> entries;
  for (const JournalRow& row : JournalOf(store, population)) {
    for (const std::string& bytes : row.group.entries()) {
      EXPECT_TRUE(entries.emplace_back().ParseFromString(bytes));
    }
  }
  return entries;
}

// A population that is folded as verify folds it.
class Fold {
 public:
  explicit Fold(const stored::Entry& first) : machine_(Policy(), nullptr) {
    auto unborn = std::make_unique<Population>();
    unborn->name = first.ledger_facts(0).population_set().settings().name();
    unborn->number = 1;
    population_ = machine_.Restore(std::move(unborn));
  }

  std::string FindFaultOf(const stored::Entry& entry) const {
    return FindEntryFault(*population_, entry);
  }
  void Apply(const stored::Entry& entry) {
    ReservationBook::Changes changes;
    machine_.Apply(population_->name, entry, Lookup(), &changes);
  }
  std::string FindFault() const {
    const std::string fault = population_->books.FindFault();
    return fault.empty() ? purser::FindFault(*population_) : fault;
  }

 private:
  StateMachine machine_;
  const Population* population_;
};

// Where each number stands for the first time: an entry, and which of its numbers it is.
using Places = std::map<std::string, std::pair<size_t, size_t>>;

Places PlacesOf(std::vector<stored::Entry>* entries) {
  Places places;
  for (size_t at = 0; at < entries->size(); ++at) {
    const std::vector<NumberField> fields = NumberFieldsOf(&(*entries)[at]);
    for (size_t i = 0; i < fields.size(); ++i) {
      places.try_emplace(fields[i].path, std::pair(at, i));
    }
  }
  return places;
}

// Folds the entries, the one at `at` forged, until one of them is told to be wrong; the forged one
// is not.
void ExpectFolds(const std::vector<stored::Entry>& entries, size_t at,
                 const stored::Entry& forged) {
  Fold fold(entries.front());
  for (size_t i = 0; i < at; ++i) fold.Apply(entries[i]);
  for (size_t i = at; i < std::min(entries.size(), at + kEntriesBehind); ++i) {
    const stored::Entry& entry = i == at ? forged : entries[i];
    if (!fold.FindFaultOf(entry).empty()) return;
    fold.Apply(entry);
    ASSERT_EQ(fold.FindFault(), "") << "at entry " << i + 1 << ", " << at + 1 << " is forged";
  }
}

class ForgedNumbersTest : public testing::Test {
 protected:
  // Tries each of these numbers of an entry, which `fold` has come to.
  void Forge(const std::vector<stored::Entry>& entries, size_t at, const Fold& fold,
             const std::vector<size_t>& which) {
    for (const size_t i : which) {
      for (const int64_t number : kNumbers) {
        stored::Entry forged = entries[at];
        const NumberField field = NumberFieldsOf(&forged)[i];
        SCOPED_TRACE(Concat(field.path, ": ", number));
        SetNumber(field, number);
        ++tried_;
        if (!fold.FindFaultOf(forged).empty()) continue;
        ++applied_;
        ExpectFolds(entries, at, forged);
      }
    }
  }

  int tried_ = 0;
  int applied_ = 0;
};

TEST_F(ForgedNumbersTest, EachIsToldOrCanBeApplied) {
  std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
  LongHistory history(kSeed);
  history.Live(kGroups);
  history.LeaveOpenEnds("lab");
  Places all;
  for (const uint32_t population : {1, 2, 3}) {
    std::vector<stored::Entry> entries = EntriesOf(history.store(), population);
    std::map<size_t, std::vector<size_t>> numbers;  // by entry
    for (const auto& [path, place] : PlacesOf(&entries)) {
      if (all.try_emplace(path, place).second) numbers[place.first].push_back(place.second);
    }
    Fold fold(entries.front());
    for (size_t at = 0; at < entries.size(); ++at) {
      Forge(entries, at, fold, numbers[at]);
      fold.Apply(entries[at]);
    }
  }
  std::printf("%zu numbers, %d forgeries, %d of them applied\n", all.size(), tried_, applied_);
  EXPECT_GT(all.size(), 300u);
  EXPECT_GT(applied_, 500);
}

}  // namespace
}  // namespace purser
