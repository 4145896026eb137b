#ifndef PURSER_TESTS_END_TO_END_REST_CLIENT_H_
#define PURSER_TESTS_END_TO_END_REST_CLIENT_H_

// A polite HTTP client: one connection, kept alive, one request at a time.
#include <chrono>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "tests/http/raw_client.h"

namespace purser {

using Headers = std::map<std::string, std::string>;

struct RestAnswer {
  int status = 0;  // 0: the connection ended without an answer
  std::string head;
  std::string body;

  // The header's value; "" when there is none. `name` in the case in which the daemon writes it.
  std::string Header(std::string_view name) const;
  // The text of the first `"name":` in the body: a string without its quotes, else the bare token;
  // "" when there is none.
  std::string Field(std::string_view name) const;
  // The same, of the first one behind the first `"after":`.
  std::string FieldAfter(std::string_view after, std::string_view name) const;
  std::string code() const { return Field("code"); }
};

// What a failed expectation shows.
std::ostream& operator<<(std::ostream& out, const RestAnswer& answer);

// Thread-compatible.
class RestClient {
 public:
  // `token` is sent as a bearer token unless empty.
  explicit RestClient(int port, std::string token = "");

  RestAnswer Send(std::string_view method, const std::string& path, const std::string& body = "",
                  const Headers& headers = {});
  RestAnswer Get(const std::string& path, const Headers& headers = {}) {
    return Send("GET", path, "", headers);
  }
  RestAnswer Post(const std::string& path, const std::string& body, const Headers& headers = {}) {
    return Send("POST", path, body, headers);
  }
  // Leaves the connection in the middle of whatever it was.
  void Disconnect() { connection_.reset(); }

 private:
  int port_;
  std::string token_;
  std::unique_ptr<api::RawClient> connection_;
  std::chrono::steady_clock::time_point used_;
};

}  // namespace purser

#endif  // PURSER_TESTS_END_TO_END_REST_CLIENT_H_
