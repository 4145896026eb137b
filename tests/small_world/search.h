#ifndef PURSER_TESTS_SMALL_WORLD_SEARCH_H_
#define PURSER_TESTS_SMALL_WORLD_SEARCH_H_

// The small world, whole: every sequence of commands up to a length, breadth first, each state
// once.
//
// A state is kept as the path that leads to it, a byte a letter, and made again from there; paths
// of one length are visited in order, so that neighbours share their beginnings. In every
// transition the invariants are checked, and that no experiment lowers a reserve; the reference
// model is asked as well, in every transition up to a depth and from there on in those out of one
// state of several. Thread-compatible.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "tests/model/model.h"
#include "tests/small_world/letter.h"
#include "tests/small_world/player.h"
#include "tests/small_world/small_state.h"

namespace purser::small {

inline constexpr int kDepthMax = 8;  // a path is a byte a letter in 64 bits

struct SearchOptions {
  Rules rules;
  int depth = 4;                // the length of the longest sequences
  int model_depth = kDepthMax;  // the model is asked in every transition up to here,
  uint64_t model_every = 1;     // and beyond in those out of one state of so many
};

// What was seen at one depth.
struct Level {
  int depth = 0;
  uint64_t states = 0;       // that no shorter sequence, and no other of this length, had led to
  uint64_t transitions = 0;  // commands decided
  uint64_t accepted = 0;     // of those that left an entry
  uint64_t compared = 0;     // of those that the model was asked about
};

class Search {
 public:
  explicit Search(SearchOptions options);

  // Every sequence one command longer than those before; not beyond the options' depth.
  Level Deepen();
  // With the sequence that leads there; at most a few.
  const std::vector<std::string>& faults() const { return faults_; }
  uint64_t states() const { return seen_.size(); }

 private:
  static constexpr size_t kFaultsMax = 5;
  using Path = uint64_t;  // the first letter in the highest byte, counted from 1

  // A state on the way to the one being visited, and the model's of it, once it was asked for.
  struct Stop {
    SmallState state;
    std::optional<model::Model> model;
  };
  // Of the letter at `depth`; 0 behind the path's end.
  static uint8_t LetterAt(Path path, int depth) { return path >> (8 * (kDepthMax - 1 - depth)); }

  void Visit(Path path, Level* level, std::vector<Path>* frontier);
  void Try(size_t index, Path path, bool asked, Level* level, std::vector<Path>* frontier);
  // Brings stops_ to the path's end.
  void Follow(Path path);
  // The model's state there; made from the nearest one before it.
  const model::Model& ModelAt(size_t depth);
  void ReportFault(const std::string& what, size_t index);

  const SearchOptions options_;
  std::vector<Letter> alphabet_;
  Player player_;
  std::vector<std::unique_ptr<Stop>> stops_;  // stops_[0] is the beginning
  std::vector<size_t> followed_;              // the letters between them
  std::vector<Path> frontier_;
  absl::flat_hash_set<Digest> seen_;
  std::vector<std::string> faults_;
};

}  // namespace purser::small

#endif  // PURSER_TESTS_SMALL_WORLD_SEARCH_H_
