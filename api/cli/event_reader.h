#ifndef PURSER_API_CLI_EVENT_READER_H_
#define PURSER_API_CLI_EVENT_READER_H_

// Server-sent events out of the pieces in which they come (WHATWG HTML, 9.2.6; only what the daemon
// sends of it: `id`, one line of `data`, comments). Thread-compatible.
#include <functional>
#include <string>
#include <string_view>

namespace purser::cli {

class EventReader {
 public:
  // `take` is given each event that has data; false from it ends the reading.
  using Take = std::function<bool(const std::string& id, const std::string& data)>;
  explicit EventReader(Take take) : take_(std::move(take)) {}

  // False when `take` said so, or when a line is longer than any that the daemon sends.
  bool Feed(std::string_view bytes);

 private:
  bool ReadLine(std::string_view line);

  const Take take_;
  std::string rest_;  // of a line whose end has not come yet
  std::string id_;
  std::string data_;
};

}  // namespace purser::cli

#endif  // PURSER_API_CLI_EVENT_READER_H_
