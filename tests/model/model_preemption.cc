// Preemption: who gives notice to whom, what becomes of it (decisions/0009). What would be is tried
// out on copies of the whole model.
#include <algorithm>

#include "tests/model/decimal.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

constexpr int64_t kMinimumRunUs = 60 * kOne;
constexpr size_t kLookedAtMax = 1'000;
constexpr size_t kVictimsMax = 64;

using Ids = std::vector<std::string>;

// The smaller, the sooner it is taken: FLEX before BATCH, who lost nothing yet, the latest start,
// the latest grant.
std::tuple<int, int, int64_t, int64_t> LossOf(const Reservation& reservation) {
  const bool started = reservation.state == "ACTIVE";
  return {-reservation.tier, started ? 1 : 0, started ? -reservation.since_us : 0,
          -reservation.order};
}

bool HasAnyOf(const Reservation& reservation, const std::set<std::string>& resources) {
  return std::any_of(resources.begin(), resources.end(), [&reservation](const auto& resource) {
    const auto line = reservation.lines.find(resource);
    return line != reservation.lines.end() && line->second.held + line->second.in_use > 0;
  });
}

bool NamesAnyOf(const Amounts& amounts, const Action& request) {
  return std::any_of(amounts.begin(), amounts.end(), [&request](const auto& amount) {
    return request.amounts.contains(amount.first);
  });
}

Ids WithoutOne(Ids ids, const std::string& id) {
  std::erase(ids, id);
  return ids;
}

}  // namespace

bool GivesWay(int tier, int other) {
  return (tier == 4 && other <= 2) || (tier == 3 && other == 1);
}

bool MayGiveWay(int tier) { return tier == 3 || tier == 4; }

const Notice* Model::FindNotice(const std::string& id) const {
  for (const Notice& notice : state_.notices) {
    if (notice.id == id) return &notice;
  }
  return nullptr;
}

std::vector<std::string> Model::VictimsOf(const std::string& id) const {
  Ids victims;
  for (const auto& [victim, reservation] : state_.reservations) {
    if (reservation.HasNotice() && reservation.preempted_for == id) victims.push_back(victim);
  }
  return victims;
}

std::vector<std::string> Model::VictimsFor(int tier) const {
  Ids victims;
  for (const auto& [id, reservation] : state_.reservations) {
    const bool may = reservation.IsOpen() && !reservation.HasNotice();
    if (may && GivesWay(reservation.tier, tier)) victims.push_back(id);
  }
  std::sort(victims.begin(), victims.end(), [this](const auto& a, const auto& b) {
    return LossOf(state_.reservations.at(a)) < LossOf(state_.reservations.at(b));
  });
  if (victims.size() > kLookedAtMax) victims.resize(kLookedAtMax);
  return victims;
}

// A victim that names what is asked for counts as well: the request may live on what is left of it.
std::vector<Notice> Model::RelatedNotices(const Action& request) const {
  std::vector<Notice> related;
  for (const Notice& notice : state_.notices) {
    const Reservation& who = state_.reservations.at(notice.id);
    Amounts names;
    for (const auto& [resource, line] : who.lines) names[resource] = 0;
    for (const std::string& victim : VictimsOf(notice.id)) {
      for (const auto& [resource, line] : state_.reservations.at(victim).lines) names[resource] = 0;
    }
    if (NamesAnyOf(names, request)) related.push_back(notice);
  }
  return related;
}

int64_t Model::PreemptAtUs(const Waiting& waiting, const std::vector<std::string>& victims) const {
  int64_t at_us = state_.now_us;
  for (const std::string& id : victims) {
    const Reservation& victim = state_.reservations.at(id);
    at_us = std::max({at_us, state_.now_us + victim.grace_us, victim.since_us + kMinimumRunUs});
  }
  for (const Notice& notice : RelatedNotices(waiting.request)) {
    at_us = std::max(at_us, notice.preempt_at_us);
  }
  return at_us;
}

void Model::Preempt(const std::vector<std::string>& victims) {
  for (const std::string& id : victims) {
    Reservation& victim = state_.reservations.at(id);
    GiveBack(&victim);
    victim.state = "PREEMPTED";
  }
}

std::set<std::string> Model::LackingWithout(const std::vector<std::string>& victims,
                                            const Waiting& waiting, int64_t preempt_at_us) const {
  Model without = *this;
  without.Preempt(victims);
  Waiting longer = waiting;
  longer.request.lease_us = waiting.request.lease_us.value_or(kDefaultLeaseUs) +
                            std::max<int64_t>(0, preempt_at_us - state_.now_us);
  return without.Lacking(longer);
}

