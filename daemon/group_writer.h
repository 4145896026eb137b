#ifndef PURSER_DAEMON_GROUP_WRITER_H_
#define PURSER_DAEMON_GROUP_WRITER_H_

// Gathers the entries of one group and makes the rows that store them: journal, balances, records
// and indexes. Each hot row (a balance, a reservation) is written once a group, however often it
// changed. A value for one group; thread-compatible.
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "daemon/costs_in_group.h"
#include "daemon/journal_store.h"
#include "daemon/made_in_group.h"
#include "daemon/records.pb.h"
#include "lifecycle/population.h"

namespace purser {

using Hash = std::array<uint8_t, 32>;

// The hash before a population's first entry.
Hash FirstHash(std::string_view population);
Hash NextHash(const Hash& before, std::string_view entry_bytes);
std::string_view Bytes(const Hash& hash);

class GroupWriter {
 public:
  // `hashes` has the newest hash of each population by number and is advanced by Add.
  explicit GroupWriter(std::map<uint32_t, Hash>* hashes) : hashes_(hashes) {}

  // An entry that `population` has just taken in.
  void Add(const Population& population, const stored::Entry& entry,
           const ReservationBook::Changes& changes, const ModelBook::Changes& models);
  void AddKey(const Population& population, const std::string& principal, const std::string& key,
              const stored::KeyRecord& record);
  void AddRow(Row row) { rows_.push_back(std::move(row)); }

  // The rows of the group; the populations must not have changed since the last Add.
  std::vector<Row> Finish();

  bool empty() const { return chapters_.empty() && rows_.empty(); }
  uint64_t entries() const { return entries_; }
  // About how many bytes the journal rows have: to bound a group.
  size_t size_bytes() const { return size_bytes_; }
  std::vector<const Population*> populations() const;

 private:
  // The entry that made a reservation, and which of those that it made.
  using Made = std::pair<uint64_t, uint32_t>;
  // What the group has of one population.
  struct Chapter {
    const Population* population = nullptr;
    uint64_t first_sequence = 0;
    std::string journal;  // a JournalGroup's bytes
    MadeInGroup made;
    CostsInGroup costs;
    std::set<uint32_t> balances;
    // In the order in which they were made, each once.
    absl::btree_map<Made, const Reservation*> open;
    absl::btree_map<Made, std::shared_ptr<const Reservation>> ended;
    absl::btree_set<std::string> charges;
    std::set<std::string> guardrails;            // of which something changed
    std::set<std::string> budgets;               // likewise
    std::vector<stored::UsageRecord> unlimited;  // label values whose limit was deleted
    std::map<std::string, ModelPicture> models;
    std::map<std::string, ProposalPicture> proposals;
    std::map<std::string, int> active;  // 1: became ACTIVE, -1: left, 0: both
    uint64_t activity = 0;              // how many changes of these
  };
  void AddEntry(const stored::Entry& entry, Hash* hash, std::string* journal);
  void AddExplained(const Population& population, const stored::Entry& entry);
  void AddLimit(uint32_t number, const stored::LedgerFact& fact);
  void AddRateCard(uint32_t number, const stored::LedgerFact& fact);
  void AddGuardrails(const stored::Entry& entry, Chapter* chapter);
  void AddBudgets(const stored::Entry& entry, Chapter* chapter);
  void AddDebt(const Population& population, const stored::LedgerFact& fact);
  void AddFacts(const Population& population, const stored::Entry& entry);
  void FinishReservations(const Chapter& chapter);
  void FinishUsage(const Chapter& chapter);
  void FinishGuardrails(const Chapter& chapter);
  void FinishBudgets(const Chapter& chapter);
  void FinishCharges(const Chapter& chapter);
  void FinishMade(const Chapter& chapter);
  void AddModels(const ModelBook::Changes& models, Chapter* chapter);
  void AddModelState(const stored::ModelFact& fact, const Population& population);
  void FinishModels(const Chapter& chapter);

  std::map<uint32_t, Hash>* hashes_;
  std::map<uint32_t, Chapter> chapters_;
  std::vector<Row> rows_;
  size_t size_bytes_ = 0;
  uint64_t entries_ = 0;
};

}  // namespace purser

#endif  // PURSER_DAEMON_GROUP_WRITER_H_
