#ifndef PURSER_DAEMON_CLOCK_H_
#define PURSER_DAEMON_CLOCK_H_

// What time it is, in microseconds since 1970-01-01T00:00:00Z (Unix time, no leap seconds). One of
// the three interfaces of the house: nothing below daemon reads a clock, times come in with the
// commands.
#include <atomic>
#include <cstdint>

namespace purser {

// Thread-safe. May step back, as a machine's clock does when it is set: the writer takes
// max(clock, last), nobody else may rely on order.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t NowMicros() = 0;
};

// A clock that stands still until it is told otherwise: for tests, the simulator and --test-clock.
// Thread-safe.
class TestClock : public Clock {
 public:
  explicit TestClock(int64_t now_micros) : now_micros_(now_micros) {}

  int64_t NowMicros() override { return now_micros_.load(std::memory_order_acquire); }
  // May set it back.
  void Set(int64_t now_micros) { now_micros_.store(now_micros, std::memory_order_release); }
  // What it then is.
  int64_t Advance(int64_t micros) {
    return now_micros_.fetch_add(micros, std::memory_order_acq_rel) + micros;
  }
  // False when it is later already.
  bool AdvanceTo(int64_t now_micros) {
    int64_t before = now_micros_.load(std::memory_order_acquire);
    while (before <= now_micros) {
      if (now_micros_.compare_exchange_weak(before, now_micros, std::memory_order_acq_rel)) {
        return true;
      }
    }
    return false;
  }

 private:
  std::atomic<int64_t> now_micros_;
};

}  // namespace purser

#endif  // PURSER_DAEMON_CLOCK_H_
