#include "api/cli/journal.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "api/cli/message_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "api/v1/journal.pb.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

constexpr int64_t kPageSizeMax = 1'000;  // the daemon cuts what is larger

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

// Follows the journal over as many connections as it takes, each beginning where the one before
// ended.
class Follower {
 public:
  Follower(const Arguments& arguments, Connection* connection, uint64_t after)
      : arguments_(arguments),
        connection_(connection),
        path_(connection->InPopulation(Concat("/watch?after=", after))),
        position_(after) {}

  // Until the output is lost, or with what cannot be mended by trying again. What was followed
  // before is followed again once the daemon is back; DONE with `too_far_back` asks for pages
  // first.
  ExitCode Run();
  uint64_t position() const { return position_; }
  bool too_far_back() const { return too_far_back_; }

 private:
  bool Take(const std::string& data);
  // Whether to try again; says once that it does.
  bool MayRetry(const Reply& reply);

  const Arguments& arguments_;
  Connection* const connection_;
  const std::string path_;
  uint64_t position_;
  std::string complaint_;  // of an event
  bool began_ = false;
  bool is_waiting_ = false;
  bool too_far_back_ = false;
};

bool Follower::Take(const std::string& data) {
  is_waiting_ = false;
  v1::JournalEntry entry;
  if (!Connection::ReadMessage(data, &entry, &complaint_)) return false;
  if (entry.sequence() != position_ + 1) {
    complaint_ = Concat("entry ", entry.sequence(), " came behind ", position_);
    return false;
  }
  position_ = entry.sequence();
  if (arguments_.json) {
    WriteOut(Concat(data, "\n"));
  } else {
    Print({{position_, std::move(entry)}}, /*with_heading=*/false);
  }
  return !IsOutputLost();
}

bool Follower::MayRetry(const Reply& reply) {
  if (reply.done()) {
    is_waiting_ = false;
    return true;
  }
  const bool passes = reply.exit_code == ExitCode::kUnreachable || reply.code == "overloaded" ||
                      reply.code == "read_only";
  if (!began_ || !passes) return false;
  if (!std::exchange(is_waiting_, true)) {
    WriteComplaint(Concat(reply.complaint, "\n  Trying again until it answers."));
  }
  return true;
}

ExitCode Follower::Run() {
  std::string last_id;
  while (true) {
    const Reply reply = connection_->Follow(
        path_, last_id, [this](const std::string&, const std::string& data) { return Take(data); });
    if (IsOutputLost()) return ExitCode::kDone;
    if (!complaint_.empty()) {
      WriteComplaint(Concat("the journal cannot be followed: ", complaint_));
      return ExitCode::kUnreachable;
    }
    too_far_back_ = reply.code == "too_far_back";
    if (too_far_back_) return ExitCode::kDone;
    if (!MayRetry(reply)) return Fail(reply, arguments_);
    began_ = began_ || reply.done();
    last_id = Concat(position_);
    std::this_thread::sleep_for(std::chrono::microseconds(arguments_.interval_us));
  }
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
    Follower follower(arguments, connection, tail.after);
    const ExitCode ended = follower.Run();
    if (!follower.too_far_back()) return ended;
    // All that came since, however much: nothing is left out.
    tail = {follower.position(), INT64_MAX, kPageSizeMax};
    is_first = false;
  }
}

}  // namespace purser::cli
