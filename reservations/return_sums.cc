#include "reservations/return_sums.h"

#include "ledger/check.h"

namespace purser {

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

ReturnLine* ReturnSums::FindSum(const ReturnLine& line, Bucket* bucket) {
  const auto sum = std::find_if(bucket->sums.begin(), bucket->sums.end(), [&](const auto& each) {
    return each.resource == line.resource && each.period == line.period;
  });
  return sum == bucket->sums.end() ? nullptr : &*sum;
}

void ReturnSums::AddTo(Buckets* buckets, int64_t number, ReturnSpan lines) {
  Bucket& bucket = (*buckets)[number];
  ++bucket.entries;
  for (const ReturnLine& line : lines) {
    ReturnLine* const sum = FindSum(line, &bucket);
    if (sum == nullptr) {
      bucket.sums.push_back(line);
    } else {
      sum->amount += line.amount;
    }
  }
}

void ReturnSums::RemoveFrom(Buckets* buckets, int64_t number, ReturnSpan lines) {
  const auto it = buckets->find(number);
  PURSER_CHECK(it != buckets->end(), "what is removed was added");
  Bucket& bucket = it->second;
  if (--bucket.entries == 0) {
    buckets->erase(it);
    return;
  }
  for (const ReturnLine& line : lines) {
    ReturnLine* const sum = FindSum(line, &bucket);
    PURSER_CHECK(sum != nullptr, "what is removed was added");
    sum->amount -= line.amount;
    if (sum->amount.is_zero()) bucket.sums.erase(sum);
  }
}

void ReturnSums::Add(InstantUs end_us, ReturnSpan lines) {
  AddTo(&minutes_, end_us / kMinuteUs, lines);
  AddTo(&hours_, end_us / kHoursUs, lines);
}

void ReturnSums::Remove(InstantUs end_us, ReturnSpan lines) {
  RemoveFrom(&minutes_, end_us / kMinuteUs, lines);
  RemoveFrom(&hours_, end_us / kHoursUs, lines);
}

Amount ReturnSums::SumOf(const Bucket& bucket, const ReturnQuestion& question) {
  Amount total;
  for (const ReturnLine& sum : bucket.sums) {
    if (question.Counts(sum)) total += sum.amount;
  }
  return total;
}

bool ReturnSums::PassBucket(const Buckets& buckets, int64_t width_us,
                            const ReturnQuestion& question, InstantUs* at_us,
                            ReturnAnswer* answer) {
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

}  // namespace purser
