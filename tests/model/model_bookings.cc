// Advance reservations: what is free at each instant to come is played, event by event, on a copy
// of the book (decisions/0008).
#include <algorithm>

#include "tests/model/decimal.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

constexpr int64_t kAdvanceMaxUs = 400 * 86'400 * kOne;
constexpr int64_t kBookingsMax = 1'000;
constexpr int64_t kBookingsPrincipalMax = 500;

// The end of a lease (what it holds, and what is in use), or the end or the start of a booking. At
// one instant in the order of their kinds.
struct Event {
  enum class Kind { kLeaseEnds, kBookingEnds, kBookingStarts };
  int64_t at_us = 0;
  Kind kind = Kind::kLeaseEnds;
  int64_t held = 0;
  int64_t in_use = 0;

  bool operator<(const Event& other) const {
    return std::tie(at_us, kind) < std::tie(other.at_us, other.kind);
  }
};

int64_t AmountOf(const Amounts& amounts, const std::string& resource) {
  const auto found = amounts.find(resource);
  return found == amounts.end() ? 0 : found->second;
}

std::vector<Event> EventsOf(const State& state, const std::string& resource) {
  std::vector<Event> events;
  for (const auto& [id, reservation] : state.reservations) {
    const auto line = reservation.lines.find(resource);
    if (!reservation.IsOpen() || line == reservation.lines.end()) continue;
    events.push_back(
        {reservation.EndsUs(), Event::Kind::kLeaseEnds, line->second.held, line->second.in_use});
  }
  for (const Waiting& booking : state.bookings) {
    const int64_t amount = AmountOf(*booking.booked, resource);
    // One that is due in this instant may not have started yet.
    const int64_t start_us = std::max(state.now_us, *booking.request.start_at_us);
    events.push_back({start_us, Event::Kind::kBookingStarts, amount, 0});
    events.push_back({booking.BookedUntilUs(), Event::Kind::kBookingEnds, amount, 0});
  }
  std::stable_sort(events.begin(), events.end());
  return events;
}

void Play(const Event& event, Book* book, int64_t* booked) {
  if (event.kind == Event::Kind::kBookingStarts) {
    // From what is available alone, also where that is too little.
    book->available -= event.held;
    book->held += event.held;
    *booked += event.held;
    return;
  }
  book->GiveBackHeld(event.held, false);
  book->GiveBackInUse(event.in_use);
  if (event.kind == Event::Kind::kBookingEnds) *booked -= event.held;
}

}  // namespace

int64_t Waiting::BookedUntilUs() const {
  return *request.start_at_us + request.lease_us.value_or(kDefaultLeaseUs);
}

std::vector<Moment> Model::PlayForward(const std::string& resource) const {
  Book book = state_.books.at(resource);
  int64_t booked = 0;
  std::vector<Moment> moments = {{state_.now_us, book.available, 0}};
  for (const Event& event : EventsOf(state_, resource)) {
    Play(event, &book, &booked);
    if (event.at_us != moments.back().at_us) moments.emplace_back();
    moments.back() = {event.at_us, book.available, booked};
  }
  return moments;
}

std::optional<Moment> Model::Tightest(const std::string& resource, const Span& span) const {
  std::optional<Moment> tightest;
  const std::vector<Moment> moments = PlayForward(resource);
  for (size_t i = 0; i < moments.size(); ++i) {
    Moment moment = moments[i];
    const bool over = i + 1 < moments.size() && moments[i + 1].at_us <= span.from_us;
    const bool within = moment.at_us < span.until_us && (moment.booked > 0 || !span.where_booked);
    if (over || !within) continue;
    moment.at_us = std::max(moment.at_us, span.from_us);
    if (!tightest || moment.free < tightest->free) tightest = moment;
  }
  return tightest;
}

std::optional<Moment> Model::TightestFor(const Action& action, const std::string& resource) const {
  if (!state_.books.at(resource).settings.capacity) return std::nullopt;
  const int64_t lease_us = action.lease_us.value_or(kDefaultLeaseUs);
  if (const auto start_us = action.start_at_us) {
    return Tightest(resource, {*start_us, *start_us + lease_us, false});
  }
  if (state_.bookings.empty() || DrawsOnReserve(action.purpose)) return std::nullopt;
  return Tightest(resource, {state_.now_us, state_.now_us + lease_us, true});
}

