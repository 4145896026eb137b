#include "api/cli/status.h"

#include <algorithm>
#include <string>

#include "api/cli/message_text.h"
#include "api/cli/resources.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "api/v1/journal.pb.h"
#include "api/v1/population.pb.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

// More on one screen is no screen; the rest is counted as "and more".
constexpr char kPage[] = "?page_size=1000";

// What the screen shows; only the population has to be readable for the caller.
struct Screen {
  v1::Version version;
  v1::Population population;
  v1::FreezeList freezes;
  v1::DebtList debts;
  Reply version_reply;
  Reply population_reply;
  Reply freezes_reply;
  Reply debts_reply;
};

bool IsReadable(const Reply& reply) {
  return reply.done() || reply.exit_code == ExitCode::kRefused;
}

// The reply because of which there is nothing to show; nullptr when the screen is filled.
const Reply* Fetch(Connection* connection, Screen* screen) {
  screen->population_reply = connection->Get(connection->InPopulation(""), &screen->population);
  if (!screen->population_reply.done()) return &screen->population_reply;
  screen->version_reply = connection->Get("/version", &screen->version);
  if (!IsReadable(screen->version_reply)) return &screen->version_reply;
  screen->freezes_reply =
      connection->Get(connection->InPopulation(Concat("/freezes", kPage)), &screen->freezes);
  if (!IsReadable(screen->freezes_reply)) return &screen->freezes_reply;
  screen->debts_reply =
      connection->Get(connection->InPopulation(Concat("/debts", kPage)), &screen->debts);
  return IsReadable(screen->debts_reply) ? nullptr : &screen->debts_reply;
}

std::string_view BodyOrNull(const Reply& reply) {
  return reply.done() ? std::string_view(reply.body) : "null";
}

std::string HeadText(const Screen& screen, const std::string& url) {
  const v1::Version& version = screen.version;
  std::string out =
      Concat("purserd ", screen.version_reply.done() ? version.version() : "(version unknown)");
  if (!version.commit().empty()) out += Concat(" (", version.commit(), ")");
  out += Concat(" at ", url, "\n");
  const v1::Population& population = screen.population;
  out += Concat("population ", population.name(), ", sequence ", population.ledger_sequence());
  if (population.has_open_reservations()) {
    out += Concat(", open reservations ", population.open_reservations());
  }
  if (!population.time_zone().empty()) out += Concat(", time zone ", population.time_zone());
  return Concat(Printable(out.substr(0, out.find('\n'))), "\n",
                Printable(out.substr(out.find('\n') + 1)), "\n");
}

// `granted 400   = available 262 + reserve 100`: the part before the sign padded, so that the signs
// of all resources stand below each other.
std::string AlignedIdentity(const std::string& identity, size_t sign_column) {
  const size_t sign = identity.find(" = ");
  if (sign == std::string::npos) return identity;
  return identity.substr(0, sign) + std::string(sign_column - sign, ' ') + identity.substr(sign);
}

std::string ResourcesText(const v1::Population& population) {
  size_t sign_column = 0;
  for (const v1::Resource& resource : population.resources()) {
    const size_t sign = resource.identity().find(" = ");
    if (sign != std::string::npos) sign_column = std::max(sign_column, sign);
  }
  Table table({{"RESOURCE"},
               {"UNIT"},
               {"LEDGER", Align::kLeft, Fit::kWrap},
               {"RESERVE", Align::kRight},
               {"TARGET", Align::kRight},
               {"FLAGS", Align::kLeft, Fit::kWrap}});
  for (const v1::Resource& resource : population.resources()) {
    table.AddRow({resource.name(), resource.unit(),
                  AlignedIdentity(resource.identity(), sign_column), AmountText(resource.reserve()),
                  AmountText(resource.reserve_target()), ResourceFlags(resource)});
  }
  return table.empty() ? "no resources\n" : table.HeadingAndRows(OutputColumns());
}

std::string TargetText(const v1::Freeze& freeze) {
  switch (freeze.target_case()) {
    case v1::Freeze::kPopulation:
      return "the population";
    case v1::Freeze::kOperatorFamily:
      return Concat("operator family ", freeze.operator_family());
    case v1::Freeze::kResource:
      return Concat("resource ", freeze.resource());
    case v1::Freeze::kGuardrail:
      return Concat("experiments, by guardrail ", freeze.guardrail());
    default:
      return "something this purser does not know";
  }
}

std::string FreezesText(const Screen& screen) {
  if (!screen.freezes_reply.done()) {
    return Concat("freezes: not shown to you (", Printable(screen.freezes_reply.code), ")\n");
  }
  if (screen.freezes.freezes().empty()) return "freezes: none\n";
  std::string out = "freezes:\n";
  for (const v1::Freeze& freeze : screen.freezes.freezes()) {
    std::string line = Concat(freeze.id(), ": ", TargetText(freeze));
    if (freeze.has_until()) line += Concat(", until ", TimeText(freeze.until()));
    if (!freeze.reason().empty()) line += Concat(": ", freeze.reason());
    if (freeze.has_guardrail()) {
      line += Concat("; ended by: purser guardrails reset ", freeze.guardrail());
    }
    out += Concat("  ", Printable(line), "\n");
  }
  if (!screen.freezes.next_page_token().empty()) out += "  and more\n";
  return out;
}

std::string DebtsText(const Screen& screen) {
  if (!screen.debts_reply.done()) {
    return Concat("debts: not shown to you (", Printable(screen.debts_reply.code), ")\n");
  }
  if (screen.debts.debts().empty()) return "debts: none\n";
  std::string out = "debts:\n";
  for (const v1::Debt& debt : screen.debts.debts()) {
    const std::string line = Concat(debt.operator_family(), " owes ", AmountText(debt.amount()),
                                    " ", debt.resource(), " (charge ", debt.charge(), ")");
    out += Concat("  ", Printable(line), "\n");
  }
  if (!screen.debts.next_page_token().empty()) out += "  and more\n";
  return out;
}

}  // namespace

ExitCode RunStatus(const Arguments& arguments, Connection* connection) {
  Screen screen;
  if (const Reply* const failed = Fetch(connection, &screen); failed != nullptr) {
    return Fail(*failed, arguments);
  }
  if (arguments.json) {
    WriteOut(Concat("{\"version\":", BodyOrNull(screen.version_reply), ",\"population\":",
                    screen.population_reply.body, ",\"freezes\":", BodyOrNull(screen.freezes_reply),
                    ",\"debts\":", BodyOrNull(screen.debts_reply), "}\n"));
    return ExitCode::kDone;
  }
  WriteOut(Concat(HeadText(screen, arguments.url), "\n", ResourcesText(screen.population), "\n",
                  FreezesText(screen), DebtsText(screen)));
  return ExitCode::kDone;
}

}  // namespace purser::cli
