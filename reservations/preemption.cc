// Who gives way to whom: notices, and what becomes of them (daemon/decisions/0009).
#include <algorithm>
#include <array>

#include "ledger/check.h"
#include "reservations/reservations_draft.h"

namespace purser {
namespace {

bool Shares(const ReservationPicture& a, const ReservationPicture& b) {
  return std::any_of(a.lines.begin(), a.lines.end(),
                     [&b](const HoldLine& line) { return b.FindLine(line.resource) != nullptr; });
}

bool HasSomeOf(const ReservationPicture& open, const QueueRules::Lacking& resources) {
  return std::any_of(open.lines.begin(), open.lines.end(), [&](const HoldLine& line) {
    return !(line.held + line.in_use).is_zero() &&
           std::find(resources.begin(), resources.end(), line.resource) != resources.end();
  });
}

// The books as they would be.
class WhatIf {
 public:
  WhatIf(const BooksDraft& books, const CalendarDraft& calendar, const ReservationPolicy* policy,
         const UsageDraft* usage)
      : books_(books.Sketch()), calendar_(calendar, &books_), policy_(policy), usage_(usage) {}
  WhatIf(const WhatIf& other)
      : WhatIf(other.books_, other.calendar_, other.policy_, other.usage_) {}
  WhatIf& operator=(const WhatIf&) = delete;

  // It is gone.
  void Take(const ReservationPicture& victim) {
    calendar_.CountLease(victim, books_.books().lease_shift_us(), -1);
    for (const HoldLine& line : victim.lines) {
      books_.GiveBack(line.resource, stored::HELD, line.held, line.period);
      books_.GiveBack(line.resource, stored::IN_USE, line.in_use, line.period);
    }
  }
  // It has the least that it is content with, as far as there is, until its lease would end.
  void Grant(const ReservationPicture& queued, InstantUs at_us) {
    for (const HoldLine& line : queued.lines) {
      if (queued.booked() && line.consumable) continue;
      const Resource& resource = *books_.Find(line.resource);
      const Amount has = policy_->DrawableFrom(resource, queued.purpose);
      const Amount amount = std::min(LeastOfLine(queued, line, resource), has);
      books_.Hold(line.resource, amount, policy_->MayDrawOnReserve(queued.purpose));
      if (!line.consumable) {
        calendar_.CountReturn(line.resource, at_us + queued.lease_us, amount);
      }
    }
  }
  QueueRules::Lacking FindLacking(const ReservationPicture& queued, InstantUs at_us) const {
    return QueueRules(&books_, policy_, usage_, &calendar_)
        .FindLacking(queued, at_us - books_.now_us());
  }
  const BooksDraft& books() const { return books_; }

 private:
  BooksDraft books_;
  CalendarDraft calendar_;
  const ReservationPolicy* policy_;
  const UsageDraft* usage_;
};

}  // namespace

// Those ahead of who is looked at: what they claim, by their tiers, and what will be when the
// notices that they gave are executed.
class ReservationsDraft::Ahead {
 public:
  explicit Ahead(const ReservationsDraft& draft)
      : policy_(draft.context_.policy),
        if_executed_(*draft.books_, draft.calendar_, policy_, &draft.usage_) {}

