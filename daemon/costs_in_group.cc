#include "daemon/costs_in_group.h"

#include <algorithm>
#include <map>

#include "ledger/check.h"
#include "reservations/charge_costs.h"
#include "reservations/label_split.h"

namespace purser {

stored::CostsOfGroup::LabelSet MakeLabelSet(const stored::ModelSettings& model) {
  stored::CostsOfGroup::LabelSet set;
  for (const auto& [key, value] :
       {std::pair("model", model.id()), std::pair("operator_family", model.operator_family())}) {
    stored::Label& label = *set.add_labels();
    label.set_key(key);
    label.set_value(value);
  }
  stored::CostsOfGroup::Split& split = *set.add_splits();
  split.set_key(kCapabilityLabel);
  for (const std::string& capability : model.capabilities()) {
    auto& part = *split.add_parts();
    part.set_value(capability);
    part.set_weight(1);
  }
  return set;
}

stored::CostsOfGroup::LabelSet MakeLabelSet(
    const google::protobuf::RepeatedPtrField<stored::Label>& labels) {
  stored::CostsOfGroup::LabelSet set;
  for (const stored::Label& label : labels) {
    const auto parts = IsLabelSplit(label.value()) ? ParseLabelSplit(label.value()) : std::nullopt;
    if (!parts.has_value()) {
      *set.add_labels() = label;
      continue;
    }
    stored::CostsOfGroup::Split& split = *set.add_splits();
    split.set_key(label.key());
    for (const Weight& weight : *parts) {
      auto& part = *split.add_parts();
      part.set_value(weight.name);
      part.set_weight(weight.weight.micros());
    }
  }
  return set;
}

// A set is made once: most lines of a group have labels that others have.
uint32_t CostsInGroup::FindLabels(const StoredLabels& labels) {
  key_.clear();
  for (const stored::Label& label : labels) AddToKey(label.key(), label.value());
  return FindKey([&labels] { return MakeLabelSet(labels); });
}

uint32_t CostsInGroup::FindLabels(const Labels& labels) {
  key_.clear();
  for (const auto& [key, value] : labels) AddToKey(key, value);
  return FindKey([&labels] {
    StoredLabels copies;
    for (const auto& [key, value] : labels) {
      stored::Label& label = *copies.Add();
      label.set_key(key);
      label.set_value(value);
    }
    return MakeLabelSet(copies);
  });
}

void CostsInGroup::AddToKey(std::string_view key, std::string_view value) {
  key_.append(key).push_back('\0');
  key_.append(value).push_back('\0');
}

template <typename Make>
uint32_t CostsInGroup::FindKey(Make make) {
  if (last_set_.has_value() && key_ == last_key_) return *last_set_;
  const auto next = static_cast<uint32_t>(row_.label_sets_size());
  const auto [found, is_new] = label_sets_.try_emplace(key_, next);
  if (is_new) *row_.add_label_sets() = make();
  last_key_ = key_;
  last_set_ = found->second;
  return found->second;
}

void CostsInGroup::AddCharge(const stored::Charged& charged, const stored::ChargeRecord& record,
                             const stored::CostsOfGroup::Line& made) {
  const uint32_t labels = charged.lines().empty() ? 0 : FindLabels(record.labels());
  for (const auto& of : charged.lines()) {
    stored::CostsOfGroup::Line& line = *row_.add_lines();
    line = made;
    line.set_resource(of.resource());
    line.set_category(of.cost_category());
    line.set_amount(of.amount());
    if (const auto cost = CostOf(of)) line.set_cost(cost->micros());
    line.set_within_hold(of.within_hold());
    if (of.within_hold() != 0) line.set_hold_time_us(charged.hold_time_us());
    line.set_labels(labels);
  }
}

// `record` has the refund: what was refunded before it is less by that.
void CostsInGroup::AddRefund(const stored::Refunded& refunded, const stored::ChargeRecord& record,
                             const stored::CostsOfGroup::Line& made) {
  const uint32_t labels = FindLabels(record.labels());
  const auto& lines = record.charged().lines();
  for (const auto& part : refunded.lines()) {
    const auto of = std::find_if(lines.begin(), lines.end(), [&part](const auto& each) {
      return each.resource() == part.resource();
    });
    PURSER_CHECK(of != lines.end(), "a refund is of what was charged");
    const Amount now = RefundedOf(record, part.resource());
    const Amount before = now - Amount::FromMicros(part.amount());
    stored::CostsOfGroup::Line& line = *row_.add_lines();
    line = made;
    line.set_resource(part.resource());
    line.set_category(of->cost_category());
    line.set_amount(-part.amount());
    line.set_left_amount(of->amount() - before.micros());
    if (const auto left = CostLeft(*of, now)) {
      const Amount was_left = *CostLeft(*of, before);
      line.set_cost((*left - was_left).micros());
      line.set_left_cost(was_left.micros());
    }
    line.set_labels(labels);
  }
}

void CostsInGroup::AddCostEntry(const stored::CostEntered& entered,
                                const stored::CostsOfGroup::Line& made) {
  const uint32_t labels = FindLabels(entered.labels());
  stored::CostsOfGroup::Line& line = *row_.add_lines();
  line = made;
  line.set_category(entered.category());
  line.set_cost(entered.amount());
  line.set_labels(labels);
}

void CostsInGroup::AddOutcomes(const stored::OutcomesReported& reported,
                               const stored::CostsOfGroup::Line& made) {
  stored::CostsOfGroup::Outcomes& outcomes = *row_.add_outcomes();
  outcomes.set_entry(made.entry());
  outcomes.set_time_us(made.time_us());
  outcomes.set_labels(FindLabels(reported.labels()));
  outcomes.set_accepted(reported.accepted());
  outcomes.set_rejected(reported.rejected());
  outcomes.set_escalated(reported.escalated());
}

void CostsInGroup::AddColdStart(const stored::ModelMoved& moved, const ModelRecord& model,
                                const stored::CostsOfGroup::Line& made) {
  const auto labels = static_cast<uint32_t>(row_.label_sets_size());
  *row_.add_label_sets() = MakeLabelSet(model.settings());
  row_.add_cold_starts(static_cast<uint32_t>(row_.lines_size()));
  stored::CostsOfGroup::Line& line = *row_.add_lines();
  line = made;
  line.set_category(stored::COLD_START_COST);
  line.set_cost(moved.cold_start_cost());
  line.set_labels(labels);
}

// What of a capacity it was granted, for as long as it had it.
void CostsInGroup::AddStay(const Reservation& ended, const ResourceDirectory& directory) {
  if (ended.grant_time_us == 0 || ended.grant_time_us == ended.end_time_us) return;
  const auto has_stayed = [](const HoldLine& line) {
    return !line.consumable && !line.granted.is_zero();
  };
  if (std::none_of(ended.lines.begin(), ended.lines.end(), has_stayed)) return;
  stored::CostsOfGroup::Stay& stay = *row_.add_stays();
  for (const HoldLine& of : ended.lines) {
    if (!has_stayed(of)) continue;
    auto& line = *stay.add_lines();
    line.set_resource(of.resource);
    line.set_amount(of.granted.micros());
    line.set_category(CategoryOfUse(directory.Find(of.resource), ended.purpose));
  }
  stay.set_granted_us(ended.grant_time_us);
  stay.set_started_us(ended.start_time_us);
  stay.set_ended_us(ended.end_time_us);
  stay.set_labels(FindLabels(*ended.labels));
}

// Of each capacity whose reserve the entry changed: by its postings together.
void CostsInGroup::AddReserves(const stored::Entry& entry, const ResourceDirectory& directory) {
  std::map<uint32_t, absl::int128> changes;
  for (const stored::Posting& posting : entry.postings()) {
    if (posting.to() == stored::RESERVE) changes[posting.resource()] += posting.amount();
    if (posting.from() == stored::RESERVE) changes[posting.resource()] -= posting.amount();
  }
  for (const auto& [number, change] : changes) {
    if (change == 0 || directory.Find(number).consumable) continue;
    stored::CostsOfGroup::Reserve& reserve = *row_.add_reserves();
    reserve.set_time_us(entry.time_us());
    reserve.set_resource(number);
    for (const stored::Balances& balances : entry.balances()) {
      if (balances.resource() == number) reserve.set_amount(balances.accounts(stored::RESERVE));
    }
  }
}

void CostsInGroup::Add(const stored::Entry& entry, uint64_t first_sequence,
                       const Population& population) {
  stored::CostsOfGroup::Line made;
  made.set_entry(static_cast<uint32_t>(entry.sequence() - first_sequence));
  made.set_time_us(entry.time_us());
  const auto record_of =
      [&book = population.reservations](const std::string& id) -> const stored::ChargeRecord& {
    const auto* const found = book.recent().FindCharge(id);
    PURSER_CHECK(found != nullptr, "a charge of this group is remembered");
    return **found;
  };
  for (const auto& fact : entry.reservation_facts()) {
    if (fact.has_charged()) {
      AddCharge(fact.charged(), record_of(fact.charged().id()), made);
    } else if (fact.has_refunded()) {
      AddRefund(fact.refunded(), record_of(fact.refunded().charge()), made);
    } else if (fact.has_cost_entered()) {
      AddCostEntry(fact.cost_entered(), made);
    } else if (fact.has_outcomes_reported()) {
      AddOutcomes(fact.outcomes_reported(), made);
    } else if (fact.has_ended()) {
      const auto* const ended = population.reservations.recent().FindReservation(fact.ended().id());
      PURSER_CHECK(ended != nullptr, "what ended in this group is remembered");
      AddStay(**ended, population.directory);
    }
  }
  AddReserves(entry, population.directory);
  for (const auto& fact : entry.model_facts()) {
    if (!fact.has_moved() || fact.moved().cold_start_cost() == 0) continue;
    // No command purges who becomes ACTIVE by it, but what is verified may say so.
    const ModelRecord* const model = population.models.Find(fact.moved().id());
    if (model != nullptr) AddColdStart(fact.moved(), *model, made);
  }
}

}  // namespace purser
