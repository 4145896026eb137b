#include <string_view>

#include "absl/strings/str_split.h"
#include "api/openapi_examples.h"
#include "api/openapi_paths.h"
#include "ledger/check.h"

namespace purser::api {
namespace {

// Path parameters are required, others are not unless it is said.
enum class Place { kPath, kQuery, kHeader, kRequiredHeader };

struct Parameter {
  const char* name;
  const char* schema;  // JSON; "@GRAMMAR" stands for that of a grammar
  const char* description;
};

constexpr Parameter kInPath[] = {
    {"population", "@NAME", "The name of a population."},
    {"resource", "@NAME", "The name of a resource."},
    {"freeze", "@ID", "The id of a freeze."},
    {"limit", "@ID", "The id of a limit."},
    {"rate_card", "@ID", "The id of a rate card."},
    {"guardrail", "@ID", "The id of a guardrail."},
    {"budget", "@ID", "The id of a budget."},
    {"model", "@ID", "The id of a model."},
    {"approval", "@ID", "The id of an approval; of a request the reservation's."},
    {"proposal", "@ID", "The id of a proposal."},
    {"reservation", "@ID", "The id of a reservation."},
    {"charge", "@ID", "The id of a charge."},
    {"cost_entry", "@ID", "The id of a cost entry."},
    {"outcomes", "@ID", "The id of a report of outcomes."},
    {"period", "@CALENDAR_MONTH", "A calendar month of the population's time zone."},
    {"sequence", R"({"type":"string","pattern":"^[1-9][0-9]*$"})", "The number of an entry."},
    {"code", R"({"$ref":"#/components/schemas/ProblemCode"})", "The code of a problem."},
};

constexpr Parameter kInQuery[] = {
    {"page_size", R"({"type":"integer","minimum":1,"default":100})",
     "How many at most; cut to 1,000. A page may be shorter, also before the end."},
    {"page_token", R"({"type":"string","minLength":1})",
     "The `next_page_token` of the page before."},
    {"as_of", R"({"type":"string","minLength":1})",
     "A sequence of the journal, or an RFC 3339 time (inclusive): what was true then."},
    {"wait", R"({"type":"string","pattern":"^[0-9]+(\\.[0-9]{1,6})?s$"})",
     "With `generation`: answer when the reservation has changed, or after this long; cut to 60s."},
    {"generation", R"({"type":"integer","minimum":0})",
     "With `wait`: the generation that was seen last."},
    {"after", R"({"type":"integer","minimum":0})",
     "The entry that was seen last; 0 begins with the first, left out with what comes next."},
    {"dry_run", R"({"type":"boolean","default":false})", "Judge, and change nothing."},
    {"state", R"({"$ref":"#/components/schemas/ReservationState"})", "Only those in this state."},
    {"operator_family", "@LABEL_VALUE", "Only those of this operator family."},
    {"reservation", "@ID", "Only those of this reservation."},
    {"resource", "@NAME", "Only of this resource."},
    {"from", R"({"type":"string","format":"date-time"})", "From then on; the past begins now."},
    {"until", R"({"type":"string","format":"date-time"})", "Only what begins before then."},
    {"group_by",
     R"({"type":"string","pattern":"^([a-z][a-z0-9_.-]{0,62}(,[a-z][a-z0-9_.-]{0,62}){0,7})?$"})",
     "Keys of labels, `category`, `resource` or `origin`, by comma, each once; left out: all is "
     "one group."},
    {"period", "@CALENDAR_MONTH",
     "A calendar month of the population's time zone; left out, the one of `as_of`, or of now."},
    {"week", "@CALENDAR_WEEK",
     "An ISO week of the population's time zone; left out, the last that is over."},
};

// Of lists whose items have other states.
constexpr Parameter kOfModels[] = {
    {"state",
     R"({"type":"string","enum":["CANDIDATE","SHADOW","ACTIVE","ROLLBACK_TARGET","RETIRED",)"
     R"("ARCHIVED","PURGED"]})",
     "Only those in this state."},
};
constexpr Parameter kOfAcceptedResultCosts[] = {
    {"group_by",
     R"({"type":"string","pattern":"^[a-z][a-z0-9_.-]{0,62}(,[a-z][a-z0-9_.-]{0,62}){0,7}$",)"
     R"("default":"capability"})",
     "Keys of labels that outcomes have, by comma, each once."},
};
constexpr Parameter kOfProposals[] = {
    {"state",
     R"({"type":"string","enum":["OPEN","APPROVED","EXECUTED","REJECTED","WITHDRAWN","EXPIRED",)"
     R"("SUPERSEDED"]})",
     "Only those in this state."},
    {"model", "@ID", "Only those that name this model."},
    {"proposer", "@ID", "Only those of this principal."},
};

constexpr Parameter kKey = {
    "Idempotency-Key", R"({"type":"string","pattern":"^[!-~]{1,255}$"})",
    "Makes it safe to send again: the same key and content has the first answer, other content is "
    "`key_conflict`. It belongs to its principal and population."};
constexpr Parameter kIfMatch = {
    "If-Match", R"({"type":"string","pattern":"^(\\*|\"[0-9]{1,19}\")$"})",
    "The ETag of what was read, or `*`: a newer generation is `precondition_failed`."};
constexpr Parameter kIfNoneMatch = {
    "If-None-Match", R"({"type":"string"})",
    "The ETag of what is known already: if it is the same, 304 without a body."};
constexpr Parameter kLastEvent = {
    "Last-Event-ID", R"({"type":"string","pattern":"^[0-9]+$"})",
    "The id of the last event that was seen; wins over `after`, as clients send it by themselves."};
constexpr Parameter kRequestId = {
    "X-Request-Id", "@REQUEST_ID",
    "Comes back, and stands in problems, log and journal. One is made where none is sent."};
constexpr Parameter kTrace = {"traceparent", R"({"type":"string"})",
                              "W3C trace context; goes into the journal."};

std::string SchemaOf(const Parameter& parameter) {
  const std::string_view schema = parameter.schema;
  if (schema.front() != '@') return std::string(schema);
  v1::Grammar grammar = v1::GRAMMAR_UNSPECIFIED;
  PURSER_CHECK(v1::Grammar_Parse(std::string(schema.substr(1)), &grammar), "a known grammar");
  return SchemaOfGrammar(grammar);
}

template <typename Table>
const Parameter& Find(const Table& table, std::string_view name) {
  for (const Parameter& parameter : table) {
    if (parameter.name == name) return parameter;
  }
  PURSER_CHECK(false, "every parameter is described");
  return table[0];
}

template <typename Table>
bool Has(const Table& table, std::string_view name) {
  return std::any_of(std::begin(table), std::end(table),
                     [name](const Parameter& parameter) { return parameter.name == name; });
}

const Parameter& FindInQuery(Action action, std::string_view name) {
  if (action == Action::kListModels && Has(kOfModels, name)) return Find(kOfModels, name);
  if (action == Action::kListProposals && Has(kOfProposals, name)) return Find(kOfProposals, name);
  const bool of_accepted = action == Action::kReadAcceptedResultCosts;
  if (of_accepted && Has(kOfAcceptedResultCosts, name)) return Find(kOfAcceptedResultCosts, name);
  return Find(kInQuery, name);
}

void WriteExamples(const Route& route, const Parameter& parameter, JsonWriter* writer) {
  std::vector<const Example*> with_it;
  for (const Example& example : Examples()) {
    const bool has_it = example.parameters.count(parameter.name) > 0;
    if (example.route == &route && has_it) with_it.push_back(&example);
  }
  if (with_it.empty()) return;
  // Numbers and booleans of a query stand as such, so that they match their schemas.
  const std::string_view schema = parameter.schema;
  const bool is_text = schema.find("\"integer\"") == std::string_view::npos &&
                       schema.find("\"boolean\"") == std::string_view::npos;
  writer->Object("examples", [&] {
    for (const Example* example : with_it) {
      const std::string& value = example->parameters.at(parameter.name);
      writer->Object(example->name, [&] {
        if (is_text) {
          writer->Text("value", value);
        } else {
          writer->Json("value", value);
        }
      });
    }
  });
}

void WriteParameter(const Route& route, const Parameter& parameter, Place place,
                    JsonWriter* writer) {
  const bool in_header = place == Place::kHeader || place == Place::kRequiredHeader;
  writer->Object([&] {
    writer->Text("name", parameter.name);
    writer->Text("in", in_header ? "header" : place == Place::kPath ? "path" : "query");
    if (place == Place::kPath || place == Place::kRequiredHeader) writer->True("required");
    writer->Text("description", parameter.description);
    writer->Json("schema", SchemaOf(parameter));
    WriteExamples(route, parameter, writer);
  });
}

}  // namespace

void WriteParameters(const Route& route, JsonWriter* writer) {
  const std::string_view path = route.path;
  for (size_t at = path.find('{'); at != std::string_view::npos; at = path.find('{', at + 1)) {
    const std::string_view name = path.substr(at + 1, path.find('}', at) - at - 1);
    WriteParameter(route, Find(kInPath, name), Place::kPath, writer);
  }
  for (absl::string_view name : absl::StrSplit(route.query, ',', absl::SkipEmpty())) {
    WriteParameter(route, FindInQuery(route.action, ToStd(name)), Place::kQuery, writer);
  }
  if (route.mutating && std::string_view(route.method) == "POST") {
    WriteParameter(route, kKey, Place::kHeader, writer);
  }
  switch (IfMatchUseOf(route.action)) {
    case IfMatchUse::kRequired:
      WriteParameter(route, kIfMatch, Place::kRequiredHeader, writer);
      break;
    case IfMatchUse::kHonoured:
      WriteParameter(route, kIfMatch, Place::kHeader, writer);
      break;
    case IfMatchUse::kNone:
      break;
  }
  if (route.action == Action::kOpenApi) {
    WriteParameter(route, kIfNoneMatch, Place::kHeader, writer);
  }
  if (route.action == Action::kWatch) WriteParameter(route, kLastEvent, Place::kHeader, writer);
  WriteParameter(route, kRequestId, Place::kHeader, writer);
  if (route.mutating) WriteParameter(route, kTrace, Place::kHeader, writer);
}

}  // namespace purser::api
