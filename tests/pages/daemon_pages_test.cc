// The daemon's pages name what there is: every table of the store in daemon/FORMAT.md, every metric
// in daemon/OPERATIONS.md, and nothing else.
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "api/service.h"
#include "daemon/commit_pipeline.h"
#include "daemon/memory_store.h"
#include "tests/pages/page.h"

namespace purser::pages {
namespace {

std::set<std::string> TablesOfTheStore() {
  std::set<std::string> names;
  for (int i = 0; i < kTableCount; ++i) names.insert(TableName(static_cast<Table>(i)));
  return names;
}

// A row with an empty first cell belongs to the one above it.
std::set<std::string> FirstCells(const Block* table) {
  std::set<std::string> names;
  if (table == nullptr) return names;
  for (const auto& row : table->rows) {
    if (!row.front().empty()) names.insert(Plain(row.front()));
  }
  return names;
}

TEST(FormatPage, NamesEveryTableTwice) {
  const auto page = ReadPage("daemon/FORMAT.md");
  EXPECT_EQ(FirstCells(FindTable(SectionOf(page, "Physical layer"), "family")), TablesOfTheStore());
  EXPECT_EQ(FirstCells(FindTable(SectionOf(page, "Key grammar"), "table")), TablesOfTheStore());
}

std::set<std::string> MetricsOfTheDaemon() {
  MemoryStore store;
  TestClock clock(0);
  CommitPipelineOptions options;
  options.test_clock = &clock;
  CommitPipeline pipeline(std::move(options), &store, &clock);
  EXPECT_TRUE(pipeline.Start().ok());
  api::Service service(&pipeline, api::ServiceOptions());
  api::HttpRequest request;
  request.method = "GET";
  request.path = "/metrics";
  request.headers = {{"Host", "localhost"}};
  std::istringstream text(service.Handle(request).body);
  std::set<std::string> metrics;
  for (std::string line; std::getline(text, line);) {
    std::istringstream words(line);
    std::string mark, word, name, type;
    words >> mark >> word >> name >> type;
    if (word == "TYPE") metrics.insert(name + " " + type);
  }
  return metrics;
}

TEST(OperationsPage, NamesEveryMetricWithItsType) {
  const auto section = SectionOf(ReadPage("daemon/OPERATIONS.md"), "Is it well?");
  const Block* const table = FindTable(section, "metric");
  ASSERT_NE(table, nullptr);
  std::set<std::string> named;
  for (const auto& row : table->rows) named.insert(Plain(row[0]) + " " + row[1]);
  EXPECT_EQ(named, MetricsOfTheDaemon());
}

}  // namespace
}  // namespace purser::pages
