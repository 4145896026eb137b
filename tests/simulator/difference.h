#ifndef PURSER_TESTS_SIMULATOR_DIFFERENCE_H_
#define PURSER_TESTS_SIMULATOR_DIFFERENCE_H_

// Where two subjects, or two of their answers, differ. Plain functions, safe from any thread.

#include <set>
#include <string>

#include "tests/model/model.h"

namespace purser {

// Each gives "" or a sentence with both readings, the product's first.
std::string Differ(const model::Verdict& got, const model::Verdict& expected);
std::string Differ(const model::ResourceView& got, const model::ResourceView& expected);
std::string Differ(const model::ReservationView& got, const model::ReservationView& expected);

// Resources, debts, freezes, ML models, and the reservations named.
std::string DifferInState(const model::Subject& got, const model::Model& expected,
                          const std::set<std::string>& reservations);

std::string ToString(const model::Verdict& verdict);

}  // namespace purser

#endif  // PURSER_TESTS_SIMULATOR_DIFFERENCE_H_
