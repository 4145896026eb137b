// Routes that change something: what is asked to a command, and what became of it to an answer.
#include <algorithm>

#include "api/answer_fields.h"
#include "api/count_budgets.h"
#include "api/decode.h"
#include "api/json.h"
#include "api/problems.h"
#include "api/render.h"
#include "api/render_budget.h"
#include "api/render_cost_entry.h"
#include "api/render_guardrail.h"
#include "api/render_limit.h"
#include "api/render_model.h"
#include "api/render_proposal.h"
#include "api/render_rate_card.h"
#include "api/same_content.h"
#include "api/service.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

// Of the messages of one request. The first block is for those of a single command, the others for
// batches.
constexpr size_t kArenaFirstBytes = 8 << 10;
constexpr size_t kArenaBlockBytesMax = 1 << 20;

google::protobuf::ArenaOptions ArenaOptionsOf(char* first_block) {
  google::protobuf::ArenaOptions options;
  options.initial_block = first_block;
  options.initial_block_size = kArenaFirstBytes;
  options.start_block_size = 4 * kArenaFirstBytes;
  options.max_block_size = kArenaBlockBytesMax;
  return options;
}

std::string DescribeQuery(const RequestContext& context) {
  std::string text;
  for (const auto& [name, value] : context.query) {
    text += Concat(text.empty() ? "?" : "&", name, "=", value);
  }
  return text;
}

// The faults of query and headers with those of the body; anything else that is wrong goes first.
absl::Status WithFaultsOf(const RequestContext& context, const absl::Status& decoded) {
  if (context.faults.empty()) return decoded;
  if (decoded.ok()) return context.faults.ToStatus();
  const Refusal refusal = RefusalOf(decoded);
  if (refusal.faults().empty()) return decoded;
  Faults all = context.faults;
  for (const auto& fault : refusal.faults()) {
    all.Add(fault.reason(), fault.path(), fault.message());
  }
  return all.ToStatus();
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
  alignas(std::max_align_t) char first_block[kArenaFirstBytes];
  google::protobuf::Arena arena(ArenaOptionsOf(first_block));
  google::protobuf::Message* message = nullptr;
  absl::Status status = WithFaultsOf(context, Decode(request, context, &command, &arena, &message));
  if (status.ok()) status = ChooseApproval(&command);
  if (status.ok()) status = CheckContentScopes(context, command);
  if (auto* const close = std::get_if<ClosePeriod>(&command.body); status.ok() && close) {
    const auto view = controller_->Read(command.population);
    status = view.ok() ? LookAtPeriod(close, *view) : view.status();
  }
  if (!status.ok()) return RefuseDecoded(context, command, status);
  if (context.key.has_value()) {
    Normalize(command, message);
    command.key.emplace();
    command.key->key = *context.key;
    command.key->record.set_method(request.method);
    command.key->record.set_path(request.path);
    command.key->record.set_query(DescribeQuery(context));
    command.key->record.set_request(message->SerializeAsString());
  }
  Submission submission(controller_, std::move(command), *message);
  const Submitted submitted = submission.Send();
  if (context.route->action == Action::kCreateBudget) CountMade(context, submitted);
  return Answer(context, submitted);
}

// So that whoever reads the budget next sees it whole. Where it fails the reviewer's thread does
// it.
void Service::CountMade(const RequestContext& context, const Submitted& submitted) {
  if (!submitted.status.ok() || submitted.replayed || context.dry_run) return;
  const View view = controller_->Peek(context.population());
  if (view == nullptr) return;
  const std::string& id = submitted.shown.front().budget->settings->id();
  CountBudget(controller_, view, id, context.request_id, [] { return false; }).IgnoreError();
}

// What was refused before anything was looked up.
HttpResponse Service::RefuseDecoded(const RequestContext& context, const Command& command,
                                    const absl::Status& status) {
  const Refusal refusal = RefusalOf(status);
  const auto* batch = std::get_if<Batch>(&command.body);
  const int members = batch == nullptr ? 0 : static_cast<int>(batch->members.size());
  return ProblemResponse(BatchProblem(refusal, members, context.request_id));
}

