#ifndef PURSER_TESTS_SUBJECT_BREAKABLE_STORE_H_
#define PURSER_TESTS_SUBJECT_BREAKABLE_STORE_H_

// A journal store whose faults and power switch are in the test's hands: one in memory, here, and
// the real one on a simulated disk (tests/simulator/breakable_rocks_store.h). Thread-compatible.
#include <cstdint>
#include <memory>
#include <string>

#include "daemon/memory_store.h"

namespace purser {

class BreakableStore {
 public:
  virtual ~BreakableStore() = default;

  virtual JournalStore& journal() = 0;
  // The next Append of rows is not confirmed: in which manner (0, 1, or the refusal 2) is the
  // store's to interpret. Returns the manner in words.
  virtual std::string BreakNextAppend(uint64_t manner) = 0;
  // Whether the fault may meet work that the store does by itself, and the Append go well.
  virtual bool WorksByItself() const { return false; }
  // The next `count` reopenings may fail.
  virtual void BreakReopens(int count) = 0;
  // Power failure: everything that was not durable is gone, the store is closed. No snapshot may be
  // held.
  virtual void Crash() = 0;
  // Called between two steps: what befalls the store without anybody's doing, in words; "" nothing.
  virtual std::string Befall() { return ""; }
};

class BreakableMemoryStore : public BreakableStore {
 public:
  explicit BreakableMemoryStore(MemoryStore::Syncing syncing = MemoryStore::Syncing::kHonest) {
    store_.SetSyncing(syncing);
  }
  JournalStore& journal() override { return store_; }
  std::string BreakNextAppend(uint64_t manner) override {
    using Fault = MemoryStore::Fault;
    constexpr Fault kFaults[] = {Fault::kUnknownRowsKept, Fault::kUnknownRowsLost, Fault::kRefused};
    constexpr const char* kWords[] = {"unknown, rows kept", "unknown, rows lost", "refused"};
    store_.FailNext(kFaults[manner]);
    return kWords[manner];
  }
  void BreakReopens(int count) override { store_.FailReopens(count); }
  void Crash() override { store_.Crash(); }

 private:
  MemoryStore store_;
};

}  // namespace purser

#endif  // PURSER_TESTS_SUBJECT_BREAKABLE_STORE_H_
