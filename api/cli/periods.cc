#include "api/cli/periods.h"

#include <string>

#include "absl/strings/str_join.h"
#include "api/cli/cost_text.h"
#include "api/cli/message_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "api/v1/cost.pb.h"
#include "api/v1/digest.pb.h"
#include "api/v1/period.pb.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

constexpr int kPeriodsPageSize = 1'000;  // the most that the daemon gives

std::string ClosingText(const v1::PeriodClosing& closed) {
  return Concat("closed by ", Printable(closed.principal()), " at ", TimeText(closed.time()),
                ", entry ", closed.ledger_sequence(),
                closed.reason().empty() ? "" : Concat(": ", Printable(closed.reason())));
}

std::string StatementText(const v1::Statement& statement) {
  std::string text = Concat("statement of ", statement.period(), ", from ",
                            TimeText(statement.from()), " to before ", TimeText(statement.until()),
                            ", as of entry ", statement.ledger_sequence(), "\n", statement.state());
  if (statement.has_closed()) text += Concat(": ", ClosingText(statement.closed()));
  if (statement.held_by_size() > 0) {
    text += Concat(" by ", Printable(absl::StrJoin(statement.held_by(), ", ")));
  }
  text += "\n";
  Table table({{"OPERATOR_FAMILY"},
               {"CAPABILITY"},
               {"CATEGORY"},
               {"RESOURCE"},
               {"ORIGIN"},
               {"USD", Align::kRight},
               {"NOT PRICED", Align::kRight},
               {"OCCUPIED"}});
  for (const v1::StatementLine& line : statement.lines()) {
    table.AddRow({NamedText(line.operator_family()), NamedText(line.capability()), line.category(),
                  TextOrDash(line.resource()), TextOrDash(line.origin()), line.cost(),
                  line.unpriced() == "0" ? "-" : line.unpriced(),
                  line.has_occupied() ? OccupationText(line.occupied(), "") : "-"});
  }
  if (table.empty()) return Concat(text, "nothing was charged\n");
  text += table.HeadingAndRows(OutputColumns());
  text += Concat("total ", statement.total(), " USD");
  if (statement.unattributed() != "0") {
    text += Concat(", of which ", statement.unattributed(), " are unattributed");
  }
  return text + "\n";
}

ExitCode ShowStatement(const Arguments& arguments, Connection* connection) {
  const std::string path =
      connection->InPopulation(Concat("/statements/", Connection::Escape(arguments.period)));
  if (arguments.csv) {
    const Reply reply = connection->GetText(path, "text/csv");
    if (!reply.done()) return Fail(reply, arguments);
    WriteOut(reply.body);
    return ExitCode::kDone;
  }
  v1::Statement statement;
  const Reply reply = connection->Get(path, &statement);
  return Show(reply, arguments, StatementText(statement));
}

ExitCode ListPeriods(const Arguments& arguments, Connection* connection) {
  v1::PeriodList list;
  const Reply reply = connection->Get(
      connection->InPopulation(Concat("/periods?page_size=", kPeriodsPageSize)), &list);
  Table table({{"PERIOD"}, {"STATE"}, {"FROM"}, {"UNTIL"}, {"", Align::kLeft, Fit::kWrap}});
  for (const v1::Period& period : list.periods()) {
    table.AddRow({period.period(), period.state(), TimeText(period.from()),
                  TimeText(period.until()),
                  period.has_closed() ? ClosingText(period.closed()) : ""});
  }
  return Show(reply, arguments, table.HeadingAndRows(OutputColumns()));
}

ExitCode ClosePeriod(const Arguments& arguments, Connection* connection) {
  v1::ClosePeriodRequest body;
  body.set_reason(arguments.reason);
  v1::Period period;
  const std::string path =
      connection->InPopulation(Concat("/periods/", Connection::Escape(arguments.period), ":close",
                                      arguments.dry_run ? "?dry_run=true" : ""));
  // It takes effect once, by its name.
  const Reply reply = connection->Post(path, body, {true, arguments.idempotency_key}, &period);
  return Show(reply, arguments,
              Concat(reply.replayed ? "closed already, with its first reason: " : "",
                     period.period(), arguments.dry_run && !reply.replayed ? " would be " : " ",
                     ClosingText(period.closed()), "\n"));
}

template <typename Lines>
std::string LinesText(const char* heading, const Lines& lines) {
  if (lines.empty()) return "";
  Table table({{heading},
               {"USD", Align::kRight},
               {"WEEK BEFORE", Align::kRight},
               {"MEAN OF FOUR", Align::kRight},
               {"CHANGE", Align::kRight}});
  for (const v1::DigestLine& line : lines) {
    table.AddRow(
        {LineName(line), line.cost(), line.week_before(), line.mean_of_four(), line.change()});
  }
  return Concat("\n", table.HeadingAndRows(OutputColumns()));
}

std::string DigestText(const v1::Digest& digest) {
  const v1::DigestLine& total = digest.total();
  const std::string until = TimeText(digest.until());
  const std::string accrued = TimeText(digest.accrued_until());
  std::string text =
      Concat(digest.week(), ", from ", TimeText(digest.from()), " to before ", until,
             accrued == until ? "" : Concat(", not over: up to ", accrued), ", as of entry ",
             digest.ledger_sequence(), "\ntotal ", total.cost(), " USD; the week before ",
             total.week_before(), ", the mean of four ", total.mean_of_four(), "\n");
  text += LinesText("OPERATOR_FAMILY", digest.by_operator_family());
  text += LinesText("CATEGORY", digest.by_category());
  text += LinesText("MODEL", digest.by_model());
  text += LinesText("WENT UP", digest.movers_up());
  text += LinesText("WENT DOWN", digest.movers_down());
  text += "\n";
  if (digest.weeks_before() == 0) text += "no whole week before: nothing to compare days with\n";
  for (const v1::DigestAnomaly& day : digest.anomalies()) {
    text += Concat(day.day(), " cost ", day.cost(), " USD, where a day cost ", day.mean_day(),
                   " before\n");
  }
  return text + OpenProposalsText(digest.open_proposals());
}

ExitCode ShowDigest(const Arguments& arguments, Connection* connection) {
  std::string path = connection->InPopulation("/digest");
  if (!arguments.week.empty()) path += Concat("?week=", Connection::Escape(arguments.week));
  v1::Digest digest;
  const Reply reply = connection->Get(path, &digest);
  return Show(reply, arguments, DigestText(digest));
}

}  // namespace

ExitCode RunPeriods(const Arguments& arguments, Connection* connection) {
  switch (arguments.command) {
    case Command::kStatement:
      return ShowStatement(arguments, connection);
    case Command::kPeriodsClose:
      return ClosePeriod(arguments, connection);
    case Command::kDigest:
      return ShowDigest(arguments, connection);
    default:
      return ListPeriods(arguments, connection);
  }
}

}  // namespace purser::cli
