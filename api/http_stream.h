#ifndef PURSER_API_HTTP_STREAM_H_
#define PURSER_API_HTTP_STREAM_H_

// An answer whose body is made while it is sent, a piece at a time: the server asks for the next
// piece when the one before has gone, so that a slow reader makes nothing pile up. Values like the
// rest of http.h: a test takes the pieces itself.
#include <functional>
#include <string>
#include <string_view>

namespace purser::api {

enum class HttpStreamEnd {
  kWhole,    // the maker had no more
  kGone,     // the client went away, or the server stopped
  kTooSlow,  // the client took nothing for too long
};

// All are called by one thread, the server's for this connection, and must not throw.
struct HttpStream {
  // Appends the next piece to an empty `piece`; may wait for it, and is woken when the daemon
  // stops. False: there is no more.
  std::function<bool(std::string* piece)> next;
  // Once, when nothing more is asked for.
  std::function<void(HttpStreamEnd end)> ended;
  // Asked when there is no more: false, the maker broke off, and the client is to see that: the
  // last chunk is not sent. Empty: it never does.
  std::function<bool()> is_whole = {};
};

// Sends all of it through `write`, which says whether a piece went out, and why not. Chunked as
// HTTP/1.1 has it, or bare, up to the end of the connection, for HTTP/1.0. What was left of a piece
// that did not go out is not tried again.
void SendStream(const HttpStream& stream, bool chunked,
                const std::function<HttpStreamEnd(std::string_view bytes)>& write);

}  // namespace purser::api

#endif  // PURSER_API_HTTP_STREAM_H_
