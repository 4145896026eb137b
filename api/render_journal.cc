// Journal entries as clients see them.
#include "absl/strings/ascii.h"
#include "api/render.h"
#include "api/render_denial.h"
#include "api/render_journal_models.h"
#include "ledger/cost_category.h"
#include "ledger/rate.h"
#include "ledger/refusal.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

std::string Lower(const std::string& name) { return absl::AsciiStrToLower(name); }

v1::JournalFact& AddFact(v1::JournalEntry* out, std::string_view kind, std::string_view subject) {
  v1::JournalFact& fact = *out->add_facts();
  fact.set_kind(std::string(kind));
  fact.set_subject(std::string(subject));
  return fact;
}

// Incurred, or repaid.
template <typename Fact>
void AddDebt(std::string_view kind, const Fact& debt, const ResourceIdentities& identify,
             v1::JournalEntry* out) {
  auto& details = *AddFact(out, kind, debt.operator_family()).mutable_details();
  details["amount"] = DecimalText(debt.amount());
  details["charge"] = debt.charge();
  details["resource"] = std::string(identify(debt.resource()).name);
}

void AddLimit(const stored::LedgerFact& fact, v1::JournalEntry* out) {
  if (fact.has_limit_deleted()) {
    AddFact(out, "limit_deleted", fact.limit_deleted().id());
    return;
  }
  const stored::Limit& limit = fact.limit_set();
  auto& details = *AddFact(out, "limit_set", limit.id()).mutable_details();
  if (limit.has_principal()) details["principal"] = limit.principal();
  if (limit.each_principal()) details["each_principal"] = "true";
  if (limit.has_label()) {
    details["label"] = Concat(limit.label().key(), "=", limit.label().value());
  }
  details["generation"] = Concat(limit.generation());
}

void AddRateCard(const stored::LedgerFact& fact, v1::JournalEntry* out) {
  if (fact.has_rate_card_deleted()) {
    AddFact(out, "rate_card_deleted", fact.rate_card_deleted().id());
    return;
  }
  const stored::RateCard& card = fact.rate_card_set();
  auto& details = *AddFact(out, "rate_card_set", card.id()).mutable_details();
  details["valid_from"] = InstantText(card.valid_from_us());
  if (card.valid_until_us() != 0) details["valid_until"] = InstantText(card.valid_until_us());
  for (const auto& rate : card.rates()) {
    const char* const per = rate.per() == stored::RateCard::UNIT_HOUR    ? "/HOUR"
                            : rate.per() == stored::RateCard::UNIT_MONTH ? "/MONTH"
                                                                         : "";
    details[Concat("rates.", rate.resource())] =
        Concat(Rate::FromPicos(rate.picos()).ToString(), per);
  }
  details["generation"] = Concat(card.generation());
}

std::string LabelsText(const google::protobuf::RepeatedPtrField<stored::LabelValue>& labels) {
  std::string text;
  for (const auto& label : labels) {
    text += Concat(text.empty() ? "" : ",", label.key(), "=", label.value());
  }
  return text;
}

void AddGuardrail(const stored::LedgerFact& fact, v1::JournalEntry* out) {
  if (fact.has_guardrail_deleted()) {
    AddFact(out, "guardrail_deleted", fact.guardrail_deleted().id());
    return;
  }
  if (fact.has_hour_began()) {
    (*AddFact(out, "hour_began", "").mutable_details())["hour_start"] =
        InstantText(fact.hour_began().hour_us());
    return;
  }
  const stored::Guardrail& guardrail = fact.guardrail_set();
  auto& details = *AddFact(out, "guardrail_set", guardrail.id()).mutable_details();
  if (!guardrail.labels().empty()) details["labels"] = LabelsText(guardrail.labels());
  if (guardrail.has_expected_hourly_cost()) {
    details["expected_hourly_cost"] = DecimalText(guardrail.expected_hourly_cost());
  }
  details["generation"] = Concat(guardrail.generation());
}

