#include "api/principals.h"

#include "absl/strings/ascii.h"
#include "ledger/text.h"

namespace purser::api {

Principals::Principals(const std::vector<TokenSetting>& tokens,
                       const std::vector<std::string>& all_scopes,
                       std::function<std::string(std::string_view)> sha256_hex)
    : sha256_hex_(std::move(sha256_hex)) {
  local_.name = "local";
  local_.scopes.insert(all_scopes.begin(), all_scopes.end());
  local_.populations.insert("*");
  for (const TokenSetting& token : tokens) {
    Principal& principal = by_digest_[token.sha256_hex];
    principal.name = token.name;
    principal.scopes.insert(token.scopes.begin(), token.scopes.end());
    principal.populations.insert(token.populations.begin(), token.populations.end());
  }
}

const Principal* Principals::Find(std::string_view authorization) const {
  if (anonymous()) return &local_;
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size() ||
      absl::AsciiStrToLower(ToAbsl(authorization.substr(0, kScheme.size()))) != kScheme) {
    return nullptr;
  }
  std::string_view secret = authorization.substr(kScheme.size());
  while (!secret.empty() && secret.front() == ' ') secret.remove_prefix(1);
  // The secret itself is never compared, only its digest: there is no timing to learn from.
  const auto it = by_digest_.find(sha256_hex_(secret));
  return it == by_digest_.end() ? nullptr : &it->second;
}

}  // namespace purser::api
