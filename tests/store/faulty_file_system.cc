#include "tests/store/faulty_file_system.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace purser {
namespace {

bool IsLog(std::string_view path) {
  return path.size() > 4 && path.substr(path.size() - 4) == ".log";
}

// RocksDB writes the same file as "dir/x" and "dir//x".
std::string Plain(const std::string& path) {
  return std::filesystem::path(path).lexically_normal().string();
}

struct Faults {
  std::mutex mutex;
  bool fail_log_syncs = false;
  bool ignore_log_syncs = false;
  std::optional<size_t> space_left;
  std::function<void()> on_log_sync;
  std::map<std::string, uint64_t> written;  // by path
  std::map<std::string, uint64_t> synced;
  std::set<std::string> entries_unsynced;  // made since their directory was synced
};

class File : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, Faults* faults)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), faults_(faults) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    std::optional<size_t> space;
    {
      std::lock_guard<std::mutex> lock(faults_->mutex);
      space = faults_->space_left;
      faults_->written[path_] += std::min(data.size(), space.value_or(data.size()));
    }
    if (!space) return target()->Append(data, options, debug);
    const rocksdb::Slice part(data.data(), std::min(*space, data.size()));
    target()->Append(part, options, debug).PermitUncheckedError();
    return rocksdb::IOStatus::NoSpace("the test's disk is full");
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo&,
                           rocksdb::IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* debug) override {
    return Synced([&] { return target()->Sync(options, debug); });
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                          rocksdb::IODebugContext* debug) override {
    return Synced([&] { return target()->Fsync(options, debug); });
  }

 private:
  rocksdb::IOStatus Synced(const std::function<rocksdb::IOStatus()>& sync) {
    std::function<void()> hook;
    {
      std::lock_guard<std::mutex> lock(faults_->mutex);
      if (IsLog(path_) && faults_->fail_log_syncs) {
        return rocksdb::IOStatus::IOError("the test's disk does not sync");
      }
      if (IsLog(path_) && faults_->ignore_log_syncs) return rocksdb::IOStatus::OK();
      if (IsLog(path_)) hook = faults_->on_log_sync;
    }
    if (hook) hook();
    rocksdb::IOStatus status = sync();
    std::lock_guard<std::mutex> lock(faults_->mutex);
    if (status.ok()) faults_->synced[path_] = faults_->written[path_];
    return status;
  }

  const std::string path_;
  Faults* const faults_;
};

class Directory : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(std::unique_ptr<rocksdb::FSDirectory> directory, Faults* faults)
      : FSDirectoryWrapper(std::move(directory)), faults_(faults) {}

  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                          rocksdb::IODebugContext* debug) override {
    Forget();
    return FSDirectoryWrapper::Fsync(options, debug);
  }
  rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options,
                                        rocksdb::IODebugContext* debug,
                                        const rocksdb::DirFsyncOptions& how) override {
    Forget();
    return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, how);
  }

 private:
  void Forget() {  // there is one directory
    std::lock_guard<std::mutex> lock(faults_->mutex);
    faults_->entries_unsynced.clear();
  }

  Faults* const faults_;
};

class FileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit FileSystem(Faults* faults)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), faults_(faults) {}

  const char* Name() const override { return "FaultyFileSystem"; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    rocksdb::IOStatus status = target()->NewWritableFile(path, options, &file, debug);
    if (!status.ok()) return status;
    const std::string plain = Plain(path);
    std::lock_guard<std::mutex> lock(faults_->mutex);
    faults_->written[plain] = 0;
    faults_->synced[plain] = 0;
    faults_->entries_unsynced.insert(plain);
    *result = std::make_unique<File>(std::move(file), plain, faults_);
    return status;
  }
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSDirectory> directory;
    rocksdb::IOStatus status = target()->NewDirectory(path, options, &directory, debug);
    if (status.ok()) *result = std::make_unique<Directory>(std::move(directory), faults_);
    return status;
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = target()->RenameFile(from, to, options, debug);
    std::lock_guard<std::mutex> lock(faults_->mutex);
    for (auto* lengths : {&faults_->written, &faults_->synced}) {
      const auto length = lengths->find(Plain(from));
      if (!status.ok() || length == lengths->end()) continue;
      (*lengths)[Plain(to)] = length->second;
      lengths->erase(Plain(from));
    }
    return status;
  }

 private:
  Faults* const faults_;
};

}  // namespace

struct FaultyFileSystem::Disk {
  Faults faults;
  std::unique_ptr<rocksdb::Env> env =
      rocksdb::NewCompositeEnv(std::make_shared<FileSystem>(&faults));
};

FaultyFileSystem::FaultyFileSystem() : disk_(std::make_unique<Disk>()) {}
FaultyFileSystem::~FaultyFileSystem() = default;

void* FaultyFileSystem::environment() { return disk_->env.get(); }

void FaultyFileSystem::FailLogSyncs(bool fail) {
  std::lock_guard<std::mutex> lock(disk_->faults.mutex);
  disk_->faults.fail_log_syncs = fail;
}
void FaultyFileSystem::IgnoreLogSyncs(bool ignore) {
  std::lock_guard<std::mutex> lock(disk_->faults.mutex);
  disk_->faults.ignore_log_syncs = ignore;
}
void FaultyFileSystem::RefuseSpace(size_t bytes_written) {
  std::lock_guard<std::mutex> lock(disk_->faults.mutex);
  disk_->faults.space_left = bytes_written;
}
void FaultyFileSystem::GiveSpace() {
  std::lock_guard<std::mutex> lock(disk_->faults.mutex);
  disk_->faults.space_left.reset();
}
void FaultyFileSystem::OnLogSync(std::function<void()> hook) {
  std::lock_guard<std::mutex> lock(disk_->faults.mutex);
  disk_->faults.on_log_sync = std::move(hook);
}

bool FaultyFileSystem::AddUnknownTable(const std::string& store) {
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies({}, store, &names).ok()) return false;
  std::vector<rocksdb::ColumnFamilyDescriptor> tables;
  tables.reserve(names.size());
  for (const std::string& name : names) tables.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> opened;
  rocksdb::DB* db = nullptr;
  if (!rocksdb::DB::Open({}, store, tables, &opened, &db).ok()) return false;
  const std::unique_ptr<rocksdb::DB> owner(db);
  rocksdb::ColumnFamilyHandle* added = nullptr;
  const bool good = db->CreateColumnFamily({}, "tomorrow", &added).ok();
  if (good) opened.push_back(added);
  for (rocksdb::ColumnFamilyHandle* table : opened) db->DestroyColumnFamilyHandle(table);
  return good;
}

void FaultyFileSystem::CopyAsAfterPowerFailure(const std::string& from, const std::string& to) {
  std::lock_guard<std::mutex> lock(disk_->faults.mutex);
  std::filesystem::create_directories(to);
  for (const auto& entry : std::filesystem::directory_iterator(from)) {
    const std::string path = Plain(entry.path().string());
    if (disk_->faults.entries_unsynced.count(path) > 0) continue;
    const std::string copy = to + "/" + entry.path().filename().string();
    // The library deletes in the background what it no longer needs.
    std::error_code error;
    if (!std::filesystem::copy_file(path, copy, error)) continue;
    const auto synced = disk_->faults.synced.find(path);
    if (synced != disk_->faults.synced.end()) std::filesystem::resize_file(copy, synced->second);
  }
}

}  // namespace purser
