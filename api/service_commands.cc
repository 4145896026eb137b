// Routes that change something: body to message to command, and what became of it to an answer.
#include <algorithm>

#include "api/decode.h"
#include "api/json.h"
#include "api/problems.h"
#include "api/render.h"
#include "api/service.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

constexpr char kReserveSpend[] = "reserve:spend";
constexpr char kDebtIncur[] = "debt:incur";
constexpr char kChargesWrite[] = "charges:write";

template <typename Message>
absl::Status ReadMessage(const HttpRequest& request,
                         std::unique_ptr<google::protobuf::Message>* out, const Message** message,
                         Faults* faults) {
  auto made = std::make_unique<Message>();
  auto status = ParseBody(request, made.get(), faults);
  *message = made.get();
  *out = std::move(made);
  return status;
}

std::string DescribeQuery(const RequestContext& context) {
  std::string text;
  for (const auto& [name, value] : context.query) {
    text += Concat(text.empty() ? "?" : "&", name, "=", value);
  }
  return text;
}

}  // namespace

HttpResponse Service::Execute(const HttpRequest& request, const RequestContext& context) {
  Command command;
  command.population = context.parameters.empty() ? "" : context.population();
  command.caller = {context.principal->name, context.principal->May("admin")};
  command.request_id = context.request_id;
  command.traceparent = context.traceparent;
  command.if_match = context.if_match;
  command.dry_run = context.dry_run;
  std::unique_ptr<google::protobuf::Message> message;
  if (auto status = Decode(request, context, &command, &message); !status.ok()) {
    return Problem(context, status);
  }
  if (auto status = CheckContentScopes(context, command); !status.ok()) {
    return Problem(context, status);
  }
  if (context.key.has_value()) {
    command.key.emplace();
    command.key->key = *context.key;
    command.key->record.set_method(request.method);
    command.key->record.set_path(request.path);
    command.key->record.set_query(DescribeQuery(context));
    command.key->record.set_request(message->SerializeAsString());
  }
  Submission submission(controller_, std::move(command), *message);
  return Answer(context, submission.Send());
}

absl::Status Service::Decode(const HttpRequest& request, const RequestContext& context,
                             Command* command, std::unique_ptr<google::protobuf::Message>* out) {
  Faults faults;
  absl::Status status;
  const std::string& id = context.parameters.empty() ? context.request_id : context.id();
  // Reads the body as a message; false when it has faults, which `status` then tells.
  const auto read = [&](auto message_type, auto decode) {
    const decltype(message_type)* message = nullptr;
    status = ReadMessage(request, out, &message, &faults);
    if (!status.ok()) return;
    command->body = decode(*message);
    status = faults.ToStatus();
  };
  switch (context.route->action) {
    case Action::kCreatePopulation:
      read(v1::CreatePopulation(), [&](const auto& message) {
        command->population = message.name();
        return DecodePopulation(message, options_.required_labels, &faults);
      });
      break;
    case Action::kUpdatePopulation:
      read(v1::UpdatePopulation(),
           [&](const auto& message) { return DecodePopulationUpdate(message, &faults); });
      break;
    case Action::kCreateResource:
      read(v1::ResourceSettings(), [&](const auto& message) {
        return CreateResource{DecodeSettings(message, "", &faults)};
      });
      break;
    case Action::kUpdateResource:
      read(v1::ResourceSettings(),
           [&](const auto& message) { return DecodeUpdate(message, id, &faults); });
      break;
    case Action::kDeleteResource:
      read(v1::ReleaseRequest(), [&](const auto&) { return DeleteResource{id}; });
      break;
    case Action::kGrant:
      read(v1::AmountAndReason(), [&](const auto& message) {
        return GrantAmount{id, DecodeGrant(message, &faults), message.reason()};
      });
      break;
    case Action::kWithdraw:
      read(v1::AmountAndReason(), [&](const auto& message) {
        return WithdrawAmount{id, DecodeGrant(message, &faults), message.reason()};
      });
      break;
    case Action::kCreateFreeze:
      read(v1::Freeze(), [&](const auto& message) { return DecodeFreeze(message, &faults); });
      break;
    case Action::kDeleteFreeze:
      read(v1::ReleaseRequest(), [&](const auto&) { return DeleteFreeze{id}; });
      break;
    case Action::kCreateReservation:
      read(v1::ReservationRequest(),
           [&](const auto& message) { return DecodeRequest(message, "", &faults); });
      if (status.ok()) Normalize(static_cast<v1::ReservationRequest*>(out->get()));
      break;
    case Action::kStart:
      read(v1::LeaseRequest(),
           [&](const auto& message) { return DecodeStart(message, id, "", &faults); });
      break;
    case Action::kRenew:
      read(v1::LeaseRequest(),
           [&](const auto& message) { return DecodeRenew(message, id, "", &faults); });
      break;
    case Action::kCharge:
      read(v1::ReservationChargeRequest(),
           [&](const auto& message) { return DecodeCharge(message, id, "", &faults); });
      break;
    case Action::kSettle:
      read(v1::SettleRequest(),
           [&](const auto& message) { return DecodeSettle(message, id, "", &faults); });
      break;
    case Action::kRelease:
      read(v1::ReleaseRequest(), [&](const auto&) { return ReleaseReservation{id}; });
      break;
    case Action::kPostCharge:
      read(v1::ChargeRequest(),
           [&](const auto& message) { return DecodePostCharge(message, "", &faults); });
      break;
    case Action::kRefund:
      read(v1::RefundRequest(),
           [&](const auto& message) { return DecodeRefund(message, id, &faults); });
      break;
    default:
      status = DecodeBatch(request, context, command, out);
  }
  return status;
}

