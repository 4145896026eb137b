#include "api/http_server_sockets.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>

namespace purser::api {
namespace {

// Every open file of the process that is an IPv4 socket bound to `port` (0: to any).
std::vector<int> BoundSockets(uint16_t port) {
  std::vector<int> sockets;
  DIR* const directory = opendir("/proc/self/fd");
  if (directory == nullptr) return sockets;
  while (const dirent* entry = readdir(directory)) {
    const int file = std::atoi(entry->d_name);  // "." and ".." become 0, which is no socket of ours
    sockaddr_in address{};
    socklen_t length = sizeof(address);
    if (getsockname(file, reinterpret_cast<sockaddr*>(&address), &length) != 0) continue;
    if (address.sin_family != AF_INET) continue;
    if (port == 0 || ntohs(address.sin_port) == port) sockets.push_back(file);
  }
  closedir(directory);
  return sockets;
}

// False when the socket is not connected.
bool KeyOf(int socket, HttpConnectionKey* key) {
  sockaddr_in local{};
  sockaddr_in peer{};
  socklen_t local_length = sizeof(local);
  socklen_t peer_length = sizeof(peer);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&local), &local_length) != 0) return false;
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &peer_length) != 0) return false;
  *key = {ntohs(local.sin_port), ntohl(peer.sin_addr.s_addr), ntohs(peer.sin_port)};
  return true;
}

}  // namespace

void EndReading(const std::vector<HttpConnectionKey>& connections) {
  if (connections.empty()) return;
  for (int socket : BoundSockets(0)) {
    HttpConnectionKey key;
    if (!KeyOf(socket, &key)) continue;
    if (std::find(connections.begin(), connections.end(), key) != connections.end()) {
      shutdown(socket, SHUT_RD);
    }
  }
}

void EndReadingAll(uint16_t local_port) {
  for (int socket : BoundSockets(local_port)) shutdown(socket, SHUT_RD);
}

}  // namespace purser::api
