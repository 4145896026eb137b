#include "api/cli/connection.h"

#include <random>
#include <utility>
#include <vector>

#include "api/cli/problem_text.h"
#include "api/cli/terminal_text.h"
#include "api/json.h"
#include "api/v1/problem.pb.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

constexpr size_t kExcerptBytesMax = 120;

constexpr char kHexDigits[] = "0123456789ABCDEF";

// 128 random bits: two callers never make the same key.
std::string MakeKey() {
  std::random_device source;
  std::string key = "purser-";
  for (int i = 0; i < 32; ++i) key.push_back(kHexDigits[source() % 16]);
  return key;
}

// The first fault that is more than a field of a newer daemon; nullptr when there is none.
const v1::Fault* FindRealFault(const std::vector<v1::Fault>& faults) {
  for (const v1::Fault& fault : faults) {
    if (fault.code() != "unknown_field") return &fault;
  }
  return nullptr;
}

std::string Excerpt(const std::string& body) {
  if (body.empty()) return "an empty body";
  const bool is_whole = body.size() <= kExcerptBytesMax;
  return Concat("'", Printable(body.substr(0, kExcerptBytesMax)), is_whole ? "'" : "…'");
}

std::string ResendAdvice(const Protection& protection, const std::string& key) {
  constexpr std::string_view kUnknown =
      "It may or may not have taken effect. Send the same command again";
  if (protection.by_id) return Concat(kUnknown, ": because of its id it takes effect once.");
  return Concat(kUnknown, " with --idempotency-key ", key, ": then it takes effect once.");
}

}  // namespace

Connection::Connection(const Arguments& arguments)
    : url_(arguments.url), token_(arguments.token), population_(arguments.population) {}

std::string Connection::Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (is_plain) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
  }
  return out;
}

bool Connection::ReadMessage(const std::string& json, google::protobuf::Message* message,
                             std::string* reason) {
  std::vector<v1::Fault> faults;
  api::ParseJson(json, message, &faults);
  const v1::Fault* const fault = FindRealFault(faults);
  if (fault == nullptr) return true;
  *reason = Printable(Concat(fault->path(), fault->path().empty() ? "" : ": ", fault->message()));
  return false;
}

std::string Connection::InPopulation(std::string_view rest) const {
  return Concat("/v1/populations/", Escape(population_), rest);
}

Reply Connection::Get(std::string_view path, google::protobuf::Message* answer) {
  HttpCall call;
  call.url = Concat(url_, path);
  return Exchange(std::move(call), answer);
}

Reply Connection::GetText(std::string_view path, std::string_view type) {
  HttpCall call;
  call.url = Concat(url_, path);
  call.headers.emplace_back("Accept", Concat(type, ", application/problem+json;q=0.5"));
  if (!token_.empty()) call.headers.emplace_back("Authorization", Concat("Bearer ", token_));
  absl::StatusOr<HttpAnswer> received = client_.Send(call);
  if (!received.ok()) return DescribeFailure(received.status(), true);
  if (received->status != 200) {
    v1::Problem problem;
    return ReadAnswer(*received, &problem);
  }
  Reply reply;
  reply.body = std::move(received->body);
  return reply;
}

Reply Connection::Post(std::string_view path, const google::protobuf::Message& body,
                       const Protection& protection, google::protobuf::Message* answer) {
  HttpCall call;
  call.method = "POST";
  call.url = Concat(url_, path);
  call.headers.emplace_back("Content-Type", "application/json");
  api::PrintJson(body, &call.body);
  const std::string key = protection.key.empty() && !protection.by_id ? MakeKey() : protection.key;
  if (!key.empty()) call.headers.emplace_back("Idempotency-Key", key);
  Reply reply = Exchange(std::move(call), answer);
  const bool is_unknown =
      (reply.exit_code == ExitCode::kUnreachable && reply.sent) || reply.code == "commit_unknown";
  if (is_unknown) reply.advice = ResendAdvice(protection, key);
  return reply;
}

Reply Connection::Change(const std::string& method, std::string_view path,
                         const google::protobuf::Message* body, uint64_t generation,
                         google::protobuf::Message* answer) {
  HttpCall call;
  call.method = method;
  call.url = Concat(url_, path);
  call.headers.emplace_back("If-Match", Concat("\"", generation, "\""));
  if (body != nullptr) {
    call.headers.emplace_back("Content-Type", "application/json");
    api::PrintJson(*body, &call.body);
  }
  Reply reply = Exchange(std::move(call), answer);
  const bool is_unknown =
      (reply.exit_code == ExitCode::kUnreachable && reply.sent) || reply.code == "commit_unknown";
  if (is_unknown) reply.advice = "look at what stands before you send it again";
  return reply;
}

