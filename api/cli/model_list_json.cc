#include "api/cli/model_list_json.h"

#include "ledger/text.h"

namespace purser::cli {
namespace {

constexpr char kForm[] = "is no JSON object {\"models\": [{…}, …]}";

class Reading {
 public:
  Reading(std::string_view text, const TakeJsonModel& take) : text_(text), take_(take) {}

  std::optional<JsonListFault> Run() {
    ReadDocument();
    if (!fault_.has_value() && !has_enough_) {
      if (!has_models_) Fail("there is no list \"models\"");
      SkipSpaces();
      if (at_ < text_.size()) Fail("something stands behind the end of the document");
    }
    return fault_;
  }

 private:
  void Fail(std::string_view what) {
    if (!fault_.has_value()) fault_ = JsonListFault{line_, Concat(kForm, ": ", what)};
  }
  bool Goes() const { return !fault_.has_value() && !has_enough_; }
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void Step() {
    if (text_[at_] == '\n') ++line_;
    ++at_;
  }
  void SkipSpaces() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) Step();
  }
  bool Take(char c) {
    SkipSpaces();
    if (Peek() != c) return false;
    Step();
    return true;
  }
  void Want(char c) {
    if (!Take(c)) Fail(Concat("'", std::string(1, c), "' is missing"));
  }

  void ReadDocument() {
    Want('{');
    if (Take('}')) return;
    while (Goes()) {
      const std::string_view key = ReadString();
      Want(':');
      if (!Goes()) return;
      if (key == "models") {
        ReadModels();
      } else if (key != "next_page_token") {
        SkipValue();
      } else if (!ReadString().empty()) {
        Fail("it is one page of several; `purser models export` writes all");
      }
      if (!Goes() || !Take(',')) break;
    }
    if (Goes()) Want('}');
  }

  void ReadModels() {
    if (has_models_) Fail("\"models\" stands there twice");
    has_models_ = true;
    Want('[');
    if (Take(']')) return;
    while (Goes()) {
      SkipSpaces();
      const size_t begin = at_;
      const size_t line = line_;
      if (Peek() != '{') Fail("a model is no object");
      SkipValue();
      if (!Goes()) return;
      has_enough_ = !take_(line, text_.substr(begin, at_ - begin));
      if (!Goes() || !Take(',')) break;
    }
    if (Goes()) Want(']');
  }

  // With its quotes taken off; escapes stay as they are.
  std::string_view ReadString() {
    SkipSpaces();
    if (Peek() != '"') {
      Fail("'\"' is missing");
      return "";
    }
    Step();
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) Step();
      Step();
    }
    if (at_ == text_.size()) {
      Fail("a text does not end");
      return "";
    }
    const std::string_view string = text_.substr(begin, at_ - begin);
    Step();
    return string;
  }

  // Up to the end of what begins here; whether it is JSON inside is not looked at.
  void SkipValue() {
    SkipSpaces();
    size_t depth = 0;
    do {
      const char c = Peek();
      if (at_ == text_.size()) return Fail("it ends too early");
      if (c == '"') {
        ReadString();
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) return Fail("a value is missing");
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      Step();
    } while (Goes() && (depth > 0 || !IsEndOfValue()));
  }

  bool IsEndOfValue() const {
    const char before = text_[at_ - 1];
    if (before == '}' || before == ']' || before == '"') return true;
    return at_ == text_.size() || std::string_view(",}] \t\r\n").find(text_[at_]) != text_.npos;
  }

  std::string_view text_;
  const TakeJsonModel& take_;
  size_t at_ = 0;
  size_t line_ = 1;
  std::optional<JsonListFault> fault_;
  bool has_models_ = false;
  bool has_enough_ = false;
};

}  // namespace

std::optional<JsonListFault> ReadModelListJson(std::string_view text, const TakeJsonModel& take) {
  return Reading(text, take).Run();
}

}  // namespace purser::cli
