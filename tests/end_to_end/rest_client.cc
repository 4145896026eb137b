#include "tests/end_to_end/rest_client.h"

#include <chrono>
#include <optional>

#include "ledger/text.h"
#include "tests/end_to_end/exchange_log.h"

namespace purser {

std::string RestAnswer::Header(std::string_view name) const {
  const std::string mark = Concat("\r\n", name, ": ");
  const size_t at = head.find(mark);
  if (at == std::string::npos) return "";
  const size_t begin = at + mark.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string RestAnswer::Field(std::string_view name) const { return FieldAfter("", name); }

std::string RestAnswer::FieldAfter(std::string_view after, std::string_view name) const {
  const size_t from = after.empty() ? 0 : body.find(Concat("\"", after, "\":"));
  if (from == std::string::npos) return "";
  const std::string mark = Concat("\"", name, "\":");
  const size_t at = body.find(mark, from);
  if (at == std::string::npos) return "";
  const size_t begin = at + mark.size();
  if (body[begin] == '"') return body.substr(begin + 1, body.find('"', begin + 1) - begin - 1);
  return body.substr(begin, body.find_first_of(",}]", begin) - begin);
}

std::ostream& operator<<(std::ostream& out, const RestAnswer& answer) {
  return out << answer.head << "\n" << answer.body.substr(0, 4'000);
}

RestClient::RestClient(int port, std::string token) : port_(port), token_(std::move(token)) {}

RestAnswer RestClient::Send(std::string_view method, const std::string& path,
                            const std::string& body, const Headers& headers) {
  std::string request = Concat(method, " ", path, " HTTP/1.1\r\n");
  if (!headers.contains("Host")) request += "Host: localhost\r\n";
  if (!token_.empty()) request += Concat("Authorization: Bearer ", token_, "\r\n");
  if (!body.empty() && !headers.contains("Content-Type")) {
    request += "Content-Type: application/json\r\n";
  }
  for (const auto& [name, value] : headers) request += Concat(name, ": ", value, "\r\n");
  request += Concat("Content-Length: ", body.size(), "\r\n\r\n", body);
  // The daemon ends what idles for five seconds.
  if (std::chrono::steady_clock::now() - used_ > std::chrono::seconds(3)) connection_.reset();
  if (connection_ == nullptr) connection_ = std::make_unique<api::RawClient>(port_);
  // An answer may come, and the connection end, before all of a body that is too long was sent.
  connection_->Send(request);
  std::optional<api::RawAnswer> answer = connection_->Read(method != "HEAD");
  used_ = std::chrono::steady_clock::now();
  if (!answer.has_value() || answer->Has("Connection: close")) connection_.reset();
  if (!answer.has_value()) return {};
  LogExchange(method, path, headers, body, *answer);
  return {answer->status, std::move(answer->head), std::move(answer->body)};
}

}  // namespace purser
