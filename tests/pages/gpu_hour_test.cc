// The life of one GPU hour (ledger/README.md), lived: each request of the page goes through the
// service, the pipeline and the sequencer, over a store in memory, and the postings and balances of
// the entries that it makes are those of the page's tables.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "api/json.h"
#include "api/service.h"
#include "api/v1/journal.pb.h"
#include "api/v1/population.pb.h"
#include "daemon/commit_pipeline.h"
#include "daemon/memory_store.h"
#include "ledger/amount.h"
#include "tests/pages/page.h"

namespace purser::pages {
namespace {

constexpr char kPage[] = "ledger/README.md";
constexpr char kHeading[] = "The life of one GPU hour";
constexpr char kPopulation[] = "/v1/populations/p0";
constexpr int64_t kNovember22NoonUs = 1'795'348'800 * int64_t{1'000'000};

struct Movement {
  Amount out;
  Amount in;
  Amount balance;
};
using TAccounts = std::map<std::string, Movement>;

// One request, the T-accounts that it moves, and the line that has all accounts afterwards.
struct Step {
  std::string name;
  int line = 0;
  std::string method;
  std::string path;
  std::string body;
  bool has_table = false;
  TAccounts accounts;
  std::string identity;
};

Amount ReadAmount(const std::string& text) {
  const auto amount = Amount::Parse(text.empty() ? "0" : text);
  EXPECT_TRUE(amount.ok()) << text;
  return amount.ok() ? *amount : Amount();
}

void ReadRequest(const Block& block, Step* step) {
  std::istringstream stream(block.text);
  stream >> step->method >> step->path;
  std::getline(stream, step->body, '\0');
}

void ReadTable(const Block& block, Step* step) {
  step->has_table = true;
  for (const auto& row : block.rows) {
    ASSERT_EQ(row.size(), 4u) << kPage << ", the table at line " << block.line;
    step->accounts[row[0]] = {ReadAmount(row[1]), ReadAmount(row[2]), ReadAmount(row[3])};
  }
}

std::vector<Step> ReadSteps() {
  std::vector<Step> steps;
  for (const Block& block : SectionOf(ReadPage(kPage), kHeading)) {
    if (block.kind == Block::Kind::kHeading) {
      steps.emplace_back();
      steps.back().name = block.text;
      steps.back().line = block.line;
    } else if (steps.empty()) {
      continue;
    } else if (block.kind == Block::Kind::kCode && block.info == "http") {
      ReadRequest(block, &steps.back());
    } else if (block.kind == Block::Kind::kTable) {
      ReadTable(block, &steps.back());
    } else if (block.text.rfind("`granted", 0) == 0) {
      steps.back().identity = Plain(block.text.substr(0, block.text.find('\n')));
    }
  }
  return steps;
}

class GpuHour : public testing::Test {
 protected:
  GpuHour() : clock_(kNovember22NoonUs) {
    CommitPipelineOptions pipeline_options;
    pipeline_options.test_clock = &clock_;
    pipeline_ = std::make_unique<CommitPipeline>(std::move(pipeline_options), &store_, &clock_);
    EXPECT_TRUE(pipeline_->Start().ok());
    api::ServiceOptions options;
    options.all_scopes = {"admin", "ledger:read", "reservations:write", "reserve:spend"};
    service_ = std::make_unique<api::Service>(pipeline_.get(), std::move(options));
  }

  api::HttpResponse Send(const std::string& method, const std::string& path,
                         const std::string& body) {
    api::HttpRequest request;
    request.method = method;
    request.target = request.path = path;
    request.headers = {{"Host", "localhost"}};
    request.body = body;
    return service_->Handle(request);
  }

