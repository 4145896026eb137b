#include <algorithm>

#include "api/media_type.h"
#include "api/openapi_examples.h"
#include "api/openapi_paths.h"
#include "ledger/check.h"

namespace purser::api {
namespace {

constexpr char kProblemJson[] = "application/problem+json";
constexpr char kPlainText[] = "text/plain";
constexpr char kEventStream[] = "text/event-stream";

struct Header {
  const char* name;
  const char* schema;
  const char* description;
  bool required;  // wherever it is declared
};

constexpr Header kHeaders[] = {
    {"X-Request-Id", R"({"type":"string","pattern":"^[!-~]{1,128}$"})",
     "The request's, or one that was made for it.", true},
    {"Ledger-Sequence", R"({"type":"string","pattern":"^[0-9]+$"})",
     "The newest journal entry that the answer reflects.", false},
    {"ETag", R"({"type":"string","pattern":"^\"[0-9a-f]+\"$"})",
     "The generation, for If-Match; of this document a digest, for If-None-Match.", false},
    {"Location", R"({"type":"string","pattern":"^/v1/populations/"})",
     "Where what was made is read; not in the answer to a dry run.", false},
    {"Idempotency-Replayed", R"({"type":"string","enum":["true"]})",
     "The request was sent before, and this is the first answer.", false},
    {"Retry-After", R"({"type":"string","pattern":"^[0-9]+$"})",
     "Seconds to wait before the same request is sent again.", true},
    {"RateLimit-Policy", R"({"type":"string","pattern":"^\".+\";q=[0-9]+;w=[0-9]+$"})",
     "The limit of requests a second that binds the caller: its id, burst and window in seconds.",
     false},
    {"RateLimit", R"({"type":"string","pattern":"^\".+\";r=[0-9]+;t=[0-9]+$"})",
     "What is left of it, and in how many seconds it is whole again.", false},
    {"Allow", R"({"type":"string","pattern":"^[A-Z]+(, [A-Z]+)*$"})",
     "The methods that the path has.", true},
    {"WWW-Authenticate", R"({"type":"string","enum":["Bearer"]})", "How to say who one is.", true},
    {"Cache-Control", R"({"type":"string","enum":["no-cache","no-store"]})",
     "Whether the answer may be kept: this document may, if its ETag is compared each time.",
     false},
};

void WriteHeaders(const std::vector<const char*>& names, JsonWriter* writer) {
  writer->Object("headers", [&] {
    for (const char* name : names) {
      writer->Object(name, [&] { writer->Text("$ref", Concat("#/components/headers/", name)); });
    }
  });
}

bool IsPost(const Route& route) { return std::string_view(route.method) == "POST"; }

// Statuses that a command is answered with after it was looked up or decided.
bool IsOfState(int status) {
  constexpr int kStatuses[] = {400, 403, 404, 409, 410, 412, 413, 422, 428, 429, 500, 503};
  return std::find(std::begin(kStatuses), std::end(kStatuses), status) != std::end(kStatuses);
}

void AddRate(std::vector<const char*>* names) {
  names->push_back("RateLimit-Policy");
  names->push_back("RateLimit");
}

std::vector<const char*> HeadersOfProblem(const Route& route, int status) {
  std::vector<const char*> names = {"X-Request-Id"};
  if (route.mutating && IsOfState(status)) {
    names.push_back("Ledger-Sequence");
    if (IsPost(route)) names.push_back("Idempotency-Replayed");
  }
  if (status == 401) names.push_back("WWW-Authenticate");
  if (status == 405) names.push_back("Allow");
  if (status == 503 || status == 429) names.push_back("Retry-After");
  if (TakesTokens(route.action) && IsOfState(status)) AddRate(&names);
  for (const int unread : {400, 408, 417, 431, 503, 505}) {
    if (status == unread) names.push_back("Cache-Control");
  }
  return names;
}

std::vector<const char*> HeadersOfSuccess(const Route& route, const Operation& operation,
                                          int status) {
  std::vector<const char*> names = {"X-Request-Id"};
  const bool reads = std::string_view(route.path).find("{population}") != std::string_view::npos &&
                     route.action != Action::kVerify;
  if (route.mutating || reads) names.push_back("Ledger-Sequence");
  if (route.mutating && IsPost(route)) names.push_back("Idempotency-Replayed");
  if (TakesTokens(route.action)) AddRate(&names);
  if (status == 201 || status == 202) names.push_back("Location");
  const bool has_generation =
      operation.answer != nullptr && operation.answer->FindFieldByName("generation") != nullptr;
  if (has_generation || route.action == Action::kOpenApi) names.push_back("ETag");
  const bool is_watch = route.action == Action::kWatch;
  if (route.action == Action::kOpenApi || is_watch) names.push_back("Cache-Control");
  return names;
}

// Writes the examples of one answer; false when there is none.
bool WriteExamples(const Route& route, int status, JsonWriter* writer) {
  std::vector<const Example*> found;
  for (const Example& example : Examples()) {
    if (example.route == &route && example.status == status) found.push_back(&example);
  }
  if (found.empty()) return false;
  writer->Object("examples", [&] {
    for (const Example* example : found) {
      writer->Object(example->name, [&] {
        writer->Text("summary", example->summary);
        if (example->answer.front() == '{') {
          writer->Json("value", example->answer);
        } else {
          writer->Text("value", example->answer + "\n");
        }
        writer->Number("x-step", example->step);
        if (example->varies.empty()) return;
        writer->List("x-varies", [&] {
          for (const std::string& name : example->varies) writer->Text(name);
        });
      });
    }
  });
  return true;
}

