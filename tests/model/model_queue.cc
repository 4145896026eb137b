// The queue: who waits, in which order, who is granted when room is made, who gives up.
#include <algorithm>

#include "tests/model/decimal.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

constexpr int64_t kAgeStepUs = 600 * kOne;
constexpr int64_t kQueueLengthMax = 10'000;
constexpr int64_t kQueueLengthPrincipalMax = 1'000;

// What decides the place in the order: the smaller the further ahead.
std::tuple<int64_t, int64_t, int64_t> PlaceOf(const Waiting& waiting) {
  const int64_t ahead = waiting.request.priority * kAgeStepUs;
  return {waiting.arrived_us - ahead, waiting.arrived_us, waiting.order};
}

// What a purpose could have of a resource if nobody else had anything of it.
int64_t WithEverythingFree(const std::string& purpose, const Book& book) {
  const auto guarded = [&purpose](const Book& of) {
    return DrawsOnReserve(purpose) ? 0 : of.Target();
  };
  if (book.settings.capacity) return std::max<int64_t>(0, book.granted - guarded(book));
  const int64_t now = std::max<int64_t>(0, book.granted - book.spent - guarded(book));
  if (!book.HasPeriods()) return now;
  Book next;  // A period to come, in which nothing was carried over and nothing granted besides.
  next.settings = book.settings;
  next.amount_in_force = *book.settings.amount;
  return std::max(now, next.Base() - guarded(next));
}

}  // namespace

int64_t Waiting::GivesUpUs() const {
  const int64_t from_us = booked ? *request.start_at_us : arrived_us;
  return from_us + request.max_queue_wait_us.value_or(kDefaultQueueWaitUs);
}

bool Model::IsBarred(const Waiting& waiting) const {
  const bool limited = waiting.booked ? IsLimitedAtStart(waiting) : IsLimited(waiting.request);
  if (limited || !Blocks(waiting.request).empty()) return true;
  // One that was booked was judged by the budgets then.
  const bool approved = !state_.reservations.at(waiting.id).approver.empty();
  return !waiting.booked && !OverBudget(waiting.request, approved).empty();
}

std::set<std::string> Model::Lacking(const Waiting& waiting) const {
  if (waiting.booked) return LackingToStart(waiting);
  const Action& request = waiting.request;
  std::set<std::string> lacking;
  for (const Shortage& shortage : Shortages(request)) lacking.insert(shortage.resource);
  for (const auto& [resource, minimum] : request.minimum_amounts) {
    // A step that was made larger meanwhile may leave no multiple between minimum and amount.
    const int64_t most = Obtainable(request, resource, Room(request, resource));
    if (most < minimum) lacking.insert(resource);
  }
  return lacking;
}

// What it waits for: one that was booked has its consumables.
std::vector<std::string> Model::ClaimedBy(const Waiting& waiting) const {
  std::vector<std::string> claimed;
  for (const auto& [resource, amount] : waiting.request.amounts) {
    const bool has = waiting.booked && !state_.books.at(resource).settings.capacity;
    if (!has) claimed.push_back(resource);
  }
  return claimed;
}

// Who gave notice stands in front, in the order of the notices.
std::vector<Waiting> Model::QueueInOrder() const {
  std::vector<std::pair<size_t, const Waiting*>> places;
  for (const Waiting& waiting : state_.queue) {
    size_t notice = 0;
    while (notice < state_.notices.size() && state_.notices[notice].id != waiting.id) ++notice;
    places.emplace_back(notice, &waiting);
  }
  std::sort(places.begin(), places.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first, PlaceOf(*a.second)) < std::pair(b.first, PlaceOf(*b.second));
  });
  std::vector<Waiting> queue;
  queue.reserve(places.size());
  for (const auto& [notice, waiting] : places) queue.push_back(*waiting);
  return queue;
}

std::set<std::string> Model::ClaimedAhead(const Action& action) const {
  const Waiting arrival{action.id, action, state_.now_us, state_.next_order};
  std::set<std::string> claimed;
  Look look;
  for (const Waiting& ahead : QueueInOrder()) {
    const bool noticed = FindNotice(ahead.id) != nullptr;
    if (!noticed && PlaceOf(arrival) < PlaceOf(ahead)) break;
    if (look.IsOver()) break;
    // Nobody knows when one starts that a freeze, a debt, a limit or a budget blocks.
    if (look.Passes(IsBarred(ahead))) continue;
    for (const std::string& resource : ClaimedBy(ahead)) claimed.insert(resource);
  }
  return claimed;
}

bool Model::NeverFits(const Action& action) const {
  for (const auto& [resource, amount] : action.amounts) {
    const Book& book = state_.books.at(resource);
    if (Need(action, resource, book) > WithEverythingFree(action.purpose, book)) return true;
  }
  return false;
}

