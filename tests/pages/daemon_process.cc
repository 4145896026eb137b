#include "tests/pages/daemon_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "ledger/check.h"

namespace purser::pages {
namespace {

constexpr char kGreeting[] = "listening on http://";

[[noreturn]] void Run(const std::vector<std::string>& arguments, int standard_output) {
  dup2(standard_output, STDOUT_FILENO);
  const std::string program = std::string(PURSER_BIN_DIR) + "/purserd";
  std::vector<char*> argv = {const_cast<char*>(program.c_str()), const_cast<char*>("serve")};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(program.c_str(), argv.data());
  _exit(127);
}

std::string ReadLine(int descriptor) {
  std::FILE* const file = fdopen(descriptor, "r");
  char line[256] = "";
  const bool read = std::fgets(line, sizeof(line), file) != nullptr;
  std::fclose(file);
  std::string text = read ? line : "";
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

DaemonProcess::DaemonProcess(const std::vector<std::string>& arguments) {
  int ends[2];
  PURSER_CHECK(pipe(ends) == 0, "a test may make a pipe");
  pid_ = fork();
  PURSER_CHECK(pid_ >= 0, "a test may start a process");
  if (pid_ == 0) Run(arguments, ends[1]);
  close(ends[1]);
  const std::string line = ReadLine(ends[0]);
  PURSER_CHECK(line.rfind(kGreeting, 0) == 0, "purserd starts and says where it listens");
  address_ = line.substr(sizeof(kGreeting) - 1);
}

DaemonProcess::~DaemonProcess() { Stop(); }

int DaemonProcess::Stop() {
  if (pid_ < 0) return exit_code_;
  kill(pid_, SIGTERM);
  int status = 0;
  waitpid(pid_, &status, 0);
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  pid_ = -1;
  return exit_code_;
}

}  // namespace purser::pages
