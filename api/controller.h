#ifndef PURSER_API_CONTROLLER_H_
#define PURSER_API_CONTROLLER_H_

// What the edge asks of the daemon: submit a command, read what is durable. One of the three
// interfaces of the house; declared here, implemented by the commit pipeline. Thread-safe: called
// by every server thread.
//
// A read first waits until everything due by now is committed, so that it shows expiries and
// rollovers exactly; it never sees what is not durable. A status that is not OK carries a Refusal
// (ledger/refusal.h).
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "api/bulletin.h"
#include "api/demand_reader.h"
#include "ledger/budgets.h"
#include "lifecycle/calendar_page.h"
#include "lifecycle/explanation.h"
#include "lifecycle/models_summary.h"
#include "lifecycle/proposal_findings.h"
#include "lifecycle/reviewer.h"
#include "lifecycle/selection_question.h"
#include "lifecycle/state_machine.h"
#include "reservations/allocation.h"
#include "reservations/budget_parts.h"
#include "reservations/cost_report.h"
#include "reservations/outcome_report.h"
#include "reservations/request_rates.h"

namespace purser::api {

// A population right after a group was synced. Immutable, shared.
struct PopulationView {
  std::string name;
  uint32_t number = 0;
  uint64_t sequence = 0;
  InstantUs time_us = 0;
  InstantUs next_due_us = 0;  // 0: nothing is due, ever
  int64_t lease_shift_us = 0;
  uint64_t open_reservations = 0;
  uint64_t queue_length = 0;
  std::shared_ptr<const stored::PopulationSettings> settings;
  std::map<std::string, std::shared_ptr<const Resource>> resources;  // by name
  std::shared_ptr<const FreezeBook::ById> freezes;
  uint64_t freezes_version = 0;
  std::shared_ptr<const LimitBook> limits;
  std::shared_ptr<const UsageView> usage;  // of those whom limits bind
  std::shared_ptr<const RateBook> rates;
  std::shared_ptr<const GuardrailBook::ById> guardrails;
  uint64_t guardrails_version = 0;
  std::shared_ptr<const BudgetBook> budgets;
  std::shared_ptr<const ClosedPeriods> closed_periods;
  std::shared_ptr<const ResourceDirectory> directory;
};
using View = std::shared_ptr<const PopulationView>;

struct CommandResult {
  absl::Status status;                      // of the whole command: a refusal or a denial
  bool stale = false;                       // look up again and submit again
  std::vector<absl::Status> member_status;  // of a batch, in order
  std::vector<Shown> shown;  // one; of a batch one a member (default where it failed)
  uint64_t sequence = 0;     // of the last entry; where nothing was recorded, what it was judged at
  InstantUs time_us = 0;
  std::optional<RateShown> rate;  // of a principal whose requests a second are limited
};

// As of when a read is answered: absent, the newest.
struct AsOf {
  std::optional<uint64_t> sequence;
  std::optional<InstantUs> time_us;
  bool given() const { return sequence.has_value() || time_us.has_value(); }
};

// How often what went stale is tried again, before it is said that others change it all the time.
inline constexpr int kStaleTriesMax = 64;

struct ReservationRead {
  std::optional<Reservation> reservation;  // absent: not found, or not yet
  std::optional<Refusal> denied;           // of a denied one
  std::string denied_request_id;
  std::optional<Explained> waits;                 // of one that waits
  std::optional<stored::Explanation> first_told;  // of one that waits: when it came
  int64_t lease_shift_us = 0;
  uint64_t sequence = 0;
  std::shared_ptr<const ResourceDirectory> directory;
};

// One that waits, and why.
struct Waiting {
  std::shared_ptr<const Reservation> reservation;
  Explained explained;
};
struct QueueRead {
  std::vector<Waiting> waiting;  // in order of the queue
  std::string next_token;
  bool has_more = false;
  View view;            // that it is of
  uint64_t length = 0;  // of the whole queue
  uint64_t sequence = 0;
};

struct CalendarQuery {
  std::optional<std::string> resource;
  std::optional<InstantUs> from_us;
  std::optional<InstantUs> until_us;
};
struct CalendarRead {
  std::vector<CalendarStep> steps;
  std::string next_token;
  uint64_t sequence = 0;
};

// What has an id of a charge's kind.
enum class Posted { kCharge, kCostEntry, kOutcomes };

// A calendar month of the population's time zone, as of the present.
struct PeriodRead {
  std::string period;
  InstantUs from_us = 0;
  InstantUs until_us = 0;
  bool is_of_it = false;  // neither to come, nor over before the population was made
  bool is_over = false;
  HoldsSince held;                             // of one that is over and not closed
  std::optional<stored::PeriodClosed> closed;  // then nothing else changes
};
struct PeriodsRead {
  std::vector<PeriodRead> periods;  // newest first; who holds is not named
  std::string next_token;
  uint64_t sequence = 0;
};

struct CostsQuery {
  std::vector<std::string> keys;         // CostReport's
  std::optional<std::string> period;     // "2026-11"; absent: the month of what it is as of
  const char* period_field = "?period";  // what is at fault if that is no month
  bool with_outcomes = false;            // by all keys but the last
  size_t most_groups = kCostGroupsMax;
  // As of Present: also whether the month is over by then, and who holds what may be charged to it.
  std::optional<InstantUs> present_us;
};
struct CostsRead {
  explicit CostsRead(CostReport empty) : report(std::move(empty)) {}
  CostReport report;
  std::optional<OutcomeReport> outcomes;
  std::string period;
  InstantUs from_us = 0;
  InstantUs until_us = 0;
  InstantUs accrued_until_us = 0;  // of what is occupied, held or kept
  uint64_t sequence = 0;
  bool is_over = false;
  std::vector<std::string> held_by;  // of one that is over: the first by id, kHoldsNamedMax
};
inline constexpr size_t kHoldsNamedMax = 5;

// By the values of an allocation's label, with the instants of its period.
struct UsageRead {
  UsedByValue used;
  InstantUs from_us = 0;
  InstantUs until_us = 0;
  uint64_t sequence = 0;
};

// A cost as it was posted: what of it belongs to the interval that was asked for.
struct PostedCost {
  enum class Origin { kCharge, kRefund, kCostEntry, kColdStart };
  uint64_t sequence = 0;
  InstantUs time_us = 0;
  Origin origin = Origin::kCharge;
  CostCategory category = stored::COST_CATEGORY_UNSPECIFIED;
  std::string resource;  // empty: none measures it
  Amount amount;
  std::optional<Amount> cost;
  std::shared_ptr<const Labels> labels;
};
// Where a walk over them goes on: a line of the group that begins with an entry.
struct CostPlace {
  uint64_t first_sequence = 0;  // 0: at the beginning
  int line = 0;
};
struct CostLinesQuery {
  InstantUs from_us = 0;
  InstantUs until_us = 0;
  uint64_t as_of = 0;
  CostPlace place;
};
// What one ReadCostLines brings and looks at at most.
inline constexpr size_t kCostLinesMax = 1'000;
inline constexpr size_t kCostLinesLookedAtMax = 20'000;
struct CostLinesRead {
  std::vector<PostedCost> lines;
  std::optional<CostPlace> next;  // nullopt: that was all
};

// What weeks cost by operator_family, category and model, and the days of the newest of them.
struct DigestRead {
  struct Day {
    std::string name;  // "2026-11-24"
    InstantUs from_us = 0;
    InstantUs until_us = 0;
    absl::int128 cost_micros = 0;
  };
  std::string week;  // "2026-W48"
  InstantUs from_us = 0;
  InstantUs until_us = 0;
  std::vector<CostReport> weeks;  // it, and the four before it, the newest first
  std::vector<Day> days;
  uint32_t weeks_before = 0;  // of these four, which the population lived through
  InstantUs accrued_until_us = 0;
  uint64_t sequence = 0;
};

// What the running month costs, by operator_family, category and model, and what was spent in the
// last kBurnUs before the present, or since the population was made.
inline constexpr int64_t kBurnUs = 7 * kDayUs;
inline constexpr size_t kSummaryDays = 28;
struct SummaryRead {
  struct Day {
    std::string name;  // "2026-11-24"
    InstantUs from_us = 0;
    InstantUs until_us = 0;
    absl::int128 cost_micros = 0;  // of the family that was asked for
  };
  std::string period;  // "2026-11"
  InstantUs from_us = 0;
  InstantUs until_us = 0;
  InstantUs at_us = 0;  // the present
  InstantUs burn_from_us = 0;
  CostReport month{{}};   // up to the present
  CostReport burnt{{}};   // from burn_from_us to the present
  std::vector<Day> days;  // the oldest first
  std::shared_ptr<const BudgetBook> budgets;
  uint64_t sequence = 0;
};

struct ResourcesRead {
  std::vector<Resource> resources;  // in order of names
  std::shared_ptr<const stored::PopulationSettings> population;
  uint64_t sequence = 0;
};

// The ids that a command names, to be looked up before it is sent.
struct LookUpIds {
  std::vector<std::string_view> made;  // of reservations that it would make
  // Whether those of them that are open are looked for in any case; otherwise only where the id was
  // denied before, and may be another's by now. The writer knows what is open, and calls a command
  // stale that was sent without knowing.
  bool made_open = true;
  std::vector<std::string_view> ended;  // of those it acts on: what is open the writer knows
  std::vector<std::string_view> charges;
  struct Key {
    std::string_view principal;
    std::string_view key;
  };
  std::optional<Key> key;
};
// What of them is there, by id.
struct LookedUp {
  absl::flat_hash_map<std::string, Reservation> made;
  absl::flat_hash_map<std::string, Reservation> ended;
  absl::flat_hash_map<std::string, stored::ChargeRecord> charges;
  std::optional<stored::KeyRecord> key;
};

// A page of a list. `token` is opaque: empty begins, and what comes back in `next_token` goes on.
struct PageRequest {
  size_t size = 100;
  std::string token;
};
template <typename Item>
struct Page {
  std::vector<Item> items;
  std::string next_token;
  uint64_t sequence = 0;
};

struct ModelFilter {
  std::optional<stored::ModelState> state;
  std::string operator_family;
};
struct ModelRead {
  std::optional<ModelRecord> model;  // absent: not found, or not yet
  uint64_t sequence = 0;
  View view;  // of now
};
// The models of a population; of the past only who was ACTIVE.
struct ModelsRead {
  ModelsSummary summary;
  View view;
  uint64_t sequence = 0;
};
struct ProposalFilter {
  std::optional<stored::ProposalState> state;
  std::string model;  // that it names
  std::string proposer;
};
struct ProposalRead {
  ProposalPicture proposal;                  // nullptr: not found
  std::optional<ProposalFindings> findings;  // of one that is OPEN or APPROVED
  View view;
};
struct ReviewRead {
  Review review;
  ShadowPrices prices;  // that it went by
  View view;
};
struct SelectionRead {
  SelectionQuestion question;
  Selection selection;
  std::map<std::string, NetValue> values;  // of the candidates
  uint64_t sequence = 0;
};
struct ProposersRead {
  std::map<std::string, ProposalBook::Proposer> proposers;
  uint64_t sequence = 0;
};
// A request that waits for an approval, and the ids of the budgets that ask for it.
struct RequestApproval {
  std::shared_ptr<const Reservation> reservation;
  std::vector<std::string> budgets;
};
inline constexpr size_t kRequestApprovalsMax = 1'000;  // that are listed, the first of the queue
struct ApprovalsRead {
  std::vector<stored::Approval> approvals;  // of activations, by id
  std::vector<RequestApproval> requests;    // in order of the queue
  uint64_t sequence = 0;
};

struct ReservationFilter {
  std::optional<stored::ReservationState> state;
  std::string operator_family;
};

// What one ReadEntries brings at most, so that a reader who is far behind holds little memory.
inline constexpr size_t kEntriesReadMax = 1'000;
inline constexpr size_t kEntriesReadBytesMax = 1024 * 1024;  // stored bytes, the last entry's more

// An entry with the bytes that are stored and the hash over them and what came before.
struct StoredEntry {
  stored::Entry entry;
  std::string bytes;
  std::string hash_hex;
};

struct VerifyResult {
  bool ok = false;
  uint64_t entries = 0;
  std::string last_hash_hex;
  std::string state_digest_hex;
  std::optional<uint64_t> first_bad_sequence;
  std::string detail;
};

class Controller : public DemandReader {
 public:
  // Waits until the command is durable, or refused. Unavailable statuses carry OVERLOADED,
  // READ_ONLY or COMMIT_UNKNOWN.
  virtual CommandResult Submit(const Command& command) = 0;

