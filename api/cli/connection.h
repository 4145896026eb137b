#ifndef PURSER_API_CLI_CONNECTION_H_
#define PURSER_API_CLI_CONNECTION_H_

// The daemon at one URL, as one caller, in one population: sends messages and reads the answers,
// and says in words what went wrong. An answer of a newer daemon is read: fields that this version
// does not know are passed over. Thread-compatible.
#include <string>
#include <string_view>

#include "api/cli/arguments.h"
#include "api/cli/event_reader.h"
#include "api/cli/http_client.h"
#include "api/cli/output.h"
#include "google/protobuf/message.h"
#include "ledger/text.h"

namespace purser::cli {

struct Reply {
  ExitCode exit_code = ExitCode::kDone;  // kDone: a 2xx answer, and the message is filled
  std::string body;                      // the JSON as it came: the answer, or the problem
  std::string code;                      // of the problem
  std::string complaint;                 // what to tell the operator, unless done
  std::string advice;                    // how to send it again, when what became of it is unknown
  bool sent = true;                      // false: the daemon cannot have received it
  bool replayed = false;                 // the first answer to the same id or key, once more

  bool done() const { return exit_code == ExitCode::kDone; }
};

// For anything that must not happen twice.
struct Protection {
  bool by_id = false;  // the body or path names an id that takes effect once
  std::string key;     // the Idempotency-Key; empty and not by_id: one is made up
};

class Connection {
 public:
  explicit Connection(const Arguments& arguments);

  // `path` starts with '/'; what comes from the operator in it is Escape()d.
  Reply Get(std::string_view path, google::protobuf::Message* answer);
  // The body as it comes, of this type.
  Reply GetText(std::string_view path, std::string_view type);
  Reply Post(std::string_view path, const google::protobuf::Message& body,
             const Protection& protection, google::protobuf::Message* answer);

  // A PATCH or DELETE of what has this generation; it takes effect once by that. `body`: nullptr
  // for none.
  Reply Change(const std::string& method, std::string_view path,
               const google::protobuf::Message* body, uint64_t generation,
               google::protobuf::Message* answer);

  // Follows server-sent events until `take` says false or the stream ends or breaks off, which is
  // done as well once it had begun. `last_id`, unless empty, is the last event seen.
  Reply Follow(std::string_view path, const std::string& last_id, const EventReader::Take& take);

  // /v1/populations/{population} and then `rest`.
  std::string InPopulation(std::string_view rest) const;
  static std::string Escape(std::string_view text);
  // False, with the reason, when `json` cannot be read as that message.
  static bool ReadMessage(const std::string& json, google::protobuf::Message* message,
                          std::string* reason);

 private:
  Reply Exchange(HttpCall call, google::protobuf::Message* answer);
  Reply ReadAnswer(const HttpAnswer& answer, google::protobuf::Message* message) const;
  Reply DescribeFailure(const absl::Status& status, bool is_read) const;

  std::string url_;
  std::string token_;
  std::string population_;
  HttpClient client_;
};

// How a command ends that was not done: prints the complaint, or with --json the problem as it
// came.
ExitCode Fail(const Reply& reply, const Arguments& arguments);
// How a command ends whose answer is read as `text`, or with --json as it came.
ExitCode Show(const Reply& reply, const Arguments& arguments, const std::string& text);

// A line that says that nothing was recorded; empty unless it is the answer to a dry run.
template <typename Answer>
std::string DryRunText(const Answer& answer) {
  if (!answer.dry_run()) return "";
  std::string text = "dry run: nothing was recorded";
  if constexpr (requires { answer.judged_at_sequence(); }) {
    text += Concat("; judged at sequence ", answer.judged_at_sequence());
  }
  return text + "\n";
}
// A line that says that it was sent before; empty unless the daemon says so.
std::string ReplayText(const Reply& reply);
// How a command ends that changes something: as Show, below what is special about the answer.
template <typename Answer>
ExitCode ShowChange(const Reply& reply, const Arguments& arguments, const Answer& answer,
                    const std::string& text) {
  return Show(reply, arguments, Concat(DryRunText(answer), ReplayText(reply), text));
}
// How a deletion of `what`, such as "budget docs", ends.
template <typename Answer>
ExitCode ShowDeletion(const Reply& reply, const Arguments& arguments, const Answer& answer,
                      const std::string& what) {
  return ShowChange(reply, arguments, answer,
                    Concat(what, answer.dry_run() ? " would be deleted\n" : " deleted\n"));
}

}  // namespace purser::cli

#endif  // PURSER_API_CLI_CONNECTION_H_
