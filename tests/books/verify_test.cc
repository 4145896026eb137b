// Verify finds whatever was changed behind the daemon's back, names where it begins, and never ends
// the process, whatever it reads.
#include "daemon/verify.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <random>
#include <sstream>
#include <utility>

#include "daemon/schema.h"
#include "gmock/gmock.h"
#include "google/protobuf/stubs/logging.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/books/verify_fixture.h"

namespace purser {
namespace {

using testing::HasSubstr;

TEST_F(VerifyTest, WhatNobodyTouchedIsGood) {
  std::ostringstream out;
  EXPECT_EQ(RunVerify(store_.get(), out), 0) << out.str();
}

TEST_F(VerifyTest, AnEmptyStoreHasNothingThatIsBad) {
  MemoryStore empty;
  std::ostringstream out;
  EXPECT_EQ(RunVerify(&empty, out), 0);
  EXPECT_EQ(out.str(), "there are no populations\n");
}

TEST_F(VerifyTest, AFlippedByteIsFoundInTheRowThatHasIt) {
  const google::protobuf::LogSilencer silence;  // of texts that are not UTF-8
  std::mt19937_64 random(kSeed);
  const std::vector<JournalRow> journal = JournalOf(*store_, kLab);
  for (int i = 0; i < kFlips; ++i) {
    const JournalRow& row = journal[random() % journal.size()];
    JournalRow changed = row;
    std::string& bytes =
        *changed.group.mutable_entries(static_cast<int>(random() % row.group.entries_size()));
    const size_t at = random() % bytes.size();
    bytes[at] = static_cast<char>(bytes[at] ^ 1 << random() % 8);
    Write(*store_, changed);
    const api::VerifyResult result = VerifyLab();
    ASSERT_FALSE(result.ok) << "entry " << row.first << ", byte " << at;
    EXPECT_GE(*result.first_bad_sequence, row.first) << result.detail;
    EXPECT_LE(*result.first_bad_sequence, row.last()) << result.detail;
    EXPECT_THAT(result.detail, HasSubstr("hash chain"));
    Write(*store_, row);
  }
  EXPECT_TRUE(VerifyLab().ok);
}

TEST_F(VerifyTest, AFlippedByteInAHashBlamesTheEntryBehindIt) {
  JournalRow row = FindWideRow();
  (*row.group.mutable_hash_before())[7] ^= 4;
  Write(*store_, row);
  ExpectBad(row.first, "the hash before it is stored as ");
}

TEST_F(VerifyTest, ARowThatCannotBeReadIsNamed) {
  const JournalRow row = FindWideRow();
  Write(*store_, Row{Table::kJournal, row.key, std::string("\xFF\xFF\xFF")});
  ExpectBad(row.first, "the journal's row cannot be read");
}

TEST_F(VerifyTest, ARemovedRowIsNamed) {
  const JournalRow row = FindWideRow();
  Erase(*store_, Table::kJournal, row.key);
  ExpectBad(row.first, Concat("entries ", row.first, " to ", row.last(), " are missing"));
}

TEST_F(VerifyTest, ARemovedLastRowIsNamed) {
  const JournalRow row = JournalOf(*store_, kLab).back();
  Erase(*store_, Table::kJournal, row.key);
  ExpectBad(row.first, "are missing");
}

TEST_F(VerifyTest, SwappedEntriesAreNamed) {
  JournalRow row = FindWideRow();
  row.group.mutable_entries()->SwapElements(0, 1);
  Write(*store_, row);
  ExpectBad(row.first, "the hash chain is broken here: invariant 8: it has the number ");
}

TEST_F(VerifyTest, SwappedRowsAreNamed) {
  std::vector<JournalRow> journal = JournalOf(*store_, kLab);
  const size_t middle = journal.size() / 2;
  std::swap(journal[middle].group, journal[middle + 1].group);
  Write(*store_, journal[middle]);
  Write(*store_, journal[middle + 1]);
  const api::VerifyResult result = VerifyLab();
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.first_bad_sequence, journal[middle].first);
}

TEST_F(VerifyTest, AJournalOfAnotherNameIsNotThisPopulations) {
  Row row = RowsOf(*store_, Table::kMeta, schema::MetaKey(kLab)).front();
  stored::PopulationMeta meta;
  ASSERT_TRUE(meta.ParseFromString(row.value));
  meta.set_name("loft");
  row.value = meta.SerializeAsString();
  Write(*store_, std::move(row));
  const api::VerifyResult result = VerifyLab();
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.first_bad_sequence, 1u);
}

