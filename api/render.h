#ifndef PURSER_API_RENDER_H_
#define PURSER_API_RENDER_H_

// From what the core holds to what clients see; reservations and charges are in answer_fields.h.
// Thread-safe: pure functions.
#include <string>

#include "api/controller.h"
#include "api/v1/journal.pb.h"
#include "api/v1/population.pb.h"
#include "api/v1/reservation.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace purser::api {

void SetTime(InstantUs instant, google::protobuf::Timestamp* time);
std::string InstantText(InstantUs instant);  // RFC 3339
std::string DecimalText(int64_t micros);     // of millionths, in units
// Sums of what a population may hold stay within what is shown, but for what no population has.
int64_t ShownMicros(absl::int128 micros);
// An exact decimal, of any size.
std::string SumText(absl::int128 micros);
void SetDuration(int64_t duration_us, google::protobuf::Duration* duration);

v1::OverrunPolicy RenderPolicy(stored::OverrunPolicy policy);
v1::ResourceSettings RenderSettings(const stored::ResourceSettings& settings);
v1::Resource RenderResource(const Resource& resource);
v1::Population RenderPopulation(const stored::PopulationSettings& settings, uint64_t sequence,
                                const std::vector<Resource>& resources);
v1::Freeze RenderFreeze(const stored::Freeze& freeze, const ResourceIdentities& identify);
v1::Debt RenderDebt(const stored::Debt& debt, const ResourceIdentities& identify);
v1::JournalEntry RenderEntry(const StoredEntry& entry, const ResourceIdentities& identify);

// Of a request: how long it waits in the queue; 0: it does not.
// How long it is held, and from when on; 0: from its grant.
void SetBooking(InstantUs start_at_us, int64_t lease_us, v1::ReservationRequest* out);
// Of a tier that gives way.
void SetGrace(int tier, int64_t grace_us, v1::ReservationRequest* out);
// After the booking.
void SetQueueWait(int64_t queue_wait_us, v1::ReservationRequest* out);
// The request as it was understood, for comparing with a later one: every default filled in.
v1::ReservationRequest RenderRequest(const ReservationPicture& reservation,
                                     const ResourceIdentities& identify);

}  // namespace purser::api

#endif  // PURSER_API_RENDER_H_
