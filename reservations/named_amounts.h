#ifndef PURSER_RESERVATIONS_NAMED_AMOUNTS_H_
#define PURSER_RESERVATIONS_NAMED_AMOUNTS_H_

// Amounts by the names of resources, each name once, in order of names: one piece of memory, since
// every request has one. A value; thread-compatible.
#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/amount.h"

namespace purser {

class NamedAmounts {
 public:
  using Named = std::pair<std::string, Amount>;
  using const_iterator = std::vector<Named>::const_iterator;

  NamedAmounts() = default;
  NamedAmounts(std::initializer_list<Named> list) {
    for (const Named& named : list) (*this)[named.first] = named.second;
  }

  void reserve(size_t size) { list_.reserve(size); }
  // Zero when the name is new.
  Amount& operator[](std::string_view name) {
    const auto at = std::lower_bound(list_.begin(), list_.end(), name, Before);
    if (at != list_.end() && at->first == name) return at->second;
    return list_.emplace(at, std::string(name), Amount())->second;
  }
  const_iterator find(std::string_view name) const {
    const auto at = std::lower_bound(list_.begin(), list_.end(), name, Before);
    return at != list_.end() && at->first == name ? at : list_.end();
  }
  // Whether it was there.
  bool Erase(std::string_view name) {
    return std::erase_if(list_, [name](const Named& named) { return named.first == name; }) != 0;
  }
  void EraseZeros() {
    std::erase_if(list_, [](const Named& named) { return named.second.is_zero(); });
  }

  const_iterator begin() const { return list_.begin(); }
  const_iterator end() const { return list_.end(); }
  size_t size() const { return list_.size(); }
  bool empty() const { return list_.empty(); }
  friend bool operator==(const NamedAmounts&, const NamedAmounts&) = default;

 private:
  static bool Before(const Named& named, std::string_view name) { return named.first < name; }

  std::vector<Named> list_;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_NAMED_AMOUNTS_H_
