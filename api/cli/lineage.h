#ifndef PURSER_API_CLI_LINEAGE_H_
#define PURSER_API_CLI_LINEAGE_H_

// Puts models in an order in which they can be registered. Thread-safe: pure functions.
#include <cstddef>
#include <string>
#include <vector>

namespace purser::cli {

struct LineageNode {
  std::string id;
  std::vector<std::string> parents;  // those that are no node are there already, or nowhere
};

struct Lineage {
  std::vector<size_t> order;  // all nodes, parents first, else as they stood; empty with a cycle
  std::vector<size_t> cycle;  // child, parent, its parent … child again; empty: there is none
};

// Ids are unique.
Lineage OrderByLineage(const std::vector<LineageNode>& nodes);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_LINEAGE_H_
