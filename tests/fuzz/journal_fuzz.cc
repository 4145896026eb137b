// The write-ahead log as bytes, read before RocksDB sees it: whatever they are, it is read to its
// end or to its first damage. The first byte says whether checksums are made to fit, without which
// nothing behind one is ever reached.
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "daemon/crc32c.h"
#include "daemon/group_row.h"
#include "daemon/record_log.h"
#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/fuzz/fuzz_input.h"

namespace purser {
namespace {

constexpr size_t kBlockBytes = 32'768;
constexpr size_t kHeaderBytes = 7;

void PutNumber(uint32_t number, size_t at, std::string* bytes) {
  for (size_t i = 0; i < 4; ++i) (*bytes)[at + i] = static_cast<char>(number >> (8 * i));
}

// Gives each fragment the checksum that its type and bytes ask for.
void Seal(std::string* bytes) {
  for (size_t block = 0; block < bytes->size(); block += kBlockBytes) {
    const size_t end = std::min(block + kBlockBytes, bytes->size());
    for (size_t at = block; at + kHeaderBytes <= end;) {
      const auto byte = [&](size_t i) { return static_cast<uint8_t>((*bytes)[at + i]); };
      const size_t length = byte(4) | static_cast<size_t>(byte(5)) << 8;
      if (at + kHeaderBytes + length > end) break;
      const uint32_t checksum = Crc32c(std::string_view(*bytes).substr(at + 6, 1 + length));
      PutNumber(((checksum >> 15) | (checksum << 17)) + 0xA282EAD8, at, bytes);
      at += kHeaderBytes + length;
    }
  }
}

void CheckLog(const std::string& bytes) {
  static const int file = memfd_create("log", 0);
  PURSER_CHECK(ftruncate(file, 0) == 0, "a file in memory can be emptied");
  PURSER_CHECK(pwrite(file, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
               "a file in memory can be written");
  uint64_t visited = 0;
  GroupOrder order;
  const auto contents = ReadRecordLog(Concat("/proc/self/fd/", file), [&](std::string_view record) {
    ++visited;
    order.Take("log", record);
  });
  PURSER_CHECK(contents.ok(), "bytes are no error of reading");
  PURSER_CHECK(contents->records == visited, "every record is visited");
  PURSER_CHECK(contents->torn_bytes <= bytes.size(), "no more is torn off than there is");
  PURSER_CHECK(!contents->damage.has_value() || contents->damage->offset < bytes.size(),
               "damage is somewhere in the file");
  const auto again = ReadRecordLog(Concat("/proc/self/fd/", file), nullptr);
  PURSER_CHECK(again.ok() && again->records == contents->records &&
                   again->last_group == contents->last_group &&
                   again->damage.has_value() == contents->damage.has_value(),
               "the log is the same without a visitor");
  order.FindGap(contents->last_group);
}

void CheckRow(std::string_view bytes) {
  const auto group = DecodeGroup(bytes.substr(0, 8));
  PURSER_CHECK(!group.has_value() || EncodeGroup(*group) == bytes.substr(0, 8),
               "a group's number is eight bytes");
  GroupOfRecord(bytes);
}

}  // namespace
}  // namespace purser

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  purser::FuzzInput input(bytes, size);
  const uint8_t how = input.TakeByte();
  purser::CheckRow(input.Rest());
  std::string log(input.Rest());
  if (how % 2 == 1) purser::Seal(&log);
  purser::CheckLog(log);
  return 0;
}
