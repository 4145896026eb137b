// Who gives way to whom: notices, and what becomes of them (daemon/decisions/0009).
#include <algorithm>
#include <array>
#include <map>

#include "reservations/charge_costs.h"
#include "reservations/queue_walk.h"
#include "reservations/reservations_draft.h"

namespace purser {
namespace {

bool HasSomeOf(const ReservationPicture& open, const QueueRules::Lacking& resources) {
  return std::any_of(open.lines.begin(), open.lines.end(), [&](const HoldLine& line) {
    return !(line.held + line.in_use).is_zero() &&
           std::find(resources.begin(), resources.end(), line.resource) != resources.end();
  });
}

// It has the end of its lease again.
void GoOn(const Reservation& victim, int64_t shift_us, CalendarDraft* calendar) {
  for (const HoldLine& line : victim.lines) {
    if (line.consumable) continue;
    const Amount amount = line.held + line.in_use;
    calendar->CountReturn(line.resource, victim.end_us() + shift_us, -amount);
    calendar->CountReturn(line.resource, victim.lease_end_us + shift_us, amount);
  }
}

// The books as they would be, with what is counted for limits and with what is booked. Each may
// look at as many leases as a command.
class WhatIf {
 public:
  struct Before {
    const BooksDraft& books;
    const CalendarDraft& calendar;
    const UsageDraft& usage;
    const ReservationPolicy* policy;
    const ReservationBook* book;  // nullptr: what follows foresees
    const Foresight* foresight;
    bool is_booked;  // anything is: else the calendar need not be kept
  };
  explicit WhatIf(const Before& before)
      : before_(before),
        books_(before.books.Sketch()),
        foresight_(MakeForesight()),
        calendar_(before.calendar, &books_, foresight()),
        usage_(before.usage) {}
  WhatIf(const WhatIf& other)
      : before_(other.before_),
        books_(other.books_.Sketch()),
        foresight_(MakeForesight()),
        calendar_(other.calendar_, &books_, foresight()),
        usage_(other.usage_) {}
  WhatIf& operator=(const WhatIf&) = delete;

  // It is gone.
  void Take(const Reservation& victim) {
    if (before_.is_booked) calendar_.CountLease(victim, shift_us(), -1);
    for (const HoldLine& line : victim.lines) {
      books_.GiveBack(line.resource, stored::HELD, line.held, line.period);
      books_.GiveBack(line.resource, stored::IN_USE, line.in_use, line.period);
    }
    usage_.CountOpen(victim, -1);
  }
  // It is gone, after its notice was withdrawn.
  void TakeSpared(const Reservation& victim) {
    Reservation spared = victim;
    spared.notice = nullptr;
    Take(spared);
  }
  void Withdraw(const Reservation& victim) {
    if (before_.is_booked) GoOn(victim, shift_us(), &calendar_);
  }
  // It has the least that it is content with, until its lease would end. There is so much.
  void Grant(const Reservation& queued, InstantUs at_us) {
    Reservation granted = queued;
    if (queued.booked()) usage_.CountOpen(granted, -1);
    for (HoldLine& line : granted.lines) {
      if (queued.booked() && line.consumable) continue;
      const Resource& resource = *books_.Find(line.resource);
      line.granted = line.held = LeastOfLine(queued, line, resource);
      line.period = resource.period;
      if (line.consumable && !books_.budgets().empty()) {
        line.rate = RateOfCharge(books_.rates(), resource, &queued, books_.now_us());
      }
      books_.Hold(line.resource, line.held, before_.policy->MayDrawOnReserve(queued.purpose));
    }
    granted.state = stored::STATE_GRANTED;
    granted.notice = nullptr;
    granted.lease_end_us = at_us + queued.lease_us - shift_us();
    granted.grant_time_us = books_.now_us();
    granted.queue_grant = 1;
    granted.grant_sequence = books_.sequence();
    if (before_.is_booked) calendar_.CountLease(granted, shift_us(), 1);
    usage_.CountOpen(granted, 1);
    usage_.NoteGranted(granted, {books_.sequence(), books_.now_us(), shift_us(), 0});
  }
  QueueRules::Lacking FindLacking(const ReservationPicture& queued, InstantUs at_us) const {
    return Rules().FindLacking(queued, at_us - books_.now_us());
  }
  QueueRules Rules() const { return {&books_, before_.policy, &usage_, &calendar_}; }
  const BooksDraft& books() const { return books_; }