absl::Status Service::DecodeBatch(const HttpRequest& request, const RequestContext& context,
                                  Command* command,
                                  std::unique_ptr<google::protobuf::Message>* out) {
  auto message = std::make_unique<v1::BatchRequest>();
  Faults faults;
  if (auto status = ParseBody(request, message.get(), &faults); !status.ok()) return status;
  const size_t operations_max = message->atomic() ? kAtomicOperationsMax : kBatchOperationsMax;
  if (message->operations_size() > static_cast<int>(operations_max)) {
    return Refuse(stored::BATCH_TOO_LARGE,
                  Concat("at most ", operations_max, " operations in such a batch"));
  }
  if (message->operations().empty()) {
    return RefuseField(stored::INVALID_ARGUMENT, "operations", "at least one operation");
  }
  Batch batch;
  batch.atomic = message->atomic();
  for (int i = 0; i < message->operations_size(); ++i) {
    Faults of_member;
    BatchMember& member = batch.members.emplace_back();
    member.operation = DecodeOperation(message->operations(i), i, &of_member);
    absl::Status status = of_member.ToStatus();
    if (status.ok()) status = CheckOperationScopes(context, member.operation);
    if (status.ok()) continue;
    // Each member of a plain batch stands for itself; an atomic one is malformed as a whole.
    member.malformed = true;
    member.refusal = RefusalOf(status);
    if (!batch.atomic) continue;
    if (!of_member.empty()) {
      for (const auto& fault : member.refusal.faults()) {
        faults.Add(fault.reason(), fault.path(), fault.message());
      }
    }
  }
  if (!faults.empty()) return faults.ToStatus();
  for (auto& operation : *message->mutable_operations()) {
    if (operation.has_create()) Normalize(operation.mutable_create());
  }
  command->body = std::move(batch);
  *out = std::move(message);
  return absl::OkStatus();
}

absl::Status Service::CheckOperationScopes(const RequestContext& context,
                                           const BatchOperation& operation) const {
  if (const auto* request = std::get_if<RequestReservation>(&operation)) {
    const std::string purpose = stored::Purpose_Name(request->purpose);
    const bool draws = std::find(options_.reserve_purposes.begin(), options_.reserve_purposes.end(),
                                 purpose) != options_.reserve_purposes.end();
    if (draws && !context.principal->May(kReserveSpend)) {
      return Refuse(stored::FORBIDDEN,
                    Concat("the scope reserve:spend is required for the purpose ", purpose));
    }
    if (request->overrun_policy == stored::DEBT && !context.principal->May(kDebtIncur)) {
      return Refuse(stored::FORBIDDEN, "the scope debt:incur is required for overrun_policy DEBT");
    }
  }
  if (std::holds_alternative<PostCharge>(operation) && !context.principal->May(kChargesWrite)) {
    return Refuse(stored::FORBIDDEN, "the scope charges:write is required");
  }
  return absl::OkStatus();
}

absl::Status Service::CheckContentScopes(const RequestContext& context,
                                         const Command& command) const {
  if (const auto* request = std::get_if<RequestReservation>(&command.body)) {
    return CheckOperationScopes(context, *request);
  }
  const auto* batch = std::get_if<Batch>(&command.body);
  if (batch == nullptr || !batch->atomic) return absl::OkStatus();
  for (const BatchMember& member : batch->members) {
    if (member.malformed) return Refuse(member.refusal);
  }
  return absl::OkStatus();
}

