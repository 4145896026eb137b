#ifndef PURSER_API_CLI_MODEL_LIST_JSON_H_
#define PURSER_API_CLI_MODEL_LIST_JSON_H_

// Finds the models of a document {"models": [{…}, …]}, however long, so that each is read by itself
// and known by its line. Thread-safe: pure functions.
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace purser::cli {

struct JsonListFault {
  size_t line = 0;  // from 1
  std::string message;
};

// The text of one element, which may be no JSON inside; `line` is where it begins. False stops.
using TakeJsonModel = std::function<bool(size_t line, std::string_view json)>;

// What made it stop before the end of the text; nullopt when all of it was read, or `take` had
// enough. Other members of the document are passed over.
std::optional<JsonListFault> ReadModelListJson(std::string_view text, const TakeJsonModel& take);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_MODEL_LIST_JSON_H_
