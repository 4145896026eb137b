#ifndef PURSER_TESTS_MODEL_LABEL_PARTS_H_
#define PURSER_TESTS_MODEL_LABEL_PARTS_H_

// Labels that are split by weights, in the reference model: a value `{"layout":"1","ocr":"2"}`, by
// names. Pure functions.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/model/decimal.h"

namespace purser::model {

using ModelLabels = std::map<std::string, std::string>;

// The parts and their weights; empty of a plain value, and of one that is wrong.
std::map<std::string, int64_t> PartsOf(const std::string& value);
// The values that a label has.
std::vector<std::string> ValuesOf(const std::string& value);
// Whether one means parts, good ones or not.
bool HasSplits(const ModelLabels& labels);
// Whether one begins like a split and is none, or is one where it must not be.
bool BadLabels(const ModelLabels& labels, bool family_may_be_split);

// `total` by weights: every millionth goes to somebody, and to whom the exact part entitles most.
std::map<std::string, Wide> SharesOf(Wide total, const std::map<std::string, int64_t>& parts);

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_LABEL_PARTS_H_
