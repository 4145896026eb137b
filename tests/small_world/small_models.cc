#include "tests/small_world/small_models.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "ledger/refusal.h"
#include "ledger/text.h"
#include "lifecycle/state_machine.h"
#include "tests/model/scenario_artifacts.h"
#include "tests/small_world/letter.h"
#include "tests/subject/action_models.h"
#include "tests/subject/action_proposals.h"

namespace purser::small {
namespace {

// 0 stays 0: there is none.
int64_t FromNow(int64_t at_us, const SmallState& state) {
  return at_us == 0 ? 0 : at_us - state.now_us;
}

void AddText(std::string_view text, std::vector<int64_t>* words) {
  words->push_back(static_cast<int64_t>(text.size()));
  uint64_t word = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    word = word << 8 | static_cast<unsigned char>(text[i]);
    if (i % 8 == 7 || i + 1 == text.size()) words->push_back(static_cast<int64_t>(word));
  }
}

void AddModel(ModelRecord model, const SmallState& state, std::vector<int64_t>* words) {
  model.set_window_ends_us(FromNow(model.window_ends_us(), state));
  model.clear_generation();
  model.clear_create_sequence();
  model.clear_state_sequence();
  model.clear_change_sequence();
  model.clear_create_time_us();
  model.clear_state_time_us();
  for (auto& constraint : *model.mutable_settings()->mutable_constraints()) {
    constraint.clear_set_time_us();
  }
  AddText(model.SerializeAsString(), words);
}

void AddProposal(ProposalRecord proposal, const SmallState& state, std::vector<int64_t>* words) {
  auto& settings = *proposal.mutable_settings();
  settings.set_expire_time_us(IsPending(proposal) ? FromNow(settings.expire_time_us(), state) : 0);
  proposal.set_saving_due_us(FromNow(proposal.saving_due_us(), state));
  for (auto& watched : *proposal.mutable_watched()) {
    watched.set_counts_since_us(FromNow(watched.counts_since_us(), state));
  }
  // Whether a model is as it was approved is all that is asked of it.
  for (auto& bound : *proposal.mutable_bound()) {
    const ModelRecord* const model = state.population.models.Find(bound.model());
    bound.set_generation(model != nullptr && model->generation() == bound.generation() ? 1 : 0);
  }
  proposal.clear_generation();
  proposal.clear_create_time_us();
  proposal.clear_create_sequence();
  proposal.clear_state_time_us();
  proposal.clear_change_sequence();
  proposal.clear_end_sequence();
  AddText(proposal.SerializeAsString(), words);
}

// Two things of one instant fall due in the order in which they came about.
template <typename Items, typename Sequence>
void AddOrder(const Items& items, Sequence sequence_of, std::vector<int64_t>* words) {
  std::map<uint64_t, std::string> order;
  for (const auto& [id, item] : items) {
    const uint64_t sequence = sequence_of(*item);
    if (sequence != 0) order[sequence] += id;
  }
  for (const auto& [sequence, id] : order) AddText(id, words);
}

std::string Both(const std::string& what, const std::string& got, const std::string& expected) {
  if (got == expected) return "";
  return Concat(what, " is ", got, ", the model says ", expected);
}

template <typename View>
std::string Shown(const std::optional<View>& view) {
  return view.has_value() ? model::Describe(*view) : "absent";
}

}  // namespace

void AddModels(const SmallState& state, std::vector<int64_t>* words) {
  const ModelBook& book = state.population.models;
  for (const auto& [id, model] : book.all()) {
    words->push_back(-6);
    AddModel(*model, state, words);
  }
  AddOrder(
      book.all(),
      [](const ModelRecord& model) {
        return model.state() == stored::MODEL_ROLLBACK_TARGET ? model.state_sequence() : 0;
      },
      words);
  for (const auto& [id, proposal] : book.proposals().all()) {
    words->push_back(-7);
    AddProposal(*proposal, state, words);
  }
  AddOrder(
      book.proposals().all(),
      [](const ProposalRecord& proposal) {
        return IsPending(proposal) ? proposal.create_sequence() : proposal.end_sequence();
      },
      words);
  std::map<uint64_t, const stored::Approval*> approvals;
  for (const auto& [id, approval] : book.approvals()) approvals[approval.sequence()] = &approval;
  for (const auto& [sequence, approval] : approvals) {
    words->insert(words->end(), {-8, FromNow(approval->expire_time_us(), state),
                                 FromNow(approval->due_back_us(), state)});
    AddText(Concat(approval->model(), " ", approval->principal()), words);
  }
  for (const auto& [sequence, loan] : book.loans()) {
    words->insert(words->end(), {-9, FromNow(loan.due_back_us(), state)});
    for (const auto& line : loan.drawn()) {
      words->insert(words->end(), {line.resource(), line.amount()});
    }
    AddText(loan.model(), words);
  }
  if (!book.month().has_value()) return;
  const bool runs = state.now_us < book.month()->ends_us();
  words->insert(words->end(), {-10, runs ? book.month()->base_at_start() : -1,
                               runs ? FromNow(book.month()->ends_us(), state) : 0});
}

std::string CompareModels(const SmallState& product, const model::Model& model) {
  const Population& population = product.population;
  std::string fault;
  for (const auto& [id, artifact] : model.state().zoo.artifacts) {
    const ModelRecord* const found = population.models.Find(id);
    // Of one that is PURGED the journal tells.
    if (found == nullptr && artifact.state == "PURGED") continue;
    std::optional<model::ArtifactView> view;
    if (found != nullptr) view = ViewOfModel(*found, population);
    if (fault.empty()) fault = Both(id, Shown(view), Shown(model.FindArtifact(id)));
  }
  for (const auto& [id, proposal] : model.state().proposals.by_id) {
    const ProposalRecord* const found = population.models.proposals().Find(id);
    std::optional<model::ProposalView> view;
    if (found != nullptr) view = ViewOfProposal(*found, population);
    if (fault.empty()) fault = Both(id, Shown(view), Shown(model.FindProposal(id)));
  }
  if (!fault.empty()) return fault;
  return Both("the population", model::Describe(ViewOfModels(population)),
              Shown(model.FindPopulation()));
}

std::string FindLostRollback(const SmallState& state) {
  const Population& population = state.population;
  const ModelsSummary summary = Summarise(population.models, population.books, 1);
  if (!summary.coverage.has_value() || *summary.coverage < 1) return "";
  StateMachine machine{Policy(), MonthStartAfter()};
  machine.Restore(std::make_unique<Population>(population));
  google::protobuf::Arena arena;
  for (const std::string& id : summary.active) {
    if (RollbackTargetOf(*population.models.Find(id)).empty()) continue;
    Command command;
    command.population = kPopulation;
    command.caller = {"local", true};
    command.body = RollBackModel{id, true};
    const Verdict verdict = machine.Decide(command, state.now_us, &arena);
    if (verdict.status.ok()) continue;
    const Reason reason = RefusalOf(verdict.status).reason();
    if (reason == stored::CONSTRAINT_FORBIDS) continue;
    return Concat("the rollback of ", id, " is covered and refused: ", ReasonCode(reason));
  }
  return "";
}

}  // namespace purser::small
