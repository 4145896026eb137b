#include "api/cli/charges.h"

#include <string>

#include "api/cli/message_text.h"
#include "api/cli/pages.h"
#include "api/cli/reservation_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "api/v1/reservation.pb.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

// USD, less what refunds took back.
std::string NetCostsText(const v1::Charge& charge) {
  AmountMap costs = charge.costs();
  for (const auto& [name, amount] : charge.refunded_costs()) {
    costs[name].set_micros(costs[name].micros() - amount.micros());
  }
  return AmountsText(costs);
}

// Of what was refunded at all.
std::string RefundedText(const v1::Charge& charge) {
  AmountMap refunded;
  for (const auto& [name, amount] : charge.refunded()) {
    if (amount.micros() != 0) refunded[name] = amount;
  }
  return AmountsText(refunded);
}

std::string ListText(const v1::ChargeList& list) {
  Table table({{"CHARGE"},
               {"WHEN"},
               {"RESERVATION"},
               {"AMOUNTS", Align::kLeft, Fit::kWrap},
               {"REFUNDED", Align::kLeft, Fit::kWrap},
               {"USD BY RESOURCE", Align::kLeft, Fit::kWrap},
               {"LABELS", Align::kLeft, Fit::kWrap}});
  for (const v1::Charge& charge : list.charges()) {
    table.AddRow({charge.id(), TimeText(charge.create_time()), TextOrDash(charge.reservation()),
                  AmountsText(charge.amounts()), RefundedText(charge), NetCostsText(charge),
                  LabelsText(charge.labels())});
  }
  return table.empty() ? "no charges\n" : table.HeadingAndRows(OutputColumns());
}

ExitCode List(const Arguments& arguments, Connection* connection) {
  std::string filter;
  if (!arguments.id.empty()) filter = Concat("&reservation=", Connection::Escape(arguments.id));
  return ShowPages(arguments, connection, "/charges", filter, &v1::ChargeList::charges_size,
                   ListText);
}

std::string PathOf(const Arguments& arguments, const Connection& connection,
                   std::string_view verb) {
  return connection.InPopulation(Concat("/charges/", Connection::Escape(arguments.id), verb,
                                        arguments.dry_run ? "?dry_run=true" : ""));
}

ExitCode Show(const Arguments& arguments, Connection* connection) {
  v1::Charge answer;
  const Reply reply = connection->Get(PathOf(arguments, *connection, ""), &answer);
  const std::string head = Concat(TimeText(answer.create_time()), " by ", answer.principal(),
                                  ", entry ", answer.ledger_sequence());
  return cli::Show(reply, arguments,
                   Concat(ChargeText(answer, OutputColumns()), Printable(head), "\n",
                          Printable(LabelsText(answer.labels())), "\n"));
}

ExitCode Create(const Arguments& arguments, Connection* connection) {
  v1::ChargeRequest body;
  body.set_id(arguments.charge_id);
  body.set_category(arguments.category);
  SetAmounts(arguments.amounts, body.mutable_amounts());
  for (const auto& [key, value] : arguments.labels) (*body.mutable_labels())[key] = value;
  const Protection protection{!arguments.charge_id.empty(), arguments.idempotency_key};
  v1::Charge answer;
  const std::string path =
      connection->InPopulation(Concat("/charges", arguments.dry_run ? "?dry_run=true" : ""));
  const Reply reply = connection->Post(path, body, protection, &answer);
  return ShowChange(reply, arguments, answer, ChargeText(answer, OutputColumns()));
}

ExitCode Refund(const Arguments& arguments, Connection* connection) {
  v1::RefundRequest body;
  body.set_id(arguments.charge_id);
  body.set_reason(arguments.reason);
  SetAmounts(arguments.amounts, body.mutable_amounts());
  const Protection protection{!arguments.charge_id.empty(), arguments.idempotency_key};
  v1::Charge answer;
  const Reply reply =
      connection->Post(PathOf(arguments, *connection, ":refund"), body, protection, &answer);
  return ShowChange(reply, arguments, answer, ChargeText(answer, OutputColumns()));
}

}  // namespace

ExitCode RunCharges(const Arguments& arguments, Connection* connection) {
  switch (arguments.command) {
    case Command::kChargesList:
      return List(arguments, connection);
    case Command::kChargesShow:
      return Show(arguments, connection);
    case Command::kChargesCreate:
      return Create(arguments, connection);
    default:
      return Refund(arguments, connection);
  }
}

}  // namespace purser::cli
