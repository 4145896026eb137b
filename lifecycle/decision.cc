#include "lifecycle/decision.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {
namespace {

// An entry is one piece for whoever replicates the journal (architecture.md: groups of at most 1
// MiB).
constexpr size_t kEntryBytesMax = 1 << 20;

stored::CommandKind OperationKind(const BatchOperation& operation) {
  constexpr stored::CommandKind kKinds[] = {
      stored::CREATE_RESERVATION, stored::START_RESERVATION,  stored::RENEW_RESERVATION,
      stored::CHARGE_RESERVATION, stored::SETTLE_RESERVATION, stored::RELEASE_RESERVATION,
      stored::POST_CHARGE,        stored::ENTER_COST,         stored::REPORT_OUTCOMES};
  static_assert(std::size(kKinds) == std::variant_size_v<BatchOperation>);
  return kKinds[operation.index()];
}

// The reservation that the operation acts on; empty where it makes one, or is about none.
std::string_view ReservationOf(const BatchOperation& operation) {
  if (const auto* start = std::get_if<StartReservation>(&operation)) return start->id;
  if (const auto* renew = std::get_if<RenewReservation>(&operation)) return renew->id;
  if (const auto* charge = std::get_if<ChargeReservation>(&operation)) return charge->reservation;
  if (const auto* settle = std::get_if<SettleReservation>(&operation)) return settle->id;
  if (const auto* release = std::get_if<ReleaseReservation>(&operation)) return release->id;
  return {};
}

}  // namespace

stored::CommandKind KindOf(const Command& command) {
  constexpr stored::CommandKind kKinds[] = {stored::COMMAND_UNSPECIFIED,
                                            stored::CREATE_POPULATION,
                                            stored::UPDATE_POPULATION,
                                            stored::CREATE_RESOURCE,
                                            stored::UPDATE_RESOURCE,
                                            stored::DELETE_RESOURCE,
                                            stored::GRANT_AMOUNT,
                                            stored::WITHDRAW_AMOUNT,
                                            stored::CREATE_FREEZE,
                                            stored::DELETE_FREEZE,
                                            stored::CREATE_RESERVATION,
                                            stored::START_RESERVATION,
                                            stored::RENEW_RESERVATION,
                                            stored::CHARGE_RESERVATION,
                                            stored::SETTLE_RESERVATION,
                                            stored::RELEASE_RESERVATION,
                                            stored::POST_CHARGE,
                                            stored::REFUND_CHARGE,
                                            stored::ATOMIC_BATCH,
                                            stored::EXPLAIN_REQUESTS,
                                            stored::CREATE_LIMIT,
                                            stored::UPDATE_LIMIT,
                                            stored::DELETE_LIMIT,
                                            stored::LET_PASS,
                                            stored::REGISTER_MODEL,
                                            stored::UPDATE_MODEL,
                                            stored::SHADOW_MODEL,
                                            stored::ACTIVATE_MODEL,
                                            stored::RETIRE_MODEL,
                                            stored::ARCHIVE_MODEL,
                                            stored::PURGE_MODEL,
                                            stored::ROLL_BACK_MODEL,
                                            stored::APPROVE_ACTIVATION,
                                            stored::REJECT_ACTIVATION,
                                            stored::PROPOSE,
                                            stored::UPDATE_PROPOSAL,
                                            stored::APPROVE_PROPOSAL,
                                            stored::REJECT_PROPOSAL,
                                            stored::WITHDRAW_PROPOSAL,
                                            stored::EXECUTE_PROPOSAL,
                                            stored::CREATE_RATE_CARD,
                                            stored::UPDATE_RATE_CARD,
                                            stored::DELETE_RATE_CARD,
                                            stored::ENTER_COST,
                                            stored::REPORT_OUTCOMES,
                                            stored::CREATE_GUARDRAIL,
                                            stored::UPDATE_GUARDRAIL,
                                            stored::DELETE_GUARDRAIL,
                                            stored::RESET_GUARDRAIL,
                                            stored::CLOSE_MONTH,
                                            stored::CREATE_BUDGET,
                                            stored::UPDATE_BUDGET,
                                            stored::DELETE_BUDGET,
                                            stored::OVERRIDE_BUDGET,
                                            stored::APPROVE_REQUEST,
                                            stored::REJECT_REQUEST,
                                            stored::COUNT_BUDGET};
  static_assert(std::size(kKinds) == std::variant_size_v<decltype(Command::body)>);
  return kKinds[command.body.index()];
}

