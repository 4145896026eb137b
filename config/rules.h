#ifndef PURSER_CONFIG_RULES_H_
#define PURSER_CONFIG_RULES_H_

// What a single value of the configuration must look like. Each rule answers nullopt when the value
// keeps it, else the sentence that the operator will read. Thread-safe: pure functions, but that
// `CheckTimeZone` reads the system's time zone database.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace purser {

using Rule = std::optional<std::string> (*)(std::string_view value);

// IPv4 or `localhost`, a colon, a port of 0..65535 (0: the system chooses).
std::optional<std::string> CheckAddress(std::string_view value);
// What a Host header may say: a name or an address, and perhaps a port.
std::optional<std::string> CheckHost(std::string_view value);
// A path, or "" for the caller's default; at most 4,096 bytes.
std::optional<std::string> CheckPath(std::string_view value);
// A purpose that may draw on the rollback reserve: any but those of experiments.
std::optional<std::string> CheckReservePurpose(std::string_view value);
// RETIRE, MERGE, REPLACE or ARCHIVE.
std::optional<std::string> CheckProposalKind(std::string_view value);
// [a-z][a-z0-9_.-]{0,62}
std::optional<std::string> CheckLabelKey(std::string_view value);
// A name in the system's time zone database, the same on each machine (so not "localtime").
std::optional<std::string> CheckTimeZone(std::string_view value);
// [A-Za-z0-9][A-Za-z0-9._-]{0,127}, but not "local".
std::optional<std::string> CheckTokenName(std::string_view value);
// 64 lower-case hex digits. The value is not repeated in the message: it may be the secret itself.
std::optional<std::string> CheckSha256(std::string_view value);
// One of kScopes.
std::optional<std::string> CheckScope(std::string_view value);
// [a-z][a-z0-9_]{0,62} or "*"
std::optional<std::string> CheckPopulation(std::string_view value);

// Whether an address that kept CheckAddress is reachable from this machine only.
bool IsLoopback(std::string_view address);

// The whole milliseconds of "3600s" or "0.5s"; nullopt when it is no such duration or does not fit.
std::optional<int64_t> ParseDurationMs(std::string_view text);

// The text as one line: controls replaced by '?', cut between characters to at most `length_max`
// bytes.
std::string OneLine(std::string_view text, size_t length_max);
// OneLine of at most 60 bytes, in double quotes.
std::string Quote(std::string_view text);

}  // namespace purser

#endif  // PURSER_CONFIG_RULES_H_
