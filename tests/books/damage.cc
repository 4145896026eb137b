#include "tests/books/damage.h"

#include <algorithm>

#include "daemon/group_writer.h"
#include "daemon/recovery.h"
#include "daemon/schema.h"
#include "ledger/check.h"

namespace purser {
namespace {

using Field = google::protobuf::FieldDescriptor;

class UnreadableSnapshot : public StoreSnapshot {
 public:
  UnreadableSnapshot(std::unique_ptr<StoreSnapshot> snapshot, int rows_readable)
      : snapshot_(std::move(snapshot)), rows_readable_(rows_readable) {}

  absl::Status Get(Table table, std::string_view key, std::optional<std::string>* value) override {
    return snapshot_->Get(table, key, value);
  }
  std::unique_ptr<Cursor> NewCursor(Table table) override {
    auto cursor = snapshot_->NewCursor(table);
    if (table != Table::kJournal) return cursor;
    return std::make_unique<UnreadableCursor>(std::move(cursor), rows_readable_);
  }

 private:
  class UnreadableCursor : public Cursor {
   public:
    UnreadableCursor(std::unique_ptr<Cursor> cursor, int rows_readable)
        : cursor_(std::move(cursor)), rows_left_(rows_readable) {}
    void SeekFirstAtOrAfter(std::string_view key) override { cursor_->SeekFirstAtOrAfter(key); }
    void SeekLastAtOrBefore(std::string_view key) override { cursor_->SeekLastAtOrBefore(key); }
    bool valid() const override { return rows_left_ > 0 && cursor_->valid(); }
    void Next() override {
      --rows_left_;
      cursor_->Next();
    }
    void Previous() override { cursor_->Previous(); }
    std::string_view key() const override { return cursor_->key(); }
    std::string_view value() const override { return cursor_->value(); }
    absl::Status status() const override {
      if (rows_left_ > 0) return cursor_->status();
      return absl::DataLossError("block checksum mismatch in 000123.sst, offset 4096");
    }

   private:
    std::unique_ptr<Cursor> cursor_;
    int rows_left_;
  };

