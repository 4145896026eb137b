#include "tests/tidy/house_rules.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string_view>

#include "ledger/text.h"

namespace purser::tidy {
namespace {

constexpr size_t kFileLinesMax = 500;
constexpr size_t kFunctionLinesMax = 70;
constexpr size_t kColumnsMax = 100;
constexpr size_t kReadmeLinesMax = 20;

// What each folder may include of ours; tests may include everything. The command line, a program
// of its own, reads files whose form config knows.
const std::map<std::string_view, std::set<std::string_view>> kMayInclude = {
    {"ledger", {"ledger"}},
    {"reservations", {"reservations", "ledger"}},
    {"lifecycle", {"lifecycle", "reservations", "ledger"}},
    {"config", {"config", "ledger"}},
    {"api", {"api", "lifecycle", "reservations", "ledger"}},
    {"api/cli", {"api", "config", "lifecycle", "reservations", "ledger"}},
    {"daemon", {"daemon", "config", "api", "lifecycle", "reservations", "ledger"}},
};
constexpr std::string_view kFolders[] = {"ledger", "reservations", "lifecycle", "api",
                                         "config", "daemon",       "tests"};

struct Library {
  std::string_view name;
  std::vector<std::string_view> includes;       // beginnings
  std::vector<std::string_view> words;          // that only who includes it may write
  std::vector<std::string_view> places;         // folders; in each of them one .cc file may name it
  std::vector<std::string_view> together = {};  // beginnings of files of one noun, which may
};
const Library kLibraries[] = {
    {"RocksDB", {"rocksdb/"}, {"rocksdb::"}, {"daemon/"}},
    {"CivetWeb", {"civetweb.h", "CivetServer.h"}, {"mg_"}, {"api/"}},
    {"simdjson", {"simdjson"}, {"simdjson::"}, {"api/"}},
    {"toml++",
     {"toml++/"},
     {"toml::"},
     {},
     {"config/config.cc", "config/model_columns.cc", "config/toml_nodes"}},
    {"OpenSSL", {"openssl/"}, {"EVP_", "SHA256_"}, {"daemon/"}},
    {"CLI11", {"CLI/"}, {"CLI::"}, {"daemon/"}, {"api/cli/arguments", "api/cli/command_options"}},
    {"libcurl", {"curl/"}, {"curl_", "CURL"}, {"api/cli/"}},
    {"Clp", {"coin/"}, {"Clp", "Coin", "COIN_"}, {"lifecycle/"}},
    {"libcsv", {"csv.h"}, {"csv_", "CSV_"}, {"api/cli/"}},
    {"the clock",
     {"absl/time/clock.h"},
     {"absl::Now", "system_clock", "clock_gettime", "gettimeofday"},
     {"daemon/"}},
};

const std::set<std::string_view> kPureFolders = {"ledger", "reservations", "lifecycle", "config"};
constexpr std::string_view kImpureIncludes[] = {
    "chrono",         "ctime",
    "time.h",         "sys/",
    "thread",         "mutex",
    "shared_mutex",   "atomic",
    "future",         "condition_variable",
    "semaphore",      "semaphore.h",
    "latch",          "barrier",
    "stop_token",     "pthread.h",
    "fstream",        "filesystem",
    "iostream",       "unistd.h",
    "fcntl.h",        "random",
    "syslog.h",       "netinet/",
    "arpa/",          "absl/synchronization/",
    "absl/random",    "absl/time/clock.h",
    "absl/log",       "absl/flags/",
    "daemon/mutex.h",
};
constexpr std::string_view kImpureWords[] = {"double", "float", "getenv",
                                             "setenv", "fopen", "rand"};

constexpr std::string_view kEmptyNames[] = {"manager", "helper", "helpers", "util",
                                            "utils",   "common", "misc",    "data",
                                            "info",    "impl",   "base"};
// Spelled in two parts, so that this file does not have what it looks for.
const std::string kMarks[] = {
    "TO"
    "DO",
    "FIX"
    "ME",
    "XX"
    "X"};

bool IsWordByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

bool ContainsWord(std::string_view text, std::string_view word) {
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool starts = at == 0 || !IsWordByte(text[at - 1]);
    const size_t end = at + word.size();
    const bool ends = end == text.size() || !IsWordByte(text[end]);
    if (starts && ends) return true;
  }
  return false;
}

// As ContainsWord for the beginning of a word: "mg_" is in "mg_read(c)", not in "img_".
bool ContainsBeginning(std::string_view text, std::string_view beginning) {
  for (size_t at = text.find(beginning); at != std::string_view::npos;
       at = text.find(beginning, at + 1)) {
    if (at == 0 || !IsWordByte(text[at - 1])) return true;
  }
  return false;
}

bool IsHeader(const SourceFile& file) { return file.path.ends_with(".h"); }
bool IsCode(const SourceFile& file) { return file.path.ends_with(".cc") || IsHeader(file); }
bool IsTest(const SourceFile& file) { return file.path.starts_with("tests/"); }

std::string_view FolderOf(std::string_view path) { return path.substr(0, path.find('/')); }

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string At(const SourceFile& file, size_t line_number, std::string_view what) {
  return Concat(file.path, ":", line_number, ": ", what);
}

struct Include {
  size_t line_number;
  std::string_view target;
};

// What a file includes, or a .proto file imports; not what stands in a comment or a literal.
std::vector<Include> IncludesOf(const SourceFile& file) {
  std::vector<Include> includes;
  const std::string blanked = BlankCommentsAndLiterals(file.text);
  const std::vector<std::string_view> code = SplitLines(blanked);
  const std::vector<std::string_view> lines = SplitLines(file.text);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!code[i].starts_with("#include") && !code[i].starts_with("import ")) continue;
    const size_t start = lines[i].find_first_of("<\"");
    if (start == std::string_view::npos) continue;
    const size_t end = lines[i].find_first_of(">\"", start + 1);
    includes.push_back({i + 1, lines[i].substr(start + 1, end - start - 1)});
  }
  return includes;
}

