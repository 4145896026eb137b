#include "api/cli/cost_entries.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "api/cli/costs.h"
#include "api/cli/message_text.h"
#include "api/cli/pages.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "api/v1/cost.pb.h"
#include "ledger/rate.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

template <typename Message>
std::string AmountText(const Message& amount) {
  return Amount::FromMicros(amount.micros()).ToString();
}

// "capability=ocr, operator_family=docs".
template <typename Labels>
std::string LabelsText(const Labels& labels) {
  const std::map<std::string, std::string> ordered(labels.begin(), labels.end());
  return absl::StrJoin(ordered, ", ", absl::PairFormatter("="));
}

std::string EntriesText(const v1::CostEntryList& list) {
  Table table({{"COST ENTRY"},
               {"WHEN"},
               {"USD", Align::kRight},
               {"CATEGORY"},
               {"LABELS", Align::kLeft, Fit::kWrap},
               {"CORRECTS"},
               {"REASON", Align::kLeft, Fit::kWrap}});
  for (const v1::CostEntry& entry : list.cost_entries()) {
    table.AddRow({entry.id(), TimeText(entry.create_time()), AmountText(entry.amount()),
                  entry.category(), LabelsText(entry.labels()),
                  entry.corrects().empty() ? "-" : entry.corrects(),
                  entry.reason().empty() ? "-" : entry.reason()});
  }
  return table.empty() ? "no cost entries\n" : table.HeadingAndRows(OutputColumns());
}

std::string EntryText(const v1::CostEntry& entry) {
  v1::CostEntryList list;
  *list.add_cost_entries() = entry;
  std::string text = EntriesText(list);
  if (!entry.has_allocation()) return text;
  const v1::CostAllocation& allocation = entry.allocation();
  text += Concat(allocation.label(), " by ", allocation.resource(), " used from ",
                 TimeText(allocation.from()), " to ", TimeText(allocation.until()));
  if (!allocation.labels().empty()) text += Concat(" with ", LabelsText(allocation.labels()));
  text += Concat(", as of entry ", allocation.as_of());
  const std::string rest = AmountText(allocation.unattributed());
  return text + (rest == "0" ? "\n" : Concat("; ", rest, " without it is unattributed\n"));
}

std::string OutcomesText(const v1::Outcomes& outcomes) {
  return Concat("outcomes ", outcomes.id(), ": ", outcomes.accepted(), " accepted, ",
                outcomes.rejected(), " rejected, ", outcomes.escalated(), " escalated of ",
                LabelsText(outcomes.labels()), "\n");
}

std::string QuoteText(const v1::Quote& quote) {
  Table table({{"RESOURCE"},
               {"AMOUNT", Align::kRight},
               {"USD A UNIT", Align::kRight},
               {"USD", Align::kRight},
               {"CATEGORY"}});
  const std::map<std::string, v1::Amount> ordered(quote.amounts().begin(), quote.amounts().end());
  for (const auto& [resource, amount] : ordered) {
    const auto rate = quote.rates().find(resource);
    const bool is_priced = rate != quote.rates().end();
    table.AddRow({resource, AmountText(amount),
                  is_priced ? Rate::FromPicos(rate->second.picos()).ToString() : "not priced",
                  is_priced ? AmountText(quote.costs().at(resource)) : "-",
                  quote.cost_categories().at(resource)});
  }
  return Concat(table.HeadingAndRows(OutputColumns()), "total ", quote.cost(),
                " USD; reserve with --quoted-at ", TimeText(quote.quoted_at()), " before ",
                TimeText(quote.valid_until()), "\n");
}

