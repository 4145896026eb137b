#include "daemon/rocks_store.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "daemon/closed_snapshot.h"
#include "daemon/group_row.h"
#include "daemon/mutex.h"
#include "daemon/store_errors.h"
#include "daemon/store_files.h"
#include "ledger/check.h"
#include "ledger/text.h"
#include "rocksdb/cache.h"
#include "rocksdb/compaction_filter.h"
#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/listener.h"
#include "rocksdb/table.h"
#include "rocksdb/wal_filter.h"
#include "rocksdb/write_batch.h"

namespace purser {
namespace {

constexpr size_t kMiB = size_t{1} << 20;
// Deleting a file of 1 GiB stalls syncs on the same disk by 40–60 ms, of 16 MiB by 3.
constexpr size_t kFileBytes = 16 * kMiB;
// Several memtables: busy tables are flushed when they are full, not because of quiet ones.
constexpr size_t kLogBytesTotal = 64 * kMiB;
constexpr size_t kMemtableBytesTotal = 96 * kMiB;

absl::Status ReadError(const rocksdb::Status& status) {
  return StoreReadError(status.ToString(), status.IsCorruption());
}
absl::Status OpenError(const std::string& path, const rocksdb::Status& status) {
  return StoreOpenError(path, status.ToString(), status.IsCorruption());
}

rocksdb::CompressionType FirstSupported(const std::vector<rocksdb::CompressionType>& wanted) {
  const auto has = rocksdb::GetSupportedCompressions();
  const auto found = std::find_first_of(wanted.begin(), wanted.end(), has.begin(), has.end());
  return found == wanted.end() ? rocksdb::kNoCompression : *found;
}

// Lets go what nobody is answered from any more, below snapshots too: readers pass it over.
class OverFilter : public rocksdb::CompactionFilter {
 public:
  explicit OverFilter(std::function<bool(std::string_view value)> is_over)
      : is_over_(std::move(is_over)) {}
  bool Filter(int, const rocksdb::Slice&, const rocksdb::Slice& value, std::string*,
              bool*) const override {
    return is_over_(value.ToStringView());
  }
  const char* Name() const override { return "purser.OverFilter"; }

