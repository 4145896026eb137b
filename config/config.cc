#include "config/config.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <functional>
#include <map>
#include <system_error>
#include <utility>

#include "config/rules.h"
#include "config/toml_nodes.h"
#include "ledger/names.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr size_t kTokenCountMax = 1'024;
constexpr size_t kListLengthMax = kPopulationsMax;
constexpr int kThreadsMax = 10'240;  // 3 s to start, 160 MB
constexpr int64_t kQueueLengthMax = 1 << 20;
constexpr int64_t kWatchBehindMax = 1'000'000'000;
constexpr int64_t kTimeoutMsMin = 100;
constexpr int64_t kTimeoutMsMax = 3'600'000;
constexpr int64_t kDayMs = 24 * 3'600'000;
constexpr int64_t kRetentionMsMax = 400 * kDayMs;  // the longest lease
constexpr int64_t kRollbackWindowMaxMs = 366 * kDayMs;
constexpr int kLentSlotsMax = 1'000;
constexpr int64_t kReviewIntervalMaxMs = 31 * kDayMs;
constexpr int64_t kNetValueMax = 1'000'000'000'000;
constexpr int kCoverageMinimumMax = 16;  // of each resource so many are added up at a command

std::string ItemPath(std::string_view path, size_t index) { return Concat(path, "[", index, "]"); }