std::string AcceptedText(const v1::AcceptedResultCostReport& report) {
  std::vector<Column> columns;
  for (const std::string& key : report.group_by()) {
    columns.push_back({absl::AsciiStrToUpper(key)});
  }
  columns.push_back({"USD A RESULT", Align::kRight});
  columns.push_back({"ACCEPTED", Align::kRight});
  columns.push_back({"REJECTED", Align::kRight});
  columns.push_back({"ESCALATED", Align::kRight});
  columns.push_back({"USD", Align::kRight});
  columns.push_back({"OF THAT", Align::kLeft, Fit::kWrap});
  Table table(columns);
  for (const v1::AcceptedResultCost& group : report.groups()) {
    std::vector<std::string> row;
    for (const std::string& key : report.group_by()) {
      const auto value = group.by().find(key);
      row.push_back(value == group.by().end() ? "(unattributed)" : value->second);
    }
    row.push_back(group.has_cost_per_accepted_result() ? group.cost_per_accepted_result()
                                                       : "none accepted");
    row.push_back(Concat(group.accepted()));
    row.push_back(Concat(group.rejected()));
    row.push_back(Concat(group.escalated()));
    row.push_back(group.cost());
    const std::map<std::string, std::string> parts(group.parts().begin(), group.parts().end());
    row.push_back(parts.empty() ? "-" : absl::StrJoin(parts, ", ", absl::PairFormatter(" ")));
    table.AddRow(row);
  }
  if (table.empty()) return Concat("nothing was charged or reported in ", report.period(), "\n");
  return Concat("accepted results of ", report.period(), ", as of entry ", report.ledger_sequence(),
                "\n", table.HeadingAndRows(OutputColumns()));
}

std::string PathOf(const Arguments& arguments, const Connection& connection,
                   std::string_view route) {
  return connection.InPopulation(Concat(route, arguments.dry_run ? "?dry_run=true" : ""));
}

ExitCode Enter(const Arguments& arguments, Connection* connection) {
  v1::CostEntryRequest body = arguments.cost_entry;
  body.set_id(arguments.id);
  for (const auto& [key, value] : arguments.labels) (*body.mutable_labels())[key] = value;
  v1::CostEntry answer;
  const Reply reply = connection->Post(PathOf(arguments, *connection, "/cost-entries"), body,
                                       {true, arguments.idempotency_key}, &answer);
  return ShowChange(reply, arguments, answer, EntryText(answer));
}

ExitCode List(const Arguments& arguments, Connection* connection) {
  return ShowPages(arguments, connection, "/cost-entries", "",
                   &v1::CostEntryList::cost_entries_size, EntriesText);
}

ExitCode Report(const Arguments& arguments, Connection* connection) {
  v1::OutcomesRequest body = arguments.outcomes;
  body.set_id(arguments.id);
  for (const auto& [key, value] : arguments.labels) (*body.mutable_labels())[key] = value;
  v1::Outcomes answer;
  const Reply reply = connection->Post(PathOf(arguments, *connection, "/outcomes"), body,
                                       {true, arguments.idempotency_key}, &answer);
  return ShowChange(reply, arguments, answer, OutcomesText(answer));
}

ExitCode Ask(const Arguments& arguments, Connection* connection) {
  v1::QuoteRequest body;
  body.set_purpose(arguments.purpose);
  SetAmounts(arguments.amounts, body.mutable_amounts());
  v1::Quote answer;
  const Reply reply =
      connection->Post(connection->InPopulation("/quotes"), body, {false, ""}, &answer);
  return Show(reply, arguments, reply.done() ? QuoteText(answer) : "");
}

ExitCode Compare(const Arguments& arguments, Connection* connection) {
  v1::AcceptedResultCostReport report;
  const Reply reply = connection->Get(
      connection->InPopulation("/accepted-result-costs" + ReportQuery(arguments)), &report);
  return Show(reply, arguments, AcceptedText(report));
}

}  // namespace

ExitCode RunCostEntries(const Arguments& arguments, Connection* connection) {
  switch (arguments.command) {
    case Command::kCostEntriesCreate:
      return Enter(arguments, connection);
    case Command::kCostEntriesList:
      return List(arguments, connection);
    case Command::kOutcomesCreate:
      return Report(arguments, connection);
    case Command::kQuote:
      return Ask(arguments, connection);
    default:
      return Compare(arguments, connection);
  }
}

}  // namespace purser::cli
