#include "api/http_server_framing.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

// RFC 9110, 5.6.2.
bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// host[:port], as in RFC 3986, without user information and percent signs.
bool IsHost(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) ||
           std::string_view("-._~!$&'()*+,;=:[]").find(c) != std::string_view::npos;
  });
}

bool Same(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(ToAbsl(a), ToAbsl(b));
}

// "close, TE" names `option`.
bool Names(std::string_view list, std::string_view option) {
  for (absl::string_view part : absl::StrSplit(ToAbsl(list), ',')) {
    if (Same(ToStd(absl::StripAsciiWhitespace(part)), option)) return true;
  }
  return false;
}

struct Found {
  int count = 0;
  std::string_view value;
};

Found FindAll(const HttpRequest& request, std::string_view name) {
  Found found;
  for (const auto& [key, value] : request.headers) {
    if (!Same(key, name)) continue;
    ++found.count;
    // Space after a value is no part of it.
    found.value = ToStd(absl::StripTrailingAsciiWhitespace(value));
  }
  return found;
}

std::optional<HttpRefusal> CheckLength(const HttpRequest& request, std::string_view version,
                                       HttpFraming* framing) {
  const Found length = FindAll(request, "Content-Length");
  const Found encoding = FindAll(request, "Transfer-Encoding");
  if (encoding.count > 0) {
    if (length.count > 0) {
      return MalformedRequest("both Content-Length and Transfer-Encoding were sent");
    }
    if (version != "1.1" || encoding.count > 1 || !Same(encoding.value, "chunked")) {
      return MalformedRequest("the only Transfer-Encoding is one \"chunked\", in HTTP/1.1");
    }
    framing->chunked = true;
    return std::nullopt;
  }
  if (length.count == 0) return std::nullopt;
  if (length.count > 1) return MalformedRequest("Content-Length was sent more than once");
  const std::string_view digits = length.value;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), framing->content_length);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) ||
      error != std::errc() || end != digits.data() + digits.size()) {
    return MalformedRequest("Content-Length is not a number of bytes");
  }
  return std::nullopt;
}

// "http://host:port/path": the host must be the one that Host names, for only Host is judged later.
bool NamesOtherHost(const HttpRequest& request, std::string_view host) {
  if (request.target.empty() || request.target.front() == '/') return false;
  const size_t scheme = request.target.find("://");
  if (scheme == std::string::npos) return true;
  const std::string_view rest = std::string_view(request.target).substr(scheme + 3);
  return !Same(rest.substr(0, rest.find_first_of("/?")), host);
}

std::optional<HttpRefusal> CheckHost(const HttpRequest& request) {
  const Found host = FindAll(request, "Host");
  if (host.count == 0) return MalformedRequest("the header Host is missing");
  if (host.count > 1) return MalformedRequest("the header Host was sent more than once");
  if (!IsHost(host.value)) return MalformedRequest("the header Host is no host");
  if (NamesOtherHost(request, host.value)) {
    return MalformedRequest("the request is for another host than the header Host names");
  }
  return std::nullopt;
}

}  // namespace

HttpRefusal MalformedRequest(std::string_view detail) {
  return {400, "malformed", "Malformed request", std::string(detail)};
}

std::optional<HttpRefusal> CheckFraming(const HttpRequest& request, std::string_view version,
                                        size_t headers_max, HttpFraming* framing) {
  if (request.headers.size() >= headers_max) {
    return HttpRefusal{431, "malformed", "Too many headers",
                       Concat("a request has fewer than ", headers_max, " headers")};
  }
  for (const auto& [name, value] : request.headers) {
    if (!IsToken(name)) return MalformedRequest("a header has a name that is none");
  }
  if (auto refusal = CheckHost(request)) return refusal;
  if (auto refusal = CheckLength(request, version, framing)) return refusal;
  const Found expect = FindAll(request, "Expect");
  if (expect.count > 0 && (expect.count > 1 || !Same(expect.value, "100-continue"))) {
    return HttpRefusal{417, "malformed", "Expectation failed",
                       "the only expectation that can be met is 100-continue"};
  }
  framing->expects_continue = expect.count > 0 && version == "1.1";
  bool wishes_close = false;
  bool wishes_keep_alive = false;
  for (const auto& [name, value] : request.headers) {
    if (!Same(name, "Connection")) continue;
    wishes_close = wishes_close || Names(value, "close") || Names(value, "upgrade");
    wishes_keep_alive = wishes_keep_alive || Names(value, "keep-alive");
  }
  // HTTP/1.0 closes, always. CivetWeb closes when Connection is there and does not say keep-alive.
  const bool has_connection = FindAll(request, "Connection").count > 0;
  framing->keep_alive = version == "1.1" && !wishes_close && (wishes_keep_alive || !has_connection);
  return std::nullopt;
}

absl::StatusOr<HttpAddress> ParseHttpAddress(std::string_view text) {
  const absl::Status refused = absl::InvalidArgumentError(
      Concat("\"", text, "\" is no address to listen at: it must be IPv4 and a port, such as ",
             "127.0.0.1:7480"));
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refused;
  HttpAddress address;
  address.host = std::string(text.substr(0, colon));
  if (address.host == "localhost") address.host = "127.0.0.1";
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  in_addr parsed{};
  if (error != std::errc() || end != port.data() + port.size() ||
      inet_pton(AF_INET, address.host.c_str(), &parsed) != 1) {
    return refused;
  }
  return address;
}

}  // namespace purser::api
