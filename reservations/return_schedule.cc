#include "reservations/return_schedule.h"

#include <algorithm>

#include "ledger/check.h"

namespace purser {

bool operator==(const ReturnSchedule& a, const ReturnSchedule& b) {
  return std::equal(a.entries_.begin(), a.entries_.end(), b.entries_.begin(), b.entries_.end(),
                    [](const auto& one, const auto& other) {
                      const auto& [key, lines] = one;
                      return key == other.first && lines.span() == other.second.span();
                    });
}

void ReturnSchedule::Insert(const ExpiryKey& key, Lines lines) {
  sums_.Add(key.end_us, lines.span());
  PURSER_CHECK(entries_.emplace(key, std::move(lines)).second, "the order of grants is unique");
}

void ReturnSchedule::Erase(const ExpiryKey& key) {
  const auto it = entries_.find(key);
  PURSER_CHECK(it != entries_.end(), "what ends or changes was made");
  sums_.Remove(key.end_us, it->second.span());
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

ReturnSchedule::Answer ReturnSchedule::Reach(const Question& question, Steps* steps) const {
  if (question.from_us > last_us()) return {};
  const auto walk = [&](InstantUs end_us, InstantUs* at_us, Answer* answer, Steps* left) {
    for (auto it = entries_.lower_bound({*at_us, 0, 0});
         it != entries_.end() && it->first.end_us < end_us; ++it) {
      if (--left->left < 0) {
        answer->complete = false;
        return;
      }
      for (const ReturnLine& line : it->second.span()) {
        if (question.Counts(line)) answer->sum += line.amount;
      }
      if (answer->sum < question.wanted) continue;
      answer->at_us = it->first.end_us;
      return;
    }
    *at_us = end_us;
  };
  return sums_.Reach(question, steps, walk);
}

bool ReturnSchedule::AnyEndsByLease(const Question& question, size_t look_max) const {
  for (auto it = entries_.lower_bound({question.from_us, 0, 0});
       it != entries_.end() && it->first.end_us < question.until_us; ++it) {
    if (look_max-- == 0) return true;
    const ReturnSpan lines = it->second.span();
    const bool gives = std::any_of(lines.begin(), lines.end(),
                                   [&](const ReturnLine& line) { return question.Counts(line); });
    if (gives && !it->first.by_notice) return true;
  }
  return false;
}

std::vector<ExpiryKey> ReturnSchedule::FindLast(const Question& question, size_t count,
                                                size_t look_max) const {
  std::vector<ExpiryKey> keys;
  auto it = entries_.lower_bound({question.until_us, 0, 0});
  while (it != entries_.begin() && keys.size() < count && look_max-- > 0) {
    --it;
    if (it->first.end_us < question.from_us) break;
    const ReturnSpan lines = it->second.span();
    const bool gives = std::any_of(lines.begin(), lines.end(),
                                   [&](const ReturnLine& line) { return question.Counts(line); });
    if (gives) keys.push_back(it->first);
  }
  return keys;
}

}  // namespace purser
