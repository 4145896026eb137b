#include "api/answer_fields.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "api/render.h"
#include "api/render_denial.h"
#include "api/v1/reservation.pb.h"
#include "reservations/charge_costs.h"

namespace purser::api {
namespace {

// Requests rarely name more resources.
constexpr size_t kLinesMostly = 8;

template <typename Line>
struct Named {
  std::string_view name;
  const Line* line;
};
// In order of names, as maps are answered.
template <typename Line>
using NamedLines = absl::InlinedVector<Named<Line>, kLinesMostly>;
template <typename Line>
void SortByName(NamedLines<Line>* lines) {
  std::sort(lines->begin(), lines->end(),
            [](const Named<Line>& a, const Named<Line>& b) { return a.name < b.name; });
}

// A map with an amount for each line.
template <typename Line, typename AmountOf, typename Writer>
void WriteAmounts(int number, const NamedLines<Line>& lines, AmountOf amount_of, Writer* out) {
  out->Map(number, JsonForm::kAmount, [&](auto* map) {
    for (const auto& [name, line] : lines) map->Add(name, amount_of(*line));
  });
}

template <typename Writer>
void WriteHoldLines(const ReservationPicture& reservation, const ResourceIdentities& identify,
                    Writer* out) {
  NamedLines<HoldLine> lines;
  bool has_minimum = false;
  for (const HoldLine& line : reservation.lines) {
    lines.push_back({identify(line.resource).name, &line});
    has_minimum = has_minimum || line.minimum.has_value();
  }
  SortByName(&lines);
  using Message = v1::Reservation;
  WriteAmounts(
      Message::kAmountsFieldNumber, lines, [](const HoldLine& line) { return line.asked; }, out);
  if (has_minimum) {
    out->Map(Message::kMinimumAmountsFieldNumber, JsonForm::kAmount, [&](auto* map) {
      for (const auto& [name, line] : lines) {
        if (line->minimum) map->Add(name, *line->minimum);
      }
    });
  }
  WriteAmounts(
      Message::kGrantedFieldNumber, lines, [](const HoldLine& line) { return line.granted; }, out);
  WriteAmounts(
      Message::kHeldFieldNumber, lines, [](const HoldLine& line) { return line.held; }, out);
  WriteAmounts(
      Message::kInUseFieldNumber, lines, [](const HoldLine& line) { return line.in_use; }, out);
  WriteAmounts(
      Message::kChargedFieldNumber, lines, [](const HoldLine& line) { return line.charged; }, out);
  WriteAmounts(
      Message::kOverrunFieldNumber, lines, [](const HoldLine& line) { return line.overrun; }, out);
}

template <typename Writer>
void WriteChargeLines(const stored::ChargeRecord& charge, Writer* out) {
  using Line = stored::Charged::Line;
  using Message = v1::Charge;
  NamedLines<Line> lines;
  for (int i = 0; i < charge.charged().lines_size(); ++i) {
    lines.push_back({charge.resource_names(i), &charge.charged().lines(i)});
  }
  SortByName(&lines);
  const auto write = [&](int number, int64_t (Line::*amount)() const) {
    WriteAmounts(
        number, lines, [amount](const Line& line) { return Amount::FromMicros((line.*amount)()); },
        out);
  };
  write(Message::kAmountsFieldNumber, &Line::amount);
  write(Message::kWithinHoldFieldNumber, &Line::within_hold);
  write(Message::kOverrunFieldNumber, &Line::overrun);
  write(Message::kOverdraftFieldNumber, &Line::overdraft);
  WriteAmounts(
      Message::kRefundedFieldNumber, lines,
      [&charge](const Line& line) { return RefundedOf(charge, line.resource()); }, out);
}

// What its lines cost, those that are priced.
template <typename Writer>
void WriteCosts(const stored::ChargeRecord& charge, Writer* out) {
  using Line = stored::Charged::Line;
  using Message = v1::Charge;
  NamedLines<Line> priced;
  NamedLines<Line> lines;
  for (int i = 0; i < charge.charged().lines_size(); ++i) {
    const Line& line = charge.charged().lines(i);
    lines.push_back({charge.resource_names(i), &line});
    if (CostOf(line).has_value()) priced.push_back(lines.back());
  }
  SortByName(&priced);
  SortByName(&lines);
  out->Map(Message::kRatesFieldNumber, JsonForm::kRate, [&](auto* map) {
    for (const auto& [name, line] : priced) map->Add(name, Rate::FromPicos(line->rate_picos()));
  });
  WriteAmounts(
      Message::kCostsFieldNumber, priced, [](const Line& line) { return *CostOf(line); }, out);
  WriteAmounts(
      Message::kRefundedCostsFieldNumber, priced,
      [&charge](const Line& line) {
        return *CostOf(line) - *CostLeft(line, RefundedOf(charge, line.resource()));
      },
      out);
  out->Map(Message::kCostCategoriesFieldNumber, JsonForm::kString, [&](auto* map) {
    for (const auto& [name, line] : lines) map->Add(name, CostCategoryName(line->cost_category()));
  });
}

template <typename Writer>
void WriteDryRun(int dry_run, int judged_at_sequence, const AnswerMarks& marks, Writer* out) {
  if (!marks.judged_at_sequence.has_value()) return;
  out->Bool(dry_run, true);
  out->Uint64(judged_at_sequence, *marks.judged_at_sequence);
}

// Where the estimated start is another than it was at first.
template <typename Writer>
void WriteMoves(const AnswerMarks& marks, Writer* out) {
  using Message = v1::Reservation;
  if (marks.waits == nullptr || marks.first_told == nullptr) return;
  if (!marks.first_told->has_earliest_start_us()) return;
  out->Time(Message::kFirstEstimateFieldNumber, marks.first_told->earliest_start_us());
  const auto moved = EstimateMoves(*marks.first_told, marks.waits->explanation);
  if (!moved.empty()) out->Texts(Message::kEstimateMovedFieldNumber, moved);
}

// `waits` is nullptr where it is not known why it waits, or nothing is in the way of its start.
template <typename Writer>
void WriteQueued(const ReservationPicture& reservation, const AnswerMarks& marks, Writer* out) {
  const Explained* const waits = marks.waits;
  using Message = v1::Reservation;
  if (waits != nullptr) {
    const stored::Explanation& explanation = waits->explanation;
    if (explanation.queue_position() != 0) {
      out->Int32(Message::kQueuePositionFieldNumber,
                 static_cast<int32_t>(explanation.queue_position()));
    }
    if (explanation.has_earliest_start_us()) {
      out->Time(Message::kEstimatedStartFieldNumber, explanation.earliest_start_us());
    }
    out->Texts(Message::kQueueReasonsFieldNumber, QueueReasons(waits->refusal));
  } else if (reservation.scheduled()) {
    out->Time(Message::kEstimatedStartFieldNumber, reservation.start_at_us);
  }
  out->Time(Message::kQueueTimeoutFieldNumber, reservation.give_up_us());
  if (waits != nullptr) out->Made(Message::kExplanationFieldNumber, RenderExplanation(*waits));
}

}  // namespace

template <typename Writer>
void WriteReservation(const ReservationPicture& reservation, int64_t lease_shift_us,
                      const ResourceIdentities& identify, const AnswerMarks& marks, Writer* out) {
  using Message = v1::Reservation;
  out->Text(Message::kIdFieldNumber, reservation.id);
  out->Enum(Message::kStateFieldNumber, reservation.state);
  out->Enum(Message::kPurposeFieldNumber, reservation.purpose);
  out->Enum(Message::kTierFieldNumber, reservation.tier);
  out->Int32(Message::kPriorityFieldNumber, reservation.priority);
  WriteHoldLines(reservation, identify, out);
  out->Map(Message::kLabelsFieldNumber, JsonForm::kString, [&](auto* map) {
    for (const auto& [key, value] : *reservation.labels) map->AddLabel(key, value);
  });
  out->Duration(Message::kLeaseFieldNumber, reservation.lease_us);
  out->Enum(Message::kOverrunPolicyFieldNumber, RenderPolicy(reservation.overrun_policy));
  out->Text(Message::kPrincipalFieldNumber, *reservation.principal);
  out->Time(Message::kCreateTimeFieldNumber, reservation.create_time_us);
  const bool granted = reservation.grant_time_us != 0;
  if (granted) out->Time(Message::kGrantTimeFieldNumber, reservation.grant_time_us);
  if (reservation.start_time_us != 0) {
    out->Time(Message::kStartTimeFieldNumber, reservation.start_time_us);
  }
  if (granted) {
    out->Time(Message::kExpireTimeFieldNumber, reservation.expire_time_us(lease_shift_us));
  } else if (reservation.scheduled()) {
    out->Time(Message::kExpireTimeFieldNumber, reservation.start_at_us + reservation.lease_us);
  }
  if (reservation.end_time_us != 0)
    out->Time(Message::kEndTimeFieldNumber, reservation.end_time_us);
  out->Uint64(Message::kGenerationFieldNumber, reservation.generation);
  if (reservation.stopped) out->Text(Message::kActionFieldNumber, "STOP");
  if (marks.denial != nullptr) out->Made(Message::kDenialFieldNumber, *marks.denial);
  WriteDryRun(Message::kDryRunFieldNumber, Message::kJudgedAtSequenceFieldNumber, marks, out);
  if (reservation.queued() || reservation.scheduled()) WriteQueued(reservation, marks, out);
  if (reservation.start_at_us != 0) {
    out->Time(Message::kStartAtFieldNumber, reservation.start_at_us);
  }
  WriteMoves(marks, out);
  if (const InstantUs preempt_at_us = reservation.preempt_at_us(lease_shift_us)) {
    out->Time(Message::kPreemptAtFieldNumber, preempt_at_us);
    out->Text(Message::kPreemptedForFieldNumber, reservation.notice->preempted_for);
  }
  if (reservation.quote != nullptr) {
    out->Time(Message::kQuotedAtFieldNumber, reservation.quote->at_us());
  }
  if (reservation.approver != nullptr) {
    out->Text(Message::kApproverFieldNumber, *reservation.approver);
  }
}

template <typename Writer>
void WriteCharge(const stored::ChargeRecord& charge, const AnswerMarks& marks, Writer* out) {
  using Message = v1::Charge;
  const stored::Charged& charged = charge.charged();
  out->Text(Message::kIdFieldNumber, charged.id());
  out->Text(Message::kReservationFieldNumber, charged.reservation());
  WriteChargeLines(charge, out);
  out->Map(Message::kLabelsFieldNumber, JsonForm::kString, [&](auto* map) {
    for (const stored::Label& label : charge.labels()) map->AddLabel(label.key(), label.value());
  });
  out->Text(Message::kCategoryFieldNumber, charged.category());
  out->Bool(Message::kLateFieldNumber, charged.late());
  out->Text(Message::kActionFieldNumber, charged.stop() ? "STOP" : "CONTINUE");
  out->Text(Message::kPrincipalFieldNumber, charged.principal());
  out->Time(Message::kCreateTimeFieldNumber, charge.create_time_us());
  out->Uint64(Message::kLedgerSequenceFieldNumber, charge.sequence());
  WriteDryRun(Message::kDryRunFieldNumber, Message::kJudgedAtSequenceFieldNumber, marks, out);
  WriteCosts(charge, out);
}

template void WriteReservation(const ReservationPicture&, int64_t, const ResourceIdentities&,
                               const AnswerMarks&, JsonMessageWriter*);
template void WriteReservation(const ReservationPicture&, int64_t, const ResourceIdentities&,
                               const AnswerMarks&, ProtobufMessageWriter*);
template void WriteCharge(const stored::ChargeRecord&, const AnswerMarks&, JsonMessageWriter*);
template void WriteCharge(const stored::ChargeRecord&, const AnswerMarks&, ProtobufMessageWriter*);

}  // namespace purser::api
