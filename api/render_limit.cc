#include "api/render_limit.h"

#include <algorithm>

#include "api/render.h"

namespace purser::api {
namespace {

using AmountMap = google::protobuf::Map<std::string, v1::Amount>;

void SetParts(const LimitParts& parts, AmountMap* out) {
  for (const stored::Limit::Part& part : parts) (*out)[part.resource()].set_micros(part.amount());
}

// Of several the one who uses most counts.
class Used {
 public:
  Used(const PopulationView& view, const stored::Limit& limit, InstantUs now_us, v1::LimitUse* out)
      : view_(view), limit_(limit), now_us_(now_us), out_(out) {
    if (limit.has_open_reservations()) out->set_open_reservations(0);
    const Usage nothing;
    Take(nothing);
  }

  void Take(const Usage& usage) {
    if (limit_.has_open_reservations()) {
      out_->set_open_reservations(
          std::max(out_->open_reservations(), static_cast<uint32_t>(usage.open)));
    }
    TakeParts(limit_.share_percent(), out_->mutable_share(),
              [&](const Resource& resource) { return usage.UsedOf(resource); });
    TakeParts(limit_.day_amounts(), out_->mutable_day_amounts(), [&](const Resource& resource) {
      return usage.GrantedOfDay(resource.number, DayOf(now_us_));
    });
    TakeParts(limit_.month_amounts(), out_->mutable_month_amounts(), [&](const Resource& resource) {
      return usage.GrantedOfMonth(resource.number, MonthOf(now_us_));
    });
  }

 private:
  template <typename AmountOf>
  void TakeParts(const LimitParts& parts, AmountMap* out, AmountOf amount_of) {
    for (const stored::Limit::Part& part : parts) {
      const auto it = view_.resources.find(part.resource());
      if (it == view_.resources.end()) continue;
      v1::Amount& most = (*out)[part.resource()];
      most.set_micros(std::max(most.micros(), amount_of(*it->second).micros()));
    }
  }

  const PopulationView& view_;
  const stored::Limit& limit_;
  const InstantUs now_us_;
  v1::LimitUse* const out_;
};

}  // namespace

v1::Limit RenderLimit(const stored::Limit& limit) {
  v1::Limit out;
  out.set_id(limit.id());
  if (limit.has_principal()) out.set_principal(limit.principal());
  if (limit.each_principal()) out.set_each_principal(true);
  if (limit.has_label()) {
    out.mutable_label()->set_key(limit.label().key());
    out.mutable_label()->set_value(limit.label().value());
  }
  if (limit.has_requests_per_second()) {
    out.mutable_requests_per_second()->set_micros(limit.requests_per_second());
  }
  if (limit.has_burst()) out.set_burst(limit.burst());
  if (limit.has_open_reservations()) out.set_open_reservations(limit.open_reservations());
  SetParts(limit.share_percent(), out.mutable_share_percent());
  SetParts(limit.request_amounts(), out.mutable_request_amounts());
  SetParts(limit.day_amounts(), out.mutable_day_amounts());
  SetParts(limit.month_amounts(), out.mutable_month_amounts());
  if (limit.highest_tier() != 0) out.set_highest_tier(static_cast<v1::Tier>(limit.highest_tier()));
  if (limit.has_highest_priority()) out.set_highest_priority(limit.highest_priority());
  out.set_generation(limit.generation());
  SetTime(limit.create_time_us(), out.mutable_create_time());
  return out;
}

void AddUsed(const PopulationView& view, const stored::Limit& limit, InstantUs now_us,
             v1::Limit* out) {
  const bool counts = limit.has_open_reservations() || !limit.share_percent().empty() ||
                      !limit.day_amounts().empty() || !limit.month_amounts().empty();
  if (!counts) return;
  const Usage* own = nullptr;
  if (limit.has_principal()) own = view.usage->FindPrincipal(limit.principal());
  if (limit.has_label()) {
    own = view.usage->FindLabel({limit.label().key(), limit.label().value()});
    if (own == nullptr) {
      out->set_counting(true);
      return;
    }
  }
  Used used(view, limit, now_us, out->mutable_used());
  if (own != nullptr) used.Take(*own);
  if (!limit.each_principal()) return;
  for (const auto& [name, usage] : view.usage->principals) {
    if (name != kPrincipalWithoutToken) used.Take(*usage);
  }
}

}  // namespace purser::api
