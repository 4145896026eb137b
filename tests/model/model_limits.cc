// Limits: what each counts is added up anew from the lists of what happened (decisions/0007).
#include <algorithm>

#include "tests/model/calendar.h"
#include "tests/model/decimal.h"
#include "tests/model/label_parts.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

// "Each principal" is each with a token.
constexpr char kWithoutToken[] = "local";

int64_t StartOfDay(int64_t now_us) { return now_us / kDayUs * kDayUs; }

// The last beginning of a month that was not after the instant.
int64_t StartOfMonth(int64_t now_us) {
  int64_t start = StartOfDay(now_us) - 32 * kDayUs;
  while (NextMonth(start) <= now_us) start = NextMonth(start);
  return start;
}

std::optional<int64_t> PartOf(const std::optional<Amounts>& amounts, const std::string& resource) {
  if (!amounts || !amounts->contains(resource)) return std::nullopt;
  return amounts->at(resource);
}

// Of `other` what `own` does not say.
void TakeOver(const std::optional<Amounts>& other, std::optional<Amounts>* own) {
  if (!other) return;
  if (!*own) *own = Amounts();
  for (const auto& [resource, amount] : *other) (*own)->insert({resource, amount});
}

bool HasLabel(const std::map<std::string, std::string>& labels, const std::string& label) {
  return std::any_of(labels.begin(), labels.end(), [&label](const auto& each) {
    const auto values = ValuesOf(each.second);
    return std::any_of(values.begin(), values.end(),
                       [&](const std::string& value) { return each.first + "=" + value == label; });
  });
}

// Whether both say the same.
bool Says(const LimitParts& a, const LimitParts& b) {
  const auto same = [](const std::optional<Amounts>& one, const std::optional<Amounts>& other) {
    return one.value_or(Amounts()) == other.value_or(Amounts());
  };
  return a.open_reservations == b.open_reservations && a.highest_tier == b.highest_tier &&
         a.highest_priority == b.highest_priority && same(a.share_percent, b.share_percent) &&
         same(a.request, b.request) && same(a.day, b.day) && same(a.month, b.month);
}

int64_t ShareOf(const Book& book, int64_t percent) {
  const int64_t whole = std::max<int64_t>(0, book.granted - book.shortfall);
  // In two parts, so that it fits.
  constexpr int64_t kWhole = 100 * kOne;
  return whole / kWhole * percent + whole % kWhole * percent / kWhole;
}

bool IsEmpty(const LimitParts& parts) {
  for (const auto* amounts : {&parts.share_percent, &parts.request, &parts.day, &parts.month}) {
    if (*amounts && !(*amounts)->empty()) return false;
  }
  return !parts.open_reservations && !parts.highest_tier && !parts.highest_priority;
}

}  // namespace

Verdict Model::SetLimit(const Action& action) {
  if (const auto known = state_.limits.find(action.limit_id); known != state_.limits.end()) {
    const Limit& limit = known->second;
    const bool same = limit.kind == action.limit_kind && limit.name == action.limit_name &&
                      Says(limit.parts, action.limit);
    return same ? Verdict() : Refused("id_conflict");
  }
  for (const auto* amounts : {&action.limit.share_percent, &action.limit.request, &action.limit.day,
                              &action.limit.month}) {
    if (*amounts && !UnknownResource(**amounts).empty()) return Refused("unknown_resource");
  }
  const std::string id = action.limit_id.empty() ? FreshName() : action.limit_id;
  for (const auto& [other, limit] : state_.limits) {
    if (limit.kind == action.limit_kind && limit.name == action.limit_name) {
      return Refused("id_conflict");
    }
  }
  const int64_t moment = state_.next_moment++;
  if (state_.limits.empty()) state_.recorded_from = moment;
  state_.limits[id] = {id, action.limit_kind, action.limit_name, action.limit, moment};
  return Verdict();
}