  void Add(const ReservationPicture& noticed, InstantUs at_us,
           const std::vector<const ReservationPicture*>& victims) {
    for (const ReservationPicture* victim : victims) if_executed_.Take(*victim);
    if_executed_.Grant(noticed, at_us);
    noticed_.emplace_back(&noticed, at_us);
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
  // The last to be executed of those that name one of its resources; nullopt: none does.
  std::optional<InstantUs> LastSharing(const ReservationPicture& queued) const {
    std::optional<InstantUs> last;
    for (const auto& [noticed, at_us] : noticed_) {
      if (Shares(*noticed, queued)) last = std::max(last.value_or(at_us), at_us);
    }
    return last;
  }
  const WhatIf& if_executed() const { return if_executed_; }

 private:
  const ReservationPolicy* const policy_;
  WhatIf if_executed_;
  std::array<QueueClaims, kTierFlex + 1> claims_;
  std::vector<std::pair<const ReservationPicture*, InstantUs>> noticed_;
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

std::vector<const ReservationPicture*> ReservationsDraft::ListVictims(
    const std::string& request) const {
  std::vector<const ReservationPicture*> victims;
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
std::vector<const ReservationPicture*> ReservationsDraft::ListPreemptible(int tier) const {
  std::vector<std::pair<RegretKey, const ReservationPicture*>> touched;
  for (const auto& [id, each] : touched_) {
    const bool may = each->open() && each->notice == nullptr && TierGivesWay(each->tier, tier);
    if (may) touched.emplace_back(RegretKeyOf(*each), each.get());
  }
  std::sort(touched.begin(), touched.end());
  std::vector<const ReservationPicture*> list;
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
  if (ahead.Claimed(queued)) return std::nullopt;
  const InstantUs now_us = books_->now_us();
  const auto sharing_us = ahead.LastSharing(queued);
  const auto when = [&](const std::vector<const ReservationPicture*>& victims) {
    InstantUs at_us = std::max(now_us, sharing_us.value_or(now_us));
    for (const ReservationPicture* victim : victims) {
      const bool has_started = victim->start_time_us != 0;
      const InstantUs since_us = has_started ? victim->start_time_us : victim->grant_time_us;
      at_us = std::max({at_us, now_us + victim->preemption_grace_us,
                        since_us + context_.policy->minimum_run_us});
    }
    return at_us;
  };
  NoticePlan plan;
  WhatIf with(ahead.if_executed());
  QueueRules::Lacking lacking = with.FindLacking(queued, when({}));
  if (lacking.empty() && !sharing_us.has_value()) return std::nullopt;
  if (!lacking.empty()) {
    for (const ReservationPicture* open : ListPreemptible(queued.tier)) {
      const bool is_spent = open->generation >= kEntriesOfReservationMax;
      if (is_spent || !HasSomeOf(*open, lacking)) continue;
      if (plan.victims.size() == kVictimsMax) return std::nullopt;
      with.Take(*open);
      plan.victims.push_back(open);
      lacking = with.FindLacking(queued, when(plan.victims));
      if (lacking.empty()) break;
    }
    if (!lacking.empty()) return std::nullopt;
  }
  for (size_t i = plan.victims.size(); i-- > 0;) {
    std::vector<const ReservationPicture*> fewer = plan.victims;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    WhatIf without(ahead.if_executed());
    for (const ReservationPicture* victim : fewer) without.Take(*victim);
    if (without.FindLacking(queued, when(fewer)).empty()) plan.victims = std::move(fewer);
  }
  plan.preempt_at_us = when(plan.victims);
  if (queued.give_up_us() <= plan.preempt_at_us) return std::nullopt;
  return plan;
}

void ReservationsDraft::GiveNotices() {
  if (!MayPreempt()) return;
  const QueueRules rules(books_, context_.policy, &usage_, &calendar_);
  Ahead ahead(*this);
  const int64_t shift_us = books_->books().lease_shift_us();
  for (const Reservation* queued : ListQueued(kQueuePlanDepth)) {
    if (queued->gave_notice()) {
      ahead.Add(*queued, queued->notice->preempt_end_us + shift_us, ListVictims(queued->id));
      continue;
    }
    if (rules.IsBlocked(*queued)) continue;
    if (const auto plan = FindNotice(*queued, ahead)) {
      ahead.Add(*queued, plan->preempt_at_us, plan->victims);
      GiveNotice(*queued, *plan);
    } else {
      ahead.AddClaims(*queued);
    }
  }
}

std::optional<ReservationsDraft::NoticePlan> ReservationsDraft::FindNotice(
    const ReservationPicture& queued) const {
  if (!MayPreempt()) return std::nullopt;
  const QueueRules rules(books_, context_.policy, &usage_, &calendar_);
  if (rules.IsBlocked(queued)) return std::nullopt;
  Ahead ahead(*this);
  const int64_t shift_us = books_->books().lease_shift_us();
  const QueueKey place = QueueKeyOf(queued);
  size_t position = 0;
  for (const Reservation* other : ListQueued(kQueuePlanDepth)) {
    if (!(QueueKeyOf(*other) < place)) break;
    if (++position == kQueuePlanDepth) return std::nullopt;
    if (other->gave_notice()) {
      ahead.Add(*other, other->notice->preempt_end_us + shift_us, ListVictims(other->id));
    } else if (!rules.IsBlocked(*other)) {
      ahead.AddClaims(*other);
    }
  }
  return FindNotice(queued, ahead);
}

void ReservationsDraft::GiveNotice(const Reservation& queued, const NoticePlan& plan) {
  Reservation* const request = Touch(queued.id);
  stored::Noticed& given = *NewFact().mutable_noticed();
  given.set_id(request->id);
  given.set_preempt_at_us(plan.preempt_at_us);
  given.set_index(notices_++);
  Change(given, MakeContext(), request);
  Move(request);
  for (const ReservationPicture* each : plan.victims) {
    Reservation* const victim = Touch(each->id);
    stored::Noticed& noticed = *NewFact().mutable_noticed();
    noticed.set_id(victim->id);
    noticed.set_preempt_at_us(plan.preempt_at_us);
    noticed.set_preempted_for(request->id);
    Change(noticed, MakeContext(), victim);
  }
}

void ReservationsDraft::Withdraw(const std::string& request) {
  for (const ReservationPicture* each : ListVictims(request)) {
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
  const WhatIf now(*books_, calendar_, context_.policy, &usage_);
  std::vector<const ReservationPicture*> victims = ListVictims(id);
  const auto is_enough = [&](const std::vector<const ReservationPicture*>& gone) {
    WhatIf then(now);
    for (const ReservationPicture* victim : gone) then.Take(*victim);
    return then.FindLacking(*request, books_->now_us()).empty();
  };
  if (rules.IsBlocked(*request) || !is_enough(victims)) {
    stored::NoticeWithdrawn& withdrawn = *NewFact().mutable_notice_withdrawn();
    withdrawn.set_id(id);
    Change(withdrawn, MakeContext(), request);
    Move(request);
    Withdraw(id);
    return;
  }
  for (size_t i = victims.size(); i-- > 0;) {
    std::vector<const ReservationPicture*> fewer = victims;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (is_enough(fewer)) victims = std::move(fewer);
  }
  for (const ReservationPicture* victim : victims) {
    End(Touch(victim->id), stored::STATE_PREEMPTED, "");
  }
  const auto granted = rules.FindGrant(*request, {});
  PURSER_CHECK(granted.has_value(), "there is enough when those who give way are gone");
  GrantOne(*request, *granted);
}

}  // namespace purser
