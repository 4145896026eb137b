#ifndef PURSER_DAEMON_HISTORY_H_
#define PURSER_DAEMON_HISTORY_H_

// Reads of what is on disk: single objects, lists, entries, and anything as of a sequence. Works on
// one snapshot, so an answer is of one moment. Thread-compatible; many may exist at once.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "api/controller.h"
#include "daemon/group_writer.h"
#include "daemon/journal_store.h"
#include "daemon/records.pb.h"
#include "lifecycle/unserved_demand.h"
#include "reservations/allocation.h"
#include "reservations/budget_parts.h"
#include "reservations/cost_report.h"
#include "reservations/stay_costs.h"

namespace purser {

class History {
 public:
  // `directory` has every resource that the population had by the snapshot.
  History(std::unique_ptr<StoreSnapshot> snapshot, uint32_t population,
          std::shared_ptr<const ResourceDirectory> directory);

  // For a newer view of the same population.
  void set_directory(std::shared_ptr<const ResourceDirectory> directory) {
    directory_ = std::move(directory);
  }
  absl::StatusOr<stored::PopulationMeta> ReadMeta();
  absl::StatusOr<std::optional<stored::ReservationRecord>> FindRecord(const std::string& id);
  absl::StatusOr<std::optional<Reservation>> FindReservation(const std::string& id);
  absl::StatusOr<std::optional<stored::ChargeRecord>> FindCharge(const std::string& id);
  absl::StatusOr<std::optional<stored::KeyRecord>> FindKey(const std::string& principal,
                                                           const std::string& key);
  // `directory_at` gives a directory that knows what had been made by a sequence.
  absl::StatusOr<api::LookedUp> LookUp(
      const api::LookUpIds& ids,
      const std::function<std::shared_ptr<const ResourceDirectory>(uint64_t)>& directory_at);
  // nullptr: there is none. Valid until the next call: the last one is kept.
  absl::StatusOr<const stored::Entry*> FindEntry(uint64_t sequence);
  // With the stored bytes and the hash.
  absl::StatusOr<std::optional<api::StoredEntry>> FindStoredEntry(uint64_t sequence);
  // Every entry from `first` on, in order, until `visit` says false. DataLoss when a row is broken.
  struct Visited {
    const stored::Entry& entry;
    const std::string& bytes;
    const Hash& hash;
  };
  absl::Status ForEachEntry(uint64_t first, const std::function<bool(const Visited&)>& visit);

  // The newest sequence with a time at or before `time_us`, up to `most`, beyond which it does not
  // look; 0: none.
  absl::StatusOr<uint64_t> SequenceAt(InstantUs time_us, uint64_t most = UINT64_MAX);
  // As of after the entry `sequence`; absent before the object was made.
  absl::StatusOr<std::optional<Reservation>> ReservationAsOf(const std::string& id,
                                                             uint64_t sequence);
  absl::StatusOr<std::vector<Resource>> ResourcesAsOf(uint64_t sequence);
  absl::StatusOr<std::optional<Resource>> ResourceAsOf(uint32_t number, uint64_t sequence);
  absl::StatusOr<std::optional<stored::PopulationVersion>> PopulationAsOf(uint64_t sequence);

  // PURGED ones included; absent: there is none.
  absl::StatusOr<std::optional<ModelRecord>> FindModel(const std::string& id);
  absl::StatusOr<std::optional<ModelRecord>> ModelAsOf(const std::string& id, uint64_t sequence);
  absl::StatusOr<std::optional<ProposalRecord>> ProposalAsOf(const std::string& id,
                                                             uint64_t sequence);
  // Ids of who was ACTIVE.
  absl::StatusOr<std::set<std::string>> ActiveAsOf(uint64_t sequence);
  // By id.
  absl::StatusOr<api::Page<ModelRecord>> ListModels(const api::ModelFilter& filter,
                                                    const api::PageRequest& page);
  absl::StatusOr<std::vector<stored::Approval>> ListApprovals();  // by id

