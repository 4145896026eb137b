#ifndef PURSER_LEDGER_FREEZES_H_
#define PURSER_LEDGER_FREEZES_H_

// The freezes in force in one population, found by id, by target and by end, so that no command
// walks all of them. A target is frozen once at most. Bounded by kFreezesMax where they are made. A
// value; thread-compatible.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "ledger/ledger.pb.h"
#include "ledger/resource.h"

namespace purser {

inline constexpr size_t kFreezesMax = 1'000;

class FreezeBook {
 public:
  using ById = std::map<std::string, stored::Freeze, std::less<>>;

  // Takes the place of one with the same id.
  void Put(const stored::Freeze& freeze);
  // False when there is none.
  bool Erase(std::string_view id);

  const ById& all() const { return by_id_; }
  size_t size() const { return by_id_.size(); }
  // nullptr: none.
  const stored::Freeze* Find(std::string_view id) const;
  const stored::Freeze* FindSameTarget(const stored::Freeze& freeze) const;
  const stored::Freeze* FindOfPopulation() const;
  const stored::Freeze* FindOfFamily(std::string_view family) const;
  const stored::Freeze* FindOfResource(uint32_t resource) const;
  // Ids of those that stop experiments with some labels, or all of them.
  const std::set<std::string>& of_experiments() const { return of_experiments_; }
  // That the guardrail made when it tripped.
  const stored::Freeze* FindOfGuardrail(std::string_view guardrail) const;

  // The one that ends first, among equals the first by id.
  struct End {
    InstantUs at_us = 0;
    std::string id;
  };
  std::optional<End> NextEnd() const;
  // Counts the changes: equal, nothing changed between.
  uint64_t version() const { return version_; }

 private:
  const stored::Freeze* FindByTarget(const std::string& target) const;

  ById by_id_;
  std::map<std::string, std::string> id_by_target_;
  std::set<std::string> of_experiments_;
  std::set<std::pair<InstantUs, std::string>> ends_;
  uint64_t version_ = 0;
};

}  // namespace purser

#endif  // PURSER_LEDGER_FREEZES_H_
