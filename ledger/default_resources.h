#ifndef PURSER_LEDGER_DEFAULT_RESOURCES_H_
#define PURSER_LEDGER_DEFAULT_RESOURCES_H_

// The resources that a population made without any gets (ledger.md, section 1). Thread-safe.
#include <vector>

#include "ledger/ledger.pb.h"

namespace purser {

inline constexpr char kDefaultPopulation[] = "default";
inline constexpr int64_t kDefaultReservePercent = 25;

std::vector<stored::ResourceSettings> DefaultResources();

}  // namespace purser

#endif  // PURSER_LEDGER_DEFAULT_RESOURCES_H_
