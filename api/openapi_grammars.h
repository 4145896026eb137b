#ifndef PURSER_API_OPENAPI_GRAMMARS_H_
#define PURSER_API_OPENAPI_GRAMMARS_H_

// What texts of the API look like, as JSON Schema says it. Thread-safe: pure functions.
#include <string>

#include "api/json_table.h"
#include "api/v1/types.pb.h"

namespace purser::api {

// Whether a message is sent to the daemon or comes from it: amounts and times have one form out and
// several in.
enum class Direction { kSent, kAnswered };

// The regular expression (ECMA 262) of a grammar; "" when it is no matter of one text.
std::string PatternOf(v1::Grammar grammar);
// The schema of a text of this grammar: an object of JSON.
std::string SchemaOfGrammar(v1::Grammar grammar);

// The schema of a label's value: a text, or an object of weights, in which an answer may have what
// lacks the label as one without a name.
std::string SchemaOfLabel(Direction direction);

// The name in components/schemas of what a single value looks like; "" when JSON's own types say
// it all (booleans, 32-bit numbers, texts, enums, messages).
std::string NameOfForm(JsonForm form, Direction direction);
// The schema that stands there under this name.
struct NamedSchema {
  const char* name;
  std::string schema;
};
std::vector<NamedSchema> SchemasOfForms();

}  // namespace purser::api

#endif  // PURSER_API_OPENAPI_GRAMMARS_H_
