// Rate cards: who covers an instant is looked up among all of them (decisions/0012).
#include <algorithm>

#include "tests/model/model.h"

namespace purser::model {
namespace {

constexpr int64_t kRateMax = 1'000'000;  // USD a unit.
constexpr size_t kRatesOfCardMax = 32;
constexpr size_t kCardsMax = 1'000;
constexpr size_t kRatesMax = 10'000;  // Of all cards.

}  // namespace

bool BadRates(const RateCardParts& parts) {
  if (parts.rates.size() > kRatesOfCardMax) return true;
  if (parts.from_us && parts.until_us && *parts.until_us <= *parts.from_us) return true;
  return std::any_of(parts.rates.begin(), parts.rates.end(), [](const auto& each) {
    return each.second.picos < 0 || each.second.picos > kRateMax * kPicosOfDollar;
  });
}

// A resource that there is not is worse than a rate that the resource cannot have.
std::string Model::RefuseRates(const std::map<std::string, UnitRate>& rates) const {
  std::string code;
  for (const auto& [resource, rate] : rates) {
    const auto book = state_.books.find(resource);
    if (book == state_.books.end()) return "unknown_resource";
    const Settings& settings = book->second.settings;
    const bool fits = settings.capacity == (rate.per != 0);
    if (!settings.priced.value_or(true) || settings.unit == "USD" || !fits) {
      code = "invalid_argument";
    }
  }
  return code;
}

// When the card ends in the resource: where it says, or where the next of the others begins.
int64_t Model::EndOfCard(const std::string& id, const std::string& resource) const {
  const Card& card = state_.cards.at(id);
  int64_t end_us = card.until_us == 0 ? INT64_MAX : card.until_us;
  for (const auto& [other_id, other] : state_.cards) {
    if (!other.rates.contains(resource) || other.from_us <= card.from_us) continue;
    end_us = std::min(end_us, other.from_us);
  }
  return end_us;
}

// Whether both would have a rate of the resource at some instant. One that says nothing of its end
// makes room for what begins later.
bool Model::OverlapsIn(const std::string& resource, const Card& card,
                       const std::string& other_id) const {
  const Card& other = state_.cards.at(other_id);
  if (card.from_us == other.from_us) return true;
  if (card.from_us < other.from_us) return card.until_us != 0 && card.until_us > other.from_us;
  return other.until_us != 0 && EndOfCard(other_id, resource) > card.from_us;
}

std::string Model::RefuseCard(const std::string& id, const Card& card) const {
  size_t count = card.rates.size();
  for (const auto& [other_id, other] : state_.cards) {
    if (other_id != id) count += other.rates.size();
  }
  for (const auto& [resource, rate] : card.rates) {
    bool is_over = false;  // another has begun since
    bool overlaps = false;
    for (const auto& [other_id, other] : state_.cards) {
      if (other_id == id || !other.rates.contains(resource)) continue;
      is_over = is_over || (other.from_us > card.from_us && other.from_us <= state_.now_us);
      overlaps = overlaps || OverlapsIn(resource, card, other_id);
    }
    if (overlaps && !is_over) return "rate_card_overlap";
  }
  const size_t cards = state_.cards.size() + (state_.cards.contains(id) ? 0 : 1);
  return count > kRatesMax || cards > kCardsMax ? "limit_of_the_daemon" : "";
}

Verdict Model::MakeCard(const Action& action) {
  const RateCardParts& said = action.card;
  Card card{said.from_us.value_or(state_.now_us), said.until_us.value_or(0), said.rates,
            state_.now_us};
  if (const auto known = state_.cards.find(action.card_id); known != state_.cards.end()) {
    const Card& there = known->second;
    const bool same_from =
        said.from_us ? *said.from_us == there.from_us : there.from_us == there.made_us;
    const bool same = same_from && card.until_us == there.until_us && card.rates == there.rates;
    if (!same) return Refused("id_conflict");
    Verdict verdict;
    verdict.replayed = true;
    return verdict;
  }
  std::string code = RefuseRates(card.rates);
  const bool ends_first = card.until_us != 0 && card.until_us <= card.from_us;
  if (code.empty() && (card.from_us < state_.now_us || ends_first)) code = "invalid_argument";
  const std::string id = action.card_id.empty() ? FreshName() : action.card_id;
  if (code.empty()) code = RefuseCard(id, card);
  if (!code.empty()) return Refused(code);
  state_.cards[id] = card;
  return Verdict();
}

Verdict Model::ChangeCard(const Action& action) {
  const auto found = state_.cards.find(action.card_id);
  if (found == state_.cards.end()) return Refused("not_found");
  Card card = found->second;
  const RateCardParts& said = action.card;
  const bool has_begun = card.from_us <= state_.now_us;
  const bool has_ended = card.until_us != 0 && card.until_us <= state_.now_us;
  card.from_us = said.from_us.value_or(card.from_us);
  card.until_us = said.until_us.value_or(card.until_us);
  if (!said.rates.empty()) card.rates = said.rates;
  std::string code = RefuseRates(said.rates);
  bool bad = said.from_us && *said.from_us < state_.now_us;
  bad = bad || (said.until_us && *said.until_us <= state_.now_us);
  bad = bad || ((said.from_us || said.until_us) && card.until_us != 0 &&
                card.until_us <= std::max(card.from_us, state_.now_us));
  if (code.empty() && bad) code = "invalid_argument";
  const bool changes_what_was = said.from_us || !said.rates.empty();
  const bool may_not = has_ended || (has_begun && changes_what_was);
  if (code.empty() && may_not) code = "wrong_state";
  if (code.empty()) code = RefuseCard(action.card_id, card);
  if (!code.empty()) return Refused(code);
  found->second = card;
  return Verdict();
}

Verdict Model::DropCard(const Action& action) {
  const auto found = state_.cards.find(action.card_id);
  if (found == state_.cards.end()) return Refused("not_found");
  if (found->second.from_us <= state_.now_us) return Refused("wrong_state");
  state_.cards.erase(found);
  return Verdict();
}

std::string Model::RateCards() const {
  std::string text;
  for (const auto& [id, card] : state_.cards) {
    RateCardParts parts{card.from_us, std::nullopt, card.rates};
    if (card.until_us != 0) parts.until_us = card.until_us;
    text += (text.empty() ? "" : "; ") + id + ToString(parts);
  }
  return text;
}

std::string Model::RateInForce(const std::string& resource) const {
  for (const auto& [id, card] : state_.cards) {
    const auto rate = card.rates.find(resource);
    if (rate == card.rates.end() || card.from_us > state_.now_us) continue;
    if (EndOfCard(id, resource) > state_.now_us) return ToString(rate->second) + " by " + id;
  }
  return "none";
}

// Whether some card has, or will have, a rate of the resource.
bool Model::IsPriced(const std::string& resource) const {
  return std::any_of(state_.cards.begin(), state_.cards.end(), [&](const auto& each) {
    return each.second.rates.contains(resource) && EndOfCard(each.first, resource) > state_.now_us;
  });
}

std::optional<int64_t> Model::NextRates() const {
  std::optional<int64_t> next;
  for (const auto& [id, card] : state_.cards) {
    for (const int64_t instant : {card.from_us, card.until_us}) {
      if (instant > state_.now_us && (!next || instant < *next)) next = instant;
    }
  }
  return next;
}

}  // namespace purser::model
