#ifndef PURSER_API_CLI_EXPLANATION_TEXT_H_
#define PURSER_API_CLI_EXPLANATION_TEXT_H_

// What `purser why` prints. Thread-safe: pure functions.
#include <string>

#include "api/v1/reservation.pb.h"

namespace purser::cli {

std::string ExplanationText(const v1::Explanation& explanation);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_EXPLANATION_TEXT_H_
