#ifndef PURSER_CONFIG_TOML_NODES_H_
#define PURSER_CONFIG_TOML_NODES_H_

// What the readers of TOML files here share: from a text to its tables, and where a value stands.
// Only the files that read one name this, and with it toml++. Thread-safe: pure functions.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "toml++/toml.h"

#if TOML_HEADER_ONLY
// Compiled into us it would bring its asserts, and "[" before the end of a line trips one of them.
#error "toml++ is taken as the system's shared library, by the flags of its pkg-config file"
#endif

namespace purser {

inline constexpr size_t kTomlLengthMax = 1 << 20;  // bytes: a thousand tokens are 200 KB

struct Position {
  int line = 0;
  int column = 0;
};

Position PositionOf(const toml::source_region& source);
// "a table", "a whole number" …
std::string_view TypeName(toml::node_type type);
// "server.listen"; what is no bare key in quotes.
std::string ChildPath(std::string_view path, std::string_view key);

// Has `read` look at the tables of `text`. Replaces `faults`: what `read` adds in order of line, or
// that the text is too long or no TOML.
void ReadToml(std::string_view text, std::vector<ConfigFault>* faults,
              const std::function<void(const toml::table& root)>& read);

}  // namespace purser

#endif  // PURSER_CONFIG_TOML_NODES_H_
