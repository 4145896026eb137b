#ifndef PURSER_API_RENDER_PERIOD_H_
#define PURSER_API_RENDER_PERIOD_H_

// Calendar months as clients see them. Thread-safe: pure functions.
#include "api/controller.h"
#include "api/v1/period.pb.h"

namespace purser::api {

v1::PeriodClosing RenderClosing(const stored::PeriodClosed& closed);
// Of one that was closed.
v1::Period RenderPeriod(const stored::PeriodClosed& closed);
v1::Period RenderPeriod(const PeriodRead& period);

}  // namespace purser::api

#endif  // PURSER_API_RENDER_PERIOD_H_
