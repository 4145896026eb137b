#include "api/openapi.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "api/media_type.h"
#include "api/openapi_examples.h"
#include "api/openapi_paths.h"
#include "api/scopes.h"

namespace purser::api {
namespace {

constexpr char kAbout[] =
    "A ledger of what populations of models share, with reservations. Every GET has a HEAD. No "
    "body is `{}`. Nothing is ignored: an unknown field, query parameter or resource is refused, "
    "and `fields` of the problem names it with every other fault. An answer comes after its "
    "journal entry is on the disk. The examples are one story, in the order of `x-step`, told to a "
    "daemon that was just started with `--test-clock 2026-11-22T12:00:00Z`; members named in "
    "`x-varies` differ from run to run.";
constexpr char kAboutTokens[] =
    "The secret of one of the configuration's `[[tokens]]`. Without any token configured everybody "
    "on loopback is `local` with all scopes, and nothing is sent.";

// The name of a scheme, which takes no colon.
std::string SchemeOf(std::string_view scope) {
  std::string name(scope);
  std::replace(name.begin(), name.end(), ':', '.');
  return name.empty() ? "token" : name;
}

void WriteSecurity(const Route& route, JsonWriter* writer) {
  const std::string_view scope = route.scope;
  // Pages of the daemon need a token only where `public_metrics` is false.
  const bool always =
      !scope.empty() || route.action == Action::kMe || route.action == Action::kCheckAccess;
  writer->List("security", [&] {
    if (!always) writer->Object([] {});
    for (absl::string_view each : absl::StrSplit(ToAbsl(scope), '|')) {
      writer->Object([&] { writer->List(SchemeOf(ToStd(each)), [] {}); });
    }
  });
}

void WriteBody(const Route& route, const Operation& operation, SchemaBook* schemas,
               JsonWriter* writer) {
  if (operation.request == nullptr) return;
  const bool required = operation.use == Use::kRequest && HasRequiredFields(operation.request);
  writer->Object("requestBody", [&] {
    if (required) writer->True("required");
    writer->Object("content", [&] {
      writer->Object(kJsonType, [&] {
        writer->Json("schema", schemas->Refer(operation.request, operation.use));
        writer->Object("examples", [&] {
          for (const Example& example : Examples()) {
            if (example.route != &route || example.body.empty()) continue;
            writer->Object(example.name, [&] {
              writer->Text("summary", example.summary);
              writer->Json("value", example.body);
            });
          }
        });
      });
      if (TakesProtobuf(route.action)) WriteProtobufContent(operation.request, writer);
    });
  });
}

// Routes of one path stand together: the table has them in a row.
void WritePaths(const OpenApiOptions& options, SchemaBook* schemas, AnswerBook* answers,
                JsonWriter* writer) {
  const std::vector<Route>& routes = Routes();
  for (size_t i = 0; i < routes.size();) {
    const std::string_view path = routes[i].path;
    size_t end = i;
    while (end < routes.size() && path == routes[end].path) ++end;
    if (routes[i].action != Action::kAdvanceClock || options.test_clock) {
      writer->Object(path, [&] {
        for (size_t j = i; j < end; ++j) WriteOperation(routes[j], schemas, answers, writer);
      });
    }
    i = end;
  }
}

// A scheme for each scope: what a token must have for an operation is a matter of its scopes.
void WriteSchemes(JsonWriter* writer) {
  const auto write = [&](std::string_view scope, std::string_view description) {
    writer->Object(SchemeOf(scope), [&] {
      writer->Text("type", "http");
      writer->Text("scheme", "bearer");
      writer->Text("description", description);
      if (!scope.empty()) writer->Text("x-scope", scope);
    });
  };
  write("", kAboutTokens);
  for (const Scope& scope : kApiScopes) {
    write(scope.name, Concat("A token with the scope `", scope.name, "` may ", scope.meaning, "."));
  }
}

void WriteComponents(SchemaBook* schemas, const AnswerBook& answers, JsonWriter* writer) {
  writer->Object("components", [&] {
    writer->Object("schemas", [&] { schemas->Write(writer); });
    writer->Object("responses", [&] { answers.Write(writer); });
    writer->Object("headers", [&] { WriteHeaderComponents(writer); });
    writer->Object("securitySchemes", [&] { WriteSchemes(writer); });
  });
}

void WriteTags(const OpenApiOptions& options, JsonWriter* writer) {
  writer->List("tags", [&] {
    for (const Tag& tag : Tags()) {
      const bool of_clock = OperationOf(Action::kAdvanceClock).tag == tag.name;
      if (of_clock && !options.test_clock) continue;
      writer->Object([&] {
        writer->Text("name", tag.name);
        writer->Text("description", tag.description);
      });
    }
  });
}

std::vector<const google::protobuf::Descriptor*> AnswersOfAll() {
  std::vector<const google::protobuf::Descriptor*> answers = {v1::Problem::descriptor()};
  for (const Route& route : Routes()) {
    const auto* answer = OperationOf(route.action).answer;
    if (answer != nullptr) answers.push_back(answer);
  }
  return answers;
}

}  // namespace

void WriteOperation(const Route& route, SchemaBook* schemas, AnswerBook* answers,
                    JsonWriter* writer) {
  const Operation& operation = OperationOf(route.action);
  const std::string method = absl::AsciiStrToLower(route.method);
  writer->Object(method, [&] {
    writer->Text("operationId", operation.id);
    writer->Text("summary", operation.summary);
    writer->Text("description", Concat(operation.summary, "."));
    writer->List("tags", [&] { writer->Text(operation.tag); });
    WriteSecurity(route, writer);
    writer->List("parameters", [&] { WriteParameters(route, writer); });
    WriteBody(route, operation, schemas, writer);
    writer->Object("responses", [&] { WriteAnswers(route, schemas, answers, writer); });
  });
}

std::string DescribeApi(const OpenApiOptions& options) {
  SchemaBook schemas(AnswersOfAll());
  AnswerBook answers;
  JsonWriter writer;
  writer.Object([&] {
    writer.Text("openapi", "3.1.0");
    writer.Object("info", [&] {
      writer.Text("title", "purser");
      writer.Text("version", options.version);
      writer.Text("description", kAbout);
      writer.Object("contact", [&] { writer.Text("name", "the operator of this daemon"); });
      writer.Object("license", [&] {
        writer.Text("name", "Apache License 2.0");
        writer.Text("identifier", "Apache-2.0");
      });
    });
    writer.List("servers", [&] { writer.Object([&] { writer.Text("url", "/"); }); });
    WriteTags(options, &writer);
    writer.Object("paths", [&] { WritePaths(options, &schemas, &answers, &writer); });
    WriteComponents(&schemas, answers, &writer);
  });
  return writer.text();
}

}  // namespace purser::api