std::string Model::FaultyStart(const Action& action) const {
  if (!action.start_at_us) return "";
  const int64_t ahead_us = *action.start_at_us - state_.now_us;
  if (ahead_us <= 0 || ahead_us > kAdvanceMaxUs) return "invalid_argument";
  for (const auto& [resource, amount] : action.amounts) {
    const Book& book = state_.books.at(resource);
    const bool beyond = book.HasPeriods() && *action.start_at_us >= book.next_boundary_us;
    if (beyond) return "period_not_open";
  }
  return "";
}

bool Model::TooManyBookings(const Action& action) const {
  if (!action.start_at_us) return false;
  int64_t own = 0;
  for (const Waiting& booking : state_.bookings) {
    own += booking.request.principal == action.principal ? 1 : 0;
  }
  return own >= kBookingsPrincipalMax ||
         static_cast<int64_t>(state_.bookings.size()) >= kBookingsMax;
}

// Consumables are held at once, capacity from the start on.
Verdict Model::Schedule(const Action& action, Verdict verdict) {
  Waiting booking{action.id.empty() ? FreshName() : action.id, action, state_.now_us,
                  state_.next_order++, Amounts()};
  Reservation reservation = NewReservation(action);
  reservation.quoted = QuoteOf(action);
  reservation.state = "SCHEDULED";
  reservation.booked = true;
  reservation.held_us = state_.now_us;
  reservation.held_entry = state_.entry;
  for (const auto& [resource, asked] : action.amounts) {
    (*booking.booked)[resource] = Obtainable(action, resource, Room(action, resource));
  }
  const int64_t moment = state_.next_moment++;
  for (const auto& [resource, got] : *booking.booked) {
    Book& book = state_.books.at(resource);
    const int64_t held = book.settings.capacity ? 0 : got;
    reservation.lines[resource] = {
        action.amounts.at(resource), got, held, 0, 0, 0, book.period, book.incarnation};
    if (book.settings.capacity) continue;
    reservation.lines[resource].picos = HoldPriceOf(reservation, resource);
    book.Hold(held);
    state_.grants.push_back(
        {action.principal, action.labels, resource, book.incarnation, got, state_.now_us, moment});
  }
  state_.reservations[booking.id] = reservation;
  verdict.scheduled = true;
  verdict.made = booking.id;
  verdict.granted = *booking.booked;
  state_.bookings.push_back(booking);
  if (!action.id.empty()) state_.reservation_ids[action.id] = {ContentOf(action), verdict, -1};
  return verdict;
}

bool Model::BookedIsThere(const Waiting& booking) const {
  return std::all_of(booking.booked->begin(), booking.booked->end(), [&](const auto& entry) {
    const Book& book = state_.books.at(entry.first);
    return !book.settings.capacity || entry.second <= Drawable(booking.request, book);
  });
}

std::set<std::string> Model::LackingToStart(const Waiting& booking) const {
  std::set<std::string> lacking;
  const int64_t until_us = state_.now_us + booking.request.lease_us.value_or(kDefaultLeaseUs);
  for (const auto& [resource, amount] : *booking.booked) {
    const Book& book = state_.books.at(resource);
    if (!book.settings.capacity) continue;
    if (amount > Drawable(booking.request, book)) lacking.insert(resource);
    if (amount == 0 || DrawsOnReserve(booking.request.purpose)) continue;
    const auto tightest = Tightest(resource, {state_.now_us, until_us, true});
    if (tightest && amount > tightest->free) lacking.insert(resource);
  }
  return lacking;
}

void Model::StartScheduled(const std::string& id) {
  const auto found = std::find_if(state_.bookings.begin(), state_.bookings.end(),
                                  [&id](const Waiting& booking) { return booking.id == id; });
  const Waiting booking = *found;
  state_.bookings.erase(found);
  if (!IsBarred(booking) && BookedIsThere(booking)) {
    Begin(booking);
    return;
  }
  state_.queue.push_back(booking);
  state_.reservations.at(id).state = "QUEUED";
}

