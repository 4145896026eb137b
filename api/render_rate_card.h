#ifndef PURSER_API_RENDER_RATE_CARD_H_
#define PURSER_API_RENDER_RATE_CARD_H_

// A rate card as clients see it. Thread-safe: pure functions.
#include "api/v1/rate_card.pb.h"
#include "ledger/ledger.pb.h"

namespace purser::api {

v1::RateCard RenderRateCard(const stored::RateCard& card);

}  // namespace purser::api

#endif  // PURSER_API_RENDER_RATE_CARD_H_
