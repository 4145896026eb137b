#include "config/toml_nodes.h"

#include <algorithm>
#include <cctype>
#include <tuple>

#include "config/rules.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr size_t kParserMessageLengthMax = 300;

}  // namespace

Position PositionOf(const toml::source_region& source) {
  return {static_cast<int>(source.begin.line), static_cast<int>(source.begin.column)};
}

std::string_view TypeName(toml::node_type type) {
  switch (type) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

std::string ChildPath(std::string_view path, std::string_view key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-';
  });
  return Concat(path, path.empty() ? "" : ".", bare ? std::string(key) : Quote(key));
}

void ReadToml(std::string_view text, std::vector<ConfigFault>* faults,
              const std::function<void(const toml::table& root)>& read) {
  faults->clear();
  if (text.size() > kTomlLengthMax) {
    faults->push_back({0, 0, "", Concat("is longer than ", kTomlLengthMax, " bytes")});
    return;
  }
  // The parser throws for a syntax error; this is as far as its exceptions get.
  try {
    const toml::table root = toml::parse(text);
    read(root);
  } catch (const toml::parse_error& error) {
    const Position position = PositionOf(error.source());
    faults->push_back(
        {position.line, position.column, "",
         Concat("is not TOML: ", OneLine(error.description(), kParserMessageLengthMax))});
  }
  std::stable_sort(faults->begin(), faults->end(), [](const ConfigFault& a, const ConfigFault& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
}

}  // namespace purser