 private:
  int64_t shift_us() const { return books_.books().lease_shift_us(); }
  std::optional<BookForesight> MakeForesight() const {
    if (before_.book == nullptr) return std::nullopt;
    return std::optional<BookForesight>(std::in_place, before_.book, shift_us());
  }
  const Foresight* foresight() const {
    return foresight_.has_value() ? &*foresight_ : before_.foresight;
  }

  const Before before_;
  BooksDraft books_;
  std::optional<BookForesight> foresight_;
  CalendarDraft calendar_;
  UsageDraft usage_;
};

// Whether so many of them as may be taken have what is lacking, if all that they give back were the
// request's: cheap to say, and mostly not.
bool MayBeEnough(const std::vector<const Reservation*>& candidates,
                 const ReservationPicture& queued, QueueRules::Lacking lacking,
                 const BooksDraft& books, const ReservationPolicy& policy) {
  std::map<uint32_t, Amount> missing;
  for (const uint32_t number : lacking) {
    const Resource& resource = *books.Find(number);
    missing[number] = LeastOfLine(queued, *queued.FindLine(number), resource) -
                      policy.DrawableFrom(resource, queued.purpose);
  }
  size_t taken = 0;
  for (const Reservation* open : candidates) {
    if (!HasSomeOf(*open, lacking)) continue;
    if (taken++ == kVictimsMax) return false;
    for (const HoldLine& line : open->lines) {
      const auto it = missing.find(line.resource);
      if (it == missing.end()) continue;
      it->second -= line.held + line.in_use;
      if (!it->second.is_positive()) {
        lacking.erase(std::remove(lacking.begin(), lacking.end(), line.resource), lacking.end());
      }
    }
    if (lacking.empty()) return true;
  }
  return false;
}

}  // namespace

// Those ahead of who is looked at: what they claim, by their tiers, and what will be when the
// notices that they gave are executed.
class ReservationsDraft::Ahead {
 public:
  explicit Ahead(const ReservationsDraft& draft)
      : policy_(draft.context_.policy), if_executed_(BeforeOf(draft)) {}
  static WhatIf::Before BeforeOf(const ReservationsDraft& draft) {
    const Context& context = draft.context_;
    const bool is_booked = context.book == nullptr || draft.tracks_;
    return {*draft.books_, draft.calendar_,   draft.usage_, context.policy,
            context.book,  context.foresight, is_booked};
  }

  // One that gave notice. False: as things stand it will not be granted by it; then it takes
  // nobody's room, and nobody gives way to it.
  bool Add(const Reservation& noticed, InstantUs at_us,
           const std::vector<const Reservation*>& victims) {
    taken_.insert(victims.begin(), victims.end());
    Noticed& added = noticed_.emplace_back();
    added.who = &noticed;
    added.at_us = at_us;
    for (const Reservation* victim : victims) {
      for (const HoldLine& line : victim->lines) added.of_victims.push_back(line.resource);
    }
    WhatIf then(if_executed_);
    for (const Reservation* victim : victims) then.Take(*victim);
    const bool succeeds = then.FindLacking(noticed, at_us).empty();
    for (const Reservation* victim : victims) {
      if (succeeds) if_executed_.Take(*victim);
      if (!succeeds) if_executed_.Withdraw(*victim);
    }
    if (succeeds) if_executed_.Grant(noticed, at_us);
    return succeeds;
  }
  void AddClaims(const ReservationPicture& queued) { Claim(queued, &claims_[queued.tier]); }

