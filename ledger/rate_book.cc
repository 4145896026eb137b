#include "ledger/rate_book.h"

#include <algorithm>
#include <iterator>

namespace purser {
namespace {

// Of two intervals for one resource, the first of which does not begin later than the second.
bool Overlaps(InstantUs from_us, InstantUs until_us, InstantUs later_from_us) {
  return from_us == later_from_us || (until_us != 0 && until_us > later_from_us);
}

}  // namespace

// Its own end, or before that the next one's beginning; 0: none.
InstantUs RateBook::EndOf(const Spans& spans, Spans::const_iterator it) {
  const InstantUs until_us = it->second.until_us;
  const auto next = std::next(it);
  if (next == spans.end()) return until_us;
  return until_us == 0 ? next->first : std::min(until_us, next->first);
}

void RateBook::Put(const stored::RateCard& card) {
  Erase(card.id());
  const auto shared = std::make_shared<const stored::RateCard>(card);
  by_id_[card.id()] = shared;
  rates_ += static_cast<size_t>(card.rates_size());
  changes_.insert(card.valid_from_us());
  if (card.valid_until_us() != 0) changes_.insert(card.valid_until_us());
  for (int i = 0; i < shared->rates_size(); ++i) {
    by_resource_[shared->rates(i).resource()][shared->valid_from_us()] = {shared->valid_until_us(),
                                                                          shared, i};
  }
}

bool RateBook::Erase(std::string_view id) {
  const RateCard card = Find(id);
  if (card == nullptr) return false;
  for (const auto& rate : card->rates()) {
    const auto spans = by_resource_.find(rate.resource());
    if (spans == by_resource_.end()) continue;
    spans->second.erase(card->valid_from_us());
    if (spans->second.empty()) by_resource_.erase(spans);
  }
  rates_ -= static_cast<size_t>(card->rates_size());
  changes_.erase(changes_.find(card->valid_from_us()));
  if (card->valid_until_us() != 0) changes_.erase(changes_.find(card->valid_until_us()));
  by_id_.erase(by_id_.find(id));
  return true;
}

RateCard RateBook::Find(std::string_view id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

std::optional<RateBook::Overlap> RateBook::FindOverlap(const stored::RateCard& card,
                                                       InstantUs now_us) const {
  const InstantUs begin_us = card.valid_from_us();
  std::map<std::string, std::vector<std::string>> found;  // resources, by card
  for (const auto& rate : card.rates()) {
    const auto spans = by_resource_.find(rate.resource());
    if (spans == by_resource_.end()) continue;
    // Where another has begun since, this one is over, whatever its end is.
    const auto since = spans->second.upper_bound(begin_us);
    if (since != spans->second.end() && since->first <= now_us) continue;
    for (auto it = spans->second.begin(); it != spans->second.end(); ++it) {
      const auto& [from_us, span] = *it;
      if (span.card->id() == card.id()) continue;
      // One without an end makes room.
      const InstantUs end_us = span.until_us == 0 ? 0 : EndOf(spans->second, it);
      const bool overlaps = from_us <= begin_us
                                ? Overlaps(from_us, end_us, begin_us)
                                : Overlaps(begin_us, card.valid_until_us(), from_us);
      if (overlaps) found[span.card->id()].push_back(rate.resource());
    }
  }
  if (found.empty()) return std::nullopt;
  return Overlap{found.begin()->first, found.begin()->second};
}

std::optional<RateBook::InForce> RateBook::FindRate(std::string_view resource,
                                                    InstantUs at_us) const {
  const auto spans = by_resource_.find(resource);
  if (spans == by_resource_.end()) return std::nullopt;
  const auto next = spans->second.upper_bound(at_us);
  if (next == spans->second.begin()) return std::nullopt;
  const auto it = std::prev(next);
  const InstantUs until_us = EndOf(spans->second, it);
  if (until_us != 0 && until_us <= at_us) return std::nullopt;
  const Span& span = it->second;
  const auto& rate = span.card->rates(span.rate);
  return InForce{Rate::FromPicos(rate.picos()), rate.per(), &span.card->id(), until_us};
}

InstantUs RateBook::NextBegin(std::string_view resource, InstantUs after_us) const {
  const auto spans = by_resource_.find(resource);
  if (spans == by_resource_.end()) return 0;
  const auto next = spans->second.upper_bound(after_us);
  return next == spans->second.end() ? 0 : next->first;
}

InstantUs RateBook::NextChange(InstantUs after_us) const {
  const auto next = changes_.upper_bound(after_us);
  return next == changes_.end() ? 0 : *next;
}

RateCard RateBook::FindOpen(std::string_view resource, InstantUs now_us) const {
  const auto spans = by_resource_.find(resource);
  if (spans == by_resource_.end()) return nullptr;
  RateCard first;
  for (auto it = spans->second.begin(); it != spans->second.end(); ++it) {
    const InstantUs until_us = EndOf(spans->second, it);
    if (until_us != 0 && until_us <= now_us) continue;
    if (first == nullptr || it->second.card->id() < first->id()) first = it->second.card;
  }
  return first;
}

std::string FindCardFault(const stored::RateCard& card) {
  if (card.id().empty()) return "it has no id";
  if (card.rates().empty() || card.rates_size() > static_cast<int>(kRatesOfCardMax)) {
    return "it prices nothing, or too much";
  }
  if (card.valid_until_us() != 0 && card.valid_until_us() <= card.valid_from_us()) {
    return "it ends before it begins";
  }
  for (int i = 0; i < card.rates_size(); ++i) {
    const auto& rate = card.rates(i);
    if (i > 0 && rate.resource() <= card.rates(i - 1).resource())
      return "its rates are in no order";
    if (rate.picos() < 0 || rate.picos() > kRateMaxUsd * Rate::kPicosPerUsd) {
      return "it has a rate that there is not";
    }
    if (!stored::RateCard::Per_IsValid(rate.per())) return "it has a unit that there is not";
  }
  return "";
}

std::optional<Rate> FindUnitRate(const RateBook& rates, const Resource& resource, InstantUs at_us) {
  if (!resource.settings->priced()) return std::nullopt;
  if (resource.settings->unit() == kMoneyUnit) return Rate::One();
  const auto found = rates.FindRate(resource.settings->name(), at_us);
  // The name may have been that of a capacity when the card was made.
  if (!found.has_value() || found->per != stored::RateCard::UNIT) return std::nullopt;
  return found->rate;
}

}  // namespace purser
