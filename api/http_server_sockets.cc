#include "api/http_server_sockets.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>

namespace purser::api {
namespace {

// -1 for what is no number.
int FileOf(const dirent& entry) {
  int file = -1;
  std::from_chars(entry.d_name, entry.d_name + std::strlen(entry.d_name), file);
  return file;
}

// False for what is no IPv4 socket, or none that is bound.
bool LocalPort(int file, uint16_t* port) {
  sockaddr_in address{};
  socklen_t length = sizeof(address);
  if (getsockname(file, reinterpret_cast<sockaddr*>(&address), &length) != 0) return false;
  *port = ntohs(address.sin_port);
  return address.sin_family == AF_INET;
}

// False when the socket is not connected.
bool Peer(int socket, HttpConnectionKey* key) {
  sockaddr_in peer{};
  socklen_t length = sizeof(peer);
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &length) != 0) return false;
  key->peer_address = ntohl(peer.sin_addr.s_addr);
  key->peer_port = ntohs(peer.sin_port);
  return true;
}

bool Listens(int socket) {
  int listens = 0;
  socklen_t length = sizeof(listens);
  return getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0 && listens != 0;
}

}  // namespace

HttpSockets FindHttpSockets(uint16_t local_port) {
  HttpSockets found;
  DIR* const directory = opendir("/proc/self/fd");
  if (directory == nullptr) return found;
  // The stream is this call's alone. NOLINTNEXTLINE(concurrency-mt-unsafe)
  while (const dirent* entry = readdir(directory)) {
    const int file = FileOf(*entry);
    HttpConnectionKey key;
    if (file < 0 || !LocalPort(file, &key.local_port) || key.local_port != local_port) continue;
    if (Peer(file, &key)) {
      found.connected.push_back({key, file});
    } else if (Listens(file)) {
      found.listening = file;
    }
  }
  closedir(directory);
  return found;
}

bool HasInput(int socket) {
  pollfd waiting{socket, POLLIN, 0};
  return poll(&waiting, 1, 0) > 0;
}

void EndReading(int socket) { shutdown(socket, SHUT_RD); }

void EndBoth(int socket) { shutdown(socket, SHUT_RDWR); }

void LimitUnacknowledged(const HttpConnectionKey& key, int limit_ms) {
  const auto limit = static_cast<unsigned>(limit_ms);
  for (const HttpSocket& each : FindHttpSockets(key.local_port).connected) {
    if (!(each.key == key)) continue;
    setsockopt(each.socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof(limit));
  }
}

void EndReadingAll(uint16_t local_port) {
  const HttpSockets found = FindHttpSockets(local_port);
  if (found.listening >= 0) EndReading(found.listening);
  for (const HttpSocket& each : found.connected) EndReading(each.socket);
}

void DrainConnection(const HttpConnectionKey& key, int limit_ms, int64_t bytes_max) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + std::chrono::milliseconds(limit_ms);
  const HttpSockets found = FindHttpSockets(key.local_port);
  const auto own = std::find_if(found.connected.begin(), found.connected.end(),
                                [&key](const HttpSocket& each) { return each.key == key; });
  if (own == found.connected.end()) return;
  shutdown(own->socket, SHUT_WR);
  char scratch[4096];
  for (int64_t drained = 0; drained < bytes_max;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    pollfd waiting{own->socket, POLLIN, 0};
    if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return;
    const ssize_t got = recv(own->socket, scratch, sizeof(scratch), MSG_DONTWAIT);
    if (got <= 0) return;
    drained += got;
  }
}

}  // namespace purser::api
