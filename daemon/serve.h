#ifndef PURSER_DAEMON_SERVE_H_
#define PURSER_DAEMON_SERVE_H_

// `purserd serve`: puts store, pipeline, service and HTTP server together and runs until a signal.
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "config/config.h"
#include "ledger/resource.h"

namespace purser {

struct ServeOptions {
  Config config;
  std::string data_dir;
  std::optional<InstantUs> test_clock_us;  // time stands still from here
  bool quiet = false;                      // no line a request
  bool greet = false;                      // say what to try next
};

// Prints `listening on http://ADDRESS` once it answers (and `for operators also on http://ADDRESS`
// where there is a second listener), what to try next if it is to greet, serves until SIGTERM or
// SIGINT, answers what it took, and returns. FailedPrecondition also when too few files may be open
// for the threads; else that, DataLoss, Unavailable as the store and the server say.
absl::Status Serve(const ServeOptions& options);

// Names the configuration in every journal entry: the first 16 hex digits of its text's SHA-256, or
// "default" without a file.
std::string PolicyVersion(const Config& config);

}  // namespace purser

#endif  // PURSER_DAEMON_SERVE_H_
