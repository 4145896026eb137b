// The rows of guardrails.
#include "daemon/group_writer.h"
#include "daemon/schema.h"
#include "ledger/check.h"
#include "lifecycle/guardrail_watch.h"

namespace purser {

void GroupWriter::AddGuardrails(const stored::Entry& entry, Chapter* chapter) {
  const Population& population = *chapter->population;
  for (const auto& fact : entry.ledger_facts()) {
    if (fact.has_guardrail_set()) chapter->guardrails.insert(fact.guardrail_set().id());
    if (fact.has_frozen()) chapter->guardrails.insert(fact.frozen().guardrail());
    if (fact.has_hour_began()) {
      for (const auto& [id, record] : population.books.guardrails().all()) {
        chapter->guardrails.insert(id);
      }
    }
    if (!fact.has_guardrail_deleted()) continue;
    AddRow({Table::kGuardrails, schema::IdKey(population.number, fact.guardrail_deleted().id()), "",
            true});
  }
  if (population.books.guardrails().empty()) return;
  for (const auto& fact : entry.reservation_facts()) {
    if (!fact.has_charged()) continue;
    const auto* charge = population.reservations.recent().FindCharge(fact.charged().id());
    PURSER_CHECK(charge != nullptr, "a charge of this group is remembered");
    const auto costs = CostsByGuardrail(population.books.guardrails(), fact.charged(),
                                        *ReadLabels((*charge)->labels()));
    for (const auto& [id, cost] : costs) chapter->guardrails.insert(id);
  }
}

void GroupWriter::FinishGuardrails(const Chapter& chapter) {
  const Population& population = *chapter.population;
  for (const std::string& id : chapter.guardrails) {
    // One that was deleted later in the group has no row any more.
    const stored::GuardrailRecord* const record = population.books.guardrails().Find(id);
    if (record == nullptr) continue;
    AddRow({Table::kGuardrails, schema::IdKey(population.number, id), record->SerializeAsString()});
  }
}

}  // namespace purser
