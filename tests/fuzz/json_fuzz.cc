// The JSON codec: what it takes is JSON without a key given twice, it prints what it can read, and
// what it printed reads back as the same.
#include <set>
#include <string>
#include <vector>

#include "api/json.h"
#include "api/json_syntax.h"
#include "ledger/check.h"
#include "tests/fuzz/bodies.h"
#include "tests/fuzz/fuzz_input.h"

namespace purser::api {
namespace {

// Whether an object of the document, which is JSON, has the same key twice; its own plain reader.
// Escapes are compared as they are spelled but for those of ASCII.
class DuplicateSearch {
 public:
  explicit DuplicateSearch(std::string_view json) : json_(json) {}

  bool Run() {
    for (; at_ < json_.size(); ++at_) {
      const char c = json_[at_];
      if (c == '{' || c == '[') levels_.push_back({c == '{', c == '{', {}});
      if (c == '}' || c == ']') levels_.pop_back();
      if (c == ',' && !levels_.empty()) levels_.back().before_key = levels_.back().is_object;
      if (c != '"') continue;
      const std::string text = TakeString();
      if (levels_.empty() || !levels_.back().before_key) continue;
      levels_.back().before_key = false;
      if (!levels_.back().keys.insert(text).second) return true;
    }
    return false;
  }

 private:
  struct Level {
    bool is_object;
    bool before_key;
    std::set<std::string> keys;
  };

  // From the opening quote to the closing one, on which it stays.
  std::string TakeString() {
    std::string text;
    for (++at_; json_[at_] != '"'; ++at_) {
      if (json_[at_] == '\\') {
        text += TakeEscape();
      } else {
        text.push_back(json_[at_]);
      }
    }
    return text;
  }

  // From the backslash to the escape's last character, on which it stays. A backslash is two, so
  // that it is told from one that is left as it is spelled.
  std::string TakeEscape() {
    const char kind = json_[++at_];
    if (kind == 'u') {
      const std::string digits(json_.substr(at_ + 1, 4));
      at_ += 4;
      const int code = std::stoi(digits, nullptr, 16);
      if (code >= 0x80) return "\\u" + digits;
      return code == '\\' ? "\\\\" : std::string(1, static_cast<char>(code));
    }
    if (kind == '\\') return "\\\\";
    constexpr std::string_view kControls = "b\bf\fn\nr\rt\t";
    const size_t control = kControls.find(kind);
    return std::string(1, control == std::string_view::npos ? kind : kControls[control + 1]);
  }

  const std::string_view json_;
  size_t at_ = 0;
  std::vector<Level> levels_;
};

void CheckBody(uint8_t which, std::string_view json) {
  std::vector<v1::Fault> faults;
  const auto message = NewBody(which);
  const bool is_json = !FindJsonSyntaxFault(json).has_value();
  if (!ParseJson(json, message.get(), &faults)) return CheckRefused(faults);
  PURSER_CHECK(is_json, "what is taken is JSON");
  PURSER_CHECK(!DuplicateSearch(json).Run(), "no key is taken twice");
  std::string printed;
  PrintJson(*message, &printed);
  PURSER_CHECK(!FindJsonSyntaxFault(printed).has_value(), "what is printed is JSON");
  const auto again = NewBody(which);
  PURSER_CHECK(ParseJson(printed, again.get(), &faults), "what is printed can be read");
  std::string reprinted;
  PrintJson(*again, &reprinted);
  PURSER_CHECK(printed == reprinted, "printing is a fixed point");
  PURSER_CHECK(CompareMessages(*message, *again).empty(), "reading back loses nothing");
}

}  // namespace
}  // namespace purser::api

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  purser::FuzzInput input(bytes, size);
  const uint8_t which = input.TakeByte();
  purser::api::CheckBody(which, input.Rest());
  return 0;
}