bool Model::QueueIsFull(const std::string& principal) const {
  int64_t all = 0;
  int64_t own = 0;
  for (const Waiting& waiting : state_.queue) {
    ++all;
    if (waiting.request.principal == principal) ++own;
  }
  return all >= kQueueLengthMax || own >= kQueueLengthPrincipalMax;
}

// `verdict` says what stands in the way of granting it at once.
Verdict Model::Queue(const Action& action, Verdict verdict) {
  if (NeverFits(action)) {
    verdict.reasons = {"never_fits"};
    return Deny(action, verdict);
  }
  const auto& reasons = verdict.reasons;
  const bool blocked = std::count(reasons.begin(), reasons.end(), "budget_blocked") > 0;
  if (blocked || IsLimitedForGood(action)) return Deny(action, verdict);
  if (QueueIsFull(action.principal)) {
    if (IsLimited(action)) return Deny(action, verdict);
    verdict.reasons.insert(verdict.reasons.begin() + Blocks(action).size(), "limit_exceeded");
    return Deny(action, verdict);
  }
  Verdict queued;
  queued.queued = true;
  const std::string id = action.id.empty() ? FreshName() : action.id;
  state_.queue.push_back({id, action, state_.now_us, state_.next_order++});
  state_.reservations[id] = NewReservation(action);
  state_.reservations[id].quoted = QuoteOf(action);
  state_.reservations[id].state = "QUEUED";
  queued.made = id;
  if (!action.id.empty()) state_.reservation_ids[id] = {ContentOf(action), queued, -1};
  return queued;
}

// Grants what can be granted by now. Room is never made by a grant, so that whoever was passed over
// stays so until the next entry.
void Model::GrantQueued() {
  while (GrantFirstQueued()) {
  }
}

// Grants the first in the order that may be granted, if there is one.
bool Model::GrantFirstQueued() {
  std::set<std::string> claimed;
  Look look;
  for (const Waiting& waiting : QueueInOrder()) {
    if (look.IsOver()) break;
    const Action& request = waiting.request;
    if (look.Passes(IsBarred(waiting))) continue;
    bool behind = false;
    for (const std::string& resource : ClaimedBy(waiting)) {
      behind = behind || claimed.contains(resource);
    }
    if (HasRoomWithoutNotice(waiting) && (!behind || DrawsOnReserve(request.purpose))) {
      LeaveQueue(waiting.id, "GRANTED");
      if (waiting.booked) {
        Begin(waiting);
      } else {
        GrantHold(waiting.id, request);
      }
      return true;
    }
    for (const std::string& resource : ClaimedBy(waiting)) claimed.insert(resource);
  }
  return false;
}

void Model::LeaveQueue(const std::string& id, const std::string& state) {
  Reservation& reservation = state_.reservations.at(id);
  reservation.state = state;
  // Of a booking that never started.
  if (state != "GRANTED") GiveBack(&reservation);
  std::erase_if(state_.queue, [&id](const Waiting& waiting) { return waiting.id == id; });
  Withdraw(id);
}

std::string Model::CheckQueue() const {
  size_t queued = 0;
  for (const auto& [id, reservation] : state_.reservations) {
    if (reservation.state != "QUEUED") continue;
    ++queued;
    for (const auto& [resource, line] : reservation.lines) {
      if (!state_.books.contains(resource)) return id + ": waits for what was deleted";
      if (reservation.booked) continue;
      if (line.granted != 0 || line.held != 0 || line.in_use != 0) return id + ": waits and holds";
    }
  }
  for (const Waiting& waiting : state_.queue) {
    const auto found = state_.reservations.find(waiting.id);
    if (found == state_.reservations.end() || found->second.state != "QUEUED") {
      return waiting.id + ": is in the queue and not QUEUED";
    }
    if (waiting.GivesUpUs() <= state_.now_us) return waiting.id + ": waits for too long";
  }
  return queued == state_.queue.size() ? "" : "a QUEUED reservation is not in the queue";
}

// In an atomic batch what one member makes wait another may make room for: both take effect at
// once.
void Model::ShowGrant(bool atomic, Verdict* result) {
  if (!atomic || !result->queued || result->replayed) return;
  const Reservation& reservation = state_.reservations.at(result->made);
  if (reservation.state != "GRANTED") return;
  result->queued = false;
  for (const auto& [resource, line] : reservation.lines) result->granted[resource] = line.granted;
  const auto remembered = state_.reservation_ids.find(result->made);
  if (remembered != state_.reservation_ids.end()) remembered->second.verdict = *result;
}

}  // namespace purser::model
