#include "reservations/return_schedule.h"

#include <algorithm>

#include "ledger/check.h"

namespace purser {
namespace {

// Powers of two, so that one is made of whole others: 67 seconds and 4.8 hours. 400 days are 2,012
// of the wide ones, one of which is 256 of the narrow ones.
constexpr int64_t kMinuteUs = int64_t{1} << 26;
constexpr int64_t kHoursUs = int64_t{1} << 34;

bool Counts(uint32_t resource, uint32_t period, const ReturnSchedule::Question& question) {
  return resource == question.resource &&
         (!question.period.has_value() || period == *question.period);
}

}  // namespace

ReturnLines ReturnLinesOf(const ReservationPicture& reservation) {
  ReturnLines lines;
  for (const HoldLine& line : reservation.lines) {
    const Amount amount = line.held + line.in_use;
    if (amount.is_zero()) continue;
    PURSER_CHECK(line.period <= UINT32_MAX, "a period of a second lasts 136 years of periods");
    lines.push_back({line.resource, static_cast<uint32_t>(line.period), amount});
  }
  return lines;
}

bool operator==(const ReturnSchedule& a, const ReturnSchedule& b) {
  return std::equal(a.entries_.begin(), a.entries_.end(), b.entries_.begin(), b.entries_.end(),
                    [](const auto& one, const auto& other) {
                      const auto& [key, lines] = one;
                      const ReturnLine* const others = other.second.lines.get();
                      return key == other.first &&
                             std::equal(lines.lines.get(), lines.lines.get() + lines.count, others,
                                        others + other.second.count);
                    });
}

ReturnSchedule::Sum* ReturnSchedule::FindSum(const ReturnLine& line, Bucket* bucket) {
  const auto sum = std::find_if(bucket->sums.begin(), bucket->sums.end(), [&](const Sum& each) {
    return each.resource == line.resource && each.period == line.period;
  });
  return sum == bucket->sums.end() ? nullptr : &*sum;
}

void ReturnSchedule::Add(Buckets* buckets, int64_t number, const Lines& lines) {
  Bucket& bucket = (*buckets)[number];
  ++bucket.entries;
  for (uint32_t i = 0; i < lines.count; ++i) {
    const ReturnLine& line = lines.lines[i];
    Sum* const sum = FindSum(line, &bucket);
    if (sum == nullptr) {
      bucket.sums.push_back({line.resource, line.period, line.amount});
    } else {
      sum->amount += line.amount;
    }
  }
}

void ReturnSchedule::Remove(Buckets* buckets, int64_t number, const Lines& lines) {
  const auto it = buckets->find(number);
  PURSER_CHECK(it != buckets->end(), "what is removed was added");
  Bucket& bucket = it->second;
  if (--bucket.entries == 0) {
    buckets->erase(it);
    return;
  }
  for (uint32_t i = 0; i < lines.count; ++i) {
    const ReturnLine& line = lines.lines[i];
    Sum* const sum = FindSum(line, &bucket);
    PURSER_CHECK(sum != nullptr, "what is removed was added");
    sum->amount -= line.amount;
    if (sum->amount.is_zero()) bucket.sums.erase(sum);
  }
}

void ReturnSchedule::Insert(const ExpiryKey& key, Lines lines) {
  Add(&minutes_, key.lease_end_us / kMinuteUs, lines);
  Add(&hours_, key.lease_end_us / kHoursUs, lines);
  PURSER_CHECK(entries_.emplace(key, std::move(lines)).second, "the order of grants is unique");
}

void ReturnSchedule::Erase(const ExpiryKey& key) {
  const auto it = entries_.find(key);
  PURSER_CHECK(it != entries_.end(), "what ends or changes was made");
  Remove(&minutes_, key.lease_end_us / kMinuteUs, it->second);
  Remove(&hours_, key.lease_end_us / kHoursUs, it->second);
  entries_.erase(it);
}

void ReturnSchedule::Apply(const ReturnChange& change) {
  if (change.before.has_value()) Erase(*change.before);
  if (!change.after.has_value()) return;
  Lines lines{static_cast<uint32_t>(change.lines.size()),
              std::make_unique_for_overwrite<ReturnLine[]>(change.lines.size())};
  std::copy(change.lines.begin(), change.lines.end(), lines.lines.get());
  Insert(*change.after, std::move(lines));
}

Amount ReturnSchedule::SumOf(const Bucket& bucket, const Question& question) {
  Amount total;
  for (const Sum& sum : bucket.sums) {
    if (Counts(sum.resource, sum.period, question)) total += sum.amount;
  }
  return total;
}

bool ReturnSchedule::PassBucket(const Buckets& buckets, int64_t width_us, const Question& question,
                                InstantUs* at_us, Answer* answer) {
  const auto it = buckets.lower_bound(*at_us / width_us);
  if (it == buckets.end()) {
    *at_us = question.until_us;
    return true;
  }
  *at_us = std::min(it->first * width_us, question.until_us);
  if (question.until_us - *at_us < width_us) return false;
  const Amount sum = SumOf(it->second, question);
  if (answer->sum + sum >= question.wanted) return false;
  answer->sum += sum;
  *at_us += width_us;
  return true;
}

void ReturnSchedule::WalkEntries(const Question& question, InstantUs* at_us, Answer* answer,
                                 Steps* steps) const {
  const InstantUs end_us = std::min((*at_us / kMinuteUs + 1) * kMinuteUs, question.until_us);
  for (auto it = entries_.lower_bound({*at_us, 0, 0});
       it != entries_.end() && it->first.lease_end_us < end_us; ++it) {
    if (--steps->left < 0) {
      answer->complete = false;
      return;
    }
    for (uint32_t i = 0; i < it->second.count; ++i) {
      const ReturnLine& line = it->second.lines[i];
      if (Counts(line.resource, line.period, question)) answer->sum += line.amount;
    }
    if (answer->sum < question.wanted) continue;
    answer->at_us = it->first.lease_end_us;
    return;
  }
  *at_us = end_us;
}

ReturnSchedule::Answer ReturnSchedule::Reach(const Question& question, Steps* steps) const {
  Answer answer;
  InstantUs at_us = question.from_us;
  if (at_us > last_us()) return answer;
  while (at_us < question.until_us && !answer.at_us.has_value() && answer.complete) {
    if (--steps->left < 0) {
      answer.complete = false;
      break;
    }
    const bool passed_hours =
        at_us % kHoursUs == 0 && PassBucket(hours_, kHoursUs, question, &at_us, &answer);
    if (passed_hours) continue;
    const bool whole_minute = at_us % kMinuteUs == 0;
    if (whole_minute && PassBucket(minutes_, kMinuteUs, question, &at_us, &answer)) continue;
    const InstantUs end_us = at_us + kMinuteUs;
    const bool is_in_it = whole_minute && end_us <= question.until_us;
    WalkEntries(question, &at_us, &answer, steps);
    // The sum is reached in this minute: its end is late, but true.
    if (!answer.complete && is_in_it) answer.at_us = end_us;
  }
  return answer;
}

std::vector<ExpiryKey> ReturnSchedule::FindLast(const Question& question, size_t count,
                                                size_t look_max) const {
  std::vector<ExpiryKey> keys;
  auto it = entries_.lower_bound({question.until_us, 0, 0});
  while (it != entries_.begin() && keys.size() < count && look_max-- > 0) {
    --it;
    if (it->first.lease_end_us < question.from_us) break;
    const ReturnLine* const lines = it->second.lines.get();
    const bool gives = std::any_of(lines, lines + it->second.count, [&](const ReturnLine& line) {
      return Counts(line.resource, line.period, question);
    });
    if (gives) keys.push_back(it->first);
  }
  return keys;
}

}  // namespace purser