  // What a report of costs is of.
  struct CostsScope {
    Span period;
    uint64_t as_of = 0;             // what was charged up to this entry
    InstantUs accrue_until_us = 0;  // stays count up to before this, no later than the present
    std::shared_ptr<const RateBook> rates;  // as they are now
    MonthAt month_at;                       // of the population's time zone
  };
  // Adds to the report what belongs to the scope. Cancelled when `abandon` says so; it is asked at
  // each row that is read.
  absl::Status ReadCosts(const CostsScope& scope, const std::function<bool()>& abandon,
                         CostReport* report, OutcomeReport* outcomes = nullptr);
  // For the weights of an allocation: what was charged up to the entry, of the time that it is of.
  // Cancelled likewise; LIMIT_OF_THE_DAEMON: of too many values.
  absl::StatusOr<UsedByValue> ReadUsage(const Allocation& allocation, const Span& period,
                                        uint64_t as_of, const std::function<bool()>& abandon);
  // What the budget would have spent of the month up to the entry that made it, had it been there.
  // Cancelled likewise.
  absl::StatusOr<absl::int128> ReadSpentBefore(const stored::Budget& budget,
                                               const stored::CostMonth& month,
                                               const std::function<bool()>& abandon);
  // The same, and who held something of it up to that entry and holds it still, for which it looks
  // at all that are open.
  absl::StatusOr<EarlierCosts> ReadEarlierCosts(const stored::Budget& budget,
                                                const stored::CostMonth& month,
                                                const std::function<bool()>& abandon);
  // What was asked for in the 28 days before the instant, as of the newest entry, which is not
  // later, and not granted for lack of it (daemon/decisions/0016). Cancelled likewise, at each
  // group of the journal; LIMIT_OF_THE_DAEMON: too many were denied.
  absl::StatusOr<Unserved> ReadUnserved(InstantUs at_us, const std::function<bool()>& abandon);
  // As Controller::ReadCostLines says.
  absl::StatusOr<api::CostLinesRead> ReadCostLines(const api::CostLinesQuery& query);
  // Who still holds consumables since before the instant (reservations/holds_since.h). Looks at all
  // that are open; cancelled likewise.
  absl::StatusOr<HoldsSince> FindHoldsSince(InstantUs before_us, size_t most,
                                            const std::function<bool()>& abandon);

  // Newest first.
  absl::StatusOr<api::Page<Reservation>> ListReservations(const api::ReservationFilter& filter,
                                                          const api::PageRequest& page);
  absl::StatusOr<api::Page<stored::ChargeRecord>> ListCharges(api::Posted posted,
                                                              const std::string& reservation,
                                                              const api::PageRequest& page);
  absl::StatusOr<api::Page<stored::Debt>> ListDebts(const api::PageRequest& page);
  // In order, as Controller::ReadEntries says.
  absl::StatusOr<std::vector<api::StoredEntry>> ReadEntries(uint64_t first);
  absl::StatusOr<api::Page<api::StoredEntry>> ListEntries(const api::PageRequest& page);

  // Each in its place.
  absl::StatusOr<std::vector<Shown>> RecallAll(const std::vector<stored::Answer>& answers);
  // Why a request that was denied or made to wait was not granted at once, with what was found out
  // about it by an entry; of one that waited in vain that it did.
  struct ToldRefusal {
    Refusal refusal;
    std::string request_id;
  };
  absl::StatusOr<ToldRefusal> FindRefusal(const Reservation& reservation, uint64_t as_of);
  // Adds its explanation to the refusal of a denial, if there was one as of an entry.
  absl::Status Explain(uint64_t denied_sequence, std::string_view id, uint64_t as_of,
                       Refusal* refusal);

