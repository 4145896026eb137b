#ifndef PURSER_TESTS_CONFIG_TEST_FILES_H_
#define PURSER_TESTS_CONFIG_TEST_FILES_H_

// Good and bad files of the configuration, and what is told of them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "ledger/text.h"

namespace purser {

inline std::filesystem::path SourcePath(const std::string& name) {
  return std::filesystem::path(PURSER_SOURCE_DIR) / name;
}

inline std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// The files of a folder whose name ends so, by name.
inline std::map<std::string, std::filesystem::path> FilesIn(const std::string& folder,
                                                            std::string_view ending) {
  std::map<std::string, std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(SourcePath(folder))) {
    const std::string name = entry.path().filename();
    if (name.ends_with(ending)) files.emplace(name, entry.path());
  }
  return files;
}

inline std::string FormatAll(std::string_view file, const std::vector<ConfigFault>& faults) {
  std::string out;
  for (const ConfigFault& fault : faults) out += Concat(FormatFault(file, fault), "\n");
  return out;
}

}  // namespace purser

#endif  // PURSER_TESTS_CONFIG_TEST_FILES_H_
