// The rows of budgets.
#include "daemon/group_writer.h"
#include "daemon/schema.h"
#include "lifecycle/cost_month.h"

namespace purser {

void GroupWriter::AddBudgets(const stored::Entry& entry, Chapter* chapter) {
  const Population& population = *chapter->population;
  for (const auto& fact : entry.ledger_facts()) {
    if (fact.has_budget_set()) chapter->budgets.insert(fact.budget_set().budget().id());
    if (fact.has_budget_counted()) chapter->budgets.insert(fact.budget_counted().id());
    if (fact.has_budget_crossed()) chapter->budgets.insert(fact.budget_crossed().id());
    if (fact.has_cost_month_began()) {
      for (const auto& [id, state] : population.books.budgets().all()) chapter->budgets.insert(id);
    }
    if (!fact.has_budget_deleted()) continue;
    AddRow(
        {Table::kBudgets, schema::IdKey(population.number, fact.budget_deleted().id()), "", true});
  }
  ForEachSpending(entry, population, [chapter](const std::string& id, Amount part) {
    if (!part.is_zero()) chapter->budgets.insert(id);
  });
}

void GroupWriter::FinishBudgets(const Chapter& chapter) {
  const BudgetBook& budgets = chapter.population->books.budgets();
  for (const std::string& id : chapter.budgets) {
    // One that was deleted later in the group has no row any more.
    const BudgetState* const state = budgets.Find(id);
    if (state == nullptr) continue;
    AddRow({Table::kBudgets, schema::IdKey(chapter.population->number, id),
            budgets.ToRecord(*state).SerializeAsString()});
  }
}

}  // namespace purser