 private:
  const std::function<bool(std::string_view value)> is_over_;
};

rocksdb::ColumnFamilyOptions TableOptions(Table table, std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = std::move(cache);
  blocks.cache_index_and_filter_blocks = true;  // else their memory grows with the data
  blocks.pin_l0_filter_and_index_blocks_in_cache = true;
  blocks.format_version = 5;
  rocksdb::ColumnFamilyOptions options;
  if (IsLookedUpById(table)) {
    blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    options.memtable_prefix_bloom_size_ratio = 0.05;
    options.memtable_whole_key_filtering = true;
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  options.write_buffer_size = kFileBytes;
  options.target_file_size_base = kFileBytes;
  options.max_bytes_for_level_base = 8 * kFileBytes;
  options.level_compaction_dynamic_level_bytes = true;
  options.disable_auto_compactions = true;  // until a log holds a group: see Append
  options.compression_opts.level = 1;  // The journal, written once, is to be small, but not slow.
  options.compression = table == Table::kJournal
                            ? FirstSupported({rocksdb::kZSTD, rocksdb::kLZ4Compression})
                            : FirstSupported({rocksdb::kLZ4Compression, rocksdb::kZSTD});
  return options;
}

// Else RocksDB resumes by itself once a full disk has room, and may write what is left in its
// buffer behind the torn record. Only Reopen, which looks at what the log kept, ends a failure.
class NoSelfRecovery : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

// What RocksDB has to say. Its own log would be a file on the same disk, and once a write to that
// has failed (a full disk) the next line is an assertion that ends the process.
class Warnings : public rocksdb::Logger {
 public:
  explicit Warnings(std::function<void(const std::string&)> log)
      : Logger(rocksdb::WARN_LEVEL), log_(std::move(log)) {}

  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (!log_ || level < rocksdb::WARN_LEVEL || level >= rocksdb::HEADER_LEVEL) return;
    char text[1'024];  // one line of the daemon's log
    vsnprintf(text, sizeof(text), format, arguments);
    log_(std::string(absl::StripTrailingAsciiWhitespace(text)));
  }
  void LogHeader(const char*, va_list) override {}  // all options, at each opening

 private:
  const std::function<void(const std::string&)> log_;
};

// Sees each record that a start would replay, and keeps none. Logs that no table needs any more, of
// which a crash may leave any, are not replayed.
class WalRehearsal : public rocksdb::WalFilter {
 public:
  WalProcessingOption LogRecordFound(unsigned long long, const std::string& file,
                                     const rocksdb::WriteBatch& batch, rocksdb::WriteBatch*,
                                     bool*) override {
    return order_.Take(file, batch.Data()) ? WalProcessingOption::kIgnoreCurrentRecord
                                           : WalProcessingOption::kCorruptedRecord;
  }
  const char* Name() const override { return "purser"; }
  const GroupOrder& order() const { return order_; }

 private:
  GroupOrder order_;
};

rocksdb::DBOptions DatabaseOptions(const RocksStoreOptions& wanted) {
  rocksdb::DBOptions options;
  if (wanted.environment_for_test != nullptr) {
    options.env = static_cast<rocksdb::Env*>(wanted.environment_for_test);
  }
  options.create_if_missing = wanted.create_if_missing && !wanted.read_only;
  options.create_missing_column_families = !wanted.read_only;
  // The default, point in time, opens OK behind a flipped byte in the log, without the acknowledged
  // writes behind it. This one refuses (store_files.h closes what it leaves open).
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.paranoid_checks = true;
  options.recycle_log_file_num = 0;  // not compatible with that recovery mode
  // Not set: track_and_verify_wals_in_manifest, which gives false alarms (rocksdb #10892).
  options.max_bgerror_resume_count = 0;
  options.listeners.push_back(std::make_shared<NoSelfRecovery>());
  options.allow_concurrent_memtable_write = false;  // there is one writer
  options.max_total_wal_size = kLogBytesTotal;
  options.db_write_buffer_size = kMemtableBytesTotal;
  options.max_manifest_file_size = kFileBytes;
  options.bytes_per_sync = kMiB;
  options.avoid_unnecessary_blocking_io = true;  // readers and the writer do not delete files
  options.compaction_readahead_size = 2 * kMiB;
  options.max_background_jobs = 2;
  options.max_open_files = wanted.open_files_max;
  options.max_file_opening_threads = 1;  // 16 for each table take longer to start than they save
  options.skip_stats_update_on_db_open = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log = std::make_shared<Warnings>(wanted.log);
  return options;
}

// One open database: the handle and the tables in it. Immutable between opening and closing.
struct Handle {
  std::unique_ptr<rocksdb::DB> db;
  std::array<rocksdb::ColumnFamilyHandle*, kTableCount> tables{};
  rocksdb::ColumnFamilyHandle* unused = nullptr;  // RocksDB insists on a family "default"

  rocksdb::ColumnFamilyHandle* Of(Table table) const { return tables[static_cast<size_t>(table)]; }
  bool EnableCompaction() { return db->EnableAutoCompaction({tables.begin(), tables.end()}).ok(); }
  void Close() {
    if (db == nullptr) return;
    for (rocksdb::ColumnFamilyHandle* table : tables) db->DestroyColumnFamilyHandle(table);
    db->DestroyColumnFamilyHandle(unused);
    db->Close().PermitUncheckedError();  // what was acknowledged is in the log already
    db.reset();
  }
};

class RocksCursor : public StoreSnapshot::Cursor {
 public:
  explicit RocksCursor(rocksdb::Iterator* rows) : rows_(rows) {}

  void SeekFirstAtOrAfter(std::string_view key) override { rows_->Seek(key); }
  void SeekLastAtOrBefore(std::string_view key) override { rows_->SeekForPrev(key); }
  bool valid() const override { return rows_->Valid(); }
  void Next() override { rows_->Next(); }
  void Previous() override { rows_->Prev(); }
  std::string_view key() const override { return rows_->key().ToStringView(); }
  std::string_view value() const override { return rows_->value().ToStringView(); }
  absl::Status status() const override {
    const rocksdb::Status status = rows_->status();
    return status.ok() ? absl::OkStatus() : ReadError(status);
  }

 private:
  const std::unique_ptr<rocksdb::Iterator> rows_;
};

class RocksSnapshot : public StoreSnapshot {
 public:
  RocksSnapshot(const Handle& handle, std::atomic<int>* live)
      : handle_(handle), snapshot_(handle.db->GetSnapshot()), live_(live) {
    options_.snapshot = snapshot_;
    live_->fetch_add(1);
  }
  ~RocksSnapshot() override {
    handle_.db->ReleaseSnapshot(snapshot_);
    live_->fetch_sub(1);
  }

  absl::Status Get(Table table, std::string_view key, std::optional<std::string>* value) override {
    std::string found;
    const rocksdb::Status status = handle_.db->Get(options_, handle_.Of(table), key, &found);
    value->reset();
    if (status.IsNotFound()) return absl::OkStatus();
    if (!status.ok()) return ReadError(status);
    *value = std::move(found);
    return absl::OkStatus();
  }
  std::unique_ptr<Cursor> NewCursor(Table table) override {
    return std::make_unique<RocksCursor>(handle_.db->NewIterator(options_, handle_.Of(table)));
  }

 private:
  const Handle& handle_;
  const rocksdb::Snapshot* const snapshot_;
  std::atomic<int>* const live_;
  rocksdb::ReadOptions options_;
};

}  // namespace

class RocksStore::Database {
 public:
  explicit Database(const RocksStoreOptions& options)
      : options_(options), cache_(rocksdb::NewLRUCache(options.block_cache_bytes)) {
    if (options.is_key_over) over_filter_ = std::make_unique<OverFilter>(options.is_key_over);
  }
  ~Database() {
    PURSER_CHECK(live_snapshots_.load() == 0, "snapshots do not outlive their store");
    handle_.Close();
    Unlock();
  }

