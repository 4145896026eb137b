#ifndef PURSER_DAEMON_DUMP_H_
#define PURSER_DAEMON_DUMP_H_

// The journal written out for others, entry by entry, oldest first.
//
// As JSON lines, an object an entry: population, sequence, time, command, principal,
// policy_version, key, request_id, facts (protobuf's text, for reading), postings and balances
// (amounts as decimal strings), `stored` (the stored bytes, base64) and `hash` (hexadecimal).
// Anybody can check the chain: the first hash is SHA-256 of "purser/1/" and the population's name,
// each next one SHA-256 of the 32 bytes before it and the entry's stored bytes.
//
// As plain-text accounting: ledger_text.h.
//
// Thread-safe: works on snapshots.
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "daemon/journal_store.h"

namespace purser {

struct DumpOptions {
  enum class Format { kJsonLines, kLedger };
  Format format = Format::kJsonLines;
  std::string population;  // empty: all, in the order in which they were made
};

// "json" or "ledger"; false for anything else.
bool ParseDumpFormat(std::string_view text, DumpOptions::Format* format);

// NotFound: there is no such population. DataLoss: a row cannot be read; what came before is
// written.
absl::Status Dump(JournalStore* store, const DumpOptions& options, std::ostream& out);

// `purserd dump`. 0: written, 1: not all of it could be read or written, 2: no such population.
// What is wrong goes to `errors`.
int RunDump(JournalStore* store, const DumpOptions& options, std::ostream& out,
            std::ostream& errors);
// The same, with errors to the standard error.
int RunDump(JournalStore* store, const DumpOptions& options, std::ostream& out);

}  // namespace purser

#endif  // PURSER_DAEMON_DUMP_H_