  // The newest entries of the journal that were not read before, oldest first.
  std::vector<v1::JournalEntry> TakeEntries() {
    v1::JournalEntryList list;
    std::vector<v1::Fault> faults;
    EXPECT_TRUE(api::ParseJson(Send("GET", std::string(kPopulation) + "/journal", "").body, &list,
                               &faults));
    std::vector<v1::JournalEntry> entries;
    for (int i = list.entries_size() - 1; i >= 0; --i) {
      if (list.entries(i).sequence() > last_sequence_) entries.push_back(list.entries(i));
    }
    if (!entries.empty()) last_sequence_ = entries.back().sequence();
    return entries;
  }

  v1::Resource ReadResource() {
    v1::Resource resource;
    std::vector<v1::Fault> faults;
    const std::string path = std::string(kPopulation) + "/resources/gpu_hours";
    EXPECT_TRUE(api::ParseJson(Send("GET", path, "").body, &resource, &faults));
    return resource;
  }

  MemoryStore store_;
  TestClock clock_;
  std::unique_ptr<CommitPipeline> pipeline_;
  std::unique_ptr<api::Service> service_;
  uint64_t last_sequence_ = 0;
};

std::map<std::string, Amount> BalancesOf(const v1::Resource& resource) {
  const auto amount = [](const v1::Amount& value) { return Amount::FromMicros(value.micros()); };
  return {{"granted", amount(resource.granted())},    {"available", amount(resource.available())},
          {"reserve", amount(resource.reserve())},    {"held", amount(resource.held())},
          {"in_use", amount(resource.in_use())},      {"spent", amount(resource.spent())},
          {"overdraft", amount(resource.overdraft())}};
}

TAccounts Move(const std::vector<v1::JournalEntry>& entries) {
  TAccounts moved;
  for (const auto& entry : entries) {
    for (const auto& posting : entry.postings()) {
      moved[posting.from()].out += Amount::FromMicros(posting.amount().micros());
      moved[posting.to()].in += Amount::FromMicros(posting.amount().micros());
    }
  }
  return moved;
}

std::string Describe(const TAccounts& accounts) {
  std::string text;
  for (const auto& [name, movement] : accounts) {
    text += name + " out " + movement.out.ToString() + " in " + movement.in.ToString() +
            " balance " + movement.balance.ToString() + "\n";
  }
  return text;
}

TEST_F(GpuHour, LivesAsThePageSays) {
  const std::vector<Step> steps = ReadSteps();
  ASSERT_GE(steps.size(), 8u);
  std::map<std::string, Amount> before;
  for (const Step& step : steps) {
    SCOPED_TRACE(std::string(kPage) + ":" + std::to_string(step.line) + ": " + step.name);
    ASSERT_TRUE(step.has_table);
    const api::HttpResponse answer = Send(step.method, step.path, step.body);
    // A denial is an entry as well; anything else that is refused is a mistake of the page.
    ASSERT_TRUE(answer.status < 300 || answer.status == 409) << answer.body;
    const std::vector<v1::JournalEntry> entries = TakeEntries();
    ASSERT_FALSE(entries.empty());
    const v1::Resource resource = ReadResource();
    const std::map<std::string, Amount> after = BalancesOf(resource);
    TAccounts moved = Move(entries);
    for (auto& [name, movement] : moved) movement.balance = after.at(name);
    EXPECT_EQ(Describe(step.accounts), Describe(moved));
    EXPECT_EQ(step.identity, resource.identity());
    for (const auto& [name, balance] : after) {
      if (moved.count(name) > 0) continue;
      EXPECT_EQ(balance.ToString(), before[name].ToString()) << name;
    }
    before = after;
  }
}

TEST_F(GpuHour, MeetsEveryWordOfTheIssue) {
  std::string names;
  for (const Step& step : ReadSteps()) names += step.name + "\n";
  for (const char* word : {"Granted", "Held", "Charged", "Overrun", "In debt", "Repaid",
                           "Rolled back", "Rolled over"}) {
    EXPECT_NE(names.find(word), std::string::npos) << word;
  }
}

}  // namespace
}  // namespace purser::pages
