#ifndef PURSER_API_MEDIA_TYPE_H_
#define PURSER_API_MEDIA_TYPE_H_

// In which forms a route takes and gives what it says, and which of them a request's Content-Type
// and Accept choose (RFC 9110, 8.3 and 12.5.1). Thread-safe: pure functions.
#include <optional>

#include "absl/status/status.h"
#include "api/http.h"
#include "api/routes.h"

namespace purser::api {

inline constexpr char kJsonType[] = "application/json";
inline constexpr char kProtobufType[] = "application/x-protobuf";
inline constexpr char kEventsType[] = "text/event-stream";
inline constexpr char kCsvType[] = "text/csv";
inline constexpr char kJsonLinesType[] = "application/x-ndjson";

enum class BodyForm { kJson, kProtobuf, kEvents, kCsv };

// Whether the route's bodies may be protobuf, both ways: those of reservations and batches.
bool TakesProtobuf(Action action);

// Whether its answers may be CSV.
bool GivesCsv(Action action);
// Whether what is JSON of other routes is a line of JSON for each of many here.
bool GivesJsonLines(Action action);

// By the Content-Type; JSON when there is none, as curl's users forget it.
BodyForm FormOfBody(const HttpRequest& request);
// UNSUPPORTED_MEDIA_TYPE for a body of a type that the route does not take. No body has no type.
absl::Status CheckContentType(const HttpRequest& request, Action action);

// The form that Accept likes best; JSON where it likes several as much, or says nothing. Text
// counts as JSON: that is what some pages are. nullopt: none of the route's.
std::optional<BodyForm> ChooseAnswerForm(const HttpRequest& request, Action action);
// What to say then.
absl::Status RefuseAccept(Action action);

}  // namespace purser::api

#endif  // PURSER_API_MEDIA_TYPE_H_
