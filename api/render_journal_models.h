#ifndef PURSER_API_RENDER_JOURNAL_MODELS_H_
#define PURSER_API_RENDER_JOURNAL_MODELS_H_

// Facts about models as clients see them in the journal. Thread-safe: pure functions.
#include "api/v1/journal.pb.h"
#include "lifecycle/models.pb.h"
#include "reservations/reservation.h"

namespace purser::api {

void AddModelFact(const stored::ModelFact& fact, const ResourceIdentities& identify,
                  v1::JournalEntry* out);

}  // namespace purser::api

#endif  // PURSER_API_RENDER_JOURNAL_MODELS_H_
