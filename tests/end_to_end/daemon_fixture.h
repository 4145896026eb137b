#ifndef PURSER_TESTS_END_TO_END_DAEMON_FIXTURE_H_
#define PURSER_TESTS_END_TO_END_DAEMON_FIXTURE_H_

// The fixture of the tests over REST: a real purserd on a directory of its own, on a free port, on
// a test clock that begins at 2026-01-01, and a client of it.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/end_to_end/purserd_process.h"
#include "tests/end_to_end/rest_client.h"
#include "tests/fixtures/temp_directory.h"

namespace purser {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// The default population and its collections.
inline const std::string kBooks = "/v1/populations/default";
inline const std::string kReservations = kBooks + "/reservations";
inline const std::string kBatch = kBooks + "/reservations:batch";
inline const std::string kGpuHours = kBooks + "/resources/gpu_hours";
inline const std::string kLabels =
    R"("labels":{"operator_family":"vision-specialists","capability":"ocr"})";

// `{"id":…,"purpose":…,"amounts":{"gpu_hours":…},"labels":…}`, `more` such as `,"lease":"60s"`.
std::string Ask(const std::string& id, const std::string& gpu_hours,
                const std::string& purpose = "TRAINING", const std::string& more = "");

class DaemonTest : public testing::Test {
 protected:
  void SetUp() override { Start(); }

  // (Re)starts the daemon with the configuration that WriteConfig left, if any.
  void Start();
  void Restart();
  void KillAndRestart();
  void WriteConfig(const std::string& toml);

  std::string DataDir() const { return directory_.path() + "/data"; }
  std::string ConfigPath() const { return directory_.path() + "/purserd.toml"; }
  std::vector<std::string> ServeArguments() const;
  int port() const { return daemon_->port(); }

  RestAnswer Get(const std::string& path, const Headers& headers = {}) {
    return client_->Get(path, headers);
  }
  // Of what is streamed the body, which HTTP/1.0 gets bare; "" where there is none. `more` are
  // header lines, each with its end.
  std::string GetStream(const std::string& path, const std::string& type,
                        const std::string& more = "") const;
  RestAnswer Post(const std::string& path, const std::string& body, const Headers& headers = {}) {
    return client_->Post(path, body, headers);
  }
  RestAnswer Patch(const std::string& path, const std::string& body, const Headers& headers = {}) {
    return client_->Send("PATCH", path, body, headers);
  }
  RestAnswer Delete(const std::string& path, const Headers& headers = {}) {
    return client_->Send("DELETE", path, "", headers);
  }
  RestAnswer Advance(const std::string& body) { return Post("/v1/test/clock:advance", body); }
  // The newest sequence of the default population.
  // Operations of a batch, and its body.
  static std::string Create(const std::string& id, const std::string& gpu_hours) {
    return Concat("{\"create\":", Ask(id, gpu_hours), "}");
  }
  static std::string Batch(const std::vector<std::string>& operations, bool atomic = false) {
    std::string body = atomic ? "{\"atomic\":true,\"operations\":[" : "{\"operations\":[";
    for (size_t i = 0; i < operations.size(); ++i) body += (i == 0 ? "" : ",") + operations[i];
    return body + "]}";
  }
  std::string Sequence() { return Get(kBooks).Header("Ledger-Sequence"); }
  // The identity line of gpu_hours in the default population.
  std::string GpuHours() { return Get(kGpuHours).Field("identity"); }

  TempDirectory directory_;
  std::unique_ptr<PurserdProcess> daemon_;
  std::unique_ptr<RestClient> client_;
  bool has_config_ = false;
  std::vector<std::string> environment_;  // the daemon's, besides this process's
  std::string clock_ = "2026-01-01T00:00:00Z";
};

}  // namespace purser

#endif  // PURSER_TESTS_END_TO_END_DAEMON_FIXTURE_H_
