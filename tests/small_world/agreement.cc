#include "tests/small_world/agreement.h"

#include "ledger/refusal.h"
#include "ledger/text.h"
#include "tests/small_world/small_models.h"

namespace purser::small {
namespace {

std::string Differ(std::string_view what, int64_t product, int64_t expected) {
  if (product == expected) return "";
  return Concat(what, " is ", Amount::FromMicros(product).ToString(), ", the model says ",
                Amount::FromMicros(expected).ToString());
}

int64_t AmountOf(const model::Amounts& amounts, const std::string& resource) {
  const auto it = amounts.find(resource);
  return it == amounts.end() ? 0 : it->second;
}

std::string CompareCharge(const stored::ChargeRecord& charge, const model::Verdict& expected) {
  if (charge.charged().stop() != (expected.action == "STOP")) return "STOP is said by one only";
  if (charge.charged().late() != expected.late) return "late is said by one only";
  for (int i = 0; i < charge.charged().lines_size(); ++i) {
    const auto& line = charge.charged().lines(i);
    const std::string& name = charge.resource_names(i);
    for (const std::string& fault :
         {Differ("within the hold", line.within_hold(), AmountOf(expected.within_hold, name)),
          Differ("overrun", line.overrun(), AmountOf(expected.overrun, name)),
          Differ("overdraft", line.overdraft(), AmountOf(expected.overdraft, name))}) {
      if (!fault.empty()) return fault;
    }
  }
  return "";
}

std::string CompareShortages(const Refusal& refusal, const model::Verdict& expected) {
  if (refusal.shortages_size() != static_cast<int>(expected.shortages.size())) {
    return "the shortages differ in number";
  }
  for (int i = 0; i < refusal.shortages_size(); ++i) {
    const auto& product = refusal.shortages(i);
    const model::Shortage& model = expected.shortages[i];
    if (product.resource() != model.resource) return "the shortages differ in order";
    for (const std::string& fault :
         {Differ("requested", product.requested(), model.requested),
          Differ("protected", product.reserve_protected(), model.reserve_protected),
          Differ("short by", product.short_by(), model.short_by)}) {
      if (!fault.empty()) return Concat(product.resource(), ": ", fault);
    }
  }
  return "";
}

std::string CompareResource(const Resource& resource, const model::Book& book) {
  const std::pair<const char*, std::pair<int64_t, int64_t>> figures[] = {
      {"granted", {resource.granted().micros(), book.granted}},
      {"available", {resource[stored::AVAILABLE].micros(), book.available}},
      {"reserve", {resource[stored::RESERVE].micros(), book.reserve}},
      {"held", {resource[stored::HELD].micros(), book.held}},
      {"in_use", {resource[stored::IN_USE].micros(), book.in_use}},
      {"spent", {resource[stored::SPENT].micros(), book.spent}},
      {"overdraft", {resource[stored::OVERDRAFT].micros(), book.overdraft}},
      {"base", {resource.base.micros(), book.Base()}},
      {"target", {resource.target().micros(), book.Target()}},
      {"shortfall", {resource.shortfall.micros(), book.shortfall}}};
  for (const auto& [what, amounts] : figures) {
    const std::string fault = Differ(what, amounts.first, amounts.second);
    if (!fault.empty()) return Concat(resource.name(), ": ", fault);
  }
  return "";
}

// Debts of one resource, oldest first, as text.
std::string DebtsOf(const Resource& resource, const DebtBook& debts) {
  std::string text;
  for (const auto& [key, debt] : debts.all()) {
    if (key.first != resource.number) continue;
    text += Concat(debt.operator_family(), " ", debt.charge(), " ", debt.amount(), "; ");
  }
  return text;
}

std::string DebtsOf(const model::Book& book) {
  std::string text;
  for (const model::Debt& debt : book.debts) {
    text += Concat(debt.family, " ", debt.charge, " ", debt.amount, "; ");
  }
  return text;
}

std::string_view NameOf(stored::ReservationState state) {
  constexpr std::string_view kPrefix = "STATE_";
  std::string_view name = stored::ReservationState_Name(state);
  name.remove_prefix(kPrefix.size());
  return name;
}

std::string CompareReservation(const Reservation& product, int64_t lease_shift_us,
                               const model::Reservation& expected) {
  if (NameOf(product.state) != expected.state) {
    return Concat("is ", NameOf(product.state), ", the model says ", expected.state);
  }
  if (product.state == stored::STATE_DENIED) return "";
  if (product.preempt_at_us(lease_shift_us) != expected.preempt_at_us) {
    return "gives way at another instant";
  }
  const std::string gives_way_to = product.notice == nullptr ? "" : product.notice->preempted_for;
  if (gives_way_to != expected.preempted_for) return Concat("gives way to \"", gives_way_to, "\"");
  if (product.stopped != expected.stopped) return "was told to stop by one only";
  if (product.open() && product.expire_time_us(lease_shift_us) != expected.expires_us) {
    return "expires at another instant";
  }
  for (const HoldLine& line : product.lines) {
    const model::ReservationLine& other = expected.lines.at(line.consumable ? "c" : "k");
    for (const std::string& fault : {Differ("granted", line.granted.micros(), other.granted),
                                     Differ("held", line.held.micros(), other.held),
                                     Differ("in_use", line.in_use.micros(), other.in_use),
                                     Differ("charged", line.charged.micros(), other.charged),
                                     Differ("overrun", line.overrun.micros(), other.overrun)}) {
      if (!fault.empty()) return fault;
    }
  }
  return "";
}

}  // namespace

std::string CompareVerdicts(const Letter& letter, const Verdict& product,
                            const model::Verdict& expected, const Rules& rules) {
  // Of models and proposals the state knows by itself what was said before.
  const bool looks_up = !rules.models || letter.kind != Kind::kCommand;
  const bool known = looks_up && (expected.replayed || expected.code == "id_conflict");
  if (product.stale || known) {
    return product.stale == known ? "" : "an id that was used is known to one only";
  }
  const Refusal refusal = product.status.ok() ? Refusal() : RefusalOf(product.status);
  const std::string code = product.status.ok() ? "" : ReasonCode(refusal.reason());
  // Where time goes on by days a denial is forgotten, of which the product's memory alone knows
  // nothing.
  if (rules.models && code == "denied" && expected.code == "not_found") return "";
  if (code != expected.code) {
    return Concat("the verdict is \"", code, "\", the model says \"", expected.code, "\"");
  }
  if (letter.kind == Kind::kRequest) {
    const auto* made = product.shown.empty() ? nullptr : product.shown[0].reservation.get();
    if (product.status.ok() && made != nullptr &&
        (made->queued() != expected.queued || made->scheduled() != expected.scheduled)) {
      return "it waits or is booked in one only";
    }
    return product.status.ok() ? "" : CompareShortages(refusal, expected);
  }
  if (product.shown.empty() || product.shown[0].charge == nullptr) return "";
  if (letter.kind != Kind::kCharge) return "";
  return CompareCharge(*product.shown[0].charge, expected);
}

std::string CompareStates(const SmallState& product, const model::Model& model,
                          const Rules& rules) {
  const model::State& expected = model.state();
  const Books& books = product.population.books;
  for (const auto& [name, number] : books.numbers_by_name()) {
    const Resource& resource = *books.Find(number);
    const model::Book& book = expected.books.at(name);
    if (std::string fault = CompareResource(resource, book); !fault.empty()) return fault;
    if (DebtsOf(resource, books.debts()) != DebtsOf(book)) return Concat(name, ": debts differ");
  }
  if (books.freezes().size() != expected.freezes.size()) return "freezes differ";
  for (int i = 1; i <= product.requests; ++i) {
    const std::string id = ReservationId(i);
    const auto it = expected.reservations.find(id);
    const Reservation& found = *FindReservation(product.population, id);
    if (it == expected.reservations.end()) {
      if (rules.models && found.state == stored::STATE_DENIED) continue;  // forgotten by now
      return Concat(id, " is unknown to the model");
    }
    const std::string fault = CompareReservation(found, books.lease_shift_us(), it->second);
    if (!fault.empty()) return Concat(id, ": ", fault);
  }
  std::vector<std::string> queue;
  for (const auto& [key, waits] : product.population.reservations.queue().by_key()) {
    queue.push_back(waits->id);
  }
  if (queue != model.ListQueue()) return "the queues differ";
  if (product.now_us != expected.now_us) return "the clocks differ";
  return CompareModels(product, model);
}

}  // namespace purser::small
