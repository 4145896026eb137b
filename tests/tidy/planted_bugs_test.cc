// Code moves on, and a planted bug whose text is not there proves nothing: each has to apply.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace purser::tidy {
namespace {

std::string ReadText(const std::string& path) {
  std::ifstream stream(PURSER_SOURCE_DIR + ("/" + path), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

int CountOf(const std::string& text, const std::string& whole) {
  int count = 0;
  for (size_t at = whole.find(text); at != std::string::npos; at = whole.find(text, at + 1)) {
    ++count;
  }
  return count;
}

TEST(PlantedBugs, StandOnceInTheirFiles) {
  std::ifstream table(PURSER_SOURCE_DIR "/tests/planted/bugs.txt");
  std::string name;
  std::string file;
  int bugs = 0;
  for (std::string line; std::getline(table, line);) {
    if (line.starts_with("bug ")) name = line.substr(4, line.find(' ', 4) - 4);
    if (line.starts_with("file ")) file = line.substr(5);
    if (!line.starts_with("- ")) continue;
    ++bugs;
    EXPECT_EQ(CountOf(line.substr(2), ReadText(file)), 1) << name << " in " << file;
  }
  EXPECT_GE(bugs, 92);
}

}  // namespace
}  // namespace purser::tidy
