#include "api/same_content.h"

#include <algorithm>

#include "api/json.h"
#include "api/render.h"
#include "api/render_cost_entry.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

using AmountMap = google::protobuf::Map<std::string, v1::Amount>;

void SetAmounts(const NamedAmounts& named, AmountMap* amounts) {
  for (const auto& [name, amount] : named) (*amounts)[name].set_micros(amount.micros());
}

v1::CostAllocationRequest AllocationMessage(const Allocation& allocation) {
  v1::CostAllocationRequest out;
  out.set_label(allocation.label);
  out.set_resource(allocation.resource);
  out.set_period(allocation.period);
  if (allocation.period.empty()) {
    SetTime(allocation.from_us, out.mutable_from());
    SetTime(allocation.until_us, out.mutable_until());
  }
  for (const auto& [key, value] : allocation.labels) (*out.mutable_labels())[key] = value;
  if (allocation.as_of != 0) out.set_as_of(allocation.as_of);
  return out;
}

struct ToOperation {
  v1::BatchOperation* out;

  void operator()(const RequestReservation& command) const {
    *out->mutable_create() = ToMessage(command);
  }
  void operator()(const StartReservation& command) const {
    out->mutable_start()->set_id(command.id);
    if (command.lease_us) SetDuration(*command.lease_us, out->mutable_start()->mutable_lease());
  }
  void operator()(const RenewReservation& command) const {
    out->mutable_renew()->set_id(command.id);
    SetDuration(command.lease_us, out->mutable_renew()->mutable_lease());
  }
  void operator()(const ChargeReservation& command) const {
    v1::BatchOperation::ChargeReservation& charge = *out->mutable_charge();
    charge.set_reservation(command.reservation);
    charge.set_id(command.id);
    charge.set_category(std::string(CostCategoryName(command.category)));
    SetAmounts(command.amounts, charge.mutable_amounts());
  }
  void operator()(const SettleReservation& command) const {
    v1::BatchOperation::Settle& settle = *out->mutable_settle();
    settle.set_id(command.id);
    settle.set_charge_all(command.charge_all);
    settle.set_charge_id(command.charge_id);
    settle.set_category(std::string(CostCategoryName(command.category)));
    SetAmounts(command.amounts, settle.mutable_amounts());
  }
  void operator()(const ReleaseReservation& command) const {
    out->mutable_release()->set_id(command.id);
  }
  void operator()(const PostCharge& command) const {
    v1::ChargeRequest& charge = *out->mutable_post_charge();
    charge.set_id(command.id);
    charge.set_category(std::string(CostCategoryName(command.category)));
    SetAmounts(command.amounts, charge.mutable_amounts());
    for (const auto& [key, value] : command.labels) (*charge.mutable_labels())[key] = value;
  }
  void operator()(const EnterCost& command) const {
    v1::CostEntryRequest& entry = *out->mutable_cost_entry();
    entry.set_id(command.id);
    if (command.rate.has_value()) {
      entry.mutable_count()->set_micros(command.count->micros());
      entry.mutable_rate()->set_picos(command.rate->picos());
    } else {
      entry.mutable_amount()->set_micros(command.amount.micros());
    }
    entry.set_category(std::string(CostCategoryName(command.category)));
    for (const auto& [key, value] : command.labels) (*entry.mutable_labels())[key] = value;
    entry.set_reason(command.reason);
    entry.set_corrects(command.corrects);
    if (!command.allocation.has_value()) return;
    // As it was said: what was looked up for it is no content.
    entry.mutable_labels()->erase(command.allocation->label);
    *entry.mutable_allocation() = AllocationMessage(*command.allocation);
  }
  void operator()(const ReportOutcomes& command) const {
    v1::OutcomesRequest& outcomes = *out->mutable_outcomes();
    outcomes.set_id(command.id);
    for (const auto& [key, value] : command.labels) (*outcomes.mutable_labels())[key] = value;
    outcomes.set_accepted(static_cast<uint32_t>(command.accepted));
    outcomes.set_rejected(static_cast<uint32_t>(command.rejected));
    outcomes.set_escalated(static_cast<uint32_t>(command.escalated));
  }
};

}  // namespace

