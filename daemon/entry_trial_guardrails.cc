// The trial of guardrails: those that trip in an entry are those that its charges make trip.
#include <algorithm>

#include "daemon/entry_trial.h"
#include "lifecycle/guardrail_watch.h"

namespace purser {
namespace {

constexpr int64_t kHourUs = 3'600 * kSecondUs;
constexpr int64_t kDayUsMax = 26 * kHourUs;  // with any change of clocks

// Each is compared with what the one before it bounds: from a forged one nothing can be subtracted.
bool IsHourOf(const stored::ClockHour& hour, InstantUs now_us) {
  return hour.hour_us() <= now_us && hour.hour_us() > now_us - kHourUs &&
         hour.day_us() <= hour.hour_us() && hour.day_us() > hour.hour_us() - kDayUsMax &&
         hour.day_before_us() < hour.day_us() && hour.day_before_us() >= hour.day_us() - kDayUsMax;
}

// What guards the books has of an entry, in order.
std::string GuardingFacts(const google::protobuf::RepeatedPtrField<stored::LedgerFact>& facts) {
  std::string text;
  for (const auto& fact : facts) {
    const bool guards = fact.has_hour_began() || !fact.frozen().guardrail().empty();
    if (guards) text += fact.SerializeAsString();
  }
  return text;
}

}  // namespace

bool EntryTrial::Try(const stored::Guardrail& fact) {
  const stored::GuardrailRecord* const record = population_.books.guardrails().Find(fact.id());
  const bool is_made = record == nullptr && fact.generation() == 1 &&
                       fact.create_time_us() == entry_.time_us() &&
                       fact.sequence() == entry_.sequence();
  const bool is_good = !fact.id().empty() && fact.expected_hourly_cost() >= 0;
  if (is_good && is_made) return true;
  if (is_good && record != nullptr) {
    stored::Guardrail same = record->guardrail();
    if (same.SerializeAsString() == fact.SerializeAsString()) return true;
    same.set_generation(same.generation() + 1);
    same.clear_expected_hourly_cost();
    if (fact.has_expected_hourly_cost()) {
      same.set_expected_hourly_cost(fact.expected_hourly_cost());
    }
    if (same.SerializeAsString() == fact.SerializeAsString()) return true;
  }
  return Fail("the guardrail ", fact.id(), " was made, or changed, otherwise");
}

bool EntryTrial::Try(const stored::GuardrailDeleted& fact) {
  if (population_.books.guardrails().Find(fact.id()) != nullptr) return true;
  return Fail("it deletes the guardrail ", fact.id(), ", which does not stand");
}

bool EntryTrial::Try(const stored::ClockHour& fact) {
  const auto& all = population_.books.guardrails().all();
  const bool goes_back = std::any_of(all.begin(), all.end(), [&fact](const auto& each) {
    return each.second.hour().hour_us() > fact.hour_us();
  });
  return (IsHourOf(fact, entry_.time_us()) && !goes_back) ||
         Fail("it begins another hour than its own");
}

bool EntryTrial::Try(const stored::Freeze& fact) {
  if (fact.has_experiments() != !fact.guardrail().empty()) {
    return Fail("the freeze ", fact.id(), " stops experiments for no guardrail");
  }
  freezes_[fact.id()] = true;
  return true;
}

bool EntryTrial::CheckTrips() {
  const auto& guardrails = population_.books.guardrails();
  BooksDraft draft(&population_.books, entry_.sequence(), entry_.time_us());
  stored::ClockHour hour;
  if (!guardrails.empty()) hour = guardrails.all().begin()->second.hour();
  for (const auto& fact : entry_.ledger_facts()) {
    if (fact.has_hour_began()) hour = fact.hour_began();
  }
  const ClockHourAt clock_hour_at = [&hour](const std::string&, InstantUs) { return hour; };
  GuardrailWatch watch(&draft, &clock_hour_at);
  bool was_charged = false;
  for (const auto& fact : entry_.reservation_facts()) {
    if (!fact.has_charged()) continue;
    was_charged = true;
    const Reservation* const of = fact.charged().reservation().empty()
                                      ? nullptr
                                      : FindReservation(fact.charged().reservation());
    watch.Watch(fact.charged(), of == nullptr ? *ReadLabels(fact.charged().labels()) : *of->labels);
  }
  if (was_charged && !guardrails.empty() && entry_.time_us() - hour.hour_us() >= kHourUs) {
    return Fail("it charges in an hour that has not begun");
  }
  google::protobuf::RepeatedPtrField<stored::LedgerFact> facts;
  google::protobuf::RepeatedPtrField<stored::Posting> postings;
  google::protobuf::RepeatedPtrField<stored::Balances> balances;
  draft.MoveInto(&facts, &postings, &balances);
  return GuardingFacts(facts) == GuardingFacts(entry_.ledger_facts()) ||
         Fail("its charges make other guardrails trip, or begin another hour");
}

}  // namespace purser
