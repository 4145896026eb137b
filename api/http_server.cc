#include "api/http_server.h"

#include <arpa/inet.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <random>
#include <utility>

#include "absl/strings/str_format.h"
#include "api/http_server_answer.h"
#include "api/http_server_connections.h"
#include "api/http_server_framing.h"
#include "api/http_server_sockets.h"
#include "api/http_server_stack.h"
#include "civetweb.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

constexpr size_t kReadBytes = 64 * 1024;
constexpr size_t kSmallBodyBytes = 16 * 1024;
// A client that is told no while it still sends gets this much time and room before the connection
// is closed: closing at once makes its kernel throw our answer away.
constexpr int kDrainMs = 1'000;
constexpr int64_t kDrainBytesMax = 16 * 1024 * 1024;
// Request line and headers together: CivetWeb's buffer for them.
constexpr char kHeadBytesMax[] = "16384";
// Whoever does not fit waits for its handshake to be sent again, which takes seconds.
constexpr char kListenBacklog[] = "4096";
// CivetWeb's words for a head that is too long, too late, or cut off.
constexpr std::string_view kUnreadable = "Malformed message";
// A piece of a stream goes out in parts: each must be taken before the deadline, so that a slow
// line is no reason to end it.
constexpr size_t kStreamWriteBytes = 64 * 1024;
// A client without power acknowledges nothing; by itself the kernel would wait a quarter of an
// hour.
constexpr int kUnacknowledgedMs = 30'000;
constexpr char kOverloadedRetryAfterSeconds[] = "1";

// Where CivetWeb put its marks in the buffer with the request's head shows what stood there: it
// forgives bare line feeds, folded lines (and then forgets every header behind them), spaces before
// a colon and twice between the parts of the first line. None of that is forgiven here.
bool IsStrictlyLaidOut(const mg_request_info& info) {
  const char* const method_end = info.request_method + std::strlen(info.request_method);
  if (info.request_uri != method_end + 1) return false;
  const char* const target = info.query_string != nullptr ? info.query_string : info.request_uri;
  const char* line_end = info.http_version + std::strlen(info.http_version);
  if (info.http_version != target + std::strlen(target) + std::strlen(" HTTP/")) return false;
  for (int i = 0; i < info.num_headers; ++i) {
    const mg_header& header = info.http_headers[i];
    const char* const name_end = header.name + std::strlen(header.name);
    if (header.name != line_end + std::strlen("\r\n")) return false;
    if (name_end[1] == '\0' && header.value > name_end + 1) return false;
    line_end = header.value + std::strlen(header.value);
  }
  // The empty line; CivetWeb has overwritten its '\n'.
  return info.num_headers == 0 || info.num_headers >= MG_MAX_HEADERS ||
         (line_end[1] == '\0' && line_end[2] == '\r' && line_end[3] == '\0');
}

HttpRequest MakeRequest(const mg_request_info& info, bool admin_listener) {
  HttpRequest request;
  request.method = info.request_method;
  request.target = info.request_uri;
  if (info.local_uri_raw != nullptr) request.path = info.local_uri_raw;
  if (info.query_string != nullptr) {
    request.query = info.query_string;
    request.target += "?" + request.query;
  }
  request.headers.reserve(static_cast<size_t>(info.num_headers));
  for (int i = 0; i < info.num_headers; ++i) {
    request.headers.emplace_back(info.http_headers[i].name, info.http_headers[i].value);
  }
  request.admin_listener = admin_listener;
  return request;
}

HttpConnectionKey KeyOf(const mg_request_info& info) {
  in_addr peer{};
  inet_pton(AF_INET, info.remote_addr, &peer);
  return {static_cast<uint16_t>(info.server_port), ntohl(peer.s_addr),
          static_cast<uint16_t>(info.remote_port)};
}

enum class BodyOutcome { kWhole, kTooLarge, kNoRoom, kBroken };

// What one body takes of the room that all have, until it goes away.
class BodyRoom {
 public:
  BodyRoom(std::atomic<int64_t>* taken, int64_t max) : taken_(taken), max_(max) {}
  ~BodyRoom() {
    if (own_ > 0) *taken_ -= own_;
  }
  BodyRoom(const BodyRoom&) = delete;
  BodyRoom& operator=(const BodyRoom&) = delete;

