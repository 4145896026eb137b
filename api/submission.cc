#include "api/submission.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "api/command_ids.h"
#include "api/render.h"
#include "api/said_again.h"
#include "api/same_content.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

// A look-up goes stale when it left out what is open, and else only when another thread uses the
// same id between it and the writer.
// What was found of those who wait is out of date with the next entry: then it is judged by their
// claims.
constexpr int kPassingTriesMax = 3;

}  // namespace

Submission::Submission(Controller* controller, Command command,
                       const google::protobuf::Message& request)
    : controller_(controller), command_(std::move(command)), request_(request) {}

bool Submission::Retained(InstantUs time_us) const {
  return time_us + controller_->idempotency_retention_us() > controller_->NowUs();
}

Submitted Submission::Take(CommandResult result, const View& view) {
  Submitted submitted;
  submitted.status = std::move(result.status);
  submitted.member_status = std::move(result.member_status);
  submitted.shown = std::move(result.shown);
  submitted.sequence = result.sequence;
  submitted.rate = std::move(result.rate);
  // What a member replayed is made again from the journal.
  std::vector<stored::Answer> replayed;
  std::vector<size_t> indexes;
  for (size_t i = 0; i < submitted.shown.size(); ++i) {
    const Shown& shown = submitted.shown[i];
    if (!shown.answer.replayed()) continue;
    // The writer has these at hand, and compared them.
    const bool is_kept = shown.model != nullptr || shown.proposal != nullptr ||
                         shown.rate_card != nullptr || shown.guardrail != nullptr ||
                         shown.budget != nullptr || shown.period != nullptr;
    submitted.replayed = submitted.replayed || is_kept;
    const bool bare = !is_kept && !shown.reservation && !shown.charge;
    if (!bare || view == nullptr) continue;
    replayed.push_back(shown.answer);
    indexes.push_back(i);
  }
  if (replayed.empty()) return submitted;
  auto recalled = controller_->Recall(*view, replayed);
  if (!recalled.ok()) {
    submitted.status = recalled.status();
    return submitted;
  }
  for (size_t i = 0; i < indexes.size(); ++i) {
    Shown& shown = submitted.shown[indexes[i]];
    shown = std::move((*recalled)[i]);
    shown.answer.set_replayed(true);
  }
  return submitted;
}

Submitted Submission::Send() {
  Submitted submitted = SendUntilFresh();
  NameConflict(command_, controller_, &submitted.status);
  ExplainDenials(&submitted);
  if (const auto* batch = std::get_if<Batch>(&command_.body)) {
    submitted.members = static_cast<int>(batch->members.size());
  }
  return submitted;
}

namespace {

// Whether the writer took nothing of it: then what is on the disk still answers.
bool TookNothing(const absl::Status& status) {
  if (status.ok()) return false;
  const Reason reason = RefusalOf(status).reason();
  return reason == stored::READ_ONLY || reason == stored::OVERLOADED ||
         reason == stored::COMMIT_UNKNOWN;
}

}  // namespace

Submitted Submission::SendUntilFresh() {
  Submitted failed;
  for (int i = 0; i < kStaleTriesMax; ++i) {
    // The view is taken before anything is looked up: the look-up is at least as new as it says.
    const View view = controller_->Peek(command_.population);
    command_.lookup = Lookup();
    command_.lookup.sequence = view == nullptr ? 0 : view->sequence;
    if (view != nullptr) {
      auto answered = LookUp(view, i == 0);
      if (!answered.ok()) {
        failed.status = answered.status();
        return failed;
      }
      if (answered->has_value()) return **std::move(answered);
    }
    AskToPass(view, i);
    CommandResult result = controller_->Submit(command_);
    // Names of populations and resources are compared here: somebody was faster, look at what is
    // there.
    const bool names = std::holds_alternative<CreatePopulation>(command_.body) ||
                       std::holds_alternative<CreateResource>(command_.body);
    const bool taken_name =
        names && !result.status.ok() && RefusalOf(result.status).reason() == stored::ID_CONFLICT;
    if (i == 0 && view != nullptr && TookNothing(result.status)) {
      if (auto answered = AnswerWithoutWriter()) return *std::move(answered);
    }
    if (!result.stale && !taken_name) {
      return Take(std::move(result), controller_->Peek(command_.population));
    }
  }
  failed.status = Refuse(stored::OVERLOADED, "the id is being used by others all the time");
  return failed;
}

