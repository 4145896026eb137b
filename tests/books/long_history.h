#ifndef PURSER_TESTS_BOOKS_LONG_HISTORY_H_
#define PURSER_TESTS_BOOKS_LONG_HISTORY_H_

// A long random life of three populations, with every kind of command, in a store in memory:
// several months of a fake clock, rollovers, debts, refunds, expiries, freezes, restarts, resources
// that come and go. Deterministic: the same seed gives the same bytes.
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "daemon/memory_store.h"
#include "daemon/sequencer.h"

namespace purser {

class LongHistory {
 public:
  explicit LongHistory(uint64_t seed);

  // Lives through so many groups of one to four commands.
  void Live(int groups);
  // Ends with a debt, a freeze, a reservation that runs and one that ended, in the population.
  void LeaveOpenEnds(const std::string& population);

  MemoryStore& store() { return store_; }
  const Sequencer& sequencer() const { return *sequencer_; }

 private:
  using SubmitBody = std::function<void(decltype(Command::body))>;

  uint64_t Pick(uint64_t below) { return random_() % below; }
  bool Chance(int percent) { return Pick(100) < static_cast<uint64_t>(percent); }
  Amount PickAmount(int64_t units_max);
  std::string PickOf(const std::vector<std::string>& from);
  void Open();
  void MakePopulation(const std::string& name);
  void PassTime();
  void Submit(std::vector<Command> commands);
  SubmitBody SubmitTo(const std::string& population, const std::string& principal);
  void Explain(const std::string& population, const Shown& denial);

  Command MakeCommand();
  void FillLimits(const std::vector<std::string>& names, Command* command);
  void FillOperators(const Population& population, Command* command);
  void FillUpdate(const Population& population, Command* command);
  // Of money; long_history_money.cc.
  void FillRates(const Population& population, Command* command);
  static Labels GuardedLabels();
  void LiveOfGuardrails(const std::string& population);
  void LiveOfBudgets(const std::string& population);
  void LiveOfAllocations(const std::string& population);
  // In two entries.
  std::array<CountBudget, 2> CountLate(const std::string& population);
  // Of models; long_history_models.cc.
  void FillModels(const Population& population, Command* command);
  std::string PickModel(const Population& population,
                        std::initializer_list<stored::ModelState> states);
  UpdateModel SayOfModel();
  std::string PickProposal(const Population& population, stored::ProposalState state);
  void FillProposal(const Population& population, Command* command);
  void LiveOfModels(const std::string& population);
  void CloseAMonth(const std::string& population);
  void LeaveModels(const SubmitBody& submit);
  void FillActivation(const Population& population, Command* command);
  void FillUsers(const Population& population, Command* command);
  BatchOperation MakeOperation(const Population& population);
  RequestReservation MakeRequest(const Population& population);
  NamedAmounts PickAmounts(const Population& population, bool consumables_only, int64_t units_max);
  NamedAmounts PickHeld(const Population& population, const std::string& reservation);
  Labels MakeLabels();
  std::string NewId(const std::string& prefix);
  void LookUp(Command* command);

  std::mt19937_64 random_;
  MemoryStore store_;
  std::unique_ptr<Sequencer> sequencer_;
  InstantUs now_us_;
  int next_id_ = 1;
  std::vector<std::string> reservations_;
  std::vector<std::string> charges_;
};

}  // namespace purser

#endif  // PURSER_TESTS_BOOKS_LONG_HISTORY_H_
