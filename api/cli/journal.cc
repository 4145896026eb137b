#include "api/cli/journal.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <thread>

#include "api/cli/message_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "api/v1/journal.pb.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

constexpr int64_t kPageSizeMax = 1'000;   // the daemon cuts what is larger
constexpr int64_t kFollowPageSize = 100;  // a look that finds nothing new should cost little

using Entries = std::map<uint64_t, v1::JournalEntry>;  // by sequence

// What is wanted of the journal's end: `count` entries, none of them up to `after`.
struct Tail {
  uint64_t after = 0;
  int64_t count = 0;
  int64_t page_size = 0;
};

// Whether `entries` are all that is wanted.
bool IsComplete(const Entries& entries, const Tail& tail) {
  if (entries.empty()) return false;
  return static_cast<int64_t>(entries.size()) >= tail.count ||
         entries.begin()->first <= tail.after + 1;
}

// Reads pages, newest first, until they reach back far enough.
Reply Fetch(Connection* connection, const Tail& tail, bool is_raw, Entries* entries) {
  std::string token;
  Reply reply;
  do {
    std::string path = Concat("/journal?page_size=", tail.page_size);
    if (!token.empty()) path += Concat("&page_token=", Connection::Escape(token));
    v1::JournalEntryList page;
    reply = connection->Get(connection->InPopulation(path), &page);
    if (!reply.done() || page.entries().empty()) return reply;
    bool is_new = false;
    for (v1::JournalEntry& entry : *page.mutable_entries()) {
      if (entry.sequence() <= tail.after) continue;
      is_new = true;
      const uint64_t sequence = entry.sequence();
      entries->insert_or_assign(sequence, std::move(entry));
    }
    if (!is_new) return reply;
    if (is_raw) WriteOut(Concat(reply.body, "\n"));
    token = page.next_page_token();
  } while (!token.empty() && !IsComplete(*entries, tail));
  while (static_cast<int64_t>(entries->size()) > tail.count) entries->erase(entries->begin());
  return reply;
}

// `Held exp-1; gpu_hours 40 available→held`
std::string EventText(const v1::JournalEntry& entry) {
  std::string out;
  for (const v1::JournalFact& fact : entry.facts()) {
    out += Concat(out.empty() ? "" : "; ", fact.kind(), fact.subject().empty() ? "" : " ",
                  fact.subject());
  }
  for (const v1::Posting& posting : entry.postings()) {
    out += Concat(out.empty() ? "" : "; ", posting.resource(), " ", AmountText(posting.amount()),
                  " ", posting.from(), "→", posting.to());
  }
  return out;
}

Table MakeTable() {
  // Wide enough from the start for what --follow prints later.
  return Table({{"SEQUENCE", Align::kRight},
                {"TIME", Align::kLeft, Fit::kKeep, 27},
                {"COMMAND", Align::kLeft, Fit::kKeep, 12},
                {"PRINCIPAL"},
                {"EVENTS", Align::kLeft, Fit::kWrap}});
}

void Print(const Entries& entries, bool with_heading) {
  Table table = MakeTable();
  for (const auto& [sequence, entry] : entries) {
    table.AddRow({Concat(sequence), TimeText(entry.time()), entry.command(), entry.principal(),
                  EventText(entry)});
  }
  WriteOut(with_heading ? table.HeadingAndRows(OutputColumns()) : table.Rows(OutputColumns()));
}

}  // namespace

ExitCode RunJournalTail(const Arguments& arguments, Connection* connection) {
  Tail tail{0, arguments.entries, std::min(arguments.entries, kPageSizeMax)};
  bool is_first = true;
  while (true) {
    Entries entries;
    const Reply reply = Fetch(connection, tail, arguments.json, &entries);
    if (!reply.done()) return Fail(reply, arguments);
    if (!arguments.json && (is_first || !entries.empty())) Print(entries, is_first);
    if (!entries.empty()) tail.after = entries.rbegin()->first;
    if (!arguments.follow || IsOutputLost()) return ExitCode::kDone;
    // All that came since, however much: nothing is left out between two looks.
    tail.count = INT64_MAX;
    tail.page_size = kFollowPageSize;
    is_first = false;
    std::this_thread::sleep_for(std::chrono::microseconds(arguments.interval_us));
  }
}

}  // namespace purser::cli
