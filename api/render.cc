#include "api/render.h"

#include <algorithm>

#include "api/json_scalar.h"
#include "ledger/text.h"
#include "reservations/preemptibles.h"

namespace purser::api {
namespace {

void SetAmount(int64_t micros, v1::Amount* amount) { amount->set_micros(micros); }
void SetAmount(Amount from, v1::Amount* amount) { amount->set_micros(from.micros()); }

std::string RenderPeriod(const stored::ResourceSettings& settings) {
  if (settings.monthly()) return "MONTHLY";
  if (settings.period_us() == 0) return "NONE";
  return Amount::FromMicros(settings.period_us()).ToString() + "s";
}

std::string RenderCarry(const stored::CarryOver& policy) {
  switch (policy.kind()) {
    case stored::CarryOver::ALL:
      return "ALL";
    case stored::CarryOver::UP_TO:
      return Amount::FromMicros(policy.amount()).ToString();
    default:
      return "NONE";
  }
}

// The settings that the two messages of a resource have in common, field by field of the same
// names.
template <typename Message>
void FillSettings(const stored::ResourceSettings& settings, Message* out) {
  out->set_name(settings.name());
  out->set_unit(settings.unit());
  out->set_kind(static_cast<v1::ResourceKind>(settings.kind()));
  out->set_period(RenderPeriod(settings));
  SetAmount(settings.amount(), out->mutable_amount());
  if (settings.has_reserve_percent()) {
    SetAmount(settings.reserve_percent(), out->mutable_reserve_percent());
  }
  if (settings.has_reserve_amount()) {
    SetAmount(settings.reserve_amount(), out->mutable_reserve_amount());
  }
  if (settings.has_min_amount()) SetAmount(settings.min_amount(), out->mutable_min_amount());
  if (settings.has_max_amount()) SetAmount(settings.max_amount(), out->mutable_max_amount());
  if (settings.has_step()) SetAmount(settings.step(), out->mutable_step());
  if (settings.overcommit_numerator() != settings.overcommit_denominator()) {
    out->set_overcommit(
        Concat(settings.overcommit_numerator(), "/", settings.overcommit_denominator()));
  }
  out->mutable_carry_over()->set_available(RenderCarry(settings.carry_available()));
  out->mutable_carry_over()->set_reserve(RenderCarry(settings.carry_reserve()));
  if (settings.has_debt_limit()) SetAmount(settings.debt_limit(), out->mutable_debt_limit());
  out->set_priced(settings.priced());
}

}  // namespace

void SetTime(InstantUs instant, google::protobuf::Timestamp* time) {
  const SecondsAndNanos split = SplitInstant(instant);
  time->set_seconds(split.seconds);
  time->set_nanos(split.nanos);
}

std::string InstantText(InstantUs instant) {
  const SecondsAndNanos time = SplitInstant(instant);
  std::string text;
  AppendTimestamp(time.seconds, time.nanos, &text);
  return text.substr(1, text.size() - 2);  // without its quotes
}

std::string DecimalText(int64_t micros) { return Amount::FromMicros(micros).ToString(); }

int64_t ShownMicros(absl::int128 micros) {
  return static_cast<int64_t>(
      std::clamp(micros, absl::int128(INT64_MIN + 1), absl::int128(INT64_MAX)));
}

std::string SumText(absl::int128 micros) {
  constexpr int64_t kScale = Amount::kMicrosPerUnit;
  const absl::int128 whole = micros / kScale;
  // Two parts that an amount holds each: 10^18 units, and the rest.
  constexpr int64_t kHalf = 1'000'000'000'000;
  const bool is_negative = micros < 0;
  const absl::int128 magnitude = is_negative ? -whole : whole;
  const auto fraction = static_cast<int64_t>(is_negative ? -(micros % kScale) : micros % kScale);
  const auto high = static_cast<int64_t>(magnitude / kHalf);
  const auto low = static_cast<int64_t>(magnitude % kHalf);
  std::string digits = Amount::FromMicros(low * kScale + fraction).ToString();
  if (high != 0) {
    const size_t point = std::min(digits.find('.'), digits.size());
    digits.insert(0, 12 - point, '0');
    digits.insert(0, Concat(high));
  }
  return is_negative && digits != "0" ? Concat("-", digits) : digits;
}

void SetDuration(int64_t duration_us, google::protobuf::Duration* duration) {
  const SecondsAndNanos split = SplitDuration(duration_us);
  duration->set_seconds(split.seconds);
  duration->set_nanos(split.nanos);
}

v1::OverrunPolicy RenderPolicy(stored::OverrunPolicy policy) {
  constexpr v1::OverrunPolicy kPolicies[] = {v1::EXTEND, v1::STOP, v1::DEBT};
  return kPolicies[policy];
}

v1::ResourceSettings RenderSettings(const stored::ResourceSettings& settings) {
  v1::ResourceSettings out;
  FillSettings(settings, &out);
  return out;
}

v1::Resource RenderResource(const Resource& resource) {
  v1::Resource out;
  FillSettings(*resource.settings, &out);
  out.set_generation(resource.settings->generation());
  SetAmount(resource.granted(), out.mutable_granted());
  SetAmount(resource[stored::AVAILABLE], out.mutable_available());
  SetAmount(resource[stored::RESERVE], out.mutable_reserve());
  SetAmount(resource[stored::HELD], out.mutable_held());
  SetAmount(resource[stored::IN_USE], out.mutable_in_use());
  SetAmount(resource[stored::SPENT], out.mutable_spent());
  SetAmount(resource[stored::OVERDRAFT], out.mutable_overdraft());
  SetAmount(resource.target(), out.mutable_reserve_target());
  SetAmount(resource.reserve_deficit(), out.mutable_reserve_deficit());
  SetAmount(resource.reserve_backed(), out.mutable_reserve_backed());
  SetAmount(resource.shortfall, out.mutable_shortfall());
  out.set_identity(IdentityLine(resource.balances));
  SetTime(resource.settings->create_time_us(), out.mutable_create_time());
  SetTime(resource.period_start_us, out.mutable_period_start());
  if (resource.next_boundary_us != 0) {
    SetTime(resource.next_boundary_us, out.mutable_next_rollover());
  }
  return out;
}

v1::Population RenderPopulation(const stored::PopulationSettings& settings, uint64_t sequence,
                                const std::vector<Resource>& resources) {
  v1::Population out;
  out.set_name(settings.name());
  out.set_time_zone(settings.time_zone());
  *out.mutable_required_labels() = settings.required_labels();
  *out.mutable_required_capabilities() = settings.required_capabilities();
  out.set_generation(settings.generation());
  SetTime(settings.create_time_us(), out.mutable_create_time());
  out.set_ledger_sequence(sequence);
  for (const Resource& resource : resources) *out.add_resources() = RenderResource(resource);
  return out;
}

v1::Freeze RenderFreeze(const stored::Freeze& freeze, const ResourceIdentities& identify) {
  v1::Freeze out;
  out.set_id(freeze.id());
  if (freeze.population()) out.set_population(true);
  if (freeze.has_operator_family()) out.set_operator_family(freeze.operator_family());
  if (freeze.has_resource()) out.set_resource(std::string(identify(freeze.resource()).name));
  if (!freeze.guardrail().empty()) out.set_guardrail(freeze.guardrail());
  out.set_reason(freeze.reason());
  if (freeze.until_us() != 0) SetTime(freeze.until_us(), out.mutable_until());
  SetTime(freeze.create_time_us(), out.mutable_create_time());
  return out;
}

v1::Debt RenderDebt(const stored::Debt& debt, const ResourceIdentities& identify) {
  v1::Debt out;
  out.set_operator_family(debt.operator_family());
  out.set_resource(std::string(identify(debt.resource()).name));
  out.set_charge(debt.charge());
  SetAmount(debt.amount(), out.mutable_amount());
  SetTime(debt.create_time_us(), out.mutable_create_time());
  return out;
}

v1::ReservationRequest RenderRequest(const ReservationPicture& reservation,
                                     const ResourceIdentities& identify) {
  v1::ReservationRequest out;
  out.set_id(reservation.id);
  out.set_purpose(static_cast<v1::Purpose>(reservation.purpose));
  out.set_tier(static_cast<v1::Tier>(reservation.tier));
  out.set_priority(reservation.priority);
  for (const HoldLine& line : reservation.lines) {
    const std::string name(identify(line.resource).name);
    SetAmount(line.asked, &(*out.mutable_amounts())[name]);
    if (line.minimum) SetAmount(*line.minimum, &(*out.mutable_minimum_amounts())[name]);
  }
  for (const auto& [key, value] : *reservation.labels) (*out.mutable_labels())[key] = value;
  SetBooking(reservation.start_at_us, reservation.lease_asked_us, &out);
  out.set_overrun_policy(RenderPolicy(reservation.overrun_policy));
  SetQueueWait(reservation.queue_wait_us, &out);
  SetGrace(reservation.tier, reservation.preemption_grace_us, &out);
  if (reservation.quote != nullptr) {
    SetTime(reservation.quote->at_us(), out.mutable_quoted_at());
  }
  return out;
}

void SetBooking(InstantUs start_at_us, int64_t lease_us, v1::ReservationRequest* out) {
  if (start_at_us == 0) {
    SetDuration(lease_us, out->mutable_lease());
    return;
  }
  SetTime(start_at_us, out->mutable_start_at());
  SetDuration(lease_us, out->mutable_duration());
}

void SetGrace(int tier, int64_t grace_us, v1::ReservationRequest* out) {
  if (TierGivesWay(tier)) SetDuration(grace_us, out->mutable_preemption_grace());
}

void SetQueueWait(int64_t queue_wait_us, v1::ReservationRequest* out) {
  if (queue_wait_us == 0) return;
  if (!out->has_start_at()) out->set_on_shortage(v1::QUEUE);
  SetDuration(queue_wait_us, out->mutable_max_queue_wait());
}

}  // namespace purser::api