  std::unique_ptr<StoreSnapshot> snapshot_;
  int rows_readable_;
};

std::string NextHashBytes(const std::string& before, const std::string& bytes) {
  Hash hash;
  std::copy(before.begin(), before.end(), hash.begin());
  return std::string(Bytes(NextHash(hash, bytes)));
}

}  // namespace

std::unique_ptr<StoreSnapshot> UnreadableStore::TakeSnapshot() {
  return std::make_unique<UnreadableSnapshot>(store_->TakeSnapshot(), rows_readable_);
}

std::vector<Row> RowsOf(JournalStore& store, Table table, const std::string& prefix) {
  std::vector<Row> rows;
  const auto snapshot = store.TakeSnapshot();
  const auto status =
      ForEachRow(snapshot.get(), table, prefix, [&](std::string_view key, std::string_view value) {
        rows.push_back({table, std::string(key), std::string(value)});
        return absl::OkStatus();
      });
  PURSER_CHECK(status.ok(), "the store is readable");
  return rows;
}

void Write(JournalStore& store, Row row) {
  const auto appended = store.Append(store.GroupCount(), {std::move(row)});
  PURSER_CHECK(appended == Appended::kDurable, "the store takes a row");
}

void Erase(JournalStore& store, Table table, const std::string& key) {
  Write(store, {table, key, "", true});
}

std::vector<JournalRow> JournalOf(JournalStore& store, uint32_t population) {
  std::vector<JournalRow> journal;
  for (const Row& row : RowsOf(store, Table::kJournal, schema::PopulationPrefix(population))) {
    JournalRow& read = journal.emplace_back();
    read.key = row.key;
    read.first = schema::SequenceOfJournalKey(row.key);
    PURSER_CHECK(read.group.ParseFromString(row.value), "the journal is readable");
  }
  return journal;
}

void Write(JournalStore& store, const JournalRow& row) {
  Write(store, Row{Table::kJournal, row.key, row.group.SerializeAsString()});
}

bool Forge(JournalStore& store, uint32_t population, uint64_t sequence,
           const std::function<void(std::string* bytes)>& forge) {
  bool found = false;
  std::string hash;
  for (JournalRow& row : JournalOf(store, population)) {
    if (row.last() < sequence) continue;
    if (found) row.group.set_hash_before(hash);
    hash = row.group.hash_before();
    for (uint64_t i = row.first; i <= row.last(); ++i) {
      std::string* bytes = row.group.mutable_entries(static_cast<int>(i - row.first));
      if (i == sequence) forge(bytes);
      hash = NextHashBytes(hash, *bytes);
    }
    found = true;
    Write(store, row);
  }
  if (!found) return false;
  Row row = RowsOf(store, Table::kMeta, schema::MetaKey(population)).front();
  stored::PopulationMeta meta;
  PURSER_CHECK(meta.ParseFromString(row.value), "the population's row is readable");
  meta.set_last_hash(hash);
  row.value = meta.SerializeAsString();
  Write(store, std::move(row));
  return true;
}

bool ForgeEntry(JournalStore& store, uint32_t population, uint64_t sequence,
                const std::function<void(stored::Entry* entry)>& forge) {
  return Forge(store, population, sequence, [&forge](std::string* bytes) {
    stored::Entry entry;
    PURSER_CHECK(entry.ParseFromString(*bytes), "the entry is readable");
    forge(&entry);
    *bytes = entry.SerializeAsString();
  });
}

std::vector<NumberField> NumberFieldsOf(google::protobuf::Message* message,
                                        const std::string& path) {
  std::vector<NumberField> found;
  const auto* reflection = message->GetReflection();
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const Field* const field = message->GetDescriptor()->field(i);
    const std::string its_path = path.empty() ? field->name() : Concat(path, ".", field->name());
    const auto add_all = [&found, &its_path](google::protobuf::Message* inner) {
      const std::vector<NumberField> more = NumberFieldsOf(inner, its_path);
      found.insert(found.end(), more.begin(), more.end());
    };
    const bool is_message = field->cpp_type() == Field::CPPTYPE_MESSAGE;
    if (is_message && field->is_repeated()) {
      for (int each = 0; each < reflection->FieldSize(*message, field); ++each) {
        add_all(reflection->MutableRepeatedMessage(message, field, each));
      }
    } else if (is_message) {
      if (reflection->HasField(*message, field)) {
        add_all(reflection->MutableMessage(message, field));
      }
    } else if (!field->is_repeated() && field->cpp_type() != Field::CPPTYPE_STRING) {
      found.push_back({its_path, message, field});
    }
  }
  return found;
}

void SetNumber(const NumberField& field, int64_t number) {
  const auto* reflection = field.message->GetReflection();
  switch (field.field->cpp_type()) {
    case Field::CPPTYPE_INT64:
      return reflection->SetInt64(field.message, field.field, number);
    case Field::CPPTYPE_UINT64:
      return reflection->SetUInt64(field.message, field.field, static_cast<uint64_t>(number));
    case Field::CPPTYPE_UINT32:
      return reflection->SetUInt32(field.message, field.field, static_cast<uint32_t>(number));
    case Field::CPPTYPE_INT32:
      return reflection->SetInt32(field.message, field.field, static_cast<int32_t>(number));
    case Field::CPPTYPE_ENUM:
      return reflection->SetEnumValue(field.message, field.field, static_cast<int>(number));
    case Field::CPPTYPE_BOOL:
      return reflection->SetBool(field.message, field.field, number % 2 != 0);
    default:
      PURSER_CHECK(false, "a number has one of these types");
  }
}

uint64_t FindEntry(JournalStore& store, uint32_t population, uint64_t from,
                   const std::function<bool(const stored::Entry& entry)>& is_it) {
  for (const JournalRow& row : JournalOf(store, population)) {
    for (const std::string& bytes : row.group.entries()) {
      stored::Entry entry;
      PURSER_CHECK(entry.ParseFromString(bytes), "the entry is readable");
      if (entry.sequence() >= from && is_it(entry)) return entry.sequence();
    }
  }
  return 0;
}

}  // namespace purser
