#include "daemon/made_in_group.h"

namespace purser {
namespace {

void AddId(uint32_t entry, uint32_t index, const std::string& id, stored::MadeInGroup* made) {
  made->add_entries(entry);
  made->add_indexes(index);
  made->add_ids(id);
}

}  // namespace

void MadeInGroup::Add(const stored::Entry& entry, uint64_t first_sequence) {
  const auto at = static_cast<uint32_t>(entry.sequence() - first_sequence);
  uint32_t reservations_made = 0;
  uint32_t charges_made = 0;
  uint32_t posted = 0;  // cost entries and outcomes together
  for (const auto& fact : entry.reservation_facts()) {
    if (fact.has_held()) {
      AddId(at, reservations_made++, fact.held().request().id(), &reservations);
    } else if (fact.has_queued()) {
      AddId(at, reservations_made++, fact.queued().request().id(), &reservations);
    } else if (fact.has_scheduled()) {
      AddId(at, reservations_made++, fact.scheduled().request().id(), &reservations);
    } else if (fact.has_denied()) {
      // A denial without an id is remembered by its key alone.
      const std::string& id = fact.denied().request().id();
      const uint32_t index = reservations_made++;
      if (!id.empty()) AddId(at, index, id, &reservations);
    } else if (fact.has_charged()) {
      AddId(at, charges_made++, fact.charged().id(), &charges);
    } else if (fact.has_cost_entered()) {
      AddId(at, posted++, fact.cost_entered().id(), &cost_entries);
    } else if (fact.has_outcomes_reported()) {
      AddId(at, posted++, fact.outcomes_reported().id(), &outcomes);
    }
  }
}

}  // namespace purser
