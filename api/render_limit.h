#ifndef PURSER_API_RENDER_LIMIT_H_
#define PURSER_API_RENDER_LIMIT_H_

// A limit as clients see it, with what is used of it. Thread-safe: pure functions.
#include "api/controller.h"
#include "api/v1/limit.pb.h"

namespace purser::api {

// Without what is used.
v1::Limit RenderLimit(const stored::Limit& limit);
// Of a limit of the view, at `now_us`.
void AddUsed(const PopulationView& view, const stored::Limit& limit, InstantUs now_us,
             v1::Limit* out);

}  // namespace purser::api

#endif  // PURSER_API_RENDER_LIMIT_H_