void AddBudgetSet(const stored::BudgetSet& set, v1::JournalEntry* out) {
  const stored::Budget& budget = set.budget();
  auto& details = *AddFact(out, "budget_set", budget.id()).mutable_details();
  if (!budget.labels().empty()) details["labels"] = LabelsText(budget.labels());
  details["amount"] = DecimalText(budget.amount());
  details["enforcement"] = Lower(stored::Budget::Enforcement_Name(budget.enforcement()));
  if (budget.has_override()) {
    details["override_principal"] = budget.override().principal();
    details["override_reason"] = budget.override().reason();
    details["override_until"] = InstantText(budget.override().until_us());
  }
  details["spent"] = SumText(FromWide(set.spent()));
  details["held"] = SumText(FromWide(set.held()));
  details["generation"] = Concat(budget.generation());
}

void AddBudget(const stored::LedgerFact& fact, v1::JournalEntry* out) {
  if (fact.has_budget_set()) {
    AddBudgetSet(fact.budget_set(), out);
  } else if (fact.has_budget_deleted()) {
    AddFact(out, "budget_deleted", fact.budget_deleted().id());
  } else if (fact.has_cost_month_began()) {
    auto& details = *AddFact(out, "cost_month_began", "").mutable_details();
    details["from"] = InstantText(fact.cost_month_began().from_us());
    details["until"] = InstantText(fact.cost_month_began().until_us());
  } else if (fact.has_budget_counted()) {
    auto& details = *AddFact(out, "budget_counted", fact.budget_counted().id()).mutable_details();
    details["spent"] = SumText(FromWide(fact.budget_counted().spent()));
    details["held"] = SumText(FromWide(fact.budget_counted().held()));
  } else {
    const stored::BudgetCrossed& crossed = fact.budget_crossed();
    auto& details = *AddFact(out, "budget_crossed", crossed.id()).mutable_details();
    details["level"] = Lower(stored::BudgetLevel_Name(crossed.level()));
    details["spent"] = DecimalText(crossed.spent());
    details["held"] = DecimalText(crossed.held());
  }
}

void AddFrozen(const stored::Freeze& freeze, v1::JournalEntry* out) {
  auto& details = *AddFact(out, "frozen", freeze.id()).mutable_details();
  details["reason"] = freeze.reason();
  if (!freeze.guardrail().empty()) details["guardrail"] = freeze.guardrail();
}

template <typename Fact>
void AddMoved(const char* kind, const Fact& moved, const ResourceIdentities& identify,
              v1::JournalEntry* out) {
  auto& details =
      *AddFact(out, kind, std::string(identify(moved.resource()).name)).mutable_details();
  details["amount"] = DecimalText(moved.amount());
  details["reason"] = moved.reason();
}

void AddPeriod(const stored::PeriodClosed& closed, v1::JournalEntry* out) {
  auto& details = *AddFact(out, "period_closed", closed.period()).mutable_details();
  details["from"] = InstantText(closed.from_us());
  details["until"] = InstantText(closed.until_us());
  details["reason"] = closed.reason();
}

void AddResumed(const stored::Resumed& resumed, v1::JournalEntry* out) {
  (*AddFact(out, "resumed", "").mutable_details())["shift"] = DecimalText(resumed.shift_us()) + "s";
}