TEST_F(VerifyTest, AChangedBalanceIsNamed) {
  std::vector<Row> rows = RowsOf(*store_, Table::kBalances, schema::PopulationPrefix(kLab));
  Row row = rows[rows.size() / 2];
  stored::Balances balances;
  ASSERT_TRUE(balances.ParseFromString(row.value));
  balances.set_accounts(stored::AVAILABLE, balances.accounts(stored::AVAILABLE) + 1);
  row.value = balances.SerializeAsString();
  const uint64_t first = schema::SequenceOfJournalKey(row.key.substr(4));
  Write(*store_, std::move(row));
  ExpectBad(first, "table balances, ");
}

TEST_F(VerifyTest, AChangedReservationIsNamed) {
  for (const auto& [table, id] :
       {std::pair(Table::kOpen, "running"), std::pair(Table::kReservations, "ended")}) {
    const Row row = RowsOf(*store_, table, schema::IdKey(kLab, id)).front();
    stored::ReservationRecord record;
    ASSERT_TRUE(record.ParseFromString(row.value));
    record.mutable_lines(0)->set_held(INT64_MAX);
    Write(*store_, Row{row.table, row.key, record.SerializeAsString()});
    ExpectBad(*record.sequences().rbegin(), "lines[0].held: 9223372036854775807 -> ");
    Write(*store_, row);
  }
}

// Whatever single row of whatever table is gone or decayed; the keys' answers are no part of the
// state.
TEST_F(VerifyTest, NoRowGoesUnchecked) {
  const google::protobuf::LogSilencer silence;  // of texts that are not UTF-8
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < kTableCount; ++i) {
    const Table table = static_cast<Table>(i);
    if (table == Table::kKeys) continue;
    const std::string prefix =
        table == Table::kMeta ? schema::MetaKey(kLab) : schema::PopulationPrefix(kLab);
    const std::vector<Row> rows = RowsOf(*store_, table, prefix);
    EXPECT_FALSE(rows.empty()) << TableName(table);
    const size_t stride = std::max<size_t>(1, rows.size() / 25);
    for (size_t r = 0; r < rows.size(); r += stride) {
      Erase(*store_, table, rows[r].key);
      EXPECT_FALSE(VerifyLab().ok) << TableName(table) << " row " << r << " erased";
      Row changed = rows[r];
      if (!changed.value.empty()) {
        const size_t at = random() % changed.value.size();
        changed.value[at] = static_cast<char>(changed.value[at] ^ 1 << random() % 8);
        Write(*store_, changed);
        EXPECT_FALSE(VerifyLab().ok) << TableName(table) << " row " << r << ", byte " << at;
      }
      Write(*store_, rows[r]);
      if (table == Table::kMeta) continue;
      changed = rows[r];
      changed.key += '\x01';
      Write(*store_, changed);
      EXPECT_FALSE(VerifyLab().ok) << TableName(table) << " row " << r << " twice";
      Erase(*store_, table, changed.key);
    }
  }
  EXPECT_TRUE(VerifyLab().ok);
}

TEST_F(VerifyTest, RowsOfNoPopulationAreFound) {
  Write(*store_, Row{Table::kOpen, schema::IdKey(77, "ghost"), ""});
  std::ostringstream out;
  EXPECT_EQ(RunVerify(store_.get(), out), 1);
  EXPECT_THAT(out.str(), HasSubstr("of no population"));
}

TEST_F(VerifyTest, AnotherFormatIsRefused) {
  Write(*store_, Row{Table::kMeta, schema::kFormatKey, "9"});
  std::ostringstream out;
  EXPECT_EQ(RunVerify(store_.get(), out), 1);
  EXPECT_THAT(out.str(), HasSubstr("format \"9\""));
}

TEST_F(VerifyTest, ADiskThatCannotBeReadIsReportedWithTheLastGoodEntry) {
  UnreadableStore unreadable(store_.get(), 5);
  const uint64_t last_good = JournalOf(*store_, 1)[4].last();
  std::ostringstream out;
  EXPECT_EQ(RunVerify(&unreadable, out), 1);
  EXPECT_THAT(out.str(),
              HasSubstr(Concat("default: first bad entry ", last_good + 1,
                               ": table journal: block checksum mismatch in 000123.sst, offset "
                               "4096; last good sequence ",
                               last_good)));
}

