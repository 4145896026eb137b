#include "tests/pages/page.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "ledger/check.h"

namespace purser::pages {
namespace {

std::string Trim(const std::string& text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> CellsOf(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line.substr(1));
  for (std::string cell; std::getline(stream, cell, '|');) cells.push_back(Trim(cell));
  if (!cells.empty() && cells.back().empty() && line.back() != '|') cells.pop_back();
  return cells;
}

bool IsRule(const std::string& line) {
  return line.find_first_not_of("|:- ") == std::string::npos && line.find('-') != std::string::npos;
}

// Reads a page line by line; a block is open until something else begins.
class Reader {
 public:
  void Add(const std::string& line) {
    ++line_;
    if (in_code_) {
      AddCode(line);
    } else if (line.rfind("```", 0) == 0) {
      Begin(Block::Kind::kCode).info = Trim(line.substr(3));
      in_code_ = true;
    } else if (line.rfind('#', 0) == 0) {
      AddHeading(line);
    } else if (line.rfind('|', 0) == 0) {
      AddRow(line);
    } else if (line.empty()) {
      open_ = false;
    } else {
      AddText(line);
    }
  }
  std::vector<Block> blocks;

 private:
  Block& Begin(Block::Kind kind) {
    Block& block = blocks.emplace_back();
    block.kind = kind;
    block.line = line_;
    open_ = true;
    return block;
  }
  bool Continues(Block::Kind kind) const { return open_ && blocks.back().kind == kind; }

  void AddCode(const std::string& line) {
    if (line.rfind("```", 0) == 0) {
      in_code_ = open_ = false;
    } else {
      blocks.back().text += line + "\n";
    }
  }
  void AddHeading(const std::string& line) {
    Block& block = Begin(Block::Kind::kHeading);
    block.level = static_cast<int>(line.find_first_not_of('#'));
    block.text = Trim(line.substr(block.level));
    open_ = false;
  }
  void AddRow(const std::string& line) {
    if (!Continues(Block::Kind::kTable)) {
      Begin(Block::Kind::kTable).head = CellsOf(line);
    } else if (!IsRule(line)) {
      blocks.back().rows.push_back(CellsOf(line));
    }
  }
  void AddText(const std::string& line) {
    if (!Continues(Block::Kind::kText)) Begin(Block::Kind::kText);
    blocks.back().text += line + "\n";
  }

  int line_ = 0;
  bool open_ = false;
  bool in_code_ = false;
};

}  // namespace

std::vector<Block> ParsePage(const std::string& text) {
  Reader reader;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) reader.Add(line);
  return reader.blocks;
}

std::vector<Block> ReadPage(const std::string& path_from_top) {
  std::ifstream file(std::string(PURSER_SOURCE_DIR) + "/" + path_from_top);
  PURSER_CHECK(file.good(), "a page that a test is about exists");
  std::stringstream text;
  text << file.rdbuf();
  return ParsePage(text.str());
}

std::vector<Block> SectionOf(const std::vector<Block>& page, const std::string& heading) {
  const auto begin = std::find_if(page.begin(), page.end(), [&](const Block& block) {
    return block.kind == Block::Kind::kHeading && block.text == heading;
  });
  if (begin == page.end()) return {};
  const auto end = std::find_if(begin + 1, page.end(), [&](const Block& block) {
    return block.kind == Block::Kind::kHeading && block.level <= begin->level;
  });
  return {begin + 1, end};
}

const Block* FindTable(const std::vector<Block>& blocks, const std::string& first_cell) {
  for (const Block& block : blocks) {
    if (block.kind == Block::Kind::kTable && block.head.front() == first_cell) return &block;
  }
  return nullptr;
}

std::string Plain(const std::string& cell) {
  std::string plain = cell;
  plain.erase(std::remove(plain.begin(), plain.end(), '`'), plain.end());
  return Trim(plain);
}

}  // namespace purser::pages
