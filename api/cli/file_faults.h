#ifndef PURSER_API_CLI_FILE_FAULTS_H_
#define PURSER_API_CLI_FILE_FAULTS_H_

// The mistakes of a file that somebody imports: all are counted, the first ones are told.
// Thread-compatible.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace purser::cli {

inline constexpr size_t kFaultsToldMax = 20;

class FileFaults {
 public:
  // `line` from 1, 0: of the whole file. `where` is a column's name or a field's path, or "".
  void Add(size_t line, std::string_view where, std::string_view message);

  // Those of `other` behind those that are here.
  void Append(const FileFaults& other);

  bool empty() const { return count_ == 0; }
  // For a terminal: "FILE: 3 mistakes, nothing was sent", and a line for each that is told.
  std::string Text(std::string_view file) const;

 private:
  size_t count_ = 0;
  std::vector<std::string> told_;  // the first kFaultsToldMax
};

}  // namespace purser::cli

#endif  // PURSER_API_CLI_FILE_FAULTS_H_
