#include "lifecycle/zero_one_search.h"

#include <algorithm>
#include <queue>

#include "lifecycle/dual_bound.h"
#include "lifecycle/linear_relaxation.h"
#include "lifecycle/zero_one_domain.h"
#include "lifecycle/zero_one_improver.h"

namespace purser {

namespace {

using State = ZeroOneDomain::State;

// A part nearer than that to none or all of a column is taken as that.
constexpr int32_t kTolerance = kAllOfAColumn / 1'000'000;
// A count is decided where it is that far from whole.
constexpr int64_t kCountTolerance = kAllOfAColumn / 10;

// What is left of a program when some of its columns are decided.
struct Remainder {
  ZeroOneProgram program;
  std::vector<uint32_t> columns;  // by its columns: which they were
  ZeroOneSet decided;             // by what they were
  absl::int128 score = 0;         // of who is in already

  ZeroOneSet Whole(const ZeroOneSet& set) const {
    ZeroOneSet whole = decided;
    for (size_t i = 0; i < set.size(); ++i) whole[columns[i]] = set[i];
    return whole;
  }
  ZeroOneSet PartOf(const ZeroOneSet& set) const {
    ZeroOneSet part;
    for (const uint32_t column : columns) part.push_back(set[column]);
    return part;
  }
};

// A limit less what is decided, if it still limits: no sum is beyond `extreme`.
std::optional<int64_t> LimitLeft(const std::optional<int64_t>& limit, absl::int128 decided,
                                 absl::int128 extreme, bool is_upper) {
  if (!limit.has_value()) return std::nullopt;
  const absl::int128 left = *limit - decided;
  if (is_upper ? left >= extreme : left <= extreme) return std::nullopt;
  return static_cast<int64_t>(left);
}

Remainder RemainderOf(const ZeroOneProgram& program, const ZeroOneDomain& domain) {
  Remainder rest;
  std::vector<uint32_t> places(program.scores.size(), 0);
  for (uint32_t i = 0; i < program.scores.size(); ++i) {
    rest.decided.push_back(domain.Of(i) == State::kIn);
    if (rest.decided[i]) rest.score += program.scores[i];
    if (!domain.IsFree(i)) continue;
    places[i] = static_cast<uint32_t>(rest.columns.size());
    rest.columns.push_back(i);
    rest.program.scores.push_back(program.scores[i]);
  }
  for (uint32_t i = 0; i < program.rows.size(); ++i) {
    ZeroOneProgram::Row row;
    absl::int128 decided = 0;
    absl::int128 least = 0;
    absl::int128 most = 0;
    for (const ZeroOneProgram::Entry& entry : program.rows[i].entries) {
      if (domain.IsFree(entry.column)) {
        row.entries.push_back({places[entry.column], entry.coefficient});
        (entry.coefficient < 0 ? least : most) += entry.coefficient;
      } else if (rest.decided[entry.column]) {
        decided += entry.coefficient;
      }
    }
    row.lower = LimitLeft(domain.RangeOf(i).lower, decided, least, false);
    row.upper = LimitLeft(domain.RangeOf(i).upper, decided, most, true);
    const auto& counts = program.counts;
    const bool is_count = std::find(counts.begin(), counts.end(), i) != counts.end();
    if (!is_count && !row.lower.has_value() && !row.upper.has_value()) continue;
    if (is_count) rest.program.counts.push_back(static_cast<uint32_t>(rest.program.rows.size()));
    rest.program.rows.push_back(std::move(row));
  }
  return rest;
}

// A part of all sets that is still to be looked at.
struct Node {
  std::vector<State> states;                 // by column
  std::vector<ZeroOneDomain::Range> ranges;  // by count
  absl::int128 bound = 0;
  int64_t number = 0;  // in the order in which they were made
};
struct IsWorse {
  bool operator()(const Node& a, const Node& b) const {
    return a.bound != b.bound ? a.bound < b.bound : a.number < b.number;
  }
};

// Of one program, most of whose columns are still free.
class Tree {
 public:
  Tree(const ZeroOneProgram* program, int64_t steps_max)
      : program_(program),
        columns_(ColumnsOf(*program)),
        relaxation_(program),
        improver_(program, &columns_),
        digits_(DigitsOf(*program)),
        steps_max_(steps_max) {
    for (const absl::int128 score : program->scores) needed_ += std::min<absl::int128>(score, 0);
  }

