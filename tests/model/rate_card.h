#ifndef PURSER_TESTS_MODEL_RATE_CARD_H_
#define PURSER_TESTS_MODEL_RATE_CARD_H_

// What is said of a rate card, and its words in scenario files. Rates in millionths of a millionth
// of a dollar. Thread-compatible.
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace purser::model {

inline constexpr int64_t kPicosOfDollar = 1'000'000'000'000;

struct UnitRate {
  int64_t picos = 0;
  char per = 0;  // 0: a unit; 'h': a unit and hour; 'm': a unit and month

  bool operator==(const UnitRate&) const = default;
};

// To change a card: what is absent stays; rates are replaced whole, unless there are none.
struct RateCardParts {
  std::optional<int64_t> from_us;
  std::optional<int64_t> until_us;
  std::map<std::string, UnitRate> rates;  // By resource.
};

// "2.5" -> 2500000000000; at most 12 digits behind the point.
std::optional<int64_t> ParsePicos(const std::string& text);
std::string FormatPicos(int64_t picos);

// "gpu_hours=2.5", "memory=0.01/h", "archive=5/month", "from=+1d", "until=INSTANT". False: none.
bool SetRateCardKey(const std::string& key, const std::string& value, int64_t now_us,
                    RateCardParts* parts);
// "2.5", "0.01/h".
std::string ToString(const UnitRate& rate);
// The same words, each after a blank.
std::string ToString(const RateCardParts& parts);

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_RATE_CARD_H_
