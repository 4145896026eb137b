#ifndef PURSER_TESTS_SMALL_WORLD_SMALL_STATE_H_
#define PURSER_TESTS_SMALL_WORLD_SMALL_STATE_H_

// A state of the small world: the product's population in memory, where its clock stands, and which
// of the commands that may come once have come. Values; thread-compatible.
#include <cstdint>
#include <string>
#include <utility>

#include "lifecycle/population.h"

namespace purser::small {

struct SmallState {
  Population population;
  InstantUs now_us = 0;
  int requests = 0;  // reservations asked for
  bool rolled_over = false;
  int ticks = 0;             // how often time moved on to what was due
  std::string first_charge;  // the ids of the two charges that a refund may name
  std::string last_charge;
};

using Digest = std::pair<uint64_t, uint64_t>;

// Of everything that can matter to what follows, and of what a client can see of the present;
// without sequences, hashes, ids and absolute times (instants count relative to now). Two states
// that differ in the names of their reservations alone are one.
Digest DigestOf(const SmallState& state);

// Invariants 1 to 3, and that what has ended holds nothing; "" or what is wrong.
std::string FindFault(const SmallState& state);

// The reservation whether open or ended; nullptr when there is none.
const Reservation* FindReservation(const Population& population, const std::string& id);

}  // namespace purser::small

#endif  // PURSER_TESTS_SMALL_WORLD_SMALL_STATE_H_
