// What a command's models occupy afterwards, compared with before: whether more fits, and what may
// have to be brought back.
#include <algorithm>
#include <set>

#include "ledger/text.h"
#include "lifecycle/models_draft.h"

namespace purser {

using stored::AVAILABLE;
using stored::RESERVE;

namespace {

void SetReason(Reason reason, Refusal* refusal) {
  if (refusal->reason() == stored::REASON_UNSPECIFIED) refusal->set_reason(reason);
}

Refusal::Blocking& AddBlocking(std::string_view kind, std::string_view name, Reason reason,
                               Refusal* refusal) {
  SetReason(reason, refusal);
  Refusal::Blocking& blocking = *refusal->add_blocking();
  blocking.set_kind(std::string(kind));
  blocking.set_name(std::string(name));
  return blocking;
}

// The first `count` that are needed the most, without those of `changed`, and with `added`.
absl::int128 SumOfLargest(const Needs* needs, const std::set<std::string>& changed,
                          std::vector<int64_t> added, int count) {
  std::sort(added.begin(), added.end(), std::greater<>());
  absl::int128 sum = 0;
  auto next_added = added.begin();
  auto it = needs == nullptr ? Needs::const_iterator() : needs->begin();
  for (int taken = 0; taken < count; ++taken) {
    while (needs != nullptr && it != needs->end() && changed.contains(it->second)) ++it;
    const bool has_kept = needs != nullptr && it != needs->end();
    const bool has_added = next_added != added.end();
    if (!has_kept && !has_added) break;
    if (has_added && (!has_kept || *next_added > it->first)) {
      sum += *next_added++;
    } else {
      sum += it++->first;
    }
  }
  return sum;
}

}  // namespace

Occupied ModelsDraft::NetEffect() const {
  Occupied effect;
  for (const auto& [id, model] : touched_) {
    const ModelRecord* const before = context_.book->Find(id);
    if (before != nullptr) AddOccupied(*before, resources(), -1, &effect);
    AddOccupied(model, resources(), 1, &effect);
  }
  return effect;
}

void ModelsDraft::FindFreezes(const ModelRecord& model, const Occupied& growth, const Way& way,
                              Refusal* refusal) const {
  const FreezeBook& freezes = books_->freezes();
  if (freezes.size() == 0 || way.kind == Way::kRollback) return;
  if (way.kind != Way::kActivation && growth.empty()) return;
  const auto name = [&](const stored::Freeze* freeze) {
    if (freeze == nullptr) return;
    Refusal::Blocking& blocking = AddBlocking("FREEZE", freeze->id(), stored::FROZEN, refusal);
    blocking.set_detail(freeze->reason());
    if (freeze->until_us() != 0) blocking.set_until_us(freeze->until_us());
  };
  name(freezes.FindOfPopulation());
  name(freezes.FindOfFamily(model.settings().operator_family()));
  for (const auto& [resource, amount] : growth) name(freezes.FindOfResource(resource));
}

void ModelsDraft::FindOverdue(Refusal* refusal) const {
  for (const auto& [sequence, loan] : context_.book->loans()) {
    if (loan.due_back_us() > books_->now_us()) continue;
    Refusal::Blocking& blocking =
        AddBlocking("LOAN", loan.model(), stored::RESERVE_OVERDUE, refusal);
    blocking.set_until_us(loan.due_back_us());
    blocking.set_detail(
        "took of the reserve what was due back; until it is whole only what replaces is activated");
  }
}

Amount ModelsDraft::FindLent(const Occupied& growth) const {
  const auto more = growth.find(resources().slots);
  if (resources().slots == 0 || more == growth.end()) return Amount();
  const Resource& slots = *books_->Find(resources().slots);
  const Amount lacking = more->second - std::min(more->second, slots[AVAILABLE]);
  const Amount most = Amount::FromUnits(context_.policy->lent_slots_max);
  return lacking + slots.shortfall <= most ? lacking : Amount();
}

std::set<std::string> ModelsDraft::ChangedTargets() const {
  std::set<std::string> changed;
  const auto add = [&](const ModelRecord* model) {
    if (model == nullptr || !IsActive(*model)) return;
    const std::string& target = RollbackTargetOf(*model);
    if (!target.empty()) changed.insert(target);
  };
  for (const auto& [id, model] : touched_) {
    add(context_.book->Find(id));
    add(&model);
    if (context_.book->CountRollingBackTo(id) > 0) changed.insert(id);
  }
  return changed;
}

// How many ACTIVE models would have the target.
int64_t ModelsDraft::CountRollingBackTo(const std::string& target) const {
  int64_t count = static_cast<int64_t>(context_.book->CountRollingBackTo(target));
  const auto add = [&](const ModelRecord* model, int sign) {
    if (model != nullptr && IsActive(*model) && RollbackTargetOf(*model) == target) count += sign;
  };
  for (const auto& [id, model] : touched_) {
    add(context_.book->Find(id), -1);
    add(&model, 1);
  }
  return count;
}

std::map<uint32_t, ModelsDraft::Need> ModelsDraft::FindNeeds() const {
  const int count = context_.policy->coverage_minimum;
  const std::set<std::string> changed = ChangedTargets();
  std::map<uint32_t, std::vector<int64_t>> added;
  for (const std::string& id : changed) {
    const ModelRecord* const target = Find(id);
    const bool can_be = target != nullptr && target->state() != stored::MODEL_ARCHIVED &&
                        target->state() != stored::MODEL_PURGED;
    if (!can_be || CountRollingBackTo(id) <= 0) continue;
    for (const auto& [resource, amount] : RollbackFootprint(target->settings(), resources())) {
      added[resource].push_back(amount.micros());
    }
  }
  std::map<uint32_t, Need> needs;
  for (const auto& [resource, all] : context_.book->needs()) {
    needs[resource].before = SumOfLargest(&all, {}, {}, count);
  }
  for (const auto& [resource, amounts] : added) needs[resource];
  for (auto& [resource, need] : needs) {
    need.after = SumOfLargest(context_.book->FindNeeds(resource), changed, added[resource], count);
  }
  return needs;
}

void ModelsDraft::FindLostCoverage(Refusal* refusal, const Occupied& unposted) const {
  for (const auto& [number, need] : FindNeeds()) {
    const Resource* const after = books_->Find(number);
    const Resource* const before = books_->books().Find(number);
    if (after == nullptr || before == nullptr) continue;
    Amount reserve = (*after)[RESERVE];
    if (const auto more = unposted.find(number); more != unposted.end()) {
      const Amount drawn = more->second - std::min(more->second, (*after)[AVAILABLE]);
      reserve -= std::min(reserve, drawn);
    }
    const absl::int128 missing = need.after - reserve.micros();
    const absl::int128 missing_before = need.before - (*before)[RESERVE].micros();
    if (missing <= 0 || missing <= missing_before) continue;
    Refusal::Blocking& blocking =
        AddBlocking("COVERAGE", after->name(), stored::COVERAGE_LOST, refusal);
    const auto shown = [](absl::int128 micros) {
      return Amount::FromMicros(static_cast<int64_t>(std::min(micros, absl::int128(INT64_MAX))));
    };
    blocking.set_limit(reserve.micros());
    blocking.set_used(shown(need.after).micros());
    const bool never = need.after > after->target().micros();
    blocking.set_detail(
        Concat("bringing back what may have to be needs ", shown(need.after).ToString(),
               " of a reserve of ", reserve.ToString(), never ? "; even the whole reserve, " : "",
               never ? after->target().ToString() : "", never ? ", could not cover it" : ""));
  }
}

google::protobuf::RepeatedField<uint32_t> ModelsDraft::FindUncoverable(
    const stored::ModelSettings& settings) const {
  google::protobuf::RepeatedField<uint32_t> numbers;
  const ModelRecord* const target = Find(settings.rollback_target());
  if (target == nullptr) return numbers;
  for (const auto& [number, amount] : RollbackFootprint(target->settings(), resources())) {
    if (amount > books_->Find(number)->target()) numbers.Add(number);
  }
  return numbers;
}

void ModelsDraft::Post(const Occupied& effect, const Way& way, stored::ReserveLoan* loan) {
  for (const auto& [number, amount] : effect) {
    if (amount.is_negative()) {
      const Resource& resource = *books_->Find(number);
      books_->GiveBack(number, stored::IN_USE, -amount, resource.period);
      continue;
    }
    const Amount reserve = (*books_->Find(number))[RESERVE];
    books_->Hold(number, amount, way.may_draw_on_reserve);
    books_->Start(number, amount);
    const Amount drawn = reserve - (*books_->Find(number))[RESERVE];
    if (loan == nullptr || !drawn.is_positive()) continue;
    auto& line = *loan->add_drawn();
    line.set_resource(number);
    line.set_amount(drawn.micros());
  }
}

absl::Status ModelsDraft::Settle(const ModelRecord& model, const Way& way,
                                 stored::ReserveLoan* loan) {
  const Occupied effect = NetEffect();
  Occupied growth = effect;
  std::erase_if(growth, [](const auto& each) { return !each.second.is_positive(); });
  Refusal refusal;
  FindFreezes(model, growth, way, &refusal);
  if (way.kind == Way::kActivation && !way.replaces) FindOverdue(&refusal);
  if (way.reduces_cost) {
    FindCost(&refusal);
    const Amount lent = FindLent(growth);
    if (lent.is_positive()) books_->Lend(resources().slots, lent);
  }
  ReservationsDraft::Growth more{growth, way.may_draw_on_reserve, way.kind == Way::kRollback};
  if (more.is_rollback) {
    // What not even the reserve has is told first.
    more.may_draw_on_reserve = true;
    reservations_->FindGrowthShortages(more, &refusal);
    more.may_draw_on_reserve = way.may_draw_on_reserve;
  }
  if (refusal.shortages().empty()) reservations_->FindGrowthShortages(more, &refusal);
  const bool fits = refusal.shortages().empty();
  // Coverage is judged as it would be: with what others leave, also where the rest does not fit.
  Occupied posted = effect;
  if (!fits) std::erase_if(posted, [](const auto& each) { return each.second.is_positive(); });
  Post(posted, way, loan);
  if (way.kind == Way::kChange || way.kind == Way::kActivation) {
    FindLostCoverage(&refusal, !fits && way.may_draw_on_reserve ? growth : Occupied());
  }
  reservations_->FindGrowthClaims(more, &refusal);
  if (refusal.reason() == stored::REASON_UNSPECIFIED) return absl::OkStatus();
  refusal.set_detail(DescribeDenial(refusal));
  return Refuse(refusal);
}

absl::Status ModelsDraft::CheckCoverage() const {
  Refusal refusal;
  FindLostCoverage(&refusal);
  if (refusal.reason() == stored::REASON_UNSPECIFIED) return absl::OkStatus();
  refusal.set_detail(DescribeDenial(refusal));
  return Refuse(refusal);
}

}  // namespace purser
