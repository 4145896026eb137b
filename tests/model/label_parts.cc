#include "tests/model/label_parts.h"

#include <algorithm>

#include "tests/model/action_text.h"

namespace purser::model {
namespace {

bool MeansParts(const std::string& value) { return !value.empty() && value[0] == '{'; }

// "\"a\"" -> "a"; "" for what is not in quotes.
std::string Unquoted(const std::string& text) {
  const bool quoted = text.size() > 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : "";
}

}  // namespace

std::map<std::string, int64_t> PartsOf(const std::string& value) {
  if (!MeansParts(value) || value.back() != '}') return {};
  std::map<std::string, int64_t> parts;
  bool any = false;
  for (const std::string& part : SplitAt(value.substr(1, value.size() - 2), ',')) {
    const size_t colon = part.find(':');
    if (colon == std::string::npos) return {};
    const std::string name = Unquoted(part.substr(0, colon));
    const auto weight = ParseDecimal(Unquoted(part.substr(colon + 1)));
    if (name.empty() || !weight || *weight < 0 || parts.contains(name)) return {};
    parts[name] = *weight;
    any = any || *weight > 0;
  }
  if (!any || parts.size() > 32) return {};
  return parts;
}

std::vector<std::string> ValuesOf(const std::string& value) {
  if (!MeansParts(value)) return {value};
  std::vector<std::string> values;
  for (const auto& [name, weight] : PartsOf(value)) values.push_back(name);
  return values;
}

bool HasSplits(const ModelLabels& labels) {
  return std::any_of(labels.begin(), labels.end(),
                     [](const auto& label) { return MeansParts(label.second); });
}

bool BadLabels(const ModelLabels& labels, bool family_may_be_split) {
  return std::any_of(labels.begin(), labels.end(), [&](const auto& label) {
    const auto& [key, value] = label;
    if (!MeansParts(value)) return false;
    return PartsOf(value).empty() || (key == "operator_family" && !family_may_be_split);
  });
}

std::map<std::string, Wide> SharesOf(Wide total, const std::map<std::string, int64_t>& parts) {
  const Wide size = total < 0 ? -total : total;
  Wide sum = 0;
  for (const auto& [name, weight] : parts) sum += weight;
  std::map<std::string, Wide> shares;
  std::vector<std::pair<Wide, std::string>> rests;  // Below 0, so that the largest come first.
  Wide left = size;
  for (const auto& [name, weight] : parts) {
    shares[name] = size * weight / sum;
    left -= shares[name];
    rests.emplace_back(-(size * weight % sum), name);
  }
  std::sort(rests.begin(), rests.end());
  for (size_t i = 0; left > 0; ++i, --left) shares[rests[i].second] += 1;
  if (total < 0) {
    for (auto& [name, share] : shares) share = -share;
  }
  return shares;
}

}  // namespace purser::model