 private:
  static constexpr size_t kModelsLookedAtMax = 10'000;  // for one page
  // As the versions in the table, and `take` of each entry after the last of them, leave it.
  template <typename Record>
  absl::StatusOr<std::optional<Record>> RecordAsOf(
      Table table, const std::string& id, uint64_t sequence,
      const std::function<void(const stored::Entry&, std::optional<Record>*)>& take);
  // Those of the sequence's group up to it; `first` is the group's first sequence, 0: none.
  absl::Status ForEachEntryOfGroup(uint64_t sequence,
                                   const std::function<void(const stored::Entry&)>& visit,
                                   uint64_t* first);
  class CostsReader;
  // Of one that waits, or did; `id` is of one that is there.
  absl::StatusOr<AskedFor> RecallAskedFor(const std::string& id);
  // Those that waited before the entry behind `before`, and wait still.
  absl::Status AddWaiting(uint64_t before, const std::function<bool()>& abandon, DemandFold* fold);
  // Those that are open, booked or wait, by id. Cancelled when `abandon` says so.
  absl::Status ForEachOpen(const std::function<bool()>& abandon,
                           const std::function<void(const stored::ReservationRecord&)>& visit);
  // The groups of costs, in order, from that of the entry on, until `visit` says that it is enough.
  absl::Status ForEachCostsRow(
      uint64_t from_sequence,
      const std::function<absl::StatusOr<bool>(uint64_t first, const stored::CostsOfGroup&)>&
          visit);
  // Every capacity that there was, by number, and what it was.
  absl::StatusOr<std::map<uint32_t, CapacityPast>> ReadCapacities();
  absl::StatusOr<CapacityPast> ReadCapacity(uint32_t number);
  // Of reservations that are open.
  absl::Status AddOpenStays(const StayCosts& costs, const std::function<bool()>& abandon,
                            CostReport* report);
  // Of models; `before` is the last entry before the period.
  absl::Status AddModelStays(const StayCosts& costs, uint64_t before,
                             const std::function<bool()>& abandon, CostReport* report);
  absl::StatusOr<InstantUs> ChangeTime(const ModelRecord& model, uint64_t before,
                                       InstantUs from_us);
  absl::Status BeginFold(const std::string& id);
  absl::Status FoldEntry(uint64_t touched);
  absl::StatusOr<Shown> Recall(const stored::Answer& answer);
  using VisitId = std::function<absl::StatusOr<bool>(const std::string& id, uint64_t sequence)>;
  // Walks the newest-first index from the token on; `visit` says whether the item went on the page.
  absl::StatusOr<std::string> WalkByTime(char kind, const api::PageRequest& page,
                                         const VisitId& visit);
  template <typename Message>
  absl::StatusOr<std::optional<Message>> Get(Table table, const std::string& key);
  // The group that has the entry, or would have it; nullptr: none begins before it. Valid until the
  // next call: the last one is kept, because what is read together often stands together.
  absl::StatusOr<const stored::JournalGroup*> FindGroup(uint64_t sequence, uint64_t* first);
  absl::StatusOr<Shown> RecallCharge(const stored::Answer& answer, bool refund);
  absl::StatusOr<Shown> RecallFromEntry(const stored::Answer& answer);

  std::unique_ptr<StoreSnapshot> snapshot_;
  const uint32_t population_;
  std::shared_ptr<const ResourceDirectory> directory_;
  stored::JournalGroup group_;  // the last that FindGroup found
  uint64_t group_first_ = 0;    // its first sequence; 0: none was found yet
  stored::Entry entry_;         // the last that FindEntry found, by its sequence
  // The last as-of read of a reservation, from which a later one goes on: what one batch did to one
  // reservation is asked for a step at a time.
  struct ReservationFold {
    std::string id;
    std::vector<uint64_t> sequences;  // all that touched it
    size_t next = 0;                  // the first of them that is not folded yet
    std::optional<Reservation> reservation;
  };
  ReservationFold fold_;
};

}  // namespace purser

#endif  // PURSER_DAEMON_HISTORY_H_
