#ifndef PURSER_API_CLI_MODEL_FIELDS_H_
#define PURSER_API_CLI_MODEL_FIELDS_H_

// Fields of a model by their path ("id", "footprint.memory", "quality.ocr", "constraints"), as text
// of a cell and back. Thread-safe: pure functions.
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "api/v1/model.pb.h"
#include "ledger/amount.h"

namespace purser::cli {

// The categories of monthly_costs, by comma.
std::string KnownCategories();
bool IsCategory(std::string_view name);

// nullopt where the model has none.
std::optional<Amount> FindModelAmount(const v1::Model& model, std::string_view path);
// The category of a path in monthly_costs exists.
void SetModelAmount(std::string_view path, Amount amount, v1::Model* model);

// Of what is no amount; `separator` stands between several. "" where the model has none.
// InvalidArgument when one of several has the separator in it.
absl::StatusOr<std::string> ModelFieldText(const v1::Model& model, std::string_view path,
                                           std::string_view separator);
// The fault of the text, or nullopt.
std::optional<std::string> SetModelField(std::string_view path, const std::string& text,
                                         std::string_view separator, v1::Model* model);

// amount × scale, what is beyond the millionth rounded up; nullopt when it does not fit. scale > 0.
std::optional<Amount> ScaleRoundedUp(Amount amount, Amount scale);
// The one that scaled is exactly `amount`; nullopt when there is none, or it does not fit.
std::optional<Amount> Unscale(Amount amount, Amount scale);

// nullopt, or why it is no state of a model.
std::optional<std::string> CheckState(const std::string& text);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_MODEL_FIELDS_H_
