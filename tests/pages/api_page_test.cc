// api/API.md says what the route table and the table of problems say, both ways: the page cannot
// drift from the code, nor the code from the page.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "api/problems.h"
#include "api/routes.h"
#include "api/scopes.h"
#include "ledger/refusal.h"
#include "tests/pages/page.h"

namespace purser::pages {
namespace {

constexpr char kBelow[] = "/v1/populations/{population}";

std::vector<Block> Page() { return ReadPage("api/API.md"); }

std::string Join(const std::vector<std::string>& cells) {
  std::string text;
  for (const std::string& cell : cells) text += (text.empty() ? "" : " | ") + cell;
  return text;
}

// As the page writes it: "…" for the population that most routes are below.
std::string PathOnPage(const std::string& path) {
  const std::string below = std::string(kBelow) + "/";
  return path.rfind(below, 0) == 0 ? "…/" + path.substr(below.size()) : path;
}

std::string OrNone(const std::string& text) { return text.empty() ? "–" : text; }

std::string Separated(const std::string& list, char separator, const std::string& by) {
  std::string text;
  for (const char c : list) text += c == separator ? by : std::string(1, c);
  return text;
}

std::vector<std::string> RoutesOfTheCode() {
  std::vector<std::string> routes;
  for (const api::Route& route : api::Routes()) {
    routes.push_back(
        Join({route.method, PathOnPage(route.path), OrNone(Separated(route.scope, '|', " or ")),
              OrNone(Separated(route.query, ',', ", "))}));
  }
  return routes;
}

std::vector<std::string> RowsOf(const Block* table, size_t columns) {
  std::vector<std::string> rows;
  if (table == nullptr) return rows;
  for (const auto& row : table->rows) {
    std::vector<std::string> cells;
    for (size_t i = 0; i < columns && i < row.size(); ++i) cells.push_back(Plain(row[i]));
    rows.push_back(Join(cells));
  }
  return rows;
}

TEST(ApiPage, HasEveryRouteInTheOrderOfTheTable) {
  const auto page = Page();
  EXPECT_EQ(RowsOf(FindTable(SectionOf(page, "Routes"), "method"), 4), RoutesOfTheCode());
}

TEST(ApiPage, HasEveryScope) {
  const auto page = Page();
  std::vector<std::string> scopes;
  for (const api::Scope& scope : api::kApiScopes) {
    scopes.push_back(Join({std::string(scope.name), Plain(std::string(scope.meaning))}));
  }
  EXPECT_EQ(RowsOf(FindTable(SectionOf(page, "Scopes"), "scope"), 2), scopes);
}

std::vector<std::string> ProblemsOfTheCode() {
  std::vector<std::string> problems;
  for (int number = 1; number <= stored::Reason_MAX; ++number) {
    if (!stored::Reason_IsValid(number)) continue;
    const auto& kind = api::KindOfProblem(static_cast<Reason>(number));
    problems.push_back(Join({ReasonCode(kind.reason), std::to_string(kind.status),
                             Plain(kind.title), Plain(kind.meaning), Plain(kind.fix)}));
  }
  return problems;
}

TEST(ApiPage, HasEveryProblemInTheOrderOfJudgement) {
  const auto page = Page();
  EXPECT_EQ(RowsOf(FindTable(SectionOf(page, "Errors"), "code"), 5), ProblemsOfTheCode());
}

TEST(ApiPage, CodesAreDistinct) {
  std::set<std::string> codes;
  for (const std::string& problem : ProblemsOfTheCode()) {
    EXPECT_TRUE(codes.insert(problem.substr(0, problem.find(' '))).second) << problem;
  }
}

TEST(PageReader, SeesBlocks) {
  const auto page = ParsePage(
      "# A\n\ntext\nmore\n\n```http x\nGET /\n# no heading\n```\n| a | b |\n|---|---:|\n"
      "| `1` | |\n## B\nend\n# C\nlast\n");
  ASSERT_EQ(page.size(), 8u);
  EXPECT_EQ(page[1].text, "text\nmore\n");
  EXPECT_EQ(page[2].info, "http x");
  EXPECT_EQ(page[2].text, "GET /\n# no heading\n");
  EXPECT_EQ(page[3].head, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(page[3].rows.size(), 1u);
  EXPECT_EQ(page[3].rows[0], (std::vector<std::string>{"`1`", ""}));
  EXPECT_EQ(SectionOf(page, "A").size(), 5u);
  EXPECT_EQ(SectionOf(page, "B").size(), 1u);
  EXPECT_TRUE(SectionOf(page, "D").empty());
  EXPECT_EQ(FindTable(page, "a"), &page[3]);
  EXPECT_EQ(Plain(page[3].rows[0][0]), "1");
}

}  // namespace
}  // namespace purser::pages
