#ifndef PURSER_RESERVATIONS_COMMANDS_H_
#define PURSER_RESERVATIONS_COMMANDS_H_

// What may be asked of reservations and charges, as values. What needs no state (grammar of ids and
// labels, signs of amounts, ranges of leases, scopes) was checked before a command is made. Amounts
// are named by resource, each name once, in order of names.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ledger/amount.h"
#include "ledger/cost_category.h"
#include "ledger/rate.h"
#include "reservations/named_amounts.h"
#include "reservations/reservation.h"

namespace purser {

inline constexpr int64_t kLeaseDefaultUs = 3'600 * kSecondUs;
inline constexpr int64_t kLeaseMinUs = kSecondUs;
inline constexpr int64_t kLeaseMaxUs = 400 * kDayUs;
inline constexpr int64_t kQueueWaitDefaultUs = kDayUs;
inline constexpr int64_t kQueueWaitMinUs = kSecondUs;
inline constexpr int64_t kQueueWaitMaxUs = 90 * kDayUs;
// A grant before others that wait is taken to last so much longer, and is good for so long.
inline constexpr int64_t kPassingSlackUs = kSecondUs;
inline constexpr size_t kAtomicOperationsMax = 1'024;
inline constexpr size_t kBatchOperationsMax = 8'192;
inline constexpr size_t kBatchAllocationsMax = 32;  // each is looked up as a report is
// A reservation's record lists the entries that touched it, a charge's its refunds: both are
// bounded.
inline constexpr size_t kEntriesOfReservationMax = 10'000;
inline constexpr size_t kRefundsOfChargeMax = 1'000;
inline constexpr int64_t kQuoteValidUs = kDayUs;        // from the instant whose rates it names
inline constexpr int64_t kOutcomesMax = 4'294'967'295;  // of one kind, in one report

// What the configuration fixes for every population. Immutable.
struct ReservationPolicy {
  std::set<stored::Purpose> reserve_purposes = {stored::ROLLBACK, stored::DISASTER_RECOVERY};
  // Nobody is preempted before so long has passed since its start, or its grant while it has not
  // started.
  int64_t minimum_run_us = 60 * kSecondUs;

  bool MayDrawOnReserve(stored::Purpose purpose) const {
    return reserve_purposes.count(purpose) > 0;
  }
  // What a hold for the purpose may draw. The two accounts of one resource never exceed what an
  // amount holds together.
  Amount DrawableFrom(const Resource& resource, stored::Purpose purpose) const {
    const Amount reserve = MayDrawOnReserve(purpose) ? resource[stored::RESERVE] : Amount();
    return resource[stored::AVAILABLE] + reserve;
  }
};

// Who asks. `admin` may act on what others hold.
struct Caller {
  std::string principal;
  bool admin = false;
};

struct RequestReservation {
  std::string id;  // empty: the daemon chooses one
  stored::Purpose purpose = stored::PURPOSE_UNSPECIFIED;
  int tier = 2;
  int32_t priority = 0;
  NamedAmounts amounts;
  NamedAmounts minimum_amounts;
  Labels labels;
  int64_t lease_us = kLeaseDefaultUs;
  stored::OverrunPolicy overrun_policy = stored::EXTEND;
  // How long it waits when it is not granted at once, or cannot start in time; 0: not at all.
  int64_t queue_wait_us = 0;
  InstantUs start_at_us = 0;  // of an advance reservation; 0: it starts when it can
  // Of a tier that gives way (preemptibles.h): from the notice to the end; 0 of others.
  int64_t preemption_grace_us = 0;
  InstantUs quoted_at_us = 0;  // of a quote; 0: what is charged has the rates in force then
  // No part of what is asked: nobody who waits is delayed by it, as of this state. 0: not known.
  // Where it is explained: not 0 asks to find out.
  struct Passing {
    uint64_t sequence = 0;
    InstantUs at_us = 0;
  };
  Passing passing;
};
struct StartReservation {
  std::string id;
  std::optional<int64_t> lease_us;
};
struct RenewReservation {
  std::string id;
  int64_t lease_us = kLeaseDefaultUs;
};
struct ChargeReservation {
  std::string reservation;
  std::string id;  // of the charge; empty: the daemon chooses one
  NamedAmounts amounts;
  CostCategory category = stored::COST_CATEGORY_UNSPECIFIED;  // that of each resource
};
struct SettleReservation {
  std::string id;
  NamedAmounts amounts;
  bool charge_all = false;
  std::string charge_id;
  CostCategory category = stored::COST_CATEGORY_UNSPECIFIED;  // that of each resource
};
struct ReleaseReservation {
  std::string id;
};
// A charge without a reservation.
struct PostCharge {
  std::string id;
  NamedAmounts amounts;
  Labels labels;
  CostCategory category = stored::COST_CATEGORY_UNSPECIFIED;  // that of each resource
};
// A label that is split by what its values used of a resource, as far as it was charged with all of
// some labels, in a time.
struct Allocation {
  std::string label;
  std::string resource;
  Labels labels = {};
  std::string period = {};  // "2026-11"; empty: the two instants were said
  InstantUs from_us = 0;    // of the period once it was looked up
  InstantUs until_us = 0;
  uint64_t as_of = 0;  // up to this entry; 0: it was not said
  // No part of what is asked: up to this entry it was looked up, by the thread that sends it, and
  // the entry's labels have the weights. 0: not yet.
  uint64_t sequence = 0;
};
// Money that no resource measures, or a correction. USD.
struct EnterCost {
  std::string id;
  Amount amount;  // not 0; of an activity the product of the next two
  std::optional<Amount> count;
  std::optional<Rate> rate;
  CostCategory category = stored::COST_CATEGORY_UNSPECIFIED;  // always set
  Labels labels;
  std::string reason;
  std::string corrects;  // a charge or a cost entry; empty: none
  std::optional<Allocation> allocation = std::nullopt;
};
struct ReportOutcomes {
  std::string id;
  Labels labels;
  int64_t accepted = 0;  // 0 to kOutcomesMax each
  int64_t rejected = 0;
  int64_t escalated = 0;
};
struct RefundCharge {
  std::string charge;
  std::string id;
  NamedAmounts amounts;  // empty: all that is left
  std::string reason;
};

// What the disk knew of the ids a command names, read by the thread that sends it, when `sequence`
// was the newest durable entry of the population. Only what has ended is looked up: what is open is
// in memory.
struct Lookup {
  uint64_t sequence = 0;
  std::map<std::string, std::shared_ptr<const Reservation>, std::less<>> ended;
  std::map<std::string, std::shared_ptr<const stored::ChargeRecord>, std::less<>> charges;
  // The entries that denied an id which may be used again.
  std::map<std::string, std::vector<uint64_t>, std::less<>> denied_before;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_COMMANDS_H_