v1::ReservationRequest ToMessage(const RequestReservation& command) {
  v1::ReservationRequest out;
  out.set_id(command.id);
  out.set_purpose(static_cast<v1::Purpose>(command.purpose));
  out.set_tier(static_cast<v1::Tier>(command.tier));
  out.set_priority(command.priority);
  SetAmounts(command.amounts, out.mutable_amounts());
  SetAmounts(command.minimum_amounts, out.mutable_minimum_amounts());
  for (const auto& [key, value] : command.labels) (*out.mutable_labels())[key] = value;
  SetBooking(command.start_at_us, command.lease_us, &out);
  constexpr v1::OverrunPolicy kPolicies[] = {v1::EXTEND, v1::STOP, v1::DEBT};
  out.set_overrun_policy(kPolicies[command.overrun_policy]);
  SetQueueWait(command.queue_wait_us, &out);
  SetGrace(command.tier, command.preemption_grace_us, &out);
  if (command.quoted_at_us != 0) SetTime(command.quoted_at_us, out.mutable_quoted_at());
  return out;
}

v1::BatchOperation ToMessage(const BatchOperation& operation) {
  v1::BatchOperation out;
  std::visit(ToOperation{&out}, operation);
  return out;
}

std::string ContentOf(const BatchOperation& operation) {
  std::string content;
  google::protobuf::io::StringOutputStream text(&content);
  google::protobuf::io::CodedOutputStream out(&text);
  out.SetSerializationDeterministic(true);  // maps in order of their keys
  ToMessage(operation).SerializeToCodedStream(&out);
  out.Trim();
  return content;
}

namespace {

struct ToNormalForm {
  google::protobuf::Message* message;

  template <typename Message>
  Message& As() const {
    return *static_cast<Message*>(message);
  }
  template <typename Body>
  void operator()(const Body&) const {}  // says everything in one way already

  void operator()(const CreatePopulation& body) const {
    auto& population = As<v1::CreatePopulation>();
    population.set_time_zone(body.settings.time_zone());
    auto& labels = *population.mutable_required_labels()->mutable_values();
    labels = body.settings.required_labels();
    std::sort(labels.begin(), labels.end());
    population.clear_resources();
    for (const auto& settings : body.resources) {
      *population.add_resources() = RenderSettings(settings);
    }
  }
  void operator()(const CreateResource& body) const {
    As<v1::ResourceSettings>() = RenderSettings(body.settings);
  }
  void operator()(const RequestReservation& body) const {
    As<v1::ReservationRequest>() = ToMessage(body);
  }
  // Splits of labels have one form each.
  void operator()(const PostCharge& body) const {
    As<v1::ChargeRequest>() = ToMessage(BatchOperation(body)).post_charge();
  }
  void operator()(const EnterCost& body) const {
    As<v1::CostEntryRequest>() = ToMessage(BatchOperation(body)).cost_entry();
  }
  void operator()(const RenewReservation& body) const {
    SetDuration(body.lease_us, As<v1::LeaseRequest>().mutable_lease());
  }
  void operator()(const Batch& body) const {
    auto& operations = *As<v1::BatchRequest>().mutable_operations();
    for (size_t i = 0; i < body.members.size(); ++i) {
      if (body.members[i].malformed) continue;
      *operations.Mutable(static_cast<int>(i)) = ToMessage(body.members[i].operation);
    }
  }
};

}  // namespace

void Normalize(const Command& command, google::protobuf::Message* message) {
  std::visit(ToNormalForm{message}, command.body);
}

std::string_view VerbOf(const BatchOperation& operation) {
  constexpr std::string_view kVerbs[] = {"create",      "start",      "renew",
                                         "charge",      "settle",     "release",
                                         "post_charge", "cost_entry", "outcomes"};
  static_assert(std::size(kVerbs) == std::variant_size_v<BatchOperation>);
  return kVerbs[operation.index()];
}

std::string_view VerbOf(const stored::ChargeRecord& record) {
  if (record.has_cost_entered()) return "cost_entry";
  return record.has_outcomes_reported() ? "outcomes" : "charge";
}

