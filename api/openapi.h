#ifndef PURSER_API_OPENAPI_H_
#define PURSER_API_OPENAPI_H_

// The description of the API that GET /openapi.json serves: OpenAPI 3.1, made from the route table,
// the table of problems, and the descriptors and comments of api/v1, so that it cannot drift from
// them. Thread-safe: pure functions.
#include <string>
#include <string_view>
#include <vector>

namespace purser::api {

struct OpenApiOptions {
  std::string version;
  bool test_clock = false;  // whether the route of the test clock exists
};

// The whole document, in JSON. The same options make the same bytes.
std::string DescribeApi(const OpenApiOptions& options);

}  // namespace purser::api

#endif  // PURSER_API_OPENAPI_H_
