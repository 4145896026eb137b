#include "api/cli/calendar.h"

#include "api/cli/message_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "api/v1/reservation.pb.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

std::string CalendarText(const v1::Calendar& calendar, std::optional<size_t> columns_max) {
  Table table({{"RESOURCE"},
               {"FROM"},
               {"UNTIL"},
               {"GRANTED", Align::kRight},
               {"RESERVE", Align::kRight},
               {"OCCUPIED", Align::kRight},
               {"BOOKED", Align::kRight},
               {"AVAILABLE", Align::kRight}});
  for (const v1::CalendarStep& step : calendar.steps()) {
    table.AddRow({step.resource(), TimeText(step.from()),
                  step.has_until() ? TimeText(step.until()) : "-", AmountText(step.granted()),
                  AmountText(step.reserve()), AmountText(step.occupied()),
                  AmountText(step.booked()), AmountText(step.available())});
  }
  return table.empty() ? "no capacity\n" : table.HeadingAndRows(columns_max);
}

}  // namespace

ExitCode RunCalendar(const Arguments& arguments, Connection* connection) {
  std::string path = Concat("/calendar?page_size=", arguments.limit);
  if (!arguments.name.empty()) path += Concat("&resource=", Connection::Escape(arguments.name));
  v1::Calendar calendar;
  const Reply reply = connection->Get(connection->InPopulation(path), &calendar);
  if (!reply.done()) return Fail(reply, arguments);
  if (arguments.json) {
    WriteOut(Concat(reply.body, "\n"));
    return ExitCode::kDone;
  }
  WriteOut(CalendarText(calendar, OutputColumns()));
  if (!calendar.next_page_token().empty()) {
    WriteOut("There are more: --limit N shows N of them.\n");
  }
  return ExitCode::kDone;
}

}  // namespace purser::cli
