#ifndef PURSER_TESTS_TIDY_HOUSE_RULES_H_
#define PURSER_TESTS_TIDY_HOUSE_RULES_H_

// The house rules that a program can check, over files given as text: no disk is read here, so that
// the rules themselves can be tested with planted violations. Thread-safe: pure functions.
#include <string>
#include <vector>

namespace purser::tidy {

struct SourceFile {
  std::string path;  // from the top of the checkout, such as "ledger/amount.cc"
  std::string text;
};

// Each violation as "path:line: what"; the line is left out where the file as a whole is meant.
using Violations = std::vector<std::string>;

// ledger <- reservations <- lifecycle <- api <- daemon; config sees ledger only. Messages generated
// from .proto files, and the imports between .proto files, count as their folder.
Violations CheckIncludeDirection(const std::vector<SourceFile>& files);
// Each foreign library is named in one .cc file, in the folder it belongs to; tests are free.
Violations CheckForeignLibraries(const std::vector<SourceFile>& files);
// Pure folders know no clock, thread, lock, file, environment, randomness or floating point.
Violations CheckPureFolders(const std::vector<SourceFile>& files);
// At most 500 lines a file, 100 columns a line, 70 lines a function.
Violations CheckSizes(const std::vector<SourceFile>& files);
// No file named after nothing, no `using namespace`, no leftover marks.
Violations CheckNames(const std::vector<SourceFile>& files);
// PURSER_<PATH>_H_
Violations CheckHeaderGuards(const std::vector<SourceFile>& files);
// Each folder has a README.md whose introduction, up to its first "## ", has at most 20 lines.
Violations CheckReadmes(const std::vector<SourceFile>& files);

// The text with comments and the insides of literals made blank; every line stays where it is.
std::string BlankCommentsAndLiterals(const std::string& text);

}  // namespace purser::tidy

#endif  // PURSER_TESTS_TIDY_HOUSE_RULES_H_