  // NOT_FOUND when there is no such population.
  virtual absl::StatusOr<View> Read(std::string_view population) = 0;
  virtual absl::StatusOr<std::vector<View>> ReadAll() = 0;

  // What the disk knows of the ids, at least as new as `view`: what a Lookup is made of. All that a
  // command names at once. Does not wait for what is due.
  virtual absl::StatusOr<LookedUp> LookUp(const PopulationView& view, const LookUpIds& ids) = 0;
  // The newest durable view of a population without waiting for anything; nullptr when there is
  // none.
  virtual View Peek(std::string_view population) = 0;
  virtual int64_t idempotency_retention_us() const = 0;
  virtual InstantUs NowUs() = 0;

  // What first answers showed, made again from the journal: each in its place. All of a batch at
  // once, since what was committed together is read together.
  virtual absl::StatusOr<std::vector<Shown>> Recall(const PopulationView& view,
                                                    const std::vector<stored::Answer>& answers) = 0;

  virtual absl::StatusOr<ReservationRead> FindReservation(const View& view, const std::string& id,
                                                          const AsOf& as_of) = 0;
  virtual absl::StatusOr<Page<Reservation>> ListReservations(const View& view,
                                                             const ReservationFilter& filter,
                                                             const PageRequest& page) = 0;
  // `reservation`: of charges, those of one; empty: all.
  virtual absl::StatusOr<Page<stored::ChargeRecord>> ListCharges(const View& view, Posted posted,
                                                                 const std::string& reservation,
                                                                 const PageRequest& page) = 0;
  // The present, with a view that knows all that happens until then: whatever it says of the
  // instant stays so.
  struct Present {
    InstantUs at_us = 0;
    View view;
  };
  virtual absl::StatusOr<Present> FixPresent(const View& view) = 0;
  // Of a calendar month of the population's time zone. Takes as long as there is since it began.
  virtual absl::StatusOr<CostsRead> ReadCosts(const View& view, const CostsQuery& query,
                                              const AsOf& as_of) = 0;
  // What was used by then, for the weights of an allocation, of whose fields faults have `path`:
  // no such resource, or month, or entry yet. Takes as long as a report of its time.
  virtual absl::StatusOr<UsageRead> ReadUsage(const View&, const Allocation&,
                                              std::string_view path) {
    return RefuseField(stored::NOT_SUPPORTED, path, "nothing is looked up here");
  }
  // Of the budget's month up to the entry that made it. Takes as long as a report of the month.
  virtual absl::StatusOr<EarlierCosts> ReadEarlierCosts(const View& view,
                                                        const BudgetState& budget) = 0;
  // INVALID_ARGUMENT for what is no month. All that is due by now is committed before it looks.
  virtual absl::StatusOr<PeriodRead> FindPeriod(const View& view, const std::string& period) = 0;
  // From the running one back to the one in which the population was made.
  virtual absl::StatusOr<PeriodsRead> ListPeriods(const View& view, const PageRequest& page) = 0;
  // A piece, in order of the journal. As of a sequence that is durable it is always the same.
  virtual absl::StatusOr<CostLinesRead> ReadCostLines(const View& view,
                                                      const CostLinesQuery& query) = 0;
  // Of an ISO week; absent, the last that is over.
  virtual absl::StatusOr<DigestRead> ReadDigest(const View& view,
                                                const std::optional<std::string>& week) = 0;
  // Of the present; absent: of all families.
  virtual absl::StatusOr<SummaryRead> ReadSummary(const View& view,
                                                  const std::optional<std::string>& family) = 0;
  virtual absl::StatusOr<ModelRead> FindModel(const View& view, const std::string& id,
                                              const AsOf& as_of) = 0;
  // By id.
  virtual absl::StatusOr<Page<ModelRecord>> ListModels(const View& view, const ModelFilter& filter,
                                                       const PageRequest& page) = 0;
  virtual absl::StatusOr<ModelsRead> ReadModels(const View& view, const AsOf& as_of) = 0;
  // At most so many requests.
  virtual absl::StatusOr<ApprovalsRead> ReadApprovals(const View& view, size_t requests) = 0;
  virtual absl::StatusOr<ProposalRead> FindProposal(const View& view, const std::string& id) = 0;
  // By id.
  virtual absl::StatusOr<Page<ProposalPicture>> ListProposals(const View& view,
                                                              const ProposalFilter& filter,
                                                              const PageRequest& page) = 0;
  virtual absl::StatusOr<ProposersRead> ReadProposers(const View& view) = 0;
  // What the reviewer finds; for who waits as `reservation`, or, if it is empty, for the head of
  // the queue. NOT_FOUND: it does not wait.
  virtual absl::StatusOr<ReviewRead> ReviewModels(const View& view,
                                                  const std::string& reservation) = 0;
  // Which models would be best; MakeSelectionQuestion says the errors. May take seconds.
  virtual absl::StatusOr<SelectionRead> SelectModels(
      const View& view, const std::vector<std::string>& candidates) = 0;
  virtual absl::StatusOr<Page<stored::Debt>> ListDebts(const View& view,
                                                       const PageRequest& page) = 0;
  // AS_OF_IN_FUTURE, or NOT_FOUND before the population existed.
  virtual absl::StatusOr<ResourcesRead> ReadResources(const View& view, const AsOf& as_of) = 0;
  // Newest first; `token` is the sequence to go on at.
  virtual absl::StatusOr<Page<StoredEntry>> ListEntries(const View& view,
                                                        const PageRequest& page) = 0;
  virtual absl::StatusOr<std::optional<StoredEntry>> FindEntry(const View& view,
                                                               uint64_t sequence) = 0;
  // In order, from `first` on: all that is durable, or as much as kEntriesRead…Max allow, but one
  // at least where there is one.
  virtual absl::StatusOr<std::vector<StoredEntry>> ReadEntries(const View& view,
                                                               uint64_t first) = 0;
  virtual absl::StatusOr<VerifyResult> Verify(const View& view) = 0;

