#ifndef PURSER_API_EMBEDDED_H_
#define PURSER_API_EMBEDDED_H_

// Files that the binary carries; embedded.S.in puts them there. Constant; thread-safe.
#include <string_view>

namespace purser::api {

// A FileDescriptorSet of api/v1 with its comments, which the generated classes leave out.
std::string_view EmbeddedDescriptors();
// api/examples.http.
std::string_view EmbeddedExamples();

}  // namespace purser::api

#endif  // PURSER_API_EMBEDDED_H_
