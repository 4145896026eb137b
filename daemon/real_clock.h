#ifndef PURSER_DAEMON_REAL_CLOCK_H_
#define PURSER_DAEMON_REAL_CLOCK_H_

#include <cstdint>

#include "daemon/clock.h"

namespace purser {

// The machine's wall clock (CLOCK_REALTIME): steps back when somebody sets it. Thread-safe.
class RealClock : public Clock {
 public:
  int64_t NowMicros() override;
};

}  // namespace purser

#endif  // PURSER_DAEMON_REAL_CLOCK_H_
