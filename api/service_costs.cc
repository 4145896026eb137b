// Reports of costs.
#include <algorithm>

#include "absl/strings/str_split.h"
#include "api/render.h"
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
          "keys of labels, category or resource, by comma; a key must match "
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

v1::CostGroup RenderGroup(const std::vector<std::string>& keys, const CostReport::Values& values,
                          const CostReport::Sums& sums) {
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
    *out.add_groups() = RenderGroup(keys, values, sums);
  }
  const CostReport::Sums total = read.report.Total();
  out.set_total(SumText(total.cost_micros));
  out.set_unattributed(SumText(read.report.Unattributed().cost_micros));
  SetUnpriced(total, out.mutable_unpriced());
  out.set_ledger_sequence(read.sequence);
  return out;
}

}  // namespace

HttpResponse Service::ReadCosts(const RequestContext& context, const View& view) {
  auto as_of = ReadAsOf(context);
  if (!as_of.ok()) return Problem(context, as_of.status());
  auto keys = ReadKeys(context);
  if (!keys.ok()) return Problem(context, keys.status());
  CostsQuery query{*std::move(keys), std::nullopt};
  if (const auto it = context.query.find("period"); it != context.query.end()) {
    query.period = it->second;
  }
  const auto read = controller_->ReadCosts(view, query, *as_of);
  if (!read.ok()) return Problem(context, read.status());
  HttpResponse response = JsonResponse(200, Render(*read));
  SetSequence(read->sequence, &response);
  return response;
}

}  // namespace purser::api
