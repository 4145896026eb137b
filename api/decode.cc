#include "api/decode.h"

#include "api/render.h"
#include "ledger/names.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

using AmountMap = google::protobuf::Map<std::string, v1::Amount>;
using LabelMap = google::protobuf::Map<std::string, std::string>;
enum class Zero { kRefused, kAllowed };

NamedAmounts DecodeAmounts(const AmountMap& amounts, Zero zero, const std::string& path,
                           Faults* faults) {
  NamedAmounts named;
  if (amounts.size() > kResourcesOfRequestMax) {
    faults->Add(stored::INVALID_ARGUMENT, path,
                Concat("at most ", kResourcesOfRequestMax, " resources a request"));
    return named;
  }
  for (const auto& [name, value] : amounts) named[name] = Amount::FromMicros(value.micros());
  for (const auto& [name, amount] : named) {
    const std::string at = Concat(path, ".", name);
    if (!IsResourceName(name)) {
      faults->Add(stored::INVALID_ARGUMENT, at, Concat("a resource's name ", kResourceNameRule));
    }
    if (amount.is_negative()) faults->Add(stored::INVALID_ARGUMENT, at, "must not be negative");
    if (amount.is_zero() && zero == Zero::kRefused) {
      faults->Add(stored::INVALID_ARGUMENT, at, "must be above 0");
    }
  }
  return named;
}

Labels DecodeLabels(const LabelMap& labels, const std::string& path, Faults* faults) {
  Labels sorted(labels.begin(), labels.end());
  std::sort(sorted.begin(), sorted.end());
  if (sorted.size() > kLabelsMax) {
    faults->Add(stored::INVALID_ARGUMENT, path, Concat("at most ", kLabelsMax, " labels"));
    return {};
  }
  for (const auto& [key, value] : sorted) {
    if (!IsLabelKey(key)) {
      faults->Add(stored::INVALID_ARGUMENT, Concat(path, ".", key),
                  Concat("a label's key ", kLabelKeyRule));
    } else if (!IsLabelValue(value)) {
      faults->Add(stored::INVALID_ARGUMENT, Concat(path, ".", key), kLabelValueRule);
    }
  }
  return sorted;
}

void CheckOptionalId(const std::string& id, const std::string& path, Faults* faults) {
  if (!id.empty() && !IsId(id)) faults->Add(stored::INVALID_ARGUMENT, path, kIdRule);
}

void CheckPresentId(const std::string& id, const std::string& path, Faults* faults) {
  if (id.empty()) {
    faults->Add(stored::INVALID_ARGUMENT, path, "is required");
  }
}

constexpr size_t kCategoryLengthMax = 63;
void CheckCategory(const std::string& category, const std::string& path, Faults* faults) {
  if (category.empty()) return;
  if (!IsResourceName(category) || category.size() > kCategoryLengthMax) {
    faults->Add(stored::INVALID_ARGUMENT, path + "category", kResourceNameRule);
  }
}

int64_t DecodeLease(const google::protobuf::Duration& lease, const std::string& path,
                    Faults* faults) {
  // The codec has bounded the seconds, so that this does not overflow.
  const int64_t lease_us = lease.seconds() * kSecondUs + lease.nanos() / 1'000;
  if (lease_us < kLeaseMinUs || lease_us > kLeaseMaxUs) {
    faults->Add(stored::INVALID_ARGUMENT, path + "lease", "from 1s to 34560000s (400 days)");
    return kLeaseDefaultUs;
  }
  return lease_us;
}

}  // namespace

RequestReservation DecodeRequest(const v1::ReservationRequest& message, const std::string& path,
                                 Faults* faults) {
  RequestReservation command;
  command.id = message.id();
  CheckOptionalId(command.id, path + "id", faults);
  command.purpose = static_cast<stored::Purpose>(message.purpose());
  if (message.purpose() == v1::PURPOSE_UNSPECIFIED) {
    faults->Add(stored::INVALID_ARGUMENT, path + "purpose", "is required");
  }
  if (message.tier() != v1::TIER_UNSPECIFIED) command.tier = message.tier();
  command.priority = message.priority();
  command.amounts = DecodeAmounts(message.amounts(), Zero::kRefused, path + "amounts", faults);
  if (message.amounts().empty()) {
    faults->Add(stored::INVALID_ARGUMENT, path + "amounts", "name at least one resource");
  }
  command.minimum_amounts =
      DecodeAmounts(message.minimum_amounts(), Zero::kAllowed, path + "minimum_amounts", faults);
  for (const auto& [name, minimum] : command.minimum_amounts) {
    const std::string at = Concat(path, "minimum_amounts.", name);
    const auto asked = command.amounts.find(name);
    if (asked == command.amounts.end()) {
      faults->Add(stored::INVALID_ARGUMENT, at, "amounts does not name it");
    } else if (minimum > asked->second) {
      faults->Add(stored::INVALID_ARGUMENT, at, "above what is asked");
    }
  }
  command.labels = DecodeLabels(message.labels(), path + "labels", faults);
  if (message.has_lease()) command.lease_us = DecodeLease(message.lease(), path, faults);
  constexpr stored::OverrunPolicy kPolicies[] = {stored::EXTEND, stored::STOP, stored::EXTEND,
                                                 stored::DEBT};
  command.overrun_policy = kPolicies[message.overrun_policy()];
  return command;
}

