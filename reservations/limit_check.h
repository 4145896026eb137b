#ifndef PURSER_RESERVATIONS_LIMIT_CHECK_H_
#define PURSER_RESERVATIONS_LIMIT_CHECK_H_

// Which limits stand in a request's way, and how much of each resource they leave it
// (daemon/decisions/0007). A value for one question; thread-compatible.
#include <optional>
#include <string_view>
#include <vector>

#include "ledger/refusal.h"
#include "reservations/usage_draft.h"

namespace purser {

struct LimitedRequest {
  std::string_view principal;
  const Labels* labels;
  stored::Purpose purpose;
  int tier;
  int32_t priority;
  InstantUs now_us;
  // What the amount of a line is beside, for its share of the resource: what is used, nothing of
  // it, or it counts already and is not looked at.
  enum class Beside { kUsage, kNothing, kItself };
  struct Line {
    const Resource* resource;
    Amount least;  // what it is content with
    Beside beside = Beside::kUsage;
  };
  std::vector<Line> lines;
  bool starts = false;  // an advance reservation: only shares are looked at, the rest was before
};

class LimitCheck {
 public:
  LimitCheck(const LimitBook& limits, const UsageDraft& usage, const LimitedRequest& request);

  // Whether one of them stands in its way.
  bool blocks() const { return !found_.empty(); }
  // Those that do, in the order of judgement: of the principal, then of labels.
  std::vector<Refusal::Blocking> ListBlocking() const;
  // Whether one of them never lets this request through.
  bool is_hopeless() const { return hopeless_; }
  // What the limits leave of the resource of a line, by its place.
  Amount RoomOf(size_t line) const { return rooms_[line]; }

 private:
  // The limits that one subject has, of which the first that has a part counts.
  struct Subject {
    const stored::Limit* own;
    const stored::Limit* each;  // may be nullptr
    const Usage* usage;
  };
  // What stands in the way, before it is said: many are asked, and few are told.
  struct Found {
    enum Kind { kOpen, kTier, kPriority, kRequest, kShare, kDay, kMonth };
    Kind kind;
    const stored::Limit* limit;
    const Resource* resource = nullptr;
    Amount most = {};
    Amount used = {};
    Amount room = {};
    Amount percent = {};  // of kShare
    int64_t asked = 0;    // of kTier and kPriority
    InstantUs until_us = 0;
  };
  static Refusal::Blocking Say(const Found& found);
  void Check(const Subject& subject);
  void CheckAmounts(const Subject& subject, size_t line);
  void CheckShare(const Subject& subject, size_t line);
  // `found.room` of the part is left. Whether that is less than the line is content with.
  bool Bound(Found found, size_t line);

  const LimitedRequest& request_;
  std::vector<Amount> rooms_;
  std::vector<Found> found_;
  bool hopeless_ = false;
};

// What a share of so many percent of the resource comes to, rounded down.
Amount ShareOf(const Resource& resource, Amount percent);

// Rollback and disaster recovery are never refused for a limit.
inline bool PassesLimits(stored::Purpose purpose) { return PassesFreezes(purpose); }

}  // namespace purser

#endif  // PURSER_RESERVATIONS_LIMIT_CHECK_H_