void Submission::AskToPass(const View& view, int tries) {
  auto* const request = std::get_if<RequestReservation>(&command_.body);
  if (request == nullptr || view == nullptr) return;
  request->passing = {};
  if (view->queue_length == 0 || tries >= kPassingTriesMax) return;
  const auto passing = controller_->MayPass(view, *request, command_.caller.principal);
  request->passing = passing.value_or(RequestReservation::Passing());
}

std::optional<Submitted> Submission::AnswerWithoutWriter() {
  auto answered = LookUp(controller_->Peek(command_.population), false);
  if (answered.ok()) return *std::move(answered);
  if (RefusalOf(answered.status()).reason() != stored::ID_CONFLICT) return std::nullopt;
  Submitted conflict;
  conflict.status = answered.status();
  return conflict;
}

absl::StatusOr<std::optional<Submitted>> Submission::LookUp(const View& view, bool is_first) {
  LookUpIds ids = IdsOf(command_);
  ids.made_open = !is_first;
  auto found = controller_->LookUp(*view, ids);
  if (!found.ok()) return found.status();
  found_ = *std::move(found);
  auto by_key = LookUpKey(view);
  if (!by_key.ok() || by_key->has_value()) return by_key;
  auto by_name = CompareNamed(view);
  if (!by_name.ok() || by_name->has_value()) return by_name;
  return LookUpBody(view);
}

absl::StatusOr<std::optional<Submitted>> Submission::LookUpKey(const View& view) {
  if (!command_.key.has_value()) return std::optional<Submitted>();
  if (!found_.key.has_value() || !Retained(found_.key->time_us())) {
    return std::optional<Submitted>();
  }
  const stored::KeyRecord& before = *found_.key;
  const stored::KeyRecord& now = command_.key->record;
  std::unique_ptr<google::protobuf::Message> first(request_.New());
  Refusal conflict;
  if (before.method() != now.method() || before.path() != now.path() ||
      before.query() != now.query() || !first->ParseFromString(before.request())) {
    conflict.set_reason(stored::KEY_CONFLICT);
    conflict.set_detail("the key was used before for another request");
    Refusal::Fault& fault = *conflict.add_faults();
    fault.set_path("");
    fault.set_reason(stored::KEY_CONFLICT);
    fault.set_message("another method, path or query");
    fault.set_was(Concat(before.method(), " ", before.path(), before.query()));
    fault.set_now(Concat(now.method(), " ", now.path(), now.query()));
  } else {
    conflict = MakeConflict(stored::KEY_CONFLICT, *first, request_);
  }
  if (!conflict.faults().empty()) return Refuse(conflict);
  auto replay = ReplayKey(view, before);
  if (!replay.ok()) return replay.status();
  return std::optional<Submitted>(*std::move(replay));
}

absl::StatusOr<Shown> Submission::RecallOne(const View& view, const stored::Answer& answer) {
  auto recalled = controller_->Recall(*view, {answer});
  if (!recalled.ok()) return recalled.status();
  return std::move(recalled->front());
}

absl::StatusOr<Submitted> Submission::Replay(const View& view, const stored::Answer& answer) {
  Submitted submitted;
  submitted.replayed = true;
  submitted.sequence = answer.sequence();
  auto shown = RecallOne(view, answer);
  if (!shown.ok()) return shown.status();
  if (answer.kind() == stored::Answer::DENIAL) {
    submitted.status = Refuse(shown->answer.refusal());
    submitted.request_id = shown->request_id;
  }
  submitted.shown.push_back(*std::move(shown));
  return submitted;
}