HttpResponse Service::Answer(const RequestContext& context, const Submitted& submitted) {
  HttpResponse response;
  if (!submitted.status.ok()) {
    const Refusal refusal = RefusalOf(submitted.status);
    v1::Problem problem = MakeProblem(
        refusal, submitted.request_id.empty() ? context.request_id : submitted.request_id);
    if (context.dry_run) {
      problem.set_dry_run(true);
      problem.set_judged_at_sequence(submitted.sequence);
    }
    if (refusal.has_member()) {
      for (int i = 0; i < submitted.members; ++i) {
        Refusal other;
        other.set_reason(stored::BATCH_MEMBER_FAILED);
        other.set_detail(Concat("member ", refusal.member(), " failed"));
        Refusal own = refusal;
        own.clear_member();
        *problem.add_results()->mutable_problem() = MakeProblem(
            i == static_cast<int>(refusal.member()) ? own : other, problem.request_id());
      }
    }
    response = ProblemResponse(problem);
  } else if (context.route->action == Action::kBatch) {
    response = AnswerBatch(context, submitted);
  } else {
    response = AnswerShown(context, submitted);
  }
  if (submitted.replayed) response.headers.emplace_back("Idempotency-Replayed", "true");
  if (submitted.sequence != 0) SetSequence(submitted.sequence, &response);
  return response;
}

HttpResponse Service::AnswerBatch(const RequestContext& context, const Submitted& submitted) {
  const View view = controller_->Peek(context.population());
  const ResourceIdentities identify = view->directory->function();
  v1::BatchResponse batch;
  batch.set_ledger_sequence(submitted.sequence);
  if (context.dry_run) batch.set_dry_run(true);
  for (size_t i = 0; i < submitted.shown.size(); ++i) {
    const Shown& shown = submitted.shown[i];
    v1::BatchResult& result = *batch.add_results();
    const bool failed = i < submitted.member_status.size() && !submitted.member_status[i].ok();
    if (failed) {
      // A replay of the whole says what was said first, the first request's id included.
      const std::string& request_id =
          submitted.request_id.empty() ? context.request_id : submitted.request_id;
      *result.mutable_problem() = MakeProblem(RefusalOf(submitted.member_status[i]), request_id);
    } else if (shown.reservation.has_value()) {
      *result.mutable_reservation() =
          RenderReservation(*shown.reservation, shown.lease_shift_us, identify);
    } else if (shown.charge.has_value()) {
      *result.mutable_charge() = RenderCharge(*shown.charge);
    }
    if (shown.answer.replayed()) result.set_replayed(true);
  }
  return JsonResponse(200, batch);
}

namespace {

// Marks a message as the answer to a dry run.
template <typename Message>
Message Marked(Message message, const RequestContext& context) {
  if (context.dry_run) message.set_dry_run(true);
  return message;
}
template <typename Message>
Message Judged(Message message, const RequestContext& context, uint64_t sequence) {
  if (!context.dry_run) return message;
  message.set_dry_run(true);
  message.set_judged_at_sequence(sequence);
  return message;
}

}  // namespace

HttpResponse Service::AnswerShown(const RequestContext& context, const Submitted& submitted) {
  const Shown& shown = submitted.shown.front();
  const int status = shown.answer.created() ? 201 : 200;
  const std::string population =
      shown.population != nullptr ? shown.population->name() : context.population();
  const View view = controller_->Peek(population);
  // A dry run of a population's making has no view; nothing it shows needs one.
  const ResourceIdentities identify =
      view == nullptr ? ResourceIdentities() : view->directory->function();
  const std::string base = Concat("/v1/populations/", population);
  HttpResponse response;
  std::string location;
  uint64_t generation = 0;
  if (shown.reservation.has_value()) {
    const v1::Reservation reservation =
        Judged(RenderReservation(*shown.reservation, shown.lease_shift_us, identify), context,
               submitted.sequence);
    location = Concat(base, "/reservations/", reservation.id());
    generation = reservation.generation();
    response = JsonResponse(status, reservation);
  } else if (shown.charge.has_value()) {
    const v1::Charge charge = Judged(RenderCharge(*shown.charge), context, submitted.sequence);
    location = Concat(base, "/charges/", charge.id());
    response = JsonResponse(status, charge);
  } else if (shown.population != nullptr) {
    // By name, as a GET and a replay show them; the request may have had another order.
    std::vector<Resource> resources = shown.resources;
    std::sort(resources.begin(), resources.end(),
              [](const Resource& a, const Resource& b) { return a.name() < b.name(); });
    const v1::Population message =
        Marked(RenderPopulation(*shown.population, shown.answer.sequence(), resources), context);
    location = base;
    generation = message.generation();
    response = JsonResponse(status, message);
  } else if (shown.freeze.has_value()) {
    const v1::Freeze freeze = Marked(RenderFreeze(*shown.freeze, identify), context);
    location = Concat(base, "/freezes/", freeze.id());
    response = JsonResponse(status, freeze);
  } else if (!shown.resources.empty()) {
    const v1::Resource resource = Marked(RenderResource(shown.resources.front()), context);
    location = Concat(base, "/resources/", resource.name());
    generation = resource.generation();
    response = JsonResponse(status, resource);
  }
  if (status == 201) response.headers.emplace_back("Location", location);
  if (generation != 0) response.headers.emplace_back("ETag", Concat("\"", generation, "\""));
  return response;
}

}  // namespace purser::api
