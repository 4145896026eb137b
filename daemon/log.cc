#include "daemon/log.h"

#include <unistd.h>

#include <algorithm>

#include "absl/time/time.h"
#include "daemon/real_clock.h"
#include "ledger/text.h"

namespace purser {

void Log(const std::string& text) {
  std::string line =
      "time=" +
      absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::FromUnixMicros(RealClock().NowMicros()),
                       absl::UTCTimeZone()) +
      " " + text;
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
  line += '\n';
  // One write a line: lines of several threads do not mix. A log that cannot be written stops
  // nothing.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace purser
