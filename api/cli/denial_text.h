#ifndef PURSER_API_CLI_DENIAL_TEXT_H_
#define PURSER_API_CLI_DENIAL_TEXT_H_

// Why a request is not granted, when it would be and what would help, in lines that an operator
// understands without the manual. Thread-safe: pure functions.
#include <string>
#include <vector>

#include "api/v1/problem.pb.h"
#include "api/v1/reservation.pb.h"

namespace purser::cli {

// What blocks, as `blocked: frozen: f1: audit; until 2026-11-22T15:00:00Z`, the shortages, as
// `gpu_hours: asked 280, available 260, short by 20; the rollback reserve of 100 protects 20 of
// it`, and where the denial is explained what would help.
std::vector<std::string> DenialLines(const v1::Problem& denial);
// What `purser why` prints. `reservation`: the one that waits or is booked; nullptr: there is none.
std::string ExplanationText(const v1::Explanation& explanation,
                            const v1::Reservation* reservation = nullptr);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_DENIAL_TEXT_H_
