// Deciding a request: may it be granted, and if not, everything that stands in its way.
#include <algorithm>

#include "ledger/check.h"
#include "ledger/rate_book.h"
#include "ledger/text.h"
#include "reservations/label_selector.h"
#include "reservations/reservations_draft.h"

namespace purser {

using stored::AVAILABLE;
using stored::HELD;
using stored::IN_USE;
using stored::RESERVE;
using stored::SPENT;

bool IsDenial(Reason reason) {
  return (reason >= stored::FROZEN && reason <= stored::INSUFFICIENT_CAPACITY) ||
         reason == stored::BUDGET_BLOCKED || reason == stored::APPROVAL_REQUIRED ||
         (reason >= stored::LIMIT_EXCEEDED && reason <= stored::QUEUE_TIMEOUT);
}

Amount LeastOf(const RequestReservation& request, const Resource& resource, Amount asked) {
  const auto minimum = request.minimum_amounts.find(resource.name());
  return minimum == request.minimum_amounts.end() ? asked
                                                  : LeastOf(resource, asked, minimum->second);
}

Amount LeastOf(const Resource& resource, Amount asked, const std::optional<Amount>& minimum) {
  return minimum.has_value() ? RoundUpToStep(*minimum, resource.step()) : asked;
}

Amount GrantOf(const Resource& resource, Amount asked, const std::optional<Amount>& minimum,
               Amount drawable) {
  return minimum.has_value() ? RoundDownToStep(std::min(asked, drawable), resource.step()) : asked;
}

absl::Status ReservationsDraft::CheckRequest(const RequestReservation& command,
                                             std::vector<Wanted>* wanted) const {
  Faults faults;
  for (const auto& [name, amount] : command.amounts) {
    const auto path = [&name = name] { return Concat("amounts.", name); };
    const Resource* resource = books_->FindByName(name);
    if (resource == nullptr) {
      faults.Add(stored::UNKNOWN_RESOURCE, path(), kNoSuchResource);
      continue;
    }
    const auto& settings = *resource->settings;
    if (settings.has_min_amount() && amount.micros() < settings.min_amount()) {
      faults.Add(stored::INVALID_ARGUMENT, path(),
                 Concat("below min_amount, which is ",
                        Amount::FromMicros(settings.min_amount()).ToString()));
    }
    if (settings.has_max_amount() && amount.micros() > settings.max_amount()) {
      faults.Add(stored::INVALID_ARGUMENT, path(),
                 Concat("above max_amount, which is ",
                        Amount::FromMicros(settings.max_amount()).ToString()));
    }
    if (settings.has_step() && amount.micros() % settings.step() != 0) {
      faults.Add(stored::INVALID_ARGUMENT, path(),
                 Concat("not a multiple of step, which is ", resource->step().ToString()));
    }
    Wanted& line = wanted->emplace_back(
        Wanted{resource, amount, std::nullopt, LeastOf(command, *resource, amount), Amount()});
    const auto minimum = command.minimum_amounts.find(name);
    if (minimum != command.minimum_amounts.end()) line.minimum = minimum->second;
  }
  CheckStart(command, &faults);
  CheckLabels(command.labels, &faults);
  if (command.quoted_at_us > books_->now_us()) {
    faults.Add(stored::INVALID_ARGUMENT, "quoted_at", "must not be in the future");
  }
  if (!faults.empty()) return faults.ToStatus();
  if (command.quoted_at_us == 0) return absl::OkStatus();
  if (command.quoted_at_us <= books_->now_us() - kQuoteValidUs) {
    return Refuse(stored::QUOTE_EXPIRED, "its rates were good for a day: ask for another quote");
  }
  for (const Wanted& line : *wanted) {
    if (line.resource->settings->priced_time_us() <= command.quoted_at_us) continue;
    return Refuse(stored::QUOTE_EXPIRED,
                  Concat("whether ", line.resource->name(),
                         " is priced was said anew since: ask for another quote"));
  }
  return absl::OkStatus();
}

std::vector<const stored::Freeze*> FindExperimentFreezes(const FreezeBook& freezes,
                                                         stored::Purpose purpose,
                                                         const Labels& labels) {
  std::vector<const stored::Freeze*> found;
  if (freezes.of_experiments().empty() || !IsExperiment(purpose)) return found;
  for (const std::string& id : freezes.of_experiments()) {
    const stored::Freeze* const freeze = freezes.Find(id);
    if (Selects(freeze->experiments().labels(), labels)) found.push_back(freeze);
  }
  return found;
}

std::vector<const stored::Freeze*> FindFreezes(const Books& books,
                                               const RequestReservation& request) {
  const FreezeBook& book = books.freezes();
  if (book.size() == 0 || PassesFreezes(request.purpose)) return {};
  std::vector<const stored::Freeze*> freezes = {book.FindOfPopulation(),
                                                book.FindOfFamily(FamilyOf(request.labels))};
  for (const auto& [name, amount] : request.amounts) {
    const Resource* resource = books.FindByName(name);
    if (resource != nullptr) freezes.push_back(book.FindOfResource(resource->number));
  }
  std::erase(freezes, nullptr);
  const auto of_experiments = FindExperimentFreezes(book, request.purpose, request.labels);
  freezes.insert(freezes.end(), of_experiments.begin(), of_experiments.end());
  std::sort(freezes.begin(), freezes.end(),
            [](const auto* a, const auto* b) { return a->id() < b->id(); });
  return freezes;
}

void ReservationsDraft::FindBlocking(const RequestReservation& command, Refusal* refusal) const {
  const std::string_view family = FamilyOf(command.labels);
  const auto block = [refusal](Reason reason, std::string_view kind, std::string_view name) {
    if (refusal->reason() == stored::REASON_UNSPECIFIED) refusal->set_reason(reason);
    Refusal::Blocking* blocking = refusal->add_blocking();
    blocking->set_kind(std::string(kind));
    blocking->set_name(std::string(name));
    return blocking;
  };
  for (const stored::Freeze* freeze : FindFreezes(books_->books(), command)) {
    Refusal::Blocking* blocking = block(stored::FROZEN, "FREEZE", freeze->id());
    blocking->set_detail(freeze->reason());
    if (freeze->until_us() != 0) blocking->set_until_us(freeze->until_us());
  }
  if (PassesDebts(command.purpose)) return;
  if (books_->Owes(family)) {
    block(stored::OVERDRAWN, "DEBT", family)
        ->set_detail("the operator family owes for usage that nothing funded");
  }
  for (const auto& [name, number] : books_->books().numbers_by_name()) {
    const Resource& resource = *books_->Find(number);
    if (!resource.is_past_debt_limit()) continue;
    Refusal::Blocking* blocking = block(stored::OVERDRAWN, "DEBT_LIMIT", name);
    blocking->set_detail("the resource's debts are past its limit");
    blocking->set_limit(resource.settings->debt_limit());
    blocking->set_used(resource.owed().micros());
  }
}

void ReservationsDraft::FindLimits(const RequestReservation& command, std::string_view principal,
                                   bool starts, std::vector<Wanted>* wanted, Judged* judged) const {
  if (!usage_.Binds(principal, command.labels) || PassesLimits(command.purpose)) return;
  LimitedRequest request{
      principal, &command.labels, command.purpose, command.tier, command.priority, books_->now_us(),
      {}};
  request.starts = starts;
  request.lines.reserve(wanted->size());
  for (const Wanted& line : *wanted) {
    const bool is_later = command.start_at_us != 0 && !line.resource->consumable();
    request.lines.push_back(
        {line.resource, line.least,
         is_later ? LimitedRequest::Beside::kNothing : LimitedRequest::Beside::kUsage});
  }
  const LimitCheck check(books_->limits(), usage_, request);
  judged->is_hopeless = check.is_hopeless();
  for (size_t i = 0; i < wanted->size(); ++i) (*wanted)[i].room = check.RoomOf(i);
  for (const Refusal::Blocking& blocking : check.ListBlocking()) {
    if (judged->refusal.reason() == stored::REASON_UNSPECIFIED) {
      judged->refusal.set_reason(stored::LIMIT_EXCEEDED);
    }
    *judged->refusal.add_blocking() = blocking;
  }
}

void ReservationsDraft::FindClaims(const RequestReservation& command, const QueueKey& place,
                                   const std::vector<Wanted>& wanted, Refusal* refusal) const {
  const Queue* const queue = FindQueue();
  if (queue == nullptr || context_.policy->MayDrawOnReserve(command.purpose)) return;
  // What was found of it is not out of date: Decision::IsStale.
  if (command.passing.sequence != 0) return;
  if (queue->size() == 0 && queued_.empty()) return;
  const QueueClaims claims = ClaimsAhead(place);
  for (const Wanted& line : wanted) {
    if (claims.contains(line.resource->number)) AddClaimed(*line.resource, refusal);
  }
}

void ReservationsDraft::AddClaimed(const Resource& resource, Refusal* refusal) {
  if (refusal->reason() == stored::REASON_UNSPECIFIED) refusal->set_reason(stored::BEHIND_QUEUE);
  Refusal::Blocking* blocking = refusal->add_blocking();
  blocking->set_kind("QUEUE");
  blocking->set_name(resource.name());
  blocking->set_detail("others wait for it, and come first");
}

// What of it there is now; what is booked need not be there.
Amount ReservationsDraft::DrawableOf(const RequestReservation& command,
                                     const Resource& resource) const {
  const bool is_later = command.start_at_us != 0 && !resource.consumable();
  return is_later ? Amount::Max() : context_.policy->DrawableFrom(resource, command.purpose);
}

void ReservationsDraft::FindShortages(const RequestReservation& command,
                                      const CalendarDraft& calendar, std::vector<Wanted>* wanted,
                                      Refusal* refusal) const {
  bool reserve_alone = true;
  for (Wanted& line : *wanted) {
    const Resource& resource = *line.resource;
    const Amount drawable = DrawableOf(command, resource);
    line.booked = FindRoom(command, calendar, resource);
    const Amount has = std::max(Amount(), std::min(drawable, line.booked.amount));
    if (line.least <= has) {
      line.granted = GrantOf(resource, line.asked, line.minimum, std::min(has, line.room));
      continue;
    }
    AddShortage(line, drawable, context_.policy->MayDrawOnReserve(command.purpose), refusal);
    const auto& shortage = *refusal->shortages().rbegin();
    reserve_alone = reserve_alone && shortage.reserve_protected() == shortage.short_by();
  }
  if (refusal->shortages().empty() || refusal->reason() != stored::REASON_UNSPECIFIED) return;
  refusal->set_reason(reserve_alone ? stored::RESERVE_PROTECTED : stored::INSUFFICIENT_CAPACITY);
}

// `drawable` is what there is now; later there may be less, and the worse is told.
void ReservationsDraft::AddShortage(const Wanted& line, Amount drawable, bool may_draw,
                                    Refusal* refusal) const {
  const Resource& resource = *line.resource;
  Refusal::Shortage& shortage = *refusal->add_shortages();
  shortage.set_resource(resource.name());
  shortage.set_requested(line.asked.micros());
  if (line.minimum.has_value()) shortage.set_minimum(line.least.micros());
  shortage.set_available(resource[AVAILABLE].micros());
  shortage.set_held(resource[HELD].micros());
  shortage.set_in_use(resource[IN_USE].micros());
  shortage.set_spent(resource[SPENT].micros());
  shortage.set_reserve(resource[RESERVE].micros());
  if (line.booked.amount < drawable) {
    shortage.set_at_us(line.booked.at_us);
    shortage.set_booked(line.booked.booked.micros());
    shortage.set_short_by((line.least - line.booked.amount).micros());
    return;
  }
  const Amount short_by = line.least - drawable;
  shortage.set_reserve_protected(may_draw ? 0 : std::min(short_by, resource[RESERVE]).micros());
  shortage.set_short_by(short_by.micros());
}

void ReservationsDraft::StoreQuote(InstantUs at_us, const std::vector<Wanted>& wanted,
                                   stored::Quote* quote) const {
  quote->set_at_us(at_us);
  for (const Wanted& line : wanted) {
    const auto rate = FindUnitRate(books_->rates(), *line.resource, at_us);
    if (!line.resource->consumable() || !rate.has_value()) continue;
    stored::Quote::Rate& stored_rate = *quote->add_rates();
    stored_rate.set_resource(line.resource->number);
    stored_rate.set_picos(rate->picos());
  }
}

void ReservationsDraft::Store(const RequestReservation& command, const std::vector<Wanted>& wanted,
                              stored::ReservationRequest* request) const {
  const auto denied_before = context_.lookup->denied_before.find(command.id);
  if (denied_before != context_.lookup->denied_before.end()) {
    for (const uint64_t sequence : denied_before->second) request->add_denied_before(sequence);
  }
  request->set_purpose(command.purpose);
  request->set_tier(command.tier);
  request->set_priority(command.priority);
  request->set_lease_us(command.lease_us);
  request->set_overrun_policy(command.overrun_policy);
  request->set_queue_wait_us(command.queue_wait_us);
  request->set_start_at_us(command.start_at_us);
  request->set_preemption_grace_us(static_cast<uint32_t>(command.preemption_grace_us));
  if (command.quoted_at_us != 0) StoreQuote(command.quoted_at_us, wanted, request->mutable_quote());
  request->mutable_lines()->Reserve(static_cast<int>(wanted.size()));
  for (const Wanted& line : wanted) {
    auto& stored_line = *request->add_lines();
    stored_line.set_resource(line.resource->number);
    stored_line.set_amount(line.asked.micros());
    if (line.minimum.has_value()) stored_line.set_minimum(line.minimum->micros());
  }
  request->mutable_labels()->Reserve(static_cast<int>(command.labels.size()));
  for (const auto& [key, value] : command.labels) {
    stored::Label& label = *request->add_labels();
    label.set_key(key);
    label.set_value(value);
  }
}

std::string DescribeDenial(const Refusal& refusal) {
  std::string text;
  for (const auto& blocking : refusal.blocking()) {
    text += Concat(text.empty() ? "" : "; ", blocking.kind(), " ", blocking.name(), ": ",
                   blocking.detail());
  }
  for (const auto& shortage : refusal.shortages()) {
    text += Concat(text.empty() ? "" : "; ", shortage.resource(), " is short by ",
                   Amount::FromMicros(shortage.short_by()).ToString());
    if (shortage.reserve_protected() != 0) {
      text += Concat(", of which the rollback reserve protects ",
                     Amount::FromMicros(shortage.reserve_protected()).ToString());
    } else if (shortage.has_at_us()) {
      text +=
          Concat(" later, when ", Amount::FromMicros(shortage.booked()).ToString(), " are booked");
    } else if (shortage.reserve() != 0) {
      text += ", the rollback reserve counted in";
    }
  }
  return text;
}

absl::StatusOr<ReservationsDraft::Judged> ReservationsDraft::JudgeWanted(
    const RequestReservation& command, std::string_view principal,
    std::vector<Wanted>* wanted) const {
  if (auto status = CheckRequest(command, wanted); !status.ok()) return status;
  if (auto status = CheckPeriods(command, *wanted); !status.ok()) return status;
  Judged judged;
  Refusal& refusal = judged.refusal;
  FindBlocking(command, &refusal);
  FindLimits(command, principal, false, wanted, &judged);
  FindBudgets(command, &judged);
  FindBookingBounds(command, principal, &refusal);
  FindClaims(command, PlaceOf(command), *wanted, &refusal);
  FindShortages(command, calendar_, wanted, &refusal);
  if (refusal.reason() != stored::REASON_UNSPECIFIED) refusal.set_detail(DescribeDenial(refusal));
  return judged;
}

// Behind all that came until now, unless its priority is higher.
QueueKey ReservationsDraft::PlaceOf(const RequestReservation& command) const {
  return {kNoNotice, books_->now_us() - command.priority * kAgeStepUs, books_->now_us(), UINT64_MAX,
          UINT32_MAX};
}

RequestReservation RequestOf(const ReservationPicture& reservation, const Books& books) {
  RequestReservation request;
  request.id = reservation.id;
  request.purpose = reservation.purpose;
  request.tier = reservation.tier;
  request.priority = reservation.priority;
  for (const HoldLine& line : reservation.lines) {
    const std::string& name = books.Find(line.resource)->name();
    request.amounts[name] = line.asked;
    if (line.minimum.has_value()) request.minimum_amounts[name] = *line.minimum;
  }
  request.labels = *reservation.labels;
  request.lease_us = reservation.lease_asked_us;
  request.overrun_policy = reservation.overrun_policy;
  request.queue_wait_us = reservation.queue_wait_us;
  request.start_at_us = reservation.start_at_us;
  request.preemption_grace_us = reservation.preemption_grace_us;
  return request;
}

Refusal ReservationsDraft::JudgeQueued(const ReservationPicture& queued) const {
  return JudgeWaiting(queued, true);
}

Refusal ReservationsDraft::JudgeWaiting(const ReservationPicture& queued,
                                        bool behind_others) const {
  RequestReservation request = RequestOf(queued, books_->books());
  request.start_at_us = 0;
  std::vector<Wanted> wanted;
  // Settings may have changed since, which bind requests and not what waits.
  for (const auto& [name, asked] : request.amounts) {
    const Resource* const resource = books_->FindByName(name);
    if (queued.booked()) {
      // It has its consumables, and takes no less of the rest.
      const Amount booked = queued.FindLine(resource->number)->granted;
      if (!resource->consumable()) {
        wanted.push_back({resource, booked, std::nullopt, booked, Amount()});
      }
      continue;
    }
    wanted.push_back({resource, asked, std::nullopt, LeastOf(request, *resource, asked), Amount()});
    const auto minimum = request.minimum_amounts.find(name);
    if (minimum != request.minimum_amounts.end()) wanted.back().minimum = minimum->second;
  }
  Judged judged;
  Refusal& refusal = judged.refusal;
  FindBlocking(request, &refusal);
  FindLimits(request, *queued.principal, queued.booked(), &wanted, &judged);
  FindBudgets(queued, &judged.refusal);
  if (behind_others) FindClaims(request, QueueKeyOf(queued), wanted, &refusal);
  if (queued.gave_notice()) {
    FindShortages(request, WithoutNotice(queued), &wanted, &refusal);
  } else {
    FindShortages(request, calendar_, &wanted, &refusal);
  }
  if (refusal.reason() != stored::REASON_UNSPECIFIED) refusal.set_detail(DescribeDenial(refusal));
  return std::move(refusal);
}

absl::StatusOr<Refusal> ReservationsDraft::Judge(const RequestReservation& command,
                                                 std::string_view principal,
                                                 NamedAmounts* granted) const {
  std::vector<Wanted> wanted;
  auto judged = JudgeWanted(command, principal, &wanted);
  if (!judged.ok()) return judged.status();
  if (granted != nullptr && judged->refusal.reason() == stored::REASON_UNSPECIFIED) {
    for (const Wanted& line : wanted) (*granted)[line.resource->name()] = line.granted;
  }
  return std::move(judged->refusal);
}

Amount ReservationsDraft::RoomOf(const RequestReservation& command,
                                 const Resource& resource) const {
  return std::max(Amount(), std::min(DrawableOf(command, resource),
                                     FindRoom(command, calendar_, resource).amount));
}

NamedAmounts ReservationsDraft::RoomsOf(const RequestReservation& command,
                                        std::string_view principal) const {
  std::vector<Wanted> wanted;
  NamedAmounts rooms;
  if (!CheckRequest(command, &wanted).ok()) return rooms;
  Judged judged;
  FindLimits(command, principal, false, &wanted, &judged);
  for (const Wanted& line : wanted) {
    rooms[line.resource->name()] = std::min(line.room, RoomOf(command, *line.resource));
  }
  return rooms;
}

absl::Status ReservationsDraft::Request(const RequestReservation& command, const Caller& caller,
                                        int index) {
  // What the command did so far decides what is free later.
  if (command.start_at_us != 0) StartTracking();
  std::vector<Wanted> wanted;
  auto judged = JudgeWanted(command, caller.principal, &wanted);
  if (!judged.ok()) return judged.status();
  if (judged->refusal.reason() != stored::REASON_UNSPECIFIED) {
    const bool waits = command.queue_wait_us != 0 && command.start_at_us == 0;
    if (!waits) return Refuse(judged->refusal);
    return Enqueue(command, caller, index, wanted, *std::move(judged));
  }
  if (command.start_at_us != 0) return Schedule(command, caller, index, wanted);
  return Hold(command, caller, index, wanted);
}

absl::Status ReservationsDraft::Hold(const RequestReservation& command, const Caller& caller,
                                     int index, const std::vector<Wanted>& wanted) {
  // The point of no return: everything fits.
  stored::Held& held = *NewFact().mutable_held();
  Store(command, wanted, held.mutable_request());
  held.mutable_request()->set_id(ChooseId(command.id, index));
  held.set_principal(caller.principal);
  for (const Wanted& line : wanted) {
    stored::Held::Line& stored_line = *held.add_lines();
    stored_line.set_granted(line.granted.micros());
    stored_line.set_period(line.resource->period);
    SetHeldRate(*line.resource, RateOfRequest(command, *line.resource), &stored_line);
  }
  const bool may_draw = context_.policy->MayDrawOnReserve(command.purpose);
  is_unbound_ = is_unbound_ || may_draw;
  for (int i = 0; i < held.lines_size(); ++i) {
    books_->Hold(held.request().lines(i).resource(), wanted[i].granted, may_draw);
  }
  EntryContext context = MakeContext();
  context.index = made_++;
  subject_ = held.request().id();
  auto made = std::make_shared<Reservation>(
      MakeReservation(held, context, context_.identify, context_.book->interned()));
  usage_.CountOpen(*made, 1);
  usage_.NoteGranted(*made, context);
  Track(*made, 1);
  touched_[subject_] = std::move(made);
  return absl::OkStatus();
}

void ReservationsDraft::Deny(const RequestReservation& command, const Caller& caller,
                             const Refusal& refusal) {
  std::vector<Wanted> wanted;
  const absl::Status checked = CheckRequest(command, &wanted);
  PURSER_CHECK(checked.ok(), "only a well-formed request is denied");
  stored::RequestDenied& denied = *NewFact().mutable_denied();
  Store(command, wanted, denied.mutable_request());
  denied.mutable_request()->set_id(command.id);
  denied.set_principal(caller.principal);
  *denied.mutable_refusal() = refusal;
  subject_ = command.id;
}

void ReservationsDraft::KeepDenied() {
  const stored::RequestDenied& denied = facts_.rbegin()->denied();
  if (denied.request().id().empty()) return;
  EntryContext context = MakeContext();
  context.index = made_++;
  touched_[denied.request().id()] =
      std::make_shared<Reservation>(MakeReservation(denied, context, context_.identify));
}

void ReservationsDraft::Explain(const stored::RequestExplained& explained) {
  *NewFact().mutable_explained() = explained;
}

}  // namespace purser
