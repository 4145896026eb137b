#include "api/cli/event_reader.h"

namespace purser::cli {
namespace {

// An entry of 8,192 operations with its stored bytes stays well below.
constexpr size_t kLineBytesMax = size_t{256} * 1024 * 1024;

// What stands behind the field's name, which the line begins with.
std::string_view ValueOf(std::string_view line, std::string_view name) {
  line.remove_prefix(name.size());
  if (line.starts_with(' ')) line.remove_prefix(1);
  return line;
}

}  // namespace

bool EventReader::Feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    rest_.append(bytes.substr(0, end));
    if (rest_.size() > kLineBytesMax) return false;
    if (end == std::string_view::npos) return true;
    bytes.remove_prefix(end + 1);
    if (rest_.ends_with('\r')) rest_.pop_back();
    const bool go_on = ReadLine(rest_);
    rest_.clear();
    if (!go_on) return false;
  }
  return true;
}

bool EventReader::ReadLine(std::string_view line) {
  if (line.starts_with("id:")) id_ = ValueOf(line, "id:");
  if (line.starts_with("data:")) data_ = ValueOf(line, "data:");
  if (!line.empty() || data_.empty()) return true;
  const bool go_on = take_(id_, data_);
  data_.clear();
  return go_on;
}

}  // namespace purser::cli
