#ifndef PURSER_TESTS_SMALL_WORLD_LETTER_H_
#define PURSER_TESTS_SMALL_WORLD_LETTER_H_

// The alphabet of the small world: every command that may stand at any place of a sequence, for the
// product and for the reference model at once.
//
// Two resources: `c`, a consumable by the month, and `k`, a capacity; amounts 1 and 2; two
// reservations of the family `fa`; charges without a reservation are of the family `fb`. Where
// requests wait there are three of them, fewer ways to charge, and leases that give way, bookings
// and priorities. In the world of models `k` and `active_models`, three models and two proposals.
// Values; thread-compatible.
#include <string>
#include <vector>

#include "lifecycle/command.h"
#include "tests/model/action.h"

namespace purser::small {

inline constexpr char kPopulation[] = "small";
// Ten minutes before a month ends: a hold of 15 minutes outlives the period, one of 5 does not.
inline constexpr InstantUs kBoundaryUs = 1'769'904'000 * kSecondUs;  // 2026-02-01T00:00:00Z
inline constexpr InstantUs kSecondBoundaryUs = kBoundaryUs + 28 * kDayUs;
inline constexpr InstantUs kThirdBoundaryUs = kSecondBoundaryUs + 31 * kDayUs;
inline constexpr InstantUs kStartUs = kBoundaryUs - 600 * kSecondUs;
inline constexpr int64_t kLeaseUs = 900 * kSecondUs;
inline constexpr int64_t kRenewedLeaseUs = 300 * kSecondUs;
// Where requests wait, what leases are, how long requests wait, how long those that give way are
// left, and when what is booked starts: everything ends before the month does.
inline constexpr int64_t kShortLeaseUs = 120 * kSecondUs;
inline constexpr int64_t kQueueWaitUs = 240 * kSecondUs;
inline constexpr int64_t kGraceUs = 30 * kSecondUs;
inline constexpr InstantUs kBookedStartUs = kStartUs + 180 * kSecondUs;

// What differs between the small worlds that are searched.
struct Rules {
  bool carries_all = false;  // what is available of `c` at the end of a period
  bool stops = false;        // overrun policy STOP rather than EXTEND
  bool waits = false;        // requests wait for what they lack
  bool models = false;       // models, and what is proposed of them, beside a few requests

  int reservations_max() const { return models ? 1 : waits ? 3 : 2; }
  // How often time may move on to what is due next.
  int ticks_max() const { return waits || models ? 3 : 1; }
};

enum class Kind {
  kCommand,
  kRequest,
  kCharge,
  kRepeatedCharge,
  kRefundFirst,
  kRefundLast,
  kRollover,
  kTick,
  kApproval  // of the oldest activation of the model that waits for one
};

struct Letter {
  std::string text;
  Kind kind = Kind::kCommand;
  Command command;       // ids of requests, charges and refunds are set by Bind
  model::Action action;  // the same for the model
  // Nobody without reserve:spend or admin could send it.
  bool by_operator = false;
};

// The commands that make the two resources; the population has to exist.
std::vector<Letter> MakeOpening(const Rules& rules);
std::vector<Letter> MakeAlphabet(const Rules& rules);
// Of the world of models; letter_models.cc.
std::vector<Letter> MakeOpeningOfModels();
std::vector<Letter> MakeAlphabetOfModels();

// Fills in the ids that depend on where the letter stands: the reservation that is asked for, the
// charge that it makes, the charge that is refunded ("" : none was made, and "none" is not found).
void BindRequest(int reservation, Letter* letter);
void BindCharge(const std::string& id, Letter* letter);
void BindRefund(int step, const std::string& charge, Letter* letter);

std::string ReservationId(int reservation);

}  // namespace purser::small

#endif  // PURSER_TESTS_SMALL_WORLD_LETTER_H_
