#ifndef PURSER_TESTS_STORE_FAULTY_FILE_SYSTEM_H_
#define PURSER_TESTS_STORE_FAULTY_FILE_SYSTEM_H_

// A disk under RocksStore that says no when told to, and that knows what a power failure would
// leave. The only file of the tests that names RocksDB. The knobs are thread-safe.
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace purser {

class FaultyFileSystem {
 public:
  FaultyFileSystem();
  ~FaultyFileSystem();

  // For RocksStoreOptions::environment_for_test.
  void* environment();

  // fsync of a write-ahead log fails; the bytes stay in the page cache.
  void FailLogSyncs(bool fail);
  // Syncs of logs answer OK and do nothing: what a store without sync would do.
  void IgnoreLogSyncs(bool ignore);
  // Every append fails with "no space", after the first `bytes_written` of it were written.
  void RefuseSpace(size_t bytes_written);
  void GiveSpace();
  // Called as a log's fsync begins, on the thread that asked for it.
  void OnLogSync(std::function<void()> hook);

  // Gives a closed store a table that this version does not know. False when it cannot.
  static bool AddUnknownTable(const std::string& store);

  // What a power failure now would leave of the directory `from`, which may be in use: files cut to
  // their last sync, files gone whose directory entry was never synced.
  void CopyAsAfterPowerFailure(const std::string& from, const std::string& to);

 private:
  struct Disk;
  const std::unique_ptr<Disk> disk_;
};

}  // namespace purser

#endif  // PURSER_TESTS_STORE_FAULTY_FILE_SYSTEM_H_
