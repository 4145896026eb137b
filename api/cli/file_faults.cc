#include "api/cli/file_faults.h"

#include "api/cli/terminal_text.h"
#include "ledger/text.h"

namespace purser::cli {

void FileFaults::Add(size_t line, std::string_view where, std::string_view message) {
  if (count_++ >= kFaultsToldMax) return;
  std::string place = line > 0 ? Concat("line ", line) : "";
  if (!where.empty()) place += Concat(line > 0 ? ", " : "", Printable(where));
  told_.push_back(Concat(place, place.empty() ? "" : ": ", Printable(message)));
}

void FileFaults::Append(const FileFaults& other) {
  count_ += other.count_;
  for (const std::string& fault : other.told_) {
    if (told_.size() < kFaultsToldMax) told_.push_back(fault);
  }
}

std::string FileFaults::Text(std::string_view file) const {
  std::string out = Concat(Printable(file), ": ", count_, count_ == 1 ? " mistake" : " mistakes",
                           ", nothing was sent");
  for (const std::string& fault : told_) out += Concat("\n  ", fault);
  if (count_ > told_.size()) out += Concat("\n  and ", count_ - told_.size(), " more");
  return out;
}

}  // namespace purser::cli
