#ifndef PURSER_TESTS_BENCHMARKS_BEST_ROUND_H_
#define PURSER_TESTS_BENCHMARKS_BEST_ROUND_H_

// What is measured on one thread, without a disk. Thread-compatible.
#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "daemon/memory_store.h"

namespace purser {

// The least that a round of something took, for each of its `operations`, in microseconds.
class Best {
 public:
  explicit Best(int operations) : operations_(operations) {}
  template <typename Work>
  void Time(Work work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    best_ = std::min(best_, took.count() / operations_);
  }
  double best() const { return best_; }

 private:
  const int operations_;
  double best_ = std::numeric_limits<double>::max();
};

// Says that all is durable, and forgets it.
class Discard : public JournalStore {
 public:
  Appended Append(uint64_t, const std::vector<Row>&) override { return Appended::kDurable; }
  uint64_t GroupCount() const override { return 0; }
  std::unique_ptr<StoreSnapshot> TakeSnapshot() override { return empty_.TakeSnapshot(); }
  absl::Status Probe() override { return absl::OkStatus(); }
  absl::Status Reopen() override { return absl::OkStatus(); }
  std::string LastError() const override { return ""; }

 private:
  MemoryStore empty_;
};

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_BEST_ROUND_H_
