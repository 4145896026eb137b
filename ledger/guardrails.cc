#include "ledger/guardrails.h"

#include <algorithm>

#include "absl/numeric/int128.h"
#include "ledger/check.h"
#include "ledger/rate.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr int64_t kHourUs = 3'600 * kSecondUs;
// More than 120 % of the expected hour, or than three mean hours of the day before.
constexpr int64_t kExpectedPercentMax = 120;
constexpr int64_t kMeanHoursMax = 3;

int64_t Floor(int64_t instant, int64_t step) {
  const int64_t rest = instant % step;
  return instant - (rest < 0 ? rest + step : rest);
}

// What fits of the sum.
int64_t AddWithin(int64_t sum, Amount cost) {
  const absl::int128 exact = absl::int128(sum) + cost.micros();
  const absl::int128 most = Amount::Max().micros();
  return static_cast<int64_t>(std::clamp(exact, -most, most));
}

bool ExceedsExpected(const stored::GuardrailRecord& record) {
  const stored::Guardrail& guardrail = record.guardrail();
  if (!guardrail.has_expected_hourly_cost()) return false;
  return absl::int128(record.hour_cost()) * 100 >
         absl::int128(guardrail.expected_hourly_cost()) * kExpectedPercentMax;
}

bool KnowsDayBefore(const stored::GuardrailRecord& record) {
  return record.day_before_length_us() > 0 && record.day_before_cost() > 0;
}

// cost > 3 × (day's cost × hour ÷ day's length), without a remainder.
bool ExceedsDayBefore(const stored::GuardrailRecord& record) {
  return KnowsDayBefore(record) &&
         absl::int128(record.hour_cost()) * record.day_before_length_us() >
             absl::int128(record.day_before_cost()) * kMeanHoursMax * kHourUs;
}

}  // namespace

stored::ClockHour ClockHourOfUtc(const std::string&, InstantUs instant) {
  stored::ClockHour hour;
  hour.set_hour_us(Floor(instant, kHourUs));
  hour.set_day_us(Floor(instant, kDayUs));
  hour.set_day_before_us(hour.day_us() - kDayUs);
  return hour;
}

void GuardrailBook::Put(const stored::Guardrail& guardrail) {
  *by_id_[guardrail.id()].mutable_guardrail() = guardrail;
  ++version_;
}

bool GuardrailBook::Erase(std::string_view id) {
  const auto it = by_id_.find(id);
  if (it == by_id_.end()) return false;
  by_id_.erase(it);
  ++version_;
  return true;
}

void GuardrailBook::Restore(const stored::GuardrailRecord& record) {
  by_id_[record.guardrail().id()] = record;
  ++version_;
}

void GuardrailBook::BeginHour(const stored::ClockHour& hour) {
  for (auto& [id, record] : by_id_) purser::BeginHour(hour, &record);
  ++version_;
}

void GuardrailBook::NoteTrip(std::string_view id) {
  const auto it = by_id_.find(id);
  PURSER_CHECK(it != by_id_.end(), "what trips stands");
  it->second.set_tripped_hour_us(it->second.hour().hour_us());
  ++version_;
}

void GuardrailBook::Count(std::string_view id, Amount cost) {
  const auto it = by_id_.find(id);
  PURSER_CHECK(it != by_id_.end(), "what counts stands");
  CountCost(cost, &it->second);
  ++version_;
}

const stored::GuardrailRecord* GuardrailBook::Find(std::string_view id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : &it->second;
}

bool IsOfAnotherHour(const stored::GuardrailRecord& record, const stored::ClockHour& hour) {
  return record.hour().hour_us() != hour.hour_us() || record.hour().day_us() != hour.day_us();
}

void BeginHour(const stored::ClockHour& hour, stored::GuardrailRecord* record) {
  // It begins for one that was made meanwhile; those that were there go on counting.
  if (!IsOfAnotherHour(*record, hour)) return;
  const stored::ClockHour before = record->hour();
  const bool is_known = record->has_hour();
  *record->mutable_hour() = hour;
  record->set_hour_cost(0);
  if (is_known && before.day_us() == hour.day_us()) return;
  // A day on which nothing was charged, or of which only a part was counted, has no mean.
  const bool follows = is_known && before.day_us() == hour.day_before_us();
  const bool was_there = record->guardrail().create_time_us() <= hour.day_before_us();
  record->set_day_before_cost(follows ? record->day_cost() : 0);
  record->set_day_before_length_us(follows && was_there ? hour.day_us() - hour.day_before_us() : 0);
  record->set_day_cost(0);
}

void CountCost(Amount cost, stored::GuardrailRecord* record) {
  record->set_hour_cost(AddWithin(record->hour_cost(), cost));
  record->set_day_cost(AddWithin(record->day_cost(), cost));
}

bool IsArmed(const stored::GuardrailRecord& record) {
  return record.guardrail().has_expected_hourly_cost() || KnowsDayBefore(record);
}

Amount MeanHourOfDayBefore(const stored::GuardrailRecord& record) {
  if (!KnowsDayBefore(record)) return Amount();
  return Amount::FromMicros(static_cast<int64_t>(DivideHalfAway(
      absl::int128(record.day_before_cost()) * kHourUs, record.day_before_length_us())));
}

std::string FindExcess(const stored::GuardrailRecord& record) {
  const std::string cost = Amount::FromMicros(record.hour_cost()).ToString();
  if (ExceedsExpected(record)) {
    return Concat("the hour costs ", cost, " USD, more than 120 % of the expected ",
                  Amount::FromMicros(record.guardrail().expected_hourly_cost()).ToString());
  }
  if (ExceedsDayBefore(record)) {
    return Concat("the hour costs ", cost, " USD, more than 3 mean hours of the day before, of ",
                  MeanHourOfDayBefore(record).ToString());
  }
  return "";
}

}  // namespace purser
