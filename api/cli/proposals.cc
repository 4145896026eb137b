#include "api/cli/proposals.h"

#include <algorithm>
#include <map>
#include <string>

#include "api/cli/message_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "api/v1/reservation.pb.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

constexpr int64_t kPageSizeMax = 1'000;  // the daemon cuts what is larger

template <typename Texts>
std::string Joined(const Texts& texts) {
  std::string out;
  for (const std::string& text : texts) out += Concat(out.empty() ? "" : " ", text);
  return TextOrDash(out);
}

// What was found of it now, or came of it.
void AddFindings(const v1::Proposal& proposal, Table* table) {
  if (proposal.has_net_value()) {
    const v1::NetValue& value = proposal.net_value();
    table->AddRow({"frees", AmountsText(proposal.frees())});
    if (!proposal.occupies().empty()) {
      table->AddRow({"occupies more", AmountsText(proposal.occupies())});
    }
    table->AddRow({"net value", Concat(AmountText(value.sum()), " USD a month: business value ",
                                       AmountText(value.business_value()), ", inference ",
                                       AmountText(value.incremental_inference()), ", maintenance ",
                                       AmountText(value.lifecycle_maintenance()), ", incidents ",
                                       AmountText(value.expected_incident()), ", opportunity cost ",
                                       AmountText(value.opportunity_cost()))});
    table->AddRow({"unblocks", Joined(proposal.unblocks())});
  }
  for (const v1::ProposalConstraint& each : proposal.constraints()) {
    table->AddRow({"constraint", Concat(each.kind(), " ", each.name(), " of ", each.model(),
                                        each.forbids() ? " FORBIDS it" : " allows it")});
  }
  if (proposal.has_promised_saving()) {
    table->AddRow({"promised", Concat(AmountText(proposal.promised_saving()), " USD a month")});
  }
  if (proposal.has_realised_saving()) {
    table->AddRow({"realised", Concat(AmountText(proposal.realised_saving()), " USD in 28 days")});
  }
}

std::string ProposalText(const v1::Proposal& proposal) {
  Table table({{}, {{}, Align::kLeft, Fit::kWrap}});
  table.AddRow({"proposal", proposal.id()});
  table.AddRow({"kind", proposal.kind()});
  table.AddRow({"models", Joined(proposal.models())});
  if (proposal.has_result_model()) table.AddRow({"result", proposal.result_model()});
  table.AddRow({"state", Concat(proposal.state(), " since ", TimeText(proposal.state_time()))});
  table.AddRow({"proposed by", proposal.proposer()});
  if (proposal.has_approver()) table.AddRow({"approved by", proposal.approver()});
  if (proposal.approved_by_policy()) table.AddRow({"approved by", "the configuration"});
  if (proposal.has_ended_by()) table.AddRow({"ended by", proposal.ended_by()});
  if (proposal.has_end_reason()) table.AddRow({"because", proposal.end_reason()});
  table.AddRow({"reason", TextOrDash(proposal.reason())});
  const std::map<std::string, std::string> evidence(proposal.evidence().begin(),
                                                    proposal.evidence().end());
  for (const auto& [name, text] : evidence) table.AddRow({Concat("evidence ", name), text});
  table.AddRow({"expires", TimeText(proposal.expire_time())});
  AddFindings(proposal, &table);
  table.AddRow({"generation", Concat(proposal.generation())});
  return table.Rows(OutputColumns());
}

template <typename Proposals>
std::string ListText(const Proposals& proposals) {
  Table table({{"PROPOSAL"},
               {"KIND"},
               {"STATE"},
               {"MODELS", Align::kLeft, Fit::kWrap},
               {"RESULT", Align::kLeft, Fit::kWrap},
               {"BY"},
               {"REASON", Align::kLeft, Fit::kWrap}});
  for (const v1::Proposal& proposal : proposals) {
    table.AddRow({proposal.id(), proposal.kind(), proposal.state(), Joined(proposal.models()),
                  TextOrDash(proposal.result_model()), proposal.proposer(),
                  TextOrDash(proposal.reason())});
  }
  return table.empty() ? "no proposals\n" : table.HeadingAndRows(OutputColumns());
}

std::string PathOf(const Arguments& arguments, const Connection& connection,
                   std::string_view verb) {
  return connection.InPopulation(Concat("/proposals/", Connection::Escape(arguments.id), verb,
                                        arguments.dry_run ? "?dry_run=true" : ""));
}

ExitCode Show(const Reply& reply, const Arguments& arguments, const v1::Proposal& proposal) {
  return ShowChange(reply, arguments, proposal, reply.done() ? ProposalText(proposal) : "");
}

ExitCode RunList(const Arguments& arguments, Connection* connection) {
  v1::ProposalList all;
  std::string token;
  do {
    const int64_t wanted = arguments.limit - all.proposals_size();
    std::string path = Concat("/proposals?page_size=", std::min(wanted, kPageSizeMax));
    if (!arguments.state.empty()) path += Concat("&state=", Connection::Escape(arguments.state));
    if (!token.empty()) path += Concat("&page_token=", Connection::Escape(token));
    v1::ProposalList page;
    const Reply reply = connection->Get(connection->InPopulation(path), &page);
    if (!reply.done()) return Fail(reply, arguments);
    if (arguments.json) WriteOut(Concat(reply.body, "\n"));
    token = page.next_page_token();
    all.MergeFrom(page);
  } while (!token.empty() && all.proposals_size() < arguments.limit);
  if (arguments.json) return ExitCode::kDone;
  WriteOut(ListText(all.proposals()));
  if (!token.empty()) WriteOut("There are more: --limit N shows N of them.\n");
  return ExitCode::kDone;
}

