#ifndef PURSER_LEDGER_DEFAULT_RESOURCES_H_
#define PURSER_LEDGER_DEFAULT_RESOURCES_H_

// The resources that a population made without any gets (ledger.md, section 1). Thread-safe.
#include <string_view>
#include <vector>

#include "ledger/ledger.pb.h"

namespace purser {

inline constexpr char kDefaultPopulation[] = "default";
inline constexpr int64_t kDefaultReservePercent = 25;
// Resources whose names have a meaning, in every population (daemon/decisions/0010, 0012).
inline constexpr std::string_view kStorageResource = "archive_storage";
inline constexpr std::string_view kSlotsResource = "active_models";  // a capacity
inline constexpr std::string_view kEvaluationResource = "evaluation_hours";
inline constexpr std::string_view kInferenceResource = "inference_cost";

std::vector<stored::ResourceSettings> DefaultResources();

}  // namespace purser

#endif  // PURSER_LEDGER_DEFAULT_RESOURCES_H_
