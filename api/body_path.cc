#include "api/body_path.h"

#include "ledger/text.h"

namespace purser::api {
namespace {

void AppendName(std::string_view name, std::string* out) {
  size_t length = name.size();
  if (length > kPathNameBytesMax) {
    length = kPathNameBytesMax;
    while (length > 0 && (static_cast<unsigned char>(name[length]) & 0xc0) == 0x80) --length;
  }
  out->append(name.substr(0, length));
  if (length < name.size()) out->append("…");
}

void Append(const BodyPath& path, std::string* out) {
  if (path.parent == nullptr) return;
  Append(*path.parent, out);
  if (path.index >= 0) {
    out->append(Concat("[", path.index, "]"));
    return;
  }
  if (!out->empty()) out->push_back('.');
  AppendName(path.name, out);
}

}  // namespace

std::string BodyPath::ToString() const {
  std::string text;
  Append(*this, &text);
  return text;
}

}  // namespace purser::api