namespace {

// Constraints are gates: who may change a model may not yet set or lift one.
absl::Status CheckModelScopes(const RequestContext& context, const Command& command) {
  const auto* registers = std::get_if<RegisterModel>(&command.body);
  const auto* updates = std::get_if<UpdateModel>(&command.body);
  const UpdateModel* const said = registers != nullptr ? &registers->said : updates;
  const bool approves = std::holds_alternative<ApproveActivation>(command.body);
  if (approves && !context.principal->May("reserve:spend")) {
    return Refuse(stored::FORBIDDEN, "approving what draws on the reserve needs reserve:spend");
  }
  if (said == nullptr) return absl::OkStatus();
  const bool names_constraints = said->constraints.has_value() && !said->constraints->empty();
  const bool changes_constraints =
      updates != nullptr ? said->constraints.has_value() : names_constraints;
  if (changes_constraints && !context.principal->May("constraints:write")) {
    return Refuse(stored::FORBIDDEN, "constraints need the scope constraints:write");
  }
  const bool may_write = context.principal->May("models:write") || context.principal->May("admin");
  if (updates != nullptr && !may_write && SaysMoreThanConstraints(*updates)) {
    return Refuse(stored::FORBIDDEN, "all but constraints needs the scope models:write");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Service::CheckContentScopes(const RequestContext& context,
                                         const Command& command) const {
  if (const auto* request = std::get_if<RequestReservation>(&command.body)) {
    return CheckOperationScopes(context, *request);
  }
  if (const auto* entry = std::get_if<EnterCost>(&command.body)) {
    return CheckOperationScopes(context, *entry);
  }
  const auto* population = std::get_if<CreatePopulation>(&command.body);
  if (population != nullptr && !context.principal->Sees(population->settings.name())) {
    return Refuse(stored::FORBIDDEN, "the principal is not of this population");
  }
  if (auto status = CheckModelScopes(context, command); !status.ok()) return status;
  const auto* batch = std::get_if<Batch>(&command.body);
  if (batch == nullptr || !batch->atomic) return absl::OkStatus();
  for (size_t i = 0; i < batch->members.size(); ++i) {
    if (!batch->members[i].malformed) continue;
    Refusal refusal = *batch->members[i].refusal;
    refusal.set_member(static_cast<uint32_t>(i));
    return Refuse(refusal);
  }
  return absl::OkStatus();
}

namespace {

// As draft-ietf-httpapi-ratelimit-headers-10 has them.
void SetRate(const RateShown& rate, HttpResponse* response) {
  response->headers.emplace_back("RateLimit-Policy", Concat("\"", rate.limit, "\";q=", rate.burst,
                                                            ";w=", rate.window_seconds));
  response->headers.emplace_back(
      "RateLimit", Concat("\"", rate.limit, "\";r=", rate.left, ";t=", rate.full_after_seconds));
}

}  // namespace

HttpResponse Service::Answer(const RequestContext& context, const Submitted& submitted) {
  HttpResponse response;
  if (!submitted.status.ok()) {
    const Refusal refusal = RefusalOf(submitted.status);
    v1::Problem problem =
        BatchProblem(refusal, submitted.members,
                     submitted.request_id.empty() ? context.request_id : submitted.request_id);
    if (context.dry_run) {
      problem.set_dry_run(true);
      problem.set_judged_at_sequence(submitted.sequence);
    }
    if (submitted.rate.has_value() && submitted.rate->retry_after_seconds > 0) {
      problem.set_retry_after_seconds(static_cast<uint32_t>(
          std::min<int64_t>(submitted.rate->retry_after_seconds, UINT32_MAX)));
    }
    response = ProblemResponse(problem);
  } else if (context.route->action == Action::kBatch) {
    response = AnswerBatch(context, submitted);
  } else {
    response = AnswerShown(context, submitted);
  }
  if (submitted.rate.has_value()) SetRate(*submitted.rate, &response);
  if (submitted.replayed) response.headers.emplace_back("Idempotency-Replayed", "true");
  if (submitted.sequence != 0) SetSequence(submitted.sequence, &response);
  return response;
}

namespace {

// Marks a message as the answer to a dry run.
template <typename Message>
Message Marked(Message message, const RequestContext& context) {
  if (context.dry_run) message.set_dry_run(true);
  return message;
}

template <typename Message>
Message Judged(Message message, const AnswerMarks& marks) {
  if (!marks.judged_at_sequence.has_value()) return message;
  message.set_dry_run(true);
  message.set_judged_at_sequence(*marks.judged_at_sequence);
  return message;
}

// Of what is said of models: the answer, where it is found, and its generation.
void AnswerModels(const RequestContext& context, const Shown& shown, const View& view, int status,
                  const std::string& base, HttpResponse* response, std::string* location,
                  uint64_t* generation) {
  if (shown.model != nullptr) {
    // Its population is there, or it would not be.
    const v1::Model model = Marked(RenderModel(*shown.model, *view), context);
    *location = Concat(base, "/models/", model.id());
    *generation = model.generation();
    *response = JsonResponse(status, model);
  } else if (shown.proposal != nullptr) {
    const v1::Proposal proposal = Marked(RenderProposal(*shown.proposal), context);
    *location = Concat(base, "/proposals/", proposal.id());
    *generation = proposal.generation();
    *response = JsonResponse(status, proposal);
  } else if (shown.approval != nullptr) {
    *response = JsonResponse(shown.answer.created() ? 202 : 200,
                             Marked(RenderApproval(*shown.approval), context));
    *location = Concat(base, "/approvals");
  }
}

// A charge, a cost entry or outcomes, and where that is found below its population.
HttpResponse AnswerPosted(const RequestContext& context, const stored::ChargeRecord& posted,
                          const AnswerMarks& marks, int status, std::string* location) {
  if (posted.has_cost_entered()) {
    *location = Concat("/cost-entries/", posted.cost_entered().id());
    return JsonResponse(status, Judged(RenderCostEntry(posted), marks));
  }
  if (posted.has_outcomes_reported()) {
    *location = Concat("/outcomes/", posted.outcomes_reported().id());
    return JsonResponse(status, Judged(RenderOutcomes(posted), marks));
  }
  *location = Concat("/charges/", posted.charged().id());
  return WrittenResponse<v1::Charge>(context, status,
                                     [&](auto* out) { WriteCharge(posted, marks, out); });
}

// What operators rule, besides resources.
bool IsRule(const Shown& shown) {
  return shown.budget != nullptr || shown.guardrail != nullptr || shown.freeze != nullptr ||
         shown.limit != nullptr || shown.rate_card != nullptr;
}

// Sets the place under the population.
HttpResponse AnswerRule(const RequestContext& context, const Shown& shown,
                        const ResourceIdentities& identify, int status, std::string* location,
                        uint64_t* generation) {
  if (shown.budget != nullptr) {
    const v1::Budget budget = Marked(RenderBudget(*shown.budget), context);
    *location = Concat("/budgets/", budget.id());
    *generation = budget.generation();
    return JsonResponse(status, budget);
  }
  if (shown.guardrail != nullptr) {
    const v1::Guardrail guardrail =
        Marked(RenderGuardrail(*shown.guardrail, shown.freeze.get()), context);
    *location = Concat("/guardrails/", guardrail.id());
    *generation = guardrail.generation();
    return JsonResponse(status, guardrail);
  }
  if (shown.freeze != nullptr) {
    const v1::Freeze freeze = Marked(RenderFreeze(*shown.freeze, identify), context);
    *location = Concat("/freezes/", freeze.id());
    return JsonResponse(status, freeze);
  }
  if (shown.limit != nullptr) {
    const v1::Limit limit = Marked(RenderLimit(*shown.limit), context);
    *location = Concat("/limits/", limit.id());
    *generation = limit.generation();
    return JsonResponse(status, limit);
  }
  const v1::RateCard card = Marked(RenderRateCard(*shown.rate_card), context);
  *location = Concat("/rate-cards/", card.id());
  *generation = card.generation();
  return JsonResponse(status, card);
}

}  // namespace

HttpResponse Service::AnswerShown(const RequestContext& context, const Submitted& submitted) {
  const Shown& shown = submitted.shown.front();
  if (shown.period != nullptr) return AnswerPeriod(context, *shown.period);
  const Action action = context.route->action;
  if (shown.reservation != nullptr && (action == Action::kApprove || action == Action::kReject)) {
    return JsonResponse(200, Marked(RenderApproval(*shown.reservation, {}), context));
  }
  const bool waits = shown.reservation != nullptr &&
                     (shown.reservation->queued() || shown.reservation->scheduled());
  const int made_status = waits ? 202 : 201;
  const int status = shown.answer.created() ? made_status : 200;
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
  AnswerMarks marks;
  AnswerModels(context, shown, view, status, base, &response, &location, &generation);
  if (context.dry_run) marks.judged_at_sequence = submitted.sequence;
  if (shown.reservation != nullptr) {
    const ReservationPicture& reservation = *shown.reservation;
    location = Concat(base, "/reservations/", reservation.id);
    generation = reservation.generation;
    std::optional<Explained> why;
    if (waits && shown.waits_for != nullptr) {
      why = Explained{*shown.waits_for, shown.waits_for->explanation(), {}};
      marks.waits = &*why;
    }
    response = WrittenResponse<v1::Reservation>(context, status, [&](auto* out) {
      WriteReservation(reservation, shown.lease_shift_us, identify, marks, out);
    });
  } else if (shown.charge != nullptr) {
    response = AnswerPosted(context, *shown.charge, marks, status, &location);
    location = Concat(base, location);
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
  } else if (IsRule(shown)) {
    response = AnswerRule(context, shown, identify, status, &location, &generation);
    location = Concat(base, location);
  } else if (!shown.resources.empty()) {
    const v1::Resource resource = Marked(RenderResource(shown.resources.front()), context);
    location = Concat(base, "/resources/", resource.name());
    generation = resource.generation();
    response = JsonResponse(status, resource);
  }
  if (context.dry_run) return response;  // nothing is there to be found or matched
  if (status != 200) response.headers.emplace_back("Location", location);
  if (generation != 0) response.headers.emplace_back("ETag", Concat("\"", generation, "\""));
  return response;
}

}  // namespace purser::api
