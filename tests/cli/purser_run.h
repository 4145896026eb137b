#ifndef PURSER_TESTS_CLI_PURSER_RUN_H_
#define PURSER_TESTS_CLI_PURSER_RUN_H_

// Runs the real `purser` in a shell, as an operator does, and keeps what it said.
#include <string>

namespace purser {

struct PurserRun {
  int exit_code = -1;
  std::string out;
  std::string err;
};

// `arguments` is shell text. The environment has none of our variables but those that
// `environment`, such as "PURSER_TOKEN=abc COLUMNS=60", names.
PurserRun RunPurser(const std::string& arguments, const std::string& environment = "");

}  // namespace purser

#endif  // PURSER_TESTS_CLI_PURSER_RUN_H_
