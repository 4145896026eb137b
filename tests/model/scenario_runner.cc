// Runs the steps of a scenario against a Subject and says where they differ.
#include <algorithm>

#include "tests/model/action_text.h"
#include "tests/model/calendar.h"
#include "tests/model/decimal.h"
#include "tests/model/scenario.h"
#include "tests/model/scenario_artifacts.h"

namespace purser::model {
namespace {

std::string Describe(const Verdict& verdict) {
  std::string text = verdict.replayed ? "replayed " : "";
  text += verdict.queued         ? "queued"
          : verdict.scheduled    ? "scheduled"
          : verdict.pending      ? "pending"
          : verdict.code.empty() ? "ok"
                                 : verdict.code;
  if (!verdict.action.empty()) text += "; " + verdict.action;
  if (verdict.late) text += "; late";
  for (size_t i = 1; i < verdict.reasons.size(); ++i) text += "; also " + verdict.reasons[i];
  for (const std::string& resource : verdict.uncoverable) text += "; uncoverable " + resource;
  for (const std::string& model : verdict.changed) text += "; changed " + model;
  for (const auto& [model, constraint] : verdict.forbids) {
    text += std::string("; forbids ").append(model).append(" ").append(constraint);
  }
  for (const auto& [month, amount] : verdict.schedule) {
    text += "; step " + month + " " + FormatDecimal(amount);
  }
  if (verdict.member >= 0) text += "; member " + std::to_string(verdict.member);
  for (const Shortage& s : verdict.shortages) {
    text += "; short " + s.resource + " requested " + FormatDecimal(s.requested) + " available " +
            FormatDecimal(s.available) + " held " + FormatDecimal(s.held) + " in_use " +
            FormatDecimal(s.in_use) + " spent " + FormatDecimal(s.spent) + " reserve " +
            FormatDecimal(s.reserve) + " protected " + FormatDecimal(s.reserve_protected) + " by " +
            FormatDecimal(s.short_by);
    if (s.at_us == 0) continue;
    text += " booked " + FormatDecimal(s.booked) + " at " + FormatInstant(s.at_us);
  }
  const std::pair<const char*, const Amounts*> maps[] = {
      {"got", &verdict.granted},     {"within", &verdict.within_hold},
      {"overrun", &verdict.overrun}, {"overdraft", &verdict.overdraft},
      {"costs", &verdict.costs},     {"took", &verdict.refunded_costs}};
  for (const auto& [word, amounts] : maps) {
    for (const auto& [resource, amount] : *amounts) {
      text += std::string("; ") + word + " " + resource + " " + FormatDecimal(amount);
    }
  }
  for (const auto& [word, count] : {std::pair("accepted ", verdict.outcomes.accepted),
                                    std::pair("rejected ", verdict.outcomes.rejected),
                                    std::pair("escalated ", verdict.outcomes.escalated)}) {
    if (count != 0) text += std::string("; counted ") + word + std::to_string(count);
  }
  for (const auto& [resource, category] : verdict.categories) {
    text += std::string("; category ").append(resource).append(" ").append(category);
    if (!verdict.costs.contains(resource)) text += "; costs " + resource + " nothing";
  }
  return text;
}

// A clause must be said as it is; of a shortage its words must be found, in pairs of name and
// number.
bool ClauseHolds(const std::vector<std::string>& clause, const std::string& described) {
  for (const std::string& part : SplitAt(described, ';')) {
    const std::vector<std::string> said = SplitWords(part);
    if (said == clause) return true;
    if (said.size() < 3 || said[0] != "short" || clause[0] != "short" || said[1] != clause[1])
      continue;
    bool holds = clause.size() % 2 == 0;
    for (size_t i = 2; holds && i + 1 < clause.size(); i += 2) {
      const auto name = std::find(said.begin() + 2, said.end(), clause[i]);
      holds = name != said.end() && *(name + 1) == clause[i + 1];
    }
    return holds;
  }
  return false;
}

bool AreAllNamed(const ExpectedVerdict& expected, const char* word, size_t all) {
  size_t named = 0;
  for (const auto& clause : expected.clauses) named += clause[0] == word ? 1 : 0;
  return named == 0 || named == all;
}

bool Agrees(const ExpectedVerdict& expected, const Verdict& got) {
  std::vector<std::string> also = got.reasons;
  if (!also.empty()) also.erase(also.begin());
  if (expected.code != got.code || expected.replayed != got.replayed ||
      expected.queued != got.queued || expected.scheduled != got.scheduled ||
      expected.stop != (got.action == "STOP") || expected.late != got.late ||
      expected.pending != got.pending || expected.uncoverable != got.uncoverable ||
      expected.changed != got.changed || expected.member != got.member || expected.also != also) {
    return false;
  }
  const std::string described = Describe(got);
  for (const auto& clause : expected.clauses) {
    if (!ClauseHolds(clause, described)) return false;
  }
  return AreAllNamed(expected, "short", got.shortages.size()) &&
         AreAllNamed(expected, "step", got.schedule.size()) &&
         AreAllNamed(expected, "forbids", got.forbids.size());
}

std::string ReadFigures(const ResourceView& view) {
  std::string text;
  const std::pair<const char*, int64_t> figures[] = {
      {"granted", view.granted},     {"available", view.available}, {"reserve", view.reserve},
      {"held", view.held},           {"in_use", view.in_use},       {"spent", view.spent},
      {"overdraft", view.overdraft}, {"base", view.base},           {"target", view.target},
      {"deficit", view.deficit},     {"backed", view.backed},       {"shortfall", view.shortfall}};
  for (const auto& [name, amount] : figures) {
    text += std::string(name) + " " + FormatDecimal(amount) + " ";
  }
  return text;
}

// "base 400 target 100" against all the figures: those that are named must read so.
bool FiguresHold(const std::string& expected, const std::string& read) {
  const std::vector<std::string> wanted = SplitWords(expected);
  const std::vector<std::string> said = SplitWords(read);
  if (wanted.size() % 2 != 0) return false;
  for (size_t i = 0; i < wanted.size(); i += 2) {
    const auto name = std::find(said.begin(), said.end(), wanted[i]);
    if (name == said.end() || *(name + 1) != wanted[i + 1]) return false;
  }
  return true;
}

std::string ReadLine(const std::string& resource, const LineView& line) {
  return resource + " granted " + FormatDecimal(line.granted) + " held " +
         FormatDecimal(line.held) + " in_use " + FormatDecimal(line.in_use) + " charged " +
         FormatDecimal(line.charged) + " overrun " + FormatDecimal(line.overrun);
}

std::string ReadNotice(const ReservationView& view) {
  return "preempt_at " + FormatInstant(view.preempt_at_us) + " for " + view.preempted_for;
}

std::string OrNone(const std::string& text) { return text.empty() ? "none" : text; }

// "ACTIVE; gpu_hours held 30 charged 10; expires 2026-01-01T01:00:00Z; stopped;
// preempt_at 2026-01-01T00:30:00Z for r; approver bob"
bool ReservationHolds(const std::string& expected, const ReservationView& view) {
  bool says_stopped = false;
  bool says_notice = false;
  bool says_approver = false;
  const std::vector<std::string> clauses = SplitAt(expected, ';');
  if (Trimmed(clauses[0]) != view.state) return false;
  for (size_t i = 1; i < clauses.size(); ++i) {
    const std::string clause = Trimmed(clauses[i]);
    const std::string first = clause.substr(0, clause.find(' '));
    const auto line = view.lines.find(first);
    if (clause == "stopped") {
      says_stopped = true;
    } else if (first == "preempt_at") {
      says_notice = true;
      if (clause != ReadNotice(view)) return false;
    } else if (first == "approver") {
      says_approver = true;
      if (clause != "approver " + view.approver) return false;
    } else if (first == "expires") {
      if (clause != "expires " + FormatInstant(view.expires_us)) return false;
    } else if (line == view.lines.end() ||
               !FiguresHold(clause.substr(first.size()), ReadLine("", line->second))) {
      return false;
    }
  }
  return says_stopped == view.stopped && says_notice != view.preempted_for.empty() &&
         says_approver != view.approver.empty();
}

std::string ReadReservation(const ReservationView& view) {
  std::string text = view.state;
  for (const auto& [resource, line] : view.lines) text += "; " + ReadLine(resource, line);
  if (view.expires_us != 0) text += "; expires " + FormatInstant(view.expires_us);
  if (!view.preempted_for.empty()) text += "; " + ReadNotice(view);
  if (!view.approver.empty()) text += "; approver " + view.approver;
  return text + (view.stopped ? "; stopped" : "");
}

std::string ReadDebts(const std::vector<DebtView>& debts) {
  std::string text;
  for (const DebtView& debt : debts) {
    text += (text.empty() ? "" : "; ") + debt.family + " " + debt.resource + " " +
            (debt.charge.empty() ? "-" : debt.charge) + " " + FormatDecimal(debt.amount);
  }
  return text.empty() ? "none" : text;
}

std::string ReadFreezes(const std::vector<FreezeView>& freezes) {
  std::string text;
  for (const FreezeView& freeze : freezes) {
    text += (text.empty() ? "" : "; ") + freeze.kind;
    if (!freeze.name.empty()) text += "=" + freeze.name;
    if (freeze.until_us) text += " until " + FormatInstant(*freeze.until_us);
  }
  return text.empty() ? "none" : text;
}

std::string ReadQueue(const std::vector<std::string>& queue) {
  std::string text;
  for (const std::string& id : queue) text += (text.empty() ? "" : " ") + id;
  return text.empty() ? "none" : text;
}

// "" or what was read instead.
std::string CompareReservation(const Step& step, const Subject& subject) {
  const auto view = subject.FindReservation(step.what.substr(12));
  if (!view) return step.expected == "absent" ? "" : "absent";
  return ReservationHolds(step.expected, *view) ? "" : ReadReservation(*view);
}

// " capability,model", or nothing.
std::vector<std::string> KeysOf(const std::string& words) {
  return Trimmed(words).empty() ? std::vector<std::string>() : SplitAt(Trimmed(words), ',');
}

std::string CompareExpectation(const Step& step, const Subject& subject) {
  const auto differs = [&step](const std::string& read) {
    return read == step.expected ? std::string() : read;
  };
  if (step.what == "debts") return differs(ReadDebts(subject.ListDebts()));
  if (step.what == "freezes") return differs(ReadFreezes(subject.ListFreezes()));
  if (step.what == "queue") return differs(ReadQueue(subject.ListQueue()));
  if (step.what == "now") return differs(FormatInstant(subject.NowUs()));
  if (step.what == "population") return ComparePopulation(step.expected, subject.FindPopulation());
  if (step.what == "guardrails") return differs(OrNone(subject.Guardrails()));
  if (step.what == "budgets") return differs(OrNone(subject.Budgets()));
  if (step.what == "budget_month") return differs(OrNone(subject.BudgetMonth()));
  if (step.what.rfind("accepted_costs", 0) == 0) {
    return differs(OrNone(Trimmed(subject.AcceptedCosts(KeysOf(step.what.substr(14))))));
  }
  if (step.what == "periods") return differs(subject.Periods());
  if (step.what == "rate_cards") return differs(subject.RateCards());
  if (step.what.rfind("rate ", 0) == 0) return differs(subject.RateInForce(step.what.substr(5)));
  if (step.what.rfind("model ", 0) == 0) {
    return CompareArtifact(step.expected, subject.FindArtifact(step.what.substr(6)));
  }
  if (step.what.rfind("proposal ", 0) == 0) {
    return CompareProposal(step.expected, subject.FindProposal(step.what.substr(9)));
  }
  if (step.what.rfind("proposer ", 0) == 0) {
    return CompareProposer(step.expected, subject.FindProposer(step.what.substr(9)));
  }
  if (step.what.rfind("reservation ", 0) == 0) return CompareReservation(step, subject);
  const std::string resource = step.what.substr(0, step.what.find(' '));
  const auto view = subject.FindResource(resource);
  if (!view) return differs("absent");
  if (resource == step.what) return differs(subject.Identity(resource));
  return FiguresHold(step.expected, ReadFigures(*view)) ? "" : ReadFigures(*view);
}

std::string CompareVerdicts(const Step& step, const Verdict& got) {
  if (!Agrees(step.verdict, got)) return Describe(got);
  if (got.results.size() != step.members.size()) return "a batch with other members";
  for (size_t i = 0; i < step.members.size(); ++i) {
    if (!Agrees(step.members[i], got.results[i])) {
      return "member " + std::to_string(i) + ": " + Describe(got.results[i]);
    }
  }
  return "";
}

// "" or how the step went wrong.
std::string RunStep(const Step& step, Subject* subject) {
  if (step.kind == Step::Kind::kReset) subject->Reset(step.start_us, step.required_labels);
  std::string got;
  if (step.kind == Step::Kind::kAct) got = CompareVerdicts(step, subject->Do(step.action));
  if (step.kind == Step::Kind::kExpect) got = CompareExpectation(step, *subject);
  if (!got.empty()) return "\n  expected: " + step.text + "\n  got:      " + got;
  const std::string broken = subject->CheckInvariants();
  return broken.empty() ? "" : " after " + step.text + "\n  invariant: " + broken;
}

}  // namespace

std::vector<std::string> RunScenario(const std::string& path, Subject* subject) {
  const Scenario scenario = ParseScenario(path);
  if (!scenario.faults.empty()) return scenario.faults;
  std::vector<std::string> problems;
  bool skipping = false;
  for (const Step& step : scenario.steps) {
    skipping = skipping && step.kind != Step::Kind::kReset;
    if (skipping) continue;
    const std::string wrong = RunStep(step, subject);
    if (wrong.empty()) continue;
    problems.push_back(
        std::string(path).append(":").append(std::to_string(step.line)).append(":").append(wrong));
    skipping = true;
  }
  return problems;
}

}  // namespace purser::model
