#ifndef PURSER_TESTS_BOOKS_OTHER_PROGRAM_H_
#define PURSER_TESTS_BOOKS_OTHER_PROGRAM_H_

// Programs of others, which find the same by themselves.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "ledger/text.h"

namespace purser {

// What a command prints; its exit code has to be 0.
inline std::string OutputOf(const std::string& command) {
  std::string output;
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "";
  char buffer[4096];
  for (size_t count; (count = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
    output.append(buffer, count);
  }
  EXPECT_EQ(pclose(pipe), 0) << command << "\n" << output;
  return output;
}

inline bool HasProgram(const std::string& name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  return std::system(Concat("command -v ", name, " >/dev/null 2>&1").c_str()) == 0;
}

}  // namespace purser

#endif  // PURSER_TESTS_BOOKS_OTHER_PROGRAM_H_
