#ifndef PURSER_API_HTTP_SERVER_DEADLINE_H_
#define PURSER_API_HTTP_SERVER_DEADLINE_H_

// Deadlines for whole bodies. CivetWeb's own time-out starts anew with every byte, so a body
// dripped in could hold a thread for days; here one thread looks at all bodies that are being read
// and ends the reading of those that are late.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <thread>

#include "api/http_server_sockets.h"

namespace purser::api {

// Thread-safe.
class HttpDeadlines {
 public:
  // A deadline of about `deadline_ms` is kept to within an eighth of that.
  explicit HttpDeadlines(int deadline_ms);
  ~HttpDeadlines();
  HttpDeadlines(const HttpDeadlines&) = delete;
  HttpDeadlines& operator=(const HttpDeadlines&) = delete;

  // While it lives, the connection must stay open; after `limit_ms` its reading side is ended.
  class Watch {
   public:
    Watch(HttpDeadlines* deadlines, const HttpConnectionKey& connection, int limit_ms);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    bool fired() const;
    int64_t elapsed_ms() const;

   private:
    friend class HttpDeadlines;
    HttpDeadlines* const deadlines_;
    const HttpConnectionKey connection_;
    const std::chrono::steady_clock::time_point start_;
    const std::chrono::steady_clock::time_point end_;
    bool fired_ = false;  // guarded by deadlines_->mutex_
    std::list<Watch*>::iterator place_;
  };

 private:
  void Run();
  void EndLate();

  const std::chrono::milliseconds tick_;
  mutable std::mutex mutex_;
  std::condition_variable stopping_changed_;
  bool stopping_ = false;      // guarded by mutex_
  std::list<Watch*> watches_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace purser::api

#endif  // PURSER_API_HTTP_SERVER_DEADLINE_H_