Reply Connection::Follow(std::string_view path, const std::string& last_id,
                         const EventReader::Take& take) {
  EventReader reader(take);
  bool begun = false;
  HttpCall call;
  call.url = Concat(url_, path);
  call.headers.emplace_back("Accept", "text/event-stream, application/problem+json");
  if (!last_id.empty()) call.headers.emplace_back("Last-Event-ID", last_id);
  if (!token_.empty()) call.headers.emplace_back("Authorization", Concat("Bearer ", token_));
  call.stream = [&](std::string_view bytes) {
    begun = true;
    return reader.Feed(bytes);
  };
  const absl::StatusOr<HttpAnswer> received = client_.Send(call);
  if (received.ok() && received->status != 200) {
    v1::Problem problem;
    return ReadAnswer(*received, &problem);
  }
  if (!received.ok() && !begun) return DescribeFailure(received.status(), /*is_read=*/true);
  const std::string* const type = received.ok() ? received->FindHeader("content-type") : nullptr;
  if (received.ok() && (type == nullptr || type->rfind("text/event-stream", 0) != 0)) {
    Reply reply;
    reply.exit_code = ExitCode::kUnreachable;
    reply.complaint = Concat(url_, " answered with no stream of events: is it a purser daemon?");
    return reply;
  }
  return Reply();
}

Reply Connection::Exchange(HttpCall call, google::protobuf::Message* answer) {
  call.headers.emplace_back("Accept", "application/json, application/problem+json");
  if (!token_.empty()) call.headers.emplace_back("Authorization", Concat("Bearer ", token_));
  const bool is_read = call.method == "GET";
  const absl::StatusOr<HttpAnswer> received = client_.Send(call);
  if (!received.ok()) return DescribeFailure(received.status(), is_read);
  return ReadAnswer(*received, answer);
}

Reply Connection::DescribeFailure(const absl::Status& status, bool is_read) const {
  Reply reply;
  const std::string_view reason = ToStd(status.message());
  if (absl::IsInvalidArgument(status)) {
    reply.exit_code = ExitCode::kUsage;
    reply.sent = false;
    reply.complaint = Concat("'", url_, "' cannot be used as the daemon's URL: ", reason);
    return reply;
  }
  reply.exit_code = ExitCode::kUnreachable;
  reply.sent = !absl::IsUnavailable(status);
  reply.complaint =
      !reply.sent
          ? Concat("no daemon answers at ", url_, " (", reason,
                   ").\n  Start one with: sh daemon/run.sh\n  Another one is named by --url or "
                   "$PURSER_URL.")
          : Concat("the daemon at ", url_, " did not answer (", reason, ").",
                   is_read ? "\n  If it ended, start it with: sh daemon/run.sh" : "");
  return reply;
}

Reply Connection::ReadAnswer(const HttpAnswer& answer, google::protobuf::Message* message) const {
  Reply reply;
  reply.body = answer.body;
  if (!reply.body.empty() && reply.body.back() == '\n') reply.body.pop_back();
  const std::string* const replayed = answer.FindHeader("idempotency-replayed");
  reply.replayed = replayed != nullptr && *replayed == "true";
  std::string reason;
  if (answer.status >= 200 && answer.status < 300) {
    if (ReadMessage(answer.body, message, &reason)) return reply;
  } else {
    v1::Problem problem;
    if (ReadMessage(answer.body, &problem, &reason) && !problem.code().empty()) {
      reply.exit_code = ExitCode::kRefused;
      reply.code = problem.code();
      reply.complaint = ProblemText(problem);
      if (reply.code == "unauthenticated") {
        reply.complaint += "\n  A token is given by --token or $PURSER_TOKEN.";
      }
      return reply;
    }
    if (reason.empty()) reason = "not a problem document";
  }
  reply.exit_code = ExitCode::kUnreachable;
  reply.complaint = Concat(url_, " answered ", answer.status, " with what cannot be read (", reason,
                           "): ", Excerpt(answer.body),
                           "\n  Is it a purser daemon, of a version that goes with this purser? "
                           "Start one with: sh daemon/run.sh");
  return reply;
}

ExitCode Fail(const Reply& reply, const Arguments& arguments) {
  const bool is_raw = arguments.json && reply.exit_code == ExitCode::kRefused;
  if (is_raw) WriteOut(Concat(reply.body, "\n"));
  if (!is_raw) {
    const std::string_view gap = reply.advice.empty() ? "" : "\n  ";
    const std::string_view again =
        !reply.replayed ? ""
                        : "\n  sent before: this is the first answer again, as it was then; with a "
                          "new id or key it is judged anew";
    WriteComplaint(Concat(reply.complaint, again, gap, reply.advice));
  } else if (!reply.advice.empty()) {
    WriteComplaint(reply.advice);
  }
  // It may have taken effect: to a script that is no refusal.
  return reply.code == "commit_unknown" ? ExitCode::kUnreachable : reply.exit_code;
}

ExitCode Show(const Reply& reply, const Arguments& arguments, const std::string& text) {
  if (!reply.done()) return Fail(reply, arguments);
  WriteOut(arguments.json ? Concat(reply.body, "\n") : text);
  return ExitCode::kDone;
}

std::string ReplayText(const Reply& reply) {
  return reply.replayed ? "sent before: this is the first answer again\n" : "";
}

}  // namespace purser::cli
