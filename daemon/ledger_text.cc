#include "daemon/ledger_text.h"

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "ledger/text.h"

namespace purser {
namespace {

std::string Format(const char* format, InstantUs time_us) {
  return absl::FormatTime(format, absl::FromUnixMicros(time_us), absl::UTCTimeZone());
}

// Both programs give meaning to some characters of a transaction's first line; names keep the rest.
std::string Harmless(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool meant = static_cast<unsigned char>(c) < 0x20 || c == ';' || c == '|' || c == '=' ||
                       c == '(' || c == ')' || c == '"' || c == '@' || c == '\x7F';
    out += meant ? '_' : c;
  }
  return out;
}

std::string AmountText(int64_t micros) {
  const uint64_t size = micros < 0 ? -static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
  constexpr uint64_t kUnit = Amount::kMicrosPerUnit;
  return absl::StrFormat("%s%d.%06d", micros < 0 ? "-" : "", size / kUnit, size % kUnit);
}

std::string AccountText(std::string_view population, std::string_view resource, Account account) {
  std::string name = stored::Account_Name(account);
  for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return Concat(population, ":", resource, ":", name);
}

}  // namespace

std::string LedgerText(std::string_view population, const stored::Entry& entry,
                       const ResourceDirectory& directory) {
  const std::string instant = Format("%Y-%m-%dT%H:%M:%E6SZ", entry.time_us());
  const std::string principal = entry.principal().empty() ? "purserd" : Harmless(entry.principal());
  const std::string& command = stored::CommandKind_Name(entry.command());
  if (entry.postings().empty()) {
    return Concat("; ", instant, " (", entry.sequence(), ") ", command, " ", principal, " in ",
                  population, "\n\n");
  }
  std::string text = Concat(Format("%Y/%m/%d", entry.time_us()), " (", entry.sequence(), ") ",
                            command, " ", principal, "\n    ; ", instant, "\n");
  for (const auto& posting : entry.postings()) {
    const std::string resource(directory.Find(posting.resource()).name);
    const auto line = [&](Account account, int64_t micros) {
      text += Concat("    ", AccountText(population, resource, account), "  ", AmountText(micros),
                     " \"", resource, "\"\n");
    };
    text += Concat("    ; ", stored::Operation_Name(posting.operation()), "\n");
    line(posting.from(), -posting.amount());
    line(posting.to(), posting.amount());
  }
  text += '\n';
  return text;
}

}  // namespace purser
