#ifndef PURSER_API_HTTP_SERVER_ANSWER_H_
#define PURSER_API_HTTP_SERVER_ANSWER_H_

// Answers as bytes, and the problem documents that the server itself gives. Thread-safe: pure
// functions.
#include <string>
#include <string_view>

#include "api/http.h"
#include "api/http_server_framing.h"

namespace purser::api {

// The whole answer, for one write. The body of an answer to HEAD, and of 1xx, 204 and 304, stays
// out. Control characters in header values become '?', so that no value can end its line.
std::string SerializeAnswer(const HttpResponse& response, std::string_view method, bool keep_alive);

// The head of an answer whose body is a stream: chunked, or for HTTP/1.0 up to the end of the
// connection, which ends with it.
std::string SerializeStreamHead(const HttpResponse& response, bool chunked);

// An application/problem+json document, with the connection to be closed. `request_id` goes into
// the body and into X-Request-Id.
HttpResponse RefusalAnswer(const HttpRefusal& refusal, std::string_view request_id);

// Printable ASCII, 1 to 128 characters.
bool IsRequestId(std::string_view text);

}  // namespace purser::api

#endif  // PURSER_API_HTTP_SERVER_ANSWER_H_
