#include "reservations/usage.h"

#include <algorithm>

namespace purser {
namespace {

constexpr int64_t kMonthsAYear = 12;

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

Amount SumOrMax(Amount a, Amount b) { return Add(a, b).value_or(Amount::Max()); }

// Days from 1970-01-01 to the first of the month, and back: Howard Hinnant, "chrono-Compatible
// Low-Level Date Algorithms". Years begin in March, so that the leap day is their last.
constexpr int64_t kDaysAnEra = 146'097;
constexpr int64_t kEpochInEra = 719'468;

int64_t DaysFromCivil(int64_t year, int64_t month) {
  const int64_t shifted = month <= 2 ? year - 1 : year;
  const int64_t era = FloorDivide(shifted, 400);
  const int64_t year_of_era = shifted - era * 400;
  const int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysAnEra + day_of_era - kEpochInEra;
}

}  // namespace

int64_t DayOf(InstantUs instant) { return FloorDivide(instant, kDayUs); }

int64_t MonthOf(InstantUs instant) {
  const int64_t days = DayOf(instant) + kEpochInEra;
  const int64_t era = FloorDivide(days, kDaysAnEra);
  const int64_t day_of_era = days - era * kDaysAnEra;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return (year - 1970) * kMonthsAYear + month - 1;
}

InstantUs DayStart(int64_t day) { return day * kDayUs; }

InstantUs MonthStart(int64_t month) {
  const int64_t years = FloorDivide(month, kMonthsAYear);
  return DaysFromCivil(1970 + years, month - years * kMonthsAYear + 1) * kDayUs;
}

const Usage::Line* Usage::Find(uint32_t resource) const {
  for (const Line& line : lines) {
    if (line.resource == resource) return &line;
  }
  return nullptr;
}

Usage::Line& Usage::At(uint32_t resource) {
  const auto at =
      std::lower_bound(lines.begin(), lines.end(), resource,
                       [](const Line& line, uint32_t number) { return line.resource < number; });
  if (at != lines.end() && at->resource == resource) return *at;
  Line line;
  line.resource = resource;
  return *lines.insert(at, line);
}

Amount Usage::OccupiedOf(uint32_t resource) const {
  const Line* line = Find(resource);
  return line == nullptr ? Amount() : line->occupied;
}

Amount Usage::ChargedOf(const Resource& resource) const {
  const Line* line = Find(resource.number);
  return line == nullptr || line->period != resource.period ? Amount() : line->charged;
}

Amount Usage::UsedOf(const Resource& resource) const {
  return SumOrMax(OccupiedOf(resource.number), ChargedOf(resource));
}

Amount Usage::GrantedOfDay(uint32_t resource, int64_t day) const {
  const Line* line = Find(resource);
  return line == nullptr || line->day != day ? Amount() : line->day_granted;
}

Amount Usage::GrantedOfMonth(uint32_t resource, int64_t month) const {
  const Line* line = Find(resource);
  return line == nullptr || line->month != month ? Amount() : line->month_granted;
}

void Usage::Changed(const EntryContext& entry) {
  if (since_sequence == 0) since_sequence = entry.sequence;
  changed_sequence = touched_sequence = entry.sequence;
}

void Usage::CountOpen(const ReservationPicture& reservation, int sign, uint64_t sequence) {
  touched_sequence = std::max(touched_sequence, sequence);
  open += static_cast<uint64_t>(static_cast<int64_t>(sign));
  for (const HoldLine& line : reservation.lines) {
    const Amount occupies = line.held + line.in_use;
    Amount& occupied = At(line.resource).occupied;
    occupied = sign > 0 ? occupied + occupies : occupied - occupies;
  }
}

void Usage::NoteGranted(const ReservationPicture& granted, const EntryContext& entry) {
  const int64_t day = DayOf(entry.time_us);
  const int64_t month = MonthOf(entry.time_us);
  for (const HoldLine& hold : granted.lines) {
    // Of an advance reservation consumables are granted when it is made, capacity at its start.
    if (granted.start_at_us != 0 && hold.consumable != granted.scheduled()) continue;
    Line& line = At(hold.resource);
    if (line.day != day) line.day_granted = Amount();
    if (line.month != month) line.month_granted = Amount();
    line.day = day;
    line.month = month;
    line.day_granted = SumOrMax(line.day_granted, hold.granted);
    line.month_granted = SumOrMax(line.month_granted, hold.granted);
  }
  Changed(entry);
}

void Usage::NoteCharged(const stored::Charged& charged, const EntryContext& entry) {
  for (const stored::Charged::Line& each : charged.lines()) {
    Line& line = At(each.resource());
    if (line.period != each.posted_in_period()) line.charged = Amount();
    line.period = each.posted_in_period();
    line.charged = SumOrMax(line.charged, Amount::FromMicros(each.amount()));
  }
  Changed(entry);
}

void Usage::NoteRefunded(const stored::Refunded& refunded, const stored::ChargeRecord& charge,
                         const EntryContext& entry) {
  if (since_sequence == 0 || charge.sequence() < since_sequence) return;  // it did not count
  for (const stored::Refunded::Line& each : refunded.lines()) {
    Line& line = At(each.resource());
    for (const stored::Charged::Line& posted : charge.charged().lines()) {
      const bool counts =
          posted.resource() == each.resource() && posted.posted_in_period() == line.period;
      if (counts)
        line.charged = std::max(Amount(), line.charged - Amount::FromMicros(each.amount()));
    }
  }
  Changed(entry);
}

void Usage::Forget(const EntryContext& entry) {
  if (since_sequence == 0) return;
  for (Line& line : lines) {
    Line kept;
    kept.resource = line.resource;
    kept.occupied = line.occupied;
    line = kept;
  }
  since_sequence = 0;
  changed_sequence = touched_sequence = entry.sequence;
}

stored::UsageRecord ToRecord(const stored::UsageRecord& subject, const Usage& usage) {
  stored::UsageRecord record = subject;
  record.set_since_sequence(usage.since_sequence);
  // What is zero is left out with its period, day or month: it says nothing, and a start, which
  // reads this, has it no more.
  for (const Usage::Line& line : usage.lines) {
    if (line.charged.is_zero() && line.day_granted.is_zero() && line.month_granted.is_zero()) {
      continue;
    }
    stored::UsageRecord::Line& out = *record.add_lines();
    out.set_resource(line.resource);
    if (!line.charged.is_zero()) {
      out.set_period(line.period);
      out.set_charged(line.charged.micros());
    }
    if (!line.day_granted.is_zero()) {
      out.set_day(line.day);
      out.set_day_granted(line.day_granted.micros());
    }
    if (!line.month_granted.is_zero()) {
      out.set_month(line.month);
      out.set_month_granted(line.month_granted.micros());
    }
  }
  return record;
}

void RestoreRecord(const stored::UsageRecord& record, Usage* usage) {
  usage->since_sequence = record.since_sequence();
  usage->lines.reserve(record.lines_size());
  for (const stored::UsageRecord::Line& from : record.lines()) {
    Usage::Line line;
    line.resource = from.resource();
    line.period = from.period();
    line.charged = Amount::FromMicros(from.charged());
    line.day = from.day();
    line.day_granted = Amount::FromMicros(from.day_granted());
    line.month = from.month();
    line.month_granted = Amount::FromMicros(from.month_granted());
    usage->lines.push_back(line);
  }
}

const Usage* UsageView::FindPrincipal(std::string_view name) const {
  const auto it = principals.find(name);
  return it == principals.end() ? nullptr : it->second.get();
}

const Usage* UsageView::FindLabel(const LabelPair& label) const {
  const auto it = labels.find(label);
  return it == labels.end() ? nullptr : it->second.get();
}

}  // namespace purser
