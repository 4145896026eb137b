#include "reservations/limit_check.h"

#include <algorithm>

#include "ledger/text.h"
#include "reservations/label_split.h"

namespace purser {
namespace {

// The part of a principal's own limit takes the place of that of each principal.
struct PartOfLimit {
  const stored::Limit* limit = nullptr;
  Amount amount;
};
PartOfLimit FindPartOf(const stored::Limit* own, const stored::Limit* each,
                       const LimitParts& (stored::Limit::*parts)() const,
                       std::string_view resource) {
  for (const stored::Limit* limit : {own, each}) {
    if (limit == nullptr) continue;
    const stored::Limit::Part* part = FindPart((limit->*parts)(), resource);
    if (part != nullptr) return {limit, Amount::FromMicros(part->amount())};
  }
  return {};
}

template <typename Has>
const stored::Limit* FirstWith(const stored::Limit* own, const stored::Limit* each, Has has) {
  if (own != nullptr && has(*own)) return own;
  return each != nullptr && has(*each) ? each : nullptr;
}

const char* TierName(int tier) {
  constexpr const char* kNames[] = {"", "REALTIME", "STANDARD", "BATCH", "FLEX"};
  return tier >= 1 && tier <= 4 ? kNames[tier] : "";
}

std::string WhatWouldDo(Amount room) {
  return room.is_zero() ? std::string() : Concat("; ", room.ToString(), " would do");
}

Amount Left(Amount limit, Amount used) { return std::max(Amount(), limit - used); }

}  // namespace

Amount ShareOf(const Resource& resource, Amount percent) {
  const Amount whole = resource.granted() - resource.shortfall;
  if (!whole.is_positive()) return Amount();
  constexpr int64_t kWhole = 100 * Amount::kMicrosPerUnit;
  return *ScaleRoundedDown(whole, percent.micros(), kWhole);
}

LimitCheck::LimitCheck(const LimitBook& limits, const UsageDraft& usage,
                       const LimitedRequest& request)
    : request_(request), rooms_(request.lines.size(), Amount::Max()) {
  static const Usage nothing;
  const stored::Limit* own = limits.FindOwn(request.principal);
  const stored::Limit* each = limits.FindEach(request.principal);
  if (own != nullptr || each != nullptr) {
    const Usage* used = usage.FindPrincipal(request.principal);
    Check({own, each, used == nullptr ? &nothing : used});
  }
  if (limits.ids_by_label().empty()) return;
  ForEachLabelValue(
      *request.labels, [&](const std::string& key) { return limits.ids_by_label().contains(key); },
      [&](const std::string& key, const std::string& value) {
        const stored::Limit* of_label = limits.FindOfLabel(key, value);
        if (of_label != nullptr) Check({of_label, nullptr, usage.FindLabel(key, value)});
      });
}

std::vector<Refusal::Blocking> LimitCheck::ListBlocking() const {
  std::vector<Refusal::Blocking> list;
  for (const Found& found : found_) list.push_back(Say(found));
  return list;
}

Refusal::Blocking LimitCheck::Say(const Found& found) {
  Refusal::Blocking blocking;
  blocking.set_kind("LIMIT");
  blocking.set_name(found.limit->id());
  const std::string name = found.resource == nullptr ? "" : found.resource->name();
  const auto set_amounts = [&] {
    blocking.set_limit(found.most.micros());
    blocking.set_used(found.used.micros());
  };
  switch (found.kind) {
    case Found::kOpen:
      blocking.set_detail("open_reservations: as many are open as may be; the end of one would do");
      set_amounts();
      break;
    case Found::kTier: {
      const int highest = found.limit->highest_tier();
      blocking.set_detail(Concat("highest_tier: ", TierName(static_cast<int>(found.asked)),
                                 " is above ", TierName(highest), ", which would do"));
      break;
    }
    case Found::kPriority:
      blocking.set_detail(Concat("highest_priority: ", found.asked, " is above ",
                                 found.limit->highest_priority(), ", which would do"));
      blocking.set_limit(found.most.micros());
      break;
    case Found::kRequest:
      blocking.set_detail(Concat("request_amounts of ", name, ": one request has at most ",
                                 found.most.ToString(), ", which would do"));
      blocking.set_limit(found.most.micros());
      break;
    case Found::kShare:
      blocking.set_detail(Concat("share_percent of ", name, ": ", found.percent.ToString(),
                                 " % of what is granted", WhatWouldDo(found.room)));
      set_amounts();
      break;
    case Found::kDay:
    case Found::kMonth:
      blocking.set_detail(Concat(found.kind == Found::kDay ? "day_amounts" : "month_amounts",
                                 " of ", name, WhatWouldDo(found.room)));
      set_amounts();
      blocking.set_until_us(found.until_us);
      break;
  }
  return blocking;
}

void LimitCheck::Check(const Subject& subject) {
  if (request_.starts) {
    for (size_t i = 0; i < request_.lines.size(); ++i) CheckShare(subject, i);
    return;
  }
  const auto with = [&subject](auto has) { return FirstWith(subject.own, subject.each, has); };
  const stored::Limit* open =
      with([](const stored::Limit& limit) { return limit.has_open_reservations(); });
  if (open != nullptr && subject.usage != nullptr &&
      subject.usage->open >= open->open_reservations()) {
    Found& found = found_.emplace_back(Found{Found::kOpen, open});
    found.most = Amount::FromUnits(open->open_reservations());
    found.used = Amount::FromUnits(static_cast<int64_t>(subject.usage->open));
  }
  for (size_t i = 0; i < request_.lines.size(); ++i) CheckAmounts(subject, i);
  const stored::Limit* tier =
      with([](const stored::Limit& limit) { return limit.highest_tier() != 0; });
  if (tier != nullptr && request_.tier < tier->highest_tier()) {
    found_.emplace_back(Found{Found::kTier, tier}).asked = request_.tier;
    hopeless_ = true;
  }
  const stored::Limit* priority =
      with([](const stored::Limit& limit) { return limit.has_highest_priority(); });
  if (priority != nullptr && request_.priority > priority->highest_priority()) {
    Found& found = found_.emplace_back(Found{Found::kPriority, priority});
    found.asked = request_.priority;
    found.most = Amount::FromUnits(priority->highest_priority());
    hopeless_ = true;
  }
}

bool LimitCheck::Bound(Found found, size_t line) {
  rooms_[line] = std::min(rooms_[line], found.room);
  if (request_.lines[line].least <= found.room) return false;
  found.resource = request_.lines[line].resource;
  found_.push_back(found);
  return true;
}

void LimitCheck::CheckShare(const Subject& subject, size_t line) {
  const auto beside = request_.lines[line].beside;
  if (subject.usage == nullptr || beside == LimitedRequest::Beside::kItself) return;
  const Resource& resource = *request_.lines[line].resource;
  const PartOfLimit share =
      FindPartOf(subject.own, subject.each, &stored::Limit::share_percent, resource.name());
  if (share.limit == nullptr) return;
  Found found{Found::kShare, share.limit};
  found.percent = share.amount;
  found.most = ShareOf(resource, share.amount);
  if (beside == LimitedRequest::Beside::kUsage) found.used = subject.usage->UsedOf(resource);
  found.room = Left(found.most, found.used);
  Bound(found, line);
}

void LimitCheck::CheckAmounts(const Subject& subject, size_t line) {
  const Resource& resource = *request_.lines[line].resource;
  const auto part = [&](const LimitParts& (stored::Limit::*parts)() const) {
    return FindPartOf(subject.own, subject.each, parts, resource.name());
  };
  if (const PartOfLimit most = part(&stored::Limit::request_amounts); most.limit != nullptr) {
    Found found{Found::kRequest, most.limit};
    found.most = most.amount;
    found.room = most.amount;
    if (Bound(found, line)) hopeless_ = true;
  }
  CheckShare(subject, line);
  if (subject.usage == nullptr) return;  // not counted yet
  const int64_t day = DayOf(request_.now_us);
  const int64_t month = MonthOf(request_.now_us);
  const auto rate = [&](Found::Kind kind, const PartOfLimit& most, Amount used, InstantUs until) {
    if (most.limit == nullptr) return;
    Found found{kind, most.limit};
    found.most = most.amount;
    found.used = used;
    found.room = Left(most.amount, used);
    found.until_us = until;
    if (!Bound(found, line)) return;
    hopeless_ = hopeless_ || request_.lines[line].least > most.amount;
  };
  rate(Found::kDay, part(&stored::Limit::day_amounts),
       subject.usage->GrantedOfDay(resource.number, day), DayStart(day + 1));
  rate(Found::kMonth, part(&stored::Limit::month_amounts),
       subject.usage->GrantedOfMonth(resource.number, month), MonthStart(month + 1));
}

}  // namespace purser
