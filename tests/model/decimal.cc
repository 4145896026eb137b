#include "tests/model/decimal.h"

#include <limits>

namespace purser::model {
namespace {

bool IsDigits(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

std::optional<int64_t> ParseDecimal(const std::string& text) {
  const bool negative = !text.empty() && text[0] == '-';
  const std::string digits = negative ? text.substr(1) : text;
  const size_t point = digits.find('.');
  const std::string whole = digits.substr(0, point);
  std::string fraction = point == std::string::npos ? "0" : digits.substr(point + 1);
  if (!IsDigits(whole) || !IsDigits(fraction) || whole.size() > 13 || fraction.size() > 6) {
    return std::nullopt;
  }
  fraction.resize(6, '0');
  const Wide value = static_cast<Wide>(std::stoll(whole)) * kOne + std::stoll(fraction);
  if (value > std::numeric_limits<int64_t>::max()) return std::nullopt;
  return static_cast<int64_t>(negative ? -value : value);
}

std::string FormatDecimal(int64_t millionths) {
  Wide rest = millionths < 0 ? -static_cast<Wide>(millionths) : millionths;
  std::string text = std::to_string(static_cast<int64_t>(rest / kOne));
  std::string fraction = std::to_string(static_cast<int64_t>(rest % kOne));
  fraction.insert(0, 6 - fraction.size(), '0');
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (!fraction.empty()) text += "." + fraction;
  return millionths < 0 ? "-" + text : text;
}

std::string FormatWide(Wide number) {
  if (number < 0) return "-" + FormatWide(-number);
  std::string text;
  do {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(number % 10)));
    number /= 10;
  } while (number != 0);
  return text;
}

std::optional<int64_t> ParseDuration(const std::string& text) {
  if (text.size() < 2) return std::nullopt;
  const std::optional<int64_t> number = ParseDecimal(text.substr(0, text.size() - 1));
  if (!number) return std::nullopt;
  switch (text.back()) {
    case 's':
      return *number;
    case 'm':
      return *number * 60;
    case 'h':
      return *number * 3'600;
    case 'd':
      return *number * 86'400;
    default:
      return std::nullopt;
  }
}

std::string FormatDuration(int64_t microseconds) { return FormatDecimal(microseconds) + "s"; }

}  // namespace purser::model