stored::Answer::Kind AnswerKindOf(const stored::ChargeRecord& record) {
  if (record.has_cost_entered()) return stored::Answer::COST_ENTRY;
  if (record.has_outcomes_reported()) return stored::Answer::OUTCOMES;
  return record.charged().settles() ? stored::Answer::RESERVATION : stored::Answer::CHARGE;
}

v1::RefundRequest ToMessage(const RefundCharge& command) {
  v1::RefundRequest out;
  out.set_id(command.id);
  out.set_reason(command.reason);
  SetAmounts(command.amounts, out.mutable_amounts());
  return out;
}

v1::BatchOperation ChargeOperation(const stored::ChargeRecord& record) {
  v1::BatchOperation out;
  if (record.has_cost_entered()) {
    *out.mutable_cost_entry() = RenderRequest(record.cost_entered());
    return out;
  }
  if (record.has_outcomes_reported()) {
    *out.mutable_outcomes() = RenderRequest(record.outcomes_reported());
    return out;
  }
  const stored::Charged& charged = record.charged();
  const auto set_amounts = [&](AmountMap* amounts) {
    for (int i = 0; i < charged.lines_size(); ++i) {
      (*amounts)[record.resource_names(i)].set_micros(charged.lines(i).amount());
    }
  };
  if (charged.reservation().empty()) {
    v1::ChargeRequest& charge = *out.mutable_post_charge();
    charge.set_id(charged.id());
    charge.set_category(charged.category());
    set_amounts(charge.mutable_amounts());
    for (const auto& label : charged.labels()) {
      (*charge.mutable_labels())[label.key()] = label.value();
    }
  } else if (charged.settles()) {
    v1::BatchOperation::Settle& settle = *out.mutable_settle();
    settle.set_id(charged.reservation());
    settle.set_charge_id(charged.id());
    settle.set_category(charged.category());
    settle.set_charge_all(charged.charge_all());
    if (!charged.charge_all()) set_amounts(settle.mutable_amounts());
  } else {
    v1::BatchOperation::ChargeReservation& charge = *out.mutable_charge();
    charge.set_reservation(charged.reservation());
    charge.set_id(charged.id());
    charge.set_category(charged.category());
    set_amounts(charge.mutable_amounts());
  }
  return out;
}

Refusal MakeConflict(Reason reason, const google::protobuf::Message& before,
                     const google::protobuf::Message& after) {
  Refusal refusal;
  refusal.set_reason(reason);
  for (const v1::Fault& difference : CompareMessages(before, after)) {
    Refusal::Fault& fault = *refusal.add_faults();
    fault.set_path(difference.path());
    fault.set_reason(reason);
    fault.set_message("differs from the first request");
    fault.set_was(difference.was());
    fault.set_now(difference.now());
  }
  refusal.set_detail(Concat(reason == stored::KEY_CONFLICT ? "the key" : "the id",
                            " was used before with other content"));
  return refusal;
}

Refusal MakeConflict(std::string_view path, std::string_view was, std::string_view now) {
  Refusal refusal;
  refusal.set_reason(stored::ID_CONFLICT);
  refusal.set_detail("the id was used before for something else");
  Refusal::Fault& fault = *refusal.add_faults();
  fault.set_path(std::string(path));
  fault.set_reason(stored::ID_CONFLICT);
  fault.set_message("differs from the first request");
  fault.set_was(std::string(was));
  fault.set_now(std::string(now));
  return refusal;
}

Refusal MakeConflict(const v1::BatchOperation& before, const v1::BatchOperation& after) {
  const google::protobuf::Reflection* reflection = before.GetReflection();
  const google::protobuf::OneofDescriptor* verbs = v1::BatchOperation::descriptor()->oneof_decl(0);
  const auto* was = reflection->GetOneofFieldDescriptor(before, verbs);
  const auto* now = reflection->GetOneofFieldDescriptor(after, verbs);
  if (was != now) return MakeConflict("", was->name(), now->name());
  return MakeConflict(stored::ID_CONFLICT, reflection->GetMessage(before, was),
                      reflection->GetMessage(after, now));
}

}  // namespace purser::api