// ---- a forger, who makes every hash right again

TEST_F(VerifyTest, AForgedPostingBreaksConservation) {
  const uint64_t sequence = Find([](const stored::Entry& entry) {
    return entry.postings_size() == 1 && entry.postings(0).operation() == stored::HOLD;
  });
  ASSERT_TRUE(ForgeEntry(*store_, kLab, sequence, [](stored::Entry* entry) {
    entry->mutable_postings(0)->set_amount(entry->postings(0).amount() - 1);
  }));
  ExpectBad(sequence, "are not the fold of its postings");
}

TEST_F(VerifyTest, ForgedBalancesThatDoNotAddUpAreFound) {
  const uint64_t sequence =
      Find([](const stored::Entry& entry) { return entry.postings_size() > 0; });
  ASSERT_TRUE(ForgeEntry(*store_, kLab, sequence, [](stored::Entry* entry) {
    auto* balances = entry->mutable_balances(0);
    balances->set_accounts(stored::AVAILABLE, balances->accounts(stored::AVAILABLE) + 1);
  }));
  ExpectBad(sequence, "are not the fold of its postings");
}

// Postings and balances agree, but no reservation holds what they move.
TEST_F(VerifyTest, AForgedHoldThatNoReservationHasIsFound) {
  const uint64_t sequence = Find([](const stored::Entry& entry) {
    return entry.postings_size() == 1 && entry.postings(0).operation() == stored::HOLD;
  });
  ASSERT_TRUE(ForgeEntry(*store_, kLab, sequence, [](stored::Entry* entry) {
    entry->mutable_postings(0)->set_amount(entry->postings(0).amount() - 1);
    for (auto& balances : *entry->mutable_balances()) {
      if (balances.resource() != entry->postings(0).resource()) continue;
      balances.set_accounts(stored::AVAILABLE, balances.accounts(stored::AVAILABLE) + 1);
      balances.set_accounts(stored::HELD, balances.accounts(stored::HELD) - 1);
    }
  }));
  ExpectBad(sequence, "invariant 3");
}

TEST_F(VerifyTest, AForgedDrawOnTheReserveByAnExperimentIsFound) {
  const uint64_t sequence = Find([](const stored::Entry& entry) {
    return entry.command() == stored::CREATE_RESERVATION && entry.reservation_facts(0).has_held() &&
           std::any_of(entry.postings().begin(), entry.postings().end(),
                       [](const auto& posting) { return posting.from() == stored::RESERVE; });
  });
  ASSERT_TRUE(ForgeEntry(*store_, kLab, sequence, [](stored::Entry* entry) {
    for (auto& fact : *entry->mutable_reservation_facts()) {
      if (!fact.has_held()) continue;
      fact.mutable_held()->mutable_request()->set_purpose(stored::TRAINING);
    }
  }));
  ExpectBad(sequence, "invariant 4");
}

TEST_F(VerifyTest, APostingOfAnotherCommandIsFound) {
  const uint64_t sequence =
      Find([](const stored::Entry& entry) { return entry.command() == stored::GRANT_AMOUNT; });
  ASSERT_TRUE(ForgeEntry(*store_, kLab, sequence, [](stored::Entry* entry) {
    entry->set_command(stored::RENEW_RESERVATION);
  }));
  ExpectBad(sequence, "nothing but reservations");
}

TEST_F(VerifyTest, ATimeThatFallsIsFound) {
  const uint64_t sequence = Find([](const stored::Entry&) { return true; });
  ASSERT_TRUE(
      ForgeEntry(*store_, kLab, sequence, [](stored::Entry* entry) { entry->set_time_us(1); }));
  ExpectBad(sequence, "its time 1 is before");
}

TEST_F(VerifyTest, AnExpiryThatWasHeldBackIsFound) {
  const uint64_t sequence =
      Find([](const stored::Entry& entry) { return entry.command() == stored::EXPIRE; });
  ASSERT_TRUE(ForgeEntry(*store_, kLab, sequence,
                         [](stored::Entry* entry) { entry->set_time_us(entry->time_us() + 1); }));
  ExpectBad(sequence, "it is not what was due");
}

