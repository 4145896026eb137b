#include "api/http_server_stack.h"

#include <dlfcn.h>
#include <pthread.h>

#include <algorithm>
#include <cerrno>

namespace {

// The C library takes thread-local storage from the stack; TSan's alone is 785 KB.
constexpr size_t kThreadLocalBytes = 1024 * 1024;

}  // namespace

// For the whole process: a stack is address space until it is used, so the other libraries' threads
// only gain. Smaller wishes are raised, larger ones kept.
extern "C" int pthread_attr_setstacksize(pthread_attr_t* attributes, size_t bytes) noexcept {
  using Function = int (*)(pthread_attr_t*, size_t);
  static const auto next =
      reinterpret_cast<Function>(dlsym(RTLD_NEXT, "pthread_attr_setstacksize"));
  if (next == nullptr) return EINVAL;
  return next(attributes, std::max(bytes, purser::api::kWorkerStackBytesMin + kThreadLocalBytes));
}

namespace purser::api {

void LinkWorkerStacks() {}

}  // namespace purser::api
