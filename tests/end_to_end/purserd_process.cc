#include "tests/end_to_end/purserd_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/fixtures/temp_directory.h"

namespace purser {
namespace {

constexpr char kBinary[] = PURSER_BIN_DIR "/purserd";
constexpr char kListening[] = "listening on http://127.0.0.1:";
constexpr char kForOperators[] = "for operators also on http://127.0.0.1:";

// What execve takes: `added`, and of this process's environment what has no name of those.
std::vector<char*> Environment(const std::vector<std::string>& added) {
  std::vector<char*> variables;
  variables.reserve(added.size());
  for (const std::string& variable : added) {
    variables.push_back(const_cast<char*>(variable.c_str()));
  }
  for (char** inherited = environ; *inherited != nullptr; ++inherited) {
    const std::string_view variable(*inherited);
    const std::string_view name = variable.substr(0, variable.find('=') + 1);
    const bool replaced = std::any_of(added.begin(), added.end(), [&](const std::string& other) {
      return other.rfind(name, 0) == 0;
    });
    if (!replaced) variables.push_back(*inherited);
  }
  variables.push_back(nullptr);
  return variables;
}

}  // namespace

std::string ReadWholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

PurserdProcess::PurserdProcess(const std::vector<std::string>& arguments, std::string err_path,
                               const std::vector<std::string>& environment)
    : err_path_(std::move(err_path)) {
  int out[2];
  PURSER_CHECK(pipe2(out, O_CLOEXEC) == 0, "a test may make a pipe");
  std::vector<char*> argv = {const_cast<char*>("purserd")};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> envp = Environment(environment);
  const int err = open(err_path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  PURSER_CHECK(err >= 0, "a test may write to its directory");
  pid_ = fork();
  PURSER_CHECK(pid_ >= 0, "a test may start a process");
  if (pid_ == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execve(kBinary, argv.data(), envp.data());
    _exit(127);
  }
  close(out[1]);
  close(err);
  out_ = out[0];
  ReadPort();
}

PurserdProcess::~PurserdProcess() {
  Kill();
  close(out_);
}

int PurserdProcess::ReadNumber(std::string_view mark) {
  std::string line;
  char c = 0;
  while (read(out_, &c, 1) == 1 && c != '\n') line.push_back(c);
  if (line.rfind(mark, 0) != 0) return 0;
  return static_cast<int>(std::strtol(line.c_str() + mark.size(), nullptr, 10));
}

void PurserdProcess::ReadPort() {
  port_ = ReadNumber(kListening);
  if (port_ == 0) Wait();
}

int PurserdProcess::ReadAdminPort() { return ReadNumber(kForOperators); }

std::string PurserdProcess::Err() const { return ReadWholeFile(err_path_); }

void PurserdProcess::Kill() {
  if (pid_ > 0) kill(pid_, SIGKILL);
  Wait();
}

void PurserdProcess::Terminate() {
  if (pid_ > 0) kill(pid_, SIGTERM);
}

int PurserdProcess::Wait() {
  if (pid_ <= 0) return exit_code_;
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  was_killed_ = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  return exit_code_;
}

PurserdRun RunPurserd(const std::string& arguments, const std::string& before) {
  const TempDirectory directory;
  const std::string out = directory.path() + "/out";
  const std::string err = directory.path() + "/err";
  const std::string command =
      Concat(before, "; '", kBinary, "' ", arguments, " >'", out, "' 2>'", err, "' </dev/null");
  // One at a time. NOLINTNEXTLINE(concurrency-mt-unsafe)
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, ReadWholeFile(out), ReadWholeFile(err)};
}

}  // namespace purser
