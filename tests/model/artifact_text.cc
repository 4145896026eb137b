#include "tests/model/artifact_text.h"

#include "tests/model/action_text.h"
#include "tests/model/calendar.h"
#include "tests/model/decimal.h"

namespace purser::model {
namespace {

constexpr char kNone[] = "-";  // An empty list.

std::vector<std::string> ListOf(const std::string& value) {
  return value == kNone ? std::vector<std::string>() : SplitAt(value, ',');
}

template <typename List>
std::string Joined(const List& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text.empty() ? kNone : text;
}

// The part after the prefix, "" when the key has another one.
std::string After(const std::string& prefix, const std::string& key) {
  return key.rfind(prefix, 0) == 0 ? key.substr(prefix.size()) : "";
}

bool Put(const std::string& name, const std::string& value, Amounts* amounts) {
  const auto amount = ParseDecimal(value);
  (*amounts)[name] = amount.value_or(0);
  return amount.has_value();
}

bool PutPart(const std::string& name, const std::string& value, std::optional<Amounts>* amounts) {
  if (!*amounts) *amounts = Amounts();
  return Put(name, value, &**amounts);
}

// "LEGAL:retention" and "ARCHIVE,PURGE".
bool PutConstraint(const std::string& name, const std::string& value, ArtifactParts* parts) {
  const std::vector<std::string> halves = SplitAt(name, ':');
  if (halves.size() != 2) return false;
  if (!parts->constraints) parts->constraints.emplace();
  const std::vector<std::string> verbs = ListOf(value);
  parts->constraints->push_back({halves[0], halves[1], {verbs.begin(), verbs.end()}});
  return true;
}

// "vision:inference": of which model, of which category.
bool PutChange(const std::string& name, const std::string& value, Grounds* ground) {
  const std::vector<std::string> halves = SplitAt(name, ':');
  return halves.size() == 2 && Put(halves[1], value, &ground->cost_changes[halves[0]]);
}

std::string PartsOf(const ArtifactParts& parts) {
  std::string text;
  if (parts.capabilities) text += " caps=" + Joined(*parts.capabilities);
  if (parts.parents) text += " parents=" + Joined(*parts.parents);
  for (const auto& [resource, amount] : parts.footprint.value_or(Amounts())) {
    text += " fp:" + resource + "=" + FormatDecimal(amount);
  }
  for (const auto& [category, amount] : parts.monthly_costs.value_or(Amounts())) {
    text += " cost:" + category + "=" + FormatDecimal(amount);
  }
  for (const auto& [capability, amount] : parts.quality.value_or(Amounts())) {
    text += " quality:" + capability + "=" + FormatDecimal(amount);
  }
  if (parts.constraints && parts.constraints->empty()) text += " forbid=-";
  if (parts.constraints) {
    for (const Constraint& each : *parts.constraints) {
      text += " forbid:" + each.kind + ":" + each.name + "=" + Joined(each.forbids);
    }
  }
  if (parts.business_value) text += " value=" + FormatDecimal(*parts.business_value);
  if (parts.incident_cost) text += " incident_cost=" + FormatDecimal(*parts.incident_cost);
  if (parts.cold_cost) text += " cold_cost=" + FormatDecimal(*parts.cold_cost);
  if (parts.rollback_target) {
    text += " target=" + (parts.rollback_target->empty() ? kNone : *parts.rollback_target);
  }
  return text;
}

std::string GroundOf(const Grounds& ground) {
  std::string text;
  if (ground.vacancy) text += " vacancy";
  if (ground.replaces) text += " replaces";
  if (ground.reduces_cost) text += " reduces_cost";
  if (ground.consumes_reserve) text += " consumes_reserve";
  if (!ground.leaving.empty()) text += " leaving=" + Joined(ground.leaving);
  for (const auto& [model, costs] : ground.cost_changes) {
    for (const auto& [category, amount] : costs) {
      text += " change:";
      text.append(model).append(":").append(category).append("=").append(FormatDecimal(amount));
    }
  }
  if (ground.due_back_us) text += " due_back=" + FormatInstant(*ground.due_back_us);
  return text;
}

}  // namespace

bool IsOfArtifacts(Verb verb) { return verb >= Verb::kRegister && verb <= Verb::kRequire; }

bool SetArtifactKey(const std::string& key, const std::string& value, int64_t now_us,
                    Action* action) {
  ArtifactParts& parts = action->artifact;
  Grounds& ground = action->ground;
  if (key == "caps") parts.capabilities = ListOf(value);
  if (key == "parents") parts.parents = ListOf(value);
  if (key == "target") parts.rollback_target = value == kNone ? "" : value;
  if (key == "reason") action->reason = value;
  if (key == "leaving") ground.leaving = ListOf(value);
  if (key == "due_back") ground.due_back_us = ParseMoment(value, now_us);
  if (key == "value") parts.business_value = ParseDecimal(value);
  if (key == "value") return parts.business_value.has_value();
  if (key == "cold_cost") parts.cold_cost = ParseDecimal(value);
  if (key == "cold_cost") return parts.cold_cost.has_value();
  if (key == "incident_cost") parts.incident_cost = ParseDecimal(value);
  if (key == "incident_cost") return parts.incident_cost.has_value();
  if (key == "due_back") return ground.due_back_us.has_value();
  if (key == "forbid") parts.constraints.emplace();
  if (key == "forbid") return value == kNone;
  if (const auto name = After("fp:", key); !name.empty()) {
    return PutPart(name, value, &parts.footprint);
  }
  if (const auto name = After("cost:", key); !name.empty()) {
    return PutPart(name, value, &parts.monthly_costs);
  }
  if (const auto name = After("quality:", key); !name.empty()) {
    return PutPart(name, value, &parts.quality);
  }
  if (const auto name = After("forbid:", key); !name.empty()) {
    return PutConstraint(name, value, &parts);
  }
  if (const auto name = After("change:", key); !name.empty()) {
    return PutChange(name, value, &ground);
  }
  return key == "caps" || key == "parents" || key == "target" || key == "reason" ||
         key == "leaving";
}

bool SetArtifactWords(const std::vector<std::string>& words, Action* action) {
  if (words.empty()) return false;
  if (action->verb == Verb::kRequire) {
    action->capabilities = ListOf(words[0]);
    return words.size() == 1;
  }
  action->id = words[0];
  Grounds& ground = action->ground;
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    bool* flag = word == "vacancy"            ? &ground.vacancy
                 : word == "replaces"         ? &ground.replaces
                 : word == "reduces_cost"     ? &ground.reduces_cost
                 : word == "consumes_reserve" ? &ground.consumes_reserve
                                              : nullptr;
    if (flag == nullptr || action->verb != Verb::kActivate) return false;
    *flag = true;
  }
  return true;
}

std::string ArtifactWords(const Action& action) {
  if (!IsOfArtifacts(action.verb)) return "";
  std::string text;
  if (action.verb == Verb::kRequire) return " " + Joined(action.capabilities);
  if (action.verb == Verb::kRegister) {
    const auto family = action.labels.find("operator_family");
    text += " family=" + (family == action.labels.end() ? kNone : family->second);
  }
  text += PartsOf(action.artifact) + GroundOf(action.ground);
  if (!action.reason.empty()) text += " reason=" + action.reason;
  return text;
}

}  // namespace purser::model
