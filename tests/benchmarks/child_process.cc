#include "tests/benchmarks/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "ledger/check.h"

namespace purser {
namespace {

struct Account {
  uid_t user;
  gid_t group;
};

std::optional<Account> FindAccount(const std::string& user) {
  if (user.empty()) return std::nullopt;
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> text(16 * 1024);
  getpwnam_r(user.c_str(), &entry, text.data(), text.size(), &found);
  PURSER_CHECK(found != nullptr, "the user is there");
  return Account{entry.pw_uid, entry.pw_gid};
}

// In the child, between fork and exec: only what may be called there.
void Become(const std::optional<Account>& account) {
  if (!account.has_value()) return;
  if (setgroups(0, nullptr) != 0 || setgid(account->group) != 0 || setuid(account->user) != 0) {
    _exit(126);
  }
}

}  // namespace

ChildProcess::ChildProcess(ChildOptions options) : options_(std::move(options)) {
  std::vector<char*> argv;
  argv.reserve(options_.argv.size() + 1);
  for (const std::string& part : options_.argv) argv.push_back(const_cast<char*>(part.c_str()));
  argv.push_back(nullptr);
  const int log = open(options_.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  PURSER_CHECK(log >= 0, "the benchmark may write to its directory");
  const std::optional<Account> account = FindAccount(options_.user);
  pid_ = fork();
  PURSER_CHECK(pid_ >= 0, "the benchmark may start a process");
  if (pid_ == 0) {
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    Become(account);
    prctl(PR_SET_PDEATHSIG, options_.stop_signal);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(log);
}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  kill(pid_, options_.stop_signal);
  Wait();
}

int ChildProcess::Wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool CanRun(const std::string& program) { return access(program.c_str(), X_OK) == 0; }

void GiveDirectory(const std::string& path, const std::string& user) {
  const std::optional<Account> account = FindAccount(user);
  if (!account.has_value()) return;
  PURSER_CHECK(chown(path.c_str(), account->user, account->group) == 0, "root may give");
}

}  // namespace purser
