#ifndef PURSER_TESTS_MODEL_SCENARIO_H_
#define PURSER_TESTS_MODEL_SCENARIO_H_

// Scenario tables: text files that a non-programmer can audit, run against any Subject.
//
// The grammar is described in tests/scenarios/README.md. One command a line with the verdict
// expected of it, and lines that say what must be true afterwards. Thread-compatible.
#include <string>
#include <vector>

#include "tests/model/subject.h"

namespace purser::model {

// What a line expects of the answer to its command.
struct ExpectedVerdict {
  std::string code;  // "" = ok.
  bool replayed = false;
  bool queued = false;
  bool scheduled = false;
  bool pending = false;
  bool stop = false;
  bool late = false;
  int member = -1;
  std::vector<std::string> also;                  // Further reasons of a denial, in their order.
  std::vector<std::string> uncoverable;           // Resources.
  std::vector<std::string> changed;               // Models, since an approval.
  std::vector<std::vector<std::string>> clauses;  // The words of the other clauses.
};

struct Step {
  enum class Kind { kReset, kAct, kExpect };
  Kind kind = Kind::kAct;
  int line = 0;
  std::string text;  // The line as written.

  // kReset.
  int64_t start_us = 0;
  std::vector<std::string> required_labels;

  // kAct. For a batch: the members stand in the action, their verdicts here.
  Action action;
  ExpectedVerdict verdict;
  std::vector<ExpectedVerdict> members;

  // kExpect: what is looked at ("gpu_hours", "reservation exp-1", "debts", "queue"), and what
  // it must read.
  std::string what;
  std::string expected;
};

struct Scenario {
  std::vector<Step> steps;
  std::vector<std::string> faults;  // "file:line: …" of lines that cannot be understood.
};

Scenario ParseScenario(const std::string& path);

// Runs a file; returns a message "file:line: …" for each fault, mismatch and broken invariant. A
// block that goes wrong is left, since what follows in it means nothing; the next block begins
// anew.
std::vector<std::string> RunScenario(const std::string& path, Subject* subject);

// All files with the ending .scenario of a directory, by name.
std::vector<std::string> ListScenarios(const std::string& directory);

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_SCENARIO_H_
