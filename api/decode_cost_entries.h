#ifndef PURSER_API_DECODE_COST_ENTRIES_H_
#define PURSER_API_DECODE_COST_ENTRIES_H_

// From messages to commands: cost entries, outcomes and quotes (decode.h). Thread-safe: pure
// functions.
#include <string_view>

#include "api/v1/cost_entry.pb.h"
#include "api/v1/reservation.pb.h"
#include "ledger/refusal.h"
#include "reservations/commands.h"

namespace purser::api {

EnterCost DecodeCostEntry(const v1::CostEntryRequest& message, std::string_view path,
                          Faults* faults);
ReportOutcomes DecodeOutcomes(const v1::OutcomesRequest& message, std::string_view path,
                              Faults* faults);
// What is to be priced; the purpose is SERVING where none is named.
struct QuoteQuestion {
  stored::Purpose purpose = stored::SERVING;
  NamedAmounts amounts;
};
QuoteQuestion DecodeQuote(const v1::QuoteRequest& message, Faults* faults);

}  // namespace purser::api

#endif  // PURSER_API_DECODE_COST_ENTRIES_H_
