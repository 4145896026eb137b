// Requests that wait: for a change of one reservation, and for whatever comes in the journal.
#include <algorithm>
#include <charconv>
#include <chrono>

#include "api/json_scalar.h"
#include "api/problems.h"
#include "api/render.h"
#include "api/service.h"
#include "api/watch.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// A longer wait is cut to this, like a larger page: the caller asks again. It bounds how long a
// client that died without a word holds a thread.
constexpr int64_t kWaitMaxUs = 60 * kSecondUs;

bool ReadNumber(std::string_view text, uint64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

struct WaitRequest {
  int64_t wait_us = 0;
  uint64_t generation = 0;
};

absl::StatusOr<WaitRequest> ReadWait(const RequestContext& context) {
  WaitRequest request;
  Faults faults;
  const auto wait = context.query.find("wait");
  const auto generation = context.query.find("generation");
  if (wait == context.query.end()) {
    faults.Add(stored::INVALID_ARGUMENT, "?wait", "is required with generation");
  } else {
    const auto wait_us = ParseDurationMicros(wait->second);
    if (wait_us.ok() && *wait_us >= 0) request.wait_us = std::min(*wait_us, kWaitMaxUs);
    if (!wait_us.ok() || *wait_us < 0) {
      faults.Add(stored::INVALID_ARGUMENT, "?wait", "a duration such as \"30s\"");
    }
  }
  if (generation == context.query.end()) {
    faults.Add(stored::INVALID_ARGUMENT, "?generation",
               "is required with wait: the one that was seen last");
  } else if (!ReadNumber(generation->second, &request.generation)) {
    faults.Add(stored::INVALID_ARGUMENT, "?generation", "a number, as in the reservation");
  }
  if (context.query.count("as_of") > 0) {
    faults.Add(stored::INVALID_ARGUMENT, "?as_of", "the past does not change: leave out wait");
  }
  if (!faults.empty()) return faults.ToStatus();
  return request;
}

absl::Status NoSeat(const WaitingRoom& room) {
  return Refuse(stored::OVERLOADED,
                Concat("half of the threads, ", room.seats_max(), ", wait for news already"));
}

// Ready to answer: the reservation is another, or is not there.
bool HasChanged(const ReservationRead& read, uint64_t generation) {
  return !read.reservation.has_value() || read.reservation->generation != generation;
}

}  // namespace

// The listener is made before the look that decides to wait, so that no change comes between.
HttpResponse Service::AwaitReservation(const HttpRequest& request, const RequestContext& context,
                                       const View& view) {
  const auto wait = ReadWait(context);
  if (!wait.ok()) return Problem(context, wait.status());
  const SteadyTime until =
      std::chrono::steady_clock::now() + std::chrono::microseconds(wait->wait_us);
  auto read = controller_->FindReservation(view, context.id(), AsOf());
  if (!read.ok()) return Problem(context, read.status());
  if (HasChanged(*read, wait->generation) || wait->wait_us == 0) {
    return AnswerReservation(context, *read);
  }
  WaitingRoom& room = RoomOf(request);
  const auto seat = room.Enter(WaitingKind::kWaiter);
  if (seat == nullptr) return Problem(context, NoSeat(room));
  Bulletin::Listener listener(&controller_->bulletin(), context.population(), context.id());
  Heard heard = Heard::kNews;
  while (heard == Heard::kNews) {
    read = controller_->FindReservation(view, context.id(), AsOf());
    if (!read.ok()) return Problem(context, read.status());
    if (HasChanged(*read, wait->generation)) return AnswerReservation(context, *read);
    heard = listener.Wait(until);
  }
  HttpResponse response = AnswerReservation(context, *read);
  response.close_connection = heard == Heard::kClosed;
  return response;
}

