#include "tests/simulator/plan_checks.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "reservations/reservations_draft.h"

namespace purser {

using stored::Explanation;

namespace {

constexpr size_t kStepsRead = 50;

// One that waits is granted when an operator does what is offered.
std::string CheckActionForQueued(const Population& population, const std::string& id,
                                 const Explained& explained, InstantUs now_us, Counts* counts) {
  for (const auto& remedy : explained.explanation.remedies()) {
    ++counts->of["operator's action for one that waits"];
    Copy copy(population);
    const bool approval = remedy.kind() == Explanation::Remedy::APPROVAL;
    const bool acts = approval ? Approve(id, now_us, &copy) : Act(remedy, "", now_us, &copy);
    if (approval && remedy.until_us() != 0) {
      ++counts->of["approval for later of one that waits"];
      while (copy.Step(remedy.until_us() - 1).has_value()) {
      }
      if (!copy.Waits(id)) return "what is approved does not wait until then";
      while (copy.Step(remedy.until_us()).has_value()) {
      }
    }
    const bool helps = acts && copy.IsOpen(id);
    if (!helps) return "the operator's action does not grant it: " + remedy.ShortDebugString();
  }
  return "";
}

// What would let one that is booked start in time does so.
std::string CheckHelp(const Population& population, const Reservation& booked,
                      const Explained& explained, InstantUs now_us) {
  for (const auto& remedy : explained.explanation.remedies()) {
    Copy copy(population);
    if (remedy.kind() != Explanation::Remedy::REDUCE) {
      if (!Act(remedy, "", now_us, &copy)) return "an operator cannot do it";
      while (copy.Step(booked.start_at_us).has_value()) {
      }
      if (!copy.IsOpen(booked.id)) return "the operator's action does not help";
      continue;
    }
    Command release;
    release.caller = {"root", true};
    release.body = ReleaseReservation{booked.id};
    if (!copy.Do(release, now_us).ok()) return "it cannot be released";
    RequestReservation smaller = purser::RequestOf(booked, population.books);
    smaller.id = "smaller";
    smaller.minimum_amounts = {};
    for (const auto& named : remedy.amounts()) {
      smaller.amounts[named.resource()] = Amount::FromMicros(named.amount());
    }
    const absl::Status status = copy.Decide(CommandFor(smaller, *booked.principal), now_us);
    const Refusal& refusal = RefusalOf(status);
    const bool is_refused =
        refusal.reason() == stored::INSUFFICIENT_CAPACITY || refusal.reason() == stored::FROZEN;
    if (!status.ok() && is_refused) {
      return "less is not booked: " + refusal.ShortDebugString();
    }
  }
  return "";
}

}  // namespace

Command CommandFor(RequestReservation request, const std::string& principal) {
  request.id = "explained";
  Command command;
  command.caller = {principal, true};
  command.body = std::move(request);
  return command;
}

bool HasLimits(const Population& population) {
  return population.books.limits().size() > 0 || !population.books.budgets().empty();
}

bool Approve(const std::string& id, InstantUs now_us, Copy* copy) {
  Command command;
  command.caller = {"approver", true};
  command.body = ApproveRequest{id, ""};
  return copy->Do(command, now_us).ok();
}

bool Act(const Explanation::Remedy& remedy, const std::string& smaller, InstantUs now_us,
         Copy* copy) {
  Command command;
  if (remedy.kind() == Explanation::Remedy::APPROVE_PROPOSAL) {
    command.caller = {"approver", true};
    command.body = ApproveProposal{remedy.proposal()};
    if (!copy->Do(command, now_us).ok()) return false;
    command.body = ExecuteProposal{remedy.proposal()};
    return copy->Do(command, now_us).ok();
  }
  for (const std::string& id : remedy.budgets()) {
    command.body = OverrideBudget{id, "any", now_us + kOverrideMaxUs};
    if (!copy->Do(command, now_us).ok()) return false;
  }
  for (const std::string& id : remedy.freezes()) {
    command.body = DeleteFreeze{id};
    if (!copy->Do(command, now_us).ok()) return false;
  }
  for (const auto& named : remedy.amounts()) {
    const int64_t amount = named.amount() - (named.resource() == smaller ? 1 : 0);
    if (amount == 0) continue;
    command.body = GrantAmount{named.resource(), Amount::FromMicros(amount), ""};
    if (!copy->Do(command, now_us).ok()) return false;
  }
  return true;
}

std::string CheckCalendar(SequencerSubject* subject, Counts* counts) {
  const Population& population = subject->population();
  MemoryController& controller = subject->controller();
  const api::View view = controller.Peek(SequencerSubject::kPopulation);
  for (const auto& [name, number] : population.books.numbers_by_name()) {
    if (population.books.Find(number)->consumable()) continue;
    api::CalendarQuery query;
    query.resource = name;
    api::PageRequest page;
    page.size = kStepsRead;
    const auto read = controller.ReadCalendar(view, query, page);
    if (!read.ok()) return read.status().ToString();
    Copy copy(population);
    // One that is late, or was, has its lease at another time than it booked.
    const auto anybody_waits = [&copy] {
      return copy.population().reservations.queue().size() > 0;
    };
    bool is_any_late = anybody_waits();
    for (const CalendarStep& step : read->steps) {
      while (copy.Step(step.from_us).has_value()) is_any_late = is_any_late || anybody_waits();
      if (is_any_late) break;
      const Resource& then = *copy.population().books.Find(number);
      const Amount occupied = then[stored::HELD] + then[stored::IN_USE];
      ++counts->of["calendar steps"];
      // Of more than there will be one that may start takes the rest from the reserve.
      const Amount from_reserve = std::max(Amount(), Amount() - step.available);
      if (then[stored::AVAILABLE] != step.available + from_reserve ||
          then[stored::RESERVE] != step.reserve - from_reserve ||
          occupied != step.occupied + step.booked || then.granted() != step.granted) {
        return name + ": the calendar is wrong from " + std::to_string(step.from_us) + " on";
      }
    }
  }
  return "";
}

std::string CheckPlan(SequencerSubject* subject, Counts* counts) {
  const Population& population = subject->population();
  MemoryController& controller = subject->controller();
  const api::View view = controller.Peek(SequencerSubject::kPopulation);
  std::map<std::string, std::optional<InstantUs>> told;
  std::set<std::string> noticed;
  uint32_t place = 0;
  for (const auto& [key, queued] : population.reservations.queue().by_key()) {
    ReturnSchedule::Steps steps{kOutlookStepsMax};
    const auto explained = controller.ExplainQueued(view, *queued, &steps);
    if (!explained.ok()) return explained.status().ToString();
    const Explanation& explanation = explained->explanation;
    if (explanation.queue_position() != ++place) return queued->id + ": not its place";
    if (explained->refusal.reason() == stored::REASON_UNSPECIFIED) return queued->id + " fits";
    const std::string wrong =
        CheckActionForQueued(population, queued->id, *explained, subject->NowUs(), counts);
    if (!wrong.empty()) {
      return queued->id + ": " + wrong + "\n" + explained->explanation.ShortDebugString();
    }
    if (MayPreempt(population)) ++counts->of[explanation.complete() ? "settled" : "unsettled"];
    if (!explanation.complete() && !HasLimits(population) && !MayPreempt(population) &&
        !DependsOnOrder(population)) {
      return queued->id + ": the search was not complete";
    }
    if (!explanation.complete()) continue;
    told[queued->id] = std::nullopt;
    if (queued->gave_notice()) noticed.insert(queued->id);
    if (explanation.has_earliest_start_us()) told[queued->id] = explanation.earliest_start_us();
  }
  for (const auto& [key, booked] : population.reservations.bookings().by_key()) {
    ReturnSchedule::Steps steps{kOutlookStepsMax};
    const auto explained = controller.ExplainQueued(view, *booked, &steps);
    if (!explained.ok()) return explained.status().ToString();
    const Explanation& explanation = explained->explanation;
    if (!explanation.complete()) continue;
    const bool in_time = explained->refusal.reason() == stored::REASON_UNSPECIFIED;
    ++counts->of[in_time ? "starts in time" : "endangered"];
    std::string wrong = CheckHelp(population, *booked, *explained, subject->NowUs());
    if (!wrong.empty()) {
      return booked->id + ": " + wrong + "\n" + explained->explanation.ShortDebugString();
    }
    told[booked->id] = std::nullopt;
    if (explanation.has_earliest_start_us()) told[booked->id] = explanation.earliest_start_us();
  }
  Copy copy(population);
  const InstantUs end_us = subject->NowUs() + kOutlookMaxUs;
  for (int events = 0; !told.empty() && events < kEventsMax; ++events) {
    const auto at_us = copy.Step(end_us);
    if (!at_us.has_value()) break;
    for (auto it = told.begin(); it != told.end();) {
      const auto& [id, start_us] = *it;
      if (copy.Waits(id) || copy.IsBooked(id)) {
        const auto next = NextDue(copy.population());
        const bool is_over = !next.has_value() || next->at_us > *at_us;
        if (is_over && start_us.has_value() && *start_us <= *at_us) return id + " waits on";
        ++it;
        continue;
      }
      const bool is_granted = copy.IsOpen(id);
      ++counts->of[is_granted ? "granted as told" : "waited in vain as told"];
      if (is_granted && noticed.contains(id)) ++counts->of["granted by a notice as told"];
      if (is_granted != start_us.has_value()) return id + ": granted, or not, other than told";
      if (is_granted && *start_us != *at_us) return id + ": granted at another time";
      it = told.erase(it);
    }
  }
  return "";
}

}  // namespace purser
