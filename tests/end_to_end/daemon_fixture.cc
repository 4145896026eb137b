#include "tests/end_to_end/daemon_fixture.h"

#include <filesystem>
#include <fstream>

#include "tests/http/raw_client.h"

namespace purser {

std::string Ask(const std::string& id, const std::string& gpu_hours, const std::string& purpose,
                const std::string& more) {
  return Concat("{\"id\":\"", id, "\",\"purpose\":\"", purpose, "\",\"amounts\":{\"gpu_hours\":\"",
                gpu_hours, "\"},", kLabels, more, "}");
}

std::vector<std::string> DaemonTest::ServeArguments() const {
  std::vector<std::string> arguments = {"serve",    "--data-dir",  DataDir(),
                                        "--listen", "127.0.0.1:0", "--quiet"};
  if (!clock_.empty()) {
    arguments.push_back("--test-clock");
    arguments.push_back(clock_);
  }
  if (has_config_) {
    arguments.push_back("--config");
    arguments.push_back(ConfigPath());
  }
  return arguments;
}

std::string DaemonTest::GetStream(const std::string& path, const std::string& type,
                                  const std::string& more) const {
  api::RawClient client(port());
  client.Send(
      Concat("GET ", path, " HTTP/1.0\r\nHost: localhost\r\nAccept: ", type, "\r\n", more, "\r\n"));
  std::string all;
  for (std::string some = client.ReadSome(); !some.empty(); some = client.ReadSome()) all += some;
  const size_t end_of_head = all.find("\r\n\r\n");
  return end_of_head == std::string::npos ? "" : all.substr(end_of_head + 4);
}

void DaemonTest::Start() {
  daemon_ =
      std::make_unique<PurserdProcess>(ServeArguments(), directory_.path() + "/err", environment_);
  ASSERT_NE(daemon_->port(), 0) << daemon_->Err();
  client_ = std::make_unique<RestClient>(daemon_->port());
}

void DaemonTest::Restart() {
  daemon_->Terminate();
  ASSERT_EQ(daemon_->Wait(), 0) << daemon_->Err();
  Start();
}

void DaemonTest::KillAndRestart() {
  daemon_->Kill();
  Start();
}

void DaemonTest::WriteConfig(const std::string& toml) {
  std::ofstream(ConfigPath()) << toml;
  has_config_ = true;
}

}  // namespace purser
