// Batches: their members apart where each stands for itself, together where they are one.
#include <algorithm>
#include <charconv>
#include <map>

#include "api/answer_fields.h"
#include "api/decode.h"
#include "api/json.h"
#include "api/problems.h"
#include "api/render_cost_entry.h"
#include "api/service.h"
#include "ledger/text.h"
#include "reservations/reservation_book.h"

namespace purser::api {
namespace {

constexpr char kReserveSpend[] = "reserve:spend";
constexpr char kDebtIncur[] = "debt:incur";
constexpr char kFinance[] = "finance";
constexpr char kLedgerRead[] = "ledger:read";
constexpr char kChargesWrite[] = "charges:write";
constexpr char kOutcomesWrite[] = "outcomes:write";
constexpr size_t kResultBytes = 1'200;  // about as many as a result has

// The member that a fault's path names: 3 of "operations[3].create.lease"; nullopt: none.
std::optional<int> MemberOf(std::string_view path) {
  constexpr std::string_view kBefore = "operations[";
  if (path.substr(0, kBefore.size()) != kBefore) return std::nullopt;
  int index = 0;
  const auto [end, error] =
      std::from_chars(path.data() + kBefore.size(), path.data() + path.size(), index);
  const bool whole = error == std::errc() && end != path.data() + path.size() && *end == ']';
  return whole ? std::optional<int>(index) : std::nullopt;
}

bool HasAllocation(const BatchOperation& operation) {
  const auto* const entry = std::get_if<EnterCost>(&operation);
  return entry != nullptr && entry->allocation.has_value();
}

}  // namespace

absl::Status Service::DecodeBatch(const HttpRequest& request, const RequestContext& context,
                                  Command* command, google::protobuf::Arena* arena,
                                  google::protobuf::Message** out) {
  auto* const message = google::protobuf::Arena::CreateMessage<v1::BatchRequest>(arena);
  *out = message;
  Faults parsed;
  absl::Status unread = ParseBody(request, message, &parsed);
  // Behind that many faults there may be others that were not named.
  if (parsed.list().size() >= kJsonFaultsMax) return unread;
  // Each member of a plain batch stands for itself; an atomic one is refused as a whole.
  Faults faults;
  std::map<int, Faults> of_members;
  for (const auto& fault : parsed.list()) {
    const auto member = MemberOf(fault.path());
    Faults& into = member.has_value() ? of_members[*member] : faults;
    into.Add(fault.reason(), fault.path(), fault.message());
  }
  if (!faults.empty()) return faults.ToStatus();
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
  batch.members.reserve(message->operations_size());
  for (int i = 0; i < message->operations_size(); ++i) {
    Faults of_member;
    if (const auto unreadable = of_members.find(i); unreadable != of_members.end()) {
      of_member = std::move(unreadable->second);
    }
    BatchMember& member = batch.members.emplace_back();
    // What could not be read is not judged any further.
    if (of_member.empty()) {
      member.operation = DecodeOperation(message->operations(i), i, &of_member);
    }
    absl::Status status = of_member.ToStatus();
    if (status.ok()) status = CheckOperationScopes(context, member.operation);
    if (status.ok()) continue;
    member.malformed = true;
    member.refusal = RefusalOf(status);
    if (!batch.atomic || of_member.empty()) continue;
    for (const auto& fault : member.refusal->faults()) {
      faults.Add(fault.reason(), fault.path(), fault.message());
    }
  }
  const auto allocations =
      std::count_if(batch.members.begin(), batch.members.end(),
                    [](const BatchMember& member) { return HasAllocation(member.operation); });
  if (allocations > static_cast<int64_t>(kBatchAllocationsMax)) {
    faults.Add(stored::INVALID_ARGUMENT, "operations",
               Concat("at most ", kBatchAllocationsMax, " of them with an allocation"));
  }
  command->body = std::move(batch);
  if (faults.empty()) return absl::OkStatus();
  Refusal refusal = RefusalOf(faults.ToStatus());
  // The first member with such a fault is the one that failed.
  for (const auto& fault : refusal.faults()) {
    const auto failed = MemberOf(fault.path());
    if (fault.reason() != refusal.reason() || !failed.has_value()) continue;
    refusal.set_member(static_cast<uint32_t>(*failed));
    break;
  }
  return Refuse(refusal);
}

v1::Problem Service::BatchProblem(const Refusal& refusal, int members,
                                  const std::string& request_id) const {
  v1::Problem problem = MakeProblem(refusal, request_id);
  if (!refusal.has_member()) return problem;
  Refusal own = refusal;
  own.clear_member();
  Refusal other;
  other.set_reason(stored::BATCH_MEMBER_FAILED);
  other.set_detail(Concat("member ", refusal.member(), " failed"));
  for (int i = 0; i < members; ++i) {
    *problem.add_results()->mutable_problem() =
        MakeProblem(i == static_cast<int>(refusal.member()) ? own : other, request_id);
  }
  return problem;
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
  const bool posts =
      std::holds_alternative<PostCharge>(operation) || std::holds_alternative<EnterCost>(operation);
  if (posts && !context.principal->May(kChargesWrite)) {
    return Refuse(stored::FORBIDDEN, "the scope charges:write is required");
  }
  // Its answer says what each value used, as reports do.
  const bool may_read = context.principal->May(kLedgerRead) || context.principal->May(kFinance);
  if (HasAllocation(operation) && !may_read) {
    return Refuse(stored::FORBIDDEN, "the scope ledger:read is required for an allocation");
  }
  if (std::holds_alternative<ReportOutcomes>(operation) &&
      !context.principal->May(kOutcomesWrite)) {
    return Refuse(stored::FORBIDDEN, "the scope outcomes:write is required");
  }
  return absl::OkStatus();
}

template <typename Writer>
void Service::WriteResult(const RequestContext& context, const Submitted& submitted, size_t i,
                          const ResourceIdentities& identify, Writer* out) const {
  using Message = v1::BatchResult;
  const Shown& shown = submitted.shown[i];
  if (i < submitted.member_status.size() && !submitted.member_status[i].ok()) {
    // A replay of the whole says what was said first, the first request's id included.
    const std::string& request_id =
        submitted.request_id.empty() ? context.request_id : submitted.request_id;
    out->Made(Message::kProblemFieldNumber,
              MakeProblem(RefusalOf(submitted.member_status[i]), request_id));
  } else if (shown.reservation != nullptr) {
    AnswerMarks marks;
    std::optional<Explained> why;
    if (shown.waits_for != nullptr && shown.reservation->queued()) {
      why = Explained{*shown.waits_for, shown.waits_for->explanation(), {}};
      marks.waits = &*why;
    }
    out->Message(Message::kReservationFieldNumber, [&](auto* reservation) {
      WriteReservation(*shown.reservation, shown.lease_shift_us, identify, marks, reservation);
    });
  } else if (shown.charge != nullptr && IsCharge(*shown.charge)) {
    out->Message(Message::kChargeFieldNumber,
                 [&](auto* charge) { WriteCharge(*shown.charge, {}, charge); });
  }
  if (shown.answer.replayed()) out->Bool(Message::kReplayedFieldNumber, true);
  if (shown.charge != nullptr && shown.charge->has_cost_entered()) {
    out->Made(Message::kCostEntryFieldNumber, RenderCostEntry(*shown.charge));
  } else if (shown.charge != nullptr && shown.charge->has_outcomes_reported()) {
    out->Made(Message::kOutcomesFieldNumber, RenderOutcomes(*shown.charge));
  }
}

HttpResponse Service::AnswerBatch(const RequestContext& context, const Submitted& submitted) const {
  using Message = v1::BatchResponse;
  const View view = controller_->Peek(context.population());
  const ResourceIdentities identify = view->directory->function();
  const auto fill = [&](auto* out) {
    out->List(Message::kResultsFieldNumber, [&](auto* list) {
      for (size_t i = 0; i < submitted.shown.size(); ++i) {
        list->Add([&](auto* result) { WriteResult(context, submitted, i, identify, result); });
      }
    });
    out->Uint64(Message::kLedgerSequenceFieldNumber, submitted.sequence);
    if (context.dry_run) out->Bool(Message::kDryRunFieldNumber, true);
  };
  return WrittenResponse<Message>(context, 200, fill, submitted.shown.size() * kResultBytes);
}

}  // namespace purser::api
