#include "api/cli/lineage.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace purser::cli {
namespace {

// Depth first without recursion: a lineage may be as long as the file.
class Ordering {
 public:
  explicit Ordering(const std::vector<LineageNode>& nodes) : nodes_(nodes), marks_(nodes.size()) {
    for (size_t i = 0; i < nodes.size(); ++i) index_.emplace(nodes[i].id, i);
  }

  Lineage Run() {
    for (size_t i = 0; i < nodes_.size() && out_.cycle.empty(); ++i) Visit(i);
    if (!out_.cycle.empty()) out_.order.clear();
    return std::move(out_);
  }

 private:
  enum class Mark { kNew, kOpen, kDone };
  struct Step {
    size_t node;
    size_t next_parent;
  };

  void Enter(size_t node) {
    marks_[node] = Mark::kOpen;
    way_.push_back({node, 0});
  }

  void Visit(size_t root) {
    if (marks_[root] != Mark::kNew) return;
    Enter(root);
    while (!way_.empty()) {
      Step& step = way_.back();
      const LineageNode& node = nodes_[step.node];
      if (step.next_parent == node.parents.size()) {
        marks_[step.node] = Mark::kDone;
        out_.order.push_back(step.node);
        way_.pop_back();
        continue;
      }
      const auto parent = index_.find(node.parents[step.next_parent++]);
      if (parent == index_.end() || marks_[parent->second] == Mark::kDone) continue;
      if (marks_[parent->second] == Mark::kOpen) return KeepCycle(parent->second);
      Enter(parent->second);
    }
  }

  void KeepCycle(size_t again) {
    auto begin = std::find_if(way_.begin(), way_.end(),
                              [again](const Step& step) { return step.node == again; });
    for (; begin != way_.end(); ++begin) out_.cycle.push_back(begin->node);
    out_.cycle.push_back(again);
  }

  const std::vector<LineageNode>& nodes_;
  std::map<std::string_view, size_t> index_;
  std::vector<Mark> marks_;
  std::vector<Step> way_;
  Lineage out_;
};

}  // namespace

Lineage OrderByLineage(const std::vector<LineageNode>& nodes) { return Ordering(nodes).Run(); }

}  // namespace purser::cli
