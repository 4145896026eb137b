#ifndef PURSER_LEDGER_RATE_BOOK_H_
#define PURSER_LEDGER_RATE_BOOK_H_

// The rate cards of one population, and what a unit of a resource costs at an instant
// (daemon/decisions/0012). A card is in force for a resource that it names from `valid_from` to
// before `valid_until`, or to before the next one's beginning. No two overlap.
// Bounded where they are made, so that a copy, of which each change makes one, takes the writer a
// bounded time. A value whose copies share the cards; thread-compatible.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/ledger.pb.h"
#include "ledger/rate.h"
#include "ledger/resource.h"

namespace purser {

inline constexpr size_t kRateCardsMax = 1'000;
inline constexpr size_t kRatesOfCardMax = 32;
inline constexpr size_t kRatesMax = 10'000;        // of all cards
inline constexpr int64_t kRateMaxUsd = 1'000'000;  // a unit
inline constexpr std::string_view kMoneyUnit = "USD";

using RateCard = std::shared_ptr<const stored::RateCard>;

class RateBook {
 public:
  using ById = std::map<std::string, RateCard, std::less<>>;

  // Takes the place of one with the same id. It overlaps no other.
  void Put(const stored::RateCard& card);
  // False when there is none.
  bool Erase(std::string_view id);

  const ById& all() const { return by_id_; }
  size_t size() const { return by_id_.size(); }
  bool empty() const { return by_id_.empty(); }
  size_t CountRates() const { return rates_; }
  RateCard Find(std::string_view id) const;  // nullptr: none

  // Of the cards, but for one with its id, the first by id that `card` overlaps, and in what. Of
  // one that has begun by `now_us` only the resources count for which no other has begun since.
  struct Overlap {
    std::string card;
    std::vector<std::string> resources;  // in order
  };
  std::optional<Overlap> FindOverlap(const stored::RateCard& card, InstantUs now_us) const;

  // What is in force for the resource, until when; 0: nothing is known to end it.
  struct InForce {
    Rate rate;
    stored::RateCard::Per per = stored::RateCard::UNIT;
    const std::string* card = nullptr;  // its id; valid until the book changes
    InstantUs until_us = 0;
  };
  // nullopt: no card names it then.
  std::optional<InForce> FindRate(std::string_view resource, InstantUs at_us) const;
  // When the first card after the instant begins that names the resource; 0: none does.
  InstantUs NextBegin(std::string_view resource, InstantUs after_us) const;
  // When the first card after the instant begins, or ends as it says; 0: none does.
  InstantUs NextChange(InstantUs after_us) const;
  // The first card by id that names the resource and has not ended; nullptr: none.
  RateCard FindOpen(std::string_view resource, InstantUs now_us) const;

 private:
  struct Span {
    InstantUs until_us = 0;  // 0: open
    RateCard card;
    int rate = 0;  // its place in the card
  };
  using Spans = std::map<InstantUs, Span>;  // by when they begin
  static InstantUs EndOf(const Spans& spans, Spans::const_iterator it);

  ById by_id_;
  size_t rates_ = 0;
  std::map<std::string, Spans, std::less<>> by_resource_;
  std::multiset<InstantUs> changes_;  // beginnings and ends of cards
};

// What no decision makes of a card, whatever the others are; empty: nothing.
std::string FindCardFault(const stored::RateCard& card);

// What a unit of a consumable costs at an instant: of money itself 1; nullopt: it is not priced.
std::optional<Rate> FindUnitRate(const RateBook& rates, const Resource& resource, InstantUs at_us);

}  // namespace purser

#endif  // PURSER_LEDGER_RATE_BOOK_H_