ExitCode RunVerb(const Arguments& arguments, Connection* connection, std::string_view verb,
                 const google::protobuf::Message& body) {
  v1::Proposal answer;
  const Reply reply = connection->Post(PathOf(arguments, *connection, verb), body,
                                       {false, arguments.idempotency_key}, &answer);
  return Show(reply, arguments, answer);
}

ExitCode RunMake(const Arguments& arguments, Connection* connection) {
  v1::Proposal body = arguments.proposal;
  body.set_id(arguments.id);
  v1::Proposal answer;
  const Reply reply = connection->Post(
      connection->InPopulation(arguments.dry_run ? "/proposals?dry_run=true" : "/proposals"), body,
      {true, arguments.idempotency_key}, &answer);
  return Show(reply, arguments, answer);
}

ExitCode RunShow(const Arguments& arguments, Connection* connection) {
  v1::Proposal proposal;
  const Reply reply = connection->Get(PathOf(arguments, *connection, ""), &proposal);
  return Show(reply, arguments, proposal);
}

// The proposal as it stands has the generation that a change needs.
ExitCode RunResult(const Arguments& arguments, Connection* connection) {
  Arguments plain = arguments;
  plain.dry_run = false;
  v1::Proposal before;
  const Reply found = connection->Get(PathOf(plain, *connection, ""), &before);
  if (!found.done()) return Fail(found, arguments);
  v1::Proposal answer;
  const Reply reply = connection->Change("PATCH", PathOf(arguments, *connection, ""),
                                         &arguments.proposal, before.generation(), &answer);
  return Show(reply, arguments, answer);
}

ExitCode RunReview(const Arguments& arguments, Connection* connection) {
  v1::ReviewRequest body;
  body.set_reservation(arguments.id);
  v1::ReviewAnswer answer;
  const Reply reply =
      connection->Post(connection->InPopulation(arguments.dry_run ? "/proposals:review?dry_run=true"
                                                                  : "/proposals:review"),
                       body, {true, ""}, &answer);
  if (!reply.done()) return Fail(reply, arguments);
  if (arguments.json) {
    WriteOut(Concat(reply.body, "\n"));
    return ExitCode::kDone;
  }
  std::string out = Concat(
      answer.has_complete() ? "found, of what could be compared: " : "found: ", answer.dominated(),
      " dominated, ", answer.redundant_groups(), " redundant groups, ", answer.idle(), " idle\n");
  if (answer.has_set()) {
    out += Concat("what is lacking: ", answer.set(),
                  answer.has_gap() ? Concat(", gap ", AmountText(answer.gap()), " USD a month")
                                   : std::string(),
                  "\n");
  }
  WriteOut(Concat(out, ListText(answer.proposals())));
  return ExitCode::kDone;
}

ExitCode RunProposers(const Arguments& arguments, Connection* connection) {
  v1::ProposerList list;
  const Reply reply = connection->Get(connection->InPopulation("/proposers"), &list);
  if (!reply.done()) return Fail(reply, arguments);
  if (arguments.json) {
    WriteOut(Concat(reply.body, "\n"));
    return ExitCode::kDone;
  }
  Table table({{"PROPOSER", Align::kLeft, Fit::kWrap},
               {"PROPOSALS", Align::kRight},
               {"EXECUTED", Align::kRight},
               {"BOOKED", Align::kRight},
               {"PROMISED USD/MONTH", Align::kRight},
               {"REALISED USD", Align::kRight}});
  for (const v1::Proposer& each : list.proposers()) {
    table.AddRow({each.principal(), Concat(each.proposals()), Concat(each.executed()),
                  Concat(each.booked()), AmountText(each.promised_saving()),
                  AmountText(each.realised_saving())});
  }
  WriteOut(table.empty() ? "nobody has proposed anything\n"
                         : table.HeadingAndRows(OutputColumns()));
  return ExitCode::kDone;
}

}  // namespace

ExitCode RunProposals(const Arguments& arguments, Connection* connection) {
  switch (arguments.command) {
    case Command::kProposalsList:
      return RunList(arguments, connection);
    case Command::kProposalsShow:
      return RunShow(arguments, connection);
    case Command::kProposalsMake:
      return RunMake(arguments, connection);
    case Command::kProposalsResult:
      return RunResult(arguments, connection);
    case Command::kProposalsApprove:
      return RunVerb(arguments, connection, ":approve", v1::ReleaseRequest());
    case Command::kProposalsExecute:
      return RunVerb(arguments, connection, ":execute", v1::ReleaseRequest());
    case Command::kProposalsReject: {
      v1::RejectProposal body;
      body.set_reason(arguments.reason);
      return RunVerb(arguments, connection, ":reject", body);
    }
    case Command::kProposalsWithdraw: {
      v1::WithdrawRequest body;
      body.set_reason(arguments.reason);
      return RunVerb(arguments, connection, ":withdraw", body);
    }
    case Command::kProposalsReview:
      return RunReview(arguments, connection);
    default:
      return RunProposers(arguments, connection);
  }
}

}  // namespace purser::cli
