#ifndef PURSER_API_HTTP_SERVER_SOCKETS_H_
#define PURSER_API_HTTP_SERVER_SOCKETS_H_

// Reaches the sockets that CivetWeb keeps to itself, by their addresses: this process's open
// sockets are listed and compared. Slow (a system call or two for each open file), so only for what
// is rare: a body that is late, and the end of the server. Thread-safe.
#include <cstdint>
#include <vector>

namespace purser::api {

// Both ends of a connection, IPv4, in host byte order.
struct HttpConnectionKey {
  uint16_t local_port = 0;
  uint32_t peer_address = 0;
  uint16_t peer_port = 0;

  friend bool operator==(const HttpConnectionKey&, const HttpConnectionKey&) = default;
};

// No more is read from these connections: a blocked read returns at once. They can still be
// written. The caller makes sure that they stay open meanwhile, so that no number is taken by
// another file.
void EndReading(const std::vector<HttpConnectionKey>& connections);

// The same for every socket bound to the port, the listening one included: nobody new gets in.
void EndReadingAll(uint16_t local_port);

}  // namespace purser::api

#endif  // PURSER_API_HTTP_SERVER_SOCKETS_H_
