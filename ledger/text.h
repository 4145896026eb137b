#ifndef PURSER_LEDGER_TEXT_H_
#define PURSER_LEDGER_TEXT_H_

// The one place where std's string_view (ours, RocksDB's, protobuf's) meets Abseil's, which on
// Debian 12 is a type of its own without conversions. Thread-safe: pure functions.
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace purser {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

namespace text_internal {
inline absl::string_view Piece(std::string_view text) { return ToAbsl(text); }
inline absl::string_view Piece(const std::string& text) { return text; }
inline absl::string_view Piece(const char* text) { return text; }
inline const absl::AlphaNum Piece(long long number) { return absl::AlphaNum(number); }
inline const absl::AlphaNum Piece(unsigned long long number) { return absl::AlphaNum(number); }
inline const absl::AlphaNum Piece(long number) { return absl::AlphaNum(number); }
inline const absl::AlphaNum Piece(unsigned long number) { return absl::AlphaNum(number); }
inline const absl::AlphaNum Piece(int number) { return absl::AlphaNum(number); }
inline const absl::AlphaNum Piece(unsigned number) { return absl::AlphaNum(number); }
}  // namespace text_internal

// Joins texts and whole numbers into one string.
template <typename... Pieces>
std::string Concat(const Pieces&... pieces) {
  return absl::StrCat(text_internal::Piece(pieces)...);
}

}  // namespace purser

#endif  // PURSER_LEDGER_TEXT_H_
