#include "tests/small_world/small_state.h"

#include <algorithm>
#include <vector>

#include "ledger/text.h"
#include "tests/small_world/letter.h"
#include "tests/small_world/small_models.h"

namespace purser::small {
namespace {

using Words = std::vector<int64_t>;

// MurmurHash3's 64-bit finalizer (Appleby, public domain), a word at a time in two lanes.
uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdULL;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

Digest Hash(const Words& words) {
  Digest digest(0x9e3779b97f4a7c15ULL, 0xc2b2ae3d27d4eb4fULL);
  for (int64_t word : words) {
    digest.first = Mix(digest.first ^ static_cast<uint64_t>(word)) + 0x165667b19e3779f9ULL;
    digest.second = Mix(digest.second + static_cast<uint64_t>(word)) ^ digest.first;
  }
  return digest;
}

void AddResource(const Resource& resource, InstantUs now_us, Words* words) {
  for (int i = 0; i < kAccountCount; ++i) {
    words->push_back(resource[static_cast<Account>(i)].micros());
  }
  words->push_back(resource.base.micros());
  words->push_back(resource.shortfall.micros());
  words->push_back(resource.settings->reserve_percent());
  words->push_back(resource.settings->reserve_amount());
  words->push_back(resource.next_boundary_us == 0 ? 0 : resource.next_boundary_us - now_us);
}

// How many periods ago; -1 without a hold.
int64_t PeriodsAgo(uint64_t period, const Resource& resource) {
  return period == 0 ? -1 : static_cast<int64_t>(resource.period - period);
}

// What one that waits, is booked or may give way is judged by.
void AddWaiting(const Reservation& reservation, const SmallState& state, Words* words) {
  words->push_back(reservation.tier);
  if (reservation.queued() || reservation.scheduled()) {
    words->insert(words->end(),
                  {reservation.priority, reservation.create_time_us - state.now_us,
                   reservation.give_up_us() - state.now_us, reservation.lease_us,
                   reservation.start_at_us == 0 ? 0 : reservation.start_at_us - state.now_us});
  } else if (reservation.open() && TierGivesWay(reservation.tier)) {
    words->insert(words->end(),
                  {reservation.grant_time_us - state.now_us,
                   reservation.start_time_us == 0 ? 0 : reservation.start_time_us - state.now_us,
                   reservation.preemption_grace_us});
  }
  const bool noticed = reservation.gave_notice() || reservation.gives_way();
  words->push_back(noticed ? reservation.notice->preempt_end_us - state.now_us : 0);
}

Words WordsOf(const Reservation& reservation, const SmallState& state) {
  Words words;
  words.reserve(32);
  words.push_back(reservation.state);
  if (reservation.state == stored::STATE_DENIED) return words;
  const Books& books = state.population.books;
  words.push_back(reservation.purpose);
  words.push_back(reservation.stopped);
  words.push_back(
      reservation.open() ? reservation.expire_time_us(books.lease_shift_us()) - state.now_us : 0);
  AddWaiting(reservation, state, &words);
  for (const HoldLine& line : reservation.lines) {
    words.insert(words.end(), {line.resource, line.granted.micros(), line.held.micros(),
                               line.in_use.micros(), line.charged.micros(), line.overrun.micros(),
                               PeriodsAgo(line.period, *books.Find(line.resource))});
  }
  return words;
}

// Those that wait in their order, open ones in the order in which they expire, what is booked as it
// was made, then what has ended, in an order that names do not enter.
std::vector<std::pair<const Reservation*, Words>> ListReservations(const SmallState& state) {
  std::vector<std::pair<const Reservation*, Words>> list;
  for (int i = 1; i <= state.requests; ++i) {
    const Reservation* reservation = FindReservation(state.population, ReservationId(i));
    list.emplace_back(reservation, WordsOf(*reservation, state));
  }
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
    const auto rank = [](const Reservation& each) {
      return each.queued() ? 0 : each.open() ? 1 : each.scheduled() ? 2 : 3;
    };
    if (rank(*a.first) != rank(*b.first)) return rank(*a.first) < rank(*b.first);
    if (a.first->queued()) return QueueKeyOf(*a.first) < QueueKeyOf(*b.first);
    if (a.first->open()) return ExpiryKeyOf(*a.first) < ExpiryKeyOf(*b.first);
    if (a.first->scheduled()) return a.first->create_sequence < b.first->create_sequence;
    return a.second < b.second;
  });
  return list;
}

