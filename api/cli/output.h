#ifndef PURSER_API_CLI_OUTPUT_H_
#define PURSER_API_CLI_OUTPUT_H_

// What `purser` says and how it ends.
#include <string_view>

namespace purser::cli {

// Scripts rely on these numbers: do not renumber.
enum class ExitCode : int {
  kDone = 0,
  kRefused = 1,      // the daemon answered with a problem
  kUsage = 2,        // the command line makes no sense
  kUnreachable = 3,  // no answer, or none that can be read, or one that does not know either
  kOutputLost = 4,   // standard output could not be written
};

// To standard output, at once: a follower's reader waits for it.
void WriteOut(std::string_view text);
// To standard error, as `purser: text`.
void WriteComplaint(std::string_view text);
// Whether anything written to standard output was lost.
bool IsOutputLost();

}  // namespace purser::cli

#endif  // PURSER_API_CLI_OUTPUT_H_
