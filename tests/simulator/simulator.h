#ifndef PURSER_TESTS_SIMULATOR_SIMULATOR_H_
#define PURSER_TESTS_SIMULATOR_SIMULATOR_H_

// The deterministic simulator: random commands, a clock that jumps, a store that fails and loses
// power, applied to the product and to the reference model side by side. After each step the
// invariants hold and both agree; after each crash nothing acknowledged is missing, and what was
// not is there wholly or not at all. One seed is one run. Thread-compatible.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/model/model.h"
#include "tests/simulator/past.h"
#include "tests/simulator/workload.h"
#include "tests/subject/sequencer_subject.h"

namespace purser {

struct SimulationCounts {
  uint64_t commands = 0;
  uint64_t entries = 0;
  uint64_t crashes = 0;   // the power went
  uint64_t unknowns = 0;  // groups that the disk did not confirm
  uint64_t kept = 0;      // commands of those that were there afterwards
  uint64_t replays = 0;
  uint64_t shared_groups = 0;
  uint64_t dry_runs = 0;
  uint64_t resumes = 0;
  uint64_t past_moments = 0;
  std::map<model::Verb, uint64_t> accepted;
  std::map<std::string, uint64_t> codes;
};

// Whether the verdict says that the command left an entry; with a key a denial always does.
bool LeftEntry(const model::Action& action, const std::string& key, const model::Verdict& verdict);
bool IsDenial(const model::Verdict& verdict);
// Adds the reservations that it names, those of its members included.
void CollectIds(const model::Action& action, std::set<std::string>* ids);

class Simulator {
 public:
  // On the store that `make_store` makes; without one, in memory.
  Simulator(uint64_t seed, SimulationCounts* counts);
  Simulator(uint64_t seed, SimulationCounts* counts, SequencerSubject::MakeStore make_store);

  // "" or what went wrong, with the last steps.
  std::string Run(int steps);

 private:
  struct Sent {
    model::Action action;
    Sending sending;
    model::Verdict verdict;
    bool decided = false;  // durably, though the answer is that nobody knows
  };
  // A key that was used, by whom, and the first answer.
  struct UsedKey {
    model::Action action;
    model::Verdict verdict;
    int64_t time_us = 0;
  };

  // The steps: each "" or what went wrong.
  std::string Step();
  std::string MoveClock();
  std::string LeaveSignOfLife();
  std::string SendOne(const model::Action& action, const std::string& key);
  std::string SendGroup(uint64_t size);
  std::string SendDryRun();
  std::string SendKeyAgain();
  std::string SendIntoFault();
  // The store did not take what nobody asked for.
  std::string MeetFault();
  std::string CutPower();

  // Sends all of them so that they share a group, then tells the model and compares.
  std::string Send(std::vector<Sent> sent);
  std::string TellModel(Sent* sent, bool met_writer);
  std::string Judge(const Sent& sent, const model::Verdict& expected);
  // How many entries since the last check carry the request's id.
  uint64_t CountEntries(const std::string& request_id) const;
  // After a crash or a failed write; `unknown` is what was not confirmed, in the order decided.
  std::string Recover(bool power_cut, std::vector<Sent> unknown);
  std::string LearnWhatHappened(std::vector<Sent>* unknown);
  std::string ReopenStore();
  std::string OpenAgain();

  void AdvanceModel(int64_t at_us);
  void RememberKey(const Sent& sent, const model::Verdict& verdict);
  bool KeyIsRetained(const std::string& key) const;
  Sent MakeSent(const model::Action& action, const std::string& key);
  std::string CheckState();
  std::string CheckDigest();
  std::string CheckEnd();
  void Log(const std::string& line);

  SequencerSubject subject_;
  model::Model model_;
  Workload workload_;
  SimulationCounts* const counts_;
  Past past_;
  std::map<std::string, UsedKey> keys_;
  uint64_t next_request_ = 1;
  uint64_t known_sequence_ = 0;  // every entry up to it was acknowledged, or found after a crash
  uint64_t steps_ = 0;
  std::set<std::string> touched_;  // reservations named since the last check
  std::vector<std::string> log_;
};

}  // namespace purser

#endif  // PURSER_TESTS_SIMULATOR_SIMULATOR_H_
