#ifndef PURSER_DAEMON_MADE_IN_GROUP_H_
#define PURSER_DAEMON_MADE_IN_GROUP_H_

// What the entries of one group made of reservations, charges, cost entries and outcomes: the rows
// from which lists, newest first, are read. A value for one group; thread-compatible.
#include <cstdint>

#include "daemon/records.pb.h"
#include "lifecycle/transaction.pb.h"

namespace purser {

struct MadeInGroup {
  stored::MadeInGroup reservations;  // granted, or denied under an id
  stored::MadeInGroup charges;
  stored::MadeInGroup cost_entries;
  stored::MadeInGroup outcomes;

  // The next entry of the group that begins at `first_sequence`.
  void Add(const stored::Entry& entry, uint64_t first_sequence);
};

}  // namespace purser

#endif  // PURSER_DAEMON_MADE_IN_GROUP_H_