  absl::Status Open();
  Appended Append(uint64_t expected_group, const std::vector<Row>& rows);
  uint64_t GroupCount() const { return group_count_.load(); }
  std::unique_ptr<StoreSnapshot> TakeSnapshot() {
    MutexLock lock(&mutex_);
    if (closed_) return std::make_unique<ClosedSnapshot>();
    return std::make_unique<RocksSnapshot>(handle_, &live_snapshots_);
  }
  absl::Status Probe() const;
  absl::Status Reopen();
  std::string LastError() const {
    MutexLock lock(&mutex_);
    return last_error_;
  }
  absl::Status Flush();

 private:
  rocksdb::Env* environment() const { return DatabaseOptions(options_).env; }
  absl::Status Lock();
  void Unlock() {
    if (lock_ != nullptr) environment()->UnlockFile(lock_).PermitUncheckedError();
    lock_ = nullptr;
  }
  rocksdb::Status OpenHandle(const RocksStoreOptions& wanted, rocksdb::WalFilter* filter,
                             Handle* handle) const;
  absl::StatusOr<uint64_t> ReadGroup(const Handle& handle) const;
  absl::Status Rehearse() const;
  void Remember(const std::string& error) {
    MutexLock lock(&mutex_);
    last_error_ = error;
  }

  const RocksStoreOptions options_;
  const std::shared_ptr<rocksdb::Cache> cache_;
  std::unique_ptr<const OverFilter> over_filter_;  // outlives the handle
  Handle handle_;  // changed by Open and Reopen alone, while closed_ and without live snapshots
  std::atomic<uint64_t> group_count_{0};
  std::atomic<int> live_snapshots_{0};
  bool unknown_ = false;     // the writer's
  bool has_hole_ = false;    // a log does that was not cut
  bool compacts_ = false;    // by itself, since the first group behind an opening
  bool keeps_logs_ = false;  // also those that no table needs, since Flush
  rocksdb::FileLock* lock_ = nullptr;

