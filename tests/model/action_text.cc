#include "tests/model/action_text.h"

#include <charconv>
#include <functional>
#include <sstream>

#include "tests/model/artifact_text.h"
#include "tests/model/budget_text.h"
#include "tests/model/calendar.h"
#include "tests/model/decimal.h"
#include "tests/model/proposal_text.h"

namespace purser::model {
namespace {

constexpr Verb kLastVerb = Verb::kExecute;

std::optional<Verb> FindVerb(const std::string& command) {
  for (int i = 0; i <= static_cast<int>(kLastVerb); ++i) {
    if (ToString(static_cast<Verb>(i)) == command) return static_cast<Verb>(i);
  }
  return std::nullopt;
}

// By itself, with labels and an optional id.
bool IsPosted(Verb verb) { return verb >= Verb::kPostCharge && verb <= Verb::kReportOutcomes; }

bool StartsWith(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

template <typename T>
bool Set(const std::optional<T>& parsed, std::optional<T>* to) {
  *to = parsed;
  return parsed.has_value();
}

std::optional<CarryOver> ParseCarry(const std::string& text) {
  if (text == "ALL") return CarryOver{CarryOver::Kind::kAll, 0};
  if (text == "NONE") return CarryOver{CarryOver::Kind::kNone, 0};
  const auto amount = ParseDecimal(text);
  if (!amount) return std::nullopt;
  return CarryOver{CarryOver::Kind::kUpTo, *amount};
}

bool SetPeriod(const std::string& text, Settings* settings) {
  if (text == "none") return true;
  settings->monthly = text == "monthly";
  if (settings->monthly) return true;
  const auto period = ParseDuration(text);
  settings->period_us = period.value_or(0);
  return period.has_value();
}

bool SetReserve(const std::string& text, Settings* settings) {
  if (!text.empty() && text.back() == '%') {
    return Set(ParseDecimal(text.substr(0, text.size() - 1)), &settings->reserve_percent);
  }
  return Set(ParseDecimal(text), &settings->reserve_amount);
}

bool SetOvercommit(const std::string& text, Settings* settings) {
  const std::vector<std::string> halves = SplitAt(text, '/');
  if (halves.size() != 2) return false;
  settings->overcommit_numerator = std::stoll(halves[0]);
  settings->overcommit_denominator = std::stoll(halves[1]);
  return true;
}

bool SetSetting(const std::string& key, const std::string& value, Settings* s) {
  if (key == "period") return SetPeriod(value, s);
  if (key == "reserve") return SetReserve(value, s);
  if (key == "overcommit") return SetOvercommit(value, s);
  if (key == "carry_available") return Set(ParseCarry(value), &s->carry_available);
  if (key == "carry_reserve") return Set(ParseCarry(value), &s->carry_reserve);
  if (key == "amount") return Set(ParseDecimal(value), &s->amount);
  if (key == "min") return Set(ParseDecimal(value), &s->min_amount);
  if (key == "max") return Set(ParseDecimal(value), &s->max_amount);
  if (key == "step") return Set(ParseDecimal(value), &s->step);
  if (key == "debt_limit") return Set(ParseDecimal(value), &s->debt_limit);
  if (key == "priced") s->priced = value == "yes";
  if (key == "unit") s->unit = value;
  if (key == "priced" || key == "unit") return true;
  return false;
}

bool SetAmount(const std::string& resource, const std::string& value, Amounts* amounts) {
  const auto amount = ParseDecimal(value);
  (*amounts)[resource] = amount.value_or(0);
  return amount.has_value();
}

void SetLabel(const std::string& key, const std::string& value, Action* action) {
  action->labels[key] = value;
  if (value == "-") action->labels.erase(key);
}

void SetScopes(const std::string& value, Action* action) {
  for (const std::string& scope : SplitAt(value, ',')) {
    if (scope == "admin") action->admin = true;
    if (scope == "reserve:spend") action->reserve_spend = true;
    if (scope == "debt:incur") action->debt_incur = true;
    if (scope == "constraints:write") action->constraints_write = true;
    if (scope == "approvals:write") action->approvals_write = true;
    if (scope == "models:write") action->models_write = true;
    if (scope == "proposals:write") action->proposals_write = true;
    if (scope == "proposals:approve") action->proposals_approve = true;
  }
}

bool SetFreeze(const std::string& kind, const std::string& name, Action* action) {
  action->freeze_kind = kind;
  action->freeze_name = name;
  return true;
}

std::optional<int> ParseInt(const std::string& value) {
  int number = 0;
  const char* end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

bool SetInt(const std::string& value, int* to) {
  const auto number = ParseInt(value);
  *to = number.value_or(0);
  return number.has_value();
}

// "principal=alice", "label:team=docs", "open=3", "share:gpu_hours=50".
bool SetLimit(const std::string& key, const std::string& value, Action* action) {
  LimitParts& parts = action->limit;
  if (key == "principal" || StartsWith(key, "label:")) {
    action->limit_kind = key.substr(0, key.find(':'));
    action->limit_name = key == "principal" ? value : key.substr(6) + "=" + value;
    return true;
  }
  if (key == "open") {
    parts.open_reservations = ParseInt(value);
    return parts.open_reservations.has_value();
  }
  if (key == "highest_tier") return Set(ParseInt(value), &parts.highest_tier);
  if (key == "highest_priority") return Set(ParseInt(value), &parts.highest_priority);
  for (const auto& [word, amounts] :
       {std::pair("share:", &parts.share_percent), std::pair("request:", &parts.request),
        std::pair("day:", &parts.day), std::pair("month:", &parts.month)}) {
    if (!StartsWith(key, word)) continue;
    if (!*amounts) *amounts = Amounts();
    return SetAmount(key.substr(std::string(word).size()), value, &**amounts);
  }
  return false;
}

// "[ID] PURPOSE [queue]"
bool SetReserveWords(std::vector<std::string> words, Action* action) {
  action->queue = !words.empty() && words.back() == "queue";
  if (action->queue) words.pop_back();
  action->id = words.size() == 2 ? words[0] : "";
  action->purpose = words.empty() ? "" : words.back();
  return words.size() == 1 || words.size() == 2;
}

bool SetCostEntryKey(const std::string& key, const std::string& value, Action* action) {
  if (key == "corrects") action->corrects = value;
  if (key == "corrects") return true;
  if (key == "rate") return Set(ParsePicos(value), &action->picos);
  const auto amount = ParseDecimal(value);
  action->amount = amount.value_or(0);
  return amount && (key == "amount" || key == "count");
}

bool SetOutcomesKey(const std::string& key, const std::string& value, Outcomes* outcomes) {
  uint32_t count = 0;
  const char* end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, count);
  if (key == "accepted") outcomes->accepted = count;
  if (key == "rejected") outcomes->rejected = count;
  if (key == "escalated") outcomes->escalated = count;
  return read.ec == std::errc() && read.ptr == end &&
         (key == "accepted" || key == "rejected" || key == "escalated");
}

bool SetGuardrailKey(const std::string& key, const std::string& value, Action* action) {
  if (StartsWith(key, "label:")) SetLabel(key.substr(6), value, action);
  if (StartsWith(key, "label:")) return true;
  const auto amount = ParseDecimal(value);
  action->amount = amount.value_or(0);
  return amount && key == "expected";
}

// A word of the form key=value.
bool SetKey(const std::string& key, const std::string& value, int64_t now_us, Action* action) {
  const bool settings =
      action->verb == Verb::kCreateResource || action->verb == Verb::kUpdateResource;
  const bool freeze = action->verb == Verb::kFreeze || action->verb == Verb::kUnfreeze;
  const bool reserve = action->verb == Verb::kReserve;
  if (key == "by") {
    action->principal = value;
    return true;
  }
  if (key == "scopes") {
    SetScopes(value, action);
    return true;
  }
  if (action->verb >= Verb::kLimit && action->verb <= Verb::kUnlimit) {
    return SetLimit(key, value, action);
  }
  if (action->verb >= Verb::kRateCard && action->verb <= Verb::kUnrate) {
    return SetRateCardKey(key, value, now_us, &action->card);
  }
  if (action->verb >= Verb::kGuardrail && action->verb <= Verb::kReset) {
    return SetGuardrailKey(key, value, action);
  }
  if (IsOfBudgets(action->verb)) return SetBudgetKey(key, value, now_us, action);
  const bool family = key == "family";
  if (IsOfProposals(action->verb)) return SetProposalKey(key, value, now_us, action);
  if (IsOfArtifacts(action->verb) && !family) return SetArtifactKey(key, value, now_us, action);
  if (settings) return SetSetting(key, value, &action->settings);
  if (freeze && key == "until") return Set(ParseInstant(value), &action->until_us);
  if (freeze) return SetFreeze(key, value, action);
  if (family) SetLabel("operator_family", value, action);
  if (StartsWith(key, "label:")) SetLabel(key.substr(6), value, action);
  if (family || StartsWith(key, "label:")) return true;
  if (key == "policy") action->overrun_policy = value;
  if (key == "charge") action->charge_id = value;
  if (key == "category") action->category = value;
  if (key == "policy" || key == "charge" || key == "category") return true;
  if (action->verb == Verb::kEnterCost) return SetCostEntryKey(key, value, action);
  if (action->verb == Verb::kReportOutcomes) return SetOutcomesKey(key, value, &action->outcomes);
  if (reserve && key == "quoted_at") return Set(ParseMoment(value, now_us), &action->quoted_us);
  if (reserve && key == "priority") return SetInt(value, &action->priority);
  if (reserve && key == "tier") return SetInt(value, &action->tier);
  if (reserve && key == "grace") return Set(ParseDuration(value), &action->grace_us);
  if (reserve && key == "start_at") return Set(ParseMoment(value, now_us), &action->start_at_us);
  if (reserve && key == "wait") return Set(ParseDuration(value), &action->max_queue_wait_us);
  if (key == "lease") return Set(ParseDuration(value), &action->lease_us);
  if (StartsWith(key, "at_least:")) {
    return SetAmount(key.substr(9), value, &action->minimum_amounts);
  }
  return SetAmount(key, value, &action->amounts);
}

// "ID", and of a limit "ID each".
bool SetRuleWords(const std::vector<std::string>& words, Action* action) {
  const std::string id = words.empty() ? "" : words[0];
  if (action->verb <= Verb::kUnlimit) {
    action->limit_id = id;
    const bool each = words.size() == 2 && words[1] == "each";
    if (each) action->limit_kind = "each";
    return words.size() == 1 || each;
  }
  (action->verb <= Verb::kUnrate ? action->card_id : action->guardrail_id) = id;
  return words.size() <= 1;
}

bool SetAdvance(const std::string& value, int64_t now_us, Action* action) {
  const auto to = ParseMoment(value, now_us);
  action->at_us = to.value_or(0);
  return to.has_value();
}

// The words without a "=", which are told by their place.
bool SetPlaced(const std::vector<std::string>& words, int64_t now_us, Action* action) {
  if (IsOfBudgets(action->verb)) return SetBudgetWords(words, action);
  const auto word = [&words](size_t i) { return i < words.size() ? words[i] : std::string(); };
  if (IsPosted(action->verb)) action->charge_id = word(0);
  if (IsPosted(action->verb)) return words.size() <= 1;
  switch (action->verb) {
    case Verb::kCreateResource:
      action->settings.capacity = word(1) == "capacity";
      action->resource = word(0);
      return words.size() == 2 && (word(1) == "capacity" || word(1) == "consumable");
    case Verb::kUpdateResource:
    case Verb::kDeleteResource:
      action->resource = word(0);
      return words.size() == 1;
    case Verb::kGrant:
    case Verb::kWithdraw:
      action->resource = word(0);
      action->amount = ParseDecimal(word(1)).value_or(0);
      return words.size() == 2 && ParseDecimal(word(1));
    case Verb::kFreeze:
    case Verb::kUnfreeze:
      return words.empty() || SetFreeze(word(0), "", action);
    case Verb::kLimit:
    case Verb::kRelimit:
    case Verb::kUnlimit:
    case Verb::kRateCard:
    case Verb::kRerate:
    case Verb::kUnrate:
    case Verb::kGuardrail:
    case Verb::kReguard:
    case Verb::kUnguard:
    case Verb::kReset:
      return SetRuleWords(words, action);
    case Verb::kReserve:
      return SetReserveWords(words, action);
    case Verb::kStart:
    case Verb::kRenew:
    case Verb::kRelease:
      action->id = word(0);
      return words.size() == 1;
    case Verb::kCharge:
      action->id = word(0);
      action->charge_id = word(1);
      return words.size() == 1 || words.size() == 2;
    case Verb::kSettle:
      action->id = word(0);
      action->charge_all = word(1) == "all";
      return words.size() == 1 || (words.size() == 2 && action->charge_all);
    case Verb::kRefund:
      action->charge_id = word(0);
      action->refund_id = word(1);
      return words.size() == 1 || words.size() == 2;
    case Verb::kClosePeriod:
      action->period = word(0);
      return words.size() == 1;
    case Verb::kBatch:
      action->atomic = word(0) == "atomic";
      return words.size() == 1 && (word(0) == "atomic" || word(0) == "single");
    case Verb::kAdvance:
      return SetAdvance(word(0), now_us, action);
    case Verb::kResume:
      action->shift_us = ParseDuration(word(0)).value_or(-1);
      return words.size() == 1 && action->shift_us >= 0;
    default:
      return IsOfProposals(action->verb) ? SetProposalWords(words, action)
                                         : SetArtifactWords(words, action);
  }
}

}  // namespace

std::optional<int64_t> ParseMoment(const std::string& text, int64_t now_us) {
  const bool back = StartsWith(text, "-");
  if (!back && !StartsWith(text, "+")) return ParseInstant(text);
  const auto by = ParseDuration(text.substr(1));
  if (!by) return std::nullopt;
  return back ? now_us - *by : now_us + *by;
}

std::string Trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string> SplitWords(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::vector<std::string> SplitAt(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string ParseAction(const std::string& command, const std::string& arguments, int64_t now_us,
                        Action* action) {
  const auto verb = FindVerb(command);
  if (!verb) return "unknown command " + command;
  *action = Action();
  action->verb = *verb;
  if (*verb == Verb::kReserve || IsPosted(*verb)) {
    action->labels = {{"capability", "any"}, {"operator_family", "lab"}};
  }
  if (*verb == Verb::kRegister) action->labels = {{"operator_family", "lab"}};
  std::vector<std::string> placed;
  const std::vector<std::string> words = SplitWords(arguments);
  for (const std::string& word : words) {
    if (!StartsWith(word, "by=")) continue;
    action->admin = action->reserve_spend = action->debt_incur = false;
    action->constraints_write = action->approvals_write = action->models_write = false;
    action->proposals_write = action->proposals_approve = false;
  }
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos) {
      placed.push_back(word);
    } else if (!SetKey(word.substr(0, equals), word.substr(equals + 1), now_us, action)) {
      return "cannot read " + word;
    }
  }
  return SetPlaced(placed, now_us, action) ? "" : "wrong words after " + command;
}

}  // namespace purser::model
