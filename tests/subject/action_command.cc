#include "tests/subject/action_command.h"

#include "api/decode.h"
#include "api/decode_cost_entries.h"
#include "api/decode_guardrails.h"
#include "api/decode_limits.h"
#include "api/decode_periods.h"
#include "api/decode_rates.h"
#include "api/render.h"
#include "api/same_content.h"
#include "ledger/text.h"
#include "tests/subject/action_budgets.h"
#include "tests/subject/action_models.h"
#include "tests/subject/action_proposals.h"

namespace purser {
namespace {

using model::Action;
using model::Verb;

template <typename Map>
void SetAmounts(const model::Amounts& amounts, Map* out) {
  for (const auto& [resource, micros] : amounts) (*out)[resource].set_micros(micros);
}

std::string Decimal(int64_t micros) { return Amount::FromMicros(micros).ToString(); }

std::string CarryText(const model::CarryOver& carry) {
  if (carry.kind == model::CarryOver::Kind::kUpTo) return Decimal(carry.amount);
  return carry.kind == model::CarryOver::Kind::kAll ? "ALL" : "NONE";
}

v1::ResourceSettings SettingsMessage(const Action& action) {
  const model::Settings& from = action.settings;
  v1::ResourceSettings out;
  if (action.verb == Verb::kCreateResource) {
    out.set_name(action.resource);
    out.set_unit(from.unit);
    out.set_kind(from.capacity ? v1::CAPACITY : v1::CONSUMABLE);
    if (from.monthly) out.set_period("MONTHLY");
    if (from.period_us != 0) out.set_period(Concat(out.period(), Decimal(from.period_us), "s"));
  }
  const auto set = [](const std::optional<int64_t>& value, auto mutable_amount) {
    if (value) mutable_amount()->set_micros(*value);
  };
  if (from.priced) out.set_priced(*from.priced);
  set(from.amount, [&] { return out.mutable_amount(); });
  set(from.reserve_percent, [&] { return out.mutable_reserve_percent(); });
  set(from.reserve_amount, [&] { return out.mutable_reserve_amount(); });
  set(from.min_amount, [&] { return out.mutable_min_amount(); });
  set(from.max_amount, [&] { return out.mutable_max_amount(); });
  set(from.step, [&] { return out.mutable_step(); });
  set(from.debt_limit, [&] { return out.mutable_debt_limit(); });
  if (from.overcommit_numerator || from.overcommit_denominator) {
    out.set_overcommit(Concat(from.overcommit_numerator.value_or(0), "/",
                              from.overcommit_denominator.value_or(0)));
  }
  if (from.carry_available) {
    out.mutable_carry_over()->set_available(CarryText(*from.carry_available));
  }
  if (from.carry_reserve) out.mutable_carry_over()->set_reserve(CarryText(*from.carry_reserve));
  return out;
}

v1::ReservationRequest RequestMessage(const Action& action, Faults* faults) {
  v1::ReservationRequest out;
  out.set_id(action.id);
  v1::Purpose purpose;
  if (v1::Purpose_Parse(action.purpose, &purpose)) out.set_purpose(purpose);
  v1::OverrunPolicy policy = v1::OVERRUN_POLICY_UNSPECIFIED;
  if (!v1::OverrunPolicy_Parse(action.overrun_policy, &policy)) {
    faults->Add(stored::INVALID_ARGUMENT, "overrun_policy", "unknown");
  }
  out.set_overrun_policy(policy);
  SetAmounts(action.amounts, out.mutable_amounts());
  SetAmounts(action.minimum_amounts, out.mutable_minimum_amounts());
  for (const auto& [key, value] : action.labels) (*out.mutable_labels())[key] = value;
  if (action.start_at_us) api::SetTime(*action.start_at_us, out.mutable_start_at());
  if (action.lease_us) {
    const bool booked = action.start_at_us.has_value();
    api::SetDuration(*action.lease_us, booked ? out.mutable_duration() : out.mutable_lease());
  }
  out.set_priority(action.priority);
  out.set_tier(static_cast<v1::Tier>(action.tier));
  if (action.queue) out.set_on_shortage(v1::QUEUE);
  if (action.max_queue_wait_us) {
    api::SetDuration(*action.max_queue_wait_us, out.mutable_max_queue_wait());
  }
  if (action.grace_us) api::SetDuration(*action.grace_us, out.mutable_preemption_grace());
  if (action.quoted_us) api::SetTime(*action.quoted_us, out.mutable_quoted_at());
  return out;
}

v1::CostEntryRequest CostEntryOf(const Action& action) {
  v1::CostEntryRequest out;
  out.set_id(action.charge_id);
  if (action.picos) {
    out.mutable_count()->set_micros(action.amount);
    out.mutable_rate()->set_picos(*action.picos);
  } else {
    out.mutable_amount()->set_micros(action.amount);
  }
  out.set_category(action.category);
  for (const auto& [key, value] : action.labels) (*out.mutable_labels())[key] = value;
  out.set_corrects(action.corrects);
  return out;
}

v1::OutcomesRequest OutcomesOf(const Action& action) {
  v1::OutcomesRequest out;
  out.set_id(action.charge_id);
  out.set_accepted(static_cast<uint32_t>(action.outcomes.accepted));
  out.set_rejected(static_cast<uint32_t>(action.outcomes.rejected));
  out.set_escalated(static_cast<uint32_t>(action.outcomes.escalated));
  for (const auto& [key, value] : action.labels) (*out.mutable_labels())[key] = value;
  return out;
}

// The message of one operation of a batch, and of the same operation sent alone.
v1::BatchOperation OperationMessage(const Action& action, Faults* faults) {
  v1::BatchOperation out;
  const auto set_lease = [&](auto* message) {
    message->set_id(action.id);
    if (action.lease_us) api::SetDuration(*action.lease_us, message->mutable_lease());
  };
  switch (action.verb) {
    case Verb::kReserve:
      *out.mutable_create() = RequestMessage(action, faults);
      break;
    case Verb::kStart:
      set_lease(out.mutable_start());
      break;
    case Verb::kRenew:
      set_lease(out.mutable_renew());
      break;
    case Verb::kCharge:
      out.mutable_charge()->set_reservation(action.id);
      out.mutable_charge()->set_id(action.charge_id);
      out.mutable_charge()->set_category(action.category);
      SetAmounts(action.amounts, out.mutable_charge()->mutable_amounts());
      break;
    case Verb::kSettle:
      out.mutable_settle()->set_id(action.id);
      out.mutable_settle()->set_charge_id(action.charge_id);
      out.mutable_settle()->set_charge_all(action.charge_all);
      out.mutable_settle()->set_category(action.category);
      SetAmounts(action.amounts, out.mutable_settle()->mutable_amounts());
      break;
    case Verb::kRelease:
      out.mutable_release()->set_id(action.id);
      break;
    case Verb::kEnterCost:
      *out.mutable_cost_entry() = CostEntryOf(action);
      break;
    case Verb::kReportOutcomes:
      *out.mutable_outcomes() = OutcomesOf(action);
      break;
    case Verb::kPostCharge:
      out.mutable_post_charge()->set_id(action.charge_id);
      out.mutable_post_charge()->set_category(action.category);
      SetAmounts(action.amounts, out.mutable_post_charge()->mutable_amounts());
      for (const auto& [key, value] : action.labels) {
        (*out.mutable_post_charge()->mutable_labels())[key] = value;
      }
      break;
    default:
      break;  // Nothing else stands in a batch: refused for the missing operation.
  }
  return out;
}

bool LacksScope(const Action& action, const Action& speaker) {
  if (action.verb != Verb::kReserve) return false;
  const bool draws = action.purpose == "ROLLBACK" || action.purpose == "DISASTER_RECOVERY";
  return (draws && !speaker.reserve_spend) ||
         (action.overrun_policy == "DEBT" && !speaker.debt_incur);
}

std::string CodeOf(const Faults& faults) {
  return faults.empty() ? "" : ReasonCode(RefusalOf(faults.ToStatus()).reason());
}

v1::Limit LimitMessage(const Action& action) {
  const model::LimitParts& parts = action.limit;
  v1::Limit out;
  if (action.verb == Verb::kLimit) {
    out.set_id(action.limit_id);
    if (action.limit_kind == "principal") out.set_principal(action.limit_name);
    if (action.limit_kind == "each") out.set_each_principal(true);
    if (action.limit_kind == "label") {
      const size_t equals = action.limit_name.find('=');
      out.mutable_label()->set_key(action.limit_name.substr(0, equals));
      out.mutable_label()->set_value(action.limit_name.substr(equals + 1));
    }
  }
  if (parts.open_reservations) {
    out.set_open_reservations(static_cast<uint32_t>(*parts.open_reservations));
  }
  SetAmounts(parts.share_percent.value_or(model::Amounts()), out.mutable_share_percent());
  SetAmounts(parts.request.value_or(model::Amounts()), out.mutable_request_amounts());
  SetAmounts(parts.day.value_or(model::Amounts()), out.mutable_day_amounts());
  SetAmounts(parts.month.value_or(model::Amounts()), out.mutable_month_amounts());
  if (parts.highest_tier) out.set_highest_tier(static_cast<v1::Tier>(*parts.highest_tier));
  if (parts.highest_priority) out.set_highest_priority(*parts.highest_priority);
  return out;
}

// False: it is about no limit.
bool TranslateLimits(const Action& action, Faults* faults, Translated* out) {
  switch (action.verb) {
    case Verb::kLimit: {
      const auto message = LimitMessage(action);
      out->command.body = api::DecodeLimit(message, faults);
      Keep(message, out);
      return true;
    }
    case Verb::kRelimit:
      out->command.body = api::DecodeLimitUpdate(LimitMessage(action), action.limit_id, faults);
      out->command.if_match = IfMatch{true, 0};
      return true;
    case Verb::kUnlimit:
      out->command.body = DeleteLimit{action.limit_id};
      out->command.if_match = IfMatch{true, 0};
      return true;
    default:
      return false;
  }
}

v1::RateCard RateCardMessage(const Action& action) {
  const model::RateCardParts& parts = action.card;
  v1::RateCard out;
  if (action.verb == Verb::kRateCard) out.set_id(action.card_id);
  if (parts.from_us) api::SetTime(*parts.from_us, out.mutable_valid_from());
  if (parts.until_us) api::SetTime(*parts.until_us, out.mutable_valid_until());
  for (const auto& [resource, rate] : parts.rates) {
    v1::UnitRate& unit = (*out.mutable_rates())[resource];
    unit.mutable_rate()->set_picos(rate.picos);
    if (rate.per != 0) unit.set_per(rate.per == 'h' ? v1::HOUR : v1::MONTH);
  }
  return out;
}

// False: it is about no rate card.
bool TranslateRateCards(const Action& action, Faults* faults, Translated* out) {
  switch (action.verb) {
    case Verb::kRateCard: {
      const auto message = RateCardMessage(action);
      out->command.body = api::DecodeRateCard(message, faults);
      Keep(message, out);
      return true;
    }
    case Verb::kRerate:
      out->command.body =
          api::DecodeRateCardUpdate(RateCardMessage(action), action.card_id, faults);
      out->command.if_match = IfMatch{true, 0};
      return true;
    case Verb::kUnrate:
      out->command.body = DeleteRateCard{action.card_id};
      out->command.if_match = IfMatch{true, 0};
      return true;
    default:
      return false;
  }
}

v1::Guardrail GuardrailMessage(const Action& action) {
  v1::Guardrail out;
  if (action.verb == Verb::kGuardrail) out.set_id(action.guardrail_id);
  for (const auto& [key, value] : action.labels) (*out.mutable_labels())[key] = value;
  out.mutable_expected_hourly_cost()->set_micros(action.amount);
  return out;
}

// False: it is about no guardrail.
bool TranslateGuardrails(const Action& action, Faults* faults, Translated* out) {
  switch (action.verb) {
    case Verb::kGuardrail: {
      const auto message = GuardrailMessage(action);
      out->command.body = api::DecodeGuardrail(message, faults);
      Keep(message, out);
      return true;
    }
    case Verb::kReguard:
      out->command.body =
          api::DecodeGuardrailUpdate(GuardrailMessage(action), action.guardrail_id, faults);
      out->command.if_match = IfMatch{true, 0};
      return true;
    case Verb::kUnguard:
      out->command.body = DeleteGuardrail{action.guardrail_id};
      out->command.if_match = IfMatch{true, 0};
      return true;
    case Verb::kReset:
      out->command.body = ResetGuardrail{action.guardrail_id, ""};
      Keep(v1::GuardrailReset(), out);
      return true;
    default:
      return false;
  }
}

void TranslateOperators(const Action& action, const std::string& freeze_id, Faults* faults,
                        Translated* out) {
  if (TranslateLimits(action, faults, out) || TranslateRateCards(action, faults, out)) return;
  if (TranslateGuardrails(action, faults, out)) return;
  switch (action.verb) {
    case Verb::kCreateResource: {
      const auto message = SettingsMessage(action);
      out->command.body = CreateResource{api::DecodeSettings(message, "", faults)};
      return Keep(message, out);
    }
    case Verb::kUpdateResource:
      out->command.body = api::DecodeUpdate(SettingsMessage(action), action.resource, faults);
      out->command.if_match = IfMatch{true, 0};
      return;
    case Verb::kDeleteResource:
      out->command.body = DeleteResource{action.resource};
      out->command.if_match = IfMatch{true, 0};
      return;
    case Verb::kGrant:
    case Verb::kWithdraw: {
      v1::AmountAndReason message;
      message.mutable_amount()->set_micros(action.amount);
      const Amount amount = api::DecodeGrant(message, faults);
      out->command.body = GrantAmount{action.resource, amount, ""};
      if (action.verb == Verb::kWithdraw) {
        out->command.body = WithdrawAmount{action.resource, amount, ""};
      }
      return Keep(message, out);
    }
    case Verb::kFreeze: {
      v1::Freeze message;
      if (action.freeze_kind == "population") message.set_population(true);
      if (action.freeze_kind == "operator_family") message.set_operator_family(action.freeze_name);
      if (action.freeze_kind == "resource") message.set_resource(action.freeze_name);
      if (action.until_us) api::SetTime(*action.until_us, message.mutable_until());
      out->command.body = api::DecodeFreeze(message, faults);
      return Keep(message, out);
    }
    default:
      out->command.body = DeleteFreeze{freeze_id.empty() ? "of-nothing" : freeze_id};
  }
}

// One operation by itself, decoded as its own route does it.
void TranslateOperation(const Action& action, Faults* faults, Translated* out) {
  const v1::BatchOperation message = OperationMessage(action, faults);
  v1::LeaseRequest lease;
  if (action.lease_us) api::SetDuration(*action.lease_us, lease.mutable_lease());
  switch (action.verb) {
    case Verb::kReserve: {
      const v1::ReservationRequest& request = message.create();
      out->command.body = api::DecodeRequest(request, "", faults);
      return Keep(request, out);
    }
    case Verb::kStart:
      out->command.body = api::DecodeStart(lease, action.id, "", faults);
      return Keep(lease, out);
    case Verb::kRenew:
      out->command.body = api::DecodeRenew(lease, action.id, "", faults);
      return Keep(lease, out);
    case Verb::kCharge: {
      v1::ReservationChargeRequest request;
      request.set_id(action.charge_id);
      request.set_category(action.category);
      *request.mutable_amounts() = message.charge().amounts();
      out->command.body = api::DecodeCharge(request, action.id, "", faults);
      return Keep(request, out);
    }
    case Verb::kSettle: {
      v1::SettleRequest request;
      request.set_charge_id(action.charge_id);
      request.set_charge_all(action.charge_all);
      request.set_category(action.category);
      *request.mutable_amounts() = message.settle().amounts();
      out->command.body = api::DecodeSettle(request, action.id, "", faults);
      return Keep(request, out);
    }
    case Verb::kRelease:
      out->command.body = ReleaseReservation{action.id};
      return Keep(v1::ReleaseRequest(), out);
    case Verb::kClosePeriod: {
      const v1::ClosePeriodRequest request;
      out->command.body = api::DecodeClosing(request, action.period, faults);
      return Keep(request, out);
    }
    case Verb::kPostCharge:
      out->command.body = api::DecodePostCharge(message.post_charge(), "", faults);
      return Keep(message.post_charge(), out);
    case Verb::kEnterCost:
      out->command.body = api::DecodeCostEntry(message.cost_entry(), "", faults);
      return Keep(message.cost_entry(), out);
    case Verb::kReportOutcomes:
      out->command.body = api::DecodeOutcomes(message.outcomes(), "", faults);
      return Keep(message.outcomes(), out);
    default: {
      v1::RefundRequest request;
      request.set_id(action.refund_id);
      SetAmounts(action.amounts, request.mutable_amounts());
      out->command.body = api::DecodeRefund(request, action.charge_id, faults);
      return Keep(request, out);
    }
  }
}

// Refuses the whole batch for a member, when it is atomic.
void RefuseMember(int index, const std::string& code, Translated* out) {
  if (out->member >= 0 && out->refusal != "forbidden") return;
  if (out->member >= 0 && code == "forbidden") return;
  out->member = index;
  out->refusal = code;
}

void TranslateBatch(const Action& action, Translated* out) {
  const size_t limit = action.atomic ? kAtomicOperationsMax : kBatchOperationsMax;
  if (action.members.empty() || action.members.size() > limit) {
    out->refusal = "invalid_argument";
    return;
  }
  Batch batch;
  batch.atomic = action.atomic;
  v1::BatchRequest request;
  request.set_atomic(action.atomic);
  for (size_t i = 0; i < action.members.size(); ++i) {
    Faults faults;
    const v1::BatchOperation message = OperationMessage(action.members[i], &faults);
    BatchMember member;
    member.operation = api::DecodeOperation(message, i, &faults);
    *request.add_operations() = message;
    std::string code = CodeOf(faults);
    if (!code.empty()) {
      member.refusal = RefusalOf(faults.ToStatus());
    } else if (LacksScope(action.members[i], action)) {
      code = "forbidden";
      member.refusal.emplace().set_reason(stored::FORBIDDEN);
    }
    member.malformed = !code.empty();
    if (action.atomic && !code.empty()) RefuseMember(static_cast<int>(i), code, out);
    batch.members.push_back(std::move(member));
  }
  out->command.body = std::move(batch);
  Keep(request, out);
}

}  // namespace

bool TakesKey(Verb verb) {
  return verb != Verb::kUpdateResource && verb != Verb::kDeleteResource &&
         verb != Verb::kUnfreeze && verb != Verb::kRelimit && verb != Verb::kUnlimit &&
         verb != Verb::kRerate && verb != Verb::kUnrate && verb != Verb::kReguard &&
         verb != Verb::kUnguard && verb != Verb::kUpdateBudget && verb != Verb::kDeleteBudget &&
         verb != Verb::kCountBudget &&
         (verb < Verb::kAdvance || IsAboutModels(verb) || IsAboutProposals(verb)) &&
         verb != Verb::kPatch && verb != Verb::kAmend && verb != Verb::kRequire &&
         verb != Verb::kApprove && verb != Verb::kReject;
}

Translated Translate(const Action& action, const std::string& daemon_id) {
  Translated out;
  out.command.caller = Caller{action.principal, action.admin};
  const bool operators = action.verb <= Verb::kDeleteBudget;
  const bool budgets = IsAboutBudgets(action.verb);
  if ((operators && !action.admin) || (budgets && LacksBudgetScope(action))) {
    out.refusal = "forbidden";
    return out;
  }
  if (action.verb == Verb::kBatch) {
    TranslateBatch(action, &out);
    if (out.refusal.empty()) api::Normalize(out.command, out.request.get());
    return out;
  }
  Faults faults;
  if (IsAboutProposals(action.verb)) {
    TranslateProposals(action, &faults, &out);
    if (LacksProposalScope(action)) out.refusal = "forbidden";
  } else if (IsAboutModels(action.verb)) {
    TranslateModels(action, daemon_id, &faults, &out);
    if (LacksModelScope(action)) out.refusal = "forbidden";
  } else if (budgets) {
    TranslateBudgets(action, &faults, &out);
  } else if (operators) {
    TranslateOperators(action, daemon_id, &faults, &out);
  } else {
    TranslateOperation(action, &faults, &out);
  }
  // Scopes of the route come before what is malformed, those of the content behind.
  const bool by_route = IsAboutProposals(action.verb) && !out.refusal.empty();
  if (const std::string code = CodeOf(faults); !code.empty() && !by_route) out.refusal = code;
  if (out.refusal.empty() && LacksScope(action, action)) out.refusal = "forbidden";
  if (out.refusal.empty() && out.request != nullptr) {
    api::Normalize(out.command, out.request.get());
  }
  return out;
}

}  // namespace purser
