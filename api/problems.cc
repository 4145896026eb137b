#include "api/problems.h"

#include "api/json.h"
#include "api/render_denial.h"
#include "ledger/amount.h"
#include "ledger/check.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

// The order is the order of judgement. Codes and statuses are contract.
constexpr ProblemKind kProblems[] = {
    {stored::MISDIRECTED, 421, "Misdirected request",
     "The Host header names neither the listening address nor localhost nor a configured host.",
     "Send the request to the daemon's own address, or add the name to `hosts` in [server]."},
    {stored::NOT_FOUND, 404, "Not found",
     "There is no such route, population, or object; or there was none at the time asked for.",
     "Check the path and the id; list the collection to see what there is."},
    {stored::METHOD_NOT_ALLOWED, 405, "Method not allowed",
     "The route exists, but not with this method.", "Use one of the methods in the Allow header."},
    {stored::UNAUTHENTICATED, 401, "Unauthenticated",
     "The daemon has tokens configured and the request carries none that it knows.",
     "Send `Authorization: Bearer <token>`."},
    {stored::FORBIDDEN, 403, "Forbidden",
     "The principal lacks the scope, the population, or is not the holder of the reservation.",
     "Ask the operator for the scope that `detail` names, or act as the holder."},
    {stored::BODY_TOO_LARGE, 413, "Body too large",
     "The body is above 256 KiB, or above 8 MiB for a batch.", "Send less, or several requests."},
    {stored::UNSUPPORTED_MEDIA_TYPE, 415, "Unsupported media type",
     "The body is of a type that the route does not take.",
     "Send `Content-Type: application/json`, or what `detail` names."},
    {stored::NOT_ACCEPTABLE, 406, "Not acceptable",
     "The Accept header excludes every type that the route answers in.",
     "Accept application/json, or what `detail` names."},
    {stored::MALFORMED, 400, "Malformed request",
     "The body is not well-formed JSON or protobuf, or the request is not well-formed HTTP.",
     "`fields` says where the body stops being so."},
    {stored::INVALID_ARGUMENT, 400, "Invalid argument",
     "A field has a value that it cannot have; `fields` names every one.",
     "Correct the fields named. Nothing was recorded."},
    {stored::UNKNOWN_FIELD, 400, "Unknown field",
     "A field or query parameter is not known; none is ever ignored.",
     "Remove or correct the fields named."},
    {stored::NOT_SUPPORTED, 400, "Not supported yet",
     "The field is known, but what it asks for is not built yet.",
     "Leave it out, or give it its default."},
    {stored::KEY_CONFLICT, 422, "Idempotency key used for something else",
     "The Idempotency-Key was sent before with another method, path, query or body.",
     "`fields` shows what differs; use a new key for a new request."},
    {stored::ID_CONFLICT, 409, "Id used for something else",
     "The id was used before with other content; ids are never used twice.",
     "`fields` shows what differs; use a new id for a new request. What is there already and may "
     "change, such as a model, is changed by PATCH."},
    {stored::UNKNOWN_RESOURCE, 400, "Unknown resource",
     "The population has no resource of that name.", "List the population's resources."},
    {stored::IMMUTABLE, 400, "Immutable field",
     "What names a thing or says what it is never changes: a resource's name, unit, kind and "
     "period, "
     "a population's time_zone, a model's id and operator_family, most of a proposal.",
     "Make a new one."},
    {stored::AS_OF_IN_FUTURE, 400, "As of the future",
     "as_of names a sequence or a time that has not come.", "Ask for the past."},
    {stored::ALREADY_SETTLED, 410, "Already settled", "The reservation was settled by its holder.",
     "Nothing reopens: request a new reservation."},
    {stored::ALREADY_RELEASED, 410, "Already released",
     "The reservation was released by its holder.", "Nothing reopens: request a new reservation."},
    {stored::EXPIRED, 410, "Expired", "The reservation's lease ran out.",
     "Usage can still be charged; for anything else request a new reservation."},
    {stored::PREEMPTED, 410, "Preempted", "The reservation gave way to another.",
     "Usage can still be charged; for anything else request a new reservation."},
    {stored::DENIED, 410, "Denied", "The reservation was never granted.",
     "Ask again with a new id."},
    {stored::ALREADY_STARTED, 409, "Already started", "The reservation is ACTIVE already.",
     "Go on; to change the lease, renew."},
    {stored::NOT_GRANTED, 409, "Not granted yet",
     "The reservation waits in the queue, or has not reached its start.",
     "Wait until it is GRANTED, or release it."},
    {stored::OVERRUN_STOP, 409, "Stopped for its overrun",
     "The reservation overran and was told to stop: it is not renewed any more.",
     "Stop the work and settle; the lease ends it otherwise."},
    {stored::RESOURCE_IN_USE, 409, "Resource in use",
     "Open reservations, footprints of models or rate cards name the resource, or it is in debt.",
     "Settle or release them, take it out of the footprints, end the cards, repay the debt."},
    {stored::REFUND_EXCEEDS_CHARGE, 409, "Refund exceeds charge",
     "The refund is more than is left of the charge.", "Refund at most what is left."},
    {stored::LIMIT_OF_THE_DAEMON, 409, "Limit of the daemon",
     "A fixed limit of the daemon is reached; `detail` names it.",
     "Remove what is not needed any more."},
    {stored::PRECONDITION_REQUIRED, 428, "Precondition required",
     "Settings are changed only by one who has read them.",
     "Read the object and send its ETag as If-Match."},
    {stored::PRECONDITION_FAILED, 412, "Precondition failed",
     "The object has changed since it was read.", "Read it again and decide again."},
    {stored::FROZEN, 409, "Frozen",
     "The population, the operator family or a resource is frozen for new holds.",
     "`blocking` names the freeze, its reason and its end; an operator may lift it."},
    {stored::OVERDRAWN, 409, "Overdrawn",
     "The operator family owes for usage that nothing funded, or a resource's debts are past its "
     "limit.",
     "A grant, a refund or the next period repays the debt; `blocking` names it."},
    {stored::LIMIT_EXCEEDED, 409, "Limit exceeded",
     "A limit of the principal or of the population is reached.",
     "`blocking` names the limit; wait until some of what counts is gone."},
    {stored::BUDGET_BLOCKED, 409, "Blocked by a budget",
     "What is spent and held of a budget, and this request, are more than 110 % of its amount.",
     "`blocking` names the budget; ask for less, or have an approver override it."},
    {stored::APPROVAL_REQUIRED, 409, "Approval required",
     "What is spent and held of a budget, and this request, are more than 90 % of its amount.",
     "Ask with `\"on_shortage\": \"QUEUE\"`, and have another principal approve it; what is to be "
     "booked cannot wait for that: ask for less, or have an approver override the budget."},
    {stored::BEHIND_QUEUE, 409, "Behind the queue",
     "There is room, but others wait for the same resources and come first.",
     "Ask with `\"on_shortage\": \"QUEUE\"`; `blocking` names the resources."},
    {stored::NEVER_FITS, 409, "Never fits",
     "The request would not fit with everything free, so it is not left to wait.",
     "Ask for less, or have an operator grant more."},
    {stored::CAPACITY_BOOKED, 409, "Capacity booked",
     "The lease would last into a time for which others have booked what it holds.",
     "`shortages` says when; ask for a lease that ends by then, or release some of it."},
    {stored::PERIOD_NOT_OPEN, 409, "Period not open",
     "The advance reservation would start when the period of a budget it names is over.",
     "Book for a start within the running period, or wait for the next one to begin."},
    {stored::QUEUE_TIMEOUT, 409, "Waited in vain",
     "The request waited as long as it was willing to, and was not granted.",
     "Ask again with a new id, with a longer `max_queue_wait` or for less."},
    {stored::WRONG_STATE, 409, "Wrong state",
     "The model, the proposal or the rate card is in a state that the verb does not take.",
     "`detail` names its state and those that the verb takes."},
    {stored::RATE_CARD_OVERLAP, 409, "Rate cards overlap",
     "Another rate card has a rate of the same resource for some of the same time.",
     "`detail` names it; begin when it ends, or give it a `valid_until` first."},
    {stored::QUOTE_EXPIRED, 409, "Quote expired",
     "The rates of `quoted_at` were good for a day, which is over.",
     "Ask for another quote, or leave `quoted_at` out."},
    {stored::PERIOD_NOT_OVER, 409, "Period not over",
     "The month that was to be closed goes on, or is still to come.",
     "Close it when it is over: `…/periods` says until when it goes."},
    {stored::PERIOD_HELD, 409, "Period held",
     "Reservations hold consumables since before the end of the month, and what they charge is "
     "its.",
     "`blocking` names the first of them; close it when all of them have ended."},
    {stored::UNKNOWN_MODEL, 400, "Unknown model",
     "A field names a model that the population does not have.",
     "Register it first, or correct the id that `fields` names."},
    {stored::LINEAGE_CYCLE, 400, "Lineage cycle",
     "A model's parent would be the model itself, or one that was registered after it.",
     "Parents are registered before their children; name those."},
    {stored::CONSTRAINT_FORBIDS, 409, "A hard constraint forbids it",
     "A constraint of a model forbids what the command would do to it, on every path.",
     "`blocking` names each; who has constraints:write may lift one, with a reason."},
    {stored::SOLE_PROVIDER, 409, "The only provider of a required capability",
     "No ACTIVE model would be left that provides what the population requires.",
     "Activate another provider first, or in the same command."},
    {stored::ROLLBACK_WINDOW, 409, "A rollback target is kept",
     "The model is what others are rolled back to: within its window, or of an ACTIVE model.",
     "Wait until its window ends, or name another rollback target."},
    {stored::NO_ROLLBACK_TARGET, 409, "No rollback target",
     "The model has nothing that it could be rolled back to.",
     "PATCH its `rollback_target`, or activate another model by `replaces`."},
    {stored::PREMISES_CHANGED, 409, "The premises have changed",
     "A model that the proposal names is not as it was when the proposal was approved.",
     "`blocking` names each; look at what changed, and approve the proposal anew."},
    {stored::BUDGET_STEP, 409, "The population budget changes slowly",
     "The amount of active_models moves by one step a calendar month.",
     "`schedule` says from when it may be how much, until it is what was asked."},
    {stored::RESERVE_OVERDUE, 409, "The reserve is overdue",
     "An activation drew on the reserve, was due back, and the reserve is not whole again.",
     "Activate by `replaces`, or give back what the reserve lacks."},
    {stored::COST_NOT_REDUCED, 409, "The cost is not reduced",
     "All ACTIVE models together would not be expected to cost less by the margin.",
     "Retire more, or lower more costs; `blocking` has both sums."},
    {stored::POPULATION_FULL, 409, "The population is full",
     "What the model would occupy is not there.",
     "`shortages` has the numbers; replace or retire a model, or have a proposal approved."},
    {stored::COVERAGE_LOST, 409, "Coverage would be lost",
     "The reserve could not bring back what may have to be brought back.",
     "`blocking` has what is needed and what the reserve has; name a smaller rollback target, or "
     "raise the reserve."},
    {stored::RESERVE_PROTECTED, 409, "The rollback reserve is protected",
     "What is missing is there, but it is the rollback reserve, which experiments never touch.",
     "Ask for at most what is available, or wait until something is given back."},
    {stored::INSUFFICIENT_CAPACITY, 409, "Insufficient capacity",
     "There is not enough, even with the rollback reserve.",
     "`shortages` has the numbers of every resource that is short."},
    {stored::BATCH_MEMBER_FAILED, 409, "Another member of the batch failed",
     "The batch is atomic and another of its members failed; this one did nothing and its id is "
     "free.",
     "`member` names the one that failed; correct it and send the batch again."},
    {stored::BATCH_TOO_LARGE, 413, "Batch too large",
     "An atomic batch takes 1,024 operations and 1 MiB of journal, any other 8,192 operations.",
     "Send several batches."},
    {stored::RATE_LIMITED, 429, "Rate limited", "The caller's own limit is reached.",
     "Wait as Retry-After says."},
    {stored::OVERLOADED, 503, "Overloaded", "The daemon's queue is full, or it is stopping.",
     "Wait as Retry-After says and send the same request again."},
    {stored::READ_ONLY, 503, "Read only",
     "The disk refuses writes; reads go on from what is durable.",
     "Send the same request again later; an operator looks at the disk."},
    {stored::COMMIT_UNKNOWN, 503, "Commit unknown",
     "The disk did not confirm the write: it took effect wholly or not at all.",
     "Send the same request with the same id or key: the answer tells."},
    {stored::INTERNAL, 500, "Internal error", "The daemon could not read its own records.",
     "An operator runs `purserd verify`."},
    {stored::TOO_FAR_BACK, 410, "Too far back",
     "A watch begins at most `watch_behind_max` entries behind the newest.",
     "Read …/journal up to the newest entry, then watch what comes after it; or begin at "
     "`oldest_sequence`."},
};

