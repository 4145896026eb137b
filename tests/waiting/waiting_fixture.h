#ifndef PURSER_TESTS_WAITING_WAITING_FIXTURE_H_
#define PURSER_TESTS_WAITING_WAITING_FIXTURE_H_

// The REST service over the real commit pipeline and a store in memory: requests as values, no
// sockets, a clock that stands still.
#include <atomic>
#include <memory>
#include <string>

#include "api/service.h"
#include "daemon/commit_pipeline.h"
#include "daemon/memory_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/fixtures/eventually.h"

namespace purser {

using testing::HasSubstr;
using testing::Not;

inline const std::string kReservations = "/v1/populations/default/reservations";
inline const std::string kWatch = "/v1/populations/default/watch";

// The memory store, counting the looks that readers take at it. The knobs are thread-safe.
class CountingStore : public JournalStore {
 public:
  std::atomic<int> snapshots{0};
  std::atomic<bool> full{false};  // the disk says no

  Appended Append(uint64_t expected_group, const std::vector<Row>& rows) override {
    if (full) store_.FailNext(MemoryStore::Fault::kUnknownRowsLost);
    return store_.Append(expected_group, rows);
  }
  uint64_t GroupCount() const override { return store_.GroupCount(); }
  std::unique_ptr<StoreSnapshot> TakeSnapshot() override {
    ++snapshots;
    return store_.TakeSnapshot();
  }
  absl::Status Probe() override {
    return full ? absl::UnavailableError("the test's disk is full") : absl::OkStatus();
  }
  absl::Status Reopen() override { return store_.Reopen(); }
  std::string LastError() const override { return store_.LastError(); }

 private:
  MemoryStore store_;
};

class WaitingTest : public testing::Test {
 protected:
  void SetUp() override {
    CommitPipelineOptions options;
    options.test_clock = &clock_;
    pipeline_ = std::make_unique<CommitPipeline>(std::move(options), &store_, &clock_);
    ASSERT_TRUE(pipeline_->Start().ok());
    service_ = std::make_unique<api::Service>(pipeline_.get(), service_options_);
  }

  static api::ServiceOptions DefaultOptions() {
    api::ServiceOptions options;
    options.all_scopes = {"ledger:read", "admin", "reservations:write", "charges:write"};
    options.threads = 64;
    return options;
  }

  api::HttpResponse Send(const std::string& method, const std::string& target,
                         const std::string& body = "", const std::string& last_event_id = "") {
    api::HttpRequest request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
    request.headers = {{"Host", "localhost"}};
    if (!last_event_id.empty()) request.headers.emplace_back("Last-Event-ID", last_event_id);
    request.body = body;
    return service_->Handle(request);
  }
  api::HttpResponse Get(const std::string& target) { return Send("GET", target); }
  api::HttpResponse Post(const std::string& target, const std::string& body) {
    return Send("POST", target, body);
  }
  api::HttpResponse Reserve(const std::string& id, const std::string& more = "") {
    return Post(kReservations,
                Concat(R"({"id":")", id, R"(","purpose":"TRAINING","amounts":{"gpu_hours":"1"},)",
                       R"("labels":{"operator_family":"lab","capability":"any"})", more, "}"));
  }
  // The text of a header; "" when there is none.
  static std::string Header(const api::HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }
  // The value of a metric without labels.
  int Metric(const std::string& name) {
    const std::string text = Get("/metrics").body;
    const size_t at = text.find(Concat("\n", name, " ")) + name.size() + 2;
    return static_cast<int>(std::strtol(text.c_str() + at, nullptr, 10));
  }
  bool WaitForWaiters(int count) {
    return Eventually([&] { return Metric("purser_waiters") == count; });
  }

  CountingStore store_;
  TestClock clock_{1'767'225'600 * kSecondUs};
  api::ServiceOptions service_options_ = DefaultOptions();
  std::unique_ptr<CommitPipeline> pipeline_;
  std::unique_ptr<api::Service> service_;
};

}  // namespace purser

#endif  // PURSER_TESTS_WAITING_WAITING_FIXTURE_H_
