#ifndef PURSER_TESTS_BOOKS_VERIFY_FIXTURE_H_
#define PURSER_TESTS_BOOKS_VERIFY_FIXTURE_H_

// The fixture of the tests of verify: a copy of one long history, in memory, to be damaged.
#include <cstdio>
#include <functional>
#include <memory>
#include <sstream>
#include <string>

#include "daemon/verify.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/books/damage.h"
#include "tests/books/long_history.h"

namespace purser {

inline constexpr uint64_t kSeed = 4'711;
inline constexpr int kGroups = 400;
inline constexpr uint32_t kLab = 2;
inline constexpr int kFlips = 150;
inline constexpr int kForgeries = 300;

class VerifyTest : public testing::Test {
 protected:
  VerifyTest() : store_(Original().Copy()) {}

  static const MemoryStore& Original() {
    static LongHistory* const history = [] {
      std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
      auto* made = new LongHistory(kSeed);
      made->Live(kGroups);
      made->LeaveOpenEnds("lab");
      return made;
    }();
    return history->store();
  }

  api::VerifyResult VerifyLab() {
    return *VerifyPopulation(store_->TakeSnapshot().get(), kLab, [] { return false; });
  }
  void ExpectBad(uint64_t sequence, const std::string& detail) {
    const api::VerifyResult result = VerifyLab();
    EXPECT_FALSE(result.ok);
    EXPECT_EQ(result.first_bad_sequence, sequence) << result.detail;
    EXPECT_THAT(result.detail, testing::HasSubstr(detail));
    std::ostringstream out;
    EXPECT_EQ(RunVerify(store_.get(), out), 1);
    EXPECT_THAT(out.str(), testing::HasSubstr(Concat("lab: first bad entry ", sequence, ": ")));
    EXPECT_THAT(out.str(), testing::HasSubstr("default: ok"));
  }
  uint64_t Find(const std::function<bool(const stored::Entry& entry)>& is_it) {
    const uint64_t sequence = FindEntry(*store_, kLab, 40, is_it);
    EXPECT_NE(sequence, 0u);
    return sequence;
  }
  // A row in the middle with more than one entry.
  JournalRow FindWideRow() {
    const std::vector<JournalRow> journal = JournalOf(*store_, kLab);
    for (size_t i = journal.size() / 2; i < journal.size(); ++i) {
      if (journal[i].group.entries_size() > 1) return journal[i];
    }
    return {};
  }

  std::unique_ptr<MemoryStore> store_;
};

}  // namespace purser

#endif  // PURSER_TESTS_BOOKS_VERIFY_FIXTURE_H_
