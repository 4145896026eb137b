// Faults that need no state: what a request is refused for before the ledger is looked at.
#include <cctype>

#include "tests/model/decimal.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

constexpr int64_t kShortestLeaseUs = kOne;
constexpr int64_t kLongestLeaseUs = 400 * 86'400 * kOne;
constexpr int64_t kLongestQueueWaitUs = 90 * 86'400 * kOne;
constexpr int64_t kLongestGraceUs = 3'600 * kOne;
constexpr size_t kAtomicOperationsMax = 1'024;
constexpr size_t kOperationsMax = 8'192;

bool IsOperators(Verb verb) { return verb <= Verb::kUnlimit; }

bool MayStandInBatch(Verb verb) { return verb >= Verb::kReserve && verb <= Verb::kPostCharge; }

bool GoodId(const std::string& id) {
  if (id.empty() || id.size() > 128 || !std::isalnum(static_cast<unsigned char>(id[0])))
    return false;
  for (const char c : id) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '_' && c != '-')
      return false;
  }
  return true;
}

bool GoodOptionalId(const std::string& id) { return id.empty() || GoodId(id); }

bool AllPositive(const Amounts& amounts) {
  for (const auto& [resource, amount] : amounts) {
    if (amount <= 0) return false;
  }
  return true;
}

bool BadLease(const Action& action) {
  return action.lease_us &&
         (*action.lease_us < kShortestLeaseUs || *action.lease_us > kLongestLeaseUs);
}

bool BadWait(const Action& action) {
  return action.max_queue_wait_us &&
         (*action.max_queue_wait_us <= 0 || *action.max_queue_wait_us > kLongestQueueWaitUs);
}

// What never gives way has no grace, not even the one that it would have anyway.
bool BadGrace(const Action& action) {
  return action.grace_us &&
         (!MayGiveWay(action.tier) || *action.grace_us < 0 || *action.grace_us > kLongestGraceUs);
}

bool Negative(const std::optional<int64_t>& value) { return value && *value < 0; }
bool NotPositive(const std::optional<int64_t>& value) { return value && *value <= 0; }

bool BadSettings(const Settings& s) {
  const bool ratio_halves =
      s.overcommit_numerator.has_value() != s.overcommit_denominator.has_value();
  const bool below_one =
      s.overcommit_numerator && s.overcommit_denominator &&
      (*s.overcommit_denominator < 1 || *s.overcommit_numerator < *s.overcommit_denominator);
  return Negative(s.amount) || Negative(s.reserve_percent) || Negative(s.reserve_amount) ||
         (s.reserve_percent && *s.reserve_percent > 100 * kOne) ||
         (s.reserve_percent && s.reserve_amount) || NotPositive(s.min_amount) ||
         NotPositive(s.max_amount) || NotPositive(s.step) || Negative(s.debt_limit) ||
         ratio_halves || below_one;
}

bool BadNewResource(const Settings& s) {
  const bool periods = s.monthly || s.period_us != 0;
  const bool carries = s.carry_available || s.carry_reserve;
  return !s.amount || (s.monthly && s.period_us != 0) || s.period_us < 0 ||
         (s.capacity && (periods || carries)) || (!s.capacity && s.overcommit_numerator) ||
         (s.min_amount && s.max_amount && *s.min_amount > *s.max_amount);
}

bool BadReservation(const Action& action) {
  const bool purpose =
      IsExperiment(action.purpose) || DrawsOnReserve(action.purpose) || action.purpose == "SERVING";
  const bool policy = action.overrun_policy == "STOP" || action.overrun_policy == "EXTEND" ||
                      action.overrun_policy == "DEBT";
  for (const auto& [resource, minimum] : action.minimum_amounts) {
    const auto asked = action.amounts.find(resource);
    if (asked == action.amounts.end() || minimum < 0 || minimum > asked->second) return true;
  }
  if (action.start_at_us && action.queue) return true;
  return !GoodOptionalId(action.id) || !purpose || !policy || BadLease(action) || BadWait(action) ||
         BadGrace(action) || action.amounts.empty() || !AllPositive(action.amounts);
}