Decision::Decision(const Population& population, const Policy& policy, const CivilTime& civil_time,
                   const Command& command, InstantUs now_us, google::protobuf::Arena* arena)
    : population_(population),
      policy_(policy),
      civil_time_(civil_time),
      command_(command),
      arena_(arena),
      books_(&population.books, population.last_sequence + 1, now_us, arena),
      reservations_(&books_,
                    {&population.reservations, &command.lookup, &policy.reservations,
                     population.directory.function(), command.if_match},
                    arena),
      models_(&books_, &reservations_, {&population.models, &policy.models, command.if_match}),
      proposals_(&books_, &models_, {&population.models, &policy.models, command.if_match}),
      guardrails_(&books_, &civil_time.clock_hour_at) {}

const stored::Entry* Decision::MakeEntry(stored::CommandKind kind) {
  PURSER_CHECK(arena_ != nullptr, "only what is not rehearsed makes an entry");
  auto* const made = google::protobuf::Arena::CreateMessage<stored::Entry>(arena_);
  stored::Entry& entry = *made;
  entry.set_sequence(books_.sequence());
  entry.set_time_us(books_.now_us());
  entry.set_command(kind);
  entry.set_principal(command_.caller.principal);
  entry.set_policy_version(policy_.version);
  entry.set_request_id(command_.request_id);
  entry.set_traceparent(command_.traceparent);
  if (command_.key.has_value()) entry.set_key(command_.key->key);
  books_.MoveInto(entry.mutable_ledger_facts(), entry.mutable_postings(), entry.mutable_balances());
  entry.mutable_reservation_facts()->Swap(&reservations_.facts());
  if (!models_.facts().empty()) entry.mutable_model_facts()->Swap(&models_.facts());
  return made;
}

void Decision::WatchCharges() {
  const auto& facts = reservations_.facts();
  for (; watched_facts_ < facts.size(); ++watched_facts_) {
    if (!facts.Get(watched_facts_).has_charged()) continue;
    const stored::Charged& charged = facts.Get(watched_facts_).charged();
    const Reservation* const of =
        charged.reservation().empty() ? nullptr : reservations_.Find(charged.reservation());
    guardrails_.Watch(charged, of == nullptr ? *ReadLabels(charged.labels()) : *of->labels);
  }
}

Verdict Decision::Finish(absl::Status status, stored::CommandKind kind) {
  Verdict verdict;
  verdict.status = std::move(status);
  if (!verdict.status.ok()) return verdict;
  if (says_nothing_new_) {
    verdict.shown = std::move(shown_);
    return verdict;
  }
  WatchCharges();
  // What only tells makes no room.
  if (kind != stored::EXPLAIN_REQUESTS) reservations_.GrantQueued();
  models_.EndLoans();
  proposals_.Supersede();
  reservations_.TellEndangered(kind == stored::UPDATE_RESOURCE || kind == stored::WITHDRAW_AMOUNT ||
                               kind == stored::ROLL_BACK_MODEL ||
                               kind == stored::APPROVE_ACTIVATION);
  TellCrossings();
  verdict.shown = std::move(shown_);
  verdict.entry = MakeEntry(kind);
  return verdict;
}

// What is shown of a budget is what it has told.
void Decision::TellCrossings() {
  for (const stored::BudgetCrossed& crossed : reservations_.TellCrossings()) {
    for (Shown& shown : shown_) {
      if (shown.budget == nullptr || shown.budget->settings->id() != crossed.id()) continue;
      auto told = std::make_shared<BudgetPicture>(*shown.budget);
      told->totals.told = crossed.level();
      shown.budget = std::move(told);
    }
  }
}

// A denial is a fact if the request named an id or a key; else it is only an answer.
bool Decision::LeavesDenial(const RequestReservation& request) const {
  return !request.id.empty() || command_.key.has_value();
}

Verdict Decision::FinishDenied(const RequestReservation& request, const absl::Status& status,
                               stored::CommandKind kind) {
  Verdict verdict;
  verdict.status = status;
  if (!LeavesDenial(request)) return verdict;
  // What the failed attempt left in the drafts is not part of the entry.
  Decision fresh(population_, policy_, civil_time_, command_, books_.now_us(), arena_);
  fresh.reservations_.Deny(request, command_.caller, RefusalOf(status));
  Shown& shown = fresh.NewShown(stored::Answer::DENIAL, request.id, false);
  *shown.answer.mutable_refusal() = RefusalOf(status);
  verdict.shown = fresh.shown_;
  verdict.entry = fresh.MakeEntry(kind);
  return verdict;
}