  bool Claimed(const ReservationPicture& queued) const {
    if (policy_->MayDrawOnReserve(queued.purpose)) return false;
    for (int tier = kTierRealtime; tier <= kTierFlex; ++tier) {
      if (TierGivesWay(tier, queued.tier)) continue;
      for (const HoldLine& line : queued.lines) {
        if (queued.booked() && line.consumable) continue;
        if (claims_[tier].contains(line.resource)) return true;
      }
    }
    return false;
  }
  // Whether one that gave notice names one of its resources.
  bool AnyShares(const ReservationPicture& queued) const {
    return std::any_of(noticed_.begin(), noticed_.end(),
                       [&](const Noticed& each) { return ShareResources(*each.who, queued); });
  }
  // The last to be executed of those that do, or whose victims do: it may live on what these leave.
  // nullopt: there is none.
  std::optional<InstantUs> LastRelated(const ReservationPicture& queued) const {
    std::optional<InstantUs> last_us;
    for (const Noticed& each : noticed_) {
      const auto& of_victims = each.of_victims;
      const bool lives_on_it =
          std::any_of(of_victims.begin(), of_victims.end(),
                      [&](uint32_t resource) { return queued.FindLine(resource) != nullptr; });
      if (!lives_on_it && !ShareResources(*each.who, queued)) continue;
      last_us = std::max(last_us.value_or(each.at_us), each.at_us);
    }
    return last_us;
  }
  // Whether it gives way to one of them.
  bool HasTaken(const Reservation* open) const { return taken_.contains(open); }
  const WhatIf& if_executed() const { return if_executed_; }

 private:
  struct Noticed {
    const Reservation* who = nullptr;
    InstantUs at_us = 0;
    std::vector<uint32_t> of_victims;  // resources
  };

