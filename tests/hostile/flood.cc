#include "tests/hostile/flood.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "ledger/check.h"

namespace purser {

uint64_t RaiseOwnFilesLimit() {
  rlimit limit{};
  PURSER_CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0, "a process may ask for its limits");
  limit.rlim_cur = limit.rlim_max;
  PURSER_CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0, "a process may raise its own limit");
  return limit.rlim_max;
}

void IdleFlood::Begin(int count) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockets_.reserve(sockets_.size() + static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    PURSER_CHECK(socket >= 0, "the limit of files was checked");
    sockets_.push_back(socket);
    // It goes on by itself.
    static_cast<void>(connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)));
  }
}

int IdleFlood::CountOpen() const {
  // Connected: it could be written. Ended by the other side: it could also be read.
  return static_cast<int>(std::count_if(sockets_.begin(), sockets_.end(), [](int socket) {
    pollfd state{socket, POLLIN | POLLOUT, 0};
    return poll(&state, 1, 0) > 0 && state.revents == POLLOUT;
  }));
}

void IdleFlood::End() {
  for (const int socket : sockets_) close(socket);
  sockets_.clear();
}

}  // namespace purser
