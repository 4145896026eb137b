#ifndef PURSER_API_CLI_JOURNAL_H_
#define PURSER_API_CLI_JOURNAL_H_

// `purser journal tail`: the newest entries, newest last, and with --follow what comes after.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

// With --json each answer of the daemon that has new entries is one line, as it came. With --follow
// it returns when the daemon refuses or is gone, or nobody reads the output.
ExitCode RunJournalTail(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_JOURNAL_H_