void AddLedgerFact(const stored::LedgerFact& fact, const ResourceIdentities& identify,
                   v1::JournalEntry* out) {
  const auto name = [&identify](uint32_t number) { return std::string(identify(number).name); };
  switch (fact.fact_case()) {
    case stored::LedgerFact::kPopulationSet:
      AddFact(out, "population_set", fact.population_set().settings().name());
      return;
    case stored::LedgerFact::kResourceCreated:
      AddFact(out, "resource_created", fact.resource_created().settings().name());
      return;
    case stored::LedgerFact::kResourceUpdated:
      AddFact(out, "resource_updated", fact.resource_updated().settings().name());
      return;
    case stored::LedgerFact::kResourceDeleted:
      AddFact(out, "resource_deleted", name(fact.resource_deleted().resource()));
      return;
    case stored::LedgerFact::kAmountGranted:
      AddMoved("amount_granted", fact.amount_granted(), identify, out);
      return;
    case stored::LedgerFact::kAmountWithdrawn:
      AddMoved("amount_withdrawn", fact.amount_withdrawn(), identify, out);
      return;
    case stored::LedgerFact::kRolledOver: {
      const auto& rolled = fact.rolled_over();
      auto& details = *AddFact(out, "rolled_over", name(rolled.resource())).mutable_details();
      details["period"] = Concat(rolled.period());
      details["carried_available"] = DecimalText(rolled.carried_available());
      details["carried_reserve"] = DecimalText(rolled.carried_reserve());
      return;
    }
    case stored::LedgerFact::kFrozen:
      AddFrozen(fact.frozen(), out);
      return;
    case stored::LedgerFact::kThawed: {
      auto& thawed = AddFact(out, "thawed", fact.thawed().id());
      const std::string& reason = fact.thawed().reason();
      if (!reason.empty()) (*thawed.mutable_details())["reason"] = reason;
      return;
    }
    case stored::LedgerFact::kDebtIncurred:
      AddDebt("debt_incurred", fact.debt_incurred(), identify, out);
      return;
    case stored::LedgerFact::kDebtRepaid:
      AddDebt("debt_repaid", fact.debt_repaid(), identify, out);
      return;
    case stored::LedgerFact::kResumed:
      return AddResumed(fact.resumed(), out);
    case stored::LedgerFact::kLimitSet:
    case stored::LedgerFact::kLimitDeleted:
      return AddLimit(fact, out);
    case stored::LedgerFact::kRateCardSet:
    case stored::LedgerFact::kRateCardDeleted:
      return AddRateCard(fact, out);
    case stored::LedgerFact::kGuardrailSet:
    case stored::LedgerFact::kGuardrailDeleted:
    case stored::LedgerFact::kHourBegan:
      return AddGuardrail(fact, out);
    case stored::LedgerFact::kBudgetSet:
    case stored::LedgerFact::kBudgetDeleted:
    case stored::LedgerFact::kCostMonthBegan:
    case stored::LedgerFact::kBudgetCrossed:
    case stored::LedgerFact::kBudgetCounted:
      return AddBudget(fact, out);
    case stored::LedgerFact::kPeriodClosed:
      return AddPeriod(fact.period_closed(), out);
    case stored::LedgerFact::FACT_NOT_SET:
      return;
  }
}

// Of one that is held or booked: what it got.
template <typename Fact, typename Details>
void AddLines(const Fact& fact, const ResourceIdentities& identify, Details* details) {
  for (int i = 0; i < fact.lines_size(); ++i) {
    const auto& line = fact.request().lines(i);
    (*details)[std::string(identify(line.resource()).name)] = DecimalText(fact.lines(i).granted());
  }
}

// Of an advance reservation.
void AddBookingFact(const stored::ReservationFact& fact, const ResourceIdentities& identify,
                    v1::JournalEntry* out) {
  if (fact.has_scheduled()) {
    auto& details = *AddFact(out, "scheduled", ReservationIdOf(fact)).mutable_details();
    details["start_at"] = InstantText(fact.scheduled().request().start_at_us());
    AddLines(fact.scheduled(), identify, &details);
  } else if (fact.has_delayed()) {
    (*AddFact(out, "delayed", ReservationIdOf(fact)).mutable_details())["code"] =
        ReasonCode(fact.delayed().refusal().reason());
  } else {
    const stored::Endangered& endangered = fact.endangered();
    auto& details = *AddFact(out, "endangered", endangered.id()).mutable_details();
    details["resource"] = std::string(identify(endangered.resource()).name);
    details["at"] = InstantText(endangered.at_us());
    details["short_by"] = DecimalText(endangered.short_by());
  }
}

