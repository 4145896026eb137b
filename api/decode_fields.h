#ifndef PURSER_API_DECODE_FIELDS_H_
#define PURSER_API_DECODE_FIELDS_H_

// What fields of several messages are made of, for the decoders (decode.h). Internal to them.
// Thread-safe: pure functions.
#include <string>
#include <string_view>

#include "api/v1/types.pb.h"
#include "google/protobuf/map.h"
#include "google/protobuf/timestamp.pb.h"
#include "ledger/refusal.h"
#include "ledger/text.h"
#include "reservations/commands.h"

namespace purser::api {

using AmountMap = google::protobuf::Map<std::string, v1::Amount>;
using LabelMap = google::protobuf::Map<std::string, std::string>;
enum class Zero { kRefused, kAllowed };
// Whether a label may have several values, by weights.
enum class LabelSplits { kRefused, kAllowed, kAllowedButOfFamily };

// A field of what is decoded. Its path is put together only for a fault: there is one a field and
// request, and nearly none is ever read.
struct Field {
  std::string_view path;  // of what it is in: "" or "operations[3].create."
  std::string_view name;

  void Refuse(std::string_view message, Faults* faults) const {
    faults->Add(stored::INVALID_ARGUMENT, Concat(path, name), std::string(message));
  }
  void Refuse(std::string_view key, std::string_view message, Faults* faults) const {
    faults->Add(stored::INVALID_ARGUMENT, Concat(path, name, ".", key), std::string(message));
  }
};

NamedAmounts DecodeAmounts(const AmountMap& amounts, Zero zero, const Field& field, Faults* faults);
// One at least, each above 0.
NamedAmounts DecodeSomeAmounts(const AmountMap& amounts, const Field& field, Faults* faults);
// In order of keys; splits as they are kept (label_split.h).
Labels DecodeLabels(const LabelMap& labels, LabelSplits splits, const Field& field, Faults* faults);
// Empty, or one of the grammar.
void CheckOptionalId(const std::string& id, const Field& field, Faults* faults);
void CheckPresentId(const std::string& id, const Field& field, Faults* faults);
// UNSPECIFIED where none is named.
CostCategory DecodeCategory(const std::string& name, std::string_view path, Faults* faults);
// 0 stands for none; 1970 is as long ago a moment later.
InstantUs DecodeInstant(const google::protobuf::Timestamp& time);

}  // namespace purser::api

#endif  // PURSER_API_DECODE_FIELDS_H_
