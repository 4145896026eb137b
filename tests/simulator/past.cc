#include "tests/simulator/past.h"

#include <set>

#include "ledger/text.h"
#include "reservations/cost_report.h"
#include "tests/model/decimal.h"
#include "tests/simulator/difference.h"
#include "tests/subject/cost_text.h"

namespace purser {
namespace {

// Sequences at which reads are compared with a fold of the journal.
constexpr uint64_t kFoldedMax = 24;

const std::vector<std::vector<std::string>>& CostKeys() {
  static const std::vector<std::vector<std::string>> keys = {
      {},
      {"operator_family"},
      {"capability"},
      {"team"},
      {"category", "capability"},
      {"origin", "resource"},
      {"team", "resource", "operator_family", "capability", "origin"}};
  return keys;
}

const std::vector<std::vector<std::string>>& AcceptedKeys() {
  static const std::vector<std::vector<std::string>> keys = {{"capability"},
                                                             {"operator_family", "team"}};
  return keys;
}

}  // namespace

void Past::Remember(uint64_t sequence, const model::Model& model) {
  Moment& moment = moments_[sequence];
  moment = Moment();
  moment.time_us = model.NowUs();
  for (const auto& [name, book] : model.state().books) {
    moment.resources[name] = *model.FindResource(name);
  }
  for (const auto& [id, reservation] : model.state().reservations) {
    // A denial's id may be used again later; what the daemon named cannot be asked for.
    if (reservation.state == "DENIED" || id[0] == '_') continue;
    if (moment.reservations.size() < 12) moment.reservations[id] = *model.FindReservation(id);
  }
  for (const auto& [id, artifact] : model.state().zoo.artifacts) {
    moment.artifacts[id] = *model.FindArtifact(id);
  }
  for (const auto& keys : CostKeys()) moment.costs[keys] = model.Costs(0, INT64_MAX, keys);
  const int64_t from_us = moment.time_us - 2 * model::kHourUs;
  const int64_t until_us = moment.time_us - model::kHourUs;
  moment.costs_before = model.Costs(from_us, until_us, CostKeys().back());
  for (const auto& keys : AcceptedKeys()) moment.accepted[keys] = model.AcceptedCosts(keys);
  moment.accepted_before = model.AcceptedCosts(from_us, until_us, AcceptedKeys().front());
}

// What one that was accepted cost, and what of it is for what.
std::string Past::CheckAccepted(const Moment& moment, const History::CostsScope& all,
                                History* history) {
  for (const auto& [keys, expected] : moment.accepted) {
    const std::string got = AcceptedCostsText(all, keys, history);
    if (got != expected) return Concat("accepted results cost ", got, ", not ", expected);
  }
  History::CostsScope hour = all;
  hour.period = {moment.time_us - 2 * model::kHourUs, moment.time_us - model::kHourUs};
  const std::string got = AcceptedCostsText(hour, AcceptedKeys().front(), history);
  if (got == moment.accepted_before) return "";
  return Concat("accepted results of an hour cost ", got, ", not ", moment.accepted_before);
}

std::string Past::CheckCosts(uint64_t sequence, const Moment& moment,
                             const std::shared_ptr<const RateBook>& rates, History* history) {
  History::CostsScope scope = AllCosts(sequence, moment.time_us, rates);
  std::string total;
  for (const auto& [keys, expected] : moment.costs) {
    CostReport report(keys);
    const absl::Status status = history->ReadCosts(
        scope, [] { return false; }, &report);
    if (!status.ok()) return status.ToString();
    if (CostText(report) != expected) {
      return Concat("costs by ", keys.size(), " keys are ", CostText(report), ", not ", expected);
    }
    // Invariant 9: whatever it is grouped by, the total is the same.
    if (total.empty()) total = CostText(report.Total());
    if (CostText(report.Total()) != total) {
      return "invariant 9: the groups do not add up to the total";
    }
  }
  std::string wrong = CheckAccepted(moment, scope, history);
  if (!wrong.empty()) return wrong;
  CostReport report(CostKeys().back());
  scope.period = {moment.time_us - 2 * model::kHourUs, moment.time_us - model::kHourUs};
  const absl::Status status = history->ReadCosts(
      scope, [] { return false; }, &report);
  if (!status.ok()) return status.ToString();
  if (CostText(report) == moment.costs_before) return "";
  return Concat("costs of an hour are ", CostText(report), ", not ", moment.costs_before);
}

std::string Past::CheckMoment(uint64_t sequence, const Moment& moment, History* history,
                              const Population& population) {
  const ResourceIdentities identify = population.directory.function();
  const auto resources = history->ResourcesAsOf(sequence);
  if (!resources.ok()) return resources.status().ToString();
  if (resources->size() != moment.resources.size()) return "another number of resources";
  for (const Resource& resource : *resources) {
    const auto remembered = moment.resources.find(resource.name());
    if (remembered == moment.resources.end()) return Concat("then there was no ", resource.name());
    const std::string differs = Differ(SequencerSubject::ViewOf(resource), remembered->second);
    if (!differs.empty()) return Concat(resource.name(), differs);
  }
  const auto version = history->PopulationAsOf(sequence);
  if (!version.ok() || !version->has_value()) return "the population's settings are gone";
  for (const auto& [id, view] : moment.reservations) {
    const auto found = history->ReservationAsOf(id, sequence);
    if (!found.ok() || !found->has_value()) return Concat("reservation ", id, " is absent");
    const std::string differs =
        Differ(SequencerSubject::ViewOf(**found, (*version)->lease_shift_us(), identify), view);
    if (!differs.empty()) return Concat("reservation ", id, differs);
  }
  const std::string wrong = CheckCosts(sequence, moment, population.books.shared_rates(), history);
  return wrong.empty() ? CheckModels(sequence, moment, history) : wrong;
}

// Of what depends on nothing but the record.
std::string Past::CheckModels(uint64_t sequence, const Moment& moment, History* history) {
  std::set<std::string> active;
  for (const auto& [id, view] : moment.artifacts) {
    const auto found = history->ModelAsOf(id, sequence);
    if (!found.ok() || !found->has_value()) return Concat("ML model ", id, " is absent");
    const ModelRecord& model = **found;
    const bool same = ModelStateName(model.state()) == view.state &&
                      static_cast<int64_t>(model.generation()) == view.generation &&
                      RollbackTargetOf(model) == view.target &&
                      MonthlyCost(model.settings()).micros() == view.monthly_cost;
    if (!same) return Concat("ML model ", id, " was another: ", model.ShortDebugString());
    if (view.state == "ACTIVE") active.insert(id);
  }
  const auto found = history->ActiveAsOf(sequence);
  if (!found.ok()) return found.status().ToString();
  return *found == active ? "" : "others were ACTIVE";
}

std::string Past::CheckFold(History* history, uint64_t last) {
  const uint64_t stride = last / kFoldedMax + 1;
  std::map<uint32_t, stored::Balances> newest;
  std::string wrong;
  uint64_t before = 0;
  int64_t before_us = 0;
  const auto visit = [&](const History::Visited& visited) {
    const stored::Entry& entry = visited.entry;
    for (const auto& balances : entry.balances()) newest[balances.resource()] = balances;
    if (entry.sequence() != before + 1 || entry.time_us() < before_us) {
      wrong = "invariant 8: numbers are dense, times never fall";
    }
    before = entry.sequence();
    before_us = entry.time_us();
    if (entry.sequence() % stride != 0 || !wrong.empty()) return wrong.empty();
    const auto resources = history->ResourcesAsOf(entry.sequence());
    if (!resources.ok()) wrong = resources.status().ToString();
    for (size_t i = 0; resources.ok() && i < resources->size(); ++i) {
      const Resource& resource = (*resources)[i];
      for (int account = 0; account < kAccountCount; ++account) {
        if (resource[static_cast<Account>(account)].micros() ==
            newest[resource.number].accounts(account)) {
          continue;
        }
        wrong = Concat(resource.name(), " reads ", IdentityLine(resource.balances));
      }
    }
    const auto found = history->SequenceAt(entry.time_us());
    if (!found.ok() || *found < entry.sequence()) wrong = "the sequence at its time is another";
    return wrong.empty();
  };
  const absl::Status status = history->ForEachEntry(1, visit);
  if (!status.ok()) return status.ToString();
  return wrong.empty() ? "" : Concat("as of ", before, ": ", wrong);
}

std::string Past::Check(const SequencerSubject& subject) const {
  History history = subject.TakeHistory();
  for (const auto& [sequence, moment] : moments_) {
    const std::string wrong = CheckMoment(sequence, moment, &history, subject.population());
    if (!wrong.empty()) return Concat("as of ", sequence, ": ", wrong);
  }
  return CheckFold(&history, subject.population().last_sequence);
}

}  // namespace purser
