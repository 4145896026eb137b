#ifndef PURSER_RESERVATIONS_LABEL_SELECTOR_H_
#define PURSER_RESERVATIONS_LABEL_SELECTOR_H_

// What has all of some label values, and how much of it: of a label that is split the part of the
// value, as reports of costs split it (ledger.md 5). Thread-safe: pure functions.
#include "google/protobuf/repeated_ptr_field.h"
#include "ledger/amount.h"
#include "ledger/ledger.pb.h"
#include "ledger/rate.h"
#include "reservations/reservation.h"

namespace purser {

// In order of keys, each once; none selects everything.
using LabelValues = google::protobuf::RepeatedPtrField<stored::LabelValue>;

// Labels of which each split is read once, for who looks at them with many selectors. They outlive
// it.
class ReadableLabels {
 public:
  explicit ReadableLabels(const Labels& labels);
  // For who looks with one selector: what it does not name is left out.
  ReadableLabels(const Labels& labels, const LabelValues& selector);

  // Whether any part of what has the labels is selected.
  bool IsSelectedBy(const LabelValues& selector) const;
  // As PartOf below.
  Amount PartOf(const LabelValues& selector, Amount cost) const;

 private:
  struct Label {
    std::string_view key;
    std::string_view value;
    bool is_split = false;
    std::vector<Weight> parts;  // none: it breaks the rule
  };
  const Label* Find(std::string_view key) const;
  void Add(const std::string& key, const std::string& value);

  std::vector<Label> labels_;
};

// Whether any part of what has the labels is selected.
bool Selects(const LabelValues& selector, const Labels& labels);

// The part of a cost of what has the labels: that of the group that a report by the selector's keys
// has for its values.
Amount PartOf(const LabelValues& selector, const Labels& labels, Amount cost);

}  // namespace purser

#endif  // PURSER_RESERVATIONS_LABEL_SELECTOR_H_
