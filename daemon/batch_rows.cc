#include "daemon/batch_rows.h"

#include <optional>

#include "daemon/records.pb.h"
#include "daemon/schema.h"

namespace purser {
namespace {

constexpr size_t kBatchHeaderBytes = 12;
constexpr char kDeleteInFamily = 4;
constexpr char kPutInFamily = 5;

struct BatchRow {
  uint32_t family = 0;
  std::string_view key;
  std::string_view value;
};

// Takes values off the front of what is left; false when it is too short. Thread-compatible.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }
  bool ReadByte(char* byte) {
    if (bytes_.empty()) return false;
    *byte = bytes_.front();
    bytes_.remove_prefix(1);
    return true;
  }
  bool ReadVarint(uint32_t* number) {
    *number = 0;
    char byte = 0;
    for (int shift = 0; shift < 32 && ReadByte(&byte); shift += 7) {
      *number |= (static_cast<uint32_t>(byte) & 0x7F) << shift;
      if ((byte & 0x80) == 0) return true;
    }
    return false;
  }
  bool ReadText(std::string_view* text) {
    uint32_t length = 0;
    if (!ReadVarint(&length) || length > bytes_.size()) return false;
    *text = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return true;
  }

 private:
  std::string_view bytes_;
};

bool ReadRow(Reader* reader, BatchRow* row) {
  char tag = 0;
  if (!reader->ReadByte(&tag) || (tag != kPutInFamily && tag != kDeleteInFamily)) return false;
  row->value = {};
  return reader->ReadVarint(&row->family) && reader->ReadText(&row->key) &&
         (tag == kDeleteInFamily || reader->ReadText(&row->value));
}

}  // namespace

void AddLastSequences(std::string_view batch, std::map<std::string, uint64_t>* sequences) {
  if (batch.size() <= kBatchHeaderBytes) return;
  Reader reader(batch.substr(kBatchHeaderBytes));
  std::optional<uint32_t> meta;
  BatchRow row;
  while (!reader.empty() && ReadRow(&reader, &row)) {
    if (!meta.has_value()) meta = row.family;
    const std::string_view prefix = schema::kMetaPrefix;
    if (row.family != *meta || row.key.substr(0, prefix.size()) != prefix) continue;
    stored::PopulationMeta population;
    if (population.ParseFromArray(row.value.data(), static_cast<int>(row.value.size()))) {
      (*sequences)[population.name()] = population.last_sequence();
    }
  }
}

}  // namespace purser
