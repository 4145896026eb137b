#ifndef PURSER_API_CLI_COMMAND_OPTIONS_H_
#define PURSER_API_CLI_COMMAND_OPTIONS_H_

// The kinds of options that commands share. Only the files arguments*.cc name this, as CLI11 is
// slow to compile. Its own exceptions carry faults from what reads a value to ParseArguments, no
// further.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "api/cli/arguments.h"
#include "api/cli/option_value.h"
#include "api/v1/types.pb.h"
#include "google/protobuf/map.h"
#include "ledger/text.h"

namespace purser::cli {

inline constexpr int64_t kListLengthMax = 1'000'000;

template <typename Value>
Value Require(const std::string& option, absl::StatusOr<Value> value) {
  if (!value.ok()) throw CLI::ValidationError(option, std::string(value.status().message()));
  return *std::move(value);
}

// An option that may be given several times, once for each name; `parse` reads one `NAME=VALUE`.
template <typename Value>
void AddAssignments(CLI::App* app, const std::string& option, const std::string& description,
                    absl::StatusOr<std::pair<std::string, Value>> (*parse)(std::string_view),
                    std::map<std::string, Value>* out, bool required = false) {
  const auto read = [option, parse, out](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      auto [name, value] = Require(option, parse(text));
      if (!out->emplace(name, std::move(value)).second) {
        throw CLI::ValidationError(option, Concat("'", name, "' is given more than once"));
      }
    }
  };
  app->add_option_function<std::vector<std::string>>(option, read, description)
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->required(required);
}

// An enum of the API by its name, in either case.
template <typename Value>
void AddEnum(CLI::App* app, const std::string& option, const std::string& description,
             const google::protobuf::EnumDescriptor* names, Value* out, bool required = false) {
  std::string known;
  for (int i = 1; i < names->value_count(); ++i) {
    known += Concat(i > 1 ? ", " : "", names->value(i)->name());
  }
  const auto read = [option, names, out, known](const std::string& text) {
    const auto* const value = names->FindValueByName(UpperName(text));
    if (value == nullptr || value->number() == 0) {
      throw CLI::ValidationError(option, Concat("'", text, "' is none of ", known));
    }
    *out = static_cast<Value>(value->number());
  };
  app->add_option_function<std::string>(option, read, Concat(description, ": ", known))
      ->type_name("NAME")
      ->required(required);
}

// An option that may be given several times; `read` takes each text.
void AddEach(CLI::App* app, const std::string& option, const std::string& type,
             const std::string& description, std::function<void(const std::string&)> read);
// Amounts by name, into a map of a message.
void AddAmounts(CLI::App* app, const std::string& option, const std::string& description,
                google::protobuf::Map<std::string, v1::Amount>* out);
void AddDuration(CLI::App* app, const std::string& option, const std::string& description,
                 std::optional<int64_t>* out, bool required = false);
// RFC 3339.
CLI::Option* AddTime(CLI::App* app, const std::string& option, const std::string& description,
                     std::function<void(int64_t instant_us)> read);
void AddHeaderText(CLI::App* app, const std::string& option, const std::string& description,
                   std::string* out, const char* environment);
// What a command is about.
void AddId(CLI::App* app, Arguments* out, const char* whose = "the reservation's id");
// The id of what is made, which makes a resend safe.
void AddNewId(CLI::App* app, const std::string& option, std::string* out);
// Of what changes something.
void AddMutation(CLI::App* app, Arguments* out);
// How much of a list is shown.
void AddListLength(CLI::App* app, Arguments* out);
// One leaf of the tree of commands.
CLI::App* AddCommand(CLI::App* parent, const std::string& name, const std::string& description,
                     Command command, Arguments* out);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_COMMAND_OPTIONS_H_
