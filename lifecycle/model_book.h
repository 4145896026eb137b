#ifndef PURSER_LIFECYCLE_MODEL_BOOK_H_
#define PURSER_LIFECYCLE_MODEL_BOOK_H_

// The models of one population, as the journal's facts made them, with what is asked of all of them
// at each command kept up to date: who is ACTIVE, what they cost, who provides what, what would
// have to be brought back. A change costs the logarithm of their number. Deciding is done on a
// ModelsDraft. Thread-compatible: the writer's alone; a copy is whole, and shares the models.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/numeric/int128.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "lifecycle/models.h"
#include "lifecycle/proposal_book.h"
#include "lifecycle/providers.h"

namespace purser {

// What is rolled back to, in one resource: how much each target needs, the most first.
using Needs = absl::btree_set<std::pair<int64_t, std::string>, std::greater<>>;

class ModelBook {
 public:
  struct Context {
    ModelContext entry;
    ModelResources resources;  // as the entry leaves them
  };
  // What needs its row written.
  struct Changes {
    std::vector<ModelPicture> models;
    std::vector<std::string> activated;    // ids
    std::vector<std::string> deactivated;  // ids
    ProposalBook::Changes proposals;
    std::vector<stored::ModelUse> uses;
  };
  // Takes in the facts of one entry; its part of the books was taken in already. Cannot fail: ends
  // the process where a fact contradicts the book.
  void Apply(const google::protobuf::RepeatedPtrField<stored::ModelFact>& facts,
             const Context& context, Changes* changes);

  // Something was charged with the model's id as label `model`. Of each day of UTC the first
  // counts.
  void NoteUse(const std::string& id, InstantUs now_us, Changes* changes);
  // As another book noted it.
  void Take(const stored::ModelUse& use);
  // Since it is ACTIVE; 0: never.
  InstantUs LastUse(const ModelRecord& model) const;

  // For start-up. False, and nothing done, where the id is another's already.
  bool Restore(ModelPicture model);
  bool Restore(ProposalPicture proposal) { return proposals_.Restore(std::move(proposal)); }
  // After all of them.
  void RestoreTargets(const ModelResources& resources);
  void Restore(const stored::ModelStateRow& row);

  // nullptr: there is none, or it is PURGED.
  const ModelRecord* Find(std::string_view id) const;
  ModelPicture Share(std::string_view id) const;
  // What the model would be rolled back to; nullptr: nothing, also where what was named cannot be
  // brought back any more.
  const ModelRecord* FindTarget(const ModelRecord& model) const;
  // Of one that was purged as well; nullopt: the id is free.
  std::optional<uint64_t> FindCreateSequence(std::string_view id) const;
  // Of one that is there, or was purged.
  bool WasActive(std::string_view id) const;
  // All that are not PURGED, by id.
  const absl::btree_map<std::string, ModelPicture, std::less<>>& all() const { return models_; }
  const absl::btree_set<std::string>& active() const { return active_; }
  // How often any of them became ACTIVE, or left, so far.
  uint64_t activity() const { return activity_; }
  void RestoreActivity(uint64_t activity) { activity_ = activity; }
  size_t CountEver() const { return models_.size() + purged_.size(); }

  // Of all that are ACTIVE: what they are expected to cost a month, and how many provide it.
  absl::int128 monthly_cost_micros() const { return monthly_cost_micros_; }
  size_t CountProviders(std::string_view capability) const { return providers_.Count(capability); }
  const Providers& providers() const { return providers_; }
  // How many ACTIVE models have it as their rollback target.
  size_t CountRollingBackTo(std::string_view id) const;
  // nullptr: nothing of it is needed.
  const Needs* FindNeeds(uint32_t resource) const;
  const std::map<uint32_t, Needs>& needs() const { return needs_; }
  size_t CountTargets() const { return targets_.size(); }
  // How many footprints of models that are not PURGED name the resource.
  int CountNaming(uint32_t resource) const;

  // The window that ends first, then the one that began first.
  struct Window {
    InstantUs ends_us = 0;
    std::string id;
  };
  std::optional<Window> NextWindow() const;
  const std::map<std::string, stored::Approval, std::less<>>& approvals() const {
    return approvals_;
  }
  struct Expiring {
    InstantUs at_us = 0;
    std::string id;
  };
  std::optional<Expiring> NextApproval() const;
  const std::map<uint64_t, stored::ReserveLoan>& loans() const { return loans_; }
  const std::optional<stored::BudgetMonth>& month() const { return month_; }
  const ProposalBook& proposals() const { return proposals_; }
  const std::map<std::string, InstantUs, std::less<>>& uses() const { return uses_; }
  // Who has the model as rollback target because it replaced it; by id.
  std::vector<std::string> ListReplacing(std::string_view target) const;

  // What all of them occupy.
  Occupied SumOccupied(const ModelResources& resources) const;
  // Whether what is kept up to date is what the models say. Empty, or what is wrong.
  std::string FindFault(const ModelResources& resources) const;

 private:
  using WindowKey =
      std::tuple<InstantUs, uint64_t, std::string>;  // its end, the entry that began it

  void Add(const stored::Approval& approval);
  // Takes the place of the model of the same id, if there is one.
  void Put(const ModelPicture& model, const ModelResources& resources, Changes* changes);
  // The model as the fact leaves it takes its place.
  template <typename Fact>
  void Change(const Fact& fact, const std::string& id, const Context& context, Changes* changes);
  // Adds to what is kept of all (sign 1), or takes from it.
  void Count(const ModelRecord& model, int sign);
  void CountActive(const ModelRecord& model, int sign);
  // Its target is one of an ACTIVE model more, or less.
  void CountTarget(const ModelRecord& active, int sign);
  void AddNeeds(const ModelRecord& target, int sign);
  void ApplyFact(const stored::ModelFact& fact, const Context& context, Changes* changes);

  absl::btree_map<std::string, ModelPicture, std::less<>> models_;
  struct Purged {
    uint64_t create_sequence = 0;
    bool was_active = false;
  };
  absl::flat_hash_map<std::string, Purged> purged_;
  absl::btree_set<std::string> active_;
  uint64_t activity_ = 0;
  absl::int128 monthly_cost_micros_ = 0;
  Providers providers_;  // the ACTIVE ones
  std::map<std::string, size_t, std::less<>> targets_;
  std::map<uint32_t, Needs> needs_;
  std::map<uint32_t, int> naming_;
  absl::btree_set<WindowKey> windows_;
  absl::btree_set<std::pair<std::string, std::string>> replacing_;  // target, and who replaced it
  std::map<std::string, stored::Approval, std::less<>> approvals_;
  absl::btree_set<std::pair<InstantUs, std::string>> expiring_;
  std::map<uint64_t, stored::ReserveLoan> loans_;  // by the entry that made it
  std::optional<stored::BudgetMonth> month_;
  ProposalBook proposals_;
  std::map<std::string, InstantUs, std::less<>> uses_;  // of ACTIVE models
  ModelResources resources_;                            // that what is needed was counted with
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_MODEL_BOOK_H_
