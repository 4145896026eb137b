#include "api/cli/demand.h"

#include <map>
#include <string>

#include "api/cli/message_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "api/v1/demand.pb.h"
#include "ledger/rate.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

std::string PerText(const v1::ResourceDemand& of) {
  if (!of.has_rate()) return "-";
  if (!of.has_per()) return "unit";
  return of.per() == v1::HOUR ? "unit and hour" : "unit and month";
}

std::string DemandText(const v1::Demand& demand) {
  Table table({{"RESOURCE"},
               {"UNSERVED", Align::kRight},
               {"BASE", Align::kRight},
               {"RATE", Align::kRight},
               {"SHADOW PRICE", Align::kRight},
               {"USD A", Align::kLeft, Fit::kWrap}});
  const std::map<std::string, v1::ResourceDemand> ordered(demand.resources().begin(),
                                                          demand.resources().end());
  for (const auto& [name, of] : ordered) {
    table.AddRow(
        {name, of.unserved(), Amount::FromMicros(of.base().micros()).ToString(),
         of.has_rate() ? Rate::FromPicos(of.rate().picos()).ToString() : "-",
         of.has_shadow_price() ? Rate::FromPicos(of.shadow_price().picos()).ToString() : "-",
         PerText(of)});
  }
  const std::string heading =
      Concat("since ", TimeText(demand.from()), ", to ", TimeText(demand.time()), ", as of entry ",
             demand.ledger_sequence(), "\n\n");
  return table.empty() ? Concat(heading, "no resources\n")
                       : Concat(heading, table.HeadingAndRows(OutputColumns()));
}

}  // namespace

ExitCode RunDemand(const Arguments& arguments, Connection* connection) {
  v1::Demand demand;
  const Reply reply = connection->Get(connection->InPopulation("/demand"), &demand);
  return Show(reply, arguments, DemandText(demand));
}

}  // namespace purser::cli
