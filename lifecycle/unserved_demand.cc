#include "lifecycle/unserved_demand.h"

#include <algorithm>
#include <iterator>

#include "ledger/text.h"

namespace purser {

namespace {

bool Lacks(const Refusal& refusal, std::string_view resource) {
  const auto& shortages = refusal.shortages();
  return std::any_of(shortages.begin(), shortages.end(),
                     [&](const auto& each) { return each.resource() == resource; });
}

std::string ExperimentOf(const stored::ReservationRequest& request) {
  for (const stored::Label& label : request.labels()) {
    if (label.key() == kExperimentLabel) return label.value();
  }
  return "";
}

bool Has(const std::vector<uint32_t>& resources, uint32_t resource) {
  return std::find(resources.begin(), resources.end(), resource) != resources.end();
}

}  // namespace

AskedFor AskedForOf(const stored::ReservationRequest& request, const Refusal& refusal,
                    const ResourceIdentities& identify) {
  AskedFor asked;
  asked.experiment = ExperimentOf(request);
  for (const auto& line : request.lines()) {
    asked.lines.push_back({line.resource(), Amount::FromMicros(line.amount()),
                           Lacks(refusal, identify(line.resource()).name)});
  }
  return asked;
}

AskedFor AskedForOf(const ReservationPicture& reservation, const Refusal& refusal,
                    const ResourceIdentities& identify) {
  AskedFor asked;
  asked.experiment = std::string(FindLabel(*reservation.labels, kExperimentLabel));
  asked.is_booked = reservation.start_at_us != 0;
  for (const HoldLine& line : reservation.lines) {
    asked.lines.push_back(
        {line.resource, line.asked, Lacks(refusal, identify(line.resource).name)});
  }
  return asked;
}

void DemandFold::Ask(const std::string& id, const AskedFor& asked) {
  Demand demand;
  for (const AskedFor::Line& line : asked.lines) {
    if (line.is_lacking) demand.resources.push_back(line.resource);
  }
  if (demand.resources.empty()) return;
  int64_t number = kForEver;
  if (!id.empty()) {
    number = static_cast<int64_t>(demands_.size());
    demands_.push_back(std::move(demand));
    last_[id] = number;
  }
  for (const AskedFor::Line& line : asked.lines) {
    if (!line.is_lacking) continue;
    std::vector<Step>& steps = steps_[{asked.experiment, line.resource}];
    if (number == kForEver && !steps.empty() && steps.back().demand == kForEver) {
      steps.back().amount += line.amount.micros();
      continue;
    }
    steps.push_back({line.amount.micros(), number});
    ++steps_count_;
  }
}

std::vector<uint32_t> DemandFold::Withdraw(const std::string& id) {
  const auto it = last_.find(id);
  if (it == last_.end()) return {};
  Demand& demand = demands_[static_cast<size_t>(it->second)];
  demand.counts = false;
  withdrawn_ += 1 + demand.resources.size();
  last_.erase(it);
  return std::move(demand.resources);
}

void DemandFold::Shrink() {
  if (withdrawn_ <= withdrawn_kept_ + size()) return;
  std::vector<int64_t> numbers(demands_.size(), kGrant);  // of those that count, their new ones
  std::vector<Demand> demands;
  for (size_t i = 0; i < demands_.size(); ++i) {
    if (!demands_[i].counts) continue;
    numbers[i] = static_cast<int64_t>(demands.size());
    demands.push_back(std::move(demands_[i]));
  }
  demands_ = std::move(demands);
  for (auto& [id, number] : last_) number = numbers[static_cast<size_t>(number)];
  steps_count_ = 0;
  for (auto it = steps_.begin(); it != steps_.end();) {
    it->second = ShrinkSteps(it->second, numbers);
    steps_count_ += it->second.size();
    it = it->second.empty() ? steps_.erase(it) : std::next(it);
  }
  withdrawn_ = 0;
}

std::vector<DemandFold::Step> DemandFold::ShrinkSteps(const std::vector<Step>& steps,
                                                      const std::vector<int64_t>& numbers) const {
  std::vector<Step> kept;
  for (const Step& step : steps) {
    const bool is_of_id = step.demand >= 0;
    const int64_t demand = is_of_id ? numbers[static_cast<size_t>(step.demand)] : step.demand;
    if (demand != kGrant) {
      kept.push_back({step.amount, demand});
      continue;
    }
    // Withdrawn; or got before anything was asked for, where it serves nothing.
    if (is_of_id || kept.empty()) continue;
    if (kept.back().demand == kGrant) {
      kept.back().amount += step.amount;
    } else {
      kept.push_back(step);
    }
  }
  return kept;
}

// Where nothing was asked for before it there is nothing that it may serve.
void DemandFold::Serve(const std::string& experiment, uint32_t resource, Amount amount) {
  if (experiment.empty() || amount.is_zero()) return;
  const auto it = steps_.find({experiment, resource});
  if (it == steps_.end()) return;
  std::vector<Step>& steps = it->second;
  if (steps.back().demand == kGrant) {
    steps.back().amount += amount.micros();
    return;
  }
  steps.push_back({amount.micros(), kGrant});
  ++steps_count_;
}

// Of what was denied under its own id it serves that, and no other.
void DemandFold::ServeAtOnce(const stored::ReservationRequest& request, const LinesHeld& lines) {
  const std::vector<uint32_t> own = Withdraw(request.id());
  const std::string experiment = ExperimentOf(request);
  if (experiment.empty()) return;
  for (int i = 0; i < std::min(lines.size(), request.lines_size()); ++i) {
    const uint32_t resource = request.lines(i).resource();
    if (!Has(own, resource)) Serve(experiment, resource, Amount::FromMicros(lines[i].granted()));
  }
}

void DemandFold::TakeWaiting(const std::string& id, AskedFor asked) {
  Ask(id, asked);
  Recall(id, std::move(asked));
}

bool DemandFold::IsOfUnknown(const stored::ReservationFact& fact) const {
  const bool is_denied = fact.has_ended() && fact.ended().state() == stored::STATE_DENIED;
  if (!fact.has_granted() && !fact.has_delayed() && !is_denied) return false;
  return !waiting_.contains(ToAbsl(ReservationIdOf(fact)));
}

void DemandFold::TakeGranted(const stored::Granted& granted) {
  const auto it = waiting_.find(granted.id());
  if (it == waiting_.end()) return;
  const AskedFor asked = std::move(it->second);
  waiting_.erase(it);
  Withdraw(granted.id());
  if (asked.is_booked) return;
  const auto count = std::min<size_t>(asked.lines.size(), granted.lines().size());
  for (size_t i = 0; i < count; ++i) {
    if (asked.lines[i].is_lacking) continue;
    Serve(asked.experiment, asked.lines[i].resource,
          Amount::FromMicros(granted.lines(static_cast<int>(i)).granted()));
  }
}

void DemandFold::TakeDelayed(const stored::Delayed& delayed) {
  const auto it = waiting_.find(delayed.id());
  if (it == waiting_.end()) return;
  for (AskedFor::Line& line : it->second.lines) {
    line.is_lacking = Lacks(delayed.refusal(), identify_(line.resource).name);
  }
  Withdraw(delayed.id());
  Ask(delayed.id(), it->second);
}

void DemandFold::TakeEnded(const stored::Ended& ended) {
  const auto it = waiting_.find(ended.id());
  if (it == waiting_.end()) return;
  Withdraw(ended.id());
  if (ended.state() == stored::STATE_DENIED) Ask(ended.id(), it->second);
  waiting_.erase(it);
}

void DemandFold::Take(const stored::ReservationFact& fact) {
  Shrink();
  switch (fact.fact_case()) {
    case stored::ReservationFact::kHeld:
      return ServeAtOnce(fact.held().request(), fact.held().lines());
    case stored::ReservationFact::kScheduled: {
      const stored::Scheduled& scheduled = fact.scheduled();
      ServeAtOnce(scheduled.request(), scheduled.lines());
      AskedFor asked = AskedForOf(scheduled.request(), Refusal(), identify_);
      asked.is_booked = true;
      return Recall(scheduled.request().id(), std::move(asked));
    }
    case stored::ReservationFact::kDenied: {
      const stored::RequestDenied& denied = fact.denied();
      Withdraw(denied.request().id());
      return Ask(denied.request().id(), AskedForOf(denied.request(), denied.refusal(), identify_));
    }
    case stored::ReservationFact::kQueued: {
      const stored::Queued& queued = fact.queued();
      Withdraw(queued.request().id());
      return TakeWaiting(queued.request().id(),
                         AskedForOf(queued.request(), queued.refusal(), identify_));
    }
    case stored::ReservationFact::kGranted:
      return TakeGranted(fact.granted());
    case stored::ReservationFact::kDelayed:
      return TakeDelayed(fact.delayed());
    case stored::ReservationFact::kEnded:
      return TakeEnded(fact.ended());
    default:
      return;
  }
}

Unserved DemandFold::Sum() const {
  Unserved unserved;
  for (const auto& [of, steps] : steps_) {
    absl::int128 left = 0;
    for (const Step& step : steps) {
      if (step.demand == kGrant) {
        left = std::max<absl::int128>(0, left - step.amount);
      } else if (step.demand == kForEver || demands_[static_cast<size_t>(step.demand)].counts) {
        left += step.amount;
      }
    }
    if (left > 0) unserved[of.second] += left;
  }
  return unserved;
}

}  // namespace purser