std::string FormatDuration(int64_t duration_ms) {
  return Concat(Amount::FromMicros(duration_ms * 1'000).ToString(), "s");
}

// One reading of one file: fills a Config and collects what is wrong. Thread-compatible.
class Reading {
 public:
  Reading(Config* config, std::vector<ConfigFault>* faults) : config_(*config), faults_(*faults) {}

  void Read(const toml::table& root);

 private:
  using ReadValue = std::function<void(const toml::node& value, const std::string& path)>;
  struct Key {
    std::string_view name;
    ReadValue read;
    bool required = false;
  };
  template <typename Number>
  struct Range {
    Number min;
    Number max;
  };

  void AddFault(Position position, std::string path, std::string message);
  bool HasType(const toml::node& value, toml::node_type type, const std::string& path);
  void ReadTable(const toml::table& table, const std::string& path, const std::vector<Key>& keys);
  bool ReadText(const toml::node& value, const std::string& path, Rule rule, std::string* out);
  void ReadTexts(const toml::node& value, const std::string& path, Rule rule, Range<size_t> length,
                 std::vector<std::string>* out);
  void ReadTokens(const toml::node& value, const std::string& path);

  ReadValue Table(std::vector<Key> keys);
  ReadValue Text(std::string* out, Rule rule);
  ReadValue OptionalText(std::optional<std::string>* out, Rule rule);
  ReadValue Texts(std::vector<std::string>* out, Rule rule, Range<size_t> length);
  ReadValue Flag(bool* out);
  template <typename Number>
  ReadValue WholeNumber(Number* out, Range<Number> range);
  ReadValue Duration(int64_t* out, int64_t out_unit_ms, Range<int64_t> range_ms);

  std::vector<Key> ServerKeys();
  std::vector<Key> LedgerKeys();
  std::vector<Key> ModelKeys();
  std::vector<Key> TokenKeys(TokenConfig* token);

  // The rules between values, once all are read.
  void CheckUniqueTokens();
  void CheckListener(const std::string& address, const std::string& path);
  Position FindPosition(const std::string& path) const;

  Config& config_;
  std::vector<ConfigFault>& faults_;
  std::map<std::string, Position> positions_;  // of each value that was read, by path
};

void Reading::AddFault(Position position, std::string path, std::string message) {
  faults_.push_back({position.line, position.column, std::move(path), std::move(message)});
}

bool Reading::HasType(const toml::node& value, toml::node_type type, const std::string& path) {
  positions_[path] = PositionOf(value.source());
  if (value.type() == type) return true;
  AddFault(PositionOf(value.source()), path,
           Concat("must be ", TypeName(type), ", not ", TypeName(value.type())));
  return false;
}

void Reading::ReadTable(const toml::table& table, const std::string& path,
                        const std::vector<Key>& keys) {
  for (const auto& [key, value] : table) {
    const std::string_view name = key.str();
    const std::string child_path = ChildPath(path, name);
    const auto known =
        std::find_if(keys.begin(), keys.end(), [name](const Key& k) { return k.name == name; });
    if (known != keys.end()) {
      known->read(value, child_path);
      continue;
    }
    std::string names;
    for (const Key& k : keys) names += Concat(names.empty() ? "" : ", ", k.name);
    AddFault(PositionOf(key.source()), child_path, Concat("is unknown; known here: ", names));
  }
  for (const Key& key : keys) {
    if (!key.required || table.contains(key.name)) continue;
    AddFault(PositionOf(table.source()), ChildPath(path, key.name), "is missing");
  }
}

bool Reading::ReadText(const toml::node& value, const std::string& path, Rule rule,
                       std::string* out) {
  if (!HasType(value, toml::node_type::string, path)) return false;
  const std::string& text = value.as_string()->get();
  if (std::optional<std::string> broken = rule(text)) {
    AddFault(PositionOf(value.source()), path, *std::move(broken));
    return false;
  }
  *out = text;
  return true;
}

void Reading::ReadTexts(const toml::node& value, const std::string& path, Rule rule,
                        Range<size_t> length, std::vector<std::string>* out) {
  if (!HasType(value, toml::node_type::array, path)) return;
  const toml::array& list = *value.as_array();
  if (list.size() < length.min || list.size() > length.max) {
    AddFault(PositionOf(value.source()), path,
             list.empty() ? "must not be empty" : Concat("must not exceed ", length.max, " items"));
    return;
  }
  out->clear();
  for (size_t i = 0; i < list.size(); ++i) {
    std::string text;
    if (!ReadText(list[i], ItemPath(path, i), rule, &text)) continue;
    if (std::find(out->begin(), out->end(), text) != out->end()) {
      AddFault(PositionOf(list[i].source()), ItemPath(path, i),
               Concat(Quote(text), " is there twice"));
      continue;
    }
    out->push_back(std::move(text));
  }
}

Reading::ReadValue Reading::Table(std::vector<Key> keys) {
  return [this, keys = std::move(keys)](const toml::node& value, const std::string& path) {
    if (HasType(value, toml::node_type::table, path)) ReadTable(*value.as_table(), path, keys);
  };
}

Reading::ReadValue Reading::Text(std::string* out, Rule rule) {
  return [=, this](const toml::node& value, const std::string& path) {
    ReadText(value, path, rule, out);
  };
}

Reading::ReadValue Reading::OptionalText(std::optional<std::string>* out, Rule rule) {
  return [=, this](const toml::node& value, const std::string& path) {
    std::string text;
    if (ReadText(value, path, rule, &text)) *out = std::move(text);
  };
}

Reading::ReadValue Reading::Texts(std::vector<std::string>* out, Rule rule, Range<size_t> length) {
  return [=, this](const toml::node& value, const std::string& path) {
    ReadTexts(value, path, rule, length, out);
  };
}

Reading::ReadValue Reading::Flag(bool* out) {
  return [=, this](const toml::node& value, const std::string& path) {
    if (HasType(value, toml::node_type::boolean, path)) *out = value.as_boolean()->get();
  };
}

template <typename Number>
Reading::ReadValue Reading::WholeNumber(Number* out, Range<Number> range) {
  return [=, this](const toml::node& value, const std::string& path) {
    if (!HasType(value, toml::node_type::integer, path)) return;
    const int64_t number = value.as_integer()->get();
    if (number < range.min || number > range.max) {
      AddFault(PositionOf(value.source()), path,
               Concat(number, " is not in ", range.min, "..", range.max));
      return;
    }
    *out = static_cast<Number>(number);
  };
}

Reading::ReadValue Reading::Duration(int64_t* out, int64_t out_unit_ms, Range<int64_t> range_ms) {
  return [=, this](const toml::node& value, const std::string& path) {
    const Position position = PositionOf(value.source());
    const std::string form =
        Concat("must be a duration of whole ", out_unit_ms == 1 ? "milliseconds" : "seconds",
               ", such as \"", out_unit_ms == 1 ? "2.5s" : "604800s", "\", not ");
    if (!value.is_string()) {
      AddFault(position, path, Concat(form, TypeName(value.type())));
      return;
    }
    const std::string& text = value.as_string()->get();
    const std::optional<int64_t> duration_ms = ParseDurationMs(text);
    if (!duration_ms || *duration_ms % out_unit_ms != 0) {
      AddFault(position, path, Concat(form, Quote(text)));
    } else if (*duration_ms < range_ms.min || *duration_ms > range_ms.max) {
      AddFault(position, path,
               Concat(Quote(text), " is not in ", FormatDuration(range_ms.min), "..",
                      FormatDuration(range_ms.max)));
    } else {
      *out = *duration_ms / out_unit_ms;
    }
  };
}

std::vector<Reading::Key> Reading::ServerKeys() {
  constexpr Range<int64_t> kTimeoutMs = {kTimeoutMsMin, kTimeoutMsMax};
  return {
      {"listen", Text(&config_.listen, CheckAddress)},
      {"admin_listen", OptionalText(&config_.admin_listen, CheckAddress)},
      {"data_dir", Text(&config_.data_dir, CheckPath)},
      {"hosts", Texts(&config_.hosts, CheckHost, {0, kListLengthMax})},
      {"threads", WholeNumber<int>(&config_.threads, {1, kThreadsMax})},
      {"keep_alive_timeout", Duration(&config_.keep_alive_timeout_ms, 1, kTimeoutMs)},
      {"request_timeout", Duration(&config_.request_timeout_ms, 1, kTimeoutMs)},
      {"queue_length_max", WholeNumber<int64_t>(&config_.queue_length_max, {1, kQueueLengthMax})},
      {"watch_behind_max", WholeNumber<int64_t>(&config_.watch_behind_max, {1, kWatchBehindMax})},
      {"insecure", Flag(&config_.insecure)},
      {"public_metrics", Flag(&config_.public_metrics)},
  };
}

std::vector<Reading::Key> Reading::LedgerKeys() {
  return {
      {"idempotency_retention",
       Duration(&config_.idempotency_retention_s, 1'000, {kDayMs, kRetentionMsMax})},
      {"resume_leases", Flag(&config_.resume_leases)},
      {"minimum_run_time", Duration(&config_.minimum_run_ms, 1, {0, kDayMs})},
      {"reserve_purposes",
       Texts(&config_.reserve_purposes, CheckReservePurpose, {0, kListLengthMax})},
      {"required_labels", Texts(&config_.required_labels, CheckLabelKey, {0, kLabelsMax})},
      {"time_zone", Text(&config_.time_zone, CheckTimeZone)},
  };
}

std::vector<Reading::Key> Reading::ModelKeys() {
  return {
      {"rollback_window", Duration(&config_.rollback_window_ms, 1, {1'000, kRollbackWindowMaxMs})},
      {"budget_step_percent", WholeNumber<int>(&config_.budget_step_percent, {0, 100})},
      {"cost_margin_percent", WholeNumber<int>(&config_.cost_margin_percent, {0, 100})},
      {"lent_slots_max", WholeNumber<int>(&config_.lent_slots_max, {0, kLentSlotsMax})},
      {"coverage_minimum", WholeNumber<int>(&config_.coverage_minimum, {0, kCoverageMinimumMax})},
      {"review_interval", Duration(&config_.review_interval_ms, 1, {0, kReviewIntervalMaxMs})},
      {"review_proposals_max", WholeNumber<int>(&config_.review_proposals_max, {0, 100})},
      {"redundancy_tolerance_percent",
       WholeNumber<int>(&config_.redundancy_tolerance_percent, {0, 100})},
      {"auto_approve", Texts(&config_.auto_approve, CheckProposalKind, {0, kListLengthMax})},
      {"auto_approve_net_value_min",
       WholeNumber<int64_t>(&config_.auto_approve_net_value_min, {-kNetValueMax, kNetValueMax})},
  };
}

std::vector<Reading::Key> Reading::TokenKeys(TokenConfig* token) {
  return {
      {"name", Text(&token->name, CheckTokenName), true},
      {"sha256", Text(&token->sha256, CheckSha256), true},
      {"scopes", Texts(&token->scopes, CheckScope, {1, kListLengthMax}), true},
      {"populations", Texts(&token->populations, CheckPopulation, {1, kListLengthMax})},
  };
}

void Reading::ReadTokens(const toml::node& value, const std::string& path) {
  if (!value.is_array()) {
    AddFault(PositionOf(value.source()), path, "must be tables, each headed [[tokens]]");
    return;
  }
  const toml::array& list = *value.as_array();
  if (list.size() > kTokenCountMax) {
    AddFault(PositionOf(value.source()), path, Concat("must not exceed ", kTokenCountMax));
    return;
  }
  config_.tokens.resize(list.size());  // TokenKeys holds on to members: no growing after this
  for (size_t i = 0; i < list.size(); ++i) {
    TokenConfig& token = config_.tokens[i];
    token.populations = {"*"};
    const std::string token_path = ItemPath(path, i);
    Table(TokenKeys(&token))(list[i], token_path);
    const bool names_all = std::find(token.populations.begin(), token.populations.end(), "*") !=
                           token.populations.end();
    if (names_all && token.populations.size() > 1) {
      const std::string populations_path = ChildPath(token_path, "populations");
      AddFault(FindPosition(populations_path), populations_path,
               "\"*\" means all populations and stands alone");
    }
  }
}

Position Reading::FindPosition(const std::string& path) const {
  const auto found = positions_.find(path);
  return found == positions_.end() ? Position() : found->second;
}

void Reading::CheckUniqueTokens() {
  std::map<std::string, std::string> first_paths;  // by "name …" or "sha256 …"
  for (size_t i = 0; i < config_.tokens.size(); ++i) {
    const TokenConfig& token = config_.tokens[i];
    const std::string token_path = ItemPath("tokens", i);
    for (const auto& [key, value] : {std::pair("name", &token.name), {"sha256", &token.sha256}}) {
      if (value->empty()) continue;
      const std::string path = ChildPath(token_path, key);
      const auto [first, is_new] = first_paths.emplace(Concat(key, " ", *value), path);
      if (!is_new) AddFault(FindPosition(path), path, Concat("is the same as ", first->second));
    }
  }
}

void Reading::CheckListener(const std::string& address, const std::string& path) {
  if (IsLoopback(address) || (!config_.tokens.empty() && config_.insecure)) return;
  const std::string_view remedy = config_.insecure         ? "add [[tokens]]"
                                  : config_.tokens.empty() ? "add [[tokens]] and insecure = true"
                                                           : "add insecure = true";
  AddFault(FindPosition(path), path,
           Concat(Quote(address), " is beyond loopback, and there is no TLS yet: ", remedy,
                  ", or keep to 127.0.0.1 behind a proxy with TLS"));
}

void Reading::Read(const toml::table& root) {
  ReadTable(root, "",
            {{"server", Table(ServerKeys())},
             {"ledger", Table(LedgerKeys())},
             {"models", Table(ModelKeys())},
             {"tokens", [this](const toml::node& value, const std::string& path) {
                ReadTokens(value, path);
              }}});
  CheckUniqueTokens();
  CheckListener(config_.listen, "server.listen");
  if (config_.admin_listen) {
    CheckListener(*config_.admin_listen, "server.admin_listen");
    if (*config_.admin_listen == config_.listen && !config_.listen.ends_with(":0")) {
      AddFault(FindPosition("server.admin_listen"), "server.admin_listen",
               "is the same as server.listen");
    }
  }
}

}  // namespace

Config ParseConfig(std::string_view toml, std::vector<ConfigFault>* faults) {
  Config config;
  if (toml.size() <= kTomlLengthMax) config.source_text = toml;
  ReadToml(toml, faults, [&](const toml::table& root) { Reading(&config, faults).Read(root); });
  return config;
}

std::optional<std::string> ReadConfigFile(const std::string& path,
                                          std::vector<ConfigFault>* faults) {
  faults->clear();
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  // One byte more than may be, so that too long a file is noticed without reading all of it.
  std::string text(kTomlLengthMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (!file.eof() && file.fail())) {
    faults->push_back(
        {0, 0, "", Concat("cannot be read: ", std::generic_category().message(errno))});
    return std::nullopt;
  }
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

Config LoadConfig(const std::string& path, std::vector<ConfigFault>* faults) {
  const std::optional<std::string> text = ReadConfigFile(path, faults);
  return text.has_value() ? ParseConfig(*text, faults) : Config();
}

std::string FormatFault(std::string_view file, const ConfigFault& fault) {
  std::string out(file);
  if (fault.line > 0) out += Concat(":", fault.line, ":", fault.column);
  if (!fault.path.empty()) out += Concat(": ", fault.path);
  return Concat(out, ": ", fault.message);
}

}  // namespace purser
