#ifndef PURSER_TESTS_HOSTILE_BYTE_CASE_H_
#define PURSER_TESTS_HOSTILE_BYTE_CASE_H_

// A case of bytes.table: what a client sends, and what it gets.
#include <string>
#include <vector>

namespace purser {

enum class ByteEnd { kNone, kEndsSending, kResets };

struct ByteCase {
  std::string name;
  std::string sent;
  ByteEnd end = ByteEnd::kNone;
  std::vector<std::string> answers;  // "400 malformed", "closed", "open"
};

// The cases of a table, in its grammar (bytes.table says it). A line that is none of it ends the
// test.
std::vector<ByteCase> ReadByteCases(const std::string& path);

}  // namespace purser

#endif  // PURSER_TESTS_HOSTILE_BYTE_CASE_H_