StartReservation DecodeStart(const v1::LeaseRequest& message, const std::string& id,
                             const std::string& path, Faults* faults) {
  StartReservation command;
  command.id = id;
  if (message.has_lease()) command.lease_us = DecodeLease(message.lease(), path, faults);
  return command;
}

RenewReservation DecodeRenew(const v1::LeaseRequest& message, const std::string& id,
                             const std::string& path, Faults* faults) {
  RenewReservation command;
  command.id = id;
  if (message.has_lease()) command.lease_us = DecodeLease(message.lease(), path, faults);
  return command;
}

ChargeReservation DecodeCharge(const v1::ReservationChargeRequest& message,
                               const std::string& reservation, const std::string& path,
                               Faults* faults) {
  ChargeReservation command;
  command.reservation = reservation;
  command.id = message.id();
  CheckOptionalId(command.id, path + "id", faults);
  command.amounts = DecodeAmounts(message.amounts(), Zero::kRefused, path + "amounts", faults);
  if (message.amounts().empty()) {
    faults->Add(stored::INVALID_ARGUMENT, path + "amounts", "name at least one resource");
  }
  command.category = message.category();
  CheckCategory(command.category, path, faults);
  return command;
}

SettleReservation DecodeSettle(const v1::SettleRequest& message, const std::string& id,
                               const std::string& path, Faults* faults) {
  SettleReservation command;
  command.id = id;
  command.amounts = DecodeAmounts(message.amounts(), Zero::kAllowed, path + "amounts", faults);
  command.charge_all = message.charge_all();
  if (command.charge_all && !command.amounts.empty()) {
    faults->Add(stored::INVALID_ARGUMENT, path + "charge_all", "either amounts or charge_all");
  }
  command.charge_id = message.charge_id();
  CheckOptionalId(command.charge_id, path + "charge_id", faults);
  command.category = message.category();
  CheckCategory(command.category, path, faults);
  return command;
}

PostCharge DecodePostCharge(const v1::ChargeRequest& message, const std::string& path,
                            Faults* faults) {
  PostCharge command;
  command.id = message.id();
  CheckOptionalId(command.id, path + "id", faults);
  command.amounts = DecodeAmounts(message.amounts(), Zero::kRefused, path + "amounts", faults);
  if (message.amounts().empty()) {
    faults->Add(stored::INVALID_ARGUMENT, path + "amounts", "name at least one resource");
  }
  command.labels = DecodeLabels(message.labels(), path + "labels", faults);
  command.category = message.category();
  CheckCategory(command.category, path, faults);
  return command;
}

RefundCharge DecodeRefund(const v1::RefundRequest& message, const std::string& charge,
                          Faults* faults) {
  RefundCharge command;
  command.charge = charge;
  command.id = message.id();
  CheckOptionalId(command.id, "id", faults);
  command.amounts = DecodeAmounts(message.amounts(), Zero::kRefused, "amounts", faults);
  command.reason = message.reason();
  if (!IsText(command.reason, kReasonLengthMax)) {
    faults->Add(stored::INVALID_ARGUMENT, "reason", "at most 500 characters without controls");
  }
  return command;
}

BatchOperation DecodeOperation(const v1::BatchOperation& message, size_t index, Faults* faults) {
  const std::string path = Concat("operations[", index, "].");
  v1::LeaseRequest lease;
  switch (message.operation_case()) {
    case v1::BatchOperation::kCreate:
      return DecodeRequest(message.create(), path + "create.", faults);
    case v1::BatchOperation::kStart:
      CheckPresentId(message.start().id(), path + "start.id", faults);
      if (message.start().has_lease()) *lease.mutable_lease() = message.start().lease();
      return DecodeStart(lease, message.start().id(), path + "start.", faults);
    case v1::BatchOperation::kRenew:
      CheckPresentId(message.renew().id(), path + "renew.id", faults);
      if (message.renew().has_lease()) *lease.mutable_lease() = message.renew().lease();
      return DecodeRenew(lease, message.renew().id(), path + "renew.", faults);
    case v1::BatchOperation::kCharge: {
      const auto& from = message.charge();
      CheckPresentId(from.reservation(), path + "charge.reservation", faults);
      v1::ReservationChargeRequest charge;
      charge.set_id(from.id());
      *charge.mutable_amounts() = from.amounts();
      charge.set_category(from.category());
      return DecodeCharge(charge, from.reservation(), path + "charge.", faults);
    }
    case v1::BatchOperation::kSettle: {
      const auto& from = message.settle();
      CheckPresentId(from.id(), path + "settle.id", faults);
      v1::SettleRequest settle;
      *settle.mutable_amounts() = from.amounts();
      settle.set_charge_all(from.charge_all());
      settle.set_charge_id(from.charge_id());
      settle.set_category(from.category());
      return DecodeSettle(settle, from.id(), path + "settle.", faults);
    }
    case v1::BatchOperation::kRelease:
      CheckPresentId(message.release().id(), path + "release.id", faults);
      return ReleaseReservation{message.release().id()};
    case v1::BatchOperation::kPostCharge:
      return DecodePostCharge(message.post_charge(), path + "post_charge.", faults);
    case v1::BatchOperation::OPERATION_NOT_SET:
      break;
  }
  faults->Add(stored::INVALID_ARGUMENT, Concat("operations[", index, "]"),
              "one of create, start, renew, charge, settle, release, post_charge");
  return ReleaseReservation{};
}

}  // namespace purser::api