bool BadSettle(const Action& action) {
  for (const auto& [resource, amount] : action.amounts) {
    if (amount < 0) return true;
  }
  return !GoodOptionalId(action.charge_id) || (action.charge_all && !action.amounts.empty());
}

bool BadFreeze(const Action& action) {
  const bool population = action.freeze_kind == "population";
  const bool named = action.freeze_kind == "operator_family" || action.freeze_kind == "resource";
  return population ? !action.freeze_name.empty() : !named || action.freeze_name.empty();
}

bool BadParts(const std::optional<Amounts>& amounts, int64_t least, int64_t most) {
  if (!amounts) return false;
  for (const auto& [resource, amount] : *amounts) {
    if (amount < least || amount > most) return true;
  }
  return false;
}

bool BadLimit(const Action& action) {
  const LimitParts& parts = action.limit;
  const bool makes = action.verb == Verb::kLimit;
  const bool subject = action.limit_kind == "principal" || action.limit_kind == "each" ||
                       action.limit_kind == "label";
  const int64_t least = makes ? 1 : 0;  // What is 0 is taken away.
  bool any = parts.open_reservations || parts.highest_tier || parts.highest_priority;
  for (const auto* amounts : {&parts.share_percent, &parts.request, &parts.day, &parts.month}) {
    any = any || (*amounts && !(*amounts)->empty());
  }
  return (makes && (!subject || !any)) || !GoodOptionalId(action.limit_id) ||
         BadParts(parts.share_percent, least, 100 * kOne) ||
         BadParts(parts.request, least, INT64_MAX) || BadParts(parts.day, least, INT64_MAX) ||
         BadParts(parts.month, least, INT64_MAX) ||
         (parts.open_reservations && *parts.open_reservations < least);
}

}  // namespace

std::string Model::Malformed(const Action& action) const {
  bool bad = false;
  switch (action.verb) {
    case Verb::kCreateResource:
      bad = BadSettings(action.settings) || BadNewResource(action.settings);
      break;
    case Verb::kUpdateResource:
      bad = BadSettings(action.settings);
      break;
    case Verb::kGrant:
    case Verb::kWithdraw:
      bad = action.amount <= 0;
      break;
    case Verb::kFreeze:
    case Verb::kUnfreeze:
      bad = BadFreeze(action);
      break;
    case Verb::kLimit:
    case Verb::kRelimit:
      bad = BadLimit(action);
      break;
    case Verb::kUnlimit:
      break;
    case Verb::kReserve:
      bad = BadReservation(action);
      break;
    case Verb::kStart:
    case Verb::kRenew:
      bad = BadLease(action);
      break;
    case Verb::kSettle:
      bad = BadSettle(action);
      break;
    case Verb::kCharge:
    case Verb::kPostCharge:
      bad = !GoodOptionalId(action.charge_id) || action.amounts.empty() ||
            !AllPositive(action.amounts);
      break;
    case Verb::kRefund:
      bad = !GoodOptionalId(action.refund_id) || !AllPositive(action.amounts);
      break;
    case Verb::kBatch:
      bad = action.members.empty() ||
            action.members.size() > (action.atomic ? kAtomicOperationsMax : kOperationsMax);
      for (const Action& member : action.members) bad = bad || !MayStandInBatch(member.verb);
      break;
    case Verb::kResume:
      bad = action.shift_us < 0;
      break;
    case Verb::kDeleteResource:
    case Verb::kRelease:
    case Verb::kAdvance:
      break;
  }
  return bad ? "invalid_argument" : "";
}

std::string Model::LacksScope(const Action& action) const {
  if (IsOperators(action.verb) && !action.admin) return "route";
  if (action.verb != Verb::kReserve) return "";
  const bool reserve = DrawsOnReserve(action.purpose) && !action.reserve_spend;
  const bool debt = action.overrun_policy == "DEBT" && !action.debt_incur;
  return reserve || debt ? "content" : "";
}

}  // namespace purser::model
