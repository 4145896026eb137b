#include "tests/cli/purser_run.h"

#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/fixtures/temp_directory.h"

namespace purser {

PurserRun RunPurser(const std::string& arguments, const std::string& environment) {
  const TempDirectory directory;
  const std::string err_path = directory.path() + "/err";
  const std::string command =
      Concat("env -u PURSER_URL -u PURSER_TOKEN -u COLUMNS http_proxy=http://127.0.0.1:1 ",
             environment, " '", PURSER_BIN_DIR, "/purser' ", arguments, " 2>'", err_path, "'");
  std::FILE* const pipe = popen(command.c_str(), "r");
  PURSER_CHECK(pipe != nullptr, "a test may start a shell");
  PurserRun run;
  char bytes[4096];
  for (size_t count = 0; (count = std::fread(bytes, 1, sizeof(bytes), pipe)) > 0;) {
    run.out.append(bytes, count);
  }
  const int status = pclose(pipe);
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  std::ifstream file(err_path);
  std::stringstream text;
  text << file.rdbuf();
  run.err = text.str();
  return run;
}

}  // namespace purser
