// From what a submission answers to a verdict.
#include <algorithm>

#include "reservations/charge_costs.h"
#include "tests/model/calendar.h"
#include "tests/subject/action_models.h"
#include "tests/subject/action_proposals.h"
#include "tests/subject/sequencer_subject.h"

namespace purser {
namespace {

using model::Verb;

void AddReason(const std::string& reason, std::vector<std::string>* reasons) {
  if (std::find(reasons->begin(), reasons->end(), reason) == reasons->end()) {
    reasons->push_back(reason);
  }
}

// Of a budget: above which of its thresholds it would be.
std::string ReasonOf(const Refusal::Blocking& blocking) {
  const std::string& blocking_kind = blocking.kind();
  if (blocking_kind == "FREEZE") return "frozen";
  if (blocking_kind == "QUEUE") return "behind_queue";
  const bool blocks = blocking.detail().find("above 110 %") != std::string::npos;
  if (blocking_kind == "BUDGET") return blocks ? "budget_blocked" : "approval_required";
  if (blocking_kind == "LOAN") return "reserve_overdue";
  if (blocking_kind == "COST") return "cost_not_reduced";
  if (blocking_kind == "COVERAGE") return "coverage_lost";
  if (blocking_kind == "CONSTRAINT") return "constraint_forbids";
  if (blocking_kind == "CAPABILITY") return "sole_provider";
  if (blocking_kind == "LIMIT" || blocking_kind == "QUEUE_LENGTH" || blocking_kind == "BOOKINGS") {
    return "limit_exceeded";
  }
  return "overdrawn";
}

// Budgets are told by id, the worse reason comes first.
void SortReasonsOfBudgets(std::vector<std::string>* reasons) {
  const auto asks = std::find(reasons->begin(), reasons->end(), "approval_required");
  const auto blocked = std::find(reasons->begin(), reasons->end(), "budget_blocked");
  if (asks < blocked && blocked != reasons->end()) std::iter_swap(asks, blocked);
}

void ReadRefusal(const Refusal& refusal, model::Verdict* verdict) {
  verdict->code = ReasonCode(refusal.reason());
  for (const auto& blocking : refusal.blocking()) {
    AddReason(ReasonOf(blocking), &verdict->reasons);
    if (blocking.detail().find("could not cover it") != std::string::npos) {
      verdict->uncoverable.push_back(blocking.name());
    }
    if (blocking.kind() == "PREMISE") verdict->changed.push_back(blocking.model());
    if (blocking.kind() != "CONSTRAINT") continue;
    // The sentence begins with the constraint's kind.
    const std::string kind = blocking.detail().substr(0, blocking.detail().find(' '));
    verdict->forbids.emplace_back(blocking.model(), Concat(kind, ":", blocking.name()));
  }
  for (const auto& step : refusal.schedule()) {
    const std::string month = model::FormatInstant(step.from_us()).substr(0, 7);
    verdict->schedule.emplace_back(month, step.amount());
  }
  SortReasonsOfBudgets(&verdict->reasons);
  bool reserve_alone = true;
  for (const auto& s : refusal.shortages()) {
    reserve_alone = reserve_alone && s.reserve_protected() == s.short_by();
    verdict->shortages.push_back({s.resource(), s.requested(), s.available(), s.held(), s.in_use(),
                                  s.spent(), s.reserve(), s.reserve_protected(), s.short_by(),
                                  s.booked(), s.at_us()});
  }
  if (refusal.reason() == stored::NEVER_FITS) {
    verdict->reasons = {verdict->code};
    return;
  }
  if (refusal.shortages().empty()) return;
  AddReason(reserve_alone ? "reserve_protected" : "insufficient_capacity", &verdict->reasons);
}

// What models lack is told by the population's own codes, in the order of judgement.
void ReadModelRefusal(const Refusal& refusal, model::Verdict* verdict) {
  constexpr Reason kGates[] = {stored::CONSTRAINT_FORBIDS, stored::SOLE_PROVIDER,
                               stored::PREMISES_CHANGED};
  if (std::find(std::begin(kGates), std::end(kGates), refusal.reason()) != std::end(kGates)) {
    verdict->reasons.clear();
    return;
  }
  std::erase_if(verdict->reasons, [](const std::string& reason) {
    return reason == "reserve_protected" || reason == "insufficient_capacity";
  });
  if (refusal.shortages().empty()) return;
  const std::string code =
      refusal.reason() == stored::RESERVE_PROTECTED ? "reserve_protected" : "population_full";
  constexpr std::string_view kBehind[] = {"coverage_lost", "behind_queue"};
  const auto place = std::find_first_of(verdict->reasons.begin(), verdict->reasons.end(),
                                        std::begin(kBehind), std::end(kBehind));
  verdict->reasons.insert(place, code);
}

void ReadCosts(const stored::ChargeRecord& record, model::Verdict* verdict) {
  for (int i = 0; i < record.charged().lines_size(); ++i) {
    const stored::Charged::Line& line = record.charged().lines(i);
    const std::string& name = record.resource_names(i);
    verdict->categories[name] = CostCategoryName(line.cost_category());
    const std::optional<Amount> cost = CostOf(line);
    if (!cost.has_value()) continue;
    const Amount left = *CostLeft(line, RefundedOf(record, line.resource()));
    verdict->costs[name] = cost->micros();
    verdict->refunded_costs[name] = (*cost - left).micros();
  }
}

void ReadCharge(const stored::ChargeRecord& record, model::Verdict* verdict) {
  for (int i = 0; i < record.charged().lines_size(); ++i) {
    const std::string& name = record.resource_names(i);
    verdict->within_hold[name] = record.charged().lines(i).within_hold();
    verdict->overrun[name] = record.charged().lines(i).overrun();
    verdict->overdraft[name] = record.charged().lines(i).overdraft();
  }
  ReadCosts(record, verdict);
  verdict->action = record.charged().stop() ? "STOP" : "";
  verdict->late = record.charged().late();
}

void ReadOutcomes(const stored::OutcomesReported& reported, model::Verdict* verdict) {
  verdict->outcomes = {reported.accepted(), reported.rejected(), reported.escalated()};
}

model::Verdict ReadOne(Verb verb, const absl::Status& status, const Shown& shown,
                       const ResourceIdentities& identify) {
  model::Verdict verdict;
  if (!status.ok()) {
    ReadRefusal(RefusalOf(status), &verdict);
    if (IsAboutModels(verb) || IsAboutProposals(verb)) {
      ReadModelRefusal(RefusalOf(status), &verdict);
    } else if (verb != Verb::kReserve) {
      verdict.reasons.clear();
    }
    return verdict;
  }
  verdict.pending = verb == Verb::kActivate && shown.approval != nullptr;
  if (shown.model != nullptr && (verb == Verb::kRegister || verb == Verb::kPatch)) {
    for (const uint32_t number : shown.model->uncoverable()) {
      verdict.uncoverable.emplace_back(identify(number).name);
    }
  }
  if (verb == Verb::kReserve && shown.reservation != nullptr) {
    verdict.queued = shown.reservation->queued();
    verdict.scheduled = shown.reservation->scheduled();
    if (verdict.queued) return verdict;
    for (const HoldLine& line : shown.reservation->lines) {
      verdict.granted[std::string(identify(line.resource).name)] = line.granted.micros();
    }
  }
  const bool charges = verb == Verb::kCharge || verb == Verb::kPostCharge;
  if (charges && shown.charge != nullptr) ReadCharge(*shown.charge, &verdict);
  const bool reports = verb == Verb::kReportOutcomes && shown.charge != nullptr;
  if (reports) ReadOutcomes(shown.charge->outcomes_reported(), &verdict);
  if (verb == Verb::kRefund && shown.charge != nullptr) ReadCosts(*shown.charge, &verdict);
  return verdict;
}

model::Verdict ReadFailedBatch(const model::Action& action, const absl::Status& status) {
  model::Verdict verdict;
  const Refusal refusal = RefusalOf(status);
  verdict.code = ReasonCode(refusal.reason());
  if (!refusal.has_member()) return verdict;
  verdict.member = static_cast<int>(refusal.member());
  model::Verdict other;
  other.code = "batch_member_failed";
  verdict.results.assign(action.members.size(), other);
  model::Verdict& failed = verdict.results.at(refusal.member());
  ReadRefusal(refusal, &failed);
  if (action.members[refusal.member()].verb != Verb::kReserve) failed.reasons.clear();
  return verdict;
}

}  // namespace

model::Verdict ToVerdict(const model::Action& action, const api::Submitted& submitted,
                         const ResourceIdentities& identify) {
  model::Verdict verdict;
  if (action.verb != Verb::kBatch) {
    const Shown nothing;
    verdict = ReadOne(action.verb, submitted.status,
                      submitted.shown.empty() ? nothing : submitted.shown.front(), identify);
  } else if (!submitted.status.ok()) {
    verdict = ReadFailedBatch(action, submitted.status);
  } else {
    for (size_t i = 0; i < action.members.size(); ++i) {
      const absl::Status status =
          submitted.member_status.empty() ? absl::OkStatus() : submitted.member_status.at(i);
      const Shown& shown = submitted.shown.at(i);
      verdict.results.push_back(ReadOne(action.members[i].verb, status, shown, identify));
      verdict.results.back().replayed = shown.answer.replayed();
    }
  }
  verdict.replayed = submitted.replayed;
  if (!action.artifact.rollback_target) verdict.uncoverable.clear();
  return verdict;
}

}  // namespace purser