  const ReservationPolicy* const policy_;
  WhatIf if_executed_;
  std::array<QueueClaims, kTierFlex + 1> claims_;
  std::vector<Noticed> noticed_;
  absl::flat_hash_set<const Reservation*> taken_;
};

const Preemptibles* ReservationsDraft::FindPreemptibles() const {
  return context_.book == nullptr ? context_.preemptibles : &context_.book->preemptibles();
}

bool ReservationsDraft::MayPreempt() const {
  const Preemptibles* const open = FindPreemptibles();
  const Queue* const queue = FindQueue();
  if (open == nullptr || queue == nullptr) return false;
  if (!open->empty() || queue->NextNotice() != nullptr || notices_ != 0) return true;
  return std::any_of(touched_.begin(), touched_.end(), [](const auto& each) {
    return each.second->open() && TierGivesWay(each.second->tier);
  });
}

std::vector<const Reservation*> ReservationsDraft::ListVictims(const std::string& request) const {
  std::vector<const Reservation*> victims;
  if (const Preemptibles::ByKey* before = FindPreemptibles()->FindVictims(request)) {
    for (const auto& [key, victim] : *before) {
      if (!touched_.contains(victim->id)) victims.push_back(victim);
    }
  }
  for (const auto& [id, touched] : touched_) {
    const bool is_its = touched->gives_way() && touched->notice->preempted_for == request;
    if (is_its) victims.push_back(touched.get());
  }
  std::sort(victims.begin(), victims.end(),
            [](const auto* a, const auto* b) { return RegretKeyOf(*a) < RegretKeyOf(*b); });
  return victims;
}

// Those that had no notice and would give way to the tier, the smallest regret first.
std::vector<const Reservation*> ReservationsDraft::ListPreemptible(int tier) const {
  std::vector<std::pair<RegretKey, const Reservation*>> touched;
  for (const auto& [id, each] : touched_) {
    const bool may = each->open() && each->notice == nullptr && TierGivesWay(each->tier, tier);
    if (may) touched.emplace_back(RegretKeyOf(*each), each.get());
  }
  std::sort(touched.begin(), touched.end());
  std::vector<const Reservation*> list;
  auto next = touched.begin();
  const auto full = [&list] { return list.size() == kPreemptiblesLookedAtMax; };
  for (const auto& [key, open] : FindPreemptibles()->without_notice()) {
    if (full() || !TierGivesWay(open->tier, tier)) break;
    while (next != touched.end() && next->first < key && !full()) list.push_back((next++)->second);
    if (!full() && !touched_.contains(open->id)) list.push_back(open);
  }
  while (next != touched.end() && !full()) list.push_back((next++)->second);
  return list;
}

std::optional<ReservationsDraft::NoticePlan> ReservationsDraft::FindNotice(
    const ReservationPicture& queued, const Ahead& ahead) const {
  const InstantUs now_us = books_->now_us();
  const auto related_us = ahead.LastRelated(queued);
  const auto when = [&](const std::vector<const Reservation*>& victims) {
    InstantUs at_us = std::max(now_us, related_us.value_or(now_us));
    for (const Reservation* victim : victims) {
      const bool has_started = victim->start_time_us != 0;
      const InstantUs since_us = has_started ? victim->start_time_us : victim->grant_time_us;
      at_us = std::max({at_us, now_us + victim->preemption_grace_us,
                        since_us + context_.policy->minimum_run_us});
    }
    return at_us;
  };
  NoticePlan plan;
  QueueRules::Lacking lacking = ahead.if_executed().FindLacking(queued, when({}));
  if (lacking.empty() && !ahead.AnyShares(queued)) return std::nullopt;
  if (!lacking.empty()) {
    std::vector<const Reservation*> candidates = ListPreemptible(queued.tier);
    std::erase_if(candidates, [&](const Reservation* open) {
      return open->generation >= kEntriesBesideNoticesMax || ahead.HasTaken(open);
    });
    if (!MayBeEnough(candidates, queued, lacking, ahead.if_executed().books(), *context_.policy)) {
      return std::nullopt;
    }
    WhatIf with(ahead.if_executed());
    for (const Reservation* open : candidates) {
      if (!HasSomeOf(*open, lacking)) continue;
      if (plan.victims.size() == kVictimsMax) return std::nullopt;
      with.Take(*open);
      plan.victims.push_back(open);
      lacking = with.FindLacking(queued, when(plan.victims));
      if (lacking.empty()) break;
    }
    if (!lacking.empty()) return std::nullopt;
  }
  for (size_t i = plan.victims.size(); i-- > 0;) {
    std::vector<const Reservation*> fewer = plan.victims;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    WhatIf without(ahead.if_executed());
    for (const Reservation* victim : fewer) without.Take(*victim);
    if (without.FindLacking(queued, when(fewer)).empty()) plan.victims = std::move(fewer);
  }
  plan.preempt_at_us = when(plan.victims);
  plan.is_alone = !related_us.has_value();
  if (queued.give_up_us() <= plan.preempt_at_us) return std::nullopt;
  return plan;
}

CalendarDraft ReservationsDraft::WithoutNotice(const ReservationPicture& noticed) const {
  CalendarDraft calendar = calendar_;
  if (FindPreemptibles() == nullptr) return calendar;
  for (const Reservation* victim : ListVictims(noticed.id)) {
    GoOn(*victim, books_->books().lease_shift_us(), &calendar);
  }
  return calendar;
}

std::optional<QueueRules::Grant> ReservationsDraft::FindEarlyGrant(
    const Reservation& noticed) const {
  const CalendarDraft calendar = WithoutNotice(noticed);
  return QueueRules(books_, context_.policy, &usage_, &calendar).FindGrant(noticed, {});
}

std::optional<ReservationsDraft::NoticePlan> ReservationsDraft::LookAt(const Reservation& queued,
                                                                       bool is_blocked,
                                                                       Ahead* ahead) const {
  if (queued.gave_notice()) {
    const bool succeeds = ahead->Add(queued, PreemptAt(queued), ListVictims(queued.id));
    if (!succeeds && !is_blocked) ahead->AddClaims(queued);
    return std::nullopt;
  }
  if (is_blocked) return std::nullopt;
  // Whom nobody gives way to claims, like who finds nobody.
  const bool may = !TierGivesWay(queued.tier) && !ahead->Claimed(queued);
  if (may && ahead->if_executed().Rules().IsBlocked(queued)) return std::nullopt;
  auto plan = may ? FindNotice(queued, *ahead) : std::nullopt;
  if (plan.has_value()) {
    ahead->Add(queued, plan->preempt_at_us, plan->victims);
  } else {
    ahead->AddClaims(queued);
  }
  return plan;
}

void ReservationsDraft::GiveNotices() {
  if (!MayPreempt()) return;
  const QueueRules rules(books_, context_.policy, &usage_, &calendar_);
  Ahead ahead(*this);
  QueueWalk first(*this, rules);
  while (const Reservation* queued = first.Next()) {
    const auto plan = LookAt(*queued, first.is_blocked(), &ahead);
    if (plan.has_value()) GiveNotice(*queued, *plan);
  }
}

InstantUs ReservationsDraft::PreemptAt(const Reservation& noticed) const {
  return noticed.notice->preempt_end_us + books_->books().lease_shift_us();
}

std::optional<ReservationsDraft::NoticePlan> ReservationsDraft::FindNotice(
    const ReservationPicture& joining) const {
  if (TierGivesWay(joining.tier) || !MayPreempt()) return std::nullopt;
  const QueueRules rules(books_, context_.policy, &usage_, &calendar_);
  Ahead ahead(*this);
  const QueueKey place = QueueKeyOf(joining);
  QueueWalk first(*this, rules);
  while (const Reservation* other = first.Next()) {
    if (!(QueueKeyOf(*other) < place)) break;
    if (first.is_over()) return std::nullopt;
    LookAt(*other, first.is_blocked(), &ahead);
  }
  Reservation joined;
  static_cast<ReservationPicture&>(joined) = joining;
  return LookAt(joined, rules.IsBlocked(joined), &ahead);
}

void ReservationsDraft::GiveNotice(const Reservation& queued, const NoticePlan& plan) {
  Reservation* const request = Touch(queued.id);
  stored::Noticed& given = *NewFact().mutable_noticed();
  given.set_id(request->id);
  given.set_preempt_at_us(plan.preempt_at_us);
  given.set_index(notices_++);
  Change(given, MakeContext(), request);
  Move(request);
  for (const Reservation* each : plan.victims) {
    Reservation* const victim = Touch(each->id);
    stored::Noticed& noticed = *NewFact().mutable_noticed();
    noticed.set_id(victim->id);
    noticed.set_preempt_at_us(plan.preempt_at_us);
    noticed.set_preempted_for(request->id);
    Change(noticed, MakeContext(), victim);
  }
}

void ReservationsDraft::Withdraw(const std::string& request) {
  for (const Reservation* each : ListVictims(request)) {
    Reservation* const victim = Touch(each->id);
    stored::NoticeWithdrawn& withdrawn = *NewFact().mutable_notice_withdrawn();
    withdrawn.set_id(victim->id);
    Change(withdrawn, MakeContext(), victim);
    is_unbound_ = true;
  }
}

void ReservationsDraft::Preempt(const std::string& id) {
  subject_ = id;
  Reservation* const request = Touch(id);
  const QueueRules rules(books_, context_.policy, &usage_, &calendar_);
  const std::vector<const Reservation*> all = ListVictims(id);
  // Those that are spared have the ends of their leases again.
  WhatIf spared(Ahead::BeforeOf(*this));
  for (const Reservation* victim : all) spared.Withdraw(*victim);
  const auto find_grant = [&](const std::vector<const Reservation*>& gone) {
    WhatIf then(spared);
    for (const Reservation* victim : gone) then.TakeSpared(*victim);
    return then.Rules().FindGrant(*request, {});
  };
  auto granted = rules.IsBlocked(*request) ? std::nullopt : find_grant(all);
  if (!granted.has_value()) {
    stored::NoticeWithdrawn& withdrawn = *NewFact().mutable_notice_withdrawn();
    withdrawn.set_id(id);
    Change(withdrawn, MakeContext(), request);
    Move(request);
    Withdraw(id);
    return;
  }
  std::vector<const Reservation*> victims = all;
  for (size_t i = victims.size(); i-- > 0;) {
    std::vector<const Reservation*> fewer = victims;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (auto still = find_grant(fewer)) {
      granted = std::move(still);
      victims = std::move(fewer);
    }
  }
  for (const Reservation* victim : victims) {
    End(Touch(victim->id), stored::STATE_PREEMPTED, "");
  }
  Withdraw(id);
  GrantOne(*request, *granted);
}

}  // namespace purser