Verdict Decision::Decide() {
  if (IsStale()) {
    Verdict verdict;
    verdict.stale = true;
    return verdict;
  }
  const absl::Status status =
      std::visit([this](const auto& body) { return DecideBody(body); }, command_.body);
  const auto* request = std::get_if<RequestReservation>(&command_.body);
  if (request != nullptr && !status.ok() && IsDenial(RefusalOf(status).reason())) {
    return FinishDenied(*request, status, stored::CREATE_RESERVATION);
  }
  return Finish(status, KindOf(command_));
}

Verdict Decision::DecideMember(const BatchMember& member, size_t index) {
  member_ = static_cast<int>(index);
  // Whoever sends a batch sorts out its ids; an id still never takes effect twice.
  if (UsesNews(member.operation)) {
    Verdict verdict;
    verdict.status = Refuse(stored::ID_CONFLICT, "an earlier member uses the id");
    return verdict;
  }
  const absl::Status status =
      std::visit([this](const auto& body) { return DecideBody(body); }, member.operation);
  const auto* request = std::get_if<RequestReservation>(&member.operation);
  if (request != nullptr && !status.ok() && IsDenial(RefusalOf(status).reason())) {
    return FinishDenied(*request, status, stored::CREATE_RESERVATION);
  }
  return Finish(status, OperationKind(member.operation));
}

Verdict Decision::RehearseMember(const BatchMember& member, size_t index) {
  member_ = static_cast<int>(index);
  rehearses_ = true;
  Verdict verdict;
  verdict.status =
      std::visit([this](const auto& body) { return DecideBody(body); }, member.operation);
  WatchCharges();
  if (verdict.status.ok()) reservations_.GrantQueued();
  verdict.shown = std::exchange(shown_, {});
  const auto* request = std::get_if<RequestReservation>(&member.operation);
  const bool denied =
      request != nullptr && !verdict.status.ok() && IsDenial(RefusalOf(verdict.status).reason());
  const bool leaves_denial = denied && LeavesDenial(*request);
  if (leaves_denial) {
    reservations_.Deny(*request, command_.caller, RefusalOf(verdict.status));
    reservations_.KeepDenied();
  }
  if (verdict.status.ok() || leaves_denial) {
    books_.TurnToNextEntry();
    guardrails_.TurnToNextEntry();
  }
  return verdict;
}

