#ifndef PURSER_TESTS_SIMULATOR_BREAKABLE_ROCKS_STORE_H_
#define PURSER_TESTS_SIMULATOR_BREAKABLE_ROCKS_STORE_H_

// The real store on a simulated disk that fails in every manner it knows and loses its power at any
// operation: in the middle of a write, of a flush, of a compaction, of an opening. What happens
// when comes from a seed of its own. Thread-compatible.
#include <memory>
#include <random>
#include <string>

#include "daemon/rocks_store.h"
#include "tests/fixtures/faulty_file_system.h"
#include "tests/fixtures/temp_directory.h"
#include "tests/subject/breakable_store.h"

namespace purser {

struct DiskCounts {
  uint64_t power_cuts = 0;
  uint64_t cuts_while_opening = 0;
  uint64_t broken_appends = 0;
  uint64_t failed_openings = 0;
  uint64_t openings = 0;
  uint64_t flushes = 0;
  uint64_t failed_flushes = 0;
};

class BreakableRocksStore : public BreakableStore, private JournalStore {
 public:
  // The disk of a bug that has to be found: it does not do what it says.
  enum class Disk { kHonest, kSyncsNothing, kForgetsNewFiles };

  BreakableRocksStore(uint64_t seed, DiskCounts* counts, Disk disk = Disk::kHonest);
  ~BreakableRocksStore() override;

  JournalStore& journal() override { return *this; }
  std::string BreakNextAppend(uint64_t manner) override;
  bool WorksByItself() const override { return true; }
  void BreakReopens(int count) override { failing_reopens_ = count; }
  void Crash() override;
  std::string Befall() override;

 private:
  Appended Append(uint64_t expected_group, const std::vector<Row>& rows) override;
  uint64_t GroupCount() const override { return store_->GroupCount(); }
  std::unique_ptr<StoreSnapshot> TakeSnapshot() override;
  absl::Status Probe() override { return store_->Probe(); }
  absl::Status Reopen() override;
  std::string LastError() const override { return store_->LastError(); }

  void BreakOpening();
  std::string FlushAll();
  absl::Status Open();
  void LieAgain();
  uint64_t Pick(uint64_t n) { return random_() % n; }

  std::mt19937_64 random_;
  DiskCounts* const counts_;
  const Disk disk_kind_;
  TempDirectory directory_{MemoryPlace()};
  FaultyFileSystem disk_;
  std::unique_ptr<RocksStore> store_;  // null: closed by a power cut
  int failing_reopens_ = 0;
};

}  // namespace purser

#endif  // PURSER_TESTS_SIMULATOR_BREAKABLE_ROCKS_STORE_H_
