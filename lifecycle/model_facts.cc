// What the journal's facts make of models.
#include "ledger/check.h"
#include "lifecycle/model_book.h"

namespace purser {

namespace {

ModelRecord Copy(const ModelRecord& before, const ModelContext& context) {
  ModelRecord model = before;
  if (before.change_sequence() != context.sequence) model.set_generation(before.generation() + 1);
  model.set_change_sequence(context.sequence);
  return model;
}

void SetState(stored::ModelState state, const ModelContext& context, ModelRecord* model) {
  model->set_state(state);
  model->set_state_time_us(context.time_us);
  model->set_state_sequence(context.sequence);
}

}  // namespace

ModelRecord Fold(const stored::ModelRegistered& fact, const ModelContext& context) {
  ModelRecord model;
  *model.mutable_settings() = fact.settings();
  *model.mutable_uncoverable() = fact.uncoverable();
  model.set_generation(1);
  model.set_create_time_us(context.time_us);
  model.set_create_sequence(context.sequence);
  model.set_change_sequence(context.sequence);
  SetState(stored::MODEL_CANDIDATE, context, &model);
  return model;
}

ModelRecord Fold(const stored::ModelChanged& fact, const ModelContext& context,
                 const ModelRecord& before) {
  ModelRecord model = Copy(before, context);
  *model.mutable_settings() = fact.settings();
  if (!fact.says_target()) return model;
  model.clear_replaced_target();
  *model.mutable_uncoverable() = fact.uncoverable();
  return model;
}

ModelRecord Fold(const stored::ModelMoved& fact, const ModelContext& context,
                 const ModelRecord& before) {
  PURSER_CHECK(before.state() == fact.from(), "a model leaves the state that it has");
  ModelRecord model = Copy(before, context);
  SetState(fact.to(), context, &model);
  model.set_window_ends_us(fact.window_ends_us());
  if (fact.to() == stored::MODEL_ACTIVE) model.set_was_active(true);
  // Nobody tells it any more when that one's window ends.
  if (fact.to() == stored::MODEL_PURGED) model.clear_replaced_target();
  return model;
}

ModelRecord Fold(const stored::ReplacedTargetSet& fact, const ModelContext& context,
                 const ModelRecord& before) {
  ModelRecord model = Copy(before, context);
  if (fact.is_kept()) model.mutable_settings()->set_rollback_target(before.replaced_target());
  model.set_replaced_target(fact.target());
  return model;
}

ModelRecord Fold(const stored::CostPromised& fact, const ModelContext& context,
                 const ModelRecord& before) {
  ModelRecord model = Copy(before, context);
  auto& costs = *model.mutable_settings()->mutable_monthly_costs();
  for (int i = 0; i < costs.size(); ++i) {
    if (costs[i].category() != fact.category()) continue;
    PURSER_CHECK(costs[i].amount() == fact.before(), "a promise lowers the cost that there is");
    costs[i].set_amount(fact.after());
    if (fact.after() == 0) costs.DeleteSubrange(i, 1);
    return model;
  }
  PURSER_CHECK(false, "a promise lowers a cost that there is");
  return model;
}

template <typename Fact>
void ModelBook::Change(const Fact& fact, const std::string& id, const Context& context,
                       Changes* changes) {
  const ModelRecord* const before = Find(id);
  PURSER_CHECK(before != nullptr, "what a fact changes is there");
  Put(std::make_shared<const ModelRecord>(Fold(fact, context.entry, *before)), context.resources,
      changes);
}

void ModelBook::ApplyFact(const stored::ModelFact& fact, const Context& context, Changes* changes) {
  switch (fact.fact_case()) {
    case stored::ModelFact::kRegistered:
      PURSER_CHECK(!FindCreateSequence(fact.registered().settings().id()).has_value(),
                   "invariant 7: an id is used once");
      Put(std::make_shared<const ModelRecord>(Fold(fact.registered(), context.entry)),
          context.resources, changes);
      return;
    case stored::ModelFact::kChanged:
      return Change(fact.changed(), fact.changed().settings().id(), context, changes);
    case stored::ModelFact::kMoved: {
      const stored::ModelMoved& moved = fact.moved();
      Change(moved, moved.id(), context, changes);
      const bool is_active = moved.to() == stored::MODEL_ACTIVE;
      if (is_active == (moved.from() == stored::MODEL_ACTIVE)) return;
      proposals_.NoteActivity(moved.id(), is_active,
                              {context.entry.sequence, context.entry.time_us},
                              changes == nullptr ? nullptr : &changes->proposals);
      return;
    }
    case stored::ModelFact::kReplacedTargetSet:
      return Change(fact.replaced_target_set(), fact.replaced_target_set().id(), context, changes);
    case stored::ModelFact::kCostPromised:
      return Change(fact.cost_promised(), fact.cost_promised().id(), context, changes);
    case stored::ModelFact::kApprovalRequested:
      return Add(fact.approval_requested());
    case stored::ModelFact::kApprovalEnded: {
      const auto approval = approvals_.find(fact.approval_ended().id());
      PURSER_CHECK(approval != approvals_.end(), "an approval that ends stands");
      expiring_.erase({approval->second.expire_time_us(), approval->first});
      approvals_.erase(approval);
      return;
    }
    case stored::ModelFact::kLoanMade:
      loans_[fact.loan_made().sequence()] = fact.loan_made();
      return;
    case stored::ModelFact::kLoanRepaid:
      PURSER_CHECK(loans_.erase(fact.loan_repaid().sequence()) == 1, "what is repaid was lent");
      return;
    case stored::ModelFact::kBudgetMonth:
      month_ = fact.budget_month();
      return;
    case stored::ModelFact::kProposal:
      return proposals_.Apply(fact.proposal(), {context.entry.sequence, context.entry.time_us},
                              changes == nullptr ? nullptr : &changes->proposals);
    case stored::ModelFact::FACT_NOT_SET:
      break;
  }
  PURSER_CHECK(false, "every fact is known");
}

void ModelBook::Apply(const google::protobuf::RepeatedPtrField<stored::ModelFact>& facts,
                      const Context& context, Changes* changes) {
  for (const stored::ModelFact& fact : facts) ApplyFact(fact, context, changes);
}

}  // namespace purser
