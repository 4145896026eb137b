#include "api/openapi_examples.h"

#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "api/embedded.h"
#include "ledger/check.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

constexpr std::string_view kBegin = "### ";
constexpr std::string_view kVaries = "# varies: ";
constexpr std::string_view kAnswer = "HTTP ";

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

std::string Stripped(std::string_view text) {
  return std::string(absl::StripAsciiWhitespace(ToAbsl(text)));
}

// Splits at the first `separator`, which is there.
std::pair<std::string, std::string> SplitOnce(std::string_view text, std::string_view separator) {
  const size_t at = text.find(separator);
  PURSER_CHECK(at != std::string_view::npos, "a line of examples.http has both its parts");
  return {Stripped(text.substr(0, at)), Stripped(text.substr(at + separator.size()))};
}

// The names in the braces of a path, in order.
std::vector<std::string> NamesInPath(std::string_view path) {
  std::vector<std::string> names;
  for (size_t at = path.find('{'); at != std::string_view::npos; at = path.find('{', at + 1)) {
    names.emplace_back(path.substr(at + 1, path.find('}', at) - at - 1));
  }
  return names;
}

void ReadTarget(std::string_view line, Example* example) {
  const auto [method, target] = SplitOnce(line, " ");
  const size_t question = target.find('?');
  const RouteMatch match = Match(method, target.substr(0, question), /*test_clock=*/true);
  PURSER_CHECK(match.route != nullptr, "an example is of a route");
  example->route = match.route;
  const std::vector<std::string> names = NamesInPath(match.route->path);
  for (size_t i = 0; i < names.size(); ++i) example->parameters[names[i]] = match.parameters[i];
  if (question == std::string::npos) return;
  std::vector<std::pair<std::string, std::string>> query;
  PURSER_CHECK(ParseQuery(std::string_view(target).substr(question + 1), &query),
               "an example's query is well-formed");
  for (auto& [name, value] : query) example->parameters[name] = std::move(value);
}

// What one example is made of, line by line.
class Reader {
 public:
  void Begin(std::string_view line, int step) {
    const auto [name, summary] = SplitOnce(line.substr(kBegin.size()), ":");
    example_.step = step;
    example_.name = name;
    example_.summary = summary;
  }

  void Add(std::string_view line) {
    if (example_.route == nullptr) {
      if (StartsWith(line, kVaries)) {
        example_.varies = absl::StrSplit(ToAbsl(line.substr(kVaries.size())), ", ");
      } else {
        ReadTarget(line, &example_);
      }
    } else if (StartsWith(line, kAnswer) && example_.status == 0) {
      std::from_chars(line.data() + kAnswer.size(), line.data() + line.size(), example_.status);
    } else if (in_headers_ && line.empty()) {
      in_headers_ = false;
    } else if (in_headers_) {
      const auto [name, value] = SplitOnce(line, ":");
      example_.parameters[name] = value;
    } else {
      std::string* const text = example_.status == 0 ? &example_.body : &example_.answer;
      *text += Concat(line, "\n");
    }
  }

  Example Take() {
    PURSER_CHECK(example_.route != nullptr && example_.status != 0, "an example is whole");
    example_.body = Stripped(example_.body);
    example_.answer = Stripped(example_.answer);
    return std::move(example_);
  }

 private:
  Example example_;
  bool in_headers_ = true;
};

}  // namespace

std::vector<Example> ParseExamples(std::string_view text) {
  std::vector<Example> examples;
  std::vector<Reader> readers;
  for (absl::string_view each : absl::StrSplit(ToAbsl(text), '\n')) {
    const std::string_view line = ToStd(each);
    if (StartsWith(line, kBegin)) {
      readers.emplace_back().Begin(line, static_cast<int>(readers.size()));
    } else if (!readers.empty()) {
      readers.back().Add(line);
    }
  }
  examples.reserve(readers.size());
  for (Reader& reader : readers) examples.push_back(reader.Take());
  return examples;
}

const std::vector<Example>& Examples() {
  static const auto* const all_examples =
      new std::vector<Example>(ParseExamples(EmbeddedExamples()));
  return *all_examples;
}

}  // namespace purser::api
