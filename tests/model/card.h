#ifndef PURSER_TESTS_MODEL_CARD_H_
#define PURSER_TESTS_MODEL_CARD_H_

// Rates, what they make of amounts, and to whom that is charged, in the reference model. Plain
// data, thread-compatible.
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "tests/model/charge.h"
#include "tests/model/subject.h"

namespace purser::model {

// A rate card.
struct Card {
  int64_t from_us = 0;
  int64_t until_us = 0;  // 0: it says nothing of its end.
  std::map<std::string, UnitRate> rates;
  int64_t made_us = 0;
};

// Whether a rate, or an end, is none.
bool BadRates(const RateCardParts& parts);
// Whether it is none of the fourteen.
bool BadCategory(const std::string& category);
// Of a line that may be split by them.
void SetLabels(const std::map<std::string, std::string>& labels, CostLine* line);
// nullopt: it is more than an amount holds.
std::optional<int64_t> CostOfAmount(int64_t micros, int64_t picos);
// Of `cost` what goes with `part` of `whole`; one of the two parts is that of the hold.
int64_t PartOfCost(int64_t cost, int64_t part, int64_t whole, bool is_hold);

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_CARD_H_