Verdict Model::Relimit(const Action& action) {
  const auto found = state_.limits.find(action.limit_id);
  if (found == state_.limits.end()) return Refused("not_found");
  LimitParts parts = found->second.parts;
  const LimitParts& changes = action.limit;
  if (changes.open_reservations) parts.open_reservations = changes.open_reservations;
  if (changes.open_reservations == 0) parts.open_reservations.reset();
  if (changes.highest_tier) parts.highest_tier = changes.highest_tier;
  if (changes.highest_priority) parts.highest_priority = changes.highest_priority;
  bool unknown = false;
  // What is 0 is taken away.
  const auto change = [&](const std::optional<Amounts>& from, std::optional<Amounts>* to) {
    for (const auto& [resource, amount] : from.value_or(Amounts())) {
      unknown = unknown || (amount != 0 && !state_.books.contains(resource));
      if (!*to) *to = Amounts();
      (**to)[resource] = amount;
      if (amount == 0) (*to)->erase(resource);
    }
  };
  change(changes.share_percent, &parts.share_percent);
  change(changes.request, &parts.request);
  change(changes.day, &parts.day);
  change(changes.month, &parts.month);
  if (unknown) return Refused("unknown_resource");
  if (IsEmpty(parts)) return Refused("invalid_argument");
  found->second.parts = parts;
  return Verdict();
}

Verdict Model::Unlimit(const Action& action) {
  return state_.limits.erase(action.limit_id) == 0 ? Refused("not_found") : Verdict();
}

bool Model::CountsDays() const {
  return std::any_of(state_.limits.begin(), state_.limits.end(), [](const auto& each) {
    const LimitParts& parts = each.second.parts;
    return !parts.day.value_or(Amounts()).empty() || !parts.month.value_or(Amounts()).empty();
  });
}

int64_t Model::NextDay(int64_t now_us) { return StartOfDay(now_us) + kDayUs; }

std::vector<Limit> Model::LimitsOf(const Action& action) const {
  std::vector<Limit> limits;
  Limit own;
  bool bound = false;
  for (const auto& [id, limit] : state_.limits) {
    if (limit.kind == "label" && HasLabel(action.labels, limit.name)) limits.push_back(limit);
    if (limit.kind != "principal" || limit.name != action.principal) continue;
    own = limit;
    bound = true;
  }
  for (const auto& [id, limit] : state_.limits) {
    if (limit.kind != "each" || action.principal == kWithoutToken) continue;
    bound = true;
    LimitParts& parts = own.parts;
    if (!parts.open_reservations) parts.open_reservations = limit.parts.open_reservations;
    if (!parts.highest_tier) parts.highest_tier = limit.parts.highest_tier;
    if (!parts.highest_priority) parts.highest_priority = limit.parts.highest_priority;
    TakeOver(limit.parts.share_percent, &parts.share_percent);
    TakeOver(limit.parts.request, &parts.request);
    TakeOver(limit.parts.day, &parts.day);
    TakeOver(limit.parts.month, &parts.month);
  }
  own.kind = "principal";
  own.moment = state_.recorded_from;
  if (bound) limits.push_back(own);
  return limits;
}

bool Model::Counts(const Limit& limit, const std::string& principal,
                   const std::map<std::string, std::string>& labels,
                   const std::string& holder) const {
  return limit.kind == "label" ? HasLabel(labels, limit.name) : holder == principal;
}

int64_t Model::CountOpen(const Limit& limit, const std::string& principal) const {
  return std::count_if(
      state_.reservations.begin(), state_.reservations.end(), [&](const auto& entry) {
        const Reservation& each = entry.second;
        return each.IsPromised() && Counts(limit, principal, each.labels, each.principal);
      });
}

int64_t Model::UsedShare(const Limit& limit, const std::string& principal,
                         const std::string& resource) const {
  const Book& book = state_.books.at(resource);
  int64_t used = 0;
  for (const auto& [id, each] : state_.reservations) {
    const auto line = each.lines.find(resource);
    if (line == each.lines.end() || !each.IsPromised()) continue;
    if (!Counts(limit, principal, each.labels, each.principal)) continue;
    used += line->second.held + line->second.in_use;
  }
  for (const auto& [id, charge] : state_.charges) {
    const auto found = charge.lines.find(resource);
    if (found == charge.lines.end() || charge.moment < limit.moment) continue;
    if (!Counts(limit, principal, charge.labels, charge.principal)) continue;
    const ChargeLine& line = found->second;
    if (line.incarnation != book.incarnation || line.period != book.period) continue;
    used += line.within + line.overrun - line.within_refunded - line.overrun_refunded;
  }
  return used;
}

