#include "daemon/state_digest.h"

#include "absl/strings/escaping.h"
#include "daemon/sha256.h"
#include "ledger/text.h"

namespace purser {
namespace {

// No message here has a map, so equal messages have equal bytes.
std::string HexOf(const google::protobuf::Message& message) {
  return absl::BytesToHexString(message.SerializeAsString());
}

void AppendResource(const Resource& resource, std::string* text) {
  *text += Concat("resource ", resource.number, " ", resource.name(), " settings ",
                  HexOf(*resource.settings), " accounts");
  for (int i = 0; i < kAccountCount; ++i) {
    *text += Concat(" ", resource[static_cast<Account>(i)].micros());
  }
  *text += Concat(" base ", resource.base.micros(), " shortfall ", resource.shortfall.micros(),
                  " period ", resource.period, " from ", resource.period_start_us, " to ",
                  resource.next_boundary_us, "\n");
}

void AppendModels(const ModelBook& models, std::string* text) {
  if (models.CountEver() > 0) {
    *text += Concat("models ", models.CountEver(), " activity ", models.activity(), "\n");
  }
  for (const auto& [id, model] : models.all()) {
    *text += Concat("model ", id, " ", HexOf(*model), "\n");
  }
  for (const auto& [id, approval] : models.approvals()) {
    *text += Concat("approval ", id, " ", HexOf(approval), "\n");
  }
  for (const auto& [sequence, loan] : models.loans()) {
    *text += Concat("loan ", sequence, " ", HexOf(loan), "\n");
  }
  for (const auto& [id, proposal] : models.proposals().all()) {
    *text += Concat("proposal ", id, " ", HexOf(*proposal), "\n");
  }
  for (const auto& [id, time_us] : models.uses()) *text += Concat("use ", id, " ", time_us, "\n");
  if (models.month().has_value()) *text += Concat("month ", HexOf(*models.month()), "\n");
}

}  // namespace

std::string StateText(const Population& population) {
  const Books& books = population.books;
  std::string text =
      Concat("population ", population.name, " sequence ", population.last_sequence, " time ",
             population.last_time_us, " lease_shift ", books.lease_shift_us(), " next_resource ",
             books.next_resource_number(), "\n");
  if (!books.exists()) return text;
  text += Concat("settings ", HexOf(books.settings()), "\n");
  for (const auto& [name, number] : books.numbers_by_name()) {
    AppendResource(*books.Find(number), &text);
  }
  for (const auto& [key, debt] : books.debts().all()) {
    text += Concat("debt ", key.first, " ", key.second, " ", HexOf(debt), "\n");
  }
  for (const auto& [id, freeze] : books.freezes().all()) {
    text += Concat("freeze ", id, " ", HexOf(freeze), "\n");
  }
  for (const auto& [id, limit] : books.limits().all()) {
    text += Concat("limit ", id, " ", HexOf(limit), "\n");
  }
  for (const auto& [id, card] : books.rates().all()) {
    text += Concat("rate card ", id, " ", HexOf(*card), "\n");
  }
  for (const auto& [id, record] : books.guardrails().all()) {
    text += Concat("guardrail ", id, " ", HexOf(record), "\n");
  }
  for (const auto& [id, state] : books.budgets().all()) {
    text += Concat("budget ", id, " ", HexOf(books.budgets().ToRecord(state)), " ",
                   HexOf(ToWide(state.totals.held)), "\n");
  }

  for (const auto& [period, closed] : books.closed_periods()) {
    text += Concat("closed ", period, " ", HexOf(closed), "\n");
  }
  // What they have open follows from the reservations.
  population.reservations.usage().ForEach(
      [&text](const stored::UsageRecord& subject, const Usage& usage) {
        const stored::UsageRecord record = ToRecord(subject, usage);
        if (usage.since_sequence != 0) text += Concat("usage ", HexOf(record), "\n");
      });
  for (const auto& [id, reservation] : population.reservations.ListOpen()) {
    text += Concat("open ", id, " ", HexOf(ToRecord(*reservation)), "\n");
  }
  AppendModels(population.models, &text);
  return text;
}

std::string StateDigest(const Population& population) { return Hex(Sha256(StateText(population))); }

}  // namespace purser
