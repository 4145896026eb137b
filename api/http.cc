#include "api/http.h"

#include "absl/strings/match.h"
#include "ledger/text.h"

namespace purser::api {

const std::string* HttpRequest::FindHeader(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (absl::EqualsIgnoreCase(key, ToAbsl(name))) return &value;
  }
  return nullptr;
}

}  // namespace purser::api
