#ifndef PURSER_LIFECYCLE_PROPOSAL_BOOK_H_
#define PURSER_LIFECYCLE_PROPOSAL_BOOK_H_

// The proposals of one population, as the journal's facts made them (daemon/decisions/0011): which
// name a model, which end next by time, what their proposers promised and what came of it. A change
// costs the logarithm of their number. Thread-compatible: the writer's alone; a copy is whole, and
// shares the proposals.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/numeric/int128.h"
#include "ledger/resource.h"
#include "lifecycle/proposals.pb.h"

namespace purser {

using ProposalRecord = stored::ProposalRecord;
using ProposalPicture = std::shared_ptr<const ProposalRecord>;

inline constexpr size_t kProposalsMax = 100'000;    // of a population, ever
inline constexpr size_t kProposalsOpenMax = 1'000;  // OPEN or APPROVED
inline constexpr size_t kProposedModelsMax = 16;
inline constexpr size_t kWatchersMax =
    64;  // executed proposals for whose savings a model is watched
inline constexpr size_t kEvidenceMax = 16;           // texts
inline constexpr size_t kEvidenceLengthMax = 2'000;  // of all of them
inline constexpr int64_t kProposalUs = 30 * kDayUs;  // until it expires, if nothing else is said
inline constexpr int64_t kProposalMaxUs = 400 * kDayUs;
inline constexpr int64_t kSavingUs = 28 * kDayUs;       // for which a saving is watched
inline constexpr int64_t kSavingMonthUs = 30 * kDayUs;  // that a monthly cost is of

// "SUPERSEDED", as clients see it.
std::string_view ProposalStateName(stored::ProposalState state);
// OPEN or APPROVED.
inline bool IsPending(const ProposalRecord& proposal) {
  return proposal.state() == stored::PROPOSAL_OPEN || proposal.state() == stored::PROPOSAL_APPROVED;
}
// What its proposer said first, which saying it again repeats.
stored::ProposalSettings SaidFirst(const ProposalRecord& proposal);
// The models that it names, the result last.
std::vector<std::string> ModelsOf(const stored::ProposalSettings& settings);

// What an entry's fact makes of a proposal. Its generation rises once an entry.
struct ProposalContext {
  uint64_t sequence = 0;
  InstantUs time_us = 0;
};
ProposalRecord Fold(const stored::ProposalMade& fact, const ProposalContext& context);
ProposalRecord Fold(const stored::ProposalFact& fact, const ProposalContext& context,
                    const ProposalRecord& before);
// The proposal that the fact is about.
const std::string& ProposalOf(const stored::ProposalFact& fact);
// `model` became ACTIVE, or left: what is watched of it. False: nothing is.
bool Watch(const std::string& model, bool is_active, InstantUs now_us, ProposalRecord* proposal);
// What it saved until now, of what is watched: each part is rounded down to the millionth.
Amount RealisedUntil(const ProposalRecord& proposal, InstantUs now_us);

class ProposalBook {
 public:
  // What needs its row written.
  using Changes = std::vector<ProposalPicture>;
  // Cannot fail: ends the process where the fact contradicts the book. `changes` may be nullptr.
  void Apply(const stored::ProposalFact& fact, const ProposalContext& context, Changes* changes);
  void NoteActivity(const std::string& model, bool is_active, const ProposalContext& context,
                    Changes* changes);
  // For start-up. False, and nothing done, where the id is another's already.
  bool Restore(ProposalPicture proposal);

  // nullptr: there is none.
  const ProposalRecord* Find(std::string_view id) const;
  ProposalPicture Share(std::string_view id) const;
  const absl::btree_map<std::string, ProposalPicture, std::less<>>& all() const {
    return proposals_;
  }
  // OPEN or APPROVED, in the order in which they were made.
  std::vector<std::string> ListPendingOf(std::string_view model) const;
  std::vector<std::string> ListPending() const;
  size_t CountPending() const { return expiring_.size(); }
  // Executed proposals for whose savings the model is watched.
  size_t CountWatchers(const std::string& model) const;
  // Of the models that its execution would have watched, one that is watched for as many as may be;
  // empty: none is.
  std::string FindWatchedByMany(const stored::ProposalSettings& settings) const;

  struct Next {
    InstantUs at_us = 0;
    std::string id;
  };
  std::optional<Next> NextExpiry() const;
  std::optional<Next> NextSaving() const;

  struct Proposer {
    uint64_t proposals = 0;
    uint64_t executed = 0;
    uint64_t booked = 0;               // of these, whose saving is booked
    absl::int128 promised_micros = 0;  // of all that are executed, USD a month
    absl::int128 realised_micros = 0;  // USD
    bool operator==(const Proposer&) const = default;
  };
  const std::map<std::string, Proposer>& proposers() const { return proposers_; }

  // Whether what is kept up to date is what the proposals say. Empty, or what is wrong.
  std::string FindFault() const;

 private:
  using Key = std::tuple<InstantUs, uint64_t, std::string>;  // when, the entry that made it

  void Put(ProposalPicture proposal, Changes* changes);
  // Adds to what is kept of all (sign 1), or takes from it.
  void Count(const ProposalRecord& proposal, int sign);

  absl::btree_map<std::string, ProposalPicture, std::less<>> proposals_;
  // By model, the entry that made it, and id.
  absl::btree_set<std::tuple<std::string, uint64_t, std::string>> pending_of_;
  absl::btree_set<std::pair<std::string, std::string>> watched_;  // model, and proposal
  absl::btree_set<Key> expiring_;
  absl::btree_set<Key> savings_;
  std::map<std::string, Proposer> proposers_;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_PROPOSAL_BOOK_H_