  // False when there is none for a body of that size.
  bool Grow(size_t body_bytes) {
    if (body_bytes <= kSmallBodyBytes) return true;
    const int64_t more = static_cast<int64_t>(body_bytes - kSmallBodyBytes) - own_;
    own_ += more;
    return taken_->fetch_add(more) + more <= max_;
  }

 private:
  std::atomic<int64_t>* const taken_;
  const int64_t max_;
  int64_t own_ = 0;
};

// Reads until the body ends; growing with what came, so that a length alone costs no memory.
BodyOutcome ReadBody(mg_connection* connection, const HttpFraming& framing, int64_t bytes_max,
                     BodyRoom* room, std::string* body) {
  if (framing.content_length > bytes_max) return BodyOutcome::kTooLarge;
  while (framing.chunked || static_cast<int64_t>(body->size()) < framing.content_length) {
    const size_t old_size = body->size();
    const size_t wanted =
        framing.chunked
            ? kReadBytes
            : std::min(kReadBytes, static_cast<size_t>(framing.content_length) - old_size);
    body->resize(old_size + wanted);
    const int got = mg_read(connection, body->data() + old_size, wanted);
    body->resize(old_size + static_cast<size_t>(std::max(got, 0)));
    if (static_cast<int64_t>(body->size()) > bytes_max) return BodyOutcome::kTooLarge;
    if (!room->Grow(body->size())) return BodyOutcome::kNoRoom;
    if (framing.chunked && got == 0) return BodyOutcome::kWhole;
    if (got <= 0) return BodyOutcome::kBroken;
  }
  return BodyOutcome::kWhole;
}

void Write(mg_connection* connection, const std::string& bytes) {
  // A client that is gone is nobody's fault; CivetWeb sees it too and closes.
  mg_write(connection, bytes.data(), bytes.size());
}

HttpConnections::Patience PatienceOf(const HttpServerOptions& options) {
  HttpConnections::Patience patience;
  patience.tick_ms = std::clamp(options.body_deadline_ms / 8, 5, patience.tick_ms);
  return patience;
}

class CivetServer final : public HttpServer {
 public:
  CivetServer(const HttpServerOptions& options, HttpHandler handler)
      : options_(options),
        handler_(std::move(handler)),
        connections_(options.threads, PatienceOf(options)),
        request_id_seed_((uint64_t{std::random_device()()} << 32) | std::random_device()()) {}
  ~CivetServer() override { Stop(0); }

  absl::Status Listen(const HttpAddress& address);
  int port() const override { return port_; }
  void Stop(int drain_ms) override;

 private:
  // A request from its head to the last byte of its answer.
  class InFlight {
   public:
    explicit InFlight(CivetServer* server) : server_(server) { ++server_->in_flight_; }
    ~InFlight() {
      if (--server_->in_flight_ > 0 || !server_->stopping_) return;
      std::lock_guard<std::mutex> lock(server_->drain_mutex_);
      server_->drained_.notify_all();
    }
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;

   private:
    CivetServer* const server_;
  };

  static CivetServer* Of(const mg_connection* connection) {
    return static_cast<CivetServer*>(mg_get_user_data(mg_get_context(connection)));
  }
  static int OnRequest(mg_connection* connection) { return Of(connection)->Serve(connection); }
  static int OnError(mg_connection* connection, int status, const char* message) {
    Of(connection)->RefuseUnread(connection, status, message);
    return 0;
  }
  // What CivetWeb first says on this thread, as why it does not start, is kept; the rest is
  // dropped.
  static std::string& FirstLog() {
    thread_local std::string first;
    return first;
  }
  static int OnLog(const mg_connection*, const char* message) {
    if (FirstLog().empty()) FirstLog() = message;
    return 1;
  }
  static int OnOpen(const mg_connection* connection, void** own) {
    *own = Of(connection)->connections_.Add();
    return 0;
  }
  static void OnClose(const mg_connection* connection);
  static HttpConnection* Own(const mg_connection* connection) {
    return static_cast<HttpConnection*>(mg_get_user_connection_data(connection));
  }

  void RefuseUnread(mg_connection* connection, int status, std::string_view message);