// It has the least that it is content with, until its lease will have ended.
void Model::HoldLeast(const Waiting& waiting, int64_t preempt_at_us) {
  const Action& request = waiting.request;
  Reservation& reservation = state_.reservations.at(waiting.id);
  if (!waiting.booked) {
    reservation.held_us = state_.now_us;
    reservation.held_entry = state_.entry;
  }
  for (auto& [resource, line] : reservation.lines) {
    Book& book = state_.books.at(resource);
    const bool has = waiting.booked && !book.settings.capacity;
    if (has) continue;
    line.held = waiting.booked ? waiting.booked->at(resource) : Need(request, resource, book);
    line.picos = HoldPriceOf(reservation, resource);
    book.Hold(line.held);
    state_.grants.push_back({request.principal, request.labels, resource, book.incarnation,
                             line.held, state_.now_us, state_.next_moment});
  }
  reservation.state = "GRANTED";
  reservation.expires_us = preempt_at_us + request.lease_us.value_or(kDefaultLeaseUs);
}

// The present without what nobody looks at to grant, so that it can be copied often.
Model Model::Lean() const {
  Model lean;
  State& state = lean.state_;
  state.now_us = state_.now_us;
  state.next_order = state_.next_order;
  state.books = state_.books;
  state.queue = state_.queue;
  state.bookings = state_.bookings;
  state.notices = state_.notices;
  state.freezes = state_.freezes;
  state.guardrails = state_.guardrails;
  state.budgets = state_.budgets;
  state.budget_month = state_.budget_month;
  state.cards = state_.cards;
  state.entry = state_.entry;
  for (const auto& [id, reservation] : state_.reservations) {
    const bool ended = !reservation.IsPromised() && reservation.state != "QUEUED";
    if (!ended) state.reservations[id] = reservation;
  }
  if (state_.limits.empty()) return lean;
  state.limits = state_.limits;
  state.charges = state_.charges;
  state.grants = state_.grants;
  state.next_moment = state_.next_moment;
  state.recorded_from = state_.recorded_from;
  return lean;
}

Model Model::AsIfExecuted(Names* failing) const {
  Model after = Lean();
  for (const Notice& notice : state_.notices) {
    const auto waiting = std::find_if(state_.queue.begin(), state_.queue.end(),
                                      [&](const Waiting& each) { return each.id == notice.id; });
    const Ids victims = VictimsOf(notice.id);
    if (after.LackingWithout(victims, *waiting, notice.preempt_at_us).empty()) {
      after.Preempt(victims);
      after.HoldLeast(*waiting, notice.preempt_at_us);
    } else {
      failing->insert(notice.id);
    }
    after.Withdraw(notice.id);
  }
  return after;
}

std::optional<std::vector<std::string>> Model::ChooseVictims(const Waiting& waiting,
                                                             const Model& model) const {
  Ids taken;
  const auto lacking = [&](const Ids& victims) {
    return model.LackingWithout(victims, waiting, PreemptAtUs(waiting, victims));
  };
  Names lacks = lacking(taken);
  for (const std::string& id : VictimsFor(waiting.request.tier)) {
    if (lacks.empty() || taken.size() == kVictimsMax) break;
    if (!HasAnyOf(state_.reservations.at(id), lacks)) continue;
    taken.push_back(id);
    lacks = lacking(taken);
  }
  if (!lacks.empty()) return std::nullopt;
  const Ids all = taken;
  for (auto last = all.rbegin(); last != all.rend(); ++last) {
    if (lacking(WithoutOne(taken, *last)).empty()) taken = WithoutOne(taken, *last);
  }
  return taken;
}

bool Model::GiveNotice(const Waiting& waiting, const Model& model) {
  const auto victims = ChooseVictims(waiting, model);
  if (!victims) return false;
  const bool behind =
      std::any_of(state_.notices.begin(), state_.notices.end(), [&](const Notice& notice) {
        const auto& lines = state_.reservations.at(notice.id).lines;
        return std::any_of(lines.begin(), lines.end(), [&waiting](const auto& line) {
          return waiting.request.amounts.contains(line.first);
        });
      });
  if (victims->empty() && !behind) return false;
  const int64_t at_us = PreemptAtUs(waiting, *victims);
  if (waiting.GivesUpUs() <= at_us) return false;
  for (const std::string& id : *victims) {
    Reservation& victim = state_.reservations.at(id);
    victim.preempt_at_us = at_us;
    victim.preempted_for = waiting.id;
  }
  state_.notices.push_back({waiting.id, at_us});
  return true;
}

