#ifndef PURSER_DAEMON_COSTS_IN_GROUP_H_
#define PURSER_DAEMON_COSTS_IN_GROUP_H_

// What the charges, refunds, cost entries and cold starts of one group cost, the outcomes that were
// reported, what ended reservations had of capacities, and what became of reserves: the row from
// which reports are made (daemon/decisions/0012). A value for one group; thread-compatible.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "daemon/records.pb.h"
#include "lifecycle/population.h"
#include "lifecycle/transaction.pb.h"

namespace purser {

// Labels as a row has them. Of a model: its family, itself, and its capabilities, each with the
// same weight.
stored::CostsOfGroup::LabelSet MakeLabelSet(const stored::ModelSettings& model);
stored::CostsOfGroup::LabelSet MakeLabelSet(
    const google::protobuf::RepeatedPtrField<stored::Label>& labels);

class CostsInGroup {
 public:
  // The next entry of the group that begins at `first_sequence`, which `population` has just taken
  // in.
  void Add(const stored::Entry& entry, uint64_t first_sequence, const Population& population);

  bool empty() const {
    return row_.lines().empty() && row_.outcomes().empty() && row_.stays().empty() &&
           row_.reserves().empty();
  }
  const stored::CostsOfGroup& row() const { return row_; }

 private:
  using StoredLabels = google::protobuf::RepeatedPtrField<stored::Label>;
  // Which of the row's sets it is.
  uint32_t FindLabels(const StoredLabels& labels);
  uint32_t FindLabels(const Labels& labels);
  void AddToKey(std::string_view key, std::string_view value);
  template <typename Make>
  uint32_t FindKey(Make make);
  void AddColdStart(const stored::ModelMoved& moved, const ModelRecord& model,
                    const stored::CostsOfGroup::Line& made);
  void AddCostEntry(const stored::CostEntered& entered, const stored::CostsOfGroup::Line& made);
  void AddOutcomes(const stored::OutcomesReported& reported,
                   const stored::CostsOfGroup::Line& made);
  void AddCharge(const stored::Charged& charged, const stored::ChargeRecord& record,
                 const stored::CostsOfGroup::Line& made);
  void AddRefund(const stored::Refunded& refunded, const stored::ChargeRecord& record,
                 const stored::CostsOfGroup::Line& made);

  void AddStay(const Reservation& ended, const ResourceDirectory& directory);
  void AddReserves(const stored::Entry& entry, const ResourceDirectory& directory);

  stored::CostsOfGroup row_;
  absl::flat_hash_map<std::string, uint32_t> label_sets_;  // of all but models, by their texts
  std::string key_;                                        // the one that is looked for
  std::string last_key_;
  std::optional<uint32_t> last_set_;
};

}  // namespace purser

#endif  // PURSER_DAEMON_COSTS_IN_GROUP_H_
