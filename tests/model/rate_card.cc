#include "tests/model/rate_card.h"

#include "tests/model/action_text.h"
#include "tests/model/calendar.h"
#include "tests/model/decimal.h"

namespace purser::model {
namespace {

constexpr size_t kDigits = 12;

bool IsNumber(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

std::optional<UnitRate> ParseUnitRate(const std::string& text) {
  const size_t slash = text.find('/');
  const auto picos = ParsePicos(text.substr(0, slash));
  if (!picos) return std::nullopt;
  if (slash == std::string::npos) return UnitRate{*picos, 0};
  const std::string per = text.substr(slash + 1);
  if (per != "h" && per != "month") return std::nullopt;
  return UnitRate{*picos, per[0]};
}

}  // namespace

std::optional<int64_t> ParsePicos(const std::string& text) {
  if (text.size() > 1 && text[0] == '-') {
    const auto magnitude = ParsePicos(text.substr(1));
    if (!magnitude) return std::nullopt;
    return -*magnitude;
  }
  const size_t point = text.find('.');
  const std::string whole = text.substr(0, point);
  std::string fraction = point == std::string::npos ? "0" : text.substr(point + 1);
  if (!IsNumber(whole) || whole.size() > 7 || !IsNumber(fraction) || fraction.size() > kDigits) {
    return std::nullopt;
  }
  fraction.resize(kDigits, '0');
  return std::stoll(whole) * kPicosOfDollar + std::stoll(fraction);
}

std::string FormatPicos(int64_t picos) {
  if (picos < 0) return "-" + FormatPicos(-picos);
  std::string fraction = std::to_string(picos % kPicosOfDollar);
  fraction.insert(0, kDigits - fraction.size(), '0');
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return std::to_string(picos / kPicosOfDollar) + (fraction.empty() ? "" : "." + fraction);
}

bool SetRateCardKey(const std::string& key, const std::string& value, int64_t now_us,
                    RateCardParts* parts) {
  if (key == "from" || key == "until") {
    const auto at_us = ParseMoment(value, now_us);
    (key == "from" ? parts->from_us : parts->until_us) = at_us;
    return at_us.has_value();
  }
  const auto rate = ParseUnitRate(value);
  if (rate) parts->rates[key] = *rate;
  return rate.has_value();
}

std::string ToString(const UnitRate& rate) {
  return FormatPicos(rate.picos) + (rate.per == 0 ? "" : rate.per == 'h' ? "/h" : "/month");
}

std::string ToString(const RateCardParts& parts) {
  std::string text;
  for (const auto& [resource, rate] : parts.rates) text += " " + resource + "=" + ToString(rate);
  if (parts.from_us) text += " from=" + FormatInstant(*parts.from_us);
  if (parts.until_us) text += " until=" + FormatInstant(*parts.until_us);
  return text;
}

}  // namespace purser::model
