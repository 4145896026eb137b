#ifndef PURSER_API_CLI_PROBLEM_TEXT_H_
#define PURSER_API_CLI_PROBLEM_TEXT_H_

// Why the daemon refused, in lines that an operator understands without the manual. Thread-safe:
// pure.
#include <string>

#include "api/v1/problem.pb.h"

namespace purser::cli {

// `refused: TITLE (409 reserve_protected)`, then a line, two spaces in, for the detail and for each
// fault, shortage and blocking. No newline at its end.
std::string ProblemText(const v1::Problem& problem);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_PROBLEM_TEXT_H_
