// purserd: the daemon and its offline sub-commands.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/time/time.h"
#include "config/rules.h"
#include "daemon/dump.h"
#include "daemon/rocks_store.h"
#include "daemon/serve.h"
#include "daemon/verify.h"
#include "ledger/text.h"

// Read by jemalloc when the process starts. What a thread keeps for itself is small: with the
// default sizes 10,200 threads had 383 MiB, with these they have 270.
extern "C" const char* malloc_conf;
const char* malloc_conf = "tcache_max:1024,tcache_nslots_small_max:20,tcache_nslots_small_min:4";

namespace purser {
namespace {

constexpr int kUsage = 2;
constexpr int kFailed = 1;

struct Arguments {
  std::string config;
  std::string data_dir;
  std::string listen;
  std::string admin_listen;
  std::string test_clock;
  std::string format = "json";
  std::string population;
  bool insecure = false;
  bool quiet = false;
  bool greet = false;
};

int Fail(int code, const std::string& message) {
  std::fprintf(stderr, "purserd: %s\n", message.c_str());
  return code;
}

bool CheckListener(const char* option, const std::string& at, const Config& config) {
  if (IsLoopback(at) || (config.insecure && !config.tokens.empty())) return true;
  Fail(kUsage, Concat(option, " ", at,
                      ": beyond loopback the daemon needs [[tokens]] in its "
                      "configuration and --insecure (it has no TLS yet)"));
  return false;
}

// The configuration of the file and the command line, or every mistake on the standard error.
bool ReadConfig(const Arguments& arguments, Config* config) {
  if (!arguments.config.empty()) {
    std::vector<ConfigFault> faults;
    *config = LoadConfig(arguments.config, &faults);
    for (const ConfigFault& fault : faults) {
      std::fprintf(stderr, "%s\n", FormatFault(arguments.config, fault).c_str());
    }
    if (!faults.empty()) return false;
  }
  const auto address = [](const std::string& option, const std::string& value) {
    if (auto fault = CheckAddress(value)) {
      Fail(kUsage, Concat(option, ": ", *fault));
      return false;
    }
    return true;
  };
  if (!arguments.listen.empty()) {
    if (!address("--listen", arguments.listen)) return false;
    config->listen = arguments.listen;
  }
  if (!arguments.admin_listen.empty()) {
    if (!address("--admin-listen", arguments.admin_listen)) return false;
    config->admin_listen = arguments.admin_listen;
  }
  config->insecure = config->insecure || arguments.insecure;
  if (!CheckListener("--listen", config->listen, *config)) return false;
  if (!config->admin_listen.has_value()) return true;
  if (*config->admin_listen == config->listen && !config->listen.ends_with(":0")) {
    Fail(kUsage, Concat("--admin-listen ", config->listen, ": is the same as --listen"));
    return false;
  }
  return CheckListener("--admin-listen", *config->admin_listen, *config);
}

std::string DataDir(const Arguments& arguments, const Config& config) {
  if (!arguments.data_dir.empty()) return arguments.data_dir;
  if (!config.data_dir.empty()) return config.data_dir;
  // No thread yet changes the environment. NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* state = std::getenv("XDG_STATE_HOME");
  // No thread yet changes the environment. NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* home = std::getenv("HOME");
  if (state != nullptr && *state != '\0') return Concat(state, "/purser");
  return Concat(home == nullptr ? "" : home, "/.local/state/purser");
}

int RunServe(const Arguments& arguments) {
  ServeOptions options;
  if (!ReadConfig(arguments, &options.config)) return kUsage;
  options.data_dir = DataDir(arguments, options.config);
  options.quiet = arguments.quiet;
  options.greet = arguments.greet;
  if (!arguments.test_clock.empty()) {
    absl::Time time;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, arguments.test_clock, &time, &error)) {
      return Fail(kUsage, "--test-clock: an RFC 3339 time, such as 2026-01-01T00:00:00Z");
    }
    options.test_clock_us = absl::ToUnixMicros(time);
  }
  std::error_code error;
  std::filesystem::create_directories(options.data_dir, error);
  if (error) return Fail(kFailed, Concat(options.data_dir, ": ", error.message()));
  const absl::Status status = Serve(options);
  return status.ok() ? 0 : Fail(kFailed, std::string(ToStd(status.message())));
}

// Runs `work` on the store of a daemon that does not run.
int WithStore(const Arguments& arguments, const std::function<int(JournalStore*)>& work) {
  Config config;
  if (!ReadConfig(arguments, &config)) return kUsage;
  RocksStoreOptions options;
  options.path = DataDir(arguments, config);
  options.read_only = true;
  auto store = RocksStore::Open(options);
  if (!store.ok()) return Fail(kFailed, std::string(ToStd(store.status().message())));
  return work(store->get());
}

int RunCheckConfig(const Arguments& arguments) {
  Config config;
  if (!ReadConfig(arguments, &config)) return kFailed;
  std::printf("%s: ok, policy version %s\n",
              arguments.config.empty() ? "defaults" : arguments.config.c_str(),
              PolicyVersion(config).c_str());
  return 0;
}

int Run(int argc, char** argv) {
  CLI::App app("purserd: the ledger of resources for populations of models");
  app.set_version_flag("--version", PURSER_VERSION);
  app.require_subcommand(1);
  Arguments arguments;
  const auto add = [&](const char* name, const char* help) {
    CLI::App* command = app.add_subcommand(name, help);
    command->add_option("--config", arguments.config, "the configuration file (TOML)");
    command->add_option("--data-dir", arguments.data_dir, "where the books are kept");
    return command;
  };
  CLI::App* serve = add("serve", "answer requests until SIGTERM");
  serve->add_option("--listen", arguments.listen, "address:port, 127.0.0.1:7480 by default");
  serve->add_option("--admin-listen", arguments.admin_listen, "a second listener for operators");
  serve->add_option("--test-clock", arguments.test_clock,
                    "time stands still from this RFC 3339 time until it is advanced");
  serve->add_flag("--insecure", arguments.insecure, "listen beyond loopback without TLS");
  serve->add_flag("--quiet", arguments.quiet, "no log line a request");
  serve->add_flag("--greet", arguments.greet, "say what to try next, once it answers");
  CLI::App* verify = add("verify", "prove that the books are what the journal says");
  CLI::App* dump = add("dump", "write the journal out");
  dump->add_option("--format", arguments.format, "json (lines) or ledger (plain-text accounting)");
  dump->add_option("--population", arguments.population, "one population only");
  CLI::App* check = add("check-config", "say every mistake of a configuration");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  if (*serve) return RunServe(arguments);
  if (*check) return RunCheckConfig(arguments);
  if (*verify) {
    return WithStore(arguments, [](JournalStore* store) { return RunVerify(store, std::cout); });
  }
  if (!*dump) return kUsage;
  DumpOptions options;
  options.population = arguments.population;
  if (!ParseDumpFormat(arguments.format, &options.format)) {
    return Fail(kUsage, "--format: json or ledger");
  }
  return WithStore(arguments,
                   [&](JournalStore* store) { return RunDump(store, options, std::cout); });
}

}  // namespace
}  // namespace purser

int main(int argc, char** argv) { return purser::Run(argc, argv); }
