#include "api/cli/model_import.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "api/cli/columns_file.h"
#include "api/cli/model_file.h"
#include "api/cli/output.h"
#include "api/cli/terminal_text.h"
#include "api/json_writer.h"
#include "api/v1/problem.pb.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

constexpr char kReasonOfConstraints[] = "import";
constexpr size_t kRefusalsToldMax = 20;
// Who asks too often, or of a daemon that is busy, is asked to wait.
constexpr int kWaitsMax = 5;
constexpr uint32_t kWaitSecondsMax = 60;

// Something that was not done, of the model of that line.
struct Refusal {
  enum class Kind { kRegistration, kActivation, kTarget };
  Kind kind = Kind::kRegistration;
  size_t line = 0;
  std::string model;
  Reply reply;
};

std::string_view NameOf(Refusal::Kind kind) {
  switch (kind) {
    case Refusal::Kind::kRegistration:
      return "REGISTER";
    case Refusal::Kind::kActivation:
      return "ACTIVATE";
    case Refusal::Kind::kTarget:
      return "ROLLBACK_TARGET";
  }
  return "";
}

// One import of a file that is good. Thread-compatible.
class Importing {
 public:
  Importing(const Arguments& arguments, Connection* connection)
      : arguments_(arguments), connection_(*connection) {}

  ExitCode Run(const std::vector<ModelOfFile>& models);

 private:
  struct Later {
    const ModelOfFile* of;
    bool activates = false;     // it was ACTIVE in the file, and is not now
    bool names_target = false;  // what its registration could not take
    uint64_t generation = 0;    // as last answered
  };

  // False: no use in going on.
  bool Register(const ModelOfFile& each);
  bool Activate(Later* later);
  bool NameTarget(const Later& later);
  // True with the answer; else it is counted as a refusal, or ends the import.
  Reply Post(const std::string& path, const google::protobuf::Message& body, bool by_id,
             v1::Model* answer);
  bool GoOnAfter(const ModelOfFile& each, Refusal::Kind kind, const Reply& reply);
  void Tell(const Refusal& refusal);
  ExitCode Finish();
  std::string Json() const;
  std::string PathOf(const ModelOfFile& each, std::string_view verb) const;

  const Arguments& arguments_;
  Connection& connection_;
  std::vector<Later> later_;
  size_t registered_ = 0;
  size_t same_ = 0;
  size_t activated_ = 0;
  size_t targets_lost_ = 0;
  size_t replaced_lost_ = 0;
  size_t told_ = 0;
  std::vector<Refusal> refusals_;  // those of targets included
  std::optional<Reply> ended_by_;  // what ended it early
};

v1::Problem ProblemOf(const Reply& reply) {
  v1::Problem problem;
  std::string reason;
  if (reply.exit_code == ExitCode::kRefused) Connection::ReadMessage(reply.body, &problem, &reason);
  return problem;
}

bool IsAskedToWait(const Reply& reply, const v1::Problem& problem) {
  return reply.code != "commit_unknown" && (problem.status() == 429 || problem.status() == 503);
}

// Whether it would be the answer to every other model too.
bool IsForAll(const Reply& reply, Refusal::Kind kind) {
  if (reply.exit_code != ExitCode::kRefused) return true;
  const int status = ProblemOf(reply).status();
  const bool is_lost = status == 404 && kind == Refusal::Kind::kRegistration;  // the population
  return is_lost || status == 401 || status == 429 || status >= 500;
}

std::string Importing::PathOf(const ModelOfFile& each, std::string_view verb) const {
  return connection_.InPopulation(Concat("/models/", Connection::Escape(each.model.id()), verb));
}

Reply Importing::Post(const std::string& path, const google::protobuf::Message& body, bool by_id,
                      v1::Model* answer) {
  for (int waits = 0;; ++waits) {
    Reply reply = connection_.Post(path, body, {by_id, ""}, answer);
    const v1::Problem problem = ProblemOf(reply);
    if (reply.done() || !IsAskedToWait(reply, problem) || waits == kWaitsMax) return reply;
    const uint32_t seconds = std::min(problem.retry_after_seconds(), kWaitSecondsMax);
    std::this_thread::sleep_for(std::chrono::seconds(std::max<uint32_t>(seconds, 1)));
  }
}

