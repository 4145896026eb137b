// What a start makes of the records, and what history reads of them, over the memory store.
#include "daemon/recovery.h"

#include <gtest/gtest.h>

#include "daemon/history.h"
#include "daemon/memory_store.h"
#include "daemon/schema.h"
#include "daemon/sequencer.h"
#include "daemon/sha256.h"
#include "daemon/state_digest.h"
#include "daemon/time_zones.h"
#include "ledger/default_resources.h"

namespace purser {
namespace {

constexpr InstantUs kStartUs = 1'767'225'600 * kSecondUs;  // 2026-01-01T00:00:00Z
constexpr uint32_t kDefaultNumber = 1;

class RecoveryTest : public testing::Test {
 protected:
  RecoveryTest() { Start(); }

  absl::Status TryStart() {
    SequencerOptions options;
    options.resume_leases = false;
    sequencer_ = std::make_unique<Sequencer>(options, &store_, FirstOfNextMonth);
    return sequencer_->Open(kStartUs);
  }
  void Start() { ASSERT_TRUE(TryStart().ok()); }

  api::CommandResult Do(Command command) {
    command.population = kDefaultPopulation;
    command.caller = {"local", true};
    command.if_match = IfMatch{true, 0};
    command.lookup.sequence = population().last_sequence;
    api::CommandResult result;
    now_us_ += kSecondUs;
    EXPECT_TRUE(sequencer_->Commit({{&command, &result}}, now_us_));
    return result;
  }
  template <typename Body>
  api::CommandResult Do(Body body) {
    Command command;
    command.body = std::move(body);
    return Do(std::move(command));
  }

  static RequestReservation Request(const std::string& id) {
    RequestReservation request;
    request.id = id;
    request.purpose = stored::SERVING;
    request.amounts = {{"gpu_hours", Amount::FromUnits(10)}};
    request.labels = {{"capability", "any"}, {kFamilyLabel, "lab"}};
    return request;
  }

