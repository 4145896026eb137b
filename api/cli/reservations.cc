#include "api/cli/reservations.h"

#include <map>
#include <string>

#include "api/cli/denial_text.h"
#include "api/cli/message_text.h"
#include "api/cli/pages.h"
#include "api/cli/reservation_text.h"
#include "api/cli/terminal_text.h"
#include "api/render.h"
#include "api/v1/reservation.pb.h"
#include "ledger/check.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

void SetDuration(int64_t duration_us, google::protobuf::Duration* out) {
  out->set_seconds(duration_us / 1'000'000);
  out->set_nanos(static_cast<int32_t>(duration_us % 1'000'000) * 1'000);
}

std::string PathOf(const Arguments& arguments, const Connection& connection,
                   std::string_view verb) {
  return connection.InPopulation(Concat("/reservations/", Connection::Escape(arguments.id), verb));
}

std::string_view DryRunQuery(const Arguments& arguments) {
  return arguments.dry_run ? "?dry_run=true" : "";
}

template <typename Message>
ExitCode Show(const Reply& reply, const Arguments& arguments, const Message& message,
              std::string (*text)(const Message&, std::optional<size_t>)) {
  return ShowChange(reply, arguments, message, reply.done() ? text(message, OutputColumns()) : "");
}

Reply PostVerb(const Arguments& arguments, Connection* connection, std::string_view verb,
               const google::protobuf::Message& body, bool by_id,
               google::protobuf::Message* answer) {
  const Protection protection{by_id, arguments.idempotency_key};
  return connection->Post(Concat(PathOf(arguments, *connection, verb), DryRunQuery(arguments)),
                          body, protection, answer);
}

ExitCode RunLease(const Arguments& arguments, Connection* connection, std::string_view verb) {
  v1::LeaseRequest body;
  if (arguments.lease_us.has_value()) SetDuration(*arguments.lease_us, body.mutable_lease());
  v1::Reservation answer;
  const Reply reply = PostVerb(arguments, connection, verb, body, false, &answer);
  return Show(reply, arguments, answer, ReservationText);
}

ExitCode RunCharge(const Arguments& arguments, Connection* connection) {
  v1::ReservationChargeRequest body;
  body.set_id(arguments.charge_id);
  SetAmounts(arguments.amounts, body.mutable_amounts());
  v1::Charge answer;
  const bool by_id = !arguments.charge_id.empty();
  const Reply reply = PostVerb(arguments, connection, ":charge", body, by_id, &answer);
  return Show(reply, arguments, answer, ChargeText);
}

ExitCode RunSettle(const Arguments& arguments, Connection* connection) {
  v1::SettleRequest body;
  SetAmounts(arguments.amounts, body.mutable_amounts());
  body.set_charge_all(arguments.charge_all);
  v1::Reservation answer;
  const Reply reply = PostVerb(arguments, connection, ":settle", body, false, &answer);
  return Show(reply, arguments, answer, ReservationText);
}

ExitCode RunRelease(const Arguments& arguments, Connection* connection) {
  v1::Reservation answer;
  const Reply reply =
      PostVerb(arguments, connection, ":release", v1::ReleaseRequest(), false, &answer);
  return Show(reply, arguments, answer, ReservationText);
}

v1::ReservationRequest RequestOf(const Arguments& arguments) {
  v1::ReservationRequest body;
  body.set_id(arguments.id);
  body.set_purpose(arguments.purpose);
  body.set_overrun_policy(arguments.overrun_policy);
  SetAmounts(arguments.amounts, body.mutable_amounts());
  SetAmounts(arguments.minimum_amounts, body.mutable_minimum_amounts());
  for (const auto& [key, value] : arguments.labels) (*body.mutable_labels())[key] = value;
  if (arguments.start_at_us.has_value())
    api::SetTime(*arguments.start_at_us, body.mutable_start_at());
  if (arguments.lease_us.has_value()) SetDuration(*arguments.lease_us, body.mutable_lease());
  body.set_priority(arguments.priority);
  body.set_tier(arguments.tier);
  if (arguments.preemption_grace_us.has_value()) {
    SetDuration(*arguments.preemption_grace_us, body.mutable_preemption_grace());
  }
  if (arguments.quoted_at_us.has_value()) {
    api::SetTime(*arguments.quoted_at_us, body.mutable_quoted_at());
  }
  if (arguments.queue) body.set_on_shortage(v1::QUEUE);
  if (arguments.max_queue_wait_us.has_value()) {
    SetDuration(*arguments.max_queue_wait_us, body.mutable_max_queue_wait());
  }
  return body;
}

ExitCode RunList(const Arguments& arguments, Connection* connection) {
  std::string filter;
  if (!arguments.state.empty()) filter = Concat("&state=", Connection::Escape(arguments.state));
  return ShowPages(arguments, connection, "/reservations", filter,
                   &v1::ReservationList::reservations_size,
                   [](const auto& list) { return ReservationListText(list, OutputColumns()); });
}

ExitCode RunShow(const Arguments& arguments, Connection* connection) {
  v1::Reservation answer;
  const Reply reply = connection->Get(PathOf(arguments, *connection, ""), &answer);
  return Show(reply, arguments, answer, ReservationText);
}

ExitCode RunCreate(const Arguments& arguments, Connection* connection) {
  const v1::ReservationRequest body = RequestOf(arguments);
  const Protection protection{!arguments.id.empty(), arguments.idempotency_key};
  v1::Reservation answer;
  const std::string path =
      connection->InPopulation(Concat("/reservations", DryRunQuery(arguments)));
  const Reply reply = connection->Post(path, body, protection, &answer);
  return Show(reply, arguments, answer, ReservationText);
}

ExitCode RunQueue(const Arguments& arguments, Connection* connection) {
  return ShowPages(arguments, connection, "/queue", "", &v1::QueueList::reservations_size,
                   [](const auto& list) { return QueueText(list, OutputColumns()); });
}

ExitCode RunWhy(const Arguments& arguments, Connection* connection) {
  v1::Explanation answer;
  const Reply reply = connection->Post(connection->InPopulation("/reservations:explain"),
                                       RequestOf(arguments), {true, ""}, &answer);
  if (!reply.done()) return Fail(reply, arguments);
  WriteOut(arguments.json ? Concat(reply.body, "\n") : ExplanationText(answer));
  return answer.fits() ? ExitCode::kDone : ExitCode::kRefused;
}

}  // namespace

ExitCode RunReservations(const Arguments& arguments, Connection* connection) {
  switch (arguments.command) {
    case Command::kReservationsList:
      return RunList(arguments, connection);
    case Command::kReservationsShow:
      return RunShow(arguments, connection);
    case Command::kReservationsCreate:
      return RunCreate(arguments, connection);
    case Command::kQueue:
      return RunQueue(arguments, connection);
    case Command::kWhy:
      return RunWhy(arguments, connection);
    case Command::kReservationsStart:
      return RunLease(arguments, connection, ":start");
    case Command::kReservationsRenew:
      return RunLease(arguments, connection, ":renew");
    case Command::kReservationsCharge:
      return RunCharge(arguments, connection);
    case Command::kReservationsSettle:
      return RunSettle(arguments, connection);
    default:
      PURSER_CHECK(arguments.command == Command::kReservationsRelease, "a command of reservations");
      return RunRelease(arguments, connection);
  }
}

}  // namespace purser::cli
