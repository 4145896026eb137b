#include "api/cli/output.h"

#include <cstdio>

namespace purser::cli {

void WriteOut(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void WriteComplaint(std::string_view text) {
  std::fprintf(stderr, "purser: %.*s\n", static_cast<int>(text.size()), text.data());
}

bool IsOutputLost() { return std::ferror(stdout) != 0; }

}  // namespace purser::cli
