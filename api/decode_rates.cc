#include "api/decode_rates.h"

#include <map>
#include <utility>

#include "api/decode_fields.h"
#include "ledger/names.h"
#include "ledger/rate_book.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

static_assert(int{v1::HOUR} == int{stored::RateCard::UNIT_HOUR});
static_assert(int{v1::MONTH} == int{stored::RateCard::UNIT_MONTH});

void ReadRates(const v1::RateCard& message, Faults* faults, stored::RateCard* card) {
  if (message.rates().size() > kRatesOfCardMax) {
    faults->Add(stored::INVALID_ARGUMENT, "rates", Concat("at most ", kRatesOfCardMax));
    return;
  }
  std::map<std::string, const v1::UnitRate*> ordered;
  for (const auto& [name, rate] : message.rates()) ordered[name] = &rate;
  for (const auto& [name, said] : ordered) {
    const std::string path = Concat("rates.", name);
    if (!IsResourceName(name)) {
      faults->Add(stored::INVALID_ARGUMENT, path, kResourceNameRule);
      continue;
    }
    auto& rate = *card->add_rates();
    rate.set_resource(name);
    rate.set_picos(said->rate().picos());
    rate.set_per(static_cast<stored::RateCard::Per>(said->per()));
    if (!said->has_rate()) {
      faults->Add(stored::INVALID_ARGUMENT, Concat(path, ".rate"), "is required");
    } else if (rate.picos() < 0) {
      faults->Add(stored::INVALID_ARGUMENT, Concat(path, ".rate"), "must not be below 0");
    } else if (rate.picos() > kRateMaxUsd * Rate::kPicosPerUsd) {
      faults->Add(stored::INVALID_ARGUMENT, Concat(path, ".rate"),
                  Concat("at most ", kRateMaxUsd, " USD a unit"));
    }
    if (said->has_per() && said->per() == v1::RATE_PER_UNSPECIFIED) {
      faults->Add(stored::INVALID_ARGUMENT, Concat(path, ".per"), "HOUR or MONTH");
    }
  }
}

void CheckOrder(const v1::RateCard& message, Faults* faults) {
  const bool both = message.has_valid_from() && message.has_valid_until();
  if (!both || DecodeInstant(message.valid_from()) < DecodeInstant(message.valid_until())) return;
  faults->Add(stored::INVALID_ARGUMENT, "valid_until", "must be after valid_from");
}

void RefuseOutputs(const v1::RateCard& message, Faults* faults) {
  const std::pair<bool, const char*> outputs[] = {{message.generation() != 0, "generation"},
                                                  {message.has_create_time(), "create_time"},
                                                  {message.has_dry_run(), "dry_run"}};
  for (const auto& [present, field] : outputs) {
    if (present) faults->Add(stored::UNKNOWN_FIELD, field, "is not sent");
  }
}

}  // namespace

CreateRateCard DecodeRateCard(const v1::RateCard& message, Faults* faults) {
  CreateRateCard command;
  stored::RateCard& card = command.card;
  card.set_id(message.id());
  if (!message.id().empty() && !IsId(message.id())) {
    faults->Add(stored::INVALID_ARGUMENT, "id", kIdRule);
  }
  if (message.has_valid_from()) card.set_valid_from_us(DecodeInstant(message.valid_from()));
  if (message.has_valid_until()) card.set_valid_until_us(DecodeInstant(message.valid_until()));
  if (message.rates().empty()) faults->Add(stored::INVALID_ARGUMENT, "rates", "is required");
  ReadRates(message, faults, &card);
  CheckOrder(message, faults);
  RefuseOutputs(message, faults);
  return command;
}

UpdateRateCard DecodeRateCardUpdate(const v1::RateCard& message, const std::string& id,
                                    Faults* faults) {
  UpdateRateCard command;
  command.id = id;
  if (!message.id().empty()) faults->Add(stored::IMMUTABLE, "id", "never changes");
  if (message.has_valid_from()) command.valid_from_us = DecodeInstant(message.valid_from());
  if (message.has_valid_until()) command.valid_until_us = DecodeInstant(message.valid_until());
  ReadRates(message, faults, &command.changes);
  CheckOrder(message, faults);
  RefuseOutputs(message, faults);
  return command;
}

}  // namespace purser::api
