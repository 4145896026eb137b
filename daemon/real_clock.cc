#include "daemon/real_clock.h"

#include <ctime>

#include "ledger/check.h"

namespace purser {

int64_t RealClock::NowMicros() {
  timespec now{};
  PURSER_CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0, "the wall clock can be read");
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace purser
