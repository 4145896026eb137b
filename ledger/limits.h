#ifndef PURSER_LEDGER_LIMITS_H_
#define PURSER_LEDGER_LIMITS_H_

// The limits of one population, found by id and by whom they bind (daemon/decisions/0007). Each
// principal, each label value, and "each principal" has one at most. Bounded by kLimitsMax where
// they are made. A value; thread-compatible.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "ledger/amount.h"
#include "ledger/ledger.pb.h"

namespace purser {

inline constexpr size_t kLimitsMax = 1'000;
inline constexpr char kDefaultLimit[] = "default";
inline constexpr char kDefaultLimitResource[] = "gpu_hours";
inline constexpr int64_t kDefaultSharePercent = 50;
// Callers without a token have this name, and "each principal" does not mean them.
inline constexpr std::string_view kPrincipalWithoutToken = "local";

using LimitParts = google::protobuf::RepeatedPtrField<stored::Limit::Part>;

class LimitBook {
 public:
  using ById = std::map<std::string, stored::Limit, std::less<>>;
  using ByLabel = std::map<std::string, std::map<std::string, std::string, std::less<>>,
                           std::less<>>;  // ids, by value, by key

  // Takes the place of one with the same id.
  void Put(const stored::Limit& limit);
  // False when there is none.
  bool Erase(std::string_view id);

  const ById& all() const { return by_id_; }
  size_t size() const { return by_id_.size(); }
  // nullptr: none.
  const stored::Limit* Find(std::string_view id) const;
  const stored::Limit* FindSameSubject(const stored::Limit& limit) const;
  // The one of the principal's own, and the one of each principal where that means this one.
  const stored::Limit* FindOwn(std::string_view principal) const;
  const stored::Limit* FindEach(std::string_view principal) const;
  const stored::Limit* FindOfLabel(std::string_view key, std::string_view value) const;
  bool Binds(std::string_view principal) const {
    return FindOwn(principal) != nullptr || FindEach(principal) != nullptr;
  }
  const ByLabel& ids_by_label() const { return by_label_; }
  // Whether a limit asks for requests a second.
  bool has_rates() const { return rates_ > 0; }
  // Whether a limit counts what was granted in a day, or a month.
  bool has_days() const { return days_ > 0; }
  // Counts the changes: equal, nothing changed between.
  uint64_t version() const { return version_; }

 private:
  ById by_id_;
  std::string each_;  // its id
  std::map<std::string, std::string, std::less<>> by_principal_;
  ByLabel by_label_;
  size_t rates_ = 0;
  size_t days_ = 0;
  uint64_t version_ = 0;
};

// The part for the resource; nullptr: none.
const stored::Limit::Part* FindPart(const LimitParts& parts, std::string_view resource);

}  // namespace purser

#endif  // PURSER_LEDGER_LIMITS_H_