void AddDetails(const Refusal& refusal, v1::Problem* problem) {
  for (const auto& fault : refusal.faults()) {
    v1::Fault& out = *problem->add_fields();
    out.set_path(fault.path());
    out.set_code(ReasonCode(fault.reason()));
    out.set_message(fault.message());
    if (fault.has_was()) out.set_was(fault.was());
    if (fault.has_now()) out.set_now(fault.now());
  }
  RenderDenial(refusal, problem);
}

}  // namespace

const ProblemKind& KindOfProblem(Reason reason) {
  for (const ProblemKind& kind : kProblems) {
    if (kind.reason == reason) return kind;
  }
  PURSER_CHECK(false, "every reason has a row in the table of problems");
  return kProblems[0];
}

const ProblemKind* FindProblem(std::string_view code) {
  for (const ProblemKind& kind : kProblems) {
    if (ReasonCode(kind.reason) == code) return &kind;
  }
  return nullptr;
}

v1::Problem MakeProblem(const Refusal& refusal, std::string_view request_id) {
  const ProblemKind& kind = KindOfProblem(refusal.reason());
  v1::Problem problem;
  problem.set_code(ReasonCode(refusal.reason()));
  problem.set_type("/problems/" + problem.code());
  problem.set_title(kind.title);
  problem.set_status(kind.status);
  problem.set_detail(refusal.detail());
  problem.set_request_id(std::string(request_id));
  if (refusal.has_member()) problem.set_member(refusal.member());
  if (kind.status == 503) problem.set_retry_after_seconds(1);
  AddDetails(refusal, &problem);
  return problem;
}

HttpResponse ProblemResponse(const v1::Problem& problem) {
  HttpResponse response;
  response.status = problem.status();
  response.content_type = "application/problem+json";
  if (problem.has_retry_after_seconds()) {
    response.headers.emplace_back("Retry-After", Concat(problem.retry_after_seconds()));
  }
  if (problem.status() == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  PrintJson(problem, &response.body);
  response.body += '\n';
  return response;
}

HttpResponse ProblemResponse(const Refusal& refusal, std::string_view request_id) {
  return ProblemResponse(MakeProblem(refusal, request_id));
}

std::string ProblemPage(const ProblemKind* kind) {
  std::string page;
  for (const ProblemKind& each : kProblems) {
    if (kind != nullptr && kind != &each) continue;
    const std::string code = ReasonCode(each.reason);
    page += Concat(page.empty() ? "" : "\n", code, " (HTTP ", each.status, ")\n", each.title,
                   "\n\nMeaning: ", each.meaning, "\nFix: ", each.fix,
                   "\nExample: {\"type\":\"/problems/", code, "\",\"title\":\"", each.title,
                   "\",\"status\":", each.status, ",\"code\":\"", code, "\"}\n");
  }
  return page;
}

}  // namespace purser::api
