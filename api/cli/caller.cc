#include "api/cli/caller.h"

#include <string>

#include "api/cli/message_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "api/v1/journal.pb.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

std::string Join(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += Concat(out.empty() ? "" : " ", text);
  return TextOrDash(out);
}

Table MakeTable() { return Table({{}, {{}, Align::kLeft, Fit::kWrap}}); }

ExitCode Show(const Reply& reply, const Arguments& arguments, const Table& table) {
  if (!reply.done()) return Fail(reply, arguments);
  WriteOut(arguments.json ? Concat(reply.body, "\n") : table.Rows(OutputColumns()));
  return ExitCode::kDone;
}

}  // namespace

ExitCode RunMe(const Arguments& arguments, Connection* connection) {
  v1::Me me;
  const Reply reply = connection->Get("/v1/me", &me);
  Table table = MakeTable();
  table.AddRow({"principal", TextOrDash(me.principal())});
  table.AddRow({"scopes", Join(me.scopes())});
  table.AddRow({"populations", Join(me.populations())});
  return Show(reply, arguments, table);
}

ExitCode RunVersion(const Arguments& arguments, Connection* connection) {
  v1::Version version;
  const Reply reply = connection->Get("/version", &version);
  Table table = MakeTable();
  table.AddRow({"purserd", TextOrDash(version.version())});
  table.AddRow({"commit", TextOrDash(version.commit())});
  table.AddRow({"build", TextOrDash(version.build())});
  table.AddRow({"api", TextOrDash(version.api())});
  table.AddRow({"policy", TextOrDash(version.policy_version())});
  return Show(reply, arguments, table);
}

}  // namespace purser::cli