TEST_F(VerifyTest, AnIdThatTakesEffectTwiceIsFound) {
  std::string charge;
  const auto posts_charge = [&charge](const stored::Entry& entry) {
    for (const auto& fact : entry.reservation_facts()) {
      if (fact.has_charged()) charge = fact.charged().id();
    }
    return !charge.empty();
  };
  const uint64_t first = Find(posts_charge);
  const std::string used = std::exchange(charge, "");
  const uint64_t sequence = FindEntry(*store_, kLab, first + 1, posts_charge);
  ASSERT_NE(sequence, 0u);
  ASSERT_TRUE(ForgeEntry(*store_, kLab, sequence, [&used](stored::Entry* entry) {
    for (auto& fact : *entry->mutable_reservation_facts()) {
      if (fact.has_charged()) fact.mutable_charged()->set_id(used);
    }
  }));
  ExpectBad(sequence, "invariant 7");
}

// What the books keep by name is named once: a forged entry that says otherwise is told, and does
// not end the process.
TEST_F(VerifyTest, AModelThatAProposalNamesTwiceIsFound) {
  const auto makes = [](const stored::Entry& entry) {
    return entry.command() == stored::PROPOSE && entry.model_facts_size() > 0;
  };
  const uint64_t sequence = Find(makes);
  ASSERT_TRUE(ForgeEntry(*store_, kLab, sequence, [](stored::Entry* entry) {
    auto& made = *entry->mutable_model_facts(0)->mutable_proposal()->mutable_made();
    made.mutable_settings()->add_models(made.settings().models(0));
  }));
  ExpectBad(sequence, "names a model twice");
}

TEST_F(VerifyTest, ACapabilityThatAModelHasTwiceIsFound) {
  const auto registers = [](const stored::Entry& entry) {
    return entry.command() == stored::REGISTER_MODEL &&
           entry.model_facts(0).registered().settings().capabilities_size() > 0;
  };
  const uint64_t sequence = Find(registers);
  ASSERT_TRUE(ForgeEntry(*store_, kLab, sequence, [](stored::Entry* entry) {
    auto& settings = *entry->mutable_model_facts(0)->mutable_registered()->mutable_settings();
    settings.add_capabilities(settings.capabilities(0));
  }));
  ExpectBad(sequence, "has a capability twice");
}

// Random bytes of random entries under hashes that are right: most of it is found by a rule, all of
// it by the records, and none of it ends the process.
TEST_F(VerifyTest, NoForgeryEndsTheProcess) {
  const google::protobuf::LogSilencer silence;  // of texts that are not UTF-8
  std::mt19937_64 random(kSeed);
  const uint64_t entries = VerifyLab().entries;
  for (int i = 0; i < kForgeries; ++i) {
    store_ = Original().Copy();
    const uint64_t sequence = 1 + random() % entries;
    ASSERT_TRUE(Forge(*store_, kLab, sequence, [&random](std::string* bytes) {
      for (uint64_t flips = 1 + random() % 3; flips > 0; --flips) {
        (*bytes)[random() % bytes->size()] = static_cast<char>(random());
      }
    }));
    const api::VerifyResult result = VerifyLab();
    if (result.ok) continue;  // a name or a reason: nothing that the books could contradict
    EXPECT_GE(*result.first_bad_sequence, 1u) << "entry " << sequence << ": " << result.detail;
    EXPECT_FALSE(result.detail.empty());
  }
}

// The same with numbers that mean something: amounts, resources, periods, instants of entries.
TEST_F(VerifyTest, NoForgedNumberEndsTheProcess) {
  constexpr int64_t kNumbers[] = {0, -1, 1, INT64_MAX, INT64_MIN, 7'000'000, 1'000'000'000'000};
  std::mt19937_64 random(kSeed);
  const uint64_t entries = VerifyLab().entries;
  for (int i = 0; i < kForgeries; ++i) {
    store_ = Original().Copy();
    const int64_t number = kNumbers[random() % std::size(kNumbers)];
    const uint64_t field = random();
    ASSERT_TRUE(ForgeEntry(*store_, kLab, 1 + random() % entries, [&](stored::Entry* entry) {
      const std::vector<NumberField> fields = NumberFieldsOf(entry);
      SetNumber(fields[field % fields.size()], number);
    }));
    VerifyLab();
  }
}

}  // namespace
}  // namespace purser
