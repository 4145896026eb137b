// What is occupied, held and kept, and what that costs (decisions/0012): nothing is reckoned from
// what happens, only from what stands in the books while time passes.
#include <algorithm>
#include <set>

#include "tests/model/calendar.h"
#include "tests/model/decimal.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

int64_t MonthBegin(int64_t at_us) {
  int64_t begin_us = NextMonth(at_us - 32 * kDayUs);
  while (NextMonth(begin_us) <= at_us) begin_us = NextMonth(begin_us);
  return begin_us;
}

Stay NewStay(const Book& book, int64_t amount, const std::string& resource,
             const std::string& origin, const std::string& category) {
  Stay stay;
  stay.incarnation = book.incarnation;
  stay.amount = amount;
  stay.line.is_stay = true;
  stay.line.by = {{"resource", resource}, {"origin", origin}, {"category", category}};
  return stay;
}

}  // namespace

std::vector<Stay> Stays::All() const {
  std::vector<Stay> all;
  for (const auto& stay : past) all.push_back(*stay);
  for (const auto& [key, stay] : running) all.push_back(stay);
  return all;
}

void Model::NotePriced(const Book& book) {
  const bool is = book.settings.priced.value_or(true) && book.settings.unit != "USD";
  state_.stays.priced[book.incarnation].emplace_back(state_.now_us, is);
}

std::map<StayKey, Stay> Model::ListStays() const {
  std::map<StayKey, Stay> stays;
  const auto add = [&stays](const std::string& origin, const std::string& holder, Stay stay) {
    if (stay.amount == 0) return;
    stays[{origin, holder, stay.line.by.at("resource"), stay.incarnation}] = std::move(stay);
  };
  for (const auto& [name, book] : state_.books) {
    if (!book.settings.capacity) continue;
    add("RESERVE", "", NewStay(book, book.reserve, name, "RESERVE", "rollback_reserve"));
  }
  for (const auto& [id, reservation] : state_.reservations) {
    for (const auto& [resource, line] : reservation.lines) {
      const auto book = state_.books.find(resource);
      if (!reservation.IsOpen() || !book->second.settings.capacity) continue;
      for (const bool is_used : {false, true}) {
        const std::string origin = is_used ? "OCCUPIED" : "HELD";
        Stay stay = NewStay(book->second, is_used ? line.in_use : line.held, resource, origin,
                            CategoryOf("", resource, reservation.purpose));
        SetLabels(reservation.labels, &stay.line);
        add(origin, "reservation " + id, stay);
      }
    }
  }
  AddArtifactStays(&stays);
  return stays;
}

void Model::AddArtifactStays(std::map<StayKey, Stay>* stays) const {
  for (const auto& [id, artifact] : state_.zoo.artifacts) {
    for (const auto& [resource, amount] : OccupiedBy(artifact)) {
      const Book& book = state_.books.at(resource);
      Stay stay = NewStay(book, amount, resource, "OCCUPIED", CategoryOf("", resource, ""));
      stay.line.by["model"] = id;
      stay.line.by["operator_family"] = artifact.family;
      for (const std::string& capability : artifact.capabilities) {
        stay.line.splits["capability"][capability] = kOne;
      }
      (*stays)[{"OCCUPIED", "model " + id, resource, book.incarnation}] = stay;
    }
  }
}

void Model::MoveTo(int64_t at_us) {
  if (!counts_stays_ || at_us == state_.now_us) {
    state_.now_us = at_us;
    return;
  }
  std::map<StayKey, Stay> stays = ListStays();
  Stays& known = state_.stays;
  for (auto& [key, stay] : known.running) {
    const auto goes_on = stays.find(key);
    if (goes_on != stays.end() && goes_on->second.IsLike(stay) && stay.until_us == state_.now_us) {
      goes_on->second.from_us = stay.from_us;
    } else {
      known.past.push_back(std::make_shared<const Stay>(stay));
    }
  }
  for (auto& [key, stay] : stays) {
    if (stay.from_us == 0) stay.from_us = state_.now_us;
    stay.until_us = at_us;
  }
  known.running = std::move(stays);
  state_.now_us = at_us;
}

std::pair<std::string, int64_t> Model::PricedBy(const Stay& stay, int64_t at_us) const {
  bool priced = false;
  for (const auto& [since_us, is] : state_.stays.priced.at(stay.incarnation)) {
    if (since_us <= at_us) priced = is;
  }
  const std::string& resource = stay.line.by.at("resource");
  for (const auto& [id, card] : state_.cards) {
    const auto rate = card.rates.find(resource);
    if (rate == card.rates.end() || card.from_us > at_us || EndOfCard(id, resource) <= at_us) {
      continue;
    }
    if (!priced || rate->second.per == 0) break;
    return {id, rate->second.per == 'h' ? 0 : MonthBegin(at_us)};
  }
  return {"", 0};
}

std::vector<CostLine> Model::LinesOf(const Stay& stay, int64_t from_us, int64_t until_us) const {
  from_us = std::max(from_us, stay.from_us);
  until_us = std::min(until_us, stay.until_us);
  if (from_us >= until_us) return {};
  const std::string& resource = stay.line.by.at("resource");
  std::set<int64_t> cuts = {until_us};
  for (const auto& [id, card] : state_.cards) {
    if (!card.rates.contains(resource)) continue;
    cuts.insert(card.from_us);
    cuts.insert(EndOfCard(id, resource));
  }
  for (const auto& [at_us, is] : state_.stays.priced.at(stay.incarnation)) cuts.insert(at_us);
  for (int64_t at_us = NextMonth(from_us); at_us < until_us; at_us = NextMonth(at_us)) {
    cuts.insert(at_us);
  }
  // Where the same prices before a cut and after it, it is none.
  std::vector<CostLine> lines;
  int64_t begin_us = from_us;
  for (const int64_t cut_us : cuts) {
    if (cut_us <= begin_us || cut_us > until_us) continue;
    const auto by = PricedBy(stay, begin_us);
    if (cut_us < until_us && PricedBy(stay, cut_us) == by) continue;
    CostLine line = stay.line;
    line.area = Wide{stay.amount} * (cut_us - begin_us);
    if (!by.first.empty()) {
      const int64_t per_us = by.second == 0 ? kHourUs : NextMonth(by.second) - by.second;
      const Wide one = Wide{per_us} * kPicosOfDollar;
      const Wide exact = line.area * state_.cards.at(by.first).rates.at(resource).picos;
      line.cost = static_cast<int64_t>(exact / one + (exact % one * 2 >= one ? 1 : 0));
    }
    lines.push_back(line);
    begin_us = cut_us;
  }
  return lines;
}

}  // namespace purser::model
