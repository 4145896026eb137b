#include "tests/http/event_client.h"

#include <cstdlib>

#include "ledger/text.h"

namespace purser {

EventClient::EventClient(int port, const std::string& path, const std::string& headers)
    : client_(port) {
  client_.Send(Concat("GET ", path, " HTTP/1.1\r\nHost: localhost\r\n", headers, "\r\n"));
  answer_ = client_.Read().value_or(api::RawAnswer());
}

bool EventClient::ReadChunk() {
  while (true) {
    const size_t line = bytes_.find("\r\n");
    if (line != std::string::npos) {
      const size_t size = std::strtoull(bytes_.c_str(), nullptr, 16);
      if (bytes_.size() >= line + 2 + size + 2) {
        text_ += bytes_.substr(line + 2, size);
        bytes_.erase(0, line + 2 + size + 2);
        ended_whole_ = size == 0;
        return size > 0;
      }
    }
    const std::string more = client_.ReadSome();
    if (more.empty()) return false;
    bytes_ += more;
  }
}

bool EventClient::TakeEvent(ServerEvent* event) {
  const size_t end = text_.find("\n\n");
  if (end == std::string::npos) return false;
  const std::string block = text_.substr(0, end + 1);
  text_.erase(0, end + 2);
  *event = {};
  for (size_t at = 0; at < block.size();) {
    const size_t stop = block.find('\n', at);
    const std::string line = block.substr(at, stop - at);
    if (line.rfind("id: ", 0) == 0) event->id = std::strtoull(line.c_str() + 4, nullptr, 10);
    if (line.rfind("data: ", 0) == 0) event->data = line.substr(6);
    if (line.rfind(':', 0) == 0) ++comments_;
    at = stop + 1;
  }
  return true;
}

std::optional<ServerEvent> EventClient::Next() {
  ServerEvent event;
  while (true) {
    while (TakeEvent(&event)) {
      if (!event.data.empty()) return event;
    }
    if (!ReadChunk()) return std::nullopt;
  }
}

}  // namespace purser
