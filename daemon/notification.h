#ifndef PURSER_DAEMON_NOTIFICATION_H_
#define PURSER_DAEMON_NOTIFICATION_H_

// Something that happens once, and one thread that waits for it. A semaphore may go as soon as a
// wait on it has ended (POSIX, sem_destroy; glibc since 2.21, its bug 12674), which a mutex with a
// condition may not without making whoever is woken queue for the lock that the notifier still
// holds; so it can stand on the waiter's stack. Thread-safe.
#include <semaphore.h>

#include <cerrno>

#include "ledger/check.h"

namespace purser {

class Notification {
 public:
  Notification() { PURSER_CHECK(sem_init(&semaphore_, 0, 0) == 0, "a semaphore can be made"); }
  ~Notification() { sem_destroy(&semaphore_); }
  Notification(const Notification&) = delete;
  Notification& operator=(const Notification&) = delete;

  // Once, or whoever waited may be gone. What was written before is seen by whoever waited.
  void Notify() { PURSER_CHECK(sem_post(&semaphore_) == 0, "a semaphore can be posted"); }
  void Wait() {
    while (sem_wait(&semaphore_) != 0) PURSER_CHECK(errno == EINTR, "a semaphore can be waited on");
  }

 private:
  sem_t semaphore_;
};

}  // namespace purser

#endif  // PURSER_DAEMON_NOTIFICATION_H_