absl::StatusOr<Submitted> Submission::ReplayKey(const View& view, const stored::KeyRecord& record) {
  Submitted submitted;
  submitted.replayed = true;
  submitted.sequence = record.sequence();
  submitted.request_id = record.request_id();
  auto recalled = controller_->Recall(*view, {record.answers().begin(), record.answers().end()});
  if (!recalled.ok()) return recalled.status();
  submitted.shown = *std::move(recalled);
  for (int i = 0; i < record.answers_size(); ++i) {
    absl::Status status;
    const stored::Answer& answer = record.answers(i);
    if (answer.kind() == stored::Answer::REFUSAL) status = Refuse(answer.refusal());
    if (answer.kind() == stored::Answer::DENIAL) {
      status = Refuse(submitted.shown[i].answer.refusal());
    }
    submitted.member_status.push_back(std::move(status));
  }
  if (record.failed() && !submitted.member_status.empty()) {
    submitted.status = submitted.member_status.front();
  }
  if (!record.batch() || record.failed()) submitted.member_status.clear();
  return submitted;
}

absl::StatusOr<std::optional<Submitted>> Submission::CompareNamed(const View& view) {
  stored::Answer answer;
  Refusal conflict;
  if (const auto* create = std::get_if<CreateResource>(&command_.body)) {
    const auto it = view->resources.find(create->settings.name());
    if (it == view->resources.end()) return std::optional<Submitted>();
    const uint64_t sequence = it->second->settings->create_sequence();
    answer.set_kind(stored::Answer::RESOURCE);
    answer.set_id(it->first);
    answer.set_resource(it->second->number);
    answer.set_sequence(sequence);
    answer.set_created(true);
    auto first = RecallOne(view, answer);
    if (!first.ok()) return first.status();
    if (first->resources.empty()) return std::optional<Submitted>();
    conflict = MakeConflict(stored::ID_CONFLICT, RenderSettings(*first->resources.front().settings),
                            RenderSettings(create->settings));
  } else if (const auto* population = std::get_if<CreatePopulation>(&command_.body)) {
    answer.set_kind(stored::Answer::POPULATION);
    answer.set_id(view->name);
    answer.set_sequence(1);
    answer.set_created(true);
    auto first = RecallOne(view, answer);
    if (!first.ok()) return first.status();
    const auto describe = [](const stored::PopulationSettings& settings,
                             std::vector<v1::ResourceSettings> resources) {
      v1::CreatePopulation message;
      message.set_name(settings.name());
      message.set_time_zone(settings.time_zone());
      *message.mutable_required_labels()->mutable_values() = settings.required_labels();
      std::sort(resources.begin(), resources.end(),
                [](const auto& a, const auto& b) { return a.name() < b.name(); });
      for (auto& resource : resources) *message.add_resources() = std::move(resource);
      return message;
    };
    std::vector<v1::ResourceSettings> before;
    std::vector<v1::ResourceSettings> now;
    for (const Resource& each : first->resources) before.push_back(RenderSettings(*each.settings));
    for (const auto& each : population->resources) now.push_back(RenderSettings(each));
    conflict = MakeConflict(stored::ID_CONFLICT, describe(*first->population, before),
                            describe(population->settings, now));
  } else {
    return std::optional<Submitted>();
  }
  if (!conflict.faults().empty()) return Refuse(conflict);
  auto replay = Replay(view, answer);
  if (!replay.ok()) return replay.status();
  return std::optional<Submitted>(*std::move(replay));
}

absl::StatusOr<std::optional<Submitted>> Submission::LookUpBody(const View& view) {
  if (auto* batch = std::get_if<Batch>(&command_.body)) {
    if (auto status = LookUpBatch(view, batch); !status.ok()) return status;
    return std::optional<Submitted>();
  }
  absl::StatusOr<Known> known = Known();
  std::visit(
      [&](const auto& body) {
        using Body = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, RefundCharge>) {
          known = LookUpRefund(view, body);
        } else if constexpr (std::is_same_v<Body, RequestReservation>) {
          known = LookUpRequest(body);
        } else if constexpr (std::is_constructible_v<BatchOperation, Body>) {
          known = LookUpOperation(BatchOperation(body));
        } else if constexpr (std::is_same_v<Body, ApproveRequest> ||
                             std::is_same_v<Body, RejectRequest>) {
          LookUpEnded(body.reservation);
        }
      },
      command_.body);
  if (!known.ok()) return known.status();
  if (known->conflict) return Refuse(known->refusal);
  auto* const entry = std::get_if<EnterCost>(&command_.body);
  if (entry != nullptr && !known->replay) {
    if (auto status = LookUpAllocation(view, "", entry); !status.ok()) return status;
  }
  if (!known->replay) {
    if (auto status = controller_->AddShadowPrices(&command_); !status.ok()) return status;
    return std::optional<Submitted>();
  }
  auto replay = Replay(view, known->answer);
  if (!replay.ok()) return replay.status();
  return std::optional<Submitted>(*std::move(replay));
}

