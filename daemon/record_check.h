#ifndef PURSER_DAEMON_RECORD_CHECK_H_
#define PURSER_DAEMON_RECORD_CHECK_H_

// Whether the records of one population say what the fold of its journal says: every row of every
// table but the keys, whose answers are no part of the state. Follows a fold entry by entry.
// Thread-compatible.
#include <map>
#include <optional>
#include <set>
#include <string>

#include "daemon/costs_in_group.h"
#include "daemon/journal_store.h"
#include "daemon/made_in_group.h"
#include "daemon/records.pb.h"
#include "daemon/schema.h"
#include "lifecycle/population.h"

namespace purser {

class RecordCheck {
 public:
  struct Fault {
    uint64_t sequence;  // of the entry whose record is wrong, as far as that is known
    std::string detail;
  };

  // `population` is the fold, and outlives this.
  RecordCheck(StoreSnapshot* snapshot, uint32_t number, const Population* population)
      : snapshot_(snapshot), number_(number), population_(*population) {}

  // The fold has just taken in the entry, which is in the row that begins at `first_sequence`: its
  // versions of settings.
  std::optional<Fault> AfterEntry(const stored::Entry& entry, uint64_t first_sequence,
                                  const ReservationBook::Changes& changes,
                                  const ModelBook::Changes& models);
  // The entry was the last of that row: the row's balances, and what it made.
  std::optional<Fault> AfterRow(uint64_t first_sequence);
  // The entry was the newest: everything else.
  std::optional<Fault> AtEnd(const stored::PopulationMeta& meta);

 private:
  using Result = std::optional<Fault>;
  Fault MakeFault(Table table, const std::string& key, uint64_t sequence,
                  std::string_view what) const;
  // The row is there and says what `fold` says.
  Result Expect(Table table, const std::string& key, const google::protobuf::Message& fold,
                uint64_t sequence);
  Result Compare(Table table, const std::string& key, std::string_view value,
                 const google::protobuf::Message& fold, uint64_t sequence) const;
  // How many rows there are is as many as the fold makes.
  Result ExpectCount(Table table, const std::string& prefix, uint64_t count);

  Result CheckMeta(const stored::PopulationMeta& meta) const;
  Result CheckSettings(const stored::Entry& entry);
  Result CheckVersion(uint32_t resource, uint64_t sequence);
  Result CheckReservations();
  Result CheckMade(schema::TimedKind kind, const stored::MadeInGroup& made, uint64_t first_sequence,
                   uint64_t* rows);
  Result CheckReservation(Table table, const Reservation& reservation);
  Result CheckCharges();
  Result CheckExplained(const stored::Entry& entry);
  Result CheckDebts();
  Result CheckFreezes();
  Result CheckLimits();
  Result CheckRateCards();
  Result CheckGuardrails();
  Result CheckBudgets();
  Result CheckPeriods();
  Result CheckUsage();
  Result CheckKeys();
  Result CheckCosts(uint64_t first_sequence);
  Result CheckAllocation(const stored::CostEntered& entered, uint64_t sequence);
  Result CheckCounted(const stored::BudgetCounted& counted, uint64_t sequence);
  Result CheckModelsOfRow(uint64_t first_sequence);
  Result CheckModels();

  StoreSnapshot* snapshot_;
  const uint32_t number_;
  const Population& population_;
  std::map<std::string, std::shared_ptr<const Reservation>> ended_;
  MadeInGroup made_in_row_;
  CostsInGroup costs_of_row_;
  uint64_t cost_rows_ = 0;
  uint64_t reservation_rows_ = 0;
  std::map<schema::TimedKind, uint64_t> posted_rows_;  // of charges and what is beside them
  uint64_t explained_rows_ = 0;
  std::set<std::string> charges_;
  std::set<uint32_t> balances_of_row_;
  std::set<std::string> version_keys_of_entry_;
  uint64_t version_rows_ = 0;
  uint64_t balance_rows_ = 0;
  std::map<std::string, ModelPicture> models_;         // as they are now, PURGED ones included
  std::map<std::string, ModelPicture> models_of_row_;  // that it changed
  std::map<std::string, int> active_of_row_;
  uint64_t activity_before_row_ = 0;
  uint64_t model_version_rows_ = 0;
  uint64_t active_rows_ = 0;
  std::map<std::string, ProposalPicture> proposals_of_row_;
  uint64_t proposal_version_rows_ = 0;
};

}  // namespace purser

#endif  // PURSER_DAEMON_RECORD_CHECK_H_