  // Each set that is found, and the least score that the next one needs.
  void Consider(const ZeroOneSet& set) {
    if (!IsFeasible(*program_, set)) return;
    const absl::int128 score = ScoreOf(*program_, set);
    if (score < needed_) return;
    set_ = set;
    score_ = score;
    needed_ = score + 1;
  }
  void Need(absl::int128 score) { needed_ = std::max(needed_, score); }
  void KnowBound(absl::int128 bound) { known_bound_ = bound; }

  const std::optional<ZeroOneSet>& set() const { return set_; }
  absl::int128 score() const { return score_; }
  absl::int128 needed() const { return needed_; }
  int64_t steps() const { return steps_; }
  // No set has a larger score; nullopt: all was looked at.
  const std::optional<absl::int128>& open_bound() const { return open_bound_; }

  bool IsWanted(absl::int128 bound) const { return bound >= needed_; }
  ZeroOneDomain Whole() const { return ZeroOneDomain(program_, &columns_); }
  absl::int128 BoundOfAll() const {
    absl::int128 bound = 0;
    for (const absl::int128 score : program_->scores) bound += std::max<absl::int128>(score, 0);
    return known_bound_.has_value() ? std::min(bound, *known_bound_) : bound;
  }

  enum class Sets { kFind, kLeave };
  // Narrows the domain by what no set that is needed can have. False: there is none in it.
  bool Tighten(Sets sets, ZeroOneDomain* domain, absl::int128* bound) {
    if (!domain->Propagate()) return false;
    const LinearRelaxation::Solution& solution = relaxation_.Solve(*domain);
    ++steps_;
    parts_ = solution.parts;
    const DualBound dual = BoundOf(*program_, columns_, *domain, solution.multipliers, digits_);
    *bound = std::min(*bound, dual.scaled >> digits_);
    if (!IsWanted(*bound)) return false;
    if (sets == Sets::kFind) Round(dual, *domain);
    if (!IsWanted(*bound)) return false;
    const absl::int128 room = dual.scaled - (needed_ << digits_);
    for (size_t i = 0; i < dual.reduced.size(); ++i) {
      if (!domain->IsFree(i)) continue;
      if (dual.reduced[i] > room) domain->Fix(i, true);
      if (-dual.reduced[i] > room) domain->Fix(i, false);
    }
    return domain->Propagate();
  }

  void Search(const ZeroOneDomain& domain, absl::int128 bound) {
    Open(NodeOf(domain, bound));
    while (!open_.empty() && IsWanted(open_.top().bound)) {
      Node node = open_.top();
      open_.pop();
      if (!Plunge(std::move(node))) {
        open_bound_ = open_.top().bound;
        return;
      }
    }
  }

 private:
  struct Branch {
    std::optional<uint32_t> column;
    bool is_in_first = false;
    std::optional<size_t> count;
    int64_t at_most = 0;
  };

  void Open(Node node) {
    node.number = nodes_++;
    open_.push(std::move(node));
  }

  Node NodeOf(const ZeroOneDomain& domain, absl::int128 bound) const {
    Node node;
    for (size_t i = 0; i < program_->scores.size(); ++i) node.states.push_back(domain.Of(i));
    for (const uint32_t row : program_->counts) node.ranges.push_back(domain.RangeOf(row));
    node.bound = bound;
    return node;
  }
  // False: it has no sets.
  bool Enter(const Node& node, ZeroOneDomain* domain) const {
    for (size_t i = 0; i < node.states.size(); ++i) {
      if (node.states[i] == State::kFree) continue;
      if (!domain->Fix(i, node.states[i] == State::kIn)) return false;
    }
    for (size_t i = 0; i < node.ranges.size(); ++i) {
      if (!domain->Narrow(program_->counts[i], node.ranges[i])) return false;
    }
    return true;
  }