// Of one that gives way to another.
void AddNoticeFact(const stored::ReservationFact& fact, v1::JournalEntry* out) {
  if (fact.has_notice_withdrawn()) {
    AddFact(out, "notice_withdrawn", ReservationIdOf(fact));
    return;
  }
  const stored::Noticed& noticed = fact.noticed();
  const bool asks = noticed.preempted_for().empty();
  auto& details =
      *AddFact(out, asks ? "notice_given" : "notice_received", noticed.id()).mutable_details();
  details["preempt_at"] = InstantText(noticed.preempt_at_us());
  if (!asks) details["preempted_for"] = noticed.preempted_for();
}

// Of one that waited for an approval.
void AddReview(const stored::RequestReviewed& reviewed, v1::JournalEntry* out) {
  auto& details = *AddFact(out, "reviewed", reviewed.id()).mutable_details();
  details["outcome"] = reviewed.approved() ? "approved" : "rejected";
  details["principal"] = reviewed.principal();
  if (!reviewed.reason().empty()) details["reason"] = reviewed.reason();
}

void AddChargedFact(const stored::Charged& charged, const ResourceIdentities& identify,
                    v1::JournalEntry* out) {
  auto& details = *AddFact(out, "charged", charged.id()).mutable_details();
  details["reservation"] = charged.reservation();
  for (const auto& line : charged.lines()) {
    details[std::string(identify(line.resource()).name)] = DecimalText(line.amount());
  }
}

// Of a cost entry or outcomes.
void AddPostedFact(const stored::ReservationFact& fact, v1::JournalEntry* out) {
  if (fact.has_cost_entered()) {
    const stored::CostEntered& entered = fact.cost_entered();
    auto& details = *AddFact(out, "cost_entered", entered.id()).mutable_details();
    details["amount"] = DecimalText(entered.amount());
    details["category"] = std::string(CostCategoryName(entered.category()));
    details["reason"] = entered.reason();
    if (!entered.corrects().empty()) details["corrects"] = entered.corrects();
    if (entered.has_allocation()) {
      const stored::CostEntered::Allocation& allocation = entered.allocation();
      details["allocation"] = Concat(allocation.label(), " by ", allocation.resource());
      details["as_of"] = Concat(allocation.sequence());
    }
    return;
  }
  const stored::OutcomesReported& reported = fact.outcomes_reported();
  auto& details = *AddFact(out, "outcomes_reported", reported.id()).mutable_details();
  details["accepted"] = Concat(reported.accepted());
  details["rejected"] = Concat(reported.rejected());
  details["escalated"] = Concat(reported.escalated());
}

