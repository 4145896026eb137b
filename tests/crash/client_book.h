#ifndef PURSER_TESTS_CRASH_CLIENT_BOOK_H_
#define PURSER_TESTS_CRASH_CLIENT_BOOK_H_

// A client that writes down what it is about to send before it sends it, and what it was answered;
// in the manner of RocksDB's expected state. It knows nothing of the daemon but its answers.
#include <atomic>
#include <cstdint>
#include <map>
#include <random>
#include <string>

#include "tests/end_to_end/rest_client.h"

namespace purser {

inline const std::string kCrashReservations = "/v1/populations/default/reservations";

// What the client knows of one reservation: millionths, and the calls in the order of sending.
struct BookedReservation {
  int64_t asked = 0;
  int64_t charged = 0;  // by calls that were acknowledged
  bool granted = false;
  bool denied = false;
  bool ended = false;
  bool settled = false;
  int charges = 0;  // how many were acknowledged
};

// One call of which no answer came.
struct PendingCall {
  std::string path;
  std::string body;
  std::string reservation;
  enum class Kind { kCreate, kCharge, kSettle, kRelease } kind = Kind::kCreate;
  int64_t amount = 0;
};

// Thread-compatible: one thread plays a client, then, when all are joined, the test reads it.
class ClientBook {
 public:
  // Asks for up to `amount_max` millionths at once.
  ClientBook(int number, uint64_t seed, int64_t amount_max)
      : number_(number), amount_max_(amount_max), random_(seed) {}

  // Sends one random call after another until the daemon stops answering; counts the answers.
  void Play(int port, std::atomic<uint64_t>* answers);
  // The code of the answer that ended Play, "" when none came.
  const std::string& ended_by() const { return ended_by_; }
  // Sends what got no answer again, twice; false when the two answers differ or are no answers.
  bool Resend(RestClient* client);

  const std::map<std::string, BookedReservation>& reservations() const { return reservations_; }
  int acknowledged() const { return acknowledged_; }
  // What went wrong, for a person; "" while nothing did.
  const std::string& complaint() const { return complaint_; }

 private:
  PendingCall Choose();
  PendingCall Create();
  // Writes an answer into the book. False when the call has to be sent again.
  bool Enter(const PendingCall& call, const RestAnswer& answer);
  void EnterCharge(const PendingCall& call, BookedReservation* reservation);

  int number_;
  int64_t amount_max_;
  std::mt19937_64 random_;
  int next_id_ = 0;
  int acknowledged_ = 0;
  std::map<std::string, BookedReservation> reservations_;
  bool is_pending_ = false;
  PendingCall pending_;
  std::string complaint_;
  std::string ended_by_;
};

// 1234567 -> "1.234567"
std::string MillionthsText(int64_t millionths);

}  // namespace purser

#endif  // PURSER_TESTS_CRASH_CLIENT_BOOK_H_
