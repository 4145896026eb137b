#ifndef PURSER_LEDGER_NAMES_H_
#define PURSER_LEDGER_NAMES_H_

// The grammars of names (api.md, Conventions). Thread-safe: pure functions.
#include <cstddef>
#include <string_view>

namespace purser {

inline constexpr char kResourceNameRule[] = "must match [a-z][a-z0-9_]{0,62}";
inline constexpr char kIdRule[] = "must match [A-Za-z0-9][A-Za-z0-9._-]{0,127}";
inline constexpr char kLabelKeyRule[] = "must match [a-z][a-z0-9_.-]{0,62}";
inline constexpr char kLabelValueRule[] =
    "must be 1 to 200 characters of UTF-8 without controls, and not begin with {";

inline constexpr size_t kLabelsMax = 32;  // of one request
inline constexpr size_t kResourcesOfRequestMax = 32;
inline constexpr size_t kResourcesMax = 256;           // of one population, alive at once
inline constexpr size_t kResourceNumbersMax = 65'536;  // of one population, ever
inline constexpr size_t kPopulationsMax = 1'000;
inline constexpr size_t kReasonLengthMax = 500;
inline constexpr size_t kCapabilitiesMax = 256;  // that a population requires

bool IsId(std::string_view text);            // chosen by a client
bool IsResourceName(std::string_view text);  // also a population's
bool IsLabelKey(std::string_view text);
bool IsLabelValue(std::string_view text);
// At most `length_max` characters of valid UTF-8 without controls; empty is fine.
bool IsText(std::string_view text, size_t length_max);
// Valid UTF-8 (RFC 3629), controls and the empty text included.
bool IsUtf8(std::string_view text);

}  // namespace purser

#endif  // PURSER_LEDGER_NAMES_H_