void AddReservationFact(const stored::ReservationFact& fact, const ResourceIdentities& identify,
                        v1::JournalEntry* out) {
  const std::string_view id = ReservationIdOf(fact);
  switch (fact.fact_case()) {
    case stored::ReservationFact::kHeld: {
      AddLines(fact.held(), identify, AddFact(out, "held", id).mutable_details());
      return;
    }
    case stored::ReservationFact::kDenied:
      (*AddFact(out, "denied", id).mutable_details())["code"] =
          ReasonCode(fact.denied().refusal().reason());
      return;
    case stored::ReservationFact::kStarted:
      AddFact(out, "started", id);
      return;
    case stored::ReservationFact::kRenewed:
      (*AddFact(out, "renewed", id).mutable_details())["lease"] =
          DecimalText(fact.renewed().lease_us()) + "s";
      return;
    case stored::ReservationFact::kCharged:
      return AddChargedFact(fact.charged(), identify, out);
    case stored::ReservationFact::kEnded:
      // STATE_SETTLED reads "settled".
      AddFact(out, Lower(stored::ReservationState_Name(fact.ended().state()).substr(6)), id);
      return;
    case stored::ReservationFact::kRefunded: {
      auto& details = *AddFact(out, "refunded", fact.refunded().charge()).mutable_details();
      details["reason"] = fact.refunded().reason();
      for (const auto& line : fact.refunded().lines()) {
        details[std::string(identify(line.resource()).name)] = DecimalText(line.amount());
      }
      return;
    }
    case stored::ReservationFact::kQueued:
      (*AddFact(out, "queued", id).mutable_details())["code"] =
          ReasonCode(fact.queued().refusal().reason());
      return;
    case stored::ReservationFact::kScheduled:
    case stored::ReservationFact::kDelayed:
    case stored::ReservationFact::kEndangered:
      AddBookingFact(fact, identify, out);
      return;
    case stored::ReservationFact::kNoticed:
    case stored::ReservationFact::kNoticeWithdrawn:
      AddNoticeFact(fact, out);
      return;
    case stored::ReservationFact::kGranted:
      AddFact(out, "granted", id);
      return;
    case stored::ReservationFact::kExplained: {
      const stored::RequestExplained& explained = fact.explained();
      v1::JournalFact& out_fact = AddFact(out, "explained", explained.id());
      (*out_fact.mutable_details())["denied_sequence"] = Concat(explained.denied_sequence());
      *out_fact.mutable_explanation() =
          RenderExplanation({explained.refusal(), explained.refusal().explanation(), {}});
      return;
    }
    case stored::ReservationFact::kReviewed:
      return AddReview(fact.reviewed(), out);
    case stored::ReservationFact::kCostEntered:
    case stored::ReservationFact::kOutcomesReported:
      AddPostedFact(fact, out);
      return;
    case stored::ReservationFact::FACT_NOT_SET:
      return;
  }
}

}  // namespace

v1::JournalEntry RenderEntry(const StoredEntry& stored_entry, const ResourceIdentities& identify) {
  const stored::Entry& entry = stored_entry.entry;
  v1::JournalEntry out;
  out.set_sequence(entry.sequence());
  SetTime(entry.time_us(), out.mutable_time());
  out.set_command(Lower(stored::CommandKind_Name(entry.command())));
  out.set_principal(entry.principal());
  out.set_policy_version(entry.policy_version());
  out.set_request_id(entry.request_id());
  out.set_traceparent(entry.traceparent());
  for (const auto& fact : entry.ledger_facts()) AddLedgerFact(fact, identify, &out);
  for (const auto& fact : entry.reservation_facts()) AddReservationFact(fact, identify, &out);
  for (const auto& fact : entry.model_facts()) AddModelFact(fact, identify, &out);
  for (const auto& posting : entry.postings()) {
    v1::Posting& line = *out.add_postings();
    line.set_resource(std::string(identify(posting.resource()).name));
    line.set_operation(Lower(stored::Operation_Name(posting.operation())));
    line.set_from(Lower(stored::Account_Name(posting.from())));
    line.set_to(Lower(stored::Account_Name(posting.to())));
    line.mutable_amount()->set_micros(posting.amount());
  }
  for (const auto& balances : entry.balances()) {
    v1::AccountBalances& line = *out.add_balances();
    line.set_resource(std::string(identify(balances.resource()).name));
    v1::Amount* const accounts[] = {line.mutable_granted(),  line.mutable_available(),
                                    line.mutable_reserve(),  line.mutable_held(),
                                    line.mutable_in_use(),   line.mutable_spent(),
                                    line.mutable_overdraft()};
    for (int i = 0; i < balances.accounts_size() && i < kAccountCount; ++i) {
      // `granted` is shown as what was granted, not as the source's balance.
      accounts[i]->set_micros(i == 0 ? -balances.accounts(i) : balances.accounts(i));
    }
  }
  out.set_hash(stored_entry.hash_hex);
  out.set_stored(stored_entry.bytes);
  return out;
}

}  // namespace purser::api
