#include "api/cli/command_options.h"

#include "api/json_scalar.h"

namespace purser::cli {

void AddEach(CLI::App* app, const std::string& option, const std::string& type,
             const std::string& description, std::function<void(const std::string&)> read) {
  const auto read_all = [read = std::move(read)](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) read(text);
  };
  app->add_option_function<std::vector<std::string>>(option, read_all, description)
      ->type_name(type)
      ->allow_extra_args(false);
}

void AddAmounts(CLI::App* app, const std::string& option, const std::string& description,
                google::protobuf::Map<std::string, v1::Amount>* out) {
  AddEach(app, option, "NAME=AMOUNT", description, [option, out](const std::string& text) {
    const auto [name, amount] = Require(option, ParseAmountOf(text));
    (*out)[name].set_micros(amount.micros());
  });
}

CLI::Option* AddTime(CLI::App* app, const std::string& option, const std::string& description,
                     std::function<void(int64_t instant_us)> read) {
  const auto read_text = [option, read = std::move(read)](const std::string& text) {
    const auto instant = api::ParseTimestampMicros(text);
    if (!instant.ok()) {
      throw CLI::ValidationError(option, "not a time such as 2026-11-22T12:00:00Z");
    }
    read(*instant);
  };
  return app->add_option_function<std::string>(option, read_text, description)->type_name("TIME");
}

void AddDuration(CLI::App* app, const std::string& option, const std::string& description,
                 std::optional<int64_t>* out, bool required) {
  const auto read = [option, out](const std::string& text) {
    *out = Require(option, ParseDurationUs(text));
  };
  app->add_option_function<std::string>(option, read, description)
      ->type_name("DURATION")
      ->required(required);
}

void AddHeaderText(CLI::App* app, const std::string& option, const std::string& description,
                   std::string* out, const char* environment) {
  const auto read = [option, out](const std::string& text) {
    if (!IsHeaderText(text)) {
      throw CLI::ValidationError(option, "takes at most 255 printable ASCII characters");
    }
    *out = text;
  };
  CLI::Option* const added =
      app->add_option_function<std::string>(option, read, description)->type_name("TEXT");
  if (environment != nullptr) added->envname(environment);
}

void AddId(CLI::App* app, Arguments* out, const char* whose) {
  const auto read = [out](const std::string& text) {
    if (text.empty()) throw CLI::ValidationError("ID", "must not be empty");
    out->id = text;
  };
  app->add_option_function<std::string>("ID", read, whose)->type_name("")->required();
}

void AddNewId(CLI::App* app, const std::string& option, std::string* out) {
  const auto read = [option, out](const std::string& text) {
    // Left out a resend is no longer safe.
    if (text.empty()) throw CLI::ValidationError(option, "must not be empty");
    *out = text;
  };
  app->add_option_function<std::string>(
         option, read, "chosen by you: makes a resend safe; else the daemon makes one")
      ->type_name("ID");
}

void AddMutation(CLI::App* app, Arguments* out) {
  app->add_flag("--dry-run", out->dry_run, "judge it and change nothing");
  AddHeaderText(app, "--idempotency-key",
                "to send again what may have been received; made up when left out",
                &out->idempotency_key, nullptr);
}

CLI::App* AddCommand(CLI::App* parent, const std::string& name, const std::string& description,
                     Command command, Arguments* out) {
  CLI::App* const app = parent->add_subcommand(name, description);
  app->callback([command, out] { out->command = command; });
  return app;
}

void AddListLength(CLI::App* app, Arguments* out) {
  app->add_option("--limit", out->limit, "how many")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, kListLengthMax))
      ->type_name("N");
}

}  // namespace purser::cli