// The problem of these codes and this status; what is more of it depends on the code.
std::string SchemaOfProblem(int status, const std::vector<Reason>& reasons, SchemaBook* schemas) {
  JsonWriter writer;
  writer.Object([&] {
    writer.List("allOf", [&] {
      writer.Json(schemas->Refer(v1::Problem::descriptor(), Use::kAnswer));
      writer.Object([&] {
        writer.Object("properties", [&] {
          writer.Object("status", [&] { writer.Number("const", status); });
          writer.Object("code", [&] {
            writer.List("enum", [&] {
              for (Reason reason : reasons) writer.Text(ReasonCode(reason));
            });
          });
        });
      });
    });
  });
  return writer.text();
}

std::string DescribeProblem(int status, const std::vector<Reason>& reasons) {
  if (status == 408) return "The request's body did not come in time.";
  if (status == 417) return "The request's Expect header is not known.";
  if (status == 431) return "The request has too many headers.";
  if (status == 505) return "The request's version of HTTP is not spoken here.";
  std::string text;
  for (Reason reason : reasons) {
    text += Concat(text.empty() ? "" : "; ", "`", ReasonCode(reason),
                   "`: ", KindOfProblem(reason).title);
  }
  return text + ".";
}

// A problem, as an object; of /readyz's 503 also its text.
std::string Problem(const Route& route, int status, const std::vector<Reason>& reasons,
                    SchemaBook* schemas, bool* has_examples) {
  JsonWriter writer;
  writer.Object([&] {
    writer.Text("description", DescribeProblem(status, reasons));
    std::vector<const char*> headers = HeadersOfProblem(route, status);
    WriteHeaders(headers, &writer);
    writer.Object("content", [&] {
      writer.Object(kProblemJson, [&] {
        writer.Json("schema", SchemaOfProblem(status, reasons, schemas));
        *has_examples = WriteExamples(route, status, &writer);
      });
      if (route.action == Action::kReady && status == 503) {
        writer.Object(kPlainText, [&] { writer.Json("schema", R"({"type":"string"})"); });
      }
    });
  });
  return writer.text();
}

// Of one that has an answer.
std::string SchemaOfAnswer(const Operation& operation, int status, SchemaBook* schemas) {
  std::string answer = schemas->Refer(operation.answer, Use::kAnswer);
  if (operation.other == nullptr) return answer;
  std::string other = schemas->Refer(operation.other, Use::kAnswer);
  const auto& statuses = operation.statuses;
  const bool may_wait = std::find(statuses.begin(), statuses.end(), 202) != statuses.end();
  if (may_wait) return status == 202 ? other : answer;
  return Concat("{\"oneOf\":[", answer, ",", other, "]}");
}

void WriteSuccess(const Route& route, const Operation& operation, int status, SchemaBook* schemas,
                  JsonWriter* writer) {
  writer->Object(Concat(status), [&] {
    writer->Text("description", status == 304   ? "It is what the client knows."
                                : status == 201 ? "Made; of what was sent before, the first answer."
                                : status == 202
                                    ? "It waits; of what was sent before, the first answer."
                                    : "As asked.");
    WriteHeaders(HeadersOfSuccess(route, operation, status), writer);
    if (status == 304) return;
    std::string schema = R"({"type":"string"})";
    const char* type = kPlainText;
    if (operation.answer != nullptr) {
      schema = SchemaOfAnswer(operation, status, schemas);
      type = kJsonType;
    } else if (route.action == Action::kOpenApi) {
      schema = R"({"type":"object","required":["openapi","info","paths"]})";
      type = kJsonType;
    } else if (route.action == Action::kWatch) {
      type = kEventStream;
    } else if (GivesJsonLines(route.action)) {
      type = kJsonLinesType;
    }
    writer->Object("content", [&] {
      writer->Object(type, [&] {
        writer->Json("schema", schema);
        WriteExamples(route, status, writer);
      });
      if (TakesProtobuf(route.action)) WriteProtobufContent(operation.answer, writer);
      if (GivesCsv(route.action)) {
        writer->Object(kCsvType, [&] { writer->Json("schema", R"({"type":"string"})"); });
      }
    });
  });
}

}  // namespace

void WriteProtobufContent(const google::protobuf::Descriptor* message, JsonWriter* writer) {
  writer->Object(kProtobufType, [&] {
    writer->Object("schema", [&] {
      writer->Text("description",
                   Concat("The message ", message->full_name(), " in protobuf's wire format."));
    });
  });
}

std::string AnswerBook::Refer(int status, const std::string& answer) {
  const auto [it, is_new] = names_.try_emplace(answer);
  if (is_new) {
    std::string name = Concat("Problem", status);
    for (int i = 2; answers_.count(name) > 0; ++i) name = Concat("Problem", status, "_", i);
    answers_[name] = answer;
    it->second = name;
  }
  return Concat("{\"$ref\":\"#/components/responses/", it->second, "\"}");
}

void AnswerBook::Write(JsonWriter* writer) const {
  for (const auto& [name, answer] : answers_) writer->Json(name, answer);
}

void WriteAnswers(const Route& route, SchemaBook* schemas, AnswerBook* answers,
                  JsonWriter* writer) {
  const Operation& operation = OperationOf(route.action);
  for (const int status : operation.statuses) {
    WriteSuccess(route, operation, status, schemas, writer);
  }
  for (const auto& [status, reasons] : RefusalsOf(route)) {
    bool has_examples = false;
    const std::string problem = Problem(route, status, reasons, schemas, &has_examples);
    writer->Json(Concat(status), has_examples ? problem : answers->Refer(status, problem));
  }
}

void WriteHeaderComponents(JsonWriter* writer) {
  for (const Header& header : kHeaders) {
    writer->Object(header.name, [&] {
      writer->Text("description", header.description);
      if (header.required) writer->True("required");
      writer->Json("schema", header.schema);
    });
  }
}

}  // namespace purser::api
