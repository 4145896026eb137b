#ifndef PURSER_TESTS_MODEL_PROPOSAL_H_
#define PURSER_TESTS_MODEL_PROPOSAL_H_

// Proposals to retire, replace, merge and archive ML models, in the reference model
// (daemon/decisions/0011).
//
// Amounts in millionths, instants in microseconds. Plain data, thread-compatible.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/model/action.h"

namespace purser::model {

// How long after its execution it is booked what a proposal has saved.
inline constexpr int64_t kRealisedAfterUs = 28LL * 86'400'000'000;

struct Proposal {
  std::string id;
  std::string content;  // Of its creation.
  std::string proposer;
  std::string kind;  // RETIRE, REPLACE, MERGE or ARCHIVE.
  std::vector<std::string> models;
  std::string result;  // "" none, or none yet.
  std::string giver;   // Of a result that was given later.
  std::string state = "OPEN";
  int64_t order = 0;  // Of the creation.
  int64_t expires_us = 0;

  // The last approval: by whom, and of which generations.
  std::string approver;
  std::map<std::string, int64_t> approved_of;

  // Of one that is EXECUTED: when, as which one, what was expected of it, and what came of it.
  int64_t executed_us = 0;
  int64_t executed_order = 0;
  std::map<std::string, int64_t> costs;  // Of the models and the result, as it was executed.
  int64_t promised = 0;
  std::optional<int64_t> realised;

  bool IsMerge() const { return kind == "MERGE"; }
  bool IsArchive() const { return kind == "ARCHIVE"; }
  bool IsExecuted() const { return state == "EXECUTED"; }
  // It may still be executed, or ended otherwise.
  bool IsLive() const { return state == "OPEN" || state == "APPROVED"; }
  // The models, in the order in which they were named, and the result.
  std::vector<std::string> All() const {
    std::vector<std::string> all = models;
    if (!result.empty()) all.push_back(result);
    return all;
  }
};

// What was booked for a proposer.
struct ProposerSums {
  int64_t proposals = 0;
  int64_t executed = 0;
  int64_t promised = 0;
  int64_t realised = 0;

  bool operator==(const ProposerSums&) const = default;
};

// That an artifact became ACTIVE, or was no longer.
struct Switch {
  int64_t at_us = 0;
  std::string artifact;
  bool active = false;
};

// Everything about them that a command may change.
struct Proposals {
  std::map<std::string, Proposal> by_id;
  std::map<std::string, ProposerSums> sums;  // By proposer.
  std::vector<Switch> switches;              // In the order of time.
  int64_t next_order = 1;
  int64_t next_executed = 1;
};

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_PROPOSAL_H_
