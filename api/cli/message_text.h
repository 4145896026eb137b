#ifndef PURSER_API_CLI_MESSAGE_TEXT_H_
#define PURSER_API_CLI_MESSAGE_TEXT_H_

// The values of the API's messages as an operator reads them. Thread-safe: pure functions.
#include <map>
#include <string>

#include "api/v1/types.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/map.h"
#include "google/protobuf/timestamp.pb.h"
#include "ledger/amount.h"

namespace purser::cli {

using AmountMap = google::protobuf::Map<std::string, v1::Amount>;
using TextMap = google::protobuf::Map<std::string, std::string>;

// Into a body that is sent.
void SetAmounts(const std::map<std::string, Amount>& from, AmountMap* to);

// As the daemon sends it: exact, without trailing zeros.
std::string AmountText(const v1::Amount& amount);
// The amount of `name`; "-" when the map has none.
std::string AmountTextOf(const AmountMap& amounts, const std::string& name);
// `gpu_hours=40 risk_capacity=2`, in order of the names; "-" for none.
std::string AmountsText(const AmountMap& amounts);
// `capability=ocr team=docs`, in order of the keys; "-" for none.
std::string LabelsText(const TextMap& labels);
// RFC 3339, UTC.
std::string TimeText(const google::protobuf::Timestamp& time);
// `3600s`
std::string DurationText(const google::protobuf::Duration& duration);
// `text`, or "-" when it is empty.
std::string TextOrDash(const std::string& text);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_MESSAGE_TEXT_H_
