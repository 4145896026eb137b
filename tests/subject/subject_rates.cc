// The product's rate cards, guardrails and budgets, as the reference model speaks of them.
#include "ledger/text.h"
#include "tests/model/calendar.h"
#include "tests/subject/sequencer_subject.h"

namespace purser {
namespace {

model::UnitRate RateOf(Rate rate, stored::RateCard::Per per) {
  const char of_what = per == stored::RateCard::UNIT        ? '\0'
                       : per == stored::RateCard::UNIT_HOUR ? 'h'
                                                            : 'm';
  return {rate.picos(), of_what};
}

}  // namespace

std::string SequencerSubject::RateCards() const {
  std::string text;
  for (const auto& [id, card] : population().books.rates().all()) {
    model::RateCardParts parts;
    parts.from_us = card->valid_from_us();
    if (card->valid_until_us() != 0) parts.until_us = card->valid_until_us();
    for (const auto& rate : card->rates()) {
      parts.rates[rate.resource()] = RateOf(Rate::FromPicos(rate.picos()), rate.per());
    }
    text += Concat(text.empty() ? "" : "; ", id, ToString(parts));
  }
  return text;
}

std::string SequencerSubject::Guardrails() const {
  std::string text;
  for (const auto& [id, record] : population().books.guardrails().all()) {
    const auto usd = [](int64_t micros) { return Amount::FromMicros(micros).ToString(); };
    const bool is_whole = record.day_before_length_us() > 0;
    text +=
        Concat(text.empty() ? "" : "; ", id, " hour ", usd(record.hour_cost()), " day ",
               usd(record.day_cost()), " before ", usd(is_whole ? record.day_before_cost() : 0));
  }
  return text;
}

std::string SequencerSubject::Budgets() const {
  std::string text;
  for (const auto& [id, budget] : population().books.budgets().all()) {
    const stored::Budget& settings = *budget.settings;
    const bool showback = settings.enforcement() == stored::Budget::SHOWBACK;
    const auto held = Amount::FromMicros(static_cast<int64_t>(budget.totals.held));
    text +=
        Concat(text.empty() ? "" : "; ", id, " spent ", budget.totals.spent_amount().ToString(),
               " held ", held.ToString(), " of ", Amount::FromMicros(settings.amount()).ToString(),
               showback ? " SHOWBACK " : " ", stored::BudgetLevel_Name(budget.totals.told));
    if (!settings.has_override()) continue;
    text += Concat(" overridden by ", settings.override().principal(), " until ",
                   model::FormatInstant(settings.override().until_us()));
  }
  return text;
}

std::string SequencerSubject::BudgetMonth() const {
  const BudgetBook& budgets = population().books.budgets();
  if (budgets.empty()) return "";
  std::string text = Concat(model::FormatInstant(budgets.month()->from_us()), " until ",
                            model::FormatInstant(budgets.month()->until_us()));
  for (const auto& [id, budget] : budgets.all()) {
    text += Concat("; ", id, " ", budget.settings->generation());
  }
  return text;
}

std::string SequencerSubject::RateInForce(const std::string& resource) const {
  const auto found = population().books.rates().FindRate(resource, NowUs());
  if (!found.has_value()) return "none";
  return Concat(ToString(RateOf(found->rate, found->per)), " by ", *found->card);
}

}  // namespace purser
