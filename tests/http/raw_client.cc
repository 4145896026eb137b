#include "tests/http/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace purser::api {

bool RawAnswer::Has(std::string_view header_line) const {
  return ("\r\n" + head + "\r\n").find("\r\n" + std::string(header_line) + "\r\n") !=
         std::string::npos;
}

RawClient::RawClient(int port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  const timeval limit{20, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) Abort();
}

RawClient::~RawClient() { Abort(); }

void RawClient::Abort() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

void RawClient::EndSending() { shutdown(socket_, SHUT_WR); }

void RawClient::Reset() {
  const linger at_once{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  Abort();
}

bool RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawClient::Fill() {
  char bytes[4096];
  const ssize_t got = recv(socket_, bytes, sizeof(bytes), 0);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<size_t>(got));
  return true;
}

std::optional<RawAnswer> RawClient::Read(bool with_body) {
  size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return std::nullopt;
  }
  RawAnswer answer;
  answer.head = buffer_.substr(0, end);
  buffer_.erase(0, end + 4);
  answer.status =
      static_cast<int>(std::strtol(answer.head.c_str() + answer.head.find(' ') + 1, nullptr, 10));
  const size_t length_at = answer.head.find("Content-Length: ");
  const size_t length = !with_body || length_at == std::string::npos
                            ? 0
                            : std::strtoull(answer.head.c_str() + length_at + 16, nullptr, 10);
  while (buffer_.size() < length) {
    if (!Fill()) return std::nullopt;
  }
  answer.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return answer;
}

std::string RawClient::ReadSome() {
  if (buffer_.empty()) Fill();
  return std::exchange(buffer_, std::string());
}

bool RawClient::Readable(int milliseconds) {
  pollfd waiting{socket_, POLLIN, 0};
  return !buffer_.empty() || poll(&waiting, 1, milliseconds) > 0;
}

bool RawClient::AtEnd() { return buffer_.empty() && !Fill() && buffer_.empty(); }

std::optional<RawAnswer> Exchange(int port, std::string_view request, bool with_body) {
  RawClient client(port);
  client.Send(request);
  return client.Read(with_body);
}

}  // namespace purser::api
