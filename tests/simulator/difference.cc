#include "tests/simulator/difference.h"

#include "tests/model/calendar.h"
#include "tests/model/decimal.h"
#include "tests/model/scenario_artifacts.h"

namespace purser {

using model::FormatDecimal;

namespace {

std::string ToString(const model::ResourceView& view) {
  std::string text;
  for (const auto& [name, amount] :
       {std::pair("granted", view.granted), std::pair("available", view.available),
        std::pair("reserve", view.reserve), std::pair("held", view.held),
        std::pair("in_use", view.in_use), std::pair("spent", view.spent),
        std::pair("overdraft", view.overdraft), std::pair("base", view.base),
        std::pair("target", view.target), std::pair("deficit", view.deficit),
        std::pair("backed", view.backed), std::pair("shortfall", view.shortfall)}) {
    text += std::string(" ") + name + " " + FormatDecimal(amount);
  }
  return text;
}

std::string ToString(const model::ReservationView& view) {
  std::string text = view.state + (view.stopped ? " stopped" : "");
  if (view.state != "DENIED") text += " expires " + model::FormatInstant(view.expires_us);
  if (!view.preempted_for.empty()) {
    text += " gives way at " + model::FormatInstant(view.preempt_at_us) + " for ";
    text += view.preempted_for;
  }
  if (!view.approver.empty()) text += " by " + view.approver;
  for (const auto& [name, line] : view.lines) {
    text += " " + name + " granted " + FormatDecimal(line.granted) + " held " +
            FormatDecimal(line.held) + " in_use " + FormatDecimal(line.in_use) + " charged " +
            FormatDecimal(line.charged) + " overrun " + FormatDecimal(line.overrun);
  }
  return text;
}

std::string ToString(const std::vector<model::DebtView>& debts) {
  std::string text;
  for (const model::DebtView& debt : debts) {
    text += debt.family + " " + debt.resource + " " + debt.charge + " " +
            FormatDecimal(debt.amount) + "; ";
  }
  return text;
}

std::string ToString(const std::vector<model::FreezeView>& freezes) {
  std::string text;
  for (const model::FreezeView& freeze : freezes) {
    text += freeze.kind + " " + freeze.name;
    if (freeze.until_us) text += " until " + model::FormatInstant(*freeze.until_us);
    text += "; ";
  }
  return text;
}

std::string Both(const std::string& got, const std::string& expected) {
  return got == expected ? "" : "\n  product: " + got + "\n  model:   " + expected;
}

template <typename View>
std::string Both(const std::optional<View>& got, const std::optional<View>& expected) {
  return Both(got ? ToString(*got) : "absent", expected ? ToString(*expected) : "absent");
}

void PutAmounts(const char* word, const model::Amounts& amounts, std::string* text) {
  for (const auto& [name, amount] : amounts) {
    *text += std::string("; ") + word + " " + name + " " + FormatDecimal(amount);
  }
}

}  // namespace

std::string ToString(const model::Verdict& verdict) {
  std::string text = verdict.replayed ? "replayed " : "";
  text += verdict.queued         ? "queued"
          : verdict.scheduled    ? "scheduled"
          : verdict.pending      ? "pending"
          : verdict.code.empty() ? "ok"
                                 : verdict.code;
  if (!verdict.action.empty()) text += "; " + verdict.action;
  if (verdict.late) text += "; late";
  for (const std::string& reason : verdict.reasons) text += "; reason " + reason;
  for (const model::Shortage& s : verdict.shortages) {
    text += "; short " + s.resource;
    for (const int64_t number : {s.requested, s.available, s.held, s.in_use, s.spent, s.reserve,
                                 s.reserve_protected, s.short_by}) {
      text += " " + FormatDecimal(number);
    }
  }
  std::set<std::string> forbids;
  for (const auto& [id, constraint] : verdict.forbids) {
    forbids.insert(std::string("; forbids ").append(id).append(" ").append(constraint));
  }
  for (const std::string& each : forbids) text += each;
  for (const std::string& each : verdict.changed) text += "; changed " + each;
  for (const auto& [month, amount] : verdict.schedule) {
    text += std::string("; step ").append(month).append(" ").append(FormatDecimal(amount));
  }
  PutAmounts("got", verdict.granted, &text);
  PutAmounts("within", verdict.within_hold, &text);
  PutAmounts("overrun", verdict.overrun, &text);
  PutAmounts("overdraft", verdict.overdraft, &text);
  PutAmounts("costs", verdict.costs, &text);
  PutAmounts("refunds take", verdict.refunded_costs, &text);
  for (const auto& [resource, category] : verdict.categories) {
    text += std::string("; category ").append(resource).append(" ").append(category);
  }
  if (!verdict.outcomes.IsNothing()) {
    text += "; counted " + std::to_string(verdict.outcomes.accepted) + " " +
            std::to_string(verdict.outcomes.rejected) + " " +
            std::to_string(verdict.outcomes.escalated);
  }
  if (verdict.member >= 0) text += "; member " + std::to_string(verdict.member);
  for (const model::Verdict& result : verdict.results) text += "\n    + " + ToString(result);
  return text;
}

std::string Differ(const model::Verdict& got, const model::Verdict& expected) {
  return Both(ToString(got), ToString(expected));
}

std::string Differ(const model::ResourceView& got, const model::ResourceView& expected) {
  return Both(ToString(got), ToString(expected));
}

std::string Differ(const model::ReservationView& got, const model::ReservationView& expected) {
  return Both(ToString(got), ToString(expected));
}

namespace {

// What the population's ML models are, and are together.
std::string DifferInModels(const model::Subject& got, const model::Model& expected) {
  for (const auto& [id, artifact] : expected.state().zoo.artifacts) {
    const auto found = got.FindArtifact(id);
    const std::string differs = Both(found ? model::Describe(*found) : "absent",
                                     model::Describe(*expected.FindArtifact(id)));
    if (!differs.empty()) return std::string("ML model ").append(id).append(differs);
  }
  for (const auto& [id, proposal] : expected.state().proposals.by_id) {
    const auto found = got.FindProposal(id);
    const std::string differs = Both(found ? model::Describe(*found) : "absent",
                                     model::Describe(*expected.FindProposal(id)));
    if (!differs.empty()) return std::string("proposal ").append(id).append(differs);
  }
  const std::string together =
      Both(model::Describe(*got.FindPopulation()), model::Describe(*expected.FindPopulation()));
  return together.empty() ? "" : "all ML models" + together;
}

}  // namespace

std::string DifferInState(const model::Subject& got, const model::Model& expected,
                          const std::set<std::string>& reservations) {
  for (const char* name : {"a", "b", "c", "d", "e", "m", "x", model::kCount, model::kStorage}) {
    const std::string differs = Both(got.FindResource(name), expected.FindResource(name));
    if (!differs.empty()) return std::string("resource ") + name + differs;
  }
  for (const std::string& id : reservations) {
    const std::string differs = Both(got.FindReservation(id), expected.FindReservation(id));
    if (!differs.empty()) return std::string("reservation ").append(id).append(differs);
  }
  const std::string debts = Both(ToString(got.ListDebts()), ToString(expected.ListDebts()));
  if (!debts.empty()) return "debts" + debts;
  const std::string freezes = Both(ToString(got.ListFreezes()), ToString(expected.ListFreezes()));
  if (!freezes.empty()) return "freezes" + freezes;
  const std::string guardrails = Both(got.Guardrails(), expected.Guardrails());
  if (!guardrails.empty()) return "guardrails" + guardrails;
  const std::string budgets = Both(got.Budgets() + "; " + got.BudgetMonth(),
                                   expected.Budgets() + "; " + expected.BudgetMonth());
  if (!budgets.empty()) return "budgets" + budgets;
  const std::string cards = Both(got.RateCards(), expected.RateCards());
  if (!cards.empty()) return "rate cards" + cards;
  const std::string periods = Both(got.Periods(), expected.Periods());
  if (!periods.empty()) return "closed months" + periods;
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    if (got.NowUs() != expected.NowUs()) break;  // the model sees the clock with the next command
    const std::string differs = Both(got.RateInForce(name), expected.RateInForce(name));
    if (!differs.empty()) return std::string("the rate of ") + name + differs;
  }
  const auto text_of = [](const std::vector<std::string>& queue) {
    std::string text;
    for (const std::string& id : queue) text += id + " ";
    return text;
  };
  const std::string queue = Both(text_of(got.ListQueue()), text_of(expected.ListQueue()));
  return queue.empty() ? DifferInModels(got, expected) : "queue" + queue;
}

}  // namespace purser
