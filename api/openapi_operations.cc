#include "api/openapi_operations.h"

#include <algorithm>
#include <string_view>

#include "api/openapi_operations_costs.h"
#include "api/openapi_operations_models.h"
#include "api/v1/demand.pb.h"
#include "api/v1/journal.pb.h"
#include "api/v1/limit.pb.h"
#include "api/v1/population.pb.h"
#include "api/v1/rate_card.pb.h"
#include "api/v1/reservation.pb.h"
#include "ledger/check.h"

namespace purser::api {
namespace {

using stored::ALREADY_STARTED;
using stored::BATCH_MEMBER_FAILED;
using stored::BATCH_TOO_LARGE;
using stored::ID_CONFLICT;
using stored::INSUFFICIENT_CAPACITY;
using stored::LIMIT_OF_THE_DAEMON;
using stored::NOT_FOUND;
using stored::OVERRUN_STOP;
using stored::RESERVE_PROTECTED;
using stored::RESOURCE_IN_USE;
using stored::TOO_FAR_BACK;
using stored::UNKNOWN_RESOURCE;

constexpr char kPopulations[] = "populations";
constexpr char kResources[] = "resources";
constexpr char kFreezes[] = "freezes";
constexpr char kLimits[] = "limits";
constexpr char kRateCards[] = "rate cards";
constexpr char kReservations[] = "reservations";
constexpr char kJournal[] = "journal";
constexpr char kDaemon[] = "daemon";
constexpr char kTest[] = "test";

const Reasons& Denials() {
  static const auto* const denials =
      new Reasons{stored::FROZEN,        stored::OVERDRAWN,      RESERVE_PROTECTED,
                  INSUFFICIENT_CAPACITY, stored::LIMIT_EXCEEDED, stored::BEHIND_QUEUE,
                  stored::NEVER_FITS,    stored::QUEUE_TIMEOUT,  stored::PERIOD_NOT_OPEN,
                  stored::QUOTE_EXPIRED, stored::BUDGET_BLOCKED, stored::APPROVAL_REQUIRED};
  return *denials;
}

// Of verbs on a reservation that must be open.
const Reasons& Ends() {
  static const auto* const ends =
      new Reasons{stored::ALREADY_SETTLED, stored::ALREADY_RELEASED, stored::EXPIRED,
                  stored::PREEMPTED,       stored::DENIED,           stored::NOT_GRANTED};
  return *ends;
}

// A late charge is posted.
const Reasons& EndsOfCharge() {
  static const auto* const ends = new Reasons{stored::ALREADY_SETTLED, stored::ALREADY_RELEASED,
                                              stored::DENIED, stored::NOT_GRANTED};
  return *ends;
}

std::vector<Operation> SettingsOperations() {
  const auto* population = v1::Population::descriptor();
  return {
      {Action::kListPopulations, "listPopulations", kPopulations,
       "List the populations that the principal sees", nullptr, v1::PopulationList::descriptor()},
      {Action::kCreatePopulation,
       "createPopulation",
       kPopulations,
       "Make a population with its resources, in one entry",
       v1::CreatePopulation::descriptor(),
       population,
       {201},
       Use::kRequest,
       {ID_CONFLICT, LIMIT_OF_THE_DAEMON}},
      {Action::kGetPopulation, "getPopulation", kPopulations,
       "Read a population with the balances of its resources", nullptr, population},
      {Action::kUpdatePopulation,
       "updatePopulation",
       kPopulations,
       "Change the settings of a population",
       v1::UpdatePopulation::descriptor(),
       population,
       {200},
       Use::kUpdate},
  };
}

std::vector<Operation> ResourceOperations() {
  const auto* resource = v1::Resource::descriptor();
  const auto* amount = v1::AmountAndReason::descriptor();
  const auto* none = v1::ReleaseRequest::descriptor();
  return {
      {Action::kListResources, "listResources", kResources,
       "List resources with settings and balances, now or as of a past moment", nullptr,
       v1::ResourceList::descriptor()},
      {Action::kCreateResource,
       "createResource",
       kResources,
       "Make a resource, which gets its full amount at once",
       v1::ResourceSettings::descriptor(),
       resource,
       {201},
       Use::kRequest,
       {ID_CONFLICT, LIMIT_OF_THE_DAEMON}},
      {Action::kGetResource, "getResource", kResources,
       "Read a resource, now or as of a past moment", nullptr, resource},
      {Action::kUpdateResource,
       "updateResource",
       kResources,
       "Change settings of a resource; what is absent stays",
       v1::ResourceSettings::descriptor(),
       resource,
       {200},
       Use::kUpdate,
       {RESOURCE_IN_USE, stored::BUDGET_STEP, stored::COVERAGE_LOST}},
      {Action::kDeleteResource,
       "deleteResource",
       kResources,
       "Delete a resource",
       none,
       resource,
       {200},
       Use::kRequest,
       {RESOURCE_IN_USE}},
      {Action::kGrant,
       "grantAmount",
       kResources,
       "Add to a resource's amount",
       amount,
       resource,
       {200},
       Use::kRequest,
       {stored::BUDGET_STEP}},
      {Action::kWithdraw,
       "withdrawAmount",
       kResources,
       "Take from a resource's amount",
       amount,
       resource,
       {200},
       Use::kRequest,
       {stored::BUDGET_STEP, stored::COVERAGE_LOST}},
  };
}

std::vector<Operation> FreezeOperations() {
  const auto* freeze = v1::Freeze::descriptor();
  const auto* none = v1::ReleaseRequest::descriptor();
  return {
      {Action::kListFreezes, "listFreezes", kFreezes, "List the freezes in force", nullptr,
       v1::FreezeList::descriptor()},
      {Action::kCreateFreeze,
       "createFreeze",
       kFreezes,
       "Freeze a population, a family or a resource; again: replace reason and end",
       freeze,
       freeze,
       {200, 201},
       Use::kRequest,
       {ID_CONFLICT, UNKNOWN_RESOURCE, LIMIT_OF_THE_DAEMON}},
      {Action::kGetFreeze, "getFreeze", kFreezes, "Read a freeze", nullptr, freeze},
      {Action::kDeleteFreeze, "deleteFreeze", kFreezes, "Lift a freeze", none, freeze},
  };
}

std::vector<Operation> LimitOperations() {
  const auto* limit = v1::Limit::descriptor();
  const auto* none = v1::ReleaseRequest::descriptor();
  return {
      {Action::kListLimits, "listLimits", kLimits, "List the limits, with what is used of them",
       nullptr, v1::LimitList::descriptor()},
      {Action::kCreateLimit,
       "createLimit",
       kLimits,
       "Limit a principal, each principal, or a label value",
       limit,
       limit,
       {200, 201},
       Use::kRequest,
       {ID_CONFLICT, UNKNOWN_RESOURCE, LIMIT_OF_THE_DAEMON}},
      {Action::kGetLimit, "getLimit", kLimits, "Read a limit", nullptr, limit},
      {Action::kUpdateLimit,
       "updateLimit",
       kLimits,
       "Change a limit: what is 0 is taken away",
       limit,
       limit,
       {200},
       Use::kUpdate,
       {UNKNOWN_RESOURCE}},
      {Action::kDeleteLimit, "deleteLimit", kLimits, "Delete a limit", none, limit},
  };
}

std::vector<Operation> RateCardOperations() {
  const auto* card = v1::RateCard::descriptor();
  const auto* none = v1::ReleaseRequest::descriptor();
  return {
      {Action::kListRateCards, "listRateCards", kRateCards,
       "List the rate cards, those that have ended as well", nullptr,
       v1::RateCardList::descriptor()},
      {Action::kCreateRateCard,
       "createRateCard",
       kRateCards,
       "Say what a unit of some resources costs, from when until when",
       card,
       card,
       {200, 201},
       Use::kRequest,
       {ID_CONFLICT, UNKNOWN_RESOURCE, stored::RATE_CARD_OVERLAP, LIMIT_OF_THE_DAEMON}},
      {Action::kGetRateCard, "getRateCard", kRateCards, "Read a rate card", nullptr, card},
      {Action::kUpdateRateCard,
       "updateRateCard",
       kRateCards,
       "Change a rate card that is still to come, or the end of one that is in force",
       card,
       card,
       {200},
       Use::kUpdate,
       {UNKNOWN_RESOURCE, stored::WRONG_STATE, stored::RATE_CARD_OVERLAP, LIMIT_OF_THE_DAEMON}},
      {Action::kDeleteRateCard,
       "deleteRateCard",
       kRateCards,
       "Delete a rate card that is still to come",
       none,
       card,
       {200},
       Use::kRequest,
       {stored::WRONG_STATE}},
  };
}

std::vector<Operation> ReservationOperations() {
  const auto* reservation = v1::Reservation::descriptor();
  return {
      {Action::kListReservations, "listReservations", kReservations,
       "List reservations, newest first", nullptr, v1::ReservationList::descriptor()},
      {Action::kCreateReservation,
       "createReservation",
       kReservations,
       "Reserve resources: all of them, a place in the queue, or a denial with every shortage",
       v1::ReservationRequest::descriptor(),
       reservation,
       {201, 202},
       Use::kRequest,
       Joined(Denials(), {ID_CONFLICT, UNKNOWN_RESOURCE})},
      {Action::kGetReservation, "getReservation", kReservations,
       "Read a reservation, also a denied or ended one, now or as of a past moment", nullptr,
       reservation},
      {Action::kReadQueue, "readQueue", kReservations,
       "List the requests that wait, the next one first, with estimated starts", nullptr,
       v1::QueueList::descriptor()},
      {Action::kReadCalendar,
       "readCalendar",
       kReservations,
       "Read how much of each capacity is occupied, booked and available, and when",
       nullptr,
       v1::Calendar::descriptor(),
       {200},
       Use::kRequest,
       {NOT_FOUND}},
      {Action::kReadDemand,
       "readDemand",
       kReservations,
       "Read what was asked for and not granted, and what a unit of it is worth to those who wait",
       nullptr,
       v1::Demand::descriptor(),
       {200},
       Use::kRequest,
       {LIMIT_OF_THE_DAEMON}},
      {Action::kExplain,
       "explainReservation",
       kReservations,
       "Explain whether a request would be granted, why not, when it would be and what would help",
       v1::ReservationRequest::descriptor(),
       v1::Explanation::descriptor(),
       {200},
       Use::kRequest,
       {UNKNOWN_RESOURCE}},
      {Action::kBatch,
       "batchReservations",
       kReservations,
       "Reserve, start, renew, charge, settle and release many at once",
       v1::BatchRequest::descriptor(),
       v1::BatchResponse::descriptor(),
       {200},
       Use::kRequest,
       Joined(Joined(Denials(), Ends()),
              {BATCH_TOO_LARGE, BATCH_MEMBER_FAILED, ID_CONFLICT, UNKNOWN_RESOURCE, NOT_FOUND,
               ALREADY_STARTED, OVERRUN_STOP, LIMIT_OF_THE_DAEMON, stored::CAPACITY_BOOKED,
               stored::AS_OF_IN_FUTURE})},
  };
}

std::vector<Operation> VerbOperations() {
  const auto* reservation = v1::Reservation::descriptor();
  const auto* lease = v1::LeaseRequest::descriptor();
  return {
      {Action::kStart,
       "startReservation",
       kReservations,
       "Start: capacity goes from held to in use",
       lease,
       reservation,
       {200},
       Use::kRequest,
       Joined(Ends(), {ALREADY_STARTED, stored::CAPACITY_BOOKED})},
      {Action::kRenew,
       "renewReservation",
       kReservations,
       "Renew the lease, counted from now",
       lease,
       reservation,
       {200},
       Use::kRequest,
       Joined(Ends(), {OVERRUN_STOP, LIMIT_OF_THE_DAEMON, stored::CAPACITY_BOOKED})},
      {Action::kCharge,
       "chargeReservation",
       kReservations,
       "Charge what was really used",
       v1::ReservationChargeRequest::descriptor(),
       v1::Charge::descriptor(),
       {201},
       Use::kRequest,
       Joined(EndsOfCharge(), {ID_CONFLICT, UNKNOWN_RESOURCE, LIMIT_OF_THE_DAEMON})},
      {Action::kSettle,
       "settleReservation",
       kReservations,
       "Settle: charge the last increment, the rest comes back",
       v1::SettleRequest::descriptor(),
       reservation,
       {200},
       Use::kRequest,
       Joined(Ends(), {ID_CONFLICT, UNKNOWN_RESOURCE})},
      {Action::kRelease,
       "releaseReservation",
       kReservations,
       "Release: everything held comes back",
       v1::ReleaseRequest::descriptor(),
       reservation,
       {200},
       Use::kRequest,
       Ends()},
  };
}

std::vector<Operation> OtherOperations() {
  return {
      {Action::kListEntries, "listJournalEntries", kJournal,
       "List journal entries, newest first, with stored bytes and hashes", nullptr,
       v1::JournalEntryList::descriptor()},
      {Action::kGetEntry, "getJournalEntry", kJournal, "Read one journal entry", nullptr,
       v1::JournalEntry::descriptor()},
      {Action::kWatch,
       "watchJournal",
       kJournal,
       "Watch the journal: server-sent events, one an entry, until either side ends it",
       nullptr,
       nullptr,
       {200},
       Use::kRequest,
       {TOO_FAR_BACK}},
      {Action::kVerify, "verifyJournal", kJournal,
       "Verify the hashes, and that the state is what the entries add up to",
       v1::VerifyRequest::descriptor(), v1::VerifyReport::descriptor()},
      {Action::kMe, "whoAmI", kDaemon, "Tell the principal, its scopes and populations", nullptr,
       v1::Me::descriptor()},
      {Action::kCheckAccess, "checkAccess", kDaemon, "Tell whether the principal may",
       v1::AccessCheckRequest::descriptor(), v1::AccessCheck::descriptor()},
      {Action::kListProblems, "listProblems", kDaemon, "Tell of every problem, as text"},
      {Action::kGetProblem, "getProblem", kDaemon, "Tell of one problem, as text"},
      {Action::kLive, "live", kDaemon, "200 while the process answers"},
      {Action::kReady, "ready", kDaemon, "200 while writes are taken, else 503"},
      {Action::kMetrics, "metrics", kDaemon, "Metrics in Prometheus' text format"},
      {Action::kVersion, "version", kDaemon, "Tell the versions of daemon and API", nullptr,
       v1::Version::descriptor()},
      {Action::kOpenApi, "describeApi", kDaemon, "This document", nullptr, nullptr, {200, 304}},
      {Action::kAdvanceClock, "advanceClock", kTest,
       "Advance the test clock; answered after all that fell due is committed",
       v1::ClockAdvance::descriptor(), v1::Clock::descriptor()},
  };
}

}  // namespace

Reasons Joined(Reasons reasons, const Reasons& more) {
  reasons.insert(reasons.end(), more.begin(), more.end());
  return reasons;
}

const std::vector<Tag>& Tags() {
  static const auto* const tags = new std::vector<Tag>{
      {kPopulations, "Populations of models, which share resources."},
      {kResources, "What is shared: settings and balances."},
      {kFreezes, "What keeps new holds away."},
      {kLimits, "What a principal or a label value may have at most."},
      {kRateCards, "What a unit of each resource costs, from when until when."},
      {kGuardrailsTag, "What an hour may cost before experiments stop."},
      {kBudgetsTag, "What may be spent in a month before others are asked, or nobody may."},
      {kModelsTag, "What serves, what may have to be brought back, and what it all occupies."},
      {kProposalsTag, "What should be retired, merged, replaced or archived, and what came of it."},
      {kReservations, "Work reserves before it runs, and gives back what it did not use."},
      {kChargesTag, "What was really used, refunds of it, and what nothing funded."},
      {kCostsTag, "What it cost, beside what no resource measures, and what came of it."},
      {kJournal, "Every transaction, chained by hashes."},
      {kDaemon, "The daemon's own pages."},
      {kTest, "Only with `--test-clock`."},
  };
  return *tags;
}

const Operation& OperationOf(Action action) {
  static const auto* const operations = [] {
    auto* all = new std::map<Action, Operation>();
    for (const auto& part :
         {SettingsOperations(), ResourceOperations(), FreezeOperations(), LimitOperations(),
          RateCardOperations(), GuardrailOperations(), BudgetOperations(), ModelOperations(),
          ProposalOperations(), ReservationOperations(), VerbOperations(), ChargeOperations(),
          CostOperations(), PeriodOperations(), OtherOperations()}) {
      for (const Operation& operation : part) all->emplace(operation.action, operation);
    }
    return all;
  }();
  const auto it = operations->find(action);
  PURSER_CHECK(it != operations->end(), "every action is described");
  return it->second;
}

}  // namespace purser::api
