#include "reservations/label_split.h"

#include <algorithm>

#include "ledger/names.h"

namespace purser {
namespace {

// Reads the one form in which a split is written.
class SplitReader {
 public:
  explicit SplitReader(std::string_view text) : text_(text) {}

  bool Take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::optional<std::string> TakeText() {
    if (!Take('"')) return std::nullopt;
    std::string out;
    while (!text_.empty()) {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') return out;
      if (c != '\\') {
        out.push_back(c);
        continue;
      }
      if (text_.empty() || (text_.front() != '"' && text_.front() != '\\')) return std::nullopt;
      out.push_back(text_.front());
      text_.remove_prefix(1);
    }
    return std::nullopt;
  }
  bool is_at_end() const { return text_.empty(); }

 private:
  std::string_view text_;
};

void AppendQuoted(std::string_view text, std::string* out) {
  out->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out->push_back('\\');
    out->push_back(c);
  }
  out->push_back('"');
}

std::optional<Weight> ReadPart(SplitReader* reader) {
  auto name = reader->TakeText();
  if (!name.has_value() || !reader->Take(':')) return std::nullopt;
  if (!name->empty() && !IsLabelValue(*name)) return std::nullopt;
  const auto text = reader->TakeText();
  if (!text.has_value()) return std::nullopt;
  const auto weight = Amount::Parse(*text);
  if (!weight.ok() || weight->is_negative()) return std::nullopt;
  return Weight{*std::move(name), *weight};
}

}  // namespace

std::optional<std::vector<Weight>> ParseLabelSplit(std::string_view value) {
  if (value.size() > kLabelSplitBytesMax) return std::nullopt;
  SplitReader reader(value);
  std::vector<Weight> parts;
  if (!reader.Take('{')) return std::nullopt;
  do {
    auto part = ReadPart(&reader);
    if (!part.has_value() || parts.size() == kLabelPartsMax) return std::nullopt;
    parts.push_back(*std::move(part));
  } while (reader.Take(','));
  if (!reader.Take('}') || !reader.is_at_end()) return std::nullopt;
  std::sort(parts.begin(), parts.end(),
            [](const Weight& a, const Weight& b) { return a.name < b.name; });
  const auto same =
      std::adjacent_find(parts.begin(), parts.end(),
                         [](const Weight& a, const Weight& b) { return a.name == b.name; });
  const bool all_zero = std::all_of(parts.begin(), parts.end(),
                                    [](const Weight& part) { return part.weight.is_zero(); });
  if (same != parts.end() || all_zero) return std::nullopt;
  return parts;
}

std::string FormatLabelSplit(std::vector<Weight> parts) {
  std::sort(parts.begin(), parts.end(),
            [](const Weight& a, const Weight& b) { return a.name < b.name; });
  std::string out = "{";
  for (const Weight& part : parts) {
    if (out.size() > 1) out.push_back(',');
    AppendQuoted(part.name, &out);
    out.append(":\"").append(part.weight.ToString()).push_back('"');
  }
  out.push_back('}');
  return out;
}

}  // namespace purser
