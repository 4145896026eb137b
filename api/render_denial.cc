#include "api/render_denial.h"

#include <algorithm>
#include <string>
#include <utility>

#include "api/json_scalar.h"
#include "api/render.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

using stored::Explanation;
using Assumption = Explanation::Assumption;

std::string AssumptionText(const Assumption& assumption) {
  switch (assumption.kind()) {
    case Assumption::LEASE_ENDS:
      return Concat("lease of ", assumption.name(), " ends at ", InstantText(assumption.at_us()));
    case Assumption::PREEMPTED:
      return Concat(assumption.name(), " gives way at ", InstantText(assumption.at_us()));
    case Assumption::BOOKING_STARTS:
      return Concat(assumption.name(), " starts at ", InstantText(assumption.at_us()));
    case Assumption::BOOKING_WAITS:
      return Concat(assumption.name(), " cannot start at ", InstantText(assumption.at_us()));
    case Assumption::GRANTED_BEFORE:
      return Concat(assumption.name(), " is granted at ", InstantText(assumption.at_us()));
    case Assumption::GIVES_UP:
      return Concat(assumption.name(), " gives up waiting at ", InstantText(assumption.at_us()));
    case Assumption::PERIOD_ENDS:
      return Concat("period of ", assumption.name(), " ends at ", InstantText(assumption.at_us()));
    default:
      return Concat("freeze ", assumption.name(), " ends at ", InstantText(assumption.at_us()));
  }
}

// Several resources rest on the same lease: it is said once.
template <typename From, typename To>
void AddAssumptions(const From& from, To* to) {
  for (const Assumption& assumption : from) {
    std::string text = AssumptionText(assumption);
    if (std::find(to->begin(), to->end(), text) == to->end()) *to->Add() = std::move(text);
  }
}

v1::Remedy RenderRemedy(const Explanation::Remedy& remedy) {
  v1::Remedy out;
  out.set_kind(Explanation::Remedy::Kind_Name(remedy.kind()));
  if (remedy.until_us() != 0) SetTime(remedy.until_us(), out.mutable_until());
  const bool by_operator = remedy.kind() == Explanation::Remedy::OPERATOR_ACTION;
  const bool by_proposal = remedy.kind() == Explanation::Remedy::APPROVE_PROPOSAL;
  if (by_proposal) out.set_proposal(remedy.proposal());
  auto& amounts = by_operator   ? *out.mutable_grants()
                  : by_proposal ? *out.mutable_frees()
                                : *out.mutable_amounts();
  for (const auto& named : remedy.amounts()) amounts[named.resource()].set_micros(named.amount());
  if (remedy.lease_us() != 0) SetDuration(remedy.lease_us(), out.mutable_lease());
  if (remedy.tier() != 0) out.set_tier(v1::Tier_Name(static_cast<v1::Tier>(remedy.tier())));
  *out.mutable_lift_freezes() = remedy.freezes();
  *out.mutable_drop_minimums() = remedy.drop_minimums();
  *out.mutable_budgets() = remedy.budgets();
  return out;
}

v1::Shortage RenderShortage(const Refusal::Shortage& shortage) {
  v1::Shortage out;
  out.set_resource(shortage.resource());
  out.mutable_requested()->set_micros(shortage.requested());
  if (shortage.has_minimum()) out.mutable_minimum()->set_micros(shortage.minimum());
  out.mutable_available()->set_micros(shortage.available());
  out.mutable_held()->set_micros(shortage.held());
  out.mutable_in_use()->set_micros(shortage.in_use());
  out.mutable_spent()->set_micros(shortage.spent());
  out.mutable_reserve()->set_micros(shortage.reserve());
  out.mutable_reserve_protected()->set_micros(shortage.reserve_protected());
  out.mutable_short_by()->set_micros(shortage.short_by());
  if (shortage.has_at_us()) {
    SetTime(shortage.at_us(), out.mutable_at());
    out.mutable_booked()->set_micros(shortage.booked());
  }
  return out;
}

v1::Blocking RenderBlocking(const Refusal::Blocking& blocking) {
  v1::Blocking out;
  out.set_kind(blocking.kind());
  out.set_name(blocking.name());
  out.set_detail(blocking.detail());
  if (blocking.has_limit()) out.mutable_limit()->set_micros(blocking.limit());
  if (blocking.has_used()) out.mutable_used()->set_micros(blocking.used());
  if (blocking.has_until_us()) SetTime(blocking.until_us(), out.mutable_until());
  if (!blocking.model().empty()) out.set_model(blocking.model());
  return out;
}

