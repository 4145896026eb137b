#ifndef PURSER_TESTS_BOOKS_DAMAGE_H_
#define PURSER_TESTS_BOOKS_DAMAGE_H_

// What may happen to a store behind the daemon's back: rows read and written one by one, by a disk
// that decays or by a forger who also makes the hashes right again.
#include <functional>
#include <string>
#include <vector>

#include "daemon/journal_store.h"
#include "daemon/memory_store.h"
#include "daemon/records.pb.h"
#include "lifecycle/transaction.pb.h"

namespace purser {

// Every row of a table, in order.
std::vector<Row> RowsOf(JournalStore& store, Table table, const std::string& prefix = "");
void Write(JournalStore& store, Row row);
void Erase(JournalStore& store, Table table, const std::string& key);

// One of a population's journal rows.
struct JournalRow {
  std::string key;
  uint64_t first = 0;
  stored::JournalGroup group;
  uint64_t last() const { return first + static_cast<uint64_t>(group.entries_size()) - 1; }
};
std::vector<JournalRow> JournalOf(JournalStore& store, uint32_t population);
void Write(JournalStore& store, const JournalRow& row);

// Changes the bytes of one entry as `forge` says and makes every hash behind it right again. False
// when there is no such entry.
bool Forge(JournalStore& store, uint32_t population, uint64_t sequence,
           const std::function<void(std::string* bytes)>& forge);
// The same, of the entry as a message.
bool ForgeEntry(JournalStore& store, uint32_t population, uint64_t sequence,
                const std::function<void(stored::Entry* entry)>& forge);

// A field with a number, an enum or a truth value, anywhere in a message.
struct NumberField {
  std::string path;  // from the message on: "reservation_facts.held.request.lease_us"
  google::protobuf::Message* message;
  const google::protobuf::FieldDescriptor* field;
};
// Those of messages that are there, set or not; none that is a list. The paths begin with `path`.
std::vector<NumberField> NumberFieldsOf(google::protobuf::Message* message,
                                        const std::string& path = "");
void SetNumber(const NumberField& field, int64_t number);

// The first entry for which it is true; 0: none.
uint64_t FindEntry(JournalStore& store, uint32_t population, uint64_t from,
                   const std::function<bool(const stored::Entry& entry)>& is_it);

// A store whose journal cannot be read beyond `rows_readable` rows.
class UnreadableStore : public JournalStore {
 public:
  UnreadableStore(JournalStore* store, int rows_readable)
      : store_(store), rows_readable_(rows_readable) {}
  Appended Append(uint64_t, const std::vector<Row>&) override { return Appended::kUnknown; }
  uint64_t GroupCount() const override { return store_->GroupCount(); }
  std::unique_ptr<StoreSnapshot> TakeSnapshot() override;
  absl::Status Probe() override { return absl::OkStatus(); }
  absl::Status Reopen() override { return absl::OkStatus(); }
  std::string LastError() const override { return ""; }

 private:
  JournalStore* store_;
  int rows_readable_;
};

}  // namespace purser

#endif  // PURSER_TESTS_BOOKS_DAMAGE_H_
