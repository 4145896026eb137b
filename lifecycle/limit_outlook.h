#ifndef PURSER_LIFECYCLE_LIMIT_OUTLOOK_H_
#define PURSER_LIFECYCLE_LIMIT_OUTLOOK_H_

// Whether limits (daemon/decisions/0007) and budgets (0015) may decide when those that wait or are
// booked are granted. Who uses what of a limit at a later time is not known here; but nobody uses
// more than now, and with all of these granted besides. Internal to explanations. A value for one
// state; thread-compatible.
#include <map>
#include <string>

#include "lifecycle/outlook.h"
#include "reservations/budget_parts.h"

namespace purser {

class LimitOutlook {
 public:
  explicit LimitOutlook(const JudgedState& state) : state_(state) {}

  // One that may be granted some time.
  void Count(const ReservationPicture& picture);
  // Whether a limit may some time stand in the way of one of those that were counted, or leave it
  // less than it asks for.
  bool MayBind() const;

 private:
  // A principal, or those with one label value.
  struct Subject {
    const stored::Limit* own = nullptr;
    const stored::Limit* each = nullptr;  // of each principal; of what is its own the part counts
    const Usage* usage = nullptr;         // nullptr: it is not counted yet
    uint64_t open = 0;
    struct Asked {
      Amount sum;  // the largest amount where it is more
      Amount largest;
    };
    std::map<uint32_t, Asked> asked;
    // Of those that do not pass limits.
    bool is_bound = false;
    int highest_tier = kTierFlex;
    int32_t highest_priority = INT32_MIN;
  };
  struct AskedOfBudget {
    absl::int128 sum = 0;
    bool is_approved = true;  // all of it
  };
  static void Add(const ReservationPicture& picture, Subject* subject);
  bool MayExceed(const Subject& subject) const;
  bool MayExceed(const Subject& subject, const Resource& resource,
                 const Subject::Asked& asked) const;

  RequestedCosts LargestCosts(const ReservationPicture& picture) const;
  void CountForBudgets(const ReservationPicture& picture);
  bool MayExceedBudget() const;

  const JudgedState& state_;
  std::map<std::string, AskedOfBudget> asked_of_budgets_;
  std::map<std::string, Subject, std::less<>> principals_;
  std::map<LabelPair, Subject> labels_;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_LIMIT_OUTLOOK_H_