// `Out` is a v1.Explanation or a v1.Problem: they name these things alike.
template <typename Out>
void AddNumbers(const Refusal& refusal, const Explanation& explanation, Out* out) {
  for (const auto& shortage : refusal.shortages()) {
    v1::Shortage& rendered = *out->add_shortages();
    rendered = RenderShortage(shortage);
    for (const auto& outlook : explanation.outlooks()) {
      if (outlook.resource() != shortage.resource()) continue;
      SetTime(outlook.earliest_start_us(), rendered.mutable_earliest_start());
      AddAssumptions(outlook.assumptions(), rendered.mutable_assumptions());
    }
  }
  for (const auto& blocking : refusal.blocking()) *out->add_blocking() = RenderBlocking(blocking);
  if (explanation.has_earliest_start_us()) {
    SetTime(explanation.earliest_start_us(), out->mutable_earliest_start());
  }
  AddAssumptions(explanation.assumptions(), out->mutable_assumptions());
  for (const auto& remedy : explanation.remedies()) *out->add_remedies() = RenderRemedy(remedy);
}

}  // namespace

void RenderDenial(const Refusal& refusal, v1::Problem* out) {
  AddNumbers(refusal, refusal.explanation(), out);
  for (const auto& step : refusal.schedule()) {
    v1::BudgetStep& shown = *out->add_schedule();
    SetTime(step.from_us(), shown.mutable_from());
    shown.mutable_amount()->set_micros(step.amount());
  }
  if (refusal.has_explanation()) out->set_complete(refusal.explanation().complete());
}

std::vector<std::string> QueueReasons(const Refusal& refusal) {
  std::vector<std::string> reasons;
  for (const auto& blocking : refusal.blocking()) {
    std::string text = Concat(blocking.kind(), " ", blocking.name());
    if (!blocking.detail().empty()) text += Concat(": ", blocking.detail());
    if (blocking.has_until_us()) text += Concat(", until ", InstantText(blocking.until_us()));
    reasons.push_back(std::move(text));
  }
  for (const auto& shortage : refusal.shortages()) {
    const auto decimal = [](int64_t micros) { return Amount::FromMicros(micros).ToString(); };
    std::string text = Concat(shortage.resource(), ": ", decimal(shortage.requested()),
                              " asked, short by ", decimal(shortage.short_by()));
    if (shortage.has_at_us()) {
      text += Concat(" at ", InstantText(shortage.at_us()), ", when ", decimal(shortage.booked()),
                     " are booked");
    }
    reasons.push_back(std::move(text));
  }
  return reasons;
}

std::vector<std::string> EstimateMoves(const Explanation& first, const Explanation& now) {
  std::vector<std::string> moves;
  const bool is_same =
      now.has_earliest_start_us() && now.earliest_start_us() == first.earliest_start_us();
  if (is_same) return moves;
  std::vector<std::string> before;
  std::vector<std::string> after;
  for (const Assumption& assumption : first.assumptions()) {
    before.push_back(AssumptionText(assumption));
  }
  for (const Assumption& assumption : now.assumptions()) {
    after.push_back(AssumptionText(assumption));
  }
  const auto add = [&moves](const std::vector<std::string>& from,
                            const std::vector<std::string>& others, std::string_view as) {
    for (const std::string& text : from) {
      if (std::find(others.begin(), others.end(), text) != others.end()) continue;
      std::string move = Concat(as, text);
      if (std::find(moves.begin(), moves.end(), move) == moves.end()) {
        moves.push_back(std::move(move));
      }
    }
  };
  add(before, after, "no more: ");
  add(after, before, "but: ");
  if (!now.has_earliest_start_us()) moves.emplace_back("but: no time is known");
  return moves;
}

v1::Explanation RenderExplanation(const Explained& explained) {
  const Refusal& refusal = explained.refusal;
  const Explanation& explanation = explained.explanation;
  v1::Explanation out;
  out.set_fits(refusal.reason() == stored::REASON_UNSPECIFIED);
  if (!out.fits()) {
    out.set_code(ReasonCode(refusal.reason()));
    out.set_detail(refusal.detail());
  }
  AddNumbers(refusal, explanation, &out);
  for (const auto& [name, amount] : explained.granted) {
    (*out.mutable_granted())[name].set_micros(amount.micros());
  }
  if (explanation.queue_position() != 0) {
    out.set_queue_position(static_cast<int32_t>(explanation.queue_position()));
  }
  out.set_complete(explanation.complete());
  out.set_ledger_sequence(explanation.sequence());
  SetTime(explanation.time_us(), out.mutable_judged_at());
  return out;
}

}  // namespace purser::api
