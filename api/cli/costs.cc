#include "api/cli/costs.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "api/cli/cost_text.h"
#include "api/cli/message_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "api/v1/cost.pb.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

// "12.5 network, 3 visits"; "-": nothing.
template <typename Map>
std::string UnpricedText(const Map& unpriced) {
  const std::map<std::string, std::string> ordered(unpriced.begin(), unpriced.end());
  std::string text;
  for (const auto& [resource, amount] : ordered) {
    text += Concat(text.empty() ? "" : ", ", amount, " ", resource);
  }
  return text.empty() ? "-" : text;
}

// "480 GB·h active_model_memory"; "-": nothing.
template <typename Map>
std::string OccupiedText(const Map& occupied) {
  const std::map<std::string, v1::Occupation> ordered(occupied.begin(), occupied.end());
  std::string text;
  for (const auto& [resource, occupation] : ordered) {
    text += Concat(text.empty() ? "" : ", ", OccupationText(occupation, resource));
  }
  return text.empty() ? "-" : text;
}

std::string ReportText(const v1::CostReport& report) {
  std::string text =
      Concat("costs of ", report.period(), ", from ", TimeText(report.from()), " to before ",
             TimeText(report.until()), ", as of entry ", report.ledger_sequence(), " at ",
             TimeText(report.accrued_until()), "\n");
  std::vector<Column> columns;
  for (const std::string& key : report.group_by()) {
    columns.push_back({absl::AsciiStrToUpper(key)});
  }
  columns.push_back({"USD", Align::kRight});
  columns.push_back({"NOT PRICED", Align::kLeft, Fit::kWrap});
  columns.push_back({"OCCUPIED", Align::kLeft, Fit::kWrap});
  Table table(columns);
  for (const v1::CostGroup& group : report.groups()) {
    std::vector<std::string> row;
    for (const std::string& key : report.group_by()) {
      const auto value = group.by().find(key);
      const bool is_missing =
          std::find(group.missing().begin(), group.missing().end(), key) != group.missing().end();
      row.push_back(is_missing                  ? "(unattributed)"
                    : value == group.by().end() ? "-"
                                                : value->second);
    }
    row.push_back(group.cost());
    row.push_back(UnpricedText(group.unpriced()));
    row.push_back(OccupiedText(group.occupied()));
    table.AddRow(row);
  }
  if (table.empty()) return Concat(text, "nothing was charged\n");
  text += table.HeadingAndRows(OutputColumns());
  text += Concat("total ", report.total(), " USD");
  if (report.unattributed() != "0") {
    text += Concat(", of which ", report.unattributed(), " are unattributed");
  }
  return text + "\n";
}

}  // namespace

std::string ReportQuery(const Arguments& arguments) {
  std::string query;
  const auto add = [&query](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    query += Concat(query.empty() ? "?" : "&", name, "=", Connection::Escape(value));
  };
  add("group_by", absl::StrJoin(arguments.group_by, ","));
  add("period", arguments.period);
  add("as_of", arguments.as_of);
  return query;
}

ExitCode RunCosts(const Arguments& arguments, Connection* connection) {
  v1::CostReport report;
  const Reply reply =
      connection->Get(connection->InPopulation("/costs" + ReportQuery(arguments)), &report);
  return Show(reply, arguments, ReportText(report));
}

}  // namespace purser::cli