  // From the node down to a leaf, the other branches left open. False: the steps ran out.
  bool Plunge(Node node) {
    while (IsWanted(node.bound)) {
      if (steps_ >= steps_max_) {
        Open(std::move(node));
        return false;
      }
      ZeroOneDomain domain = Whole();
      if (!Enter(node, &domain) || !Tighten(Sets::kFind, &domain, &node.bound)) return true;
      const std::optional<Branch> branch = Choose(domain);
      if (!branch.has_value()) return true;
      node = NodeOf(domain, node.bound);
      Node other = node;
      if (branch->column.has_value()) {
        node.states[*branch->column] = branch->is_in_first ? State::kIn : State::kOut;
        other.states[*branch->column] = branch->is_in_first ? State::kOut : State::kIn;
      } else {
        Node& few = branch->is_in_first ? other : node;
        Node& many = branch->is_in_first ? node : other;
        few.ranges[*branch->count].upper = branch->at_most;
        many.ranges[*branch->count].lower = branch->at_most + 1;
      }
      Open(std::move(other));
    }
    return true;
  }

  // What to decide next; nullopt: all is decided, and was considered.
  std::optional<Branch> Choose(const ZeroOneDomain& domain) {
    Branch branch;
    for (size_t i = 0; i < program_->counts.size() && !parts_.empty(); ++i) {
      int64_t sum = 0;
      for (const auto& entry : program_->rows[program_->counts[i]].entries) {
        sum += entry.coefficient * parts_[entry.column];
      }
      const int64_t part = sum % kAllOfAColumn;
      if (part < kCountTolerance || part > kAllOfAColumn - kCountTolerance) continue;
      branch.count = i;
      branch.at_most = sum / kAllOfAColumn;
      branch.is_in_first = part > kAllOfAColumn / 2;
      return branch;
    }
    absl::int128 best = -1;  // the score that hangs on it
    for (uint32_t i = 0; i < program_->scores.size(); ++i) {
      if (!domain.IsFree(i)) continue;
      const int32_t part = parts_.empty() ? 0 : parts_[i];
      const absl::int128 score =
          program_->scores[i] < 0 ? -program_->scores[i] : program_->scores[i];
      const absl::int128 weight = score * std::min(part, kAllOfAColumn - part);
      if (weight <= best) continue;
      best = weight;
      branch.column = i;
      branch.is_in_first = part > kAllOfAColumn / 2;
    }
    if (!branch.column.has_value()) {
      ZeroOneSet set;
      for (size_t i = 0; i < program_->scores.size(); ++i) {
        set.push_back(domain.Of(i) == State::kIn);
      }
      Consider(set);
      return std::nullopt;
    }
    return branch;
  }

  // A set near to what the relaxation says.
  void Round(const DualBound& dual, const ZeroOneDomain& domain) {
    if (parts_.empty()) return;
    std::vector<uint32_t> order;
    for (uint32_t i = 0; i < parts_.size(); ++i) {
      if (domain.Of(i) != State::kOut && parts_[i] > kTolerance) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return parts_[a] > parts_[b]; });
    std::vector<uint32_t> others;
    for (uint32_t i = 0; i < parts_.size(); ++i) {
      if (parts_[i] <= kTolerance && program_->scores[i] > 0) others.push_back(i);
    }
    std::stable_sort(others.begin(), others.end(),
                     [&](uint32_t a, uint32_t b) { return dual.reduced[a] > dual.reduced[b]; });
    order.insert(order.end(), others.begin(), others.end());
    std::optional<ZeroOneSet> set = improver_.Fill(order);
    if (!set.has_value()) return;
    if (!set_.has_value() || ScoreOf(*program_, *set) > score_) improver_.Improve(&*set);
    Consider(*set);
  }

