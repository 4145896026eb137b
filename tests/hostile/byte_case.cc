#include "tests/hostile/byte_case.h"

#include <fstream>

#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {
namespace {

// Would grant a reservation, if a reader took it for a request.
const std::string kBook = [] {
  const std::string body = R"({"id":"smuggled","purpose":"TRAINING","amounts":{"gpu_hours":"1"},)"
                           R"("labels":{"operator_family":"a","capability":"b"}})";
  return Concat("POST /v1/populations/default/reservations HTTP/1.1\r\nHost: localhost\r\n",
                "Content-Length: ", body.size(), "\r\n\r\n", body);
}();

std::string Replace(std::string text, std::string_view word, std::string_view by) {
  const size_t at = text.find(word);
  if (at == std::string::npos) return text;
  return Concat(text.substr(0, at), by, Replace(text.substr(at + word.size()), word, by));
}

std::string Unescape(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes.push_back(text[i]);
      continue;
    }
    const char c = text.at(++i);
    if (c == 'x') {
      bytes.push_back(static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16)));
      i += 2;
      continue;
    }
    const size_t which = std::string_view("rnt0\\").find(c);
    PURSER_CHECK(which != std::string_view::npos, "an escape is one that the table knows");
    bytes.push_back(std::string_view("\r\n\t\0\\", 5)[which]);
  }
  return bytes;
}

std::string BytesOf(const std::string& text) {
  return Replace(Replace(Unescape(text), "HOST", "Host: localhost\r\n"), "BOOK", kBook);
}

void TakeSent(const std::string& text, ByteCase* one) {
  if (text == "@end" || text == "@reset") {
    one->end = text == "@end" ? ByteEnd::kEndsSending : ByteEnd::kResets;
    return;
  }
  if (text.rfind("@repeat ", 0) != 0) {
    one->sent += BytesOf(text);
    return;
  }
  const size_t space = text.find(' ', 8);
  const std::string repeated = BytesOf(text.substr(space + 1));
  for (int i = std::stoi(text.substr(8, space - 8)); i > 0; --i) one->sent += repeated;
}

}  // namespace

std::vector<ByteCase> ReadByteCases(const std::string& path) {
  std::ifstream file(path);
  std::vector<ByteCase> cases;
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    if (line.rfind("-- ", 0) == 0) {
      cases.emplace_back().name = line.substr(3);
      continue;
    }
    PURSER_CHECK(!cases.empty() && line.size() > 2 && line[1] == ' ', "a line of a case");
    if (line[0] == '>') {
      TakeSent(line.substr(2), &cases.back());
    } else {
      PURSER_CHECK(line[0] == '<', "a line is sent, or comes back");
      cases.back().answers.push_back(line.substr(2));
    }
  }
  return cases;
}

}  // namespace purser