bool Importing::Register(const ModelOfFile& each) {
  const std::string path = connection_.InPopulation("/models");
  v1::Model answer;
  Reply reply = Post(path, each.model, /*by_id=*/true, &answer);
  Later later{&each};
  if (!reply.done() && each.model.has_rollback_target() &&
      !IsForAll(reply, Refusal::Kind::kRegistration)) {
    // A target must have been ACTIVE before: perhaps it is in a moment. And what was registered so
    // before is no conflict.
    v1::Model without = each.model;
    without.clear_rollback_target();
    reply = Post(path, without, /*by_id=*/true, &answer);
    later.names_target = true;
  }
  if (!reply.done()) return GoOnAfter(each, Refusal::Kind::kRegistration, reply);
  ++(reply.replayed ? same_ : registered_);
  if (each.has_replaced_target && !reply.replayed) ++replaced_lost_;
  later.generation = answer.generation();
  later.activates = arguments_.activate && each.is_active && answer.state() != "ACTIVE";
  if (later.activates || later.names_target) later_.push_back(later);
  return true;
}

bool Importing::Activate(Later* later) {
  const ModelOfFile& each = *later->of;
  v1::ActivateRequest request;
  request.mutable_vacancy();
  v1::Model answer;
  const Reply reply = Post(PathOf(each, ":activate"), request, /*by_id=*/false, &answer);
  if (!reply.done()) return GoOnAfter(each, Refusal::Kind::kActivation, reply);
  ++activated_;
  later->generation = answer.generation();
  return true;
}

// Who may register models may not be allowed to read them: its generation is known from before.
bool Importing::NameTarget(const Later& later) {
  const ModelOfFile& each = *later.of;
  v1::Model change;
  change.set_rollback_target(each.model.rollback_target());
  v1::Model answer;
  Reply reply = connection_.Change("PATCH", PathOf(each, ""), &change, later.generation, &answer);
  v1::Model now;
  // It has changed since, perhaps by an activation of this import.
  if (reply.code == "precondition_failed" && connection_.Get(PathOf(each, ""), &now).done()) {
    if (now.rollback_target() == each.model.rollback_target()) return true;
    reply = connection_.Change("PATCH", PathOf(each, ""), &change, now.generation(), &answer);
  }
  if (reply.done()) return true;
  if (!IsForAll(reply, Refusal::Kind::kTarget)) ++targets_lost_;
  return GoOnAfter(each, Refusal::Kind::kTarget, reply);
}

bool Importing::GoOnAfter(const ModelOfFile& each, Refusal::Kind kind, const Reply& reply) {
  if (IsForAll(reply, kind)) {
    ended_by_ = reply;
    return false;
  }
  refusals_.push_back({kind, each.line, each.model.id(), reply});
  if (!arguments_.json) Tell(refusals_.back());
  return true;
}

void Importing::Tell(const Refusal& refusal) {
  if (told_ == kRefusalsToldMax) return;
  ++told_;
  const std::string_view what = refusal.kind == Refusal::Kind::kActivation ? " not activated: "
                                : refusal.kind == Refusal::Kind::kTarget
                                    ? " its rollback_target was not carried over: "
                                    : " not registered: ";
  WriteComplaint(Concat("line ", refusal.line, ", ", refusal.model, what, refusal.reply.complaint));
}

ExitCode Importing::Run(const std::vector<ModelOfFile>& models) {
  bool goes = true;
  for (size_t i = 0; goes && i < models.size(); ++i) goes = Register(models[i]);
  for (size_t i = 0; goes && i < later_.size(); ++i) {
    if (later_[i].activates) goes = Activate(&later_[i]);
  }
  for (size_t i = 0; goes && i < later_.size(); ++i) {
    if (later_[i].names_target) goes = NameTarget(later_[i]);
  }
  return Finish();
}

