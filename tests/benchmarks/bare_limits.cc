#include "tests/benchmarks/bare_limits.h"

#include <civetweb.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "api/http_server_stack.h"
#include "daemon/memory_store.h"
#include "daemon/rocks_store.h"
#include "daemon/sequencer.h"
#include "daemon/time_zones.h"
#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/benchmarks/workload.h"

namespace purser {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Keeps the rows of each group that goes through it.
class Recorder : public JournalStore {
 public:
  Appended Append(uint64_t expected_group, const std::vector<Row>& rows) override {
    groups_.push_back(rows);
    return store_.Append(expected_group, rows);
  }
  uint64_t GroupCount() const override { return store_.GroupCount(); }
  std::unique_ptr<StoreSnapshot> TakeSnapshot() override { return store_.TakeSnapshot(); }
  absl::Status Probe() override { return store_.Probe(); }
  absl::Status Reopen() override { return store_.Reopen(); }
  std::string LastError() const override { return store_.LastError(); }

  const std::vector<std::vector<Row>>& groups() const { return groups_; }

 private:
  MemoryStore store_;
  std::vector<std::vector<Row>> groups_;
};

void CommitHolds(int operations, uint64_t first, Sequencer* sequencer, InstantUs now_us) {
  std::vector<Command> commands;
  commands.reserve(operations);
  for (int i = 0; i < operations; ++i) commands.push_back(MakeHold(first + i, sequencer));
  std::vector<api::CommandResult> results(commands.size());
  std::vector<Sequencer::Submission> group;
  group.reserve(operations);
  for (size_t i = 0; i < commands.size(); ++i) group.push_back({&commands[i], &results[i]});
  PURSER_CHECK(sequencer->Commit(group, now_us), "a store in memory takes everything");
  PURSER_CHECK(results.back().status.ok(), "the holds of the benchmark fit");
}

// A file that goes away.
class SyncedFile {
 public:
  SyncedFile(std::string path, size_t bytes) : path_(std::move(path)), block_(bytes, 'x') {
    file_ = open(path_.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
    PURSER_CHECK(file_ >= 0, "the benchmark may write to its directory");
  }
  ~SyncedFile() {
    close(file_);
    unlink(path_.c_str());
  }
  SyncedFile(const SyncedFile&) = delete;
  SyncedFile& operator=(const SyncedFile&) = delete;

  // How long the sync took, in seconds.
  double Append() {
    PURSER_CHECK(write(file_, block_.data(), block_.size()) == static_cast<ssize_t>(block_.size()),
                 "the disk has room");
    const auto before = Clock::now();
    PURSER_CHECK(fdatasync(file_) == 0, "the disk syncs");
    return SecondsSince(before);
  }

 private:
  const std::string path_;
  const std::string block_;
  int file_ = -1;
};

}  // namespace

std::vector<uint32_t> MeasureSyncs(const std::string& directory, size_t bytes, double seconds) {
  SyncedFile file(directory + "/syncs", bytes);
  std::vector<uint32_t> took_us;
  const auto begin = Clock::now();
  while (SecondsSince(begin) < seconds) {
    took_us.push_back(static_cast<uint32_t>(file.Append() * 1e6));
  }
  std::sort(took_us.begin(), took_us.end());
  return took_us;
}

SyncsBeside::SyncsBeside(const std::string& directory)
    : thread_([this, path = directory + "/syncs_beside"] {
        SyncedFile file(path, 512);
        while (!ends_) {
          longest_seconds_ = std::max(longest_seconds_, file.Append());
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
      }) {}

SyncsBeside::~SyncsBeside() {
  if (thread_.joinable()) Stop();
}

double SyncsBeside::Stop() {
  ends_ = true;
  thread_.join();
  return longest_seconds_;
}

LoadResult MeasureBareHttp(int connections, double seconds) {
  api::LinkWorkerStacks();  // its own are too small for this C library
  mg_init_library(MG_FEATURES_DEFAULT);
  const std::string threads = Concat(connections + 8);
  const char* settings[] = {"listening_ports",
                            "127.0.0.1:0",
                            "num_threads",
                            threads.c_str(),
                            "enable_keep_alive",
                            "yes",
                            "keep_alive_timeout_ms",
                            "5000",
                            "tcp_nodelay",
                            "1",
                            nullptr};
  mg_callbacks callbacks{};
  char error_text[256] = "";
  unsigned code = 0;
  mg_init_data init{&callbacks, nullptr, settings};
  mg_error_data error{&code, error_text, sizeof(error_text)};
  mg_context* const context = mg_start2(&init, &error);
  PURSER_CHECK(context != nullptr, error_text);
  const auto answer = [](mg_connection* connection, void*) {
    static const std::string text =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n" +
        std::string(200, 'x');
    char body[1024];
    while (mg_read(connection, body, sizeof(body)) > 0) continue;
    mg_write(connection, text.data(), text.size());
    return 200;
  };
  mg_set_request_handler(context, "/", answer, nullptr);
  mg_server_port ports[1]{};
  mg_get_server_ports(context, 1, ports);
  LoadOptions options;
  options.port = ports[0].port;
  options.connections = connections;
  options.seconds = seconds;
  LoadResult result = RunLoad(options, RequestTemplate("/", HoldBody(), 1));
  mg_stop(context);
  return result;
}

StoreRate MeasureBareStore(const std::string& directory, int groups, int operations) {
  Recorder recorder;
  SequencerOptions options;
  options.resume_leases = false;
  Sequencer sequencer(options, &recorder, FirstOfNextMonth);
  constexpr InstantUs kNowUs = 1'800'000'000'000'000;
  PURSER_CHECK(sequencer.Open(kNowUs).ok(), "an empty store opens");
  MakeBenchPopulation(&sequencer, kNowUs);
  const size_t before = recorder.groups().size();
  for (int i = 0; i < groups; ++i) {
    CommitHolds(operations, static_cast<uint64_t>(i) * operations, &sequencer, kNowUs);
  }
  RocksStoreOptions store_options;
  store_options.path = directory + "/bare_store";
  auto store = RocksStore::Open(store_options);
  PURSER_CHECK(store.ok(), "the bare store opens");
  size_t bytes = 0;
  const auto begin = Clock::now();
  for (size_t i = before; i < recorder.groups().size(); ++i) {
    const std::vector<Row>& rows = recorder.groups()[i];
    for (const Row& row : rows) bytes += row.key.size() + row.value.size();
    PURSER_CHECK((*store)->Append(i - before, rows) == Appended::kDurable, "the disk says yes");
  }
  const double count = static_cast<double>(groups) * operations;
  return {count / SecondsSince(begin), static_cast<double>(bytes) / count};
}

}  // namespace purser
