// Reports of costs.
#include <algorithm>

#include "absl/strings/str_split.h"
#include "api/render.h"
#include "api/render_occupation.h"
#include "api/service.h"
#include "api/v1/cost.pb.h"
#include "ledger/names.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

absl::Status BadKeys(std::string_view message) {
  return RefuseField(stored::INVALID_ARGUMENT, "?group_by", message);
}

absl::StatusOr<std::vector<std::string>> ReadKeys(const RequestContext& context) {
  std::vector<std::string> keys;
  const auto it = context.query.find("group_by");
  if (it == context.query.end() || it->second.empty()) return keys;
  keys = absl::StrSplit(it->second, ',');
  if (keys.size() > kCostKeysMax) return BadKeys(Concat("at most ", kCostKeysMax, " keys"));
  for (auto key = keys.begin(); key != keys.end(); ++key) {
    if (!IsLabelKey(*key)) {
      return BadKeys(
          "keys of labels, category, resource or origin, by comma; a key must match "
          "[a-z][a-z0-9_.-]{0,62}");
    }
    if (std::find(keys.begin(), key, *key) != key) return BadKeys(Concat(*key, " twice"));
  }
  return keys;
}

template <typename Map>
void SetUnpriced(const CostReport::Sums& sums, Map* out) {
  for (const auto& [resource, amount] : sums.unpriced) (*out)[resource] = SumText(amount);
}

// By these of its keys.
v1::CostGroup RenderGroup(const CostReport& report, const std::vector<std::string>& keys,
                          const CostReport::Values& values, const CostReport::Sums& sums) {
  v1::CostGroup out;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!values[i].empty()) {
      (*out.mutable_by())[keys[i]] = values[i];
    } else if (keys[i] != kByResource) {  // what no resource measures misses none
      out.add_missing(keys[i]);
    }
  }
  out.set_cost(SumText(sums.cost_micros));
  SetUnpriced(sums, out.mutable_unpriced());
  SetOccupied(report, sums, out.mutable_occupied());
  return out;
}

v1::CostReport Render(const CostsRead& read) {
  v1::CostReport out;
  out.set_period(read.period);
  SetTime(read.from_us, out.mutable_from());
  SetTime(read.until_us, out.mutable_until());
  const std::vector<std::string>& keys = read.report.keys();
  out.mutable_group_by()->Add(keys.begin(), keys.end());
  for (const auto& [values, sums] : read.report.groups()) {
    *out.add_groups() = RenderGroup(read.report, keys, values, sums);
  }
  const CostReport::Sums total = read.report.Total();
  out.set_total(SumText(total.cost_micros));
  out.set_unattributed(SumText(read.report.Unattributed().cost_micros));
  SetUnpriced(total, out.mutable_unpriced());
  SetOccupied(read.report, total, out.mutable_occupied());
  SetTime(read.accrued_until_us, out.mutable_accrued_until());
  out.set_ledger_sequence(read.sequence);
  return out;
}

// Labels alone, to which the role comes; those of a capability where none are named.
absl::StatusOr<std::vector<std::string>> ReadOutcomeKeys(const RequestContext& context) {
  auto keys = ReadKeys(context);
  if (!keys.ok()) return keys.status();
  if (keys->empty()) keys->emplace_back(kCapabilityLabel);
  for (const std::string& key : *keys) {
    if (key == kByCategory || key == kByResource || key == kByOrigin || key == kRoleLabel) {
      return BadKeys(Concat("keys of labels that outcomes have, which ", key, " is not"));
    }
  }
  if (keys->size() == kCostKeysMax) return BadKeys(Concat("at most ", kCostKeysMax - 1, " keys"));
  keys->emplace_back(kByRole);
  return keys;
}

uint64_t CountOf(absl::int128 count) {
  return static_cast<uint64_t>(std::min<absl::int128>(count, UINT64_MAX));
}

