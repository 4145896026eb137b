#include "reservations/record_bytes.h"

#include "ledger/wire.h"

namespace purser {
namespace {

using Record = stored::ReservationRecord;

// Mostly enough for all but labels and ids.
constexpr size_t kFixedBytes = 256;
constexpr size_t kBytesALine = 64;

uint64_t Unsigned(int64_t value) { return static_cast<uint64_t>(value); }

// What is 0 is left out, as proto3 has it.
void AppendNumber(int number, uint64_t value, std::string* out) {
  if (value != 0) AppendWireVarint(number, value, out);
}

void AppendText(int number, std::string_view text, std::string* out) {
  if (!text.empty()) AppendWireBytes(number, text, out);
}

char* WriteAmount(int number, Amount amount, char* to) {
  return amount.is_zero() ? to : WriteWireVarint(number, ZigZag(amount.micros()), to);
}

void AppendLine(const HoldLine& line, std::string* out) {
  using Line = Record::Line;
  char bytes[10 * (1 + kVarintBytesMax)];
  char* to = bytes;
  if (line.resource != 0) to = WriteWireVarint(Line::kResourceFieldNumber, line.resource, to);
  to = WriteAmount(Line::kAskedFieldNumber, line.asked, to);
  if (line.minimum.has_value()) {
    to = WriteWireVarint(Line::kMinimumFieldNumber, ZigZag(line.minimum->micros()), to);
  }
  to = WriteAmount(Line::kGrantedFieldNumber, line.granted, to);
  to = WriteAmount(Line::kHeldFieldNumber, line.held, to);
  to = WriteAmount(Line::kInUseFieldNumber, line.in_use, to);
  to = WriteAmount(Line::kChargedFieldNumber, line.charged, to);
  to = WriteAmount(Line::kOverrunFieldNumber, line.overrun, to);
  if (line.period != 0) to = WriteWireVarint(Line::kPeriodFieldNumber, line.period, to);
  if (line.rate.has_value()) {
    to = WriteWireVarint(Line::kRatePicosFieldNumber, ZigZag(line.rate->picos()), to);
  }
  AppendWireBytes(Record::kLinesFieldNumber, {bytes, static_cast<size_t>(to - bytes)}, out);
}

void AppendLabel(const std::string& key, const std::string& value, std::string* out) {
  const auto size_of = [](const std::string& text) {
    return text.empty() ? 0 : 1 + VarintSize(text.size()) + text.size();
  };
  AppendWireLength(Record::kLabelsFieldNumber, size_of(key) + size_of(value), out);
  AppendText(stored::Label::kKeyFieldNumber, key, out);
  AppendText(stored::Label::kValueFieldNumber, value, out);
}

// A packed list.
void AppendNumbers(int number, const std::vector<uint64_t>& values, std::string* out) {
  if (values.empty()) return;
  size_t size = 0;
  for (const uint64_t value : values) size += VarintSize(value);
  AppendWireLength(number, size, out);
  for (const uint64_t value : values) AppendVarint(value, out);
}

}  // namespace

std::string RecordBytes(const Reservation& reservation) {
  std::string out;
  out.reserve(kFixedBytes + kBytesALine * reservation.lines.size());
  AppendText(Record::kIdFieldNumber, reservation.id, &out);
  AppendNumber(Record::kStateFieldNumber, Unsigned(reservation.state), &out);
  AppendNumber(Record::kPurposeFieldNumber, Unsigned(reservation.purpose), &out);
  AppendNumber(Record::kTierFieldNumber, reservation.tier, &out);
  AppendNumber(Record::kPriorityFieldNumber, ZigZag(reservation.priority), &out);
  for (const HoldLine& line : reservation.lines) AppendLine(line, &out);
  for (const auto& [key, value] : *reservation.labels) AppendLabel(key, value, &out);
  AppendNumber(Record::kLeaseUsFieldNumber, Unsigned(reservation.lease_us), &out);
  AppendNumber(Record::kOverrunPolicyFieldNumber, Unsigned(reservation.overrun_policy), &out);
  AppendText(Record::kPrincipalFieldNumber, *reservation.principal, &out);
  AppendNumber(Record::kCreateTimeUsFieldNumber, Unsigned(reservation.create_time_us), &out);
  AppendNumber(Record::kGrantTimeUsFieldNumber, Unsigned(reservation.grant_time_us), &out);
  AppendNumber(Record::kStartTimeUsFieldNumber, Unsigned(reservation.start_time_us), &out);
  AppendNumber(Record::kEndTimeUsFieldNumber, Unsigned(reservation.end_time_us), &out);
  AppendNumber(Record::kLeaseEndUsFieldNumber, Unsigned(reservation.lease_end_us), &out);
  AppendNumber(Record::kGenerationFieldNumber, reservation.generation, &out);
  AppendNumber(Record::kStoppedFieldNumber, reservation.stopped ? 1 : 0, &out);
  AppendNumber(Record::kCreateSequenceFieldNumber, reservation.create_sequence, &out);
  AppendNumber(Record::kCreateIndexFieldNumber, reservation.create_index, &out);
  AppendNumbers(Record::kSequencesFieldNumber, reservation.sequences, &out);
  AppendNumber(Record::kFinalShiftUsFieldNumber, Unsigned(reservation.final_shift_us), &out);
  AppendNumber(Record::kLeaseAskedUsFieldNumber, Unsigned(reservation.lease_asked_us), &out);
  AppendNumbers(Record::kDeniedBeforeFieldNumber, reservation.denied_before, &out);
  AppendNumber(Record::kQueueWaitUsFieldNumber, Unsigned(reservation.queue_wait_us), &out);
  const RecordedGrant grant = RecordGrant(reservation);
  AppendNumber(Record::kQueueGrantFieldNumber, grant.number, &out);
  AppendNumber(Record::kStartAtUsFieldNumber, Unsigned(reservation.start_at_us), &out);
  AppendNumber(Record::kGrantSequenceFieldNumber, grant.sequence, &out);
  AppendNumber(Record::kPreemptionGraceUsFieldNumber, reservation.preemption_grace_us, &out);
  if (reservation.notice != nullptr) {
    const Notice& notice = *reservation.notice;
    AppendNumber(Record::kPreemptEndUsFieldNumber, Unsigned(notice.preempt_end_us), &out);
    AppendNumber(Record::kNoticeOrderFieldNumber, notice.order, &out);
    AppendText(Record::kPreemptedForFieldNumber, notice.preempted_for, &out);
  }
  if (reservation.quote != nullptr) {
    AppendWireBytes(Record::kQuoteFieldNumber, reservation.quote->SerializeAsString(), &out);
  }
  if (reservation.approver != nullptr) {
    AppendText(Record::kApproverFieldNumber, *reservation.approver, &out);
  }
  return out;
}

}  // namespace purser
