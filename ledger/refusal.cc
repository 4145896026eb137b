#include "ledger/refusal.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr char kPayload[] = "purser/refusal";

absl::StatusCode CanonicalCode(Reason reason) {
  if (reason == stored::TOO_FAR_BACK) return absl::StatusCode::kOutOfRange;
  if (reason == stored::NOT_GRANTED) return absl::StatusCode::kFailedPrecondition;
  if ((reason >= stored::LIMIT_EXCEEDED && reason <= stored::QUEUE_TIMEOUT) ||
      reason == stored::BUDGET_BLOCKED || reason == stored::APPROVAL_REQUIRED) {
    return absl::StatusCode::kResourceExhausted;
  }
  if (reason >= stored::READ_ONLY || reason == stored::OVERLOADED) {
    return absl::StatusCode::kUnavailable;
  }
  if (reason == stored::NOT_FOUND) return absl::StatusCode::kNotFound;
  if (reason == stored::FORBIDDEN) return absl::StatusCode::kPermissionDenied;
  if (reason <= stored::NOT_SUPPORTED || reason == stored::UNKNOWN_RESOURCE ||
      reason == stored::IMMUTABLE) {
    return absl::StatusCode::kInvalidArgument;
  }
  if (reason == stored::KEY_CONFLICT || reason == stored::ID_CONFLICT) {
    return absl::StatusCode::kAlreadyExists;
  }
  if (reason >= stored::FROZEN && reason <= stored::INSUFFICIENT_CAPACITY) {
    return absl::StatusCode::kResourceExhausted;
  }
  return absl::StatusCode::kFailedPrecondition;
}

}  // namespace

std::string ReasonCode(Reason reason) { return absl::AsciiStrToLower(stored::Reason_Name(reason)); }

absl::Status Refuse(const Refusal& refusal) {
  absl::Status status(CanonicalCode(refusal.reason()), refusal.detail());
  status.SetPayload(kPayload, absl::Cord(refusal.SerializeAsString()));
  return status;
}

absl::Status Refuse(Reason reason, std::string_view detail) {
  Refusal refusal;
  refusal.set_reason(reason);
  refusal.set_detail(std::string(detail));
  return Refuse(refusal);
}

absl::Status RefuseField(Reason reason, std::string_view path, std::string_view message) {
  Faults faults;
  faults.Add(reason, path, message);
  return faults.ToStatus();
}

Refusal RefusalOf(const absl::Status& status) {
  Refusal refusal;
  const auto payload = status.GetPayload(kPayload);
  if (!payload.has_value() || !refusal.ParseFromString(std::string(*payload))) {
    refusal.set_reason(stored::INTERNAL);
    refusal.set_detail(std::string(ToStd(status.message())));
  }
  return refusal;
}

void Faults::Add(Reason reason, std::string_view path, std::string_view message) {
  Refusal::Fault* fault = refusal_.add_faults();
  fault->set_path(std::string(path));
  fault->set_reason(reason);
  fault->set_message(std::string(message));
}

absl::Status Faults::ToStatus() const {
  if (empty()) return absl::OkStatus();
  Refusal refusal = refusal_;
  // An unknown resource is judged before what is wrong with known ones.
  const auto rank = [](const auto& fault) {
    return fault.reason() == stored::UNKNOWN_RESOURCE ? 2 * stored::INVALID_ARGUMENT - 1
                                                      : 2 * fault.reason();
  };
  const auto first =
      std::min_element(refusal.faults().begin(), refusal.faults().end(),
                       [&rank](const auto& a, const auto& b) { return rank(a) < rank(b); });
  refusal.set_reason(first->reason());
  refusal.set_detail(first->path().empty() ? first->message()
                                           : Concat(first->path(), ": ", first->message()));
  return Refuse(refusal);
}

}  // namespace purser
