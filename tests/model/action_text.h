#ifndef PURSER_TESTS_MODEL_ACTION_TEXT_H_
#define PURSER_TESTS_MODEL_ACTION_TEXT_H_

// Reads the words of a scenario line into an Action; the reverse of ToString(Action).
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/model/action.h"

namespace purser::model {

std::vector<std::string> SplitWords(const std::string& text);
std::string Trimmed(const std::string& text);
std::vector<std::string> SplitAt(const std::string& text, char separator);

// An instant, or one told from now: "+600s".
std::optional<int64_t> ParseMoment(const std::string& text, int64_t now_us);

// `now_us` is what "+3600s" of an advance is counted from. Returns "" or what is wrong.
std::string ParseAction(const std::string& command, const std::string& arguments, int64_t now_us,
                        Action* action);

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_ACTION_TEXT_H_
