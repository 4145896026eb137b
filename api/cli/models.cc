#include "api/cli/models.h"

#include <string>

#include "api/cli/model_export.h"
#include "api/cli/model_import.h"
#include "api/cli/model_text.h"
#include "api/cli/pages.h"
#include "api/cli/selection.h"
#include "api/cli/terminal_text.h"
#include "api/v1/reservation.pb.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

std::string PathOf(const Arguments& arguments, const Connection& connection,
                   std::string_view collection, std::string_view verb) {
  return connection.InPopulation(Concat(collection, "/", Connection::Escape(arguments.id), verb,
                                        arguments.dry_run ? "?dry_run=true" : ""));
}

template <typename Message>
ExitCode Show(const Reply& reply, const Arguments& arguments, const Message& message,
              std::string (*text)(const Message&)) {
  return ShowChange(reply, arguments, message, reply.done() ? text(message) : "");
}

// The model as it stands; its generation is the condition of a change.
Reply Read(const Arguments& arguments, Connection* connection, v1::Model* model) {
  Arguments plain = arguments;
  plain.dry_run = false;
  return connection->Get(PathOf(plain, *connection, "/models", ""), model);
}

ExitCode RunList(const Arguments& arguments, Connection* connection) {
  std::string filter;
  if (!arguments.state.empty()) filter = Concat("&state=", Connection::Escape(arguments.state));
  return ShowPages(arguments, connection, "/models", filter, &v1::ModelList::models_size,
                   ModelListText);
}

ExitCode RunShow(const Arguments& arguments, Connection* connection) {
  v1::Model model;
  const Reply reply = Read(arguments, connection, &model);
  return Show(reply, arguments, model, ModelText);
}

ExitCode RunRegister(const Arguments& arguments, Connection* connection) {
  v1::Model body = arguments.model;
  body.set_id(arguments.id);
  v1::Model answer;
  const Reply reply = connection->Post(
      connection->InPopulation(arguments.dry_run ? "/models?dry_run=true" : "/models"), body,
      {true, arguments.idempotency_key}, &answer);
  return Show(reply, arguments, answer, ModelText);
}

ExitCode RunChange(const Arguments& arguments, Connection* connection) {
  v1::Model before;
  const Reply found = Read(arguments, connection, &before);
  if (!found.done()) return Fail(found, arguments);
  v1::Model answer;
  const Reply reply = connection->Change("PATCH", PathOf(arguments, *connection, "/models", ""),
                                         &arguments.model, before.generation(), &answer);
  return Show(reply, arguments, answer, ModelText);
}

// An activation that draws on the reserve is answered with an approval, which has other fields.
ExitCode RunActivate(const Arguments& arguments, Connection* connection) {
  const std::string path = PathOf(arguments, *connection, "/models", ":activate");
  const Protection protection{false, arguments.idempotency_key};
  if (arguments.activation.has_consumes_reserve()) {
    v1::Approval approval;
    const Reply reply = connection->Post(path, arguments.activation, protection, &approval);
    return Show(reply, arguments, approval, ApprovalText);
  }
  v1::Model answer;
  const Reply reply = connection->Post(path, arguments.activation, protection, &answer);
  return Show(reply, arguments, answer, ModelText);
}

ExitCode RunVerb(const Arguments& arguments, Connection* connection, std::string_view verb) {
  v1::Model answer;
  const Reply reply =
      connection->Post(PathOf(arguments, *connection, "/models", verb), v1::ReleaseRequest(),
                       {false, arguments.idempotency_key}, &answer);
  return Show(reply, arguments, answer, ModelText);
}

ExitCode RunApprovalsList(const Arguments& arguments, Connection* connection) {
  v1::ApprovalList list;
  // A population has 1,000 at most: one page.
  const Reply reply = connection->Get(connection->InPopulation("/approvals"), &list);
  if (!reply.done()) return Fail(reply, arguments);
  WriteOut(arguments.json ? Concat(reply.body, "\n") : ApprovalListText(list));
  return ExitCode::kDone;
}