v1::AcceptedResultCost RenderAccepted(const CostReport& report,
                                      const std::vector<std::string>& keys,
                                      const AcceptedResultCost& group) {
  v1::AcceptedResultCost out;
  const v1::CostGroup by = RenderGroup(report, keys, group.values, group.spent);
  *out.mutable_by() = by.by();
  *out.mutable_missing() = by.missing();
  *out.mutable_unpriced() = by.unpriced();
  *out.mutable_occupied() = by.occupied();
  out.set_cost(by.cost());
  for (const auto& [role, cost_micros] : group.parts) {
    (*out.mutable_parts())[role] = SumText(cost_micros);
  }
  out.set_accepted(CountOf(group.counts.accepted));
  out.set_rejected(CountOf(group.counts.rejected));
  out.set_escalated(CountOf(group.counts.escalated));
  if (group.per_accepted_micros.has_value()) {
    out.set_cost_per_accepted_result(SumText(*group.per_accepted_micros));
  }
  return out;
}

absl::StatusOr<CostsQuery> QueryOf(const RequestContext& context,
                                   absl::StatusOr<std::vector<std::string>> keys) {
  if (!keys.ok()) return keys.status();
  CostsQuery query;
  query.keys = *std::move(keys);
  if (const auto it = context.query.find("period"); it != context.query.end()) {
    query.period = it->second;
  }
  return query;
}

}  // namespace

HttpResponse Service::ReadAcceptedResultCosts(const RequestContext& context, const View& view) {
  auto as_of = ReadAsOf(context);
  if (!as_of.ok()) return Problem(context, as_of.status());
  auto query = QueryOf(context, ReadOutcomeKeys(context));
  if (!query.ok()) return Problem(context, query.status());
  query->with_outcomes = true;
  const auto read = controller_->ReadCosts(view, *query, *as_of);
  if (!read.ok()) return Problem(context, read.status());
  v1::AcceptedResultCostReport out;
  out.set_period(read->period);
  SetTime(read->from_us, out.mutable_from());
  SetTime(read->until_us, out.mutable_until());
  const std::vector<std::string>& keys = read->outcomes->keys();
  out.mutable_group_by()->Add(keys.begin(), keys.end());
  absl::int128 accepted = 0;
  for (const AcceptedResultCost& group : CompareAcceptedCosts(read->report, *read->outcomes)) {
    *out.add_groups() = RenderAccepted(read->report, keys, group);
    accepted += group.counts.accepted;
  }
  out.set_total(SumText(read->report.Total().cost_micros));
  out.set_accepted(CountOf(accepted));
  SetTime(read->accrued_until_us, out.mutable_accrued_until());
  out.set_ledger_sequence(read->sequence);
  HttpResponse response = JsonResponse(200, out);
  SetSequence(read->sequence, &response);
  return response;
}

HttpResponse Service::ReadCosts(const RequestContext& context, const View& view) {
  auto as_of = ReadAsOf(context);
  if (!as_of.ok()) return Problem(context, as_of.status());
  const auto query = QueryOf(context, ReadKeys(context));
  if (!query.ok()) return Problem(context, query.status());
  const auto read = controller_->ReadCosts(view, *query, *as_of);
  if (!read.ok()) return Problem(context, read.status());
  HttpResponse response = JsonResponse(200, Render(*read));
  SetSequence(read->sequence, &response);
  return response;
}

std::optional<HttpResponse> Service::ReadMoney(const HttpRequest& request,
                                               const RequestContext& context, const View& view) {
  switch (context.route->action) {
    case Action::kReadCosts:
      return ReadCosts(context, view);
    case Action::kReadAcceptedResultCosts:
      return ReadAcceptedResultCosts(context, view);
    case Action::kReadStatement:
      return ReadStatement(context, view);
    case Action::kStreamCostLines:
      return StreamCostLines(request, context, view);
    case Action::kListPeriods:
      return ListPeriods(context, view);
    case Action::kGetPeriod:
      return GetPeriod(context, view);
    case Action::kReadDigest:
      return ReadDigest(context, view);
    case Action::kReadSummary:
      return ReadSummary(context, view);
    case Action::kReadDemand:
      return ReadDemand(context, view);
    case Action::kQuote:
      return Quote(request, context, view);
    case Action::kListCostEntries:
    case Action::kListOutcomes:
      return ListPosted(context, view);
    case Action::kGetCostEntry:
    case Action::kGetOutcomes:
      return GetPosted(context, view);
    default:
      return std::nullopt;
  }
}

}  // namespace purser::api
