#include "tests/crash/client_book.h"

#include <vector>

#include "ledger/text.h"

namespace purser {
namespace {

constexpr size_t kOpenMax = 8;  // reservations a client keeps open

}  // namespace

std::string MillionthsText(int64_t millionths) {
  std::string fraction = Concat(1'000'000 + millionths % 1'000'000).substr(1);
  return Concat(millionths / 1'000'000, ".", fraction);
}

PendingCall ClientBook::Create() {
  PendingCall call;
  call.reservation = Concat("c", number_, "-", next_id_++);
  call.amount = 1 + static_cast<int64_t>(random_() % static_cast<uint64_t>(amount_max_));
  call.path = kCrashReservations;
  call.body =
      Concat("{\"id\":\"", call.reservation,
             "\",\"purpose\":\"TRAINING\",\"lease\":\"86400s\",\"amounts\":{\"gpu_hours\":\"",
             MillionthsText(call.amount), "\"},\"labels\":{\"operator_family\":\"f", number_,
             "\",\"capability\":\"load\"}}");
  return call;
}

PendingCall ClientBook::Choose() {
  std::vector<std::string> open;
  for (const auto& [id, reservation] : reservations_) {
    if (reservation.granted && !reservation.ended) open.push_back(id);
  }
  if (open.empty() || (open.size() < kOpenMax && random_() % 2 == 0)) return Create();
  PendingCall call;
  call.reservation = open[random_() % open.size()];
  const BookedReservation& reservation = reservations_[call.reservation];
  const std::string path = Concat(kCrashReservations, "/", call.reservation);
  const std::string charge_id = Concat("k-", call.reservation, "-", reservation.charges);
  // Never more than was asked: what was granted is enough for everything that is charged.
  const int64_t left = reservation.asked - reservation.charged;
  call.amount = left > 1 ? 1 + static_cast<int64_t>(random_() % static_cast<uint64_t>(left)) : 0;
  const std::string amounts =
      Concat("\"amounts\":{\"gpu_hours\":\"", MillionthsText(call.amount), "\"}");
  switch (call.amount == 0 ? 3 : random_() % 4) {
    case 0:
    case 1:
      call.kind = PendingCall::Kind::kCharge;
      call.path = path + ":charge";
      call.body = Concat("{\"id\":\"", charge_id, "\",", amounts, "}");
      break;
    case 2:
      call.kind = PendingCall::Kind::kSettle;
      call.path = path + ":settle";
      call.body = Concat("{\"charge_id\":\"", charge_id, "\",", amounts, "}");
      break;
    default:
      call.kind = PendingCall::Kind::kRelease;
      call.path = path + ":release";
      call.body = "{}";
  }
  return call;
}

void ClientBook::EnterCharge(const PendingCall& call, BookedReservation* reservation) {
  reservation->charged += call.amount;
  ++reservation->charges;
}

bool ClientBook::Enter(const PendingCall& call, const RestAnswer& answer) {
  // Nothing was answered, or the daemon cannot say: the call has to be sent again.
  if (answer.status == 0 || answer.status == 503) return false;
  BookedReservation& reservation = reservations_[call.reservation];
  ++acknowledged_;
  switch (call.kind) {
    case PendingCall::Kind::kCreate:
      reservation.asked = call.amount;
      reservation.granted = answer.status == 201;
      reservation.denied = answer.status == 409;
      if (reservation.granted || reservation.denied) return true;
      break;
    case PendingCall::Kind::kCharge:
      EnterCharge(call, &reservation);
      if (answer.status == 201) return true;
      break;
    case PendingCall::Kind::kSettle:
      EnterCharge(call, &reservation);
      reservation.ended = true;
      reservation.settled = true;
      if (answer.status == 200) return true;
      break;
    case PendingCall::Kind::kRelease:
      reservation.ended = true;
      // It has no id: sent again, it may find its own effect.
      if (answer.status == 200 || answer.code() == "already_released") return true;
      break;
  }
  complaint_ +=
      Concat(call.path, " ", call.body, " was answered ", answer.status, " ", answer.body, "\n");
  return true;
}

void ClientBook::Play(int port, std::atomic<uint64_t>* answers) {
  RestClient client(port);
  while (true) {
    pending_ = Choose();
    is_pending_ = true;
    const RestAnswer answer = client.Post(pending_.path, pending_.body);
    ended_by_ = answer.status == 0 ? "" : answer.code();
    if (!Enter(pending_, answer)) break;
    is_pending_ = false;
    answers->fetch_add(1);
    answers->notify_one();
  }
  // Whoever waits for answers waits no longer: none will come.
  answers->fetch_add(uint64_t{1} << 32);
  answers->notify_one();
}

bool ClientBook::Resend(RestClient* client) {
  if (!is_pending_) return true;
  is_pending_ = false;
  const RestAnswer first = client->Post(pending_.path, pending_.body);
  if (!Enter(pending_, first)) return false;
  if (pending_.kind == PendingCall::Kind::kRelease) return true;
  const RestAnswer second = client->Post(pending_.path, pending_.body);
  return second.status == first.status && second.body == first.body &&
         second.Header("Idempotency-Replayed") == "true";
}

}  // namespace purser
