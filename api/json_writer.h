#ifndef PURSER_API_JSON_WRITER_H_
#define PURSER_API_JSON_WRITER_H_

// Writes a JSON document from front to back that is no message, and sets its commas. Thread-
// compatible.
#include <cstdint>
#include <string>
#include <string_view>

#include "api/json_scalar.h"
#include "ledger/text.h"

namespace purser::api {

class JsonWriter {
 public:
  // An object or list, with what `fill` writes inside.
  template <typename Fill>
  void Object(Fill fill) {
    Enclose('{', '}', fill);
  }
  template <typename Fill>
  void List(Fill fill) {
    Enclose('[', ']', fill);
  }
  void Text(std::string_view text) {
    Separate();
    AppendJsonString(text, &text_);
  }
  // JSON as it stands.
  void Json(std::string_view json) {
    Separate();
    text_ += json;
  }
  void Number(int64_t number) { Json(Concat(static_cast<long long>(number))); }

  // The same as members of an object.
  void Key(std::string_view key) {
    Text(key);
    text_ += ':';
    is_first_ = true;
  }
  template <typename Fill>
  void Object(std::string_view key, Fill fill) {
    Key(key);
    Object(fill);
  }
  template <typename Fill>
  void List(std::string_view key, Fill fill) {
    Key(key);
    List(fill);
  }
  void Text(std::string_view key, std::string_view text) {
    Key(key);
    Text(text);
  }
  void Json(std::string_view key, std::string_view json) {
    Key(key);
    Json(json);
  }
  void Number(std::string_view key, int64_t number) {
    Key(key);
    Number(number);
  }
  void True(std::string_view key) { Json(key, "true"); }

  const std::string& text() const { return text_; }

 private:
  // A comma before everything but the first of its object or list.
  void Separate() {
    if (!is_first_) text_ += ',';
    is_first_ = false;
  }
  template <typename Fill>
  void Enclose(char open, char close, Fill fill) {
    Separate();
    text_ += open;
    is_first_ = true;
    fill();
    text_ += close;
    is_first_ = false;
  }

  std::string text_;
  bool is_first_ = true;
};

}  // namespace purser::api

#endif  // PURSER_API_JSON_WRITER_H_
