#ifndef PURSER_TESTS_HTTP_EVENT_CLIENT_H_
#define PURSER_TESTS_HTTP_EVENT_CLIENT_H_

// A client of server-sent events, written apart from the daemon's own code.
#include <cstdint>
#include <optional>
#include <string>

#include "tests/http/raw_client.h"

namespace purser {

struct ServerEvent {
  uint64_t id = 0;
  std::string data;
};

// Thread-compatible.
class EventClient {
 public:
  // Asks for `path` and reads the head; `headers` are whole lines, each with its end.
  EventClient(int port, const std::string& path, const std::string& headers = "");

  int status() const { return answer_.status; }
  const api::RawAnswer& answer() const { return answer_; }
  // The next event; comments are passed over and counted. nullopt: the stream ended.
  std::optional<ServerEvent> Next();
  int comments() const { return comments_; }
  // Whether the last chunk came: the server ended the stream, the connection did not break.
  bool ended_whole() const { return ended_whole_; }
  void Abort() { client_.Abort(); }

 private:
  bool ReadChunk();
  bool TakeEvent(ServerEvent* event);

  api::RawClient client_;
  api::RawAnswer answer_;
  std::string bytes_;  // as they came
  std::string text_;   // of the chunks, not yet taken
  int comments_ = 0;
  bool ended_whole_ = false;
};

}  // namespace purser

#endif  // PURSER_TESTS_HTTP_EVENT_CLIENT_H_