std::vector<size_t> Decision::OrderOf(const Batch& batch) const {
  // All that happens to existing reservations that the batch releases or settles comes first, so
  // that a swap fits whichever way it is written.
  std::set<std::string_view> freed;
  for (const BatchMember& member : batch.members) {
    const bool frees = std::holds_alternative<SettleReservation>(member.operation) ||
                       std::holds_alternative<ReleaseReservation>(member.operation);
    const std::string_view id = ReservationOf(member.operation);
    if (frees && reservations_.Find(id) != nullptr) freed.insert(id);
  }
  std::vector<size_t> order(batch.members.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_partition(order.begin(), order.end(), [&](size_t i) {
    return freed.contains(ReservationOf(batch.members[i].operation));
  });
  return order;
}

absl::Status Decision::DecideAtomicMember(const Batch& batch, size_t index,
                                          std::vector<Shown>* shown) {
  const BatchMember& member = batch.members[index];
  Shown& out = (*shown)[index];
  if (member.known == BatchMember::Known::kReplay) {
    out.answer = *member.replay;
    out.answer.set_replayed(true);
    return absl::OkStatus();
  }
  if (member.known == BatchMember::Known::kConflict || member.malformed) {
    return Refuse(*member.refusal);
  }
  // Had the first of them failed, the batch would have.
  if (member.id_use.has_value() && member.id_use->first != index) {
    if (member.id_use->first_of_content != member.id_use->first) {
      return Refuse(stored::ID_CONFLICT, "an earlier member uses the id with other content");
    }
    out = (*shown)[member.id_use->first];
    out.answer.set_replayed(true);
    return absl::OkStatus();
  }
  member_ = static_cast<int>(index);
  absl::Status status =
      std::visit([this](const auto& body) { return DecideBody(body); }, member.operation);
  if (!status.ok()) return status;
  out = std::move(shown_.back());
  shown_.pop_back();
  return status;
}

Verdict Decision::DecideAtomicBatch(const Batch& batch) {
  Verdict verdict;
  if (IsStale()) {
    verdict.stale = true;
    return verdict;
  }
  std::vector<Shown> shown(batch.members.size());
  for (const size_t i : OrderOf(batch)) {
    const absl::Status status = DecideAtomicMember(batch, i, &shown);
    if (status.ok()) continue;
    Refusal refusal = RefusalOf(status);
    const auto* request = std::get_if<RequestReservation>(&batch.members[i].operation);
    // What was denied before is recorded already, and need not even be well-formed any more.
    const bool is_new = batch.members[i].known == BatchMember::Known::kNew;
    if (request != nullptr && is_new && IsDenial(refusal.reason())) {
      verdict = FinishDenied(*request, status, stored::ATOMIC_BATCH);
    }
    refusal.set_member(static_cast<uint32_t>(i));
    verdict.status = Refuse(refusal);
    return verdict;
  }
  // All members take effect at once: their pictures, which are the draft's, are of the end of the
  // batch.
  shown_ = std::move(shown);
  verdict = Finish(absl::OkStatus(), stored::ATOMIC_BATCH);
  if (verdict.entry->ByteSizeLong() <= kEntryBytesMax) return verdict;
  verdict = Verdict();
  verdict.status = Refuse(stored::BATCH_TOO_LARGE, "its journal entry would exceed 1 MiB");
  return verdict;
}

// ---- what the Lookup did not know of

bool Decision::ReservationIdIsNews(const std::string& id) const {
  if (id.empty()) return false;
  // The first look-up relies on this (api::LookUpIds::made_open): invariant 7.
  if (population_.reservations.FindOpen(id) != nullptr) return true;
  const Recent& recent = population_.reservations.recent();
  return recent.FindReservation(id, command_.lookup.sequence) != nullptr;
}

bool Decision::ChargeIdIsNews(const std::string& id) const {
  const Recent& recent = population_.reservations.recent();
  return !id.empty() && recent.FindCharge(id, command_.lookup.sequence) != nullptr;
}

template <typename Body>
bool Decision::BodyUsesNews(const Body& body) const {
  if constexpr (std::is_same_v<Body, RequestReservation>) {
    const bool passes = body.passing.sequence != 0;
    const bool is_late = books_.now_us() > body.passing.at_us + kPassingSlackUs;
    if (passes && (is_late || body.passing.sequence < population_.last_change)) return true;
    return ReservationIdIsNews(body.id);
  } else if constexpr (std::is_same_v<Body, SettleReservation>) {
    return ChargeIdIsNews(body.charge_id);
  } else if constexpr (std::is_same_v<Body, ChargeReservation> ||
                       std::is_same_v<Body, PostCharge> || std::is_same_v<Body, EnterCost> ||
                       std::is_same_v<Body, ReportOutcomes>) {
    return ChargeIdIsNews(body.id);
  } else {
    return false;
  }
}

bool Decision::UsesNews(const BatchOperation& operation) const {
  return std::visit([this](const auto& body) { return BodyUsesNews(body); }, operation);
}

bool Decision::UsesNews(const Batch& batch) const {
  return std::any_of(batch.members.begin(), batch.members.end(), [this](const BatchMember& member) {
    return member.known == BatchMember::Known::kNew && !member.malformed &&
           UsesNews(member.operation);
  });
}

bool Decision::UsesNews(const RefundCharge& refund) const {
  if (ChargeIdIsNews(refund.id)) return true;
  // The charge's reservation has to be at hand, and only the charge names it.
  const auto charge = population_.reservations.FindCharge(refund.charge, command_.lookup);
  return charge != nullptr && !charge->charged().reservation().empty() &&
         reservations_.Find(charge->charged().reservation()) == nullptr;
}

bool Decision::UsesNews(const ExplainRequests& body) const {
  const Recent& recent = population_.reservations.recent();
  return std::any_of(body.explained.begin(), body.explained.end(), [&](const auto& each) {
    return recent.IsExplained(each.denied_sequence(), command_.lookup.sequence);
  });
}

bool Decision::IsStale() const {
  const Recent& recent = population_.reservations.recent();
  if (command_.lookup.sequence < recent.horizon()) return true;
  if (command_.key.has_value() &&
      recent.HasKey(Concat(command_.caller.principal, "\n", command_.key->key),
                    command_.lookup.sequence)) {
    return true;
  }
  return std::visit(
      [this](const auto& body) {
        using Body = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, RefundCharge> || std::is_same_v<Body, Batch> ||
                      std::is_same_v<Body, ExplainRequests>) {
          return UsesNews(body);
        } else {
          return BodyUsesNews(body);
        }
      },
      command_.body);
}

}  // namespace purser
