#ifndef PURSER_API_OPENAPI_OPERATIONS_MODELS_H_
#define PURSER_API_OPENAPI_OPERATIONS_MODELS_H_

// The part of openapi_operations.h that is about models and proposals. Thread-safe: pure functions.
#include <vector>

#include "api/openapi_operations.h"

namespace purser::api {

inline constexpr char kModelsTag[] = "models";
inline constexpr char kProposalsTag[] = "proposals";

std::vector<Operation> ModelOperations();
std::vector<Operation> ProposalOperations();

}  // namespace purser::api

#endif  // PURSER_API_OPENAPI_OPERATIONS_MODELS_H_
