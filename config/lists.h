#ifndef PURSER_CONFIG_LISTS_H_
#define PURSER_CONFIG_LISTS_H_

// Of the words that a setting may have. Pure; thread-safe.
#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "ledger/text.h"

namespace purser {

template <typename List>
bool Contains(const List& list, std::string_view value) {
  return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

// "a, b, c".
template <typename List>
std::string Join(const List& list) {
  std::string out;
  for (std::string_view item : list) out += Concat(out.empty() ? "" : ", ", item);
  return out;
}

}  // namespace purser

#endif  // PURSER_CONFIG_LISTS_H_