ExitCode Importing::Finish() {
  if (refusals_.size() > told_ && !arguments_.json) {
    WriteComplaint(Concat("and ", refusals_.size() - told_, " more were refused"));
  }
  const size_t refused = refusals_.size() - targets_lost_;
  std::string lost =
      targets_lost_ == 0 ? "" : Concat(", rollback targets not carried over ", targets_lost_);
  if (replaced_lost_ > 0) lost += Concat(", targets by replacing left behind ", replaced_lost_);
  WriteOut(arguments_.json ? Concat(Json(), "\n")
                           : Concat("registered ", registered_, ", the same as before ", same_,
                                    ", refused ", refused, ", activated ", activated_, lost, "\n"));
  if (!ended_by_.has_value()) return refusals_.empty() ? ExitCode::kDone : ExitCode::kRefused;
  WriteComplaint(Concat("it ended early: ", ended_by_->complaint,
                        "\n  The same import again goes on from there: what is registered stays "
                        "as it is."));
  return ended_by_->code == "commit_unknown" ? ExitCode::kUnreachable : ended_by_->exit_code;
}

std::string Importing::Json() const {
  api::JsonWriter writer;
  writer.Object([&] {
    writer.Number("registered", static_cast<int64_t>(registered_));
    writer.Number("same", static_cast<int64_t>(same_));
    writer.Number("refused", static_cast<int64_t>(refusals_.size() - targets_lost_));
    writer.Number("activated", static_cast<int64_t>(activated_));
    writer.Number("rollback_targets_lost", static_cast<int64_t>(targets_lost_));
    writer.Number("replaced_targets_left", static_cast<int64_t>(replaced_lost_));
    writer.List("refusals", [&] {
      for (const Refusal& refusal : refusals_) {
        writer.Object([&] {
          writer.Text("what", NameOf(refusal.kind));
          writer.Number("line", static_cast<int64_t>(refusal.line));
          writer.Text("model", refusal.model);
          writer.Json("problem", refusal.reply.body);
        });
      }
    });
  });
  return writer.text();
}

// Its bytes, and perhaps some more than a file may have; nullopt, with the reason told, when it
// cannot be read.
std::optional<std::string> ReadFile(const std::string& path) {
  const bool is_input = path == "-";
  errno = 0;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(
      is_input ? nullptr : std::fopen(path.c_str(), "rbe"),
      [](std::FILE* file) { return std::fclose(file); });
  std::FILE* const file = is_input ? stdin : opened.get();
  std::string text;
  std::vector<char> bytes(1 << 20);
  while (file != nullptr && text.size() <= kModelFileBytesMax) {
    const size_t count = std::fread(bytes.data(), 1, bytes.size(), file);
    text.append(bytes.data(), count);
    if (count == 0) break;
  }
  if (file != nullptr && std::ferror(file) == 0) return text;
  WriteComplaint(Concat(Printable(is_input ? "standard input" : path),
                        " cannot be read: ", std::generic_category().message(errno)));
  return std::nullopt;
}

bool IsJson(const Arguments& arguments, std::string_view text) {
  if (arguments.format != FileFormat::kUnsaid) return arguments.format == FileFormat::kJson;
  if (!arguments.columns_file.empty() || arguments.file.ends_with(".csv")) return false;
  const size_t begin = text.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  return arguments.file.ends_with(".json") || (begin != text.npos && text[begin] == '{');
}

}  // namespace

ExitCode RunModelsImport(const Arguments& arguments, Connection* connection) {
  ModelColumns columns;
  const bool is_mapped = !arguments.columns_file.empty();
  if (is_mapped && !ReadColumnsFile(arguments.columns_file, &columns)) return ExitCode::kUsage;
  std::optional<std::string> text = ReadFile(arguments.file);
  if (!text.has_value()) return ExitCode::kUsage;
  ModelFileOptions options;
  options.is_json = IsJson(arguments, *text);
  options.columns = is_mapped ? &columns : nullptr;
  options.reason = arguments.reason.empty() ? kReasonOfConstraints : arguments.reason;
  FileFaults faults;
  const std::vector<ModelOfFile> models = ReadModelFile(*text, options, &faults);
  text.reset();
  if (!faults.empty()) {
    WriteComplaint(faults.Text(arguments.file == "-" ? "standard input" : arguments.file));
    return ExitCode::kUsage;
  }
  if (arguments.dry_run) {
    WriteOut(arguments.json
                 ? Concat("{\"models\":", models.size(), "}\n")
                 : Concat("dry run: the file is good, nothing was sent. It has ", models.size(),
                          models.size() == 1 ? " model.\n" : " models.\n"));
    return ExitCode::kDone;
  }
  return Importing(arguments, connection).Run(models);
}

}  // namespace purser::cli