// The answer does not say what became of it: the command does.
std::string DecidedText(const v1::Approval& approval, std::string_view outcome) {
  return Concat("approval ", Printable(approval.id()), approval.dry_run() ? ": would be " : ": ",
                outcome, "\n", ApprovalText(approval));
}

// What came of an approved request, or nothing where it cannot be read.
std::string OutcomeText(const std::string& id, Connection* connection) {
  v1::Reservation now;
  const std::string path = Concat("/reservations/", Connection::Escape(id));
  if (!connection->Get(connection->InPopulation(path), &now).done()) return "";
  std::string text = Concat("now reservation ", Printable(id), " is ",
                            v1::ReservationState_Name(now.state()), "\n");
  if (now.state() != v1::QUEUED) return text;
  for (const std::string& reason : now.queue_reasons()) {
    text += Concat("waits for: ", Printable(reason), "\n");
  }
  return text;
}

// Of a request the answer is an approval, of an activation the model.
ExitCode RunApprove(const Arguments& arguments, Connection* connection) {
  v1::ApproveRequest body;
  body.set_reason(arguments.reason);
  v1::Approval approval;
  Reply reply = connection->Post(PathOf(arguments, *connection, "/approvals", ":approve"), body,
                                 {false, arguments.idempotency_key}, &approval);
  if (!reply.done() || approval.has_reservation()) {
    std::string text = DecidedText(approval, "APPROVED");
    const bool has_outcome = reply.done() && !arguments.dry_run && !arguments.json;
    if (has_outcome) text += OutcomeText(approval.reservation(), connection);
    return ShowChange(reply, arguments, approval, text);
  }
  v1::Model model;
  if (!Connection::ReadMessage(reply.body, &model, &reply.complaint)) {
    reply.exit_code = ExitCode::kUnreachable;
  }
  return Show(reply, arguments, model, ModelText);
}

ExitCode RunReject(const Arguments& arguments, Connection* connection) {
  v1::RejectRequest body;
  body.set_reason(arguments.reason);
  v1::Approval answer;
  const Reply reply = connection->Post(PathOf(arguments, *connection, "/approvals", ":reject"),
                                       body, {false, arguments.idempotency_key}, &answer);
  return ShowChange(reply, arguments, answer, DecidedText(answer, "REJECTED"));
}

ExitCode RunPopulation(const Arguments& arguments, Connection* connection) {
  v1::PopulationState population;
  const Reply reply = connection->Get(connection->InPopulation("/population"), &population);
  if (!reply.done()) return Fail(reply, arguments);
  WriteOut(arguments.json ? Concat(reply.body, "\n") : PopulationText(population));
  return ExitCode::kDone;
}

}  // namespace

ExitCode RunModels(const Arguments& arguments, Connection* connection) {
  switch (arguments.command) {
    case Command::kPopulation:
      return RunPopulation(arguments, connection);
    case Command::kModelsList:
      return RunList(arguments, connection);
    case Command::kModelsShow:
      return RunShow(arguments, connection);
    case Command::kModelsRegister:
      return RunRegister(arguments, connection);
    case Command::kModelsChange:
      return RunChange(arguments, connection);
    case Command::kModelsActivate:
      return RunActivate(arguments, connection);
    case Command::kModelsShadow:
      return RunVerb(arguments, connection, ":shadow");
    case Command::kModelsRetire:
      return RunVerb(arguments, connection, ":retire");
    case Command::kModelsArchive:
      return RunVerb(arguments, connection, ":archive");
    case Command::kModelsPurge:
      return RunVerb(arguments, connection, ":purge");
    case Command::kModelsRollback:
      return RunVerb(arguments, connection, ":rollback");
    case Command::kModelsSelect:
      return RunSelection(arguments, connection);
    case Command::kModelsExport:
      return RunModelsExport(arguments, connection);
    case Command::kModelsImport:
      return RunModelsImport(arguments, connection);
    case Command::kApprovalsList:
      return RunApprovalsList(arguments, connection);
    case Command::kApprovalsApprove:
      return RunApprove(arguments, connection);
    case Command::kApprovalsReject:
      return RunReject(arguments, connection);
    default:
      return ExitCode::kUsage;
  }
}

}  // namespace purser::cli