bool Includes(const SourceFile& file, const Library& library) {
  const std::vector<Include> includes = IncludesOf(file);
  return std::any_of(includes.begin(), includes.end(), [&library](const Include& include) {
    return std::any_of(
        library.includes.begin(), library.includes.end(),
        [&include](std::string_view beginning) { return include.target.starts_with(beginning); });
  });
}

// The line number of the first of the library's own words; 0 when there is none.
size_t FindLibraryWord(const SourceFile& file, const Library& library) {
  const std::string blanked = BlankCommentsAndLiterals(file.text);
  const std::vector<std::string_view> lines = SplitLines(blanked);
  for (size_t i = 0; i < lines.size(); ++i) {
    for (std::string_view word : library.words) {
      if (ContainsBeginning(lines[i], word)) return i + 1;
    }
  }
  return 0;
}

void CheckLibrary(const std::vector<SourceFile>& files, const Library& library, Violations* out) {
  std::map<std::string_view, std::string> users;  // by place
  for (const SourceFile& file : files) {
    if (!IsCode(file) || IsTest(file)) continue;
    const size_t word_line = FindLibraryWord(file, library);
    if (word_line == 0 && !Includes(file, library)) continue;
    const auto& together = library.together;
    if (std::any_of(together.begin(), together.end(), [&file](std::string_view beginning) {
          return file.path.starts_with(beginning);
        })) {
      continue;
    }
    const auto place =
        std::find_if(library.places.begin(), library.places.end(),
                     [&file](std::string_view folder) { return file.path.starts_with(folder); });
    if (place == library.places.end() || IsHeader(file)) {
      out->push_back(At(file, std::max<size_t>(word_line, 1),
                        Concat(library.name, " has no place in this file")));
      continue;
    }
    const auto [first, is_new] = users.emplace(*place, file.path);
    if (!is_new) {
      out->push_back(At(file, std::max<size_t>(word_line, 1),
                        Concat(library.name, " is named in ", first->second, " already")));
    }
  }
}

size_t CountColumns(std::string_view line) {
  return static_cast<size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// A definition at namespace scope starts and ends in the first column (clang-format sees to that),
// and ends with "}" alone: a class ends with "};", a namespace with "}  // namespace".
void CheckFunctionLengths(const SourceFile& file, Violations* out) {
  const std::string blanked = BlankCommentsAndLiterals(file.text);
  const std::vector<std::string_view> lines = SplitLines(blanked);
  size_t start = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    if (line == "}") {
      if (i - start + 1 > kFunctionLinesMax) {
        out->push_back(
            At(file, start + 1, Concat("a function of ", i - start + 1, " lines, more than 70")));
      }
    } else if (!line.empty() && (IsWordByte(line[0]) || line[0] == '[')) {
      start = i;
    }
  }
}

