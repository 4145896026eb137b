// What a question for a selection must be like.
#include <set>
#include <string_view>

#include "ledger/text.h"
#include "lifecycle/selection.h"

namespace purser {

namespace {

absl::Status Refuse(const std::string& what) { return absl::InvalidArgumentError(what); }

absl::Status CheckCount(std::string_view what, size_t count, size_t most) {
  if (count <= most) return absl::OkStatus();
  return Refuse(Concat(what, " has ", count, " entries: ask about at most ", most, " at once"));
}

absl::Status CheckResources(const SelectionQuestion& question) {
  if (auto status = CheckCount("resources", question.resources.size(), kSelectionResourcesMax);
      !status.ok()) {
    return status;
  }
  if (question.capacities.size() != question.resources.size()) {
    return Refuse(Concat("capacities has ", question.capacities.size(), " entries for ",
                         question.resources.size(), " resources: give one for each"));
  }
  std::set<std::string_view> names;
  for (size_t i = 0; i < question.resources.size(); ++i) {
    const std::string& name = question.resources[i];
    if (name.empty()) return Refuse("a resource has no name: give each one");
    if (!names.insert(name).second) {
      return Refuse(Concat("resource ", name, " is named twice: name each once"));
    }
    if (question.capacities[i].is_negative()) {
      return Refuse(Concat("the capacity of ", name, " is ", question.capacities[i].ToString(),
                           ": give at least 0"));
    }
  }
  if (question.slots < 0) {
    return Refuse(Concat("slots is ", question.slots, ": give at least 0"));
  }
  return absl::OkStatus();
}

absl::Status CheckOption(const SelectionQuestion& question, const SelectionOption& option) {
  if (option.uses.size() != question.resources.size()) {
    return Refuse(Concat("option ", option.id, " uses ", option.uses.size(), " resources of ",
                         question.resources.size(),
                         ": give an amount of each, 0 where it uses none"));
  }
  for (size_t i = 0; i < option.uses.size(); ++i) {
    if (!option.uses[i].is_negative()) continue;
    return Refuse(Concat("option ", option.id, " uses ", option.uses[i].ToString(), " of ",
                         question.resources[i], ": give at least 0"));
  }
  if (!option.is_pinned) return absl::OkStatus();
  if (!option.is_active) {
    return Refuse(Concat("option ", option.id, " is pinned and not active: pin only active ones"));
  }
  if (option.barred.has_value()) {
    return Refuse(Concat("option ", option.id, " is pinned and barred by ", option.barred->kind,
                         " ", option.barred->name, ": lift one of the two"));
  }
  return absl::OkStatus();
}

absl::Status CheckIds(const SelectionQuestion& question) {
  std::set<std::string_view> ids;
  for (const SelectionOption& option : question.options) {
    if (option.id.empty()) return Refuse("an option has no id: give each one");
    if (!ids.insert(option.id).second) {
      return Refuse(Concat("option ", option.id, " is there twice: give each once"));
    }
  }
  size_t forbids = 0;
  for (const SelectionOption& option : question.options) {
    forbids += option.forbids.size();
    for (const std::string& id : option.forbids) {
      if (id == option.id) {
        return Refuse(Concat("option ", id, " forbids itself: bar it instead"));
      }
      if (!ids.contains(id)) {
        return Refuse(Concat("option ", option.id, " forbids ", id,
                             ", which is no option: name options only"));
      }
    }
  }
  for (const SelectionCoverage& coverage : question.coverage) {
    for (const std::string& id : coverage.ids) {
      if (ids.contains(id)) continue;
      return Refuse(Concat("capability ", coverage.capability, " is provided by ", id,
                           ", which is no option: name options only"));
    }
  }
  return CheckCount("forbids, of all options together,", forbids, kSelectionForbidsMax);
}

}  // namespace

absl::Status CheckSelection(const SelectionQuestion& question) {
  if (auto status = CheckResources(question); !status.ok()) return status;
  if (auto status = CheckCount("options", question.options.size(), kSelectionOptionsMax);
      !status.ok()) {
    return status;
  }
  if (auto status = CheckCount("coverage", question.coverage.size(), kSelectionCoveragesMax);
      !status.ok()) {
    return status;
  }
  for (const SelectionOption& option : question.options) {
    if (auto status = CheckOption(question, option); !status.ok()) return status;
  }
  return CheckIds(question);
}

}  // namespace purser
