// The worked session of README.md, worked: its commands run in a shell, against a daemon of this
// build started with the page's own clock, and what they say is what the page shows.
//
// Other than on the page are the address, the data directory and where the binaries lie; hashes of
// 64 digits stand as "…"; an answer in JSON may be broken into lines.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

#include "tests/fixtures/temp_directory.h"
#include "tests/pages/daemon_process.h"
#include "tests/pages/page.h"

namespace purser::pages {
namespace {

constexpr char kAddress[] = "127.0.0.1:7480";
constexpr char kDataDir[] = "/tmp/purser-tour";
constexpr char kStart[] = "sh daemon/run.sh --test-clock ";

struct Exchange {
  int line = 0;
  std::string command;
  std::string output;
};

void ReplaceAll(const std::string& from, const std::string& to, std::string* text) {
  for (size_t at = text->find(from); at != std::string::npos; at = text->find(from, at)) {
    text->replace(at, from.size(), to);
    at += to.size();
  }
}

// A command goes on behind a backslash, and inside of quotes.
bool IsWhole(const std::string& command) {
  size_t quotes = 0;
  for (const char c : command) quotes += c == '\'' ? 1 : 0;
  return !command.ends_with('\\') && quotes % 2 == 0;
}

void ReadExchanges(const Block& block, std::vector<Exchange>* exchanges) {
  std::istringstream stream(block.text);
  int line_number = block.line;
  bool in_command = false;
  for (std::string line; std::getline(stream, line);) {
    ++line_number;
    if (!in_command && line.rfind("$ ", 0) == 0) {
      exchanges->push_back({line_number, line.substr(2), ""});
    } else if (in_command) {
      exchanges->back().command += "\n" + line;
    } else {
      exchanges->back().output += line + "\n";
      continue;
    }
    in_command = !IsWhole(exchanges->back().command);
  }
}

std::vector<Exchange> ReadSession() {
  std::vector<Exchange> exchanges;
  for (const Block& block : SectionOf(ReadPage("README.md"), "A worked session")) {
    if (block.kind == Block::Kind::kCode && block.info == "console") {
      ReadExchanges(block, &exchanges);
    }
  }
  return exchanges;
}

// The clock of the command that the page starts the daemon with.
std::string ReadClock() {
  for (const Block& block : SectionOf(ReadPage("README.md"), "A worked session")) {
    const size_t at = block.text.find(kStart);
    if (block.kind != Block::Kind::kCode || at == std::string::npos) continue;
    const size_t begin = at + sizeof(kStart) - 1;
    return block.text.substr(begin, block.text.find(' ', begin) - begin);
  }
  return "";
}

// What a shell prints, errors included.
std::string RunInShell(const std::string& command, const std::string& address) {
  const std::string script = "export PURSER_URL=http://" + address +
                             " COLUMNS=; unset PURSER_TOKEN http_proxy; exec 2>&1\n" + command;
  std::string quoted = script;
  ReplaceAll("'", "'\\''", &quoted);
  std::FILE* const pipe = popen(("sh -c '" + quoted + "'").c_str(), "r");
  std::string output;
  char bytes[4096];
  for (size_t count = 0; (count = std::fread(bytes, 1, sizeof(bytes), pipe)) > 0;) {
    output.append(bytes, count);
  }
  pclose(pipe);
  return output;
}

bool IsHexDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

std::string WithoutHashes(const std::string& text) {
  constexpr size_t kHashDigits = 64;
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && IsHexDigit(text[end])) ++end;
    if (end - i == kHashDigits) {
      out += "…";
    } else {
      end = std::max(end, i + 1);
      out += text.substr(i, end - i);
    }
    i = end;
  }
  return out;
}

// A page breaks JSON into lines, each but the first indented by one blank.
std::string Joined(const std::string& text) {
  std::string joined = text;
  if (joined.rfind('{', 0) == 0) ReplaceAll("\n ", "", &joined);
  return joined;
}

class WorkedSession : public testing::Test {
 protected:
  WorkedSession()
      : daemon_({"--listen", "127.0.0.1:0", "--data-dir", directory_.path(), "--test-clock",
                 ReadClock(), "--quiet"}) {}

  std::string Run(std::string command) {
    ReplaceAll(kAddress, daemon_.address(), &command);
    ReplaceAll(kDataDir, directory_.path(), &command);
    // Offline sub-commands need the directory to themselves, as the page says.
    if (command.rfind("build/bin/purserd", 0) == 0) {
      EXPECT_EQ(daemon_.Stop(), 0);
    }
    ReplaceAll("build/bin/", std::string(PURSER_BIN_DIR) + "/", &command);
    std::string output = RunInShell(command, daemon_.address());
    ReplaceAll(daemon_.address(), kAddress, &output);
    return WithoutHashes(output);
  }

  TempDirectory directory_;
  DaemonProcess daemon_;
};

TEST_F(WorkedSession, SaysWhatThePageShows) {
  const std::vector<Exchange> session = ReadSession();
  ASSERT_GE(session.size(), 8u);
  for (const Exchange& exchange : session) {
    EXPECT_EQ(Joined(exchange.output), Run(exchange.command))
        << "README.md:" << exchange.line << ": " << exchange.command;
  }
}

}  // namespace
}  // namespace purser::pages
