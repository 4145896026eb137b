#ifndef PURSER_LIFECYCLE_POPULATION_H_
#define PURSER_LIFECYCLE_POPULATION_H_

// The state of one population: its books, its open reservations, where its journal stands. A
// population is the unit of ordering: nothing crosses populations. Thread-compatible: the writer's
// alone.
#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "ledger/books.h"
#include "lifecycle/model_book.h"
#include "lifecycle/transaction.pb.h"
#include "reservations/reservation_book.h"

namespace purser {

// Names and kinds of every resource a population ever had, by number: what old records refer to.
class ResourceDirectory {
 public:
  void Add(uint32_t number, const std::string& name, bool consumable) {
    if (entries_.size() <= number) entries_.resize(number + 1);
    entries_[number] = std::make_shared<const Named>(Named{name, consumable});
  }
  ResourceIdentity Find(uint32_t number) const {
    if (number >= entries_.size() || entries_[number] == nullptr) return {"", true};
    return {entries_[number]->name, entries_[number]->consumable};
  }
  // Numbers are below this; 0 is none.
  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }
  // Valid as long as this directory.
  ResourceIdentities function() const {
    return [this](uint32_t number) { return Find(number); };
  }

 private:
  struct Named {
    std::string name;
    bool consumable;
  };
  std::vector<std::shared_ptr<const Named>> entries_;
};

struct Population {
  std::string name;
  uint32_t number = 0;
  Books books;
  ReservationBook reservations;
  ModelBook models;
  ResourceDirectory directory;
  uint64_t last_sequence = 0;
  InstantUs last_time_us = 0;
  uint64_t last_change = 0;  // the last entry that did more than explain; none older than a start

  EntryContext ContextOf(const stored::Entry& entry) const {
    return {entry.sequence(), entry.time_us(), books.lease_shift_us(), 0};
  }
};

// Invariants 1 to 3 and 5. Empty, or what is wrong.
std::string FindFault(const Population& population);

// What time brings next.
struct Due {
  InstantUs at_us = 0;
  stored::CommandKind kind = stored::COMMAND_UNSPECIFIED;  // one of what time brings
  uint32_t resource = 0;
  std::string id;
};

// In the order of the ledger: by instant, then a new month of budgets, rollovers by resource name,
// thaws by id, time-outs of the queue in the order of arrivals, expiries in the order of their
// grants, notices in the order in which they were given, starts of advance reservations in the
// order in which they were made, rollback windows in the order in which they began, approvals,
// proposals; a new day, what was saved and new rates where nothing else is due then. nullopt:
// nothing is due, ever.
std::optional<Due> NextDue(const Population& population);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_POPULATION_H_