  // Something of everything that a start has to find again.
  void MakeHistory() {
    Do(Request("a"));
    Do(Request("b"));
    Do(ReleaseReservation{"b"});
    PostCharge charge;
    charge.id = "c";
    charge.amounts = {{"evaluation_hours", Amount::FromUnits(100)}};
    charge.labels = {{"capability", "any"}, {kFamilyLabel, "other"}};
    EXPECT_TRUE(Do(charge).status.ok());
    CreateFreeze freeze;
    freeze.operator_family = "lab";
    EXPECT_TRUE(Do(freeze).status.ok());
    EXPECT_TRUE(Do(GrantAmount{"gpu_hours", Amount::FromUnits(1), ""}).status.ok());
    CreateRateCard card;
    card.card.set_id("r");
    auto& rate = *card.card.add_rates();
    rate.set_resource("gpu_hours");
    rate.set_picos(2'500'000'000'001);
    EXPECT_TRUE(Do(card).status.ok());
    CreateGuardrail guardrail;
    guardrail.guardrail.set_id("g");
    EXPECT_TRUE(Do(guardrail).status.ok());
    CreateBudget budget;
    budget.budget.set_id("b");
    budget.budget.set_amount(Amount::FromUnits(1'000).micros());
    EXPECT_TRUE(Do(budget).status.ok());
    RequestReservation request = Request("of-budget");
    request.purpose = stored::ROLLBACK;  // the family is frozen
    EXPECT_TRUE(Do(request).status.ok());
    ClosePeriod close;
    close.period = "m";
    close.until_us = now_us_;
    close.from_us = close.until_us - 1;
    close.was_over = true;
    EXPECT_TRUE(Do(close).status.ok());
  }

  const Population& population() const { return *sequencer_->machine().Find(kDefaultPopulation); }

  std::string Get(Table table, const std::string& key) {
    std::optional<std::string> value;
    EXPECT_TRUE(store_.TakeSnapshot()->Get(table, key, &value).ok());
    return value.value_or("");
  }
  void Put(Row row) {
    ASSERT_EQ(store_.Append(store_.GroupCount(), {std::move(row)}), Appended::kDurable);
  }
  History OpenHistory() {
    return History(store_.TakeSnapshot(), kDefaultNumber,
                   std::make_shared<const ResourceDirectory>(population().directory));
  }

  MemoryStore store_;
  std::unique_ptr<Sequencer> sequencer_;
  InstantUs now_us_ = kStartUs;
};

TEST_F(RecoveryTest, FindsTheStateAsItWas) {
  MakeHistory();
  const std::string before = StateText(population());
  Start();
  EXPECT_EQ(StateText(population()), before);
}

TEST_F(RecoveryTest, RefusesNewestEntriesThatDoNotChainUpToTheHash) {
  MakeHistory();
  stored::PopulationMeta meta;
  ASSERT_TRUE(meta.ParseFromString(Get(Table::kMeta, schema::MetaKey(kDefaultNumber))));
  (*meta.mutable_last_hash())[0] ^= 1;
  Put({Table::kMeta, schema::MetaKey(kDefaultNumber), meta.SerializeAsString()});
  EXPECT_EQ(TryStart().code(), absl::StatusCode::kDataLoss);
}

TEST_F(RecoveryTest, RefusesAFlippedByteInTheNewestEntry) {
  MakeHistory();
  const std::string key = schema::JournalKey(kDefaultNumber, population().last_sequence);
  stored::JournalGroup group;
  ASSERT_TRUE(group.ParseFromString(Get(Table::kJournal, key)));
  stored::Entry entry;
  ASSERT_TRUE(entry.ParseFromString(group.entries(0)));
  entry.set_time_us(entry.time_us() ^ 1);
  group.set_entries(0, entry.SerializeAsString());
  Put({Table::kJournal, key, group.SerializeAsString()});
  EXPECT_EQ(TryStart().code(), absl::StatusCode::kDataLoss);
}

TEST_F(RecoveryTest, RefusesAnOpenReservationWithoutItsRecord) {
  MakeHistory();
  Put({Table::kOpen, schema::IdKey(kDefaultNumber, "a"), "", true});
  EXPECT_EQ(TryStart().code(), absl::StatusCode::kDataLoss);
}

TEST_F(RecoveryTest, RefusesRecordsInThePlaceOfOthers) {
  MakeHistory();
  const DebtKey debt = population().books.debts().all().begin()->first;
  const std::string freeze = population().books.freezes().all().begin()->first;
  stored::ReservationRecord other;
  ASSERT_TRUE(other.ParseFromString(Get(Table::kOpen, schema::IdKey(kDefaultNumber, "a"))));
  other.set_id("z");
  const std::string debt_key = schema::DebtKey(kDefaultNumber, debt.first, debt.second);
  const Row rows[] = {
      {Table::kDebts, schema::DebtKey(kDefaultNumber, debt.first, debt.second + 1),
       Get(Table::kDebts, debt_key)},
      {Table::kFreezes, schema::IdKey(kDefaultNumber, "z"),
       Get(Table::kFreezes, schema::IdKey(kDefaultNumber, freeze))},
      {Table::kRateCards, schema::IdKey(kDefaultNumber, "z"),
       Get(Table::kRateCards, schema::IdKey(kDefaultNumber, "r"))},
      {Table::kGuardrails, schema::IdKey(kDefaultNumber, "z"),
       Get(Table::kGuardrails, schema::IdKey(kDefaultNumber, "g"))},
      {Table::kPeriods, schema::IdKey(kDefaultNumber, "z"),
       Get(Table::kPeriods, schema::IdKey(kDefaultNumber, "m"))},
      {Table::kOpen, schema::IdKey(kDefaultNumber, "z"), other.SerializeAsString()}};
  for (Row row : rows) {
    Put(row);
    EXPECT_EQ(TryStart().code(), absl::StatusCode::kDataLoss) << TableName(row.table);
    row.erase = true;
    Put(std::move(row));
    EXPECT_TRUE(TryStart().ok());
  }
}

TEST_F(RecoveryTest, RefusesAResourceWithoutSettings) {
  const uint32_t number = population().books.FindByName("gpu_hours")->number;
  Put({Table::kSettings, schema::ResourceVersionKey(kDefaultNumber, number, 1), "", true});
  const absl::Status status = TryStart();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(status.message().find("a resource has no settings"), absl::string_view::npos) << status;
}

TEST_F(RecoveryTest, RefusesPopulationsWithoutTheFormatRow) {
  Put({Table::kMeta, schema::kFormatKey, "", true});
  const absl::Status status = TryStart();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(status.message().find("the format row is missing"), absl::string_view::npos) << status;
}

TEST_F(RecoveryTest, ReadsTheNewestSettingsOnlyHoweverManyThereWere) {
  constexpr uint64_t kVersions = 500;
  const Resource& resource = *population().books.FindByName("gpu_hours");
  const uint32_t number = resource.number;
  // A start that looked at an older version would refuse it.
  for (uint64_t i = 2; i < kVersions; ++i) {
    Put({Table::kSettings, schema::ResourceVersionKey(kDefaultNumber, number, i), "not a message"});
  }
  stored::ResourceVersion newest;
  *newest.mutable_settings() = *resource.settings;
  newest.mutable_settings()->set_unit("newest");
  Put({Table::kSettings, schema::ResourceVersionKey(kDefaultNumber, number, kVersions),
       newest.SerializeAsString()});
  const absl::Status status = TryStart();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(population().books.FindByName("gpu_hours")->settings->unit(), "newest");
}

TEST_F(RecoveryTest, RemembersTheKeyOfWhatTookEffectAndOfNothingElse) {
  const auto with_key = [](const std::string& key, ReleaseReservation body) {
    Command command;
    command.body = std::move(body);
    command.key = KeyUse{key, {}};
    return command;
  };
  Do(Request("a"));
  EXPECT_TRUE(Do(with_key("good", {"a"})).status.ok());
  EXPECT_FALSE(Do(with_key("bad", {"nobody"})).status.ok());
  EXPECT_NE(Get(Table::kKeys, schema::IdempotencyKey(kDefaultNumber, "local", "good")), "");
  EXPECT_EQ(Get(Table::kKeys, schema::IdempotencyKey(kDefaultNumber, "local", "bad")), "");
}

TEST_F(RecoveryTest, SeesTheEntryOfAnInstantAtThatInstant) {
  MakeHistory();
  History history = OpenHistory();
  const uint64_t last = population().last_sequence;
  EXPECT_EQ(*history.SequenceAt(now_us_), last);
  EXPECT_EQ(*history.SequenceAt(now_us_ - 1), last - 1);
  EXPECT_EQ(*history.SequenceAt(kStartUs - 1), 0u);
}

TEST_F(RecoveryTest, ShowsTheHashThatTheChainHasAtAnEntry) {
  MakeHistory();
  History history = OpenHistory();
  Hash hash = FirstHash(kDefaultPopulation);
  for (uint64_t i = 1; i <= population().last_sequence; ++i) {
    const auto entry = history.FindStoredEntry(i);
    ASSERT_TRUE(entry.ok() && entry->has_value());
    hash = NextHash(hash, (*entry)->bytes);
    EXPECT_EQ((*entry)->hash_hex, Hex(hash)) << i;
  }
}

TEST_F(RecoveryTest, ShowsABalanceAsOfEachEntry) {
  MakeHistory();
  History history = OpenHistory();
  const uint32_t number = population().books.FindByName("gpu_hours")->number;
  const uint64_t last = population().last_sequence;
  const auto held = [&](uint64_t sequence) {
    return (**history.ResourceAsOf(number, sequence))[stored::HELD].ToString();
  };
  EXPECT_EQ(held(1), "0");
  EXPECT_EQ(held(2), "10");
  EXPECT_EQ(held(3), "20");
  EXPECT_EQ(held(last), "20");
}

}  // namespace
}  // namespace purser
