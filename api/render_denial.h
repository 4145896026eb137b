#ifndef PURSER_API_RENDER_DENIAL_H_
#define PURSER_API_RENDER_DENIAL_H_

// Why a request is not granted, when it would be and what would help, as clients see it.
// Thread-safe: pure functions.
#include "api/v1/problem.pb.h"
#include "api/v1/reservation.pb.h"
#include "lifecycle/explanation.h"

namespace purser::api {

v1::Shortage RenderShortage(const Refusal::Shortage& shortage);
v1::Blocking RenderBlocking(const Refusal::Blocking& blocking);
v1::Explanation RenderExplanation(const Explained& explained);

}  // namespace purser::api

#endif  // PURSER_API_RENDER_DENIAL_H_
