#include "api/cli/http_client.h"

#include <string_view>

#include "curl/curl.h"
#include "ledger/check.h"
#include "ledger/text.h"

// The one file that names libcurl.
namespace purser::cli {
namespace {

constexpr long kConnectTimeoutMs = 5'000;
// Longer than the daemon's own deadlines, so that it is the daemon that says what went wrong.
constexpr long kAnswerTimeoutMs = 90'000;
constexpr long kSilenceSeconds = 45;
// A page of 1,000 journal entries of the largest kind stays below.
constexpr size_t kAnswerBytesMax = size_t{256} * 1024 * 1024;

struct Receiving {
  CURL* curl = nullptr;
  const HttpCall* call = nullptr;
  HttpAnswer answer;
  bool too_long = false;
  bool stopped = false;  // by whoever takes the stream
};

size_t ReceiveBody(char* bytes, size_t size, size_t count, void* user) {
  auto* const receiving = static_cast<Receiving*>(user);
  const size_t length = size * count;
  long status = 0;
  curl_easy_getinfo(receiving->curl, CURLINFO_RESPONSE_CODE, &status);
  if (receiving->call->stream && status == 200) {
    receiving->stopped = !receiving->call->stream(std::string_view(bytes, length));
    return receiving->stopped ? 0 : length;
  }
  if (receiving->answer.body.size() + length > kAnswerBytesMax) {
    receiving->too_long = true;
    return 0;
  }
  receiving->answer.body.append(bytes, length);
  return length;
}

size_t ReceiveHeader(char* bytes, size_t size, size_t count, void* user) {
  auto* const receiving = static_cast<Receiving*>(user);
  const std::string_view line(bytes, size * count);
  // An interim answer (100) has headers too; the final one's status line starts anew.
  if (line.starts_with("HTTP/")) receiving->answer.headers.clear();
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  std::string name(line.substr(0, colon));
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const size_t start = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
  const size_t end = line.find_last_not_of(" \t\r\n") + 1;
  receiving->answer.headers.emplace_back(
      std::move(name), std::string(line.substr(start, end > start ? end - start : 0)));
  return line.size();
}

// Whether the URL names this machine: then a proxy that the environment names is none of our
// business.
bool IsLoopback(const std::string& url) {
  CURLU* const parts = curl_url();
  char* host = nullptr;
  bool is_loopback = false;
  if (curl_url_set(parts, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK &&
      curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
    const std::string_view name(host);
    is_loopback = name == "localhost" || name == "[::1]" || name.starts_with("127.");
    curl_free(host);
  }
  curl_url_cleanup(parts);
  return is_loopback;
}

absl::Status FailureStatus(CURL* curl, CURLcode code, const Receiving& receiving,
                           const char* detail) {
  const std::string reason = receiving.too_long  ? "the answer is longer than 256 MiB"
                             : detail[0] != '\0' ? std::string(detail)
                                                 : std::string(curl_easy_strerror(code));
  long request_bytes = 0;
  curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &request_bytes);
  // The second is also what an answer in no HTTP is called.
  const bool is_url_bad = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
  if (request_bytes == 0 && is_url_bad) return absl::InvalidArgumentError(reason);
  if (request_bytes == 0) return absl::UnavailableError(reason);
  return absl::UnknownError(reason);
}

}  // namespace

const std::string* HttpAnswer::FindHeader(const std::string& name) const {
  for (const auto& [header, value] : headers) {
    if (header == name) return &value;
  }
  return nullptr;
}

struct HttpClient::Session {
  CURL* curl = nullptr;
  char detail[CURL_ERROR_SIZE] = {};
};

HttpClient::HttpClient() : session_(std::make_unique<Session>()) {
  PURSER_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "the HTTP client starts");
  session_->curl = curl_easy_init();
  PURSER_CHECK(session_->curl != nullptr, "the HTTP client starts");
}

HttpClient::~HttpClient() {
  curl_easy_cleanup(session_->curl);
  curl_global_cleanup();
}

absl::StatusOr<HttpAnswer> HttpClient::Send(const HttpCall& call) {
  CURL* const curl = session_->curl;
  Receiving receiving;
  receiving.curl = curl;
  receiving.call = &call;
  session_->detail[0] = '\0';
  curl_easy_reset(curl);  // the connection stays
  curl_easy_setopt(curl, CURLOPT_URL, call.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  if (call.stream) {
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kSilenceSeconds);
  } else {
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kAnswerTimeoutMs);
  }
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, session_->detail);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ReceiveBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &receiving);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, ReceiveHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &receiving);
  if (IsLoopback(call.url)) curl_easy_setopt(curl, CURLOPT_PROXY, "");
  if (call.method == "POST") {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call.body.c_str());
  } else if (call.method != "GET") {
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call.method.c_str());
    if (!call.body.empty()) {
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(call.body.size()));
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call.body.c_str());
    }
  }
  curl_slist* headers = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : call.headers) {
    headers = curl_slist_append(headers, Concat(name, ": ", value).c_str());
  }
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  const CURLcode code = curl_easy_perform(curl);
  curl_slist_free_all(headers);
  if (code != CURLE_OK && !receiving.stopped)
    return FailureStatus(curl, code, receiving, session_->detail);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  receiving.answer.status = static_cast<int>(status);
  return std::move(receiving.answer);
}

}  // namespace purser::cli
