#ifndef PURSER_API_CLI_OPTION_VALUE_H_
#define PURSER_API_CLI_OPTION_VALUE_H_

// What the operator types after an option, read strictly. Errors are InvalidArgument, with the text
// that the operator reads. Thread-safe: pure functions.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "ledger/amount.h"

namespace purser::cli {

// `name=value`, cut at the first '='; neither may be empty.
absl::StatusOr<std::pair<std::string, std::string>> ParseAssignment(std::string_view text);

// The same; of `capability={"layout": 1, "ocr": 2}` the value as the daemon keeps it: weights
// in quotes, no space.
absl::StatusOr<std::pair<std::string, std::string>> ParseLabel(std::string_view text);

// `gpu_hours=40`: the amount exact, with at most 6 fractional digits.
absl::StatusOr<std::pair<std::string, Amount>> ParseAmountOf(std::string_view text);

// `90s`, `15m`, `2h`, `1d`, `0.5h`: microseconds, not negative, exact.
absl::StatusOr<int64_t> ParseDurationUs(std::string_view text);

// An enum's name as typed: `fine-tuning` is FINE_TUNING.
std::string UpperName(std::string_view text);

// Whether it can be sent in a header: printable ASCII, at most 255 bytes.
bool IsHeaderText(std::string_view text);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_OPTION_VALUE_H_