absl::Status Submission::LookUpBatch(const View& view, Batch* batch) {
  MarkIdUses(batch);
  std::vector<BatchMember*> denied;
  std::vector<stored::Answer> denials;
  for (BatchMember& member : batch->members) {
    if (member.malformed) continue;
    auto known = LookUpOperation(member.operation);
    if (!known.ok()) return known.status();
    member.known = BatchMember::Known::kNew;
    if (known->conflict) {
      member.known = BatchMember::Known::kConflict;
      member.refusal = known->refusal;
    } else if (known->replay && known->answer.kind() == stored::Answer::DENIAL) {
      // A denial again is a denial; in an atomic batch it is what fails.
      member.known = BatchMember::Known::kConflict;
      member.replay = known->answer;
      denied.push_back(&member);
      denials.push_back(known->answer);
    } else if (known->replay) {
      member.known = BatchMember::Known::kReplay;
      member.replay = known->answer;
    }
  }
  if (auto status = LookUpAllocations(view, batch); !status.ok()) return status;
  if (denials.empty()) return absl::OkStatus();
  auto recalled = controller_->Recall(*view, denials);
  if (!recalled.ok()) return recalled.status();
  for (size_t i = 0; i < denied.size(); ++i) {
    denied[i]->refusal = (*recalled)[i].answer.refusal();
  }
  return absl::OkStatus();
}

// Of ids that one member alone uses nothing has to be known.
void Submission::MarkIdUses(Batch* batch) {
  absl::flat_hash_map<std::pair<bool, absl::string_view>, std::pair<size_t, int>> uses;
  uses.reserve(batch->members.size());
  const auto use_of = [](const BatchMember& member) {
    const UsedId used = member.malformed ? UsedId() : UsedIdOf(member.operation);
    return std::pair(used.of_charge,
                     used.id == nullptr ? absl::string_view() : absl::string_view(*used.id));
  };
  for (size_t i = 0; i < batch->members.size(); ++i) {
    const auto use = use_of(batch->members[i]);
    if (use.second.empty()) continue;
    ++uses.try_emplace(use, i, 0).first->second.second;
  }
  std::map<std::pair<size_t, std::string>, size_t> first_of_content;
  for (size_t i = 0; i < batch->members.size(); ++i) {
    BatchMember& member = batch->members[i];
    const auto use = uses.find(use_of(member));
    if (use == uses.end() || use->second.second == 1) continue;
    const size_t same_id = use->second.first;
    const std::string content = ContentOf(member.operation);
    const size_t same = first_of_content.emplace(std::pair(same_id, content), i).first->second;
    member.id_use = BatchMember::IdUse{same_id, same};
  }
}

void Submission::LookUpEnded(const std::string& id) {
  const auto it = found_.ended.find(id);
  if (it == found_.ended.end()) return;
  const Reservation& ended = it->second;
  if (ended.denied_at_once() && !Retained(ended.create_time_us)) return;
  command_.lookup.ended.try_emplace(id, std::make_shared<const Reservation>(ended));
}

absl::StatusOr<Submission::Known> Submission::LookUpRequest(const RequestReservation& request) {
  Known known;
  const auto found = found_.made.find(request.id);
  if (found == found_.made.end()) return known;
  const Reservation& before = found->second;
  const bool denied = before.denied_at_once();
  if (denied && !Retained(before.create_time_us)) {
    // Free again; what is as of then stays to be found.
    std::vector<uint64_t>& denials = command_.lookup.denied_before[request.id];
    denials = before.denied_before;
    denials.push_back(before.create_sequence);
    return known;
  }
  // A newer view knows every resource that the record may name.
  const View newest = controller_->Peek(command_.population);
  known.refusal =
      MakeConflict(stored::ID_CONFLICT, RenderRequest(before, newest->directory->function()),
                   ToMessage(request));
  known.conflict = !known.refusal.faults().empty();
  known.replay = !known.conflict;
  known.answer.set_kind(denied ? stored::Answer::DENIAL : stored::Answer::RESERVATION);
  known.answer.set_id(request.id);
  known.answer.set_sequence(before.create_sequence);
  known.answer.set_created(!denied);
  return known;
}

