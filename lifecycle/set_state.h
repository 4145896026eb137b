#ifndef PURSER_LIFECYCLE_SET_STATE_H_
#define PURSER_LIFECYCLE_SET_STATE_H_

// For review_set.h: its question in numbers, and a set of candidates that grows and shrinks by one
// at a cost that does not depend on how many candidates there are.
//
// A set's score is 32 times its net value in millionths, less its number of members: among sets of
// the same value the smaller one is better. Thread-compatible.
#include <cstdint>
#include <vector>

#include "absl/numeric/int128.h"

namespace purser {

inline constexpr int kScoreOfValue = 32;  // above the members of any set

// Immutable once it is made.
struct SetProblem {
  struct Candidate {
    absl::int128 saved = 0;              // millionths: what it costs
    std::vector<absl::int128> lost;      // by how many of its capabilities are lost, from 0 on
    int lost_alone = 0;                  // how many are when nobody else leaves
    std::vector<absl::int128> frees;     // by lacking resource, at most all that is lacking
    std::vector<uint32_t> capabilities;  // that it may cost, or bring others to the brink of

    // As a set of its own.
    absl::int128 ScoreAlone() const { return kScoreOfValue * (saved - lost[lost_alone]) - 1; }
  };
  // The best first, as far as sets can reach: to the first who is no candidate and so stays, or to
  // one more than may leave.
  struct Provider {
    int32_t candidate = kStays;
    int64_t quality_micros = 0;
  };
  static constexpr int32_t kStays = -1;
  struct Capability {
    std::vector<Provider> providers;
    bool is_required = false;
  };
  std::vector<Candidate> candidates;
  std::vector<Capability> capabilities;
  std::vector<absl::int128> lacking;  // above 0
  size_t members_max = 0;
};

class SetState {
 public:
  explicit SetState(const SetProblem* problem);

  // One that is not in; takes the last one out.
  void Push(size_t candidate);
  void Pop();
  void Clear();

  const std::vector<uint32_t>& members() const { return members_; }
  bool Has(size_t candidate) const { return is_in_[candidate]; }
  bool IsFull() const { return members_.size() >= problem_->members_max; }
  absl::int128 score() const { return score_; }
  // What is lacking still, of a resource; below 0: more than enough is freed.
  absl::int128 Missing(size_t resource) const { return missing_[resource]; }
  // Whether what is required is provided still: where it is not, it is in no larger set.
  bool KeepsRequired() const { return broken_ == 0; }
  bool IsFeasible() const;

 private:
  // How far a capability's providers have left, before the last change.
  struct Undo {
    uint32_t capability = 0;
    uint32_t front = 0;
    uint32_t lost = 0;
  };
  struct Frame {
    absl::int128 score = 0;
    size_t undo_count = 0;
  };
  void Advance(uint32_t capability);
  bool IsBroken(uint32_t capability) const;

  const SetProblem* problem_;
  std::vector<bool> is_in_;
  std::vector<uint32_t> members_;
  std::vector<Frame> frames_;
  std::vector<Undo> undos_;
  std::vector<absl::int128> missing_;
  std::vector<uint8_t> lost_of_;  // by candidate: how many of its capabilities are lost
  std::vector<uint32_t> front_;   // by capability: the rank of the best who stays
  std::vector<uint32_t> lost_;    // by capability: of how many members, the best ones, it is lost
  absl::int128 score_ = 0;
  int broken_ = 0;  // capabilities that are required and have no provider any more
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_SET_STATE_H_
