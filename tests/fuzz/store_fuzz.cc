// The rows of a store that nobody vouches for: a start and `verify` read them without ending the
// process, and what verify calls good starts. The input is rows: table, key, value.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/group_writer.h"
#include "daemon/memory_store.h"
#include "daemon/records.pb.h"
#include "daemon/recovery.h"
#include "daemon/schema.h"
#include "daemon/verify.h"
#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/message_mutator.h"

namespace purser {
namespace {

constexpr size_t kRowsMax = 256;

std::vector<Row> ReadRows(FuzzInput input) {
  std::vector<Row> rows;
  while (!input.empty() && rows.size() < kRowsMax) {
    Row& row = rows.emplace_back();
    row.table = static_cast<Table>(input.TakeByte() % kTableCount);
    row.key = input.TakeText();
    row.value = input.TakeText();
  }
  return rows;
}

void AppendText(std::string_view text, std::string* out) {
  out->push_back(static_cast<char>(text.size() >> 8));
  out->push_back(static_cast<char>(text.size()));
  out->append(text);
}

std::string WriteRows(const std::vector<Row>& rows) {
  std::string bytes;
  for (const Row& row : rows) {
    bytes.push_back(static_cast<char>(row.table));
    AppendText(row.key, &bytes);
    AppendText(row.value, &bytes);
  }
  return bytes;
}

// A row whose key is not of the population `number`, or that is no group, ends the chain.
bool TakeGroup(std::string_view prefix, const Row& row, Hash* hash, stored::JournalGroup* group) {
  if (row.table != Table::kJournal || row.key.substr(0, prefix.size()) != prefix) return false;
  if (!group->ParseFromString(row.value)) return false;
  group->set_hash_before(std::string(Bytes(*hash)));
  for (const std::string& entry : group->entries()) *hash = NextHash(*hash, entry);
  return true;
}

// Makes the chain of hashes fit what the rows have become: whoever changes a journal on purpose
// does that too, and without it nothing behind the chain is ever reached.
void Seal(std::vector<Row>* rows) {
  std::map<std::string, Row*> by_key;
  for (Row& row : *rows) by_key[Concat(static_cast<int>(row.table), ":", row.key)] = &row;
  for (Row& meta_row : *rows) {
    stored::PopulationMeta meta;
    if (meta_row.table != Table::kMeta || !meta.ParseFromString(meta_row.value)) continue;
    Hash hash = FirstHash(meta.name());
    const std::string prefix = schema::PopulationPrefix(meta.number());
    for (auto& [key, row] : by_key) {
      stored::JournalGroup group;
      if (TakeGroup(prefix, *row, &hash, &group)) row->value = group.SerializeAsString();
    }
    meta.set_last_hash(std::string(Bytes(hash)));
    meta_row.value = meta.SerializeAsString();
  }
}

void CheckStore(std::vector<Row> rows) {
  MemoryStore store;
  PURSER_CHECK(store.Append(0, rows) == Appended::kDurable, "rows can be written");
  StateMachine machine(Policy(), nullptr);
  const auto recovered = Recover(store.TakeSnapshot().get(), &machine);
  const auto verdicts = Verify(&store);
  if (!verdicts.ok()) return;
  for (const PopulationVerdict& verdict : *verdicts) {
    PURSER_CHECK(!verdict.result.ok || recovered.ok() || verdicts->size() > 1,
                 "what verify calls good starts");
    PURSER_CHECK(verdict.result.ok != verdict.result.first_bad_sequence.has_value(),
                 "what is bad is bad somewhere");
  }
}

std::unique_ptr<google::protobuf::Message> NewRecord(const Row& row) {
  switch (row.table) {
    case Table::kMeta:
      return std::make_unique<stored::PopulationMeta>();
    case Table::kSettings:
      if (row.key.size() > 12) return std::make_unique<stored::ResourceVersion>();
      return std::make_unique<stored::PopulationVersion>();
    case Table::kBalances:
      return std::make_unique<stored::Balances>();
    case Table::kReservations:
      return std::make_unique<stored::ReservationRecord>();
    case Table::kCharges:
      return std::make_unique<stored::ChargeRecord>();
    case Table::kDebts:
      return std::make_unique<stored::Debt>();
    case Table::kFreezes:
      return std::make_unique<stored::Freeze>();
    case Table::kLimits:
      return std::make_unique<stored::Limit>();
    case Table::kRateCards:
      return std::make_unique<stored::RateCard>();
    case Table::kGuardrails:
      return std::make_unique<stored::GuardrailRecord>();
    case Table::kPeriods:
      return std::make_unique<stored::PeriodClosed>();
    case Table::kCosts:
      return std::make_unique<stored::CostsOfGroup>();
    case Table::kUsage:
      return std::make_unique<stored::UsageRecord>();
    case Table::kKeys:
      return std::make_unique<stored::KeyRecord>();
    default:
      return nullptr;
  }
}

void MutateRecord(MessageMutator* mutator, Row* row) {
  const auto record = NewRecord(*row);
  if (record == nullptr || !record->ParseFromString(row->value)) return;
  mutator->Mutate(record.get());
  row->value = record->SerializeAsString();
}

void MutateJournalRow(MessageMutator* mutator, Row* row) {
  stored::JournalGroup group;
  if (!group.ParseFromString(row->value) || group.entries().empty()) return;
  const int at = static_cast<int>(mutator->Pick(static_cast<uint32_t>(group.entries_size())));
  stored::Entry entry;
  if (!entry.ParseFromString(group.entries(at))) return;
  mutator->Mutate(&entry);
  group.set_entries(at, entry.SerializeAsString());
  row->value = group.SerializeAsString();
}

void MutateRows(MessageMutator* mutator, std::vector<Row>* rows) {
  if (rows->empty()) return;
  const auto pick = [&] { return mutator->Pick(static_cast<uint32_t>(rows->size())); };
  const size_t at = pick();
  Row& row = (*rows)[at];
  switch (mutator->Pick(8)) {
    case 0:
      rows->erase(rows->begin() + static_cast<std::ptrdiff_t>(at));
      return;
    case 1:
      if (rows->size() < kRowsMax) rows->push_back(Row(row));
      return;
    case 2:
      if (!row.key.empty()) row.key[mutator->Pick(row.key.size())] ^= 1 << mutator->Pick(8);
      return;
    case 3:
      row.key = (*rows)[pick()].key;
      return;
    case 4:
      row.value = (*rows)[pick()].value;
      return;
    default:
      if (row.table == Table::kJournal) return MutateJournalRow(mutator, &row);
      return MutateRecord(mutator, &row);
  }
}

}  // namespace
}  // namespace purser

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  purser::FuzzInput input(bytes, size);
  const bool seal = input.TakeByte() % 2 == 1;
  std::vector<purser::Row> rows = purser::ReadRows(input);
  if (seal) purser::Seal(&rows);
  purser::CheckStore(std::move(rows));
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* bytes, size_t size, size_t max_size,
                                          unsigned seed) {
  purser::MessageMutator mutator(seed);
  purser::FuzzInput input(bytes, size);
  const uint8_t how = input.TakeByte();
  std::vector<purser::Row> rows = purser::ReadRows(input);
  for (uint32_t i = 0; i <= mutator.Pick(3); ++i) purser::MutateRows(&mutator, &rows);
  const std::string mutated = static_cast<char>(how) + purser::WriteRows(rows);
  if (mutated.size() > max_size || size == 0) return size;
  mutated.copy(reinterpret_cast<char*>(bytes), mutated.size());
  return mutated.size();
}