  const ZeroOneProgram* program_;
  ZeroOneColumns columns_;
  LinearRelaxation relaxation_;
  ZeroOneImprover improver_;
  int digits_;
  int64_t steps_max_;
  int64_t steps_ = 0;
  int64_t nodes_ = 0;
  std::optional<ZeroOneSet> set_;
  absl::int128 score_ = 0;
  absl::int128 needed_ = 0;
  std::optional<absl::int128> known_bound_;
  std::optional<absl::int128> open_bound_;
  std::vector<int32_t> parts_;
  std::priority_queue<Node, std::vector<Node>, IsWorse> open_;
};

// What is left of the question's program beside who is fixed; nullopt: no set keeps all rows.
std::optional<Remainder> Begin(const ZeroOneQuestion& question) {
  const ZeroOneColumns columns = ColumnsOf(*question.program);
  ZeroOneDomain domain(question.program, &columns);
  for (const auto& [column, is_in] : question.fixed) {
    if (!domain.Fix(column, is_in)) return std::nullopt;
  }
  if (!domain.Propagate()) return std::nullopt;
  return RemainderOf(*question.program, domain);
}

// Of a question that fixes nobody: decides at the root what can be, and searches what is left.
ZeroOneAnswer SearchFree(const ZeroOneQuestion& question) {
  ZeroOneAnswer answer;
  answer.is_complete = true;
  Tree root(question.program, question.steps_max);
  if (question.score_min.has_value()) root.Need(*question.score_min);
  if (question.score_max.has_value()) root.KnowBound(*question.score_max);
  for (const ZeroOneSet& start : question.starts) root.Consider(start);
  ZeroOneDomain domain = root.Whole();
  absl::int128 bound = root.BoundOfAll();
  bool is_open = root.IsWanted(bound);
  if (is_open && question.steps_max > 0) is_open = root.Tighten(Tree::Sets::kFind, &domain, &bound);
  answer.set = root.set();
  answer.score = root.score();
  answer.bound = answer.score;
  answer.steps = root.steps();
  if (!is_open) return answer;
  const Remainder rest = RemainderOf(*question.program, domain);
  Tree tree(&rest.program, question.steps_max - answer.steps);
  tree.Need(root.needed() - rest.score);
  if (question.score_max.has_value()) tree.KnowBound(*question.score_max - rest.score);
  tree.Search(tree.Whole(), bound - rest.score);
  answer.steps += tree.steps();
  if (tree.set().has_value()) {
    answer.set = rest.Whole(*tree.set());
    answer.score = tree.score() + rest.score;
  }
  answer.bound = answer.score;
  if (!tree.open_bound().has_value()) return answer;
  answer.is_complete = false;
  answer.bound = *tree.open_bound() + rest.score;
  if (answer.set.has_value()) answer.bound = std::max(answer.bound, answer.score);
  return answer;
}

}  // namespace

std::vector<bool> ListHopeless(const ZeroOneQuestion& question) {
  std::vector<bool> hopeless(question.program->scores.size(), true);
  const std::optional<Remainder> rest = Begin(question);
  if (!rest.has_value()) return hopeless;
  Tree root(&rest->program, 1);
  if (question.score_min.has_value()) root.Need(*question.score_min - rest->score);
  ZeroOneDomain domain = root.Whole();
  absl::int128 bound = root.BoundOfAll();
  if (!root.Tighten(Tree::Sets::kLeave, &domain, &bound)) return hopeless;
  for (size_t i = 0; i < hopeless.size(); ++i) hopeless[i] = !rest->decided[i];
  for (size_t i = 0; i < rest->columns.size(); ++i) {
    hopeless[rest->columns[i]] = domain.Of(i) == State::kOut;
  }
  return hopeless;
}

ZeroOneAnswer SearchZeroOne(const ZeroOneQuestion& question) {
  const std::optional<Remainder> rest = Begin(question);
  ZeroOneAnswer answer;
  answer.is_complete = true;
  if (!rest.has_value()) return answer;
  ZeroOneQuestion ask = question;
  ask.program = &rest->program;
  ask.starts.clear();
  for (const ZeroOneSet& start : question.starts) {
    const ZeroOneSet part = rest->PartOf(start);
    if (rest->Whole(part) == start) ask.starts.push_back(part);
  }
  if (ask.score_min.has_value()) *ask.score_min -= rest->score;
  if (ask.score_max.has_value()) *ask.score_max -= rest->score;
  answer = SearchFree(ask);
  if (answer.set.has_value()) answer.set = rest->Whole(*answer.set);
  answer.score += rest->score;
  answer.bound += rest->score;
  return answer;
}

}  // namespace purser
