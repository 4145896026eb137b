#ifndef PURSER_LEDGER_REFUSAL_H_
#define PURSER_LEDGER_REFUSAL_H_

// A refusal: a stable reason, a sentence, and the numbers. It travels as the payload of an
// absl::Status, so that functions return Status or StatusOr; the canonical code says what the
// caller should do. Pure functions, thread-safe.
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "ledger/ledger.pb.h"

namespace purser {

using stored::Reason;
using stored::Refusal;

// Sentences that several commands say.
inline constexpr std::string_view kNoSuchResource =
    "the population has no such resource; GET its /resources for those it has";
inline constexpr std::string_view kLabelRequired =
    "missing: the population's settings (required_labels) require it";

// The code that clients see: the reason's name in lower case.
std::string ReasonCode(Reason reason);

absl::Status Refuse(const Refusal& refusal);
absl::Status Refuse(Reason reason, std::string_view detail);
// One fault of a field, with its path; the refusal's reason is the fault's.
absl::Status RefuseField(Reason reason, std::string_view path, std::string_view message);

// The refusal a status carries; a status of another origin becomes INTERNAL with its message.
Refusal RefusalOf(const absl::Status& status);

// Collects the faults of one request, so that all are named at once.
class Faults {
 public:
  void Add(Reason reason, std::string_view path, std::string_view message);
  bool empty() const { return refusal_.faults().empty(); }
  const google::protobuf::RepeatedPtrField<Refusal::Fault>& list() const {
    return refusal_.faults();
  }
  // OK when there is none; else a refusal whose reason is the first in the order of judgement.
  absl::Status ToStatus() const;

 private:
  Refusal refusal_;
};

}  // namespace purser

#endif  // PURSER_LEDGER_REFUSAL_H_
