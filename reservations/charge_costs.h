#ifndef PURSER_RESERVATIONS_CHARGE_COSTS_H_
#define PURSER_RESERVATIONS_CHARGE_COSTS_H_

// What a charge costs (ledger.md 5, daemon/decisions/0012): at which rate and in which category
// each of its lines is, when it is posted, and what that comes to, and refunds take back of it.
// USD. Thread-safe: pure functions.
#include <optional>

#include "ledger/books.h"
#include "ledger/cost_category.h"
#include "ledger/rate.h"
#include "ledger/rate_book.h"
#include "reservations/reservation.h"

namespace purser {

// The category of what is used of the resource for the purpose, where a charge names none.
CostCategory CategoryOfUse(const Resource& resource, stored::Purpose purpose);
CostCategory CategoryOfUse(ResourceIdentity resource, stored::Purpose purpose);

// What a unit of what is charged at `now_us` costs: by the quote of the reservation, if it has one;
// nullptr: there is no reservation. nullopt: it is not priced.
std::optional<Rate> RateOfCharge(const RateBook& rates, const Resource& resource,
                                 const ReservationPicture* of, InstantUs now_us);
// Sets the rate, and the category. `said` is the charge's; UNSPECIFIED: it names none.
void SetPrice(std::optional<Rate> rate, const Resource& resource, stored::Purpose purpose,
              CostCategory said, stored::Charged::Line* line);
// Whether what so much costs is no more than an amount holds.
bool FitsCost(std::optional<Rate> rate, Amount amount);

// Of a line as it was charged; nullopt: it is not priced.
std::optional<Amount> CostOf(const stored::Charged::Line& line);

// What refunds gave back of the resource.
Amount RefundedOf(const stored::ChargeRecord& charge, uint32_t resource);
// What the line costs when so much of it is refunded, at its own rate: the difference of two of
// these is what a refund takes back, so that what is wholly refunded has cost nothing.
std::optional<Amount> CostLeft(const stored::Charged::Line& line, Amount refunded);

}  // namespace purser

#endif  // PURSER_RESERVATIONS_CHARGE_COSTS_H_
