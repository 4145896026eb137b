#include "tests/end_to_end/exchange_log.h"

#include <cstdlib>
#include <fstream>
#include <mutex>

#include "absl/strings/escaping.h"
#include "ledger/text.h"

namespace purser {
namespace {

std::string Quoted(std::string_view text) {
  return Concat("\"", absl::Base64Escape(ToAbsl(text)), "\"");
}

// nullptr where nobody asked for a log.
std::ofstream* OpenLog() {
  // Before any thread of the test changes the environment. NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* const path = std::getenv("PURSER_EXCHANGES");
  return path == nullptr ? nullptr : new std::ofstream(path, std::ios::trunc);
}

}  // namespace

void LogExchange(std::string_view method, std::string_view target,
                 const std::map<std::string, std::string>& headers, std::string_view body,
                 const api::RawAnswer& answer) {
  static std::ofstream* const log = OpenLog();
  if (log == nullptr) return;
  std::string line =
      Concat("{\"method\":\"", method, "\",\"target\":", Quoted(target), ",\"headers\":{");
  bool first = true;
  for (const auto& [name, value] : headers) {
    line += Concat(first ? "\"" : ",\"", name, "\":", Quoted(value));
    first = false;
  }
  line += Concat("},\"body\":", Quoted(body), ",\"status\":", answer.status,
                 ",\"head\":", Quoted(answer.head), ",\"answer\":", Quoted(answer.body), "}\n");
  static auto* const mutex = new std::mutex;
  static auto* const last = new std::string;
  const std::lock_guard<std::mutex> lock(*mutex);
  // Whoever waits for something asks again and again, and hears the same.
  std::string asked = Concat(method, " ", target, answer.status, answer.body);
  if (method == "GET" && asked == *last) return;
  *last = std::move(asked);
  *log << line << std::flush;
}

}  // namespace purser
