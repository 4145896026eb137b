#include "api/cli/guardrails.h"

#include <map>
#include <string>

#include "api/cli/message_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

std::string UsdText(bool is_known, const v1::Amount& amount) {
  return is_known ? Amount::FromMicros(amount.micros()).ToString() : "-";
}

std::string LabelsText(const v1::Guardrail& guardrail) {
  const std::map<std::string, std::string> ordered(guardrail.labels().begin(),
                                                   guardrail.labels().end());
  std::string text;
  for (const auto& [key, value] : ordered) {
    text += Concat(text.empty() ? "" : ", ", key, "=", value);
  }
  return text.empty() ? "-" : text;
}

std::string GuardrailsText(const v1::GuardrailList& list) {
  Table table({{"GUARDRAIL"},
               {"OF", Align::kLeft, Fit::kWrap},
               {"STATE"},
               {"HOUR FROM"},
               {"USD", Align::kRight},
               {"EXPECTED", Align::kRight},
               {"MEAN BEFORE", Align::kRight},
               {"WHY", Align::kLeft, Fit::kWrap}});
  for (const v1::Guardrail& guardrail : list.guardrails()) {
    const std::string& why = guardrail.trip_reason();
    table.AddRow({guardrail.id(), LabelsText(guardrail), v1::GuardrailState_Name(guardrail.state()),
                  guardrail.has_hour_start() ? TimeText(guardrail.hour_start()) : "-",
                  UsdText(guardrail.has_hour_cost(), guardrail.hour_cost()),
                  UsdText(guardrail.has_expected_hourly_cost(), guardrail.expected_hourly_cost()),
                  UsdText(guardrail.has_day_before_mean_hour(), guardrail.day_before_mean_hour()),
                  why.empty() ? "-" : why});
  }
  return table.empty() ? "no guardrails\n" : table.HeadingAndRows(OutputColumns());
}

std::string GuardrailText(const v1::Guardrail& guardrail) {
  v1::GuardrailList list;
  *list.add_guardrails() = guardrail;
  return GuardrailsText(list);
}

std::string PathTo(const Arguments& arguments, const Connection& connection,
                   std::string_view verb = "") {
  return connection.InPopulation(Concat("/guardrails/", Connection::Escape(arguments.id), verb,
                                        arguments.dry_run ? "?dry_run=true" : ""));
}

// As it stands; its generation is the condition of a change.
Reply ReadGuardrail(const Arguments& arguments, Connection* connection, v1::Guardrail* guardrail) {
  Arguments plain = arguments;
  plain.dry_run = false;
  return connection->Get(PathTo(plain, *connection), guardrail);
}

ExitCode MakeGuardrail(const Arguments& arguments, Connection* connection) {
  v1::Guardrail body = arguments.guardrail;
  body.set_id(arguments.id);
  for (const auto& [key, value] : arguments.labels) (*body.mutable_labels())[key] = value;
  v1::Guardrail answer;
  const Reply reply = connection->Post(
      connection->InPopulation(arguments.dry_run ? "/guardrails?dry_run=true" : "/guardrails"),
      body, {true, arguments.idempotency_key}, &answer);
  return ShowChange(reply, arguments, answer, GuardrailText(answer));
}

ExitCode ChangeGuardrail(const Arguments& arguments, Connection* connection) {
  v1::Guardrail before;
  const Reply found = ReadGuardrail(arguments, connection, &before);
  if (!found.done()) return Fail(found, arguments);
  const bool deletes = arguments.command == Command::kGuardrailsDelete;
  v1::Guardrail answer;
  const Reply reply =
      connection->Change(deletes ? "DELETE" : "PATCH", PathTo(arguments, *connection),
                         deletes ? nullptr : &arguments.guardrail, before.generation(), &answer);
  return deletes ? ShowDeletion(reply, arguments, answer, Concat("guardrail ", arguments.id))
                 : ShowChange(reply, arguments, answer, GuardrailText(answer));
}

ExitCode ResetGuardrail(const Arguments& arguments, Connection* connection) {
  v1::GuardrailReset body;
  body.set_reason(arguments.reason);
  v1::Guardrail answer;
  const Reply reply = connection->Post(PathTo(arguments, *connection, ":reset"), body,
                                       {true, arguments.idempotency_key}, &answer);
  return ShowChange(reply, arguments, answer, GuardrailText(answer));
}

}  // namespace

ExitCode RunGuardrails(const Arguments& arguments, Connection* connection) {
  switch (arguments.command) {
    case Command::kGuardrailsList: {
      v1::GuardrailList list;
      // A population has 100 at most: one page.
      const Reply reply =
          connection->Get(connection->InPopulation("/guardrails?page_size=1000"), &list);
      return Show(reply, arguments, GuardrailsText(list));
    }
    case Command::kGuardrailsMake:
      return MakeGuardrail(arguments, connection);
    case Command::kGuardrailsChange:
    case Command::kGuardrailsDelete:
      return ChangeGuardrail(arguments, connection);
    case Command::kGuardrailsReset:
      return ResetGuardrail(arguments, connection);
    default: {
      v1::Guardrail guardrail;
      const Reply reply = ReadGuardrail(arguments, connection, &guardrail);
      return Show(reply, arguments, GuardrailText(guardrail));
    }
  }
}

}  // namespace purser::cli
