#include "daemon/time_zones.h"

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "ledger/check.h"

namespace purser {

InstantUs FirstOfNextMonth(const std::string& time_zone, InstantUs instant) {
  absl::TimeZone zone;
  PURSER_CHECK(absl::LoadTimeZone(time_zone, &zone), "a population's time zone exists");
  const absl::CivilMonth month = absl::ToCivilMonth(absl::FromUnixMicros(instant), zone);
  const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(month + 1));
  const absl::Time start = info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
  return absl::ToUnixMicros(start);
}

}  // namespace purser