void CheckMarks(const SourceFile& file, Violations* out) {
  const std::vector<std::string_view> lines = SplitLines(file.text);
  for (size_t i = 0; i < lines.size(); ++i) {
    for (const std::string& mark : kMarks) {
      if (ContainsWord(lines[i], mark)) out->push_back(At(file, i + 1, Concat("has ", mark)));
    }
  }
}

// Splits a file's name into words, lower case as they are: "json_value.cc" is json, value, cc.
bool IsNamedAfterNothing(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return std::any_of(std::begin(kEmptyNames), std::end(kEmptyNames), [name](std::string_view word) {
    std::string words(name);
    std::replace_if(
        words.begin(), words.end(), [](char c) { return c == '_' || c == '-'; }, ' ');
    return ContainsWord(words, word);
  });
}

std::string GuardOf(std::string_view path) {
  std::string guard = Concat("PURSER_", path, "_");
  std::transform(guard.begin(), guard.end(), guard.begin(), [](unsigned char c) {
    return std::isalnum(c) ? static_cast<char>(std::toupper(c)) : '_';
  });
  return guard;
}

// Copies `text` with comments and the insides of literals made blank.
class Blanking {
 public:
  explicit Blanking(const std::string& text) : text_(text), out_(text) {}

  std::string Run() {
    while (at_ < text_.size()) Step();
    return std::move(out_);
  }

 private:
  bool Sees(std::string_view token) const { return text_.compare(at_, token.size(), token) == 0; }

  void Step() {
    if (Sees("//")) {
      BlankUntil("\n", 0);
    } else if (Sees("/*")) {
      BlankUntil("*/", 2);
    } else if (Sees("R\"") && (at_ == 0 || !IsWordByte(text_[at_ - 1]))) {
      const size_t open = text_.find('(', at_);
      if (open == std::string::npos) return void(++at_);
      const std::string delimiter = text_.substr(at_ + 2, open - at_ - 2);
      at_ += 2;
      BlankUntil(Concat(")", delimiter, "\""), delimiter.size() + 2);
    } else if (text_[at_] == '"' || (text_[at_] == '\'' && !IsDigitSeparator())) {
      BlankLiteral(text_[at_]);
    } else {
      ++at_;
    }
  }

  // 1'000: the quote stands between letters or digits.
  bool IsDigitSeparator() const { return at_ > 0 && IsWordByte(text_[at_ - 1]); }

  void BlankUntil(const std::string& end, size_t end_length) {
    const size_t found = std::min(text_.find(end, at_), text_.size());
    const size_t stop = std::min(found + end_length, text_.size());
    for (; at_ < stop; ++at_) Blank();
  }

  void BlankLiteral(char quote) {
    for (++at_; at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n'; ++at_) {
      Blank();
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        ++at_;
        Blank();
      }
    }
    if (at_ < text_.size()) ++at_;
  }

  void Blank() {
    if (text_[at_] != '\n') out_[at_] = ' ';
  }

  const std::string& text_;
  std::string out_;
  size_t at_ = 0;
};

}  // namespace

std::string BlankCommentsAndLiterals(const std::string& text) { return Blanking(text).Run(); }

Violations CheckIncludeDirection(const std::vector<SourceFile>& files) {
  Violations out;
  for (const SourceFile& file : files) {
    const bool is_cli = file.path.starts_with("api/cli/");
    const auto may = kMayInclude.find(is_cli ? "api/cli" : FolderOf(file.path));
    if (may == kMayInclude.end() || (!IsCode(file) && !file.path.ends_with(".proto"))) continue;
    for (const Include& include : IncludesOf(file)) {
      const std::string_view folder = FolderOf(include.target);
      if (folder == include.target || may->second.contains(folder)) continue;
      if (std::find(std::begin(kFolders), std::end(kFolders), folder) == std::end(kFolders))
        continue;
      out.push_back(
          At(file, include.line_number, Concat(may->first, " must not include ", include.target)));
    }
  }
  return out;
}

