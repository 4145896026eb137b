#ifndef PURSER_TESTS_HTTP_RAW_CLIENT_H_
#define PURSER_TESTS_HTTP_RAW_CLIENT_H_

// A client that sends exactly the bytes it is told to, so that tests can be as rude as the world
// is.
#include <optional>
#include <string>
#include <string_view>

namespace purser::api {

struct RawAnswer {
  int status = 0;
  std::string head;  // status line and headers, without the empty line
  std::string body;

  bool Has(std::string_view header_line) const;
};

// Thread-compatible. Every read gives up after 20 s: a test fails then instead of hanging.
class RawClient {
 public:
  explicit RawClient(int port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False when the server is gone.
  bool Send(std::string_view bytes);
  // The next answer; `with_body` false for HEAD. nullopt when the connection ended before one came.
  std::optional<RawAnswer> Read(bool with_body = true);
  // Whatever comes next, without looking at it; "" when the connection ended.
  std::string ReadSome();
  // Waits at most `milliseconds` for something to read.
  bool Readable(int milliseconds);
  // True when the server has closed and nothing is left to read.
  bool AtEnd();
  // Sends no more, but reads.
  void EndSending();
  // Closes without reading what may be left, as a client that dies does.
  void Abort();
  // The same, without a word to the other side but a reset.
  void Reset();

 private:
  bool Fill();

  int socket_;
  std::string buffer_;
};

// One request on a connection of its own.
std::optional<RawAnswer> Exchange(int port, std::string_view request, bool with_body = true);

}  // namespace purser::api

#endif  // PURSER_TESTS_HTTP_RAW_CLIENT_H_