absl::StatusOr<uint64_t> Service::ReadAfter(const HttpRequest& request,
                                            const RequestContext& context, const View& view) const {
  // A browser comes again with the URL that it began with and the id that it saw last: the header
  // is the newer of the two.
  const std::string* const last = request.FindHeader("Last-Event-ID");
  const auto it = context.query.find("after");
  uint64_t after = view->sequence;
  Faults faults;
  if (it != context.query.end() && !ReadNumber(it->second, &after)) {
    faults.Add(stored::INVALID_ARGUMENT, "?after", "the sequence of a journal entry, or 0");
  }
  if (last != nullptr && !ReadNumber(*last, &after)) {
    faults.Add(stored::INVALID_ARGUMENT, "Last-Event-ID", "the id of an event of this journal");
  }
  if (!faults.empty()) return faults.ToStatus();
  if (after > view->sequence) {
    return RefuseField(stored::INVALID_ARGUMENT, last != nullptr ? "Last-Event-ID" : "?after",
                       Concat("no such entry yet: the newest is ", view->sequence));
  }
  return after;
}

HttpResponse Service::StartWatch(const HttpRequest& request, const RequestContext& context,
                                 const View& view) {
  const auto after = ReadAfter(request, context, view);
  if (!after.ok()) return Problem(context, after.status());
  const uint64_t behind = view->sequence - *after;
  if (behind > options_.watch_behind_max) {
    const uint64_t oldest = view->sequence - options_.watch_behind_max + 1;
    v1::Problem problem =
        MakeProblem(RefusalOf(Refuse(stored::TOO_FAR_BACK,
                                     Concat("a watch begins at most ", options_.watch_behind_max,
                                            " entries behind the newest: at ", oldest))),
                    context.request_id);
    problem.set_oldest_sequence(oldest);
    return ProblemResponse(problem);
  }
  HttpResponse response;
  response.content_type = kEventsType;
  response.headers.emplace_back("Cache-Control", "no-store");
  SetSequence(view->sequence, &response);
  if (request.method == "HEAD") {
    response.stream = std::make_shared<const HttpStream>(
        HttpStream{[](std::string*) { return false; }, [](HttpStreamEnd) {}});
    return response;
  }
  WaitingRoom& room = RoomOf(request);
  auto seat = room.Enter(WaitingKind::kWatcher);
  if (seat == nullptr) return Problem(context, NoSeat(room));
  // It may fall as far behind as it could have begun, besides what it begins with.
  const auto watch = std::make_shared<Watch>(
      controller_,
      WatchOptions{context.population(), *after, options_.watch_behind_max + behind,
                   options_.heartbeat_ms},
      std::move(seat));
  response.stream = std::make_shared<const HttpStream>(HttpStream{
      [watch](std::string* piece) { return watch->Next(piece); },
      [this, watch, id = context.request_id](HttpStreamEnd end) { EndWatch(*watch, end, id); }});
  return response;
}

void Service::EndWatch(const Watch& watch, HttpStreamEnd end, const std::string& request_id) {
  const bool slow = end == HttpStreamEnd::kTooSlow || watch.too_far_behind();
  if (slow) slow_watchers_.fetch_add(1, std::memory_order_relaxed);
  const std::string_view why = slow ? "too_slow" : end == HttpStreamEnd::kGone ? "gone" : "whole";
  options_.log(Concat("event=watch_ended why=", why, " position=", watch.position(),
                      " request_id=", request_id));
}

std::string Service::WaitingMetrics() const {
  const auto metric = [](std::string_view name, std::string_view type, std::string_view help,
                         unsigned long long value) {
    return Concat("# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n", name, " ", value,
                  "\n");
  };
  const auto count = [](int of_all, int of_admin) {
    return static_cast<unsigned long long>(of_all) + static_cast<unsigned long long>(of_admin);
  };
  return metric("purser_watchers", "gauge", "Clients that follow a journal.",
                count(room_.watchers(), admin_room_.watchers())) +
         metric("purser_waiters", "gauge", "Requests that wait for a reservation to change.",
                count(room_.waiters(), admin_room_.waiters())) +
         metric("purser_waiting_limit", "gauge", "The most of both together.",
                count(room_.seats_max(), admin_room_.seats_max())) +
         metric("purser_slow_watchers_total", "counter",
                "Watchers ended because they took nothing, or fell too far behind.",
                slow_watchers_.load(std::memory_order_relaxed));
}

}  // namespace purser::api
