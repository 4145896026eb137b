#include "api/cli/budgets.h"

#include "api/cli/message_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

// What is special about it.
std::string NoteText(const v1::Budget& budget) {
  std::string text = budget.enforcement() == v1::SHOWBACK ? "showback" : "";
  if (budget.has_override()) {
    text +=
        Concat(text.empty() ? "" : "; ", "overridden until ", TimeText(budget.override().until()),
               " by ", budget.override().principal(), ": ", budget.override().reason());
  }
  return TextOrDash(text);
}

std::string BudgetText(const v1::Budget& budget) {
  google::protobuf::RepeatedPtrField<v1::Budget> budgets;
  *budgets.Add() = budget;
  return BudgetsText(budgets);
}

std::string PathTo(const Arguments& arguments, const Connection& connection,
                   std::string_view verb = "") {
  return connection.InPopulation(Concat("/budgets/", Connection::Escape(arguments.id), verb,
                                        arguments.dry_run ? "?dry_run=true" : ""));
}

// As it stands; its generation is the condition of a change.
Reply ReadBudget(const Arguments& arguments, Connection* connection, v1::Budget* budget) {
  Arguments plain = arguments;
  plain.dry_run = false;
  return connection->Get(PathTo(plain, *connection), budget);
}

v1::Budget SettingsOf(const Arguments& arguments) {
  v1::Budget settings = arguments.budget;
  settings.set_enforcement(arguments.enforcement);
  return settings;
}

// The budget as it is behind the command: what was spent in the month before is counted, and
// whoever waits is granted, behind what the answer says of it.
ExitCode ShowAsItIs(const Reply& reply, const Arguments& arguments, const v1::Budget& answer,
                    Connection* connection) {
  v1::Budget now;
  if (reply.done() && !arguments.dry_run) {
    const Reply read = connection->Get(
        connection->InPopulation(Concat("/budgets/", Connection::Escape(answer.id()))), &now);
    if (read.done()) {
      return Show(read, arguments,
                  Concat(reply.replayed ? "sent before: this is the budget as it is now\n" : "",
                         BudgetText(now)));
    }
  }
  return ShowChange(reply, arguments, answer, BudgetText(answer));
}

ExitCode MakeBudget(const Arguments& arguments, Connection* connection) {
  v1::Budget body = SettingsOf(arguments);
  body.set_id(arguments.id);
  for (const auto& [key, value] : arguments.labels) (*body.mutable_labels())[key] = value;
  v1::Budget answer;
  const Reply reply = connection->Post(
      connection->InPopulation(arguments.dry_run ? "/budgets?dry_run=true" : "/budgets"), body,
      {true, arguments.idempotency_key}, &answer);
  return ShowAsItIs(reply, arguments, answer, connection);
}

ExitCode ChangeBudget(const Arguments& arguments, Connection* connection) {
  v1::Budget before;
  const Reply found = ReadBudget(arguments, connection, &before);
  if (!found.done()) return Fail(found, arguments);
  const bool deletes = arguments.command == Command::kBudgetsDelete;
  const v1::Budget body = SettingsOf(arguments);
  v1::Budget answer;
  const Reply reply =
      connection->Change(deletes ? "DELETE" : "PATCH", PathTo(arguments, *connection),
                         deletes ? nullptr : &body, before.generation(), &answer);
  return deletes ? ShowDeletion(reply, arguments, answer, Concat("budget ", arguments.id))
                 : ShowAsItIs(reply, arguments, answer, connection);
}

ExitCode OverrideBudget(const Arguments& arguments, Connection* connection) {
  v1::BudgetOverride body = arguments.budget_override;
  body.set_reason(arguments.reason);
  v1::Budget answer;
  const Reply reply = connection->Post(PathTo(arguments, *connection, ":override"), body,
                                       {true, arguments.idempotency_key}, &answer);
  return ShowAsItIs(reply, arguments, answer, connection);
}

}  // namespace

std::string BudgetsText(const google::protobuf::RepeatedPtrField<v1::Budget>& budgets) {
  Table table({{"BUDGET"},
               {"OF", Align::kLeft, Fit::kWrap},
               {"USD", Align::kRight},
               {"SPENT", Align::kRight},
               {"HELD", Align::kRight},
               {"LEFT", Align::kRight},
               {"TOLD"},
               {"FORECAST", Align::kRight},
               {"ALL SPENT"},
               {"NOTE", Align::kLeft, Fit::kWrap}});
  for (const v1::Budget& budget : budgets) {
    table.AddRow({budget.id(), LabelsText(budget.labels()), AmountText(budget.amount()),
                  AmountText(budget.spent()), AmountText(budget.held()), AmountText(budget.left()),
                  v1::BudgetLevel_Name(budget.level()),
                  budget.has_forecast() ? AmountText(budget.forecast()) : "-",
                  budget.has_spent_time() ? TimeText(budget.spent_time()) : "-", NoteText(budget)});
  }
  return table.empty() ? "" : table.HeadingAndRows(OutputColumns());
}

ExitCode RunBudgets(const Arguments& arguments, Connection* connection) {
  switch (arguments.command) {
    case Command::kBudgetsList: {
      v1::BudgetList list;
      // A population has 100 at most: one page.
      const Reply reply =
          connection->Get(connection->InPopulation("/budgets?page_size=1000"), &list);
      return Show(reply, arguments,
                  list.budgets().empty() ? "no budgets\n" : BudgetsText(list.budgets()));
    }
    case Command::kBudgetsMake:
      return MakeBudget(arguments, connection);
    case Command::kBudgetsChange:
    case Command::kBudgetsDelete:
      return ChangeBudget(arguments, connection);
    case Command::kBudgetsOverride:
      return OverrideBudget(arguments, connection);
    default: {
      v1::Budget budget;
      const Reply reply = ReadBudget(arguments, connection, &budget);
      return Show(reply, arguments, BudgetText(budget));
    }
  }
}

}  // namespace purser::cli
