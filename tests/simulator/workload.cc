#include "tests/simulator/workload.h"

#include <algorithm>
#include <iterator>

#include "tests/model/decimal.h"

namespace purser {

using model::Action;
using model::CarryOver;
using model::kHourUs;
using model::kOne;
using model::Verb;

namespace {

constexpr const char* kResources[] = {"a", "b", "c", "d", "e", "m", "x"};
constexpr const char* kFamilies[] = {"x", "y", "z"};
constexpr int64_t kMinuteUs = 60 * kOne;

Action Create(const std::string& name, bool capacity, int64_t amount) {
  Action action;
  action.verb = Verb::kCreateResource;
  action.resource = name;
  action.settings.capacity = capacity;
  action.settings.amount = amount * kOne;
  return action;
}

}  // namespace

std::vector<Action> Workload::Foundation() const {
  Action a = Create("a", false, 60);
  a.settings.period_us = 10 * kHourUs;
  a.settings.carry_available = CarryOver{CarryOver::Kind::kAll, 0};
  a.settings.debt_limit = 5 * kOne;
  Action b = Create("b", false, 40);
  b.settings.period_us = 2 * kHourUs;
  b.settings.reserve_amount = 9 * kOne;
  b.settings.carry_available = CarryOver{CarryOver::Kind::kUpTo, 2 * kOne};
  b.settings.carry_reserve = CarryOver{CarryOver::Kind::kUpTo, kOne};
  Action c = Create("c", true, 30);
  c.settings.reserve_percent = 20 * kOne;
  c.settings.overcommit_numerator = 3;
  c.settings.overcommit_denominator = 2;
  c.settings.step = kOne / 2;
  Action d = Create("d", false, 90);
  d.settings.reserve_percent = 33'333'333;
  Action e = Create("e", true, 24);
  e.settings.reserve_amount = 4 * kOne;
  e.settings.min_amount = kOne / 2;
  e.settings.max_amount = 12 * kOne;
  Action m = Create("m", false, 50);
  m.settings.monthly = true;
  m.settings.carry_reserve = CarryOver{CarryOver::Kind::kAll, 0};
  std::vector<Action> foundation = {a, b, c, d, e, m};
  if (!has_models_) return foundation;
  for (Action& each : ModelWorkload::Foundation()) foundation.push_back(std::move(each));
  return foundation;
}

int64_t Workload::ClockStepUs() {
  switch (Pick(12)) {
    case 0:
      return -static_cast<int64_t>(Pick(2 * kHourUs));
    case 1:
      return 1 + static_cast<int64_t>(Pick(3));
    case 2:
      return static_cast<int64_t>(1 + Pick(11)) * kHourUs;
    case 3:
      return OneIn(3) ? static_cast<int64_t>(1 + Pick(9)) * 24 * kHourUs : kHourUs;
    default:
      return static_cast<int64_t>(1 + Pick(30)) * kMinuteUs;
  }
}

std::string Workload::Resource() {
  return OneIn(60) ? "nothing" : kResources[Pick(OneIn(6) ? 7 : 6)];
}

int64_t Workload::Amount() {
  switch (Pick(12)) {
    case 0:
      return static_cast<int64_t>(1 + Pick(5));
    case 1:
      return static_cast<int64_t>(15 + Pick(60)) * kOne;
    case 2:
      return static_cast<int64_t>(Pick(9 * kOne));
    default:
      return static_cast<int64_t>(1 + Pick(12)) * kOne / 2;
  }
}

model::Amounts Workload::SomeAmounts(uint64_t most) {
  model::Amounts amounts;
  for (uint64_t i = 1 + Pick(most); i > 0; --i) amounts[Resource()] = Amount();
  return amounts;
}

// Mostly of an open one, now and then of one whose lease ran out or that gave way: its charges come
// late.
std::string Workload::Id() {
  std::vector<std::string> open;
  std::vector<std::string> expired;
  for (const auto& [id, reservation] : model_.state().reservations) {
    if (id[0] == '_') continue;
    if (reservation.IsOpen()) open.push_back(id);
    const bool gave_way = reservation.state == "PREEMPTED";
    if (gave_way || reservation.state == "EXPIRED") expired.push_back(id);
  }
  if (!expired.empty() && OneIn(7)) {
    return expired[expired.size() - 1 - Pick(std::min<size_t>(4, expired.size()))];
  }
  if (!open.empty() && !OneIn(6)) return open[Pick(open.size())];
  return "r" + std::to_string(next_id_ - 1 - Pick(20));
}

template <typename Lines>
model::Amounts Workload::AmountsOf(const Lines& lines) {
  if (lines.empty() || OneIn(8)) return SomeAmounts(2);
  model::Amounts amounts;
  for (const auto& [resource, line] : lines) {
    const auto book = model_.state().books.find(resource);
    const bool consumable = book == model_.state().books.end() || !book->second.settings.capacity;
    if ((consumable || OneIn(20)) && !OneIn(4)) amounts[resource] = Amount();
  }
  return amounts.empty() && !OneIn(9) ? SomeAmounts(1) : amounts;
}

std::string Workload::NewId() {
  if (OneIn(12)) return "";
  return OneIn(8) ? Id() : "r" + std::to_string(next_id_++);
}

std::string Workload::ChargeId() {
  if (OneIn(10)) return "";
  return "c" + std::to_string(OneIn(6) ? next_charge_ - 1 - Pick(9) : next_charge_++);
}

void Workload::SetActor(Action* action) {
  const uint64_t who = Pick(10);
  if (who < 6) return;
  action->principal = who < 8 ? "alice" : who == 8 ? "bob" : "carol";
  action->admin = false;
  action->reserve_spend = who == 8;
  action->debt_incur = who == 9;
}

void Workload::SetLabels(Action* action) {
  action->labels["capability"] = "any";
  action->labels["operator_family"] = kFamilies[Pick(3)];
  if (OneIn(40)) action->labels.erase("capability");
  if (OneIn(12)) action->labels["team"] = "t";
  MoneyWorkload::SplitLabels([this](uint64_t n) { return Pick(n); }, action);
}

Action Workload::Reserve() {
  static constexpr const char* kPurposes[] = {"TRAINING", "FINE_TUNING",      "EVALUATION",
                                              "BREEDING", "SERVING",          "SERVING",
                                              "ROLLBACK", "DISASTER_RECOVERY"};
  static constexpr const char* kPolicies[] = {"STOP", "EXTEND", "DEBT"};
  Action action;
  action.verb = Verb::kReserve;
  action.id = NewId();
  action.purpose = kPurposes[Pick(std::size(kPurposes))];
  action.amounts = SomeAmounts(3);
  if (OneIn(3)) {
    for (const auto& [resource, amount] : action.amounts) {
      if (OneIn(2)) action.minimum_amounts[resource] = OneIn(3) ? 0 : amount / 2;
    }
  }
  if (OneIn(50)) action.minimum_amounts[Resource()] = Amount();
  SetLabels(&action);
  if (OneIn(6)) action.quoted_us = money_.QuotedAt();
  if (!OneIn(4)) action.lease_us = static_cast<int64_t>(1 + Pick(200)) * kMinuteUs;
  if (OneIn(40)) action.lease_us = static_cast<int64_t>(Pick(2)) * kOne;
  action.overrun_policy = kPolicies[Pick(3)];
  if (OneIn(3)) {
    action.queue = true;
    if (OneIn(2)) action.max_queue_wait_us = static_cast<int64_t>(1 + Pick(600)) * kMinuteUs;
    if (OneIn(30)) action.max_queue_wait_us = static_cast<int64_t>(Pick(2)) * 90 * 24 * kHourUs;
  }
  if (OneIn(5)) {
    // Often at whole half hours, where leases end and other bookings begin and end.
    const int64_t ahead_us = static_cast<int64_t>(1 + Pick(OneIn(4) ? 2'000 : 300)) * kMinuteUs;
    action.start_at_us = model_.state().now_us + ahead_us;
    constexpr int64_t kHalfHourUs = 30 * kMinuteUs;
    if (!OneIn(3)) *action.start_at_us += kHalfHourUs - *action.start_at_us % kHalfHourUs;
    if (OneIn(40)) action.start_at_us = model_.state().now_us - static_cast<int64_t>(Pick(2));
    if (!OneIn(30)) action.queue = false;
    if (OneIn(2)) action.max_queue_wait_us = static_cast<int64_t>(1 + Pick(120)) * kMinuteUs;
  }
  if (OneIn(4)) action.priority = static_cast<int>(Pick(7)) - 3;
  if (OneIn(4)) action.tier = 1 + static_cast<int>(Pick(4));
  if (crowded_ && !OneIn(8)) Crowd(&action);
  return action;
}

// Makes of the request one that fills a stock for long and gives way, or one that waits for what
// such ones have.
void Workload::Crowd(Action* action) {
  action->amounts = {{OneIn(2) ? "c" : "e", static_cast<int64_t>(2 + Pick(10)) * kOne}};
  if (OneIn(4)) action->amounts[Resource()] = Amount();
  // Not a thing that debts or the reserve decide.
  if (!OneIn(4)) action->purpose = "SERVING";
  std::erase_if(action->minimum_amounts,
                [action](const auto& entry) { return !action->amounts.contains(entry.first); });
  for (auto& [resource, minimum] : action->minimum_amounts) {
    minimum = std::min(minimum, action->amounts.at(resource));
  }
  const bool gives_way = OneIn(2);
  action->tier = gives_way ? 3 + static_cast<int>(Pick(2)) : 1 + static_cast<int>(Pick(2));
  if (gives_way) {
    action->lease_us = static_cast<int64_t>(1 + Pick(200)) * kHourUs;
    const int64_t longest = OneIn(3) ? 1 : OneIn(2) ? 90 : 600;
    if (!OneIn(3)) action->grace_us = static_cast<int64_t>(Pick(longest)) * kOne;
    if (OneIn(50)) action->grace_us = 3'600 * kOne + static_cast<int64_t>(Pick(2));
    return;
  }
  action->lease_us = static_cast<int64_t>(1 + Pick(60)) * kMinuteUs;
  if (!OneIn(6)) {
    action->queue = true;
    action->start_at_us.reset();
    if (!OneIn(4)) action->max_queue_wait_us = static_cast<int64_t>(1 + Pick(90)) * kMinuteUs;
  }
  if (OneIn(50)) action->grace_us = 30 * kOne;
}

Action Workload::OnReservation() {
  Action action;
  action.id = Id();
  std::map<std::string, model::ReservationLine> lines;
  const auto found = model_.state().reservations.find(action.id);
  if (found != model_.state().reservations.end()) lines = found->second.lines;
  switch (Pick(11)) {
    case 0:
      action.verb = Verb::kStart;
      if (OneIn(3)) action.lease_us = static_cast<int64_t>(1 + Pick(90)) * kMinuteUs;
      break;
    case 1:
      action.verb = Verb::kRenew;
      if (!OneIn(3)) action.lease_us = static_cast<int64_t>(1 + Pick(90)) * kMinuteUs;
      break;
    case 2:
    case 3:
      action.verb = Verb::kSettle;
      action.charge_all = OneIn(3);
      if (!action.charge_all && OneIn(2)) action.amounts = AmountsOf(lines);
      if (!action.amounts.empty() && OneIn(6)) action.amounts.begin()->second = 0;
      if (OneIn(2)) action.charge_id = ChargeId();
      break;
    case 4:
      action.verb = Verb::kRelease;
      break;
    default:
      action.verb = Verb::kCharge;
      action.charge_id = ChargeId();
      action.amounts = AmountsOf(lines);
  }
  if (action.verb == Verb::kCharge || action.verb == Verb::kSettle) action.category = Category();
  return action;
}

Action Workload::PostCharge() {
  Action action;
  action.verb = Verb::kPostCharge;
  action.category = Category();
  action.charge_id = ChargeId();
  action.amounts = SomeAmounts(2);
  SetLabels(&action);
  return action;
}

Action Workload::Refund() {
  Action action;
  action.verb = Verb::kRefund;
  action.charge_id = "c" + std::to_string(next_charge_ - 1 - Pick(OneIn(4) ? 40 : 10));
  if (!OneIn(6)) {
    action.refund_id = "f" + std::to_string(OneIn(6) ? Pick(40) : 100 + Pick(1'000'000));
  }
  const auto charge = model_.state().charges.find(action.charge_id);
  if (!OneIn(3)) {
    const bool known = charge != model_.state().charges.end();
    action.amounts = known ? AmountsOf(charge->second.lines) : SomeAmounts(1);
  }
  if (OneIn(2)) {
    for (auto& [resource, amount] : action.amounts) amount = amount / 4 + 1;
  }
  return action;
}

Action Workload::Update() {
  Action action;
  action.verb = Verb::kUpdateResource;
  action.resource = Resource();
  model::Settings& settings = action.settings;
  const bool capacity = action.resource == "c" || action.resource == "e";
  const bool periods = action.resource == "a" || action.resource == "b" || action.resource == "m";
  switch (Pick(7)) {
    case 0:
    case 1:
      settings.amount = static_cast<int64_t>(10 + Pick(80)) * kOne;
      break;
    case 2:
      settings.reserve_percent = static_cast<int64_t>(Pick(60 * kOne));
      break;
    case 3:
      settings.reserve_amount = static_cast<int64_t>(Pick(20 * kOne));
      break;
    case 4:
      settings.step = kOne / static_cast<int64_t>(1 + Pick(8));
      if (OneIn(2)) settings.max_amount = static_cast<int64_t>(8 + Pick(30)) * kOne;
      break;
    case 5:
      if (capacity) {
        settings.overcommit_numerator = static_cast<int64_t>(4 + Pick(5));
        settings.overcommit_denominator = 4;
      } else {
        settings.debt_limit = static_cast<int64_t>(Pick(20)) * kOne;
      }
      break;
    default:
      settings.reserve_percent = 25 * kOne;
      if (!periods) break;
      settings.carry_available =
          CarryOver{static_cast<CarryOver::Kind>(Pick(3)), static_cast<int64_t>(Pick(9 * kOne))};
      settings.carry_reserve =
          CarryOver{static_cast<CarryOver::Kind>(Pick(3)), static_cast<int64_t>(Pick(9 * kOne))};
  }
  return action;
}

Action Workload::Freeze() {
  Action action;
  action.verb = OneIn(model_.state().freezes.empty() ? 2 : 4) ? Verb::kFreeze : Verb::kUnfreeze;
  if (action.verb == Verb::kUnfreeze && !model_.state().freezes.empty() && !OneIn(6)) {
    const auto& key = model_.state().freezes.begin()->first;
    action.freeze_kind = key.first;
    action.freeze_name = key.second;
    return action;
  }
  const uint64_t kind = Pick(4);
  action.freeze_kind = kind == 0 ? "population" : kind == 1 ? "resource" : "operator_family";
  if (kind > 0) action.freeze_name = kind == 1 ? Resource() : kFamilies[Pick(3)];
  const bool ends = action.verb == Verb::kFreeze && !OneIn(5);
  if (ends) action.until_us = model_.NowUs() + static_cast<int64_t>(Pick(90)) * kMinuteUs;
  return action;
}

model::LimitParts Workload::SomeLimits() {
  model::LimitParts parts;
  const auto some = [this](int64_t unit) {
    model::Amounts amounts;
    for (uint64_t i = 1 + Pick(2); i > 0; --i) {
      amounts[Resource()] = static_cast<int64_t>(1 + Pick(30)) * unit;
    }
    return amounts;
  };
  for (uint64_t i = 1 + Pick(2); i > 0; --i) {
    const uint64_t kind = Pick(7);
    if (kind == 0) parts.open_reservations = 1 + static_cast<int>(Pick(6));
    if (kind == 1 || kind == 2) parts.share_percent = some(3 * kOne);
    if (kind == 3) parts.request = some(kOne);
    if (kind == 4) parts.day = some(3 * kOne);
    if (kind == 5) parts.month = some(9 * kOne);
    if (kind == 6 && OneIn(2)) parts.highest_tier = 1 + static_cast<int>(Pick(4));
    if (kind == 6) parts.highest_priority = static_cast<int>(Pick(4)) - 1;
  }
  return parts;
}

Action Workload::Limit() {
  static constexpr const char* kIds[] = {"l1", "l2", "l3", "l4"};
  static constexpr const char* kPrincipals[] = {"alice", "bob", "local"};
  static constexpr const char* kLabels[] = {"team=t", "operator_family=x"};
  Action action;
  action.limit_id = kIds[Pick(4)];
  const uint64_t verb = Pick(6);
  if (verb == 0) {
    action.verb = Verb::kUnlimit;
    const auto& limits = model_.state().limits;
    if (!limits.empty() && OneIn(4)) action.limit_id = limits.begin()->first;
    return action;
  }
  action.limit = SomeLimits();
  if (verb < 3) {
    action.verb = Verb::kRelimit;
    if (OneIn(3) && action.limit.share_percent) action.limit.share_percent->begin()->second = 0;
    if (OneIn(4)) action.limit.open_reservations = 0;
    return action;
  }
  action.verb = Verb::kLimit;
  const uint64_t kind = Pick(7);
  action.limit_kind = kind == 0 ? "each" : kind < 4 ? "principal" : "label";
  if (action.limit_kind == "principal") action.limit_name = kPrincipals[Pick(3)];
  if (action.limit_kind == "label") action.limit_name = kLabels[Pick(2)];
  return action;
}

Action Workload::Operators() {
  Action action;
  if (crowded_ && !OneIn(4)) {
    // Room comes and goes; freezes and limits would hide what it is about.
    action.verb = OneIn(2) ? Verb::kGrant : Verb::kWithdraw;
    action.resource = OneIn(2) ? "c" : "e";
    action.amount = static_cast<int64_t>(1 + Pick(4)) * kOne / 2;
    return action;
  }
  if (OneIn(4)) return Limit();
  action.resource = Resource();
  action.amount = OneIn(30) ? 0 : Amount();
  switch (Pick(9)) {
    case 0:
    case 1:
      action.verb = Verb::kGrant;
      return action;
    case 2:
      action.verb = Verb::kWithdraw;
      return action;
    case 3:
      action = Create("x", OneIn(2), 10);
      if (OneIn(3) && !action.settings.capacity) action.settings.period_us = kHourUs;
      return action;
    case 4:
      action.verb = Verb::kDeleteResource;
      action.resource = OneIn(12) ? Resource() : "x";
      action.amount = 0;
      return action;
    case 5:
    case 6:
      return Freeze();
    default:
      return Update();
  }
}

Action Workload::Batch() {
  Action batch;
  batch.verb = Verb::kBatch;
  batch.atomic = !OneIn(3);
  for (uint64_t i = 1 + Pick(5); i > 0; --i) {
    const uint64_t kind = Pick(8);
    batch.members.push_back(kind < 3 ? Reserve() : kind < 7 ? OnReservation() : Posting());
    // One charge id for two different members: which of them is at fault depends on what the batch
    // frees; only whole copies are sent.
    std::string& charge_id = batch.members.back().charge_id;
    while (!charge_id.empty() &&
           std::any_of(batch.members.begin(), batch.members.end() - 1,
                       [&](const Action& other) { return other.charge_id == charge_id; })) {
      charge_id = ChargeId();
    }
    if (OneIn(12)) batch.members.push_back(batch.members.back());
  }
  if (!batch.atomic && OneIn(3)) RepeatId(&batch);
  return batch;
}

// Several members with the id of the last one, some of which say something else or leave nothing:
// in a plain batch each stands for itself, and the first that takes effect has the id.
void Workload::RepeatId(Action* batch) {
  const Action pattern = batch->members.back();
  for (uint64_t i = 2 + Pick(3); i > 0; --i) {
    Action member = pattern;
    if (!member.amounts.empty() && OneIn(3)) member.amounts = {{"nothing", Amount()}};
    if (!member.amounts.empty() && OneIn(4)) member.amounts.begin()->second += kOne;
    if (member.verb == Verb::kReserve && OneIn(3)) member.amounts.begin()->second = 900 * kOne;
    member.minimum_amounts.clear();
    batch->members.insert(OneIn(2) ? batch->members.end() : batch->members.end() - 1, member);
  }
}

Action Workload::Next() {
  if (auto money = money_.Next()) return Sent(*std::move(money));
  if (!sent_.empty() && OneIn(14)) return sent_[sent_.size() - 1 - Pick(sent_.size())];
  if (has_models_ && OneIn(2)) return Sent(models_.Next());
  const uint64_t kind = Pick(20);
  Action action = kind < (crowded_ ? 9 : 6) ? Reserve()
                  : kind < 12               ? OnReservation()
                  : kind < 13               ? PostCharge()
                  : kind < 15               ? Refund()
                  : kind < 17               ? Batch()
                                            : Operators();
  const auto held = model_.state().reservations.find(action.id);
  if (action.verb != Verb::kReserve && held != model_.state().reservations.end() && OneIn(2)) {
    action.principal = held->second.principal;
    action.admin = action.reserve_spend = action.debt_incur = action.principal == "local";
  } else if (action.verb > Verb::kDeleteBudget || OneIn(8)) {
    SetActor(&action);
  }
  return Sent(std::move(action));
}

Action Workload::Sent(Action action) {
  sent_.push_back(action);
  if (sent_.size() > 40) sent_.erase(sent_.begin());
  return action;
}

}  // namespace purser
