#ifndef PURSER_RESERVATIONS_COURSE_H_
#define PURSER_RESERVATIONS_COURSE_H_

// What something was in the course of time. What it was for no time at all leaves no trace: it does
// not part what was the same before and after. A value; thread-compatible.
#include <iterator>
#include <map>
#include <utility>

#include "reservations/tariff.h"

namespace purser {

template <typename Value>
class Course {
 public:
  // From then on; the last of one instant counts.
  void Set(InstantUs since_us, Value value) {
    values_.insert_or_assign(since_us, std::move(value));
  }
  bool empty() const { return values_.empty(); }

  // visit(value, span) for each time in which it was the same, as long as that could be; false
  // from it ends it, and is returned. The last goes on for ever.
  template <typename Visit>
  bool ForEach(Visit visit) const {
    for (auto it = values_.begin(); it != values_.end();) {
      auto next = std::next(it);
      while (next != values_.end() && next->second == it->second) ++next;
      const InstantUs until_us = next == values_.end() ? INT64_MAX : next->first;
      if (!visit(it->second, Span{it->first, until_us})) return false;
      it = next;
    }
    return true;
  }

 private:
  std::map<InstantUs, Value> values_;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_COURSE_H_
