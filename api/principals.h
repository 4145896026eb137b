#ifndef PURSER_API_PRINCIPALS_H_
#define PURSER_API_PRINCIPALS_H_

// Who calls, and what they may. Without any token everybody is `local` with all scopes (the daemon
// then listens on loopback only). Immutable after it is made; thread-safe.
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace purser::api {

struct Principal {
  std::string name;
  std::set<std::string, std::less<>> scopes;
  std::set<std::string, std::less<>> populations;  // "*" is all

  bool May(std::string_view scope) const { return scopes.count(scope) > 0; }
  bool Sees(std::string_view population) const {
    return populations.count("*") > 0 || populations.count(population) > 0;
  }
};

struct TokenSetting {
  std::string name;
  std::string sha256_hex;
  std::vector<std::string> scopes;
  std::vector<std::string> populations;
};

class Principals {
 public:
  // `sha256_hex` digests a secret; all_scopes are what `local` has.
  Principals(const std::vector<TokenSetting>& tokens, const std::vector<std::string>& all_scopes,
             std::function<std::string(std::string_view)> sha256_hex);

  bool anonymous() const { return by_digest_.empty(); }
  // The principal of an Authorization header ("" when absent); nullptr: unauthenticated.
  const Principal* Find(std::string_view authorization) const;

 private:
  std::function<std::string(std::string_view)> sha256_hex_;
  Principal local_;
  std::map<std::string, Principal, std::less<>> by_digest_;
};

}  // namespace purser::api

#endif  // PURSER_API_PRINCIPALS_H_
