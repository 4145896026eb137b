#include "lifecycle/notice_outlook.h"

#include <algorithm>

#include "lifecycle/court.h"

namespace purser {

using Assumption = stored::Explanation::Assumption;

namespace {

constexpr int kStepsOfNotice = 200;
constexpr size_t kVictimsNamedMax = 5;

}  // namespace

std::optional<NoticeOutlook> GiveNotice(const JudgedState& state, ReservationPicture* joining,
                                        ReturnSchedule::Steps* steps) {
  if (state.preemptibles == nullptr || state.queue == nullptr) return std::nullopt;
  const Court court(state);
  const auto plan = court.draft.FindNotice(*joining);
  if (state.preemptibles->empty() && !plan.has_value()) return std::nullopt;
  steps->left -= kStepsOfNotice;
  if (!plan.has_value()) return std::nullopt;
  NoticeOutlook outlook;
  outlook.preempt_at_us = plan->preempt_at_us;
  for (const ReservationPicture* victim : plan->victims) {
    if (outlook.victims.size() == kVictimsNamedMax) break;
    Assumption& assumption = *outlook.victims.Add();
    assumption.set_kind(Assumption::PREEMPTED);
    assumption.set_name(victim->id);
    assumption.set_at_us(plan->preempt_at_us);
  }
  const auto& waiting = state.queue->by_key();
  outlook.is_certain = court.foresight.complete() && plan->is_alone &&
                       std::none_of(waiting.begin(), waiting.end(), [&state](const auto& each) {
                         return state.policy->MayDrawOnReserve(each.second->purpose);
                       });
  Notice notice;
  notice.preempt_end_us = plan->preempt_at_us - state.books->lease_shift_us();
  notice.order = kNoNotice - 1;  // behind all that gave theirs
  joining->notice = std::make_shared<const Notice>(std::move(notice));
  return outlook;
}

bool MayGiveNotice(const JudgedState& state, const ReservationPicture& queued) {
  if (state.preemptibles == nullptr || state.preemptibles->empty()) return false;
  for (int tier = kTierBatch; tier <= kTierFlex; ++tier) {
    if (!TierGivesWay(tier, queued.tier)) continue;
    const bool is_held =
        std::any_of(queued.lines.begin(), queued.lines.end(), [&](const HoldLine& line) {
          return !state.preemptibles->AmountOf(tier, line.resource).is_zero();
        });
    if (is_held) return true;
  }
  return false;
}

bool IsFreedByNotice(const JudgedState& state, const std::set<uint32_t>& resources) {
  if (state.queue == nullptr || state.preemptibles == nullptr) return false;
  for (const auto& [key, gave] : state.queue->by_key()) {
    if (key.notice_order == kNoNotice) return false;
    const Preemptibles::ByKey* const victims = state.preemptibles->FindVictims(gave->id);
    if (victims == nullptr) continue;
    const bool frees = std::any_of(victims->begin(), victims->end(), [&](const auto& victim) {
      return NamesAny(*victim.second, resources);
    });
    if (frees) return true;
  }
  return false;
}

Victims::Victims(const JudgedState& state, const std::set<uint32_t>& resources) : state_(state) {
  if (state.preemptibles == nullptr || state.preemptibles->empty()) return;
  for (int tier = kTierBatch; tier <= kTierFlex; ++tier) {
    const bool has = std::any_of(resources.begin(), resources.end(), [&](uint32_t resource) {
      return !state.preemptibles->AmountOf(tier, resource).is_zero();
    });
    for (int other = kTierRealtime; has && other <= kTierFlex; ++other) {
      has_[other] = has_[other] || TierGivesWay(tier, other);
    }
  }
}

bool MayBeFreedByNotice(const JudgedState& state, const std::set<uint32_t>& resources) {
  if (state.preemptibles == nullptr || state.preemptibles->empty()) return false;
  const Victims victims(state, resources);
  const auto any_may = [&victims](const auto* list) {
    return list != nullptr &&
           std::any_of(list->by_key().begin(), list->by_key().end(),
                       [&victims](const auto& each) { return victims.MayGiveWayTo(*each.second); });
  };
  return any_may(state.queue) || any_may(state.bookings);
}

}  // namespace purser