  int Serve(mg_connection* connection);
  int Answer(mg_connection* connection, HttpRequest* request, const HttpFraming& framing);
  int Refuse(mg_connection* connection, const HttpRequest& request, const HttpRefusal& refusal);
  int Finish(mg_connection* connection, const HttpRequest& request, const HttpResponse& response,
             bool keep_alive);
  void Drain(mg_connection* connection);
  void Stream(mg_connection* connection, const HttpRequest& request, const HttpResponse& response);
  HttpStreamEnd WriteParts(mg_connection* connection, std::string_view bytes);
  std::string RequestIdOf(const HttpRequest& request);

  const HttpServerOptions options_;
  const HttpHandler handler_;
  HttpConnections connections_;
  const uint64_t request_id_seed_;
  std::atomic<uint64_t> request_ids_{0};
  std::atomic<int> in_flight_{0};
  std::atomic<int64_t> large_body_bytes_{0};
  std::atomic<bool> stopping_{false};
  std::mutex drain_mutex_;
  std::condition_variable drained_;
  std::mutex stop_mutex_;
  mg_context* context_ = nullptr;  // guarded by stop_mutex_ once started
  int port_ = 0;
};

absl::Status CivetServer::Listen(const HttpAddress& address) {
  LinkWorkerStacks();
  static std::once_flag once;
  std::call_once(once, [] { mg_init_library(MG_FEATURES_DEFAULT); });
  const std::string listen = Concat(address.host, ":", address.port);
  const std::string threads = Concat(options_.threads);
  const std::string keep_alive_ms = Concat(options_.keep_alive_timeout_ms);
  const std::string request_ms = Concat(options_.request_timeout_ms);
  const std::string queue = Concat(kHttpConnectionQueue);
  // No document_root, so there is nothing to serve; and begin_request answers all there is anyway.
  const char* settings[] = {
      "listening_ports", listen.c_str(), "num_threads", threads.c_str(), "enable_keep_alive", "yes",
      "keep_alive_timeout_ms", keep_alive_ms.c_str(), "request_timeout_ms", request_ms.c_str(),
      "tcp_nodelay", "1", "decode_url", "no", "max_request_size", kHeadBytesMax, "connection_queue",
      queue.c_str(), "listen_backlog", kListenBacklog, "enable_directory_listing", "no",
      "enable_auth_domain_check", "no",
      // Empty, or CivetWeb answers preflights by itself, and with "*".
      "access_control_allow_origin", "", "access_control_allow_methods", "",
      "access_control_allow_headers", "", nullptr};
  mg_callbacks callbacks{};
  callbacks.begin_request = &CivetServer::OnRequest;
  callbacks.http_error = &CivetServer::OnError;
  callbacks.init_connection = &CivetServer::OnOpen;
  callbacks.connection_close = &CivetServer::OnClose;
  callbacks.log_message = &CivetServer::OnLog;
  // No log_access: with neither it nor a file CivetWeb does not even put the line together.
  char text[256] = "";
  unsigned code = 0;
  mg_init_data init{&callbacks, this, settings};
  mg_error_data error{&code, text, sizeof(text)};
  FirstLog().clear();
  context_ = mg_start2(&init, &error);
  if (context_ == nullptr) {
    return absl::UnavailableError(Concat("cannot listen at ", listen, ": ", text, ": ", FirstLog(),
                                         "; port 0 takes one that is free"));
  }
  mg_server_port ports[1]{};
  if (mg_get_server_ports(context_, 1, ports) == 1) port_ = ports[0].port;
  connections_.Start(static_cast<uint16_t>(port_));
  return absl::OkStatus();
}

void CivetServer::Stop(int drain_ms) {
  std::lock_guard<std::mutex> stop_lock(stop_mutex_);
  if (context_ == nullptr) return;
  stopping_ = true;
  {
    std::unique_lock<std::mutex> lock(drain_mutex_);
    drained_.wait_for(lock, std::chrono::milliseconds(drain_ms),
                      [this] { return in_flight_ == 0; });
  }
  // Wakes the threads that wait for a next request; by itself CivetWeb looks up every two seconds.
  EndReadingAll(static_cast<uint16_t>(port_));
  mg_stop(context_);
  context_ = nullptr;
}

