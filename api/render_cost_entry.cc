#include "api/render_cost_entry.h"

#include "api/render.h"
#include "ledger/cost_category.h"
#include "reservations/allocation.h"

namespace purser::api {
namespace {

// What a request and an answer have alike.
template <typename Message>
void SetFields(const stored::CostEntered& entered, Message* out) {
  out->set_id(entered.id());
  out->set_category(std::string(CostCategoryName(entered.category())));
  for (const auto& label : entered.labels()) (*out->mutable_labels())[label.key()] = label.value();
  out->set_reason(entered.reason());
  out->set_corrects(entered.corrects());
  if (!entered.has_rate_picos()) return;
  out->mutable_count()->set_micros(entered.count());
  out->mutable_rate()->set_picos(entered.rate_picos());
}

template <typename Message>
void SetFields(const stored::CostEntered::Allocation& allocation, Message* out) {
  out->set_label(allocation.label());
  out->set_resource(allocation.resource());
  out->set_period(allocation.period());
  for (const auto& label : allocation.labels()) {
    (*out->mutable_labels())[label.key()] = label.value();
  }
}

template <typename Message>
void SetFields(const stored::OutcomesReported& reported, Message* out) {
  out->set_id(reported.id());
  for (const auto& label : reported.labels()) {
    (*out->mutable_labels())[label.key()] = label.value();
  }
  out->set_accepted(static_cast<uint32_t>(reported.accepted()));
  out->set_rejected(static_cast<uint32_t>(reported.rejected()));
  out->set_escalated(static_cast<uint32_t>(reported.escalated()));
}

// With the weights that the entry's labels have for it.
v1::CostAllocation RenderAllocation(const stored::CostEntered& entered) {
  const stored::CostEntered::Allocation& allocation = entered.allocation();
  v1::CostAllocation out;
  SetFields(allocation, &out);
  SetTime(allocation.from_us(), out.mutable_from());
  SetTime(allocation.until_us(), out.mutable_until());
  out.set_as_of(allocation.sequence());
  for (const auto& label : entered.labels()) {
    if (label.key() != allocation.label()) continue;
    out.mutable_unattributed()->set_micros(UnattributedOf(label.value()).micros());
  }
  return out;
}

}  // namespace

v1::CostEntry RenderCostEntry(const stored::ChargeRecord& record) {
  const stored::CostEntered& entered = record.cost_entered();
  v1::CostEntry out;
  SetFields(entered, &out);
  out.mutable_amount()->set_micros(entered.amount());
  out.set_principal(entered.principal());
  SetTime(record.create_time_us(), out.mutable_create_time());
  out.set_ledger_sequence(record.sequence());
  if (entered.has_allocation()) *out.mutable_allocation() = RenderAllocation(entered);
  return out;
}

v1::Outcomes RenderOutcomes(const stored::ChargeRecord& record) {
  v1::Outcomes out;
  SetFields(record.outcomes_reported(), &out);
  out.set_principal(record.outcomes_reported().principal());
  SetTime(record.create_time_us(), out.mutable_create_time());
  out.set_ledger_sequence(record.sequence());
  return out;
}

v1::CostEntryRequest RenderRequest(const stored::CostEntered& entered) {
  v1::CostEntryRequest out;
  SetFields(entered, &out);
  if (!entered.has_rate_picos()) out.mutable_amount()->set_micros(entered.amount());
  if (!entered.has_allocation()) return out;
  const stored::CostEntered::Allocation& allocation = entered.allocation();
  out.mutable_labels()->erase(allocation.label());
  v1::CostAllocationRequest& said = *out.mutable_allocation();
  SetFields(allocation, &said);
  if (allocation.period().empty()) {
    SetTime(allocation.from_us(), said.mutable_from());
    SetTime(allocation.until_us(), said.mutable_until());
  }
  if (allocation.as_of()) said.set_as_of(allocation.sequence());
  return out;
}

v1::OutcomesRequest RenderRequest(const stored::OutcomesReported& reported) {
  v1::OutcomesRequest out;
  SetFields(reported, &out);
  return out;
}

}  // namespace purser::api
