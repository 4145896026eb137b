#include "api/render_cost_entry.h"

#include "api/render.h"
#include "ledger/cost_category.h"

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
void SetFields(const stored::OutcomesReported& reported, Message* out) {
  out->set_id(reported.id());
  for (const auto& label : reported.labels()) {
    (*out->mutable_labels())[label.key()] = label.value();
  }
  out->set_accepted(static_cast<uint32_t>(reported.accepted()));
  out->set_rejected(static_cast<uint32_t>(reported.rejected()));
  out->set_escalated(static_cast<uint32_t>(reported.escalated()));
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
  return out;
}

v1::OutcomesRequest RenderRequest(const stored::OutcomesReported& reported) {
  v1::OutcomesRequest out;
  SetFields(reported, &out);
  return out;
}

}  // namespace purser::api