void Model::Begin(const Waiting& booking) {
  const Action& request = booking.request;
  Reservation& reservation = state_.reservations.at(booking.id);
  reservation.state = "GRANTED";
  reservation.expires_us = state_.now_us + request.lease_us.value_or(kDefaultLeaseUs);
  reservation.order = state_.next_order++;
  reservation.since_us = state_.now_us;
  Disturb(request.purpose, *booking.booked);
  const int64_t moment = state_.next_moment++;
  for (const auto& [resource, amount] : *booking.booked) {
    Book& book = state_.books.at(resource);
    if (!book.settings.capacity) continue;
    book.Hold(amount);
    reservation.lines.at(resource).held = amount;
    state_.grants.push_back({request.principal, request.labels, resource, book.incarnation, amount,
                             state_.now_us, moment});
  }
}

void Model::Cancel(const std::string& id) {
  std::erase_if(state_.bookings, [&id](const Waiting& booking) { return booking.id == id; });
}

Verdict Model::Prolong(Reservation* reservation, int64_t lease_us) {
  Verdict refused = Refused("capacity_booked");
  const int64_t end_us = state_.now_us + lease_us;
  Amounts amounts;
  for (const auto& [resource, line] : reservation->lines) {
    amounts[resource] = line.held + line.in_use;
  }
  const bool bound = !state_.bookings.empty() && !DrawsOnReserve(reservation->purpose);
  if (bound) {
    // What it keeps does not come back: neither for others, nor for the reserve first.
    Model kept = Lean();
    for (const auto& [id, each] : state_.reservations) {
      if (&each != reservation) continue;
      Reservation& same = kept.state_.reservations.at(id);
      same.expires_us = INT64_MAX;
      same.preempt_at_us = 0;
      same.preempted_for.clear();
    }
    for (const auto& [resource, amount] : amounts) {
      const Book& book = state_.books.at(resource);
      if (!book.settings.capacity || amount == 0) continue;
      const auto tightest = kept.Tightest(resource, {reservation->expires_us, end_us, true});
      if (!tightest || tightest->free >= 0) continue;
      refused.shortages.push_back({resource, amount, book.available, book.held, book.in_use,
                                   book.spent, book.reserve, 0, -tightest->free, tightest->booked,
                                   tightest->at_us});
    }
  }
  if (!refused.shortages.empty()) return refused;
  Disturb(reservation->purpose, amounts);
  reservation->expires_us = end_us;
  return Verdict();
}

void Model::Disturb(const std::string& purpose, const Amounts& amounts) {
  if (!DrawsOnReserve(purpose)) return;
  for (const auto& [resource, amount] : amounts) state_.disturbed.insert(resource);
}

std::string Model::CheckBookings() const {
  size_t scheduled = 0;
  for (const auto& [id, reservation] : state_.reservations) {
    if (reservation.IsScheduled()) ++scheduled;
    if (!reservation.IsPromised() || reservation.IsOpen()) continue;
    for (const auto& [resource, line] : reservation.lines) {
      const bool capacity = state_.books.at(resource).settings.capacity;
      const int64_t held = capacity ? 0 : line.granted;
      if (line.held != held || line.in_use != 0) return id + ": holds other than it booked";
    }
  }
  if (scheduled != state_.bookings.size()) return "a SCHEDULED reservation is not booked";
  for (const Waiting& booking : state_.bookings) {
    const auto found = state_.reservations.find(booking.id);
    if (found == state_.reservations.end() || !found->second.IsScheduled()) {
      return booking.id + ": is booked and not SCHEDULED";
    }
    if (*booking.request.start_at_us <= state_.now_us) return booking.id + ": is past its start";
  }
  if (state_.bookings.empty()) return "";
  for (const auto& [name, book] : state_.books) {
    if (!book.settings.capacity || state_.disturbed.contains(name)) continue;
    for (const Moment& moment : PlayForward(name)) {
      if (moment.free < 0) return name + ": more is booked than there will be";
    }
  }
  return "";
}

}  // namespace purser::model
