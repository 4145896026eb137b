#include "api/embedded.h"

// As the assembler names them. NOLINTBEGIN(readability-identifier-naming)
extern "C" {
extern const char purser_embedded_descriptors[];
extern const char purser_embedded_descriptors_end[];
extern const char purser_embedded_examples[];
extern const char purser_embedded_examples_end[];
}
// NOLINTEND(readability-identifier-naming)

namespace purser::api {
namespace {

std::string_view Between(const char* begin, const char* end) {
  return {begin, static_cast<size_t>(end - begin)};
}

}  // namespace

std::string_view EmbeddedDescriptors() {
  return Between(purser_embedded_descriptors, purser_embedded_descriptors_end);
}

std::string_view EmbeddedExamples() {
  return Between(purser_embedded_examples, purser_embedded_examples_end);
}

}  // namespace purser::api
