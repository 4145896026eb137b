#ifndef PURSER_TESTS_SMALL_WORLD_AGREEMENT_H_
#define PURSER_TESTS_SMALL_WORLD_AGREEMENT_H_

// What the product and the reference model say of the same command and the same state, compared.
// Pure functions; thread-safe.
#include <string>

#include "lifecycle/state_machine.h"
#include "tests/model/model.h"
#include "tests/small_world/letter.h"
#include "tests/small_world/small_state.h"

namespace purser::small {

// "" or where the answers to a command differ.
std::string CompareVerdicts(const Letter& letter, const Verdict& product,
                            const model::Verdict& expected, const Rules& rules);

// "" or where the states differ: accounts, base, shortfall, target, debts, freezes, reservations,
// the queue.
std::string CompareStates(const SmallState& product, const model::Model& model, const Rules& rules);

}  // namespace purser::small

#endif  // PURSER_TESTS_SMALL_WORLD_AGREEMENT_H_
