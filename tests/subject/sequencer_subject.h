#ifndef PURSER_TESTS_SUBJECT_SEQUENCER_SUBJECT_H_
#define PURSER_TESTS_SUBJECT_SEQUENCER_SUBJECT_H_

// The product as a Subject: one population of a MemoryController. An action goes the way of a
// request: decoding, scopes, look-ups (api::Submission), the sequencer, and back as a verdict.
// Besides the Subject's calls it offers what the simulator needs: keys, dry runs, groups of several
// commands, faults and crashes. Deterministic; thread-compatible.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/submission.h"
#include "tests/model/subject.h"
#include "tests/subject/memory_controller.h"

namespace purser {

// How an action is sent.
struct Sending {
  std::string key;  // "" without an Idempotency-Key
  bool dry_run = false;
  std::string request_id;  // names the command in the journal
};

class SequencerSubject : public model::Subject {
 public:
  using MakeStore = std::function<std::unique_ptr<BreakableStore>()>;

  explicit SequencerSubject(MakeStore make_store =
                                [] { return std::make_unique<BreakableMemoryStore>(); })
      : make_store_(std::move(make_store)) {
    Reset(0, {"capability", "operator_family"});
  }

  void Reset(int64_t start_us, const std::vector<std::string>& required_labels) override;
  model::Verdict Do(const model::Action& action) override { return Do(action, Sending()); }
  int64_t NowUs() const override;
  std::optional<model::ResourceView> FindResource(const std::string& name) const override;
  std::optional<model::ReservationView> FindReservation(const std::string& id) const override;
  std::vector<model::DebtView> ListDebts() const override;
  std::vector<model::FreezeView> ListFreezes() const override;
  std::vector<std::string> ListQueue() const override;
  std::optional<model::ArtifactView> FindArtifact(const std::string& id) const override;
  std::optional<model::PopulationView> FindPopulation() const override;
  std::optional<model::ProposalView> FindProposal(const std::string& id) const override;
  std::optional<model::ProposerView> FindProposer(const std::string& principal) const override;
  std::string RateCards() const override;
  std::string Guardrails() const override;
  std::string Budgets() const override;
  std::string BudgetMonth() const override;
  std::string RateInForce(const std::string& resource) const override;
  std::string Periods() const override;
  std::string AcceptedCosts(const std::vector<std::string>& keys) const override;
  std::string Identity(const std::string& resource) const override;
  std::string CheckInvariants() const override;

  // Any verb but kAdvance and kResume. The code of what the disk did not confirm is
  // `commit_unknown`.
  model::Verdict Do(const model::Action& action, const Sending& sending);
  MemoryController& controller() const { return *controller_; }
  const Population& population() const { return *controller_->Find(kPopulation); }
  History TakeHistory() const { return controller_->TakeHistory(kPopulation); }

  static constexpr char kPopulation[] = "p";

  // Shared with the as-of checks.
  static model::ResourceView ViewOf(const Resource& resource);
  static model::ReservationView ViewOf(const Reservation& reservation, int64_t lease_shift_us,
                                       const ResourceIdentities& identify);

 private:
  model::Verdict Advance(int64_t at_us);
  model::Verdict Resume(int64_t shift_us);
  // "" or the code with which it is refused.
  std::string LookAtPeriod(ClosePeriod* close);
  // As the thread that made the budget, which looks behind that and takes its time.
  void LookAtBudget(CountBudget* count);
  void LookAtNewBudgets();
  std::string FindFreezeId(const model::Action& action) const;
  std::string FindDaemonId(const model::Action& action) const;
  // Every denial is explained, and whoever is answered by the same entry is told the same.
  void CheckDenials(const api::Submitted& submitted);
  void NoteExplanation(const Refusal& refusal, const std::string& id, uint64_t sequence);
  void CheckDenial(const Refusal& refusal, uint64_t sequence);

  const MakeStore make_store_;
  std::unique_ptr<MemoryController> controller_;
  // What was first said of the entry that denied it, or made the reservation wait.
  std::map<std::pair<uint64_t, std::string>, std::string> explanations_;
  std::string fault_;
  // What was found when a budget was made, and what opening that was in.
  std::map<std::string, std::pair<CountBudget, int>> looked_;
};

// What a client reads in the answer to a command: `submitted` of an action.
model::Verdict ToVerdict(const model::Action& action, const api::Submitted& submitted,
                         const ResourceIdentities& identify);

}  // namespace purser

#endif  // PURSER_TESTS_SUBJECT_SEQUENCER_SUBJECT_H_
