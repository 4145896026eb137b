// Deciding what operators ask of rate cards (daemon/decisions/0012).
#include <algorithm>

#include "ledger/text.h"
#include "lifecycle/decision.h"

namespace purser {
namespace {

// The same but for what the daemon adds. One that did not say from when on it is valid is the same
// as one that is valid since it was made.
bool SaysTheSame(stored::RateCard said, const stored::RateCard& there) {
  if (said.valid_from_us() == 0 && there.valid_from_us() == there.create_time_us()) {
    said.set_valid_from_us(there.valid_from_us());
  }
  said.set_generation(there.generation());
  said.set_create_time_us(there.create_time_us());
  said.set_sequence(there.sequence());
  return said.SerializeAsString() == there.SerializeAsString();
}

bool FitsKind(stored::RateCard::Per per, const Resource& resource) {
  return resource.consumable() == (per == stored::RateCard::UNIT);
}

absl::Status NoSuchCard(const std::string& id) {
  return Refuse(stored::NOT_FOUND, Concat("there is no rate card \"", id, "\""));
}

}  // namespace

void Decision::ShowRateCard(const stored::RateCard& card, bool created) {
  NewShown(stored::Answer::RATE_CARD, card.id(), created).rate_card =
      std::make_shared<const stored::RateCard>(card);
}

void Decision::FindRateFaults(const stored::RateCard& card, Faults* faults) const {
  for (const auto& rate : card.rates()) {
    const std::string path = Concat("rates.", rate.resource());
    const Resource* const resource = books_.FindByName(rate.resource());
    if (resource == nullptr) {
      faults->Add(stored::UNKNOWN_RESOURCE, path, kNoSuchResource);
    } else if (!resource->settings->priced()) {
      faults->Add(stored::INVALID_ARGUMENT, path, "the resource is not priced");
    } else if (resource->settings->unit() == kMoneyUnit) {
      faults->Add(stored::INVALID_ARGUMENT, path,
                  "the resource is money, of which a USD costs 1: leave it out");
    } else if (!FitsKind(rate.per(), *resource)) {
      faults->Add(stored::INVALID_ARGUMENT, Concat(path, ".per"),
                  resource->consumable() ? "a consumable has a rate a unit"
                                         : "a capacity has a rate a unit and HOUR, or MONTH");
    }
  }
}

void Decision::FindIntervalFaults(const stored::RateCard& card, Faults* faults) const {
  const InstantUs now_us = books_.now_us();
  const InstantUs until_us = card.valid_until_us();
  if (card.valid_from_us() < now_us) {
    faults->Add(stored::INVALID_ARGUMENT, "valid_from",
                "must not be in the past: what was charged stays priced as it was");
  }
  if (until_us != 0 && until_us <= std::max(card.valid_from_us(), now_us)) {
    faults->Add(stored::INVALID_ARGUMENT, "valid_until",
                until_us <= now_us ? "must be in the future" : "must be after valid_from");
  }
}

absl::Status Decision::CheckOthers(const stored::RateCard& card,
                                   const stored::RateCard* before) const {
  const RateBook& rates = population_.books.rates();
  if (const auto overlap = rates.FindOverlap(card, books_.now_us())) {
    std::string names;
    for (const std::string& resource : overlap->resources) {
      names += Concat(names.empty() ? "" : ", ", resource);
    }
    return Refuse(stored::RATE_CARD_OVERLAP,
                  Concat("the rate card \"", overlap->card, "\" prices ", names, " then as well"));
  }
  const size_t less = before == nullptr ? 0 : static_cast<size_t>(before->rates_size());
  const size_t rates_then = rates.CountRates() - less + static_cast<size_t>(card.rates_size());
  const size_t cards_then = rates.size() + (before == nullptr ? 1 : 0);
  if (cards_then <= kRateCardsMax && rates_then <= kRatesMax) return absl::OkStatus();
  return Refuse(stored::LIMIT_OF_THE_DAEMON,
                Concat("a population has at most ", kRateCardsMax, " rate cards, and ", kRatesMax,
                       " rates of all of them"));
}

absl::Status Decision::DecideBody(const CreateRateCard& body) {
  stored::RateCard card = body.card;
  if (card.id().empty()) card.set_id(Concat("_", books_.sequence()));
  const RateCard before = population_.books.rates().Find(card.id());
  if (before != nullptr) {
    if (!SaysTheSame(card, *before)) {
      return Refuse(stored::ID_CONFLICT, "the rate card is there already, with other content");
    }
    ShowRateCard(*before, false);
    NoteReplay();
    return absl::OkStatus();
  }
  if (card.valid_from_us() == 0) card.set_valid_from_us(books_.now_us());
  Faults faults;
  FindRateFaults(card, &faults);
  FindIntervalFaults(card, &faults);
  if (!faults.empty()) return faults.ToStatus();
  if (auto status = CheckOthers(card, nullptr); !status.ok()) return status;
  card.set_generation(1);
  card.set_create_time_us(books_.now_us());
  card.set_sequence(books_.sequence());
  books_.SetRateCard(card);
  ShowRateCard(card, true);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const UpdateRateCard& body) {
  const RateCard before = population_.books.rates().Find(body.id);
  if (before == nullptr) return NoSuchCard(body.id);
  const InstantUs now_us = books_.now_us();
  stored::RateCard card = *before;
  if (body.valid_from_us.has_value()) card.set_valid_from_us(*body.valid_from_us);
  if (body.valid_until_us.has_value()) card.set_valid_until_us(*body.valid_until_us);
  if (!body.changes.rates().empty()) *card.mutable_rates() = body.changes.rates();
  Faults faults;
  FindRateFaults(body.changes, &faults);
  const bool moves = body.valid_from_us.has_value() || body.valid_until_us.has_value();
  if (moves) {
    stored::RateCard interval = card;
    // What was is no fault of this command.
    if (!body.valid_from_us.has_value()) {
      interval.set_valid_from_us(std::max(card.valid_from_us(), now_us));
    }
    FindIntervalFaults(interval, &faults);
  }
  if (!faults.empty()) return faults.ToStatus();
  const bool has_begun = before->valid_from_us() <= now_us;
  const bool has_ended = before->valid_until_us() != 0 && before->valid_until_us() <= now_us;
  const bool changes_what_was = body.valid_from_us.has_value() || !body.changes.rates().empty();
  if (has_ended || (has_begun && changes_what_was)) {
    return Refuse(stored::WRONG_STATE,
                  Concat("the rate card \"", body.id, "\" ",
                         has_ended ? "has ended; it is not changed any more"
                                   : "is in force; only its valid_until can be changed"));
  }
  if (auto status = CheckOthers(card, before.get()); !status.ok()) return status;
  auto status = CheckIfMatch(command_.if_match, before->generation(), Match::kRequired);
  if (!status.ok()) return status;
  card.set_generation(before->generation() + 1);
  books_.SetRateCard(card);
  ShowRateCard(card, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const DeleteRateCard& body) {
  const RateCard card = population_.books.rates().Find(body.id);
  if (card == nullptr) return NoSuchCard(body.id);
  if (card->valid_from_us() <= books_.now_us()) {
    return Refuse(stored::WRONG_STATE, Concat("the rate card \"", body.id,
                                              "\" has been in force; give it a valid_until"));
  }
  auto status = CheckIfMatch(command_.if_match, card->generation(), Match::kRequired);
  if (!status.ok()) return status;
  ShowRateCard(*card, false);
  books_.DeleteRateCard(body.id);
  return absl::OkStatus();
}

}  // namespace purser