// CivetWeb's own errors: heads that it cannot read. What the connection's request info holds then
// may be the request before, so nothing but its ends is taken from it.
void CivetServer::RefuseUnread(mg_connection* connection, int status, std::string_view message) {
  HttpConnection* const own = Own(connection);
  own->refused = true;
  const bool first = !own->named;
  if (first) connections_.Name(own, KeyOf(*mg_get_request_info(connection)));
  HttpRefusal refusal =
      MalformedRequest(Concat("the request could not be read: ", message,
                              " (request line and headers: at most ", kHeadBytesMax, " bytes)"));
  const int limit_ms = first ? options_.request_timeout_ms : options_.keep_alive_timeout_ms;
  if (message == kUnreadable && (own->ended() || own->elapsed_ms() >= limit_ms)) {
    refusal = {408, "malformed", "Request timeout", "the request's head did not come in time"};
  } else if (status == 505) {
    refusal.status = 505;
  } else if (status == 500) {
    refusal = {503, "overloaded", "Overloaded", "the server could not take the request"};
  }
  mg_disable_connection_keep_alive(connection);
  const HttpResponse response = RefusalAnswer(refusal, RequestIdOf(HttpRequest()));
  own->Begin(HttpDoing::kWriting, options_.request_timeout_ms);
  Write(connection, SerializeAnswer(response, "", /*keep_alive=*/false));
  // Too long, most likely: the rest of it, unread, would make our kernel throw the answer away.
  if (refusal.status != 400 || message != kUnreadable) return;
  DrainConnection(KeyOf(*mg_get_request_info(connection)), kDrainMs, kDrainBytesMax);
}

// Before the socket is closed. A target that is for nobody here ("*", another port) has come this
// far unseen: CivetWeb reads the request, and leaves.
void CivetServer::OnClose(const mg_connection* connection) {
  HttpConnection* const own = Own(connection);
  CivetServer* const server = Of(connection);
  const mg_request_info* const info = mg_get_request_info(connection);
  if (!own->refused && info != nullptr && info->request_uri != nullptr &&
      info->local_uri == nullptr) {
    HttpRequest request = MakeRequest(*info, server->options_.admin_listener);
    // Reading and writing are allowed until this returns.
    server->Refuse(const_cast<mg_connection*>(connection), request,
                   MalformedRequest("the request is for no resource of this server"));
  }
  server->connections_.Remove(own);
}

std::string CivetServer::RequestIdOf(const HttpRequest& request) {
  const std::string* sent = request.FindHeader("X-Request-Id");
  if (sent != nullptr && IsRequestId(*sent)) return *sent;
  return absl::StrFormat("%016x-%x", request_id_seed_, ++request_ids_);
}

int CivetServer::Serve(mg_connection* connection) {
  const InFlight in_flight(this);
  const mg_request_info& info = *mg_get_request_info(connection);
  HttpConnection* const own = Own(connection);
  own->Begin(HttpDoing::kAnswering, 0);
  if (!own->named) connections_.Name(own, KeyOf(info));
  HttpRequest request = MakeRequest(info, options_.admin_listener);
  HttpFraming framing;
  if (!IsStrictlyLaidOut(info)) {
    return Refuse(connection, request, MalformedRequest("the request's head is not well-formed"));
  }
  if (const auto refusal = CheckFraming(request, info.http_version, MG_MAX_HEADERS, &framing)) {
    return Refuse(connection, request, *refusal);
  }
  if (stopping_) {
    return Refuse(connection, request, {503, "overloaded", "Overloaded", "the server is stopping"});
  }
  return Answer(connection, &request, framing);
}

int CivetServer::Answer(mg_connection* connection, HttpRequest* request,
                        const HttpFraming& framing) {
  HttpConnection* const own = Own(connection);
  const bool has_body = framing.chunked || framing.content_length > 0;
  const bool is_batch = request->path.size() >= 6 &&
                        request->path.compare(request->path.size() - 6, 6, ":batch") == 0;
  const int64_t bytes_max = is_batch ? options_.batch_body_bytes_max : options_.body_bytes_max;
  bool may_drain = true;
  BodyRoom room(&large_body_bytes_, options_.large_body_bytes_max);
  if (has_body) {
    own->Begin(HttpDoing::kReading, options_.body_deadline_ms);
    if (framing.expects_continue) {
      // Without the invitation a client that waits for it sends nothing that could be drained.
      may_drain = framing.content_length <= bytes_max;
      if (may_drain) Write(connection, "HTTP/1.1 100 Continue\r\n\r\n");
    }
    const BodyOutcome outcome = ReadBody(connection, framing, bytes_max, &room, &request->body);
    if (outcome == BodyOutcome::kNoRoom) {
      request->body = std::string();
      return Refuse(connection, *request,
                    {503, "overloaded", "Overloaded", "too many large bodies at a time"});
    }
    if (outcome == BodyOutcome::kBroken) {
      if (own->ended() || own->elapsed_ms() >= options_.request_timeout_ms) {
        return Refuse(connection, *request,
                      {408, "malformed", "Request timeout", "the body did not come in time"});
      }
      return Refuse(connection, *request,
                    MalformedRequest("the body ended early or its chunks are not well-formed"));
    }
    request->body_too_large = outcome == BodyOutcome::kTooLarge;
    own->Begin(HttpDoing::kAnswering, 0);
  }
  if (request->body_too_large) request->body.clear();
  const HttpResponse response = handler_(*request);
  const bool keep_alive = framing.keep_alive && !request->body_too_large &&
                          !response.close_connection && !stopping_ && !own->ended();
  const int status = Finish(connection, *request, response, keep_alive);
  if (request->body_too_large && may_drain) Drain(connection);
  return status;
}

