#ifndef PURSER_API_HTTP_SERVER_SOCKETS_H_
#define PURSER_API_HTTP_SERVER_SOCKETS_H_

// Reaches the sockets that CivetWeb keeps to itself: this process's open files are listed, and
// those bound to a port picked out. Slow (a system call or two for each open file), so only for
// what is rare: a client that is late, a server without a thread to spare, and its end.
// Thread-safe; the caller makes sure that a socket it was given stays open meanwhile, so that no
// number is taken by another file.
#include <compare>
#include <cstdint>
#include <vector>

namespace purser::api {

// Both ends of a connection, IPv4, in host byte order.
struct HttpConnectionKey {
  uint16_t local_port = 0;
  uint32_t peer_address = 0;
  uint16_t peer_port = 0;

  friend auto operator<=>(const HttpConnectionKey&, const HttpConnectionKey&) = default;
};

struct HttpSocket {
  HttpConnectionKey key;
  int socket = -1;
};

struct HttpSockets {
  int listening = -1;  // -1: none
  std::vector<HttpSocket> connected;
};

// Every socket of this process that is bound to the port.
HttpSockets FindHttpSockets(uint16_t local_port);

// Something is there to be read, or to be accepted.
bool HasInput(int socket);

// No more is read from the connection: a blocked read returns at once, what has come before is
// still read. It can still be written.
void EndReading(int socket);
void EndBoth(int socket);
// A peer that acknowledges nothing for `limit_ms`, as one without power, is given up (RFC 5482).
// Only the connection's own thread may.
void LimitUnacknowledged(const HttpConnectionKey& key, int limit_ms);
// EndReading for every socket bound to the port, the listening one included: nobody new gets in.
void EndReadingAll(uint16_t local_port);

// Ends the writing side of a connection, reads and forgets what comes until the peer ends too, or
// to a limit: closing at once would make our kernel throw away what was just written. Only the
// connection's own thread may.
void DrainConnection(const HttpConnectionKey& key, int limit_ms, int64_t bytes_max);

}  // namespace purser::api

#endif  // PURSER_API_HTTP_SERVER_SOCKETS_H_
