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

Refusal::Blocking& LimitCheck::Block(const stored::Limit& limit, std::string detail) {
  Refusal::Blocking& blocking = blocking_.emplace_back();
  blocking.set_kind("LIMIT");
  blocking.set_name(limit.id());
  blocking.set_detail(std::move(detail));
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
    Refusal::Blocking& blocking =
        Block(*open, "open_reservations: as many are open as may be; the end of one would do");
    blocking.set_limit(Amount::FromUnits(open->open_reservations()).micros());
    blocking.set_used(Amount::FromUnits(static_cast<int64_t>(subject.usage->open)).micros());
  }
  for (size_t i = 0; i < request_.lines.size(); ++i) CheckAmounts(subject, i);
  const stored::Limit* tier =
      with([](const stored::Limit& limit) { return limit.highest_tier() != 0; });
  if (tier != nullptr && request_.tier < tier->highest_tier()) {
    Block(*tier, Concat("highest_tier: ", TierName(request_.tier), " is above ",
                        TierName(tier->highest_tier()), ", which would do"));
    hopeless_ = true;
  }
  const stored::Limit* priority =
      with([](const stored::Limit& limit) { return limit.has_highest_priority(); });
  if (priority != nullptr && request_.priority > priority->highest_priority()) {
    Block(*priority, Concat("highest_priority: ", request_.priority, " is above ",
                            priority->highest_priority(), ", which would do"))
        .set_limit(Amount::FromUnits(priority->highest_priority()).micros());
    hopeless_ = true;
  }
}

Refusal::Blocking* LimitCheck::Bound(const stored::Limit& limit, size_t line, Amount room) {
  rooms_[line] = std::min(rooms_[line], room);
  return request_.lines[line].least <= room ? nullptr : &Block(limit, "");
}

void LimitCheck::CheckShare(const Subject& subject, size_t line) {
  const auto beside = request_.lines[line].beside;
  if (subject.usage == nullptr || beside == LimitedRequest::Beside::kItself) return;
  const Resource& resource = *request_.lines[line].resource;
  const PartOfLimit share =
      FindPartOf(subject.own, subject.each, &stored::Limit::share_percent, resource.name());
  if (share.limit == nullptr) return;
  const Amount limit = ShareOf(resource, share.amount);
  const Amount used =
      beside == LimitedRequest::Beside::kUsage ? subject.usage->UsedOf(resource) : Amount();
  const Amount room = Left(limit, used);
  Refusal::Blocking* const blocking = Bound(*share.limit, line, room);
  if (blocking == nullptr) return;
  blocking->set_detail(Concat("share_percent of ", resource.name(), ": ", share.amount.ToString(),
                              " % of what is granted", WhatWouldDo(room)));
  blocking->set_limit(limit.micros());
  blocking->set_used(used.micros());
}

void LimitCheck::CheckAmounts(const Subject& subject, size_t line) {
  const Resource& resource = *request_.lines[line].resource;
  const std::string& name = resource.name();
  const auto part = [&](const LimitParts& (stored::Limit::*parts)() const) {
    return FindPartOf(subject.own, subject.each, parts, name);
  };
  if (const PartOfLimit most = part(&stored::Limit::request_amounts); most.limit != nullptr) {
    if (Refusal::Blocking* blocking = Bound(*most.limit, line, most.amount)) {
      blocking->set_detail(Concat("request_amounts of ", name, ": one request has at most ",
                                  most.amount.ToString(), ", which would do"));
      blocking->set_limit(most.amount.micros());
      hopeless_ = true;
    }
  }
  CheckShare(subject, line);
  if (subject.usage == nullptr) return;  // not counted yet
  const int64_t day = DayOf(request_.now_us);
  const int64_t month = MonthOf(request_.now_us);
  const auto rate = [&](const PartOfLimit& most, std::string_view field, Amount used,
                        InstantUs until) {
    if (most.limit == nullptr) return;
    const Amount room = Left(most.amount, used);
    Refusal::Blocking* blocking = Bound(*most.limit, line, room);
    if (blocking == nullptr) return;
    blocking->set_detail(Concat(field, " of ", name, WhatWouldDo(room)));
    blocking->set_limit(most.amount.micros());
    blocking->set_used(used.micros());
    blocking->set_until_us(until);
    hopeless_ = hopeless_ || request_.lines[line].least > most.amount;
  };
  rate(part(&stored::Limit::day_amounts), "day_amounts",
       subject.usage->GrantedOfDay(resource.number, day), DayStart(day + 1));
  rate(part(&stored::Limit::month_amounts), "month_amounts",
       subject.usage->GrantedOfMonth(resource.number, month), MonthStart(month + 1));
}

}  // namespace purser
