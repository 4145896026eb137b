#include "api/cli/summary.h"

#include <string>

#include "api/cli/budgets.h"
#include "api/cli/cost_text.h"
#include "api/cli/message_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "api/v1/summary.pb.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

template <typename Lines>
std::string CostsText(const char* heading, const Lines& lines) {
  if (lines.empty()) return "";
  Table table({{heading}, {"USD", Align::kRight}, {"LATELY", Align::kRight}});
  for (const v1::SummaryLine& line : lines) {
    table.AddRow({LineName(line), line.cost(), line.burnt()});
  }
  return Concat("\n", table.HeadingAndRows(OutputColumns()));
}

std::string TrendText(const v1::Summary& summary) {
  if (summary.trend().empty()) return "";
  Table table({{"DAY"}, {"USD", Align::kRight}});
  for (const v1::SummaryDay& day : summary.trend()) table.AddRow({day.day(), day.cost()});
  return Concat("\n", table.HeadingAndRows(OutputColumns()));
}

std::string SummaryText(const v1::Summary& summary) {
  std::string text =
      Concat(summary.period(), " of ",
             summary.has_operator_family() ? NamedText(summary.operator_family()) : "all families",
             ", to ", TimeText(summary.time()), ", as of entry ", summary.ledger_sequence(), "\n",
             summary.month_to_date(), " USD so far");
  if (summary.has_forecast()) {
    text += Concat("; ", summary.burn_per_day(), " a day since ", TimeText(summary.burn_from()),
                   ", which makes ", summary.forecast(), " by ", TimeText(summary.until()));
  }
  text += "\n";
  text += CostsText("CATEGORY", summary.by_category());
  text += CostsText("MODEL", summary.by_model());
  text += CostsText("DEAREST", summary.top_drivers());
  if (!summary.budgets().empty()) text += Concat("\n", BudgetsText(summary.budgets()));
  text += TrendText(summary);
  if (!summary.opportunities().empty()) text += "\n";
  return text + OpenProposalsText(summary.opportunities());
}

}  // namespace

ExitCode RunSummary(const Arguments& arguments, Connection* connection) {
  std::string path = connection->InPopulation("/summary");
  if (!arguments.family.empty()) {
    path += Concat("?operator_family=", Connection::Escape(arguments.family));
  }
  v1::Summary summary;
  const Reply reply = connection->Get(path, &summary);
  return Show(reply, arguments, SummaryText(summary));
}

}  // namespace purser::cli
