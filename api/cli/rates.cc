#include "api/cli/rates.h"

#include <map>
#include <string>

#include "api/cli/message_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "ledger/rate.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

std::string PerText(const v1::UnitRate& rate) {
  if (!rate.has_per()) return "unit";
  return rate.per() == v1::HOUR ? "unit and hour" : "unit and month";
}

// A card's rates, one a row; what is of the card stands in the first.
void AddRates(const v1::RateCard& card, Table* table) {
  std::string id = card.id();
  std::string from = TimeText(card.valid_from());
  std::string until = card.has_valid_until() ? TimeText(card.valid_until()) : "-";
  const std::map<std::string, v1::UnitRate> ordered(card.rates().begin(), card.rates().end());
  for (const auto& [resource, rate] : ordered) {
    table->AddRow({id, from, until, resource, Rate::FromPicos(rate.rate().picos()).ToString(),
                   PerText(rate)});
    id.clear();
    from.clear();
    until.clear();
  }
}

std::string RatesText(const v1::RateCardList& list) {
  Table table({{"RATE CARD"},
               {"FROM"},
               {"UNTIL"},
               {"RESOURCE"},
               {"USD", Align::kRight},
               {"A", Align::kLeft, Fit::kWrap}});
  for (const v1::RateCard& card : list.rate_cards()) AddRates(card, &table);
  return table.empty() ? "no rate cards\n" : table.HeadingAndRows(OutputColumns());
}

std::string RateCardText(const v1::RateCard& card) {
  v1::RateCardList list;
  *list.add_rate_cards() = card;
  return RatesText(list);
}

std::string PathOf(const Arguments& arguments, const Connection& connection) {
  return connection.InPopulation(Concat("/rate-cards/", Connection::Escape(arguments.id),
                                        arguments.dry_run ? "?dry_run=true" : ""));
}

// The card as it stands; its generation is the condition of a change.
Reply Read(const Arguments& arguments, Connection* connection, v1::RateCard* card) {
  Arguments plain = arguments;
  plain.dry_run = false;
  return connection->Get(PathOf(plain, *connection), card);
}

ExitCode List(const Arguments& arguments, Connection* connection) {
  v1::RateCardList list;
  // A population has 1,000 at most: one page.
  const Reply reply =
      connection->Get(connection->InPopulation("/rate-cards?page_size=1000"), &list);
  return Show(reply, arguments, RatesText(list));
}

ExitCode Make(const Arguments& arguments, Connection* connection) {
  v1::RateCard body = arguments.rate_card;
  body.set_id(arguments.id);
  v1::RateCard answer;
  const Reply reply = connection->Post(
      connection->InPopulation(arguments.dry_run ? "/rate-cards?dry_run=true" : "/rate-cards"),
      body, {true, arguments.idempotency_key}, &answer);
  return ShowChange(reply, arguments, answer, RateCardText(answer));
}

ExitCode Change(const Arguments& arguments, Connection* connection) {
  v1::RateCard before;
  const Reply found = Read(arguments, connection, &before);
  if (!found.done()) return Fail(found, arguments);
  v1::RateCard answer;
  const Reply reply = connection->Change("PATCH", PathOf(arguments, *connection),
                                         &arguments.rate_card, before.generation(), &answer);
  return ShowChange(reply, arguments, answer, RateCardText(answer));
}

ExitCode Delete(const Arguments& arguments, Connection* connection) {
  v1::RateCard before;
  const Reply found = Read(arguments, connection, &before);
  if (!found.done()) return Fail(found, arguments);
  v1::RateCard answer;
  const Reply reply = connection->Change("DELETE", PathOf(arguments, *connection), nullptr,
                                         before.generation(), &answer);
  return ShowDeletion(reply, arguments, answer, Concat("rate card ", arguments.id));
}

}  // namespace

ExitCode RunRates(const Arguments& arguments, Connection* connection) {
  switch (arguments.command) {
    case Command::kRatesList:
      return List(arguments, connection);
    case Command::kRatesMake:
      return Make(arguments, connection);
    case Command::kRatesChange:
      return Change(arguments, connection);
    case Command::kRatesDelete:
      return Delete(arguments, connection);
    default: {
      v1::RateCard card;
      const Reply reply = Read(arguments, connection, &card);
      return Show(reply, arguments, RateCardText(card));
    }
  }
}

}  // namespace purser::cli
