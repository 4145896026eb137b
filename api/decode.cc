#include "api/decode.h"

#include "api/decode_cost_entries.h"
#include "api/decode_fields.h"
#include "api/render.h"
#include "ledger/names.h"
#include "ledger/text.h"
#include "reservations/preemptibles.h"

namespace purser::api {
namespace {

int64_t DecodeLease(const google::protobuf::Duration& lease, std::string_view path,
                    Faults* faults) {
  // The codec has bounded the seconds, so that this does not overflow.
  const int64_t lease_us = lease.seconds() * kSecondUs + lease.nanos() / 1'000;
  if (lease_us < kLeaseMinUs || lease_us > kLeaseMaxUs) {
    Field{path, "lease"}.Refuse("from 1s to 34560000s (400 days)", faults);
    return kLeaseDefaultUs;
  }
  return lease_us;
}

// The lease, which has another name where it is booked in advance.
int64_t DecodeDuration(const v1::ReservationRequest& message, std::string_view path,
                       Faults* faults) {
  if (!message.has_duration()) {
    return message.has_lease() ? DecodeLease(message.lease(), path, faults) : kLeaseDefaultUs;
  }
  const Field field{path, "duration"};
  if (!message.has_start_at()) field.Refuse("only with start_at; else it is the lease", faults);
  if (message.has_lease()) field.Refuse("either duration or lease", faults);
  const auto& duration = message.duration();
  const int64_t duration_us = duration.seconds() * kSecondUs + duration.nanos() / 1'000;
  if (duration_us >= kLeaseMinUs && duration_us <= kLeaseMaxUs) return duration_us;
  field.Refuse("from 1s to 34560000s (400 days)", faults);
  return kLeaseDefaultUs;
}

// How long the request waits when it is not granted at once; 0: it is denied.
int64_t DecodeQueueWait(const v1::ReservationRequest& message, std::string_view path,
                        Faults* faults) {
  const bool is_booked = message.has_start_at();
  if (is_booked && message.on_shortage() == v1::QUEUE) {
    Field{path, "on_shortage"}.Refuse("what has a start_at is booked or denied", faults);
  }
  if (message.on_shortage() != v1::QUEUE && !is_booked) {
    if (message.has_max_queue_wait()) {
      Field{path, "max_queue_wait"}.Refuse("only with \"on_shortage\": \"QUEUE\" or start_at",
                                           faults);
    }
    return 0;
  }
  if (!message.has_max_queue_wait()) return kQueueWaitDefaultUs;
  const auto& wait = message.max_queue_wait();
  const int64_t wait_us = wait.seconds() * kSecondUs + wait.nanos() / 1'000;
  if (wait_us < kQueueWaitMinUs || wait_us > kQueueWaitMaxUs) {
    Field{path, "max_queue_wait"}.Refuse("from 1s to 7776000s (90 days)", faults);
    return kQueueWaitDefaultUs;
  }
  return wait_us;
}

// 0 of a tier that never gives way.
int64_t DecodeGrace(const v1::ReservationRequest& message, int tier, std::string_view path,
                    Faults* faults) {
  const Field field{path, "preemption_grace"};
  if (!TierGivesWay(tier)) {
    if (message.has_preemption_grace()) field.Refuse("only BATCH and FLEX give way", faults);
    return 0;
  }
  if (!message.has_preemption_grace()) return kPreemptionGraceDefaultUs;
  const auto& grace = message.preemption_grace();
  const int64_t grace_us = grace.seconds() * kSecondUs + grace.nanos() / 1'000;
  if (grace_us >= 0 && grace_us <= kPreemptionGraceMaxUs) return grace_us;
  field.Refuse("from 0s to 3600s", faults);
  return kPreemptionGraceDefaultUs;
}

}  // namespace

RequestReservation DecodeRequest(const v1::ReservationRequest& message, std::string_view path,
                                 Faults* faults) {
  RequestReservation command;
  command.id = message.id();
  CheckOptionalId(command.id, {path, "id"}, faults);
  command.purpose = static_cast<stored::Purpose>(message.purpose());
  if (message.purpose() == v1::PURPOSE_UNSPECIFIED) {
    Field{path, "purpose"}.Refuse("is required", faults);
  }
  if (message.tier() != v1::TIER_UNSPECIFIED) command.tier = message.tier();
  command.priority = message.priority();
  command.amounts = DecodeSomeAmounts(message.amounts(), {path, "amounts"}, faults);
  command.minimum_amounts =
      DecodeAmounts(message.minimum_amounts(), Zero::kAllowed, {path, "minimum_amounts"}, faults);
  for (const auto& [name, minimum] : command.minimum_amounts) {
    const Field field{path, "minimum_amounts"};
    const auto asked = command.amounts.find(name);
    if (asked == command.amounts.end()) {
      field.Refuse(name, "amounts does not name it", faults);
    } else if (minimum > asked->second) {
      field.Refuse(name, "above what is asked", faults);
    }
  }
  command.labels =
      DecodeLabels(message.labels(), LabelSplits::kAllowedButOfFamily, {path, "labels"}, faults);
  command.lease_us = DecodeDuration(message, path, faults);
  if (message.has_start_at()) {
    command.start_at_us =
        message.start_at().seconds() * kSecondUs + message.start_at().nanos() / 1'000;
    // What began in 1970 is as much in the past a moment before.
    if (command.start_at_us == 0) command.start_at_us = -1;
  }
  constexpr stored::OverrunPolicy kPolicies[] = {stored::EXTEND, stored::STOP, stored::EXTEND,
                                                 stored::DEBT};
  command.overrun_policy = kPolicies[message.overrun_policy()];
  command.queue_wait_us = DecodeQueueWait(message, path, faults);
  command.preemption_grace_us = DecodeGrace(message, command.tier, path, faults);
  if (message.has_quoted_at()) command.quoted_at_us = DecodeInstant(message.quoted_at());
  return command;
}

namespace {

// A verb has the same fields in its own message and as a member of a batch.
template <typename Message>
ChargeReservation DecodeChargeFields(const Message& message, const std::string& reservation,
                                     std::string_view path, Faults* faults) {
  ChargeReservation command;
  command.reservation = reservation;
  command.id = message.id();
  CheckOptionalId(command.id, {path, "id"}, faults);
  command.amounts = DecodeSomeAmounts(message.amounts(), {path, "amounts"}, faults);
  command.category = DecodeCategory(message.category(), path, faults);
  return command;
}

template <typename Message>
SettleReservation DecodeSettleFields(const Message& message, const std::string& id,
                                     std::string_view path, Faults* faults) {
  SettleReservation command;
  command.id = id;
  command.amounts = DecodeAmounts(message.amounts(), Zero::kAllowed, {path, "amounts"}, faults);
  command.charge_all = message.charge_all();
  if (command.charge_all && !command.amounts.empty()) {
    Field{path, "charge_all"}.Refuse("either amounts or charge_all", faults);
  }
  command.charge_id = message.charge_id();
  CheckOptionalId(command.charge_id, {path, "charge_id"}, faults);
  command.category = DecodeCategory(message.category(), path, faults);
  return command;
}

// Of Start and Renew.
template <typename Verb, typename Message>
Verb DecodeLeaseFields(const Message& message, const std::string& id, std::string_view path,
                       Faults* faults) {
  Verb command;
  command.id = id;
  if (message.has_lease()) command.lease_us = DecodeLease(message.lease(), path, faults);
  return command;
}

}  // namespace

StartReservation DecodeStart(const v1::LeaseRequest& message, const std::string& id,
                             std::string_view path, Faults* faults) {
  return DecodeLeaseFields<StartReservation>(message, id, path, faults);
}

RenewReservation DecodeRenew(const v1::LeaseRequest& message, const std::string& id,
                             std::string_view path, Faults* faults) {
  return DecodeLeaseFields<RenewReservation>(message, id, path, faults);
}

ChargeReservation DecodeCharge(const v1::ReservationChargeRequest& message,
                               const std::string& reservation, std::string_view path,
                               Faults* faults) {
  return DecodeChargeFields(message, reservation, path, faults);
}

SettleReservation DecodeSettle(const v1::SettleRequest& message, const std::string& id,
                               std::string_view path, Faults* faults) {
  return DecodeSettleFields(message, id, path, faults);
}

PostCharge DecodePostCharge(const v1::ChargeRequest& message, std::string_view path,
                            Faults* faults) {
  PostCharge command;
  command.id = message.id();
  CheckOptionalId(command.id, {path, "id"}, faults);
  command.amounts = DecodeSomeAmounts(message.amounts(), {path, "amounts"}, faults);
  command.labels =
      DecodeLabels(message.labels(), LabelSplits::kAllowedButOfFamily, {path, "labels"}, faults);
  command.category = DecodeCategory(message.category(), path, faults);
  return command;
}

RefundCharge DecodeRefund(const v1::RefundRequest& message, const std::string& charge,
                          Faults* faults) {
  RefundCharge command;
  command.charge = charge;
  command.id = message.id();
  CheckOptionalId(command.id, {"", "id"}, faults);
  command.amounts = DecodeAmounts(message.amounts(), Zero::kRefused, {"", "amounts"}, faults);
  command.reason = message.reason();
  if (!IsText(command.reason, kReasonLengthMax)) {
    Field{"", "reason"}.Refuse("at most 500 characters without controls", faults);
  }
  return command;
}

namespace {

// "operations[3].create.", in one buffer for every operation of a thread.
std::string_view PathOf(size_t index, std::string_view verb) {
  thread_local std::string path;
  path.assign("operations[");
  path += Concat(index);
  path += "].";
  path += verb;
  path += '.';
  return path;
}

}  // namespace

BatchOperation DecodeOperation(const v1::BatchOperation& message, size_t index, Faults* faults) {
  switch (message.operation_case()) {
    case v1::BatchOperation::kCreate:
      return DecodeRequest(message.create(), PathOf(index, "create"), faults);
    case v1::BatchOperation::kStart: {
      const auto& start = message.start();
      CheckPresentId(start.id(), {PathOf(index, "start"), "id"}, faults);
      return DecodeLeaseFields<StartReservation>(start, start.id(), PathOf(index, "start"), faults);
    }
    case v1::BatchOperation::kRenew: {
      const auto& renew = message.renew();
      CheckPresentId(renew.id(), {PathOf(index, "renew"), "id"}, faults);
      return DecodeLeaseFields<RenewReservation>(renew, renew.id(), PathOf(index, "renew"), faults);
    }
    case v1::BatchOperation::kCharge: {
      const auto& charge = message.charge();
      CheckPresentId(charge.reservation(), {PathOf(index, "charge"), "reservation"}, faults);
      return DecodeChargeFields(charge, charge.reservation(), PathOf(index, "charge"), faults);
    }
    case v1::BatchOperation::kSettle: {
      const auto& settle = message.settle();
      CheckPresentId(settle.id(), {PathOf(index, "settle"), "id"}, faults);
      return DecodeSettleFields(settle, settle.id(), PathOf(index, "settle"), faults);
    }
    case v1::BatchOperation::kRelease:
      CheckPresentId(message.release().id(), {PathOf(index, "release"), "id"}, faults);
      return ReleaseReservation{message.release().id()};
    case v1::BatchOperation::kPostCharge:
      return DecodePostCharge(message.post_charge(), PathOf(index, "post_charge"), faults);
    case v1::BatchOperation::kCostEntry:
      return DecodeCostEntry(message.cost_entry(), PathOf(index, "cost_entry"), faults);
    case v1::BatchOperation::kOutcomes:
      return DecodeOutcomes(message.outcomes(), PathOf(index, "outcomes"), faults);
    case v1::BatchOperation::OPERATION_NOT_SET:
      break;
  }
  faults->Add(
      stored::INVALID_ARGUMENT, Concat("operations[", index, "]"),
      "one of create, start, renew, charge, settle, release, post_charge, cost_entry, outcomes");
  return ReleaseReservation{};
}

}  // namespace purser::api
