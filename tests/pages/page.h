#ifndef PURSER_TESTS_PAGES_PAGE_H_
#define PURSER_TESTS_PAGES_PAGE_H_

// A Markdown page of the checkout as blocks: what the tests that keep pages true read of it. Knows
// headings, fenced code, tables and paragraphs, no more. Pure values; thread-safe.
#include <string>
#include <vector>

namespace purser::pages {

struct Block {
  enum class Kind { kHeading, kCode, kTable, kText };
  Kind kind = Kind::kText;
  int line = 0;      // of its first line, from 1
  int level = 0;     // of a heading
  std::string info;  // of code: what stands behind the fence
  std::string text;  // a heading's words, code with its line ends, a paragraph
  std::vector<std::vector<std::string>> rows;  // of a table, without the head
  std::vector<std::string> head;
};

// Ends the test program when there is no such page.
std::vector<Block> ReadPage(const std::string& path_from_top);
std::vector<Block> ParsePage(const std::string& text);

// What stands below the heading of these words, up to the next of the same level; empty when there
// is none.
std::vector<Block> SectionOf(const std::vector<Block>& page, const std::string& heading);

// The first table of a section whose head begins with this cell; nullptr when there is none.
const Block* FindTable(const std::vector<Block>& blocks, const std::string& first_cell);

// Without backquotes and the blanks around.
std::string Plain(const std::string& cell);

}  // namespace purser::pages

#endif  // PURSER_TESTS_PAGES_PAGE_H_