  // Why the request is not granted, when it would be, what would help; judged on a state at least
  // as new as the view.
  virtual absl::StatusOr<Explained> Explain(const View& view, const RequestReservation& request,
                                            const std::string& principal,
                                            ReturnSchedule::Steps* steps) = 0;

  // Why one that waits is not granted yet, where it stands and when it will be, as of now; of one
  // that is SCHEDULED, why it will not start in time (without a reason: it will).
  // NOT_FOUND: it does not wait any more. Takes what it looks at off `steps`; without any left one
  // that waits is not told what would help.
  virtual absl::StatusOr<Explained> ExplainQueued(const View& view,
                                                  const ReservationPicture& queued,
                                                  ReturnSchedule::Steps* steps) = 0;
  virtual absl::StatusOr<QueueRead> ReadQueue(const View& view, const PageRequest& page) = 0;
  virtual absl::StatusOr<CalendarRead> ReadCalendar(const View& view, const CalendarQuery& query,
                                                    const PageRequest& page) = 0;

  // As of which state the request may be granted at once though others wait for the same, since
  // it delays none of them. nullopt: it may not, or nobody waits, or something else is in its way.
  virtual std::optional<RequestReservation::Passing> MayPass(const View&, const RequestReservation&,
                                                             std::string_view /*principal*/) {
    return std::nullopt;
  }

  // Where those who wait hear that something was published.
  virtual Bulletin& bulletin() = 0;
  // False while the disk says no (read_only), or while the daemon stops.
  virtual bool Ready() = 0;
  // Prometheus text of the pipeline's counters.
  virtual std::string MetricsText() = 0;
  // Moves a test clock and waits until all that fell due is committed. Refused without a test clock
  // or into its past. Exactly one of the two is given.
  virtual absl::StatusOr<InstantUs> AdvanceClock(std::optional<int64_t> by_us,
                                                 std::optional<InstantUs> to_us) = 0;
  virtual bool has_test_clock() const = 0;
};

}  // namespace purser::api

#endif  // PURSER_API_CONTROLLER_H_
