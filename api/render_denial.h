#ifndef PURSER_API_RENDER_DENIAL_H_
#define PURSER_API_RENDER_DENIAL_H_

// Why a request is not granted, when it would be and what would help, as clients see it.
// Thread-safe: pure functions.
#include <string>
#include <vector>

#include "api/v1/problem.pb.h"
#include "api/v1/reservation.pb.h"
#include "lifecycle/explanation.h"

namespace purser::api {

// What a request waits for, each thing in a line.
std::vector<std::string> QueueReasons(const Refusal& refusal);
// Why the time that was told at first is another now: what it rested on and does not any more, and
// what it rests on now. Empty: it is the same.
std::vector<std::string> EstimateMoves(const stored::Explanation& first,
                                       const stored::Explanation& now);
v1::Explanation RenderExplanation(const Explained& explained);
// The numbers of a denial, and its explanation where the refusal has one.
void RenderDenial(const Refusal& refusal, v1::Problem* out);

}  // namespace purser::api

#endif  // PURSER_API_RENDER_DENIAL_H_
