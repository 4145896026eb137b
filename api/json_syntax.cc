#include "api/json_syntax.h"

#include "api/json.h"
#include "api/json_scalar.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

// The length of the UTF-8 character at the front of `text`, 0 if there is none (RFC 3629: shortest
// form, no surrogates, at most U+10FFFF).
size_t Utf8Length(std::string_view text) {
  const auto at = [text](size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const auto continues = [at](size_t i) { return (at(i) & 0xc0) == 0x80; };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (first == 0xe0 && at(1) < 0xa0) return 0;
    if (first == 0xed && at(1) > 0x9f) return 0;
    return continues(1) && continues(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (first == 0xf0 && at(1) < 0x90) return 0;
    if (first == 0xf4 && at(1) > 0x8f) return 0;
    return continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

class Scanner {
 public:
  explicit Scanner(std::string_view json) : json_(json) {}

  std::optional<JsonSyntaxFault> Scan() {
    if (ScanValue(1)) {
      SkipSpace();
      if (position_ < json_.size()) Fail("text after the document");
    }
    return fault_;
  }

 private:
  // All return false, with fault_ set, when the document ends to be JSON.
  bool Fail(std::string reason) {
    if (!fault_) fault_ = JsonSyntaxFault{position_, std::move(reason)};
    return false;
  }

  void SkipSpace() {
    while (position_ < json_.size() &&
           std::string_view(" \t\r\n").find(json_[position_]) != std::string_view::npos) {
      ++position_;
    }
  }

  char Peek() const { return position_ < json_.size() ? json_[position_] : '\0'; }

  bool Take(char wanted) {
    if (position_ >= json_.size() || json_[position_] != wanted) return false;
    ++position_;
    return true;
  }

  bool ScanValue(int depth) {
    SkipSpace();
    if (position_ >= json_.size()) return Fail("the document ends too early");
    const char c = Peek();
    if (c == '"') return ScanString();
    if (c != '{' && c != '[') return ScanWord();
    if (depth > kJsonDepthMax) return Fail(Concat("nested deeper than ", kJsonDepthMax, " levels"));
    ++position_;
    return c == '{' ? ScanMembers(depth) : ScanElements(depth);
  }

  bool ScanMembers(int depth) {
    SkipSpace();
    if (Take('}')) return true;
    while (true) {
      SkipSpace();
      if (Peek() != '"') return Fail("expected a name in double quotes");
      if (!ScanString()) return false;
      SkipSpace();
      if (!Take(':')) return Fail("expected ':'");
      if (!ScanValue(depth + 1)) return false;
      SkipSpace();
      if (Take('}')) return true;
      if (!Take(',')) return Fail("expected ',' or '}'");
    }
  }

  bool ScanElements(int depth) {
    SkipSpace();
    if (Take(']')) return true;
    while (true) {
      if (!ScanValue(depth + 1)) return false;
      SkipSpace();
      if (Take(']')) return true;
      if (!Take(',')) return Fail("expected ',' or ']'");
    }
  }

  // A number, true, false or null.
  bool ScanWord() {
    size_t end = position_;
    while (end < json_.size() &&
           std::string_view(" \t\r\n,:[]{}\"").find(json_[end]) == std::string_view::npos) {
      ++end;
    }
    const std::string_view word = json_.substr(position_, end - position_);
    if (word != "true" && word != "false" && word != "null" && !IsJsonNumber(word)) {
      return Fail("expected a value");
    }
    position_ = end;
    return true;
  }

  bool ScanString() {
    ++position_;
    while (position_ < json_.size()) {
      const unsigned char c = static_cast<unsigned char>(json_[position_]);
      if (c == '"') {
        ++position_;
        return true;
      }
      if (c < 0x20) return Fail("a control character inside a string must be escaped");
      const size_t length = c == '\\' ? EscapeLength() : Utf8Length(json_.substr(position_));
      if (length == 0) return Fail(c == '\\' ? "not an escape" : "not UTF-8");
      position_ += length;
    }
    return Fail("a string has no end");
  }

  // The four hexadecimal digits at `offset` after position_, or -1.
  int HexAt(size_t offset) const {
    int value = 0;
    for (size_t i = position_ + offset; i < position_ + offset + 4; ++i) {
      const char c = i < json_.size() ? json_[i] : '\0';
      const bool digit = c >= '0' && c <= '9';
      const char lower = static_cast<char>(c | 0x20);
      if (!digit && (lower < 'a' || lower > 'f')) return -1;
      value = value * 16 + (digit ? c - '0' : lower - 'a' + 10);
    }
    return value;
  }

  // Of the escape at position_, 0 if it is none; a surrogate counts only as half of a pair.
  size_t EscapeLength() const {
    const std::string_view rest = json_.substr(position_);
    if (rest.size() < 2) return 0;
    if (rest[1] != 'u') {
      return std::string_view("\"\\/bfnrt").find(rest[1]) != std::string_view::npos ? 2 : 0;
    }
    const int code = HexAt(2);
    if (code < 0 || (code >= 0xdc00 && code <= 0xdfff)) return 0;
    if (code < 0xd800 || code > 0xdbff) return 6;
    if (rest.substr(6, 2) != "\\u") return 0;
    const int low = HexAt(8);
    return low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
  }

  const std::string_view json_;
  size_t position_ = 0;
  std::optional<JsonSyntaxFault> fault_;
};

}  // namespace

std::optional<JsonSyntaxFault> FindJsonSyntaxFault(std::string_view json) {
  return Scanner(json).Scan();
}

}  // namespace purser::api
