// Closing months: all of UTC, as the populations of the reference model live by it.
#include <algorithm>

#include "tests/model/calendar.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

constexpr int64_t kOneDayUs = 86'400'000'000;

}  // namespace

std::optional<Month> MonthNamed(const std::string& name) {
  const auto from_us = ParseInstant(name + "-01T00:00:00Z");
  if (name.size() != 7 || !from_us) return std::nullopt;
  // What the reader of instants let through that is none is no first of a month.
  if (NextMonth(*from_us - kOneDayUs) != *from_us) return std::nullopt;
  return Month{*from_us, NextMonth(*from_us)};
}

// Whoever could still charge to a time before the instant, within its hold.
bool Model::IsHeldSinceBefore(int64_t instant_us) const {
  return std::any_of(state_.reservations.begin(), state_.reservations.end(), [&](const auto& each) {
    const Reservation& reservation = each.second;
    if (!reservation.IsPromised() || reservation.held_us >= instant_us) return false;
    const auto& lines = reservation.lines;
    return std::any_of(lines.begin(), lines.end(), [&](const auto& line) {
      return line.second.held > 0 && !state_.books.at(line.first).settings.capacity;
    });
  });
}

Verdict Model::ClosePeriod(const Action& action) {
  Verdict verdict;
  verdict.replayed = state_.closed.contains(action.period);
  if (verdict.replayed) return verdict;
  const Month month = *MonthNamed(action.period);
  if (month.until_us <= born_us_) return Refused("not_found");
  if (month.until_us > state_.now_us) return Refused("period_not_over");
  if (IsHeldSinceBefore(month.until_us)) return Refused("period_held");
  state_.closed[action.period] = {action.principal, state_.now_us,
                                  Costs(month.from_us, month.until_us, kStatementKeys)};
  return verdict;
}

std::string Model::Periods() const {
  std::string text;
  for (const auto& [name, closed] : state_.closed) {
    text += (text.empty() ? "" : "; ") + name + " by " + closed.principal + " at " +
            FormatInstant(closed.at_us);
  }
  return text.empty() ? "none" : text;
}

// What was closed costs what it did then.
std::string Model::CheckClosed() const {
  for (const auto& [name, closed] : state_.closed) {
    const Month month = *MonthNamed(name);
    if (Costs(month.from_us, month.until_us, kStatementKeys) != closed.costs) {
      return name + " was closed, and costs something else now";
    }
  }
  return "";
}

}  // namespace purser::model
