// The queue: who waits, who is held up, who is granted (daemon/decisions/0006).
#include <algorithm>

#include "ledger/text.h"
#include "reservations/reservations_draft.h"

namespace purser {

const Queue* ReservationsDraft::FindQueue() const {
  if (context_.queue != nullptr) return context_.queue;
  return context_.book == nullptr ? nullptr : &context_.book->queue();
}

ReservationsDraft::Blockade ReservationsDraft::FindBlockade() const {
  Blockade blockade;
  for (const auto& [name, number] : books_->books().numbers_by_name()) {
    const Resource* resource = books_->Find(number);
    if (resource == nullptr || !resource->is_past_debt_limit()) continue;
    blockade.of_experiments = true;
  }
  const FreezeBook& freezes = books_->freezes();
  if (freezes.size() == 0) return blockade;
  blockade.freezes = &freezes;
  blockade.of_population = freezes.FindOfPopulation() != nullptr;
  return blockade;
}

bool ReservationsDraft::IsBlocked(const Blockade& blockade, const Reservation& queued) const {
  const std::string_view family = queued.family();
  if (!PassesDebts(queued.purpose) && (blockade.of_experiments || books_->Owes(family))) {
    return true;
  }
  if (blockade.freezes == nullptr || PassesFreezes(queued.purpose)) return false;
  if (blockade.of_population || blockade.freezes->FindOfFamily(family) != nullptr) return true;
  return std::any_of(queued.lines.begin(), queued.lines.end(), [&](const HoldLine& line) {
    return blockade.freezes->FindOfResource(line.resource) != nullptr;
  });
}

std::vector<const Reservation*> ReservationsDraft::ListQueued(size_t count) const {
  std::vector<const Reservation*> list;
  const Queue::ByKey& before = FindQueue()->by_key();
  auto made = queued_.begin();
  auto waits = before.begin();
  while (list.size() < count && (made != queued_.end() || waits != before.end())) {
    const bool is_made =
        waits == before.end() || (made != queued_.end() && made->first < waits->first);
    const Reservation* next = is_made ? (made++)->second : (waits++)->second;
    // The command may have granted or cancelled it.
    if (const auto touched = touched_.find(next->id); touched != touched_.end()) {
      next = touched->second.get();
    }
    if (next->queued()) list.push_back(next);
  }
  return list;
}

ReservationsDraft::Claims ReservationsDraft::ClaimsAhead(int64_t order_us) const {
  Claims claims;
  const Blockade blockade = FindBlockade();
  for (const Reservation* queued : ListQueued(kQueuePlanDepth)) {
    // It would come later than all that came until now.
    if (QueueKeyOf(*queued).order_us > order_us) break;
    if (IsBlocked(blockade, *queued)) continue;
    for (const HoldLine& line : queued->lines) claims.insert(line.resource);
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

absl::Status ReservationsDraft::Enqueue(const RequestReservation& command, const Caller& caller,
                                        int index, const std::vector<Wanted>& wanted,
                                        Refusal refusal) {
  const bool fits = std::all_of(wanted.begin(), wanted.end(),
                                [&](const Wanted& line) { return MayFit(command, line); });
  if (!fits) {
    refusal.set_reason(stored::NEVER_FITS);
    refusal.set_detail(Concat("not even with everything free: ", DescribeDenial(refusal)));
    return Refuse(refusal);
  }
  const Queue& queue = context_.book->queue();
  const bool is_full = queue.size() + queued_.size() >= kQueueLengthMax;
  if (is_full || queue.CountOf(caller.principal) + queued_.size() >= kQueueLengthOfPrincipalMax) {
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
  queued_.emplace(QueueKeyOf(*made), made.get());
  touched_[subject_] = std::move(made);
  return absl::OkStatus();
}

bool ReservationsDraft::GrantOne(const Reservation& queued, const Claims& claims) {
  const bool is_bound = !context_.policy->MayDrawOnReserve(queued.purpose);
  std::vector<Amount> granted;
  granted.reserve(queued.lines.size());
  for (const HoldLine& line : queued.lines) {
    if (is_bound && claims.contains(line.resource)) return false;
    const Resource& resource = *books_->Find(line.resource);
    const Amount drawable = context_.policy->DrawableFrom(resource, queued.purpose);
    if (LeastOf(resource, line.asked, line.minimum) > drawable) return false;
    granted.push_back(GrantOf(resource, line.asked, line.minimum, drawable));
  }
  Reservation* const reservation = Touch(queued.id);
  stored::Granted& fact = *NewFact().mutable_granted();
  fact.set_id(reservation->id);
  for (size_t i = 0; i < granted.size(); ++i) {
    const HoldLine& line = reservation->lines[i];
    stored::Held::Line& out = *fact.add_lines();
    out.set_granted(granted[i].micros());
    out.set_period(books_->Find(line.resource)->period);
    books_->Hold(line.resource, granted[i], !is_bound);
  }
  EntryContext context = MakeContext();
  context.index = grants_++;
  Fold(fact, context, reservation);
  return true;
}

bool ReservationsDraft::GrantQueued() {
  if (context_.book->queue().size() == 0 && queued_.empty()) return true;
  const Blockade blockade = FindBlockade();
  // What was granted makes place among the first for others: again, until nobody is.
  for (bool granted_some = true; granted_some;) {
    granted_some = false;
    Claims claims;
    for (const Reservation* queued : ListQueued(kQueuePlanDepth)) {
      if (IsBlocked(blockade, *queued)) continue;
      if (grants_ == kQueueGrantsAnEntryMax) return false;
      if (GrantOne(*queued, claims)) {
        granted_some = true;
        continue;
      }
      for (const HoldLine& line : queued->lines) claims.insert(line.resource);
    }
  }
  return true;
}

void ReservationsDraft::TimeOut(const std::string& id) {
  subject_ = id;
  End(Touch(id), stored::STATE_DENIED, "");
}

}  // namespace purser
