#ifndef PURSER_API_HTTP_SERVER_STACK_H_
#define PURSER_API_HTTP_SERVER_STACK_H_

// CivetWeb asks for 100 KiB of stack for each of its threads. http_server_stack.cc answers its call
// of pthread_attr_setstacksize in the C library's place, and asks for at least
// kWorkerStackBytesMin.
#include <cstddef>

namespace purser::api {

inline constexpr size_t kWorkerStackBytesMin = 1024 * 1024;

// Does nothing; who calls it has that file linked in.
void LinkWorkerStacks();

}  // namespace purser::api

#endif  // PURSER_API_HTTP_SERVER_STACK_H_
