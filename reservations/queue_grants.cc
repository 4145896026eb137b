// The queue: who waits, who is held up, who is granted (daemon/decisions/0006).
#include <algorithm>

#include "ledger/text.h"
#include "reservations/charge_costs.h"
#include "reservations/queue_walk.h"
#include "reservations/reservations_draft.h"

namespace purser {

const Queue* ReservationsDraft::FindQueue() const {
  if (context_.queue != nullptr) return context_.queue;
  return context_.book == nullptr ? nullptr : &context_.book->queue();
}

void ReservationsDraft::Move(const Reservation* queued) {
  const QueueKey key = QueueKeyOf(*queued);
  if (!FindQueue()->by_key().contains(key)) queued_[key] = queued;
}

QueueClaims ReservationsDraft::ClaimsAhead(const QueueKey& place) const {
  QueueClaims claims;
  const QueueRules rules(books_, context_.policy, &usage_, &calendar_);
  QueueWalk ahead(*this, rules);
  while (const Reservation* queued = ahead.Next()) {
    if (!(QueueKeyOf(*queued) < place)) break;
    if (!ahead.is_blocked()) Claim(*queued, &claims);
  }
  return claims;
}

// Whether there is enough of it with everything free, now or in its next period.
bool ReservationsDraft::MayFit(const RequestReservation& command, const Wanted& line) const {
  const Resource& resource = *line.resource;
  const bool may_draw = context_.policy->MayDrawOnReserve(command.purpose);
  const bool has_periods = resource.consumable() && resource.has_periods();
  Amount free = resource.granted();
  if (!may_draw) free -= resource.target();
  if (resource.consumable()) free -= resource[stored::SPENT];
  if (line.least <= std::max(free, Amount())) return true;
  if (!has_periods) return false;
  const Amount amount = Amount::FromMicros(resource.settings->amount());
  return line.least <= (may_draw ? amount : amount - ReserveTarget(*resource.settings, amount));
}

void NoteNeverFits(Refusal* refusal) {
  refusal->set_reason(stored::NEVER_FITS);
  refusal->set_detail(Concat("not even with everything free: ", DescribeDenial(*refusal)));
}

bool ReservationsDraft::MayEverFit(const RequestReservation& command) const {
  std::vector<Wanted> wanted;
  return CheckRequest(command, &wanted).ok() &&
         std::all_of(wanted.begin(), wanted.end(),
                     [&](const Wanted& line) { return MayFit(command, line); });
}

absl::Status ReservationsDraft::Enqueue(const RequestReservation& command, const Caller& caller,
                                        int index, const std::vector<Wanted>& wanted,
                                        Judged judged) {
  Refusal& refusal = judged.refusal;
  const bool fits = std::all_of(wanted.begin(), wanted.end(),
                                [&](const Wanted& line) { return MayFit(command, line); });
  if (!fits) {
    NoteNeverFits(&refusal);
    return Refuse(refusal);
  }
  if (judged.is_hopeless) return Refuse(refusal);
  const Queue& queue = context_.book->queue();
  const bool is_full = queue.size() + made_to_wait_ >= kQueueLengthMax;
  if (is_full || queue.CountOf(caller.principal) + made_to_wait_ >= kQueueLengthOfPrincipalMax) {
    if (refusal.reason() != stored::FROZEN && refusal.reason() != stored::OVERDRAWN) {
      refusal.set_reason(stored::LIMIT_EXCEEDED);
    }
    Refusal::Blocking& blocking = *refusal.add_blocking();
    blocking.set_kind("QUEUE_LENGTH");
    blocking.set_name(is_full ? "population" : caller.principal);
    blocking.set_detail("no more requests may wait");
    // In the order of judgement.
    for (int i = refusal.blocking_size() - 1; i > 0 && refusal.blocking(i - 1).kind() == "QUEUE";
         --i) {
      refusal.mutable_blocking()->SwapElements(i - 1, i);
    }
    refusal.set_detail(DescribeDenial(refusal));
    return Refuse(refusal);
  }
  stored::Queued& queued = *NewFact().mutable_queued();
  Store(command, wanted, queued.mutable_request());
  queued.mutable_request()->set_id(ChooseId(command.id, index));
  queued.set_principal(caller.principal);
  *queued.mutable_refusal() = std::move(refusal);
  EntryContext context = MakeContext();
  context.index = made_++;
  subject_ = queued.request().id();
  auto made = std::make_shared<Reservation>(
      MakeReservation(queued, context, context_.identify, context_.book->interned()));
  Move(made.get());
  ++made_to_wait_;
  touched_[subject_] = std::move(made);
  return absl::OkStatus();
}

void ReservationsDraft::GrantOne(const Reservation& queued, const QueueRules::Grant& granted) {
  Reservation* const reservation = Touch(queued.id);
  const bool gave_notice = reservation->gave_notice();
  stored::Granted& fact = *NewFact().mutable_granted();
  fact.set_id(reservation->id);
  const bool may_draw = context_.policy->MayDrawOnReserve(queued.purpose);
  is_unbound_ = is_unbound_ || may_draw;
  for (size_t i = 0; i < granted.size(); ++i) {
    const HoldLine& line = reservation->lines[i];
    stored::Held::Line& out = *fact.add_lines();
    out.set_granted(granted[i].micros());
    out.set_period(books_->Find(line.resource)->period);
    if (reservation->booked() && line.consumable) {
      out.set_period(line.period);
      if (line.rate.has_value()) out.set_rate_picos(line.rate->picos());
      continue;
    }
    const Resource& resource = *books_->Find(line.resource);
    SetHeldRate(resource, RateOfCharge(books_->rates(), resource, reservation, books_->now_us()),
                &out);
    books_->Hold(line.resource, granted[i], may_draw);
  }
  EntryContext context = MakeContext();
  context.index = grants_++;
  Change(fact, context, reservation);
  usage_.NoteGranted(*reservation, context);
  if (gave_notice) Withdraw(reservation->id);
}

bool ReservationsDraft::GrantQueued() {
  if (context_.book->queue().size() == 0 && queued_.empty()) return true;
  const QueueRules rules(books_, context_.policy, &usage_, &calendar_);
  // What was granted makes place among the first for others: again, until nobody is.
  for (bool granted_some = true; granted_some;) {
    granted_some = false;
    QueueClaims claims;
    QueueWalk first(*this, rules);
    while (const Reservation* queued = first.Next()) {
      if (first.is_blocked()) continue;
      if (grants_ == kQueueGrantsAnEntryMax) return false;
      auto granted = rules.FindGrant(*queued, claims);
      // Its victims will go on, where others have booked.
      if (granted.has_value() && tracks_ && queued->gave_notice()) {
        granted = FindEarlyGrant(*queued);
      }
      if (granted.has_value()) {
        GrantOne(*queued, *granted);
        granted_some = true;
        // It may have taken from others of its limits what they claimed for.
        if (rules.IsLimited(*queued)) break;
      } else {
        Claim(*queued, &claims);
      }
    }
  }
  GiveNotices();
  return true;
}

bool ReservationsDraft::LetPass(const std::string& id) {
  const Reservation* const queued = Find(id);
  if (queued == nullptr || !queued->queued() || queued->gave_notice()) return false;
  const QueueRules rules(books_, context_.policy, &usage_, &calendar_);
  if (rules.IsBlocked(*queued)) return false;
  const auto granted = rules.FindGrant(*queued, {});
  if (granted.has_value()) GrantOne(*queued, *granted);
  return granted.has_value();
}

void ReservationsDraft::TimeOut(const std::string& id) {
  subject_ = id;
  End(Touch(id), stored::STATE_DENIED, "");
}

}  // namespace purser