// One look at the queue. Who gave notice claims nothing of the others, unless it could not be
// granted by now: it will have to give notice anew, and nobody behind it may come first.
void Model::GiveNotices() {
  std::vector<std::pair<std::string, int>> claims;  // Resource, tier of who claims.
  Names failing;
  // Nobody could be a victim, and nobody stand behind who has some.
  if (state_.notices.empty() && VictimsFor(1).empty()) return;
  AsIfExecuted(&failing);
  Look look;
  for (const Waiting& waiting : QueueInOrder()) {
    if (look.IsOver()) break;
    const Action& request = waiting.request;
    const bool noticed = FindNotice(waiting.id) != nullptr;
    if (look.Passes(IsBarred(waiting)) || (noticed && !failing.contains(waiting.id))) continue;
    const std::vector<std::string> wanted = ClaimedBy(waiting);
    const bool behind = std::any_of(claims.begin(), claims.end(), [&](const auto& claim) {
      const bool shared = std::find(wanted.begin(), wanted.end(), claim.first) != wanted.end();
      return shared && !GivesWay(claim.second, request.tier);
    });
    const bool may = !noticed && !MayGiveWay(request.tier) &&
                     (!behind || DrawsOnReserve(request.purpose)) &&
                     (!state_.notices.empty() || !VictimsFor(request.tier).empty());
    if (may) {
      Names ignored;
      const Model model = AsIfExecuted(&ignored);
      if (model.IsBarred(waiting) || GiveNotice(waiting, model)) continue;
    }
    for (const std::string& resource : wanted) claims.emplace_back(resource, request.tier);
  }
}

bool Model::HasRoomWithoutNotice(const Waiting& waiting) const {
  if (FindNotice(waiting.id) == nullptr) return HasRoom(waiting);
  Model without = Lean();
  without.Withdraw(waiting.id);
  return without.HasRoom(waiting);
}

// The ends of the leases of its victims that are still open are what they were.
void Model::Withdraw(const std::string& id) {
  for (const std::string& open : VictimsOf(id)) {
    Reservation& victim = state_.reservations.at(open);
    victim.preempt_at_us = 0;
    victim.preempted_for.clear();
    for (const auto& [resource, line] : victim.lines) state_.disturbed.insert(resource);
  }
  std::erase_if(state_.notices, [&id](const Notice& notice) { return notice.id == id; });
}

void Model::Execute(const std::string& id) {
  const auto found = std::find_if(state_.queue.begin(), state_.queue.end(),
                                  [&id](const Waiting& waiting) { return waiting.id == id; });
  const Waiting waiting = *found;
  Ids victims = VictimsOf(id);
  std::sort(victims.begin(), victims.end(), [this](const auto& a, const auto& b) {
    return LossOf(state_.reservations.at(a)) < LossOf(state_.reservations.at(b));
  });
  // Those that are spared have the ends of their leases again when it is granted.
  Model spared = Lean();
  spared.Withdraw(id);
  const auto enough = [&](const Ids& gone) {
    return spared.LackingWithout(gone, waiting, state_.now_us).empty();
  };
  if (IsBarred(waiting) || !enough(victims)) {
    Withdraw(id);
    return;
  }
  const Ids all = victims;
  for (auto greatest = all.rbegin(); greatest != all.rend(); ++greatest) {
    if (enough(WithoutOne(victims, *greatest))) victims = WithoutOne(victims, *greatest);
  }
  Preempt(victims);
  LeaveQueue(id, "GRANTED");
  if (waiting.booked) {
    Begin(waiting);
  } else {
    GrantHold(id, waiting.request);
  }
}

std::string Model::CheckNotices() const {
  for (size_t i = 0; i < state_.notices.size(); ++i) {
    const Notice& notice = state_.notices[i];
    const auto who = state_.reservations.find(notice.id);
    if (who == state_.reservations.end() || who->second.state != "QUEUED") {
      return notice.id + ": gave notice and does not wait";
    }
    if (notice.preempt_at_us <= state_.now_us) return notice.id + ": its notice is past";
    if (VictimsOf(notice.id).size() > kVictimsMax) return notice.id + ": has too many victims";
    for (size_t j = 0; j < i; ++j) {
      const Notice& before = state_.notices[j];
      if (before.id == notice.id) return notice.id + ": gave notice twice";
      for (const auto& [resource, line] : state_.reservations.at(before.id).lines) {
        const bool shared = who->second.lines.contains(resource);
        if (shared && before.preempt_at_us > notice.preempt_at_us) {
          return notice.id + ": goes before who gave notice earlier";
        }
      }
    }
  }
  for (const auto& [id, reservation] : state_.reservations) {
    if ((reservation.preempt_at_us == 0) != reservation.preempted_for.empty()) {
      return id + ": gives way at no time, or for nobody";
    }
    if (reservation.state == "PREEMPTED" && reservation.preempted_for.empty()) {
      return id + ": gave way for nobody";
    }
    if (!reservation.HasNotice()) continue;
    const Notice* notice = FindNotice(reservation.preempted_for);
    if (notice == nullptr || notice->preempt_at_us != reservation.preempt_at_us) {
      return id + ": gives way, and no notice says so";
    }
    const int tier = state_.reservations.at(notice->id).tier;
    if (!GivesWay(reservation.tier, tier)) return id + ": gives way to whom it need not";
  }
  return "";
}

}  // namespace purser::model