// What the command is to find of it where it is decided.
void Submission::LookUpCharge(const std::string& id) {
  const auto found = found_.charges.find(id);
  if (found == found_.charges.end()) return;
  command_.lookup.charges.try_emplace(id,
                                      std::make_shared<const stored::ChargeRecord>(found->second));
}

absl::StatusOr<Submission::Known> Submission::LookUpChargeId(const std::string& id,
                                                             const BatchOperation& operation) {
  Known known;
  const auto found = found_.charges.find(id);
  if (found == found_.charges.end()) return known;
  const stored::ChargeRecord& before = found->second;
  if (!before.refund_of().empty()) {
    known.conflict = true;
    known.refusal = MakeConflict("", "refund", VerbOf(operation));
    return known;
  }
  BatchOperation after = operation;
  if (auto* settle = std::get_if<SettleReservation>(&after)) {
    settle->amounts.EraseZeros();
  }
  known.refusal = MakeConflict(ChargeOperation(before), ToMessage(after));
  known.conflict = !known.refusal.faults().empty();
  known.replay = !known.conflict;
  const bool settles = before.charged().settles();
  known.answer.set_kind(AnswerKindOf(before));
  known.answer.set_id(settles ? before.charged().reservation() : id);
  known.answer.set_sequence(before.sequence());
  known.answer.set_created(!settles);
  return known;
}

absl::StatusOr<Submission::Known> Submission::LookUpOperation(const BatchOperation& operation) {
  if (const auto* request = std::get_if<RequestReservation>(&operation)) {
    return LookUpRequest(*request);
  }
  if (const std::string* id = ReservationIdOf(operation)) LookUpEnded(*id);
  if (const auto* entry = std::get_if<EnterCost>(&operation)) LookUpCharge(entry->corrects);
  const UsedId used = UsedIdOf(operation);
  return used.id == nullptr ? Known() : LookUpChargeId(*used.id, operation);
}

absl::StatusOr<Submission::Known> Submission::LookUpRefund(const View& view,
                                                           const RefundCharge& refund) {
  Known known;
  const auto charge = found_.charges.find(refund.charge);
  const bool charged = charge != found_.charges.end();
  if (charged) {
    const std::string& reservation = charge->second.charged().reservation();
    LookUpCharge(refund.charge);
    if (!reservation.empty()) {
      LookUpIds ids;
      ids.ended.push_back(reservation);
      auto found = controller_->LookUp(*view, ids);
      if (!found.ok()) return found.status();
      found_.ended = std::move(found->ended);
      LookUpEnded(reservation);
    }
  }
  const auto found = found_.charges.find(refund.id);
  if (found == found_.charges.end()) return known;
  if (found->second.refund_of() != refund.charge || !charged) {
    known.conflict = true;
    const std::string& other = found->second.refund_of();
    known.refusal = other.empty() ? MakeConflict("", VerbOf(found->second), "refund")
                                  : MakeConflict("charge", other, refund.charge);
    return known;
  }
  v1::RefundRequest before;
  const v1::RefundRequest now = ToMessage(refund);
  const stored::Refunded& first = found->second.refunds(0);
  before.set_id(refund.id);
  before.set_reason(first.reason());
  for (const auto& line : first.lines()) {
    if (first.all_left()) break;  // none was named
    for (int i = 0; i < charge->second.charged().lines_size(); ++i) {
      if (charge->second.charged().lines(i).resource() != line.resource()) continue;
      (*before.mutable_amounts())[charge->second.resource_names(i)].set_micros(line.amount());
    }
  }
  known.refusal = MakeConflict(stored::ID_CONFLICT, before, now);
  known.conflict = !known.refusal.faults().empty();
  known.replay = !known.conflict;
  known.answer.set_kind(stored::Answer::REFUND);
  known.answer.set_id(refund.id);
  known.answer.set_sequence(found->second.sequence());
  known.answer.set_created(true);
  return known;
}

}  // namespace purser::api