int64_t Model::GrantedSince(const Limit& limit, const std::string& principal,
                            const std::string& resource, int64_t since_us) const {
  int64_t sum = 0;
  for (const GrantedOnce& grant : state_.grants) {
    if (grant.resource != resource || grant.at_us < since_us || grant.moment < limit.moment) {
      continue;
    }
    if (grant.incarnation != state_.books.at(resource).incarnation) continue;
    if (Counts(limit, principal, grant.labels, grant.principal)) sum += grant.amount;
  }
  return sum;
}

int64_t Model::RoomUnder(const Limit& limit, const Action& action,
                         const std::string& resource) const {
  int64_t room = INT64_MAX;
  if (const auto most = PartOf(limit.parts.request, resource)) room = std::min(room, *most);
  if (const auto percent = PartOf(limit.parts.share_percent, resource)) {
    const Book& book = state_.books.at(resource);
    // At booking the capacity is compared alone: nobody knows what is used by then.
    const bool alone = action.start_at_us && book.settings.capacity;
    const int64_t used = alone ? 0 : UsedShare(limit, action.principal, resource);
    room = std::min(room, ShareOf(book, *percent) - used);
  }
  const std::pair<const std::optional<Amounts>*, int64_t> rates[] = {
      {&limit.parts.day, StartOfDay(state_.now_us)},
      {&limit.parts.month, StartOfMonth(state_.now_us)}};
  for (const auto& [amounts, since_us] : rates) {
    if (const auto most = PartOf(*amounts, resource)) {
      room = std::min(room, *most - GrantedSince(limit, action.principal, resource, since_us));
    }
  }
  return std::max<int64_t>(0, room);
}

int64_t Model::Room(const Action& action, const std::string& resource) const {
  int64_t room = INT64_MAX;
  if (DrawsOnReserve(action.purpose)) return room;
  for (const Limit& limit : LimitsOf(action)) {
    room = std::min(room, RoomUnder(limit, action, resource));
  }
  return room;
}

bool Model::IsLimited(const Action& action) const {
  if (DrawsOnReserve(action.purpose)) return false;
  if (IsLimitedForGood(action)) return true;
  for (const Limit& limit : LimitsOf(action)) {
    const auto& most = limit.parts.open_reservations;
    if (most && CountOpen(limit, action.principal) >= *most) return true;
  }
  return std::any_of(action.amounts.begin(), action.amounts.end(), [&](const auto& amount) {
    const Book& book = state_.books.at(amount.first);
    return Need(action, amount.first, book) > Room(action, amount.first);
  });
}

bool Model::IsLimitedForGood(const Action& action) const {
  if (DrawsOnReserve(action.purpose)) return false;
  for (const Limit& limit : LimitsOf(action)) {
    const LimitParts& parts = limit.parts;
    if (parts.highest_tier && action.tier < *parts.highest_tier) return true;
    if (parts.highest_priority && action.priority > *parts.highest_priority) return true;
    for (const auto& [resource, amount] : action.amounts) {
      const int64_t need = Need(action, resource, state_.books.at(resource));
      for (const auto* amounts : {&parts.request, &parts.day, &parts.month}) {
        const auto most = PartOf(*amounts, resource);
        if (most && need > *most) return true;
      }
    }
  }
  return false;
}

// Of a booking that is to start all but the shares of its capacity was judged, and counts, since it
// was made.
bool Model::IsLimitedAtStart(const Waiting& booking) const {
  if (DrawsOnReserve(booking.request.purpose)) return false;
  for (const Limit& limit : LimitsOf(booking.request)) {
    for (const auto& [resource, amount] : *booking.booked) {
      const Book& book = state_.books.at(resource);
      const auto percent = PartOf(limit.parts.share_percent, resource);
      if (!percent || !book.settings.capacity) continue;
      const int64_t used = UsedShare(limit, booking.request.principal, resource);
      if (amount > std::max<int64_t>(0, ShareOf(book, *percent) - used)) return true;
    }
  }
  return false;
}

}  // namespace purser::model