int CivetServer::Refuse(mg_connection* connection, const HttpRequest& request,
                        const HttpRefusal& refusal) {
  HttpResponse response = RefusalAnswer(refusal, RequestIdOf(request));
  if (refusal.status == 503) {
    response.headers.emplace_back("Retry-After", kOverloadedRetryAfterSeconds);
  }
  const int status = Finish(connection, request, response, /*keep_alive=*/false);
  if (refusal.status != 408) Drain(connection);
  return status;
}

int CivetServer::Finish(mg_connection* connection, const HttpRequest& request,
                        const HttpResponse& response, bool keep_alive) {
  if (response.stream != nullptr) {
    Stream(connection, request, response);
    return response.status;
  }
  // Also keeps CivetWeb from reading the rest of the body without end.
  if (!keep_alive) mg_disable_connection_keep_alive(connection);
  HttpConnection* const own = Own(connection);
  const std::string answer = SerializeAnswer(response, request.method, keep_alive);
  own->Begin(HttpDoing::kWriting, options_.request_timeout_ms);
  Write(connection, answer);
  own->Begin(HttpDoing::kWaiting, 0);
  return response.status;
}

void CivetServer::Stream(mg_connection* connection, const HttpRequest& request,
                         const HttpResponse& response) {
  mg_disable_connection_keep_alive(connection);
  const mg_request_info& info = *mg_get_request_info(connection);
  const bool chunked = std::strcmp(info.http_version, "1.0") != 0;
  LimitUnacknowledged(KeyOf(info), kUnacknowledgedMs);
  const HttpStreamEnd head = WriteParts(connection, SerializeStreamHead(response, chunked));
  if (request.method == "HEAD") return;
  if (head != HttpStreamEnd::kWhole) return response.stream->ended(head);
  SendStream(*response.stream, chunked,
             [&](std::string_view bytes) { return WriteParts(connection, bytes); });
}

HttpStreamEnd CivetServer::WriteParts(mg_connection* connection, std::string_view bytes) {
  HttpConnection* const own = Own(connection);
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, kStreamWriteBytes);
    own->Begin(HttpDoing::kWriting, options_.stream_deadline_ms);
    if (mg_write(connection, part.data(), part.size()) != static_cast<int>(part.size())) {
      // CivetWeb gives up by itself after request_timeout without a byte.
      const bool late = own->ended() || own->elapsed_ms() >= options_.request_timeout_ms;
      return late ? HttpStreamEnd::kTooSlow : HttpStreamEnd::kGone;
    }
    bytes.remove_prefix(part.size());
  }
  own->Begin(HttpDoing::kAnswering, 0);
  return HttpStreamEnd::kWhole;
}

void CivetServer::Drain(mg_connection* connection) {
  Own(connection)->Begin(HttpDoing::kReading, kDrainMs);
  std::string scratch(kReadBytes, '\0');
  for (int64_t drained = 0; drained < kDrainBytesMax;) {
    const int got = mg_read(connection, scratch.data(), scratch.size());
    if (got <= 0) return;
    drained += got;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options,
                                                              HttpHandler handler) {
  const absl::StatusOr<HttpAddress> address = ParseHttpAddress(options.listen);
  if (!address.ok()) return address.status();
  auto server = std::make_unique<CivetServer>(options, std::move(handler));
  if (absl::Status status = server->Listen(*address); !status.ok()) return status;
  return server;
}

}  // namespace purser::api
