#ifndef PURSER_DAEMON_STATE_DIGEST_H_
#define PURSER_DAEMON_STATE_DIGEST_H_

// The state of a population as one text, and its SHA-256: two states are equal when their digests
// are. What `verify` prints, and what a restart, a replay and a backup can be compared by.
// Thread-safe: pure functions.
#include <string>

#include "lifecycle/population.h"

namespace purser {

// A line for each thing, in an order that depends on nothing but the state: where the journal
// stands, settings, resources with balances and period, debts, freezes, open reservations with
// every field. The population's number in its store is not part of it.
std::string StateText(const Population& population);

// SHA-256 of StateText, as 64 hexadecimal digits.
std::string StateDigest(const Population& population);

}  // namespace purser

#endif  // PURSER_DAEMON_STATE_DIGEST_H_
