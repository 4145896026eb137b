// Somebody else's books: the export of a long random history, added up by programs that nobody here
// wrote.
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "daemon/dump.h"
#include "daemon/history.h"
#include "daemon/verify.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/books/long_history.h"
#include "tests/books/other_program.h"
#include "tests/fixtures/temp_directory.h"

namespace purser {
namespace {

using testing::HasSubstr;

constexpr uint64_t kSeed = 20'260'701;
constexpr int kGroups = 2'500;

LongHistory& History3000() {
  static LongHistory* const history = [] {
    std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
    auto* made = new LongHistory(kSeed);
    made->Live(kGroups);
    return made;
  }();
  return *history;
}

std::string DumpText(DumpOptions::Format format) {
  std::ostringstream out;
  DumpOptions options;
  options.format = format;
  EXPECT_EQ(RunDump(&History3000().store(), options, out), 0);
  return out.str();
}

using AccountBalances = std::map<std::string, Amount>;  // by population:resource:account

// Of the state in memory; what is zero is left out.
AccountBalances StateBalances() {
  AccountBalances balances;
  for (const auto& [name, population] : History3000().sequencer().machine().populations()) {
    for (const auto& [resource_name, number] : population->books.numbers_by_name()) {
      const Resource& resource = *population->books.Find(number);
      for (int i = 0; i < kAccountCount; ++i) {
        const Account account = static_cast<Account>(i);
        std::string account_name = stored::Account_Name(account);
        for (char& c : account_name) c = static_cast<char>(std::tolower(c));
        if (resource[account].is_zero()) continue;
        balances[Concat(name, ":", resource_name, ":", account_name)] = resource[account];
      }
    }
  }
  return balances;
}

// Lines "account,amount", amounts with or without a commodity, quotes anywhere.
AccountBalances ParseBalances(std::string text) {
  std::erase(text, '"');
  AccountBalances balances;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const size_t comma = line.find(',');
    if (comma == std::string::npos || line == "account,balance") continue;
    const std::string number = line.substr(comma + 1, line.find(' ', comma) - comma - 1);
    const auto amount = Amount::Parse(number);
    EXPECT_TRUE(amount.ok()) << line;
    if (amount.ok() && !amount->is_zero()) balances[line.substr(0, comma)] = *amount;
  }
  return balances;
}

std::string WriteLedger(const TempDirectory& directory) {
  std::string path = directory.path() + "/books.ledger";
  std::ofstream(path) << DumpText(DumpOptions::Format::kLedger);
  return path;
}

TEST(Books, TheHistoryHasEveryKindOfCommandAndOfOperation) {
  std::set<int> commands;
  std::set<int> operations;
  uint64_t entries = 0;
  for (const auto& [name, population] : History3000().sequencer().machine().populations()) {
    History history(History3000().store().TakeSnapshot(), population->number,
                    std::make_shared<ResourceDirectory>());
    ASSERT_TRUE(history
                    .ForEachEntry(1,
                                  [&](const History::Visited& visited) {
                                    ++entries;
                                    commands.insert(visited.entry.command());
                                    for (const auto& posting : visited.entry.postings()) {
                                      operations.insert(posting.operation());
                                    }
                                    return true;
                                  })
                    .ok());
  }
  EXPECT_GT(entries, 3'000u);
  for (int i = 1; i < stored::CommandKind_ARRAYSIZE; ++i) {
    // What goes on where one entry grants the most that it may is in tests/subject.
    if (!stored::CommandKind_IsValid(i) || i == stored::GRANT_QUEUED) continue;
    EXPECT_TRUE(commands.contains(i)) << stored::CommandKind_Name(stored::CommandKind(i));
  }
  for (int i = 1; i < stored::Operation_ARRAYSIZE; ++i) {
    EXPECT_TRUE(operations.contains(i)) << stored::Operation_Name(stored::Operation(i));
  }
}

TEST(Books, VerifyFindsTheHistoryGood) {
  std::ostringstream out;
  EXPECT_EQ(RunVerify(&History3000().store(), out), 0) << out.str();
  EXPECT_THAT(out.str(), HasSubstr("default: ok, "));
  EXPECT_THAT(out.str(), HasSubstr("lab: ok, "));
}

TEST(Books, PythonRecomputesTheChain) {
  if (!HasProgram("python3")) GTEST_SKIP() << "there is no python3 here";
  const TempDirectory directory;
  const std::string path = directory.path() + "/books.jsonl";
  std::ofstream(path) << DumpText(DumpOptions::Format::kJsonLines);
  const std::string output =
      OutputOf(Concat("python3 ", PURSER_SOURCE_DIR, "/tests/books/recompute_chain.py <", path));
  const auto verdicts = Verify(&History3000().store());
  ASSERT_TRUE(verdicts.ok());
  for (const PopulationVerdict& verdict : *verdicts) {
    EXPECT_THAT(output, HasSubstr(Concat(verdict.name, " ", verdict.result.entries, " ",
                                         verdict.result.last_hash_hex, "\n")));
  }
}

TEST(Books, DebiansLedgerAddsUpToTheState) {
  if (!HasProgram("ledger")) GTEST_SKIP() << "there is no ledger here";
  const TempDirectory directory;
  const std::string output = OutputOf(Concat(
      "ledger --args-only -f ", WriteLedger(directory),
      " balance --flat --no-total --balance-format '%(account),%(quantity(scrub(total)))\\n'"));
  EXPECT_EQ(ParseBalances(output), StateBalances());
}

TEST(Books, HledgerAddsUpToTheState) {
  if (!HasProgram("hledger")) GTEST_SKIP() << "there is no hledger here";
  const TempDirectory directory;
  const std::string output = OutputOf(Concat("LC_ALL=C.UTF-8 hledger -f ", WriteLedger(directory),
                                             " balance --flat --no-total -O csv"));
  EXPECT_EQ(ParseBalances(output), StateBalances());
}

TEST(Books, ADumpOfOnePopulationHasOnlyThat) {
  std::ostringstream out;
  DumpOptions options;
  options.population = "lab";
  EXPECT_EQ(RunDump(&History3000().store(), options, out), 0);
  std::istringstream lines(out.str());
  uint64_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    ASSERT_THAT(line, HasSubstr(Concat("{\"population\":\"lab\",\"sequence\":", ++count, ",")));
  }
  EXPECT_EQ(count, History3000().sequencer().machine().Find("lab")->last_sequence);
}

TEST(Books, ADumpOfAnUnknownPopulationIsAnErrorOfUse) {
  std::ostringstream out;
  std::ostringstream errors;
  DumpOptions options;
  options.population = "nowhere";
  EXPECT_EQ(RunDump(&History3000().store(), options, out, errors), 2);
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(errors.str(), "dump: there is no population \"nowhere\"\n");
}

}  // namespace
}  // namespace purser
