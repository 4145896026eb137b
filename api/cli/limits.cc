#include "api/cli/limits.h"

#include <map>
#include <string>

#include "api/cli/message_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

std::string SubjectText(const v1::Limit& limit) {
  if (limit.has_principal()) return Concat("principal ", limit.principal());
  if (limit.has_label()) return Concat(limit.label().key(), "=", limit.label().value());
  return limit.each_principal() ? "each principal" : "-";
}

// Each part with what is used of it, as rows of name, limit, used.
void AddParts(const v1::Limit& limit, const std::string& first, const std::string& second,
              Table* table) {
  std::string id = first;
  std::string subject = second;
  const auto add = [&](const std::string& part, const std::string& most, const std::string& used) {
    table->AddRow({id, subject, part, most, used});
    id.clear();
    subject.clear();
  };
  const v1::LimitUse& used = limit.used();
  if (limit.has_requests_per_second()) {
    add("requests a second", AmountText(limit.requests_per_second()), "-");
    if (limit.has_burst()) add("burst", Concat(limit.burst()), "-");
  }
  if (limit.has_open_reservations()) {
    add("open reservations", Concat(limit.open_reservations()),
        limit.has_used() ? Concat(used.open_reservations()) : "-");
  }
  const auto add_amounts = [&](const char* what, const AmountMap& most, const AmountMap& of_it,
                               const char* unit) {
    const std::map<std::string, v1::Amount> ordered(most.begin(), most.end());
    for (const auto& [name, amount] : ordered) {
      add(Concat(what, " of ", name), Concat(AmountText(amount), unit), AmountTextOf(of_it, name));
    }
  };
  add_amounts("share", limit.share_percent(), used.share(), " %");
  add_amounts("request", limit.request_amounts(), {}, "");
  add_amounts("a day", limit.day_amounts(), used.day_amounts(), "");
  add_amounts("a month", limit.month_amounts(), used.month_amounts(), "");
  if (limit.has_highest_tier()) add("highest tier", v1::Tier_Name(limit.highest_tier()), "-");
  if (limit.has_highest_priority()) {
    add("highest priority", Concat(limit.highest_priority()), "-");
  }
}

Table NewTable() {
  return Table({{"LIMIT"},
                {"OF", Align::kLeft, Fit::kWrap},
                {"PART"},
                {"AT MOST", Align::kRight},
                {"USED", Align::kRight}});
}

std::string LimitsText(const v1::LimitList& list) {
  Table table = NewTable();
  for (const v1::Limit& limit : list.limits()) {
    AddParts(limit, limit.id(), SubjectText(limit), &table);
  }
  return table.empty() ? "no limits\n" : table.HeadingAndRows(OutputColumns());
}

std::string LimitText(const v1::Limit& limit) {
  v1::LimitList list;
  *list.add_limits() = limit;
  return limit.counting() ? Concat(LimitsText(list), "what is open is still being counted\n")
                          : LimitsText(list);
}

std::string PathOf(const Arguments& arguments, const Connection& connection) {
  return connection.InPopulation(Concat("/limits/", Connection::Escape(arguments.id),
                                        arguments.dry_run ? "?dry_run=true" : ""));
}

// The limit as it stands; its generation is the condition of a change.
Reply Read(const Arguments& arguments, Connection* connection, v1::Limit* limit) {
  Arguments plain = arguments;
  plain.dry_run = false;
  return connection->Get(PathOf(plain, *connection), limit);
}

ExitCode List(const Arguments& arguments, Connection* connection) {
  v1::LimitList list;
  // A population has 1,000 at most: one page.
  const Reply reply = connection->Get(connection->InPopulation("/limits?page_size=1000"), &list);
  return Show(reply, arguments, LimitsText(list));
}

ExitCode ShowOne(const Arguments& arguments, Connection* connection) {
  v1::Limit limit;
  const Reply reply = Read(arguments, connection, &limit);
  return Show(reply, arguments, LimitText(limit));
}

// With a subject it makes the limit, without one it changes the one of that id as it is now.
ExitCode Set(const Arguments& arguments, Connection* connection) {
  v1::Limit answer;
  if (arguments.limit_settings.subject_case() != v1::Limit::SUBJECT_NOT_SET) {
    v1::Limit body = arguments.limit_settings;
    body.set_id(arguments.id);
    const Reply reply = connection->Post(
        connection->InPopulation(arguments.dry_run ? "/limits?dry_run=true" : "/limits"), body,
        {true, arguments.idempotency_key}, &answer);
    return ShowChange(reply, arguments, answer, LimitText(answer));
  }
  v1::Limit before;
  const Reply found = Read(arguments, connection, &before);
  if (!found.done()) return Fail(found, arguments);
  const Reply reply = connection->Change("PATCH", PathOf(arguments, *connection),
                                         &arguments.limit_settings, before.generation(), &answer);
  return ShowChange(reply, arguments, answer, LimitText(answer));
}

ExitCode Delete(const Arguments& arguments, Connection* connection) {
  v1::Limit before;
  const Reply found = Read(arguments, connection, &before);
  if (!found.done()) return Fail(found, arguments);
  v1::Limit answer;
  const Reply reply = connection->Change("DELETE", PathOf(arguments, *connection), nullptr,
                                         before.generation(), &answer);
  return ShowDeletion(reply, arguments, answer, Concat("limit ", arguments.id));
}

}  // namespace

ExitCode RunLimits(const Arguments& arguments, Connection* connection) {
  switch (arguments.command) {
    case Command::kLimitsList:
      return List(arguments, connection);
    case Command::kLimitsSet:
      return Set(arguments, connection);
    case Command::kLimitsDelete:
      return Delete(arguments, connection);
    default:
      return ShowOne(arguments, connection);
  }
}

}  // namespace purser::cli