Violations CheckForeignLibraries(const std::vector<SourceFile>& files) {
  Violations out;
  for (const Library& library : kLibraries) CheckLibrary(files, library, &out);
  return out;
}

Violations CheckPureFolders(const std::vector<SourceFile>& files) {
  Violations out;
  for (const SourceFile& file : files) {
    if (!IsCode(file) || !kPureFolders.contains(FolderOf(file.path))) continue;
    for (const Include& include : IncludesOf(file)) {
      // The one that reads the configuration's file.
      if (file.path == "config/config.cc" && include.target == "fstream") continue;
      for (std::string_view impure : kImpureIncludes) {
        const bool is_folder = impure.ends_with('/') || impure.starts_with("absl/");
        if (is_folder ? include.target.starts_with(impure) : include.target == impure) {
          out.push_back(At(file, include.line_number, Concat("is pure, not for ", impure)));
        }
      }
    }
    const std::string blanked = BlankCommentsAndLiterals(file.text);
    const std::vector<std::string_view> lines = SplitLines(blanked);
    for (size_t i = 0; i < lines.size(); ++i) {
      for (std::string_view word : kImpureWords) {
        // Where a solver is asked for advice that is proved in integers.
        if (file.path == "lifecycle/linear_relaxation.cc" && word == "double") continue;
        if (ContainsWord(lines[i], word)) {
          out.push_back(At(file, i + 1, Concat("is pure, not for ", word)));
        }
      }
    }
  }
  return out;
}

Violations CheckSizes(const std::vector<SourceFile>& files) {
  Violations out;
  for (const SourceFile& file : files) {
    if (!IsCode(file)) continue;
    const std::vector<std::string_view> lines = SplitLines(file.text);
    if (lines.size() > kFileLinesMax) {
      out.push_back(Concat(file.path, ": has ", lines.size(), " lines, more than 500"));
    }
    for (size_t i = 0; i < lines.size(); ++i) {
      const size_t columns = CountColumns(lines[i]);
      if (columns > kColumnsMax) {
        out.push_back(At(file, i + 1, Concat("has ", columns, " columns, more than 100")));
      }
    }
    CheckFunctionLengths(file, &out);
  }
  return out;
}

Violations CheckNames(const std::vector<SourceFile>& files) {
  Violations out;
  for (const SourceFile& file : files) {
    if (IsNamedAfterNothing(file.path))
      out.push_back(Concat(file.path, ": is named after nothing"));
    CheckMarks(file, &out);
    if (!IsCode(file)) continue;
    const std::string blanked = BlankCommentsAndLiterals(file.text);
    const std::vector<std::string_view> lines = SplitLines(blanked);
    for (size_t i = 0; i < lines.size(); ++i) {
      if (ContainsWord(lines[i], "using namespace")) {
        out.push_back(At(file, i + 1, "takes in a whole namespace"));
      }
    }
  }
  return out;
}

Violations CheckHeaderGuards(const std::vector<SourceFile>& files) {
  Violations out;
  for (const SourceFile& file : files) {
    if (!IsHeader(file)) continue;
    const std::string guard = GuardOf(file.path);
    const std::string opening = Concat("#ifndef ", guard, "\n#define ", guard, "\n");
    const std::string closing = Concat("#endif  // ", guard, "\n");
    if (!file.text.starts_with(opening) || !file.text.ends_with(closing)) {
      out.push_back(Concat(file.path, ": is not guarded by ", guard));
    }
  }
  return out;
}

Violations CheckReadmes(const std::vector<SourceFile>& files) {
  Violations out;
  for (std::string_view folder : kFolders) {
    const std::string path = Concat(folder, "/README.md");
    const auto readme = std::find_if(files.begin(), files.end(),
                                     [&path](const SourceFile& file) { return file.path == path; });
    if (readme == files.end()) {
      out.push_back(Concat(path, ": is missing"));
      continue;
    }
    const std::string introduction = readme->text.substr(0, readme->text.find("\n## "));
    const size_t length = SplitLines(introduction).size();
    if (length > kReadmeLinesMax) {
      out.push_back(Concat(path, ": introduces itself in ", length, " lines, more than 20"));
    }
  }
  return out;
}

}  // namespace purser::tidy