  mutable Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = true;
  std::string last_error_ ABSL_GUARDED_BY(mutex_);
};

rocksdb::Status RocksStore::Database::OpenHandle(const RocksStoreOptions& wanted,
                                                 rocksdb::WalFilter* filter, Handle* handle) const {
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (int i = 0; i < kTableCount; ++i) {
    const Table table = static_cast<Table>(i);
    families.emplace_back(TableName(table), TableOptions(table, cache_));
    if (table != Table::kKeys || over_filter_ == nullptr) continue;
    families.back().options.compaction_filter = over_filter_.get();
    families.back().options.periodic_compaction_seconds = 86'400;
  }
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> opened;
  rocksdb::DB* db = nullptr;
  rocksdb::DBOptions options = DatabaseOptions(wanted);
  options.wal_filter = filter;
  // Who only looks leaves a torn tail with holes where it is; this mode stops before it.
  if (has_hole_) options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  if (wanted.read_only) {  // only opening for writing refuses tables that it is not told of
    std::vector<std::string> names;
    rocksdb::Status listed = rocksdb::DB::ListColumnFamilies(options, wanted.path, &names);
    if (!listed.ok()) return listed;
    if (names.size() > families.size())
      return rocksdb::Status::InvalidArgument("Column families unknown");
  }
  rocksdb::Status status =
      wanted.read_only ? rocksdb::DB::OpenForReadOnly(options, wanted.path, families, &opened, &db)
                       : rocksdb::DB::Open(options, wanted.path, families, &opened, &db);
  if (!status.ok()) return status;
  handle->db.reset(db);
  std::copy_n(opened.begin(), kTableCount, handle->tables.begin());
  handle->unused = opened.back();
  return status;
}

// RocksDB takes this lock itself to open for writing (give it back first), and none to read.
absl::Status RocksStore::Database::Lock() {
  const rocksdb::Status status = environment()->LockFile(options_.path + "/LOCK", &lock_);
  return status.ok() ? absl::OkStatus() : OpenError(options_.path, status);
}

absl::Status RocksStore::Database::Open() {
  std::error_code error;
  const bool exists = std::filesystem::exists(options_.path + "/CURRENT", error);
  absl::Status status = exists ? Lock() : absl::OkStatus();
  if (!status.ok()) return status;
  const absl::StatusOr<StoreFiles> files = CheckStoreFiles(options_.path);
  if (!files.ok()) return files.status();
  // Before RocksDB makes a directory to look for a store in.
  if (!exists && (options_.read_only || !options_.create_if_missing)) {
    return absl::NotFoundError(Concat("there is no store in ", options_.path));
  }
  status = CutTornTails(*files, options_.read_only, options_.log);
  has_hole_ = options_.read_only && !files->torn.empty();
  if (status.ok() && exists) status = PutTailsBack(*files, Rehearse());
  if (!status.ok()) return status;
  if (!options_.read_only) Unlock();
  const rocksdb::Status opened = OpenHandle(options_, nullptr, &handle_);
  if (!opened.ok()) return OpenError(options_.path, opened);
  const absl::StatusOr<uint64_t> group = ReadGroup(handle_);
  status = group.status();
  if (group.ok() && *group < files->last_group) {
    status = absl::DataLossError(Concat("the store in ", options_.path, " opened at group ", *group,
                                        ", but its logs hold group ", files->last_group));
  }
  if (!status.ok()) {
    handle_.Close();
    return status;
  }
  group_count_.store(*group);
  MutexLock lock(&mutex_);
  closed_ = false;
  return absl::OkStatus();
}

// Replays the logs once without keeping anything: an opening for writing would delete them, with
// what is left of the groups behind a gap.
absl::Status RocksStore::Database::Rehearse() const {
  RocksStoreOptions options = options_;
  options.read_only = true;
  options.log = nullptr;
  WalRehearsal rehearsal;
  Handle handle;
  const rocksdb::Status status = OpenHandle(options, &rehearsal, &handle);
  std::optional<uint64_t> tables_group;
  if (status.ok()) {
    const absl::StatusOr<uint64_t> group = ReadGroup(handle);
    handle.Close();
    if (!group.ok()) return group.status();
    tables_group = *group;
  }
  if (const auto gap = rehearsal.order().FindGap(tables_group)) {
    return GroupsMissing(options_.path, gap->file, gap->last, gap->what);
  }
  // Invalid: a first start that was cut short made not all tables; opening for writing does.
  return status.ok() || status.IsInvalidArgument() ? absl::OkStatus()
                                                   : OpenError(options_.path, status);
}

absl::StatusOr<uint64_t> RocksStore::Database::ReadGroup(const Handle& handle) const {
  std::string bytes;
  const rocksdb::Status status =
      handle.db->Get(rocksdb::ReadOptions(), handle.Of(Table::kMeta), kGroupKey, &bytes);
  if (status.IsNotFound()) return 0;
  if (!status.ok()) return ReadError(status);
  if (const std::optional<uint64_t> group = DecodeGroup(bytes)) return *group;
  return absl::DataLossError(Concat("the group row of ", options_.path, " has not 8 bytes"));
}

Appended RocksStore::Database::Append(uint64_t expected_group, const std::vector<Row>& rows) {
  PURSER_CHECK(!options_.read_only, "a store opened for reading is not written");
  if (unknown_) return Appended::kUnknown;
  if (expected_group != group_count_.load()) return Appended::kRefused;
  // The group row comes first: GroupOfRecord finds it there.
  rocksdb::WriteBatch batch;
  rocksdb::Status status =
      batch.Put(handle_.Of(Table::kMeta), kGroupKey, EncodeGroup(expected_group + 1));
  for (const Row& row : rows) {
    PURSER_CHECK(row.table != Table::kMeta || row.key != kGroupKey, "the group row is the store's");
    if (status.ok())
      status = row.erase ? batch.Delete(handle_.Of(row.table), row.key)
                         : batch.Put(handle_.Of(row.table), row.key, row.value);
  }
  PURSER_CHECK(status.ok(), "rows fit into a batch");
  rocksdb::WriteOptions options;
  options.sync = true;
  status = handle_.db->Write(options, &batch);
  unknown_ = !status.ok();
  if (unknown_) Remember(status.ToString());
  if (unknown_) return Appended::kUnknown;
  group_count_.store(expected_group + 1);
  // From here on a MANIFEST that a power cut tears can be told from a damaged one (store_files.cc).
  if (!compacts_) compacts_ = handle_.EnableCompaction();
  if (keeps_logs_) keeps_logs_ = !handle_.db->EnableFileDeletions().ok();
  return Appended::kDurable;
}

absl::Status RocksStore::Database::Probe() const {
  const std::string path = options_.path + "/space_probe";
  // So much, before what can still be read is given up.
  const std::string bytes(kMiB + LogBytes(options_.path), 'p');
  const auto status = rocksdb::WriteStringToFile(environment(), bytes, path, true);  // synced
  environment()->DeleteFile(path).PermitUncheckedError();
  if (status.ok()) return absl::OkStatus();
  return absl::UnavailableError(Concat("the disk still says no: ", status.ToString()));
}

absl::Status RocksStore::Database::Reopen() {
  {
    MutexLock lock(&mutex_);
    closed_ = true;  // also on return: the readers that are left finish, new ones are turned away
  }
  if (const int live = live_snapshots_.load(); live != 0)
    return absl::UnavailableError(Concat(live, " snapshots of the store are still held"));
  // Opening replays what the log kept and writes it into synced tables, so that a group whose sync
  // failed is durable when it becomes visible, whatever the page cache had said about it.
  handle_.Close();
  compacts_ = keeps_logs_ = false;
  Unlock();
  absl::Status status = Open();
  if (!status.ok()) Remember(std::string(ToStd(status.message())));
  unknown_ = !status.ok();
  return status;
}

// While it, and what is compacted behind it, writes to the MANIFEST a log is to hold a group
// (store_files.cc): those of before stay until the next group is in a new one.
absl::Status RocksStore::Database::Flush() {
  if (!compacts_) return absl::FailedPreconditionError("no group was written since the opening");
  rocksdb::Status status = handle_.db->DisableFileDeletions();
  keeps_logs_ = true;
  for (rocksdb::ColumnFamilyHandle* table : handle_.tables) {
    if (status.ok()) status = handle_.db->CompactRange({}, table, nullptr, nullptr);
  }
  return status.ok() ? absl::OkStatus() : absl::UnavailableError(status.ToString());
}

RocksStore::RocksStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
RocksStore::~RocksStore() = default;

absl::StatusOr<std::unique_ptr<RocksStore>> RocksStore::Open(const RocksStoreOptions& options) {
  auto database = std::make_unique<Database>(options);
  if (absl::Status status = database->Open(); !status.ok()) return status;
  return std::unique_ptr<RocksStore>(new RocksStore(std::move(database)));
}

Appended RocksStore::Append(uint64_t expected_group, const std::vector<Row>& rows) {
  return database_->Append(expected_group, rows);
}
uint64_t RocksStore::GroupCount() const { return database_->GroupCount(); }
std::unique_ptr<StoreSnapshot> RocksStore::TakeSnapshot() { return database_->TakeSnapshot(); }
absl::Status RocksStore::Probe() { return database_->Probe(); }
absl::Status RocksStore::Reopen() { return database_->Reopen(); }
std::string RocksStore::LastError() const { return database_->LastError(); }
absl::Status RocksStore::Flush() { return database_->Flush(); }

}  // namespace purser
