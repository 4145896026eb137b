#ifndef PURSER_API_RENDER_COST_ENTRY_H_
#define PURSER_API_RENDER_COST_ENTRY_H_

// From records to messages: cost entries and outcomes, and what was asked for when they were made.
// Thread-safe: pure functions.
#include "api/v1/cost_entry.pb.h"
#include "reservations/reservations.pb.h"

namespace purser::api {

v1::CostEntry RenderCostEntry(const stored::ChargeRecord& record);
v1::Outcomes RenderOutcomes(const stored::ChargeRecord& record);
v1::CostEntryRequest RenderRequest(const stored::CostEntered& entered);
v1::OutcomesRequest RenderRequest(const stored::OutcomesReported& reported);

}  // namespace purser::api

#endif  // PURSER_API_RENDER_COST_ENTRY_H_
