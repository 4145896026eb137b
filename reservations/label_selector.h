#ifndef PURSER_RESERVATIONS_LABEL_SELECTOR_H_
#define PURSER_RESERVATIONS_LABEL_SELECTOR_H_

// What has all of some label values, and how much of it: of a label that is split the part of the
// value, as reports of costs split it (ledger.md 5). Thread-safe: pure functions.
#include "google/protobuf/repeated_ptr_field.h"
#include "ledger/amount.h"
#include "ledger/ledger.pb.h"
#include "reservations/reservation.h"

namespace purser {

// In order of keys, each once; none selects everything.
using LabelValues = google::protobuf::RepeatedPtrField<stored::LabelValue>;

// Whether any part of what has the labels is selected.
bool Selects(const LabelValues& selector, const Labels& labels);

// The part of a cost of what has the labels: that of the group that a report by the selector's keys
// has for its values.
Amount PartOf(const LabelValues& selector, const Labels& labels, Amount cost);

}  // namespace purser

#endif  // PURSER_RESERVATIONS_LABEL_SELECTOR_H_
