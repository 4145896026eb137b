#ifndef PURSER_API_JSON_SYNTAX_H_
#define PURSER_API_JSON_SYNTAX_H_

// Where a document stops being JSON. The fast reader says only that it did; this slow, plain one,
// asked only then, says where and why. Thread-safe: a pure function.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace purser::api {

struct JsonSyntaxFault {
  size_t offset = 0;  // in bytes
  std::string reason;
};

// nullopt when `json` is one JSON document (RFC 8259, UTF-8, nested at most kJsonDepthMax deep).
std::optional<JsonSyntaxFault> FindJsonSyntaxFault(std::string_view json);

}  // namespace purser::api

#endif  // PURSER_API_JSON_SYNTAX_H_