void AddCharge(const std::string& id, const SmallState& state,
               const std::vector<std::pair<const Reservation*, Words>>& reservations,
               Words* words) {
  words->push_back(-2);
  if (id.empty()) return;
  const stored::ChargeRecord& charge = **state.population.reservations.recent().FindCharge(id);
  const auto holder = std::find_if(
      reservations.begin(), reservations.end(),
      [&charge](const auto& each) { return each.first->id == charge.charged().reservation(); });
  words->push_back(holder - reservations.begin());
  for (const auto& line : charge.charged().lines()) {
    const Resource& resource = *state.population.books.Find(line.resource());
    words->insert(words->end(),
                  {line.amount(), line.overrun(), PeriodsAgo(line.posted_in_period(), resource),
                   PeriodsAgo(line.held_in_period(), resource)});
  }
  int64_t refunded = 0;
  for (const auto& refund : charge.refunds()) {
    for (const auto& line : refund.lines()) refunded += line.amount();
  }
  words->push_back(refunded);
}

}  // namespace

const Reservation* FindReservation(const Population& population, const std::string& id) {
  if (const Reservation* open = population.reservations.FindOpen(id)) return open;
  const auto* ended = population.reservations.recent().FindReservation(id);
  return ended == nullptr ? nullptr : ended->get();
}

Digest DigestOf(const SmallState& state) {
  Words words;
  words.reserve(128);
  words.push_back(state.rolled_over);
  words.push_back(state.ticks);
  words.push_back(state.requests);
  const Books& books = state.population.books;
  for (const auto& [name, number] : books.numbers_by_name()) {
    AddResource(*books.Find(number), state.now_us, &words);
  }
  for (const auto& [key, debt] : books.debts().all()) {
    words.insert(words.end(), {-3, key.first, debt.operator_family().back(), debt.amount()});
  }
  for (const auto& [id, freeze] : books.freezes().all()) words.insert(words.end(), {-4, id.back()});
  const auto reservations = ListReservations(state);
  for (const auto& [reservation, each] : reservations) {
    words.push_back(-5);
    words.insert(words.end(), each.begin(), each.end());
    if (!reservation->gives_way()) continue;
    const auto gave = std::find_if(reservations.begin(), reservations.end(),
                                   [&reservation = reservation](const auto& other) {
                                     return other.first->id == reservation->notice->preempted_for;
                                   });
    words.push_back(gave - reservations.begin());
  }
  AddModels(state, &words);
  AddCharge(state.first_charge, state, reservations, &words);
  words.push_back(state.first_charge == state.last_charge);
  AddCharge(state.last_charge, state, reservations, &words);
  return Hash(words);
}

std::string FindFault(const SmallState& state) {
  const Population& population = state.population;
  if (std::string fault = FindFault(population); !fault.empty()) {
    return fault;
  }
  if (std::string fault = population.reservations.FindNoticeFault(); !fault.empty()) return fault;
  for (const auto& [name, number] : population.books.numbers_by_name()) {
    const Resource& resource = *population.books.Find(number);
    int64_t positive = 0;
    for (Account account :
         {stored::AVAILABLE, stored::RESERVE, stored::HELD, stored::IN_USE, stored::SPENT}) {
      if (resource[account].is_negative()) return Concat(name, " has an account below 0");
      positive += resource[account].micros();
    }
    if (resource.granted().micros() + resource.owed().micros() != positive) {
      return Concat(name, ": granted and owed are not what the accounts hold");
    }
    if (resource.reserve_above_target().is_positive())
      return Concat(name, ": reserve above target");
  }
  for (int i = 1; i <= state.requests; ++i) {
    const Reservation* reservation = FindReservation(population, ReservationId(i));
    if (reservation == nullptr) return Concat(ReservationId(i), " is lost");
    if (reservation->counts()) continue;
    for (const HoldLine& line : reservation->lines) {
      if (line.held.is_zero() && line.in_use.is_zero()) continue;
      return Concat(reservation->id, " has ended and holds something");
    }
  }
  return "";
}

}  // namespace purser::small
