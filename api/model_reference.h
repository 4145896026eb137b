#ifndef PURSER_API_MODEL_REFERENCE_H_
#define PURSER_API_MODEL_REFERENCE_H_

// Ids of models where they are named, and not chosen: a client's, or one that the daemon made
// ("_" and a number). Pure; thread-safe.
#include <string_view>

#include "ledger/names.h"

namespace purser::api {

inline bool NamesModel(std::string_view id) {
  if (id.empty() || id.front() != '_') return IsId(id);
  return IsId(id.substr(1)) && id.find_first_not_of("0123456789", 1) == id.npos;
}

}  // namespace purser::api

#endif  // PURSER_API_MODEL_REFERENCE_H_
