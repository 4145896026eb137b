#include "api/same_content.h"

#include <algorithm>

#include "api/json.h"
#include "api/render.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

using AmountMap = google::protobuf::Map<std::string, v1::Amount>;

void SetAmounts(const NamedAmounts& named, AmountMap* amounts) {
  for (const auto& [name, amount] : named) (*amounts)[name].set_micros(amount.micros());
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

v1::RefundRequest ToMessage(const RefundCharge& command) {
  v1::RefundRequest out;
  out.set_id(command.id);
  out.set_reason(command.reason);
  SetAmounts(command.amounts, out.mutable_amounts());
  return out;
}

v1::BatchOperation ChargeOperation(const stored::ChargeRecord& record) {
  v1::BatchOperation out;
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
