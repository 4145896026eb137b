#ifndef PURSER_API_CLI_PROBLEM_TEXT_H_
#define PURSER_API_CLI_PROBLEM_TEXT_H_

// Why the daemon refused, in lines that an operator understands without the manual. Thread-safe:
// pure.
#include <string>

#include "api/v1/problem.pb.h"

namespace purser::cli {

// `blocked: frozen: f1: audit; until 2026-11-22T15:00:00Z`
std::string BlockingText(const v1::Blocking& blocking);
// `gpu_hours: asked 280, available 260, short by 20; the rollback reserve of 100 protects 20 of it`
std::string ShortageText(const v1::Shortage& shortage);

// `refused: TITLE (409 reserve_protected)`, then a line, two spaces in, for the detail and for each
// fault, shortage and blocking. No newline at its end.
std::string ProblemText(const v1::Problem& problem);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_PROBLEM_TEXT_H_
