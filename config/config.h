#ifndef PURSER_CONFIG_CONFIG_H_
#define PURSER_CONFIG_CONFIG_H_

// The daemon's configuration, validated: what is here needs no further check. Immutable after
// loading, thread-safe. Defaults are embedded: an absent file is a valid configuration.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/amount.h"

namespace purser {

// One mistake in a configuration file: `line` and `column` count from 1 (0 when the file has none,
// as for a missing key). `path` is the key's, such as "tokens[1].scopes[0]".
struct ConfigFault {
  int line = 0;
  int column = 0;
  std::string path;
  std::string message;
};

struct TokenConfig {
  std::string name;                 // the principal; [A-Za-z0-9][A-Za-z0-9._-]{0,127}, not "local"
  std::string sha256;               // 64 lower-case hex digits of the secret's SHA-256
  std::vector<std::string> scopes;  // each of kScopes
  std::vector<std::string> populations;  // names, or "*" alone for all
};

struct Config {
  // [server]
  std::string listen = "127.0.0.1:7480";
  std::optional<std::string> admin_listen;
  std::string data_dir = "";       // "" = the caller's default
  std::vector<std::string> hosts;  // further accepted Host names
  int threads = 512;
  int64_t keep_alive_timeout_ms = 5'000;
  int64_t request_timeout_ms = 30'000;
  int64_t queue_length_max = 65'536;     // commands that wait for the writer
  int64_t watch_behind_max = 1'000'000;  // journal entries that a watch may be behind
  bool insecure = false;                 // listen beyond loopback without TLS
  bool public_metrics = true;            // /metrics, /livez … need no token

  // [ledger]
  int64_t idempotency_retention_s = 7 * 24 * 3600;  // at least 24 h
  bool resume_leases = true;                        // whether downtime is added to open leases
  int64_t minimum_run_ms = 60'000;  // before that nobody is preempted; a day at most
  std::vector<std::string> reserve_purposes = {"ROLLBACK", "DISASTER_RECOVERY"};
  std::vector<std::string> required_labels = {"operator_family",
                                              "capability"};  // of new populations
  std::string time_zone = "UTC";                              // of `default`

  // [models]
  int64_t rollback_window_ms = 7 * 24 * 3'600'000;  // a year at most
  int budget_step_percent = 10;                     // 0 to 100
  int cost_margin_percent = 5;                      // 0 to 100
  int lent_slots_max = 1;
  int coverage_minimum = 1;                // 0 to 16
  int64_t review_interval_ms = 3'600'000;  // 0: only on demand and under pressure
  int review_proposals_max = 10;
  int redundancy_tolerance_percent = 2;
  std::vector<std::string> auto_approve;   // kinds of proposals
  int64_t auto_approve_net_value_min = 0;  // USD a month

  // [[tokens]]
  std::vector<TokenConfig> tokens;

  // SHA-256-free stable digest is made in the daemon from this: the file's text ("" for defaults).
  std::string source_text;
};

// The scopes a token may have.
inline constexpr std::string_view kScopes[] = {
    "ledger:read",     "admin",        "reservations:write", "reserve:spend",   "debt:incur",
    "charges:write",   "models:write", "constraints:write",  "proposals:write", "proposals:approve",
    "approvals:write", "finance",      "outcomes:write",
};

// Reads TOML. On success `faults` is empty; else it has every mistake of the file, in order of
// line.
Config ParseConfig(std::string_view toml, std::vector<ConfigFault>* faults);
// As ParseConfig for a file; one fault without a line when it cannot be read.
Config LoadConfig(const std::string& path, std::vector<ConfigFault>* faults);
// The text of a file of settings, at most 1 MiB of it and a byte; nullopt, and one fault, when it
// cannot be read.
std::optional<std::string> ReadConfigFile(const std::string& path,
                                          std::vector<ConfigFault>* faults);
// "file.toml:3:9: tokens[0].scopes[1]: …"
std::string FormatFault(std::string_view file, const ConfigFault& fault);

}  // namespace purser

#endif  // PURSER_CONFIG_CONFIG_H_
