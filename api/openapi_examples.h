#ifndef PURSER_API_OPENAPI_EXAMPLES_H_
#define PURSER_API_OPENAPI_EXAMPLES_H_

// The examples of the API's description: exchanges that were had, as examples.http writes them
// down. Thread-safe: constant data and pure functions.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/routes.h"

namespace purser::api {

struct Example {
  int step = 0;      // from 1: they are one story
  std::string name;  // unique
  std::string summary;
  const Route* route = nullptr;
  std::map<std::string, std::string> parameters;  // of path, query and headers, by name
  std::string body;                               // JSON; "" when none is sent
  int status = 0;
  std::string answer;               // as it is sent; "" of a 304
  std::vector<std::string> varies;  // members of the answer that differ from run to run
};

// Those of examples.http, in order.
const std::vector<Example>& Examples();
// Ends the process where the text is not laid out as examples.http says: it is ours.
std::vector<Example> ParseExamples(std::string_view text);

}  // namespace purser::api

#endif  // PURSER_API_OPENAPI_EXAMPLES_H_
