// The reviewer on 4,576 real models with six scores each, beside a program in another language
// (brute_force.py). Skipped where the data are not.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "ledger/amount.h"
#include "ledger/text.h"
#include "lifecycle/review.h"
#include "lifecycle/review_set.h"
#include "tests/books/other_program.h"
#include "tests/fixtures/temp_directory.h"

namespace purser::reviewer {
namespace {

constexpr size_t kModels = 4'576;
constexpr char kColumns[] =
    "src_rank,model,params_b,average,ifeval,bbh,math_lvl5,gpqa,musr,mmlu_pro";

std::string DataPath() {
  const char* const folder = std::getenv("PURSER_DATA_DIR");  // NOLINT(concurrency-mt-unsafe)
  return std::string(folder == nullptr ? PURSER_SOURCE_DIR "/../shared/data" : folder) +
         "/model_scores.csv";
}

int64_t MicrosOf(const std::string& text) {
  const auto amount = Amount::Parse(text);
  EXPECT_TRUE(amount.ok()) << text;
  return amount.ok() ? amount->micros() : 0;
}

// Each a model that is ACTIVE: ten USD a month and one unit of memory a billion parameters (the
// file has -1 or 0 where it does not know them: nothing), a value of 100 USD a point of its
// average.
std::vector<stored::ModelSettings> ReadModels(const std::string& path) {
  std::vector<stored::ModelSettings> models;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, kColumns);
  const std::vector<std::string> names = {"ifeval", "bbh", "math_lvl5", "gpqa", "musr", "mmlu_pro"};
  while (std::getline(file, line)) {
    std::vector<std::string> fields;
    std::istringstream stream(line);
    for (std::string field; std::getline(stream, field, ',');) fields.push_back(field);
    EXPECT_EQ(fields.size(), 10U) << line;
    if (fields.size() != 10) break;
    stored::ModelSettings& model = models.emplace_back();
    model.set_id(Concat(fields[1], "#", fields[0]));  // names occur twice
    const int64_t billions = std::max<int64_t>(0, MicrosOf(fields[2]));
    auto& cost = *model.add_monthly_costs();
    cost.set_category(stored::RESIDENCY_COST);
    cost.set_amount(billions * 10);
    auto& footprint = *model.add_footprint();
    footprint.set_resource(1);
    footprint.set_amount(billions);
    model.set_business_value_monthly(MicrosOf(fields[3]) * 100);
    for (size_t i = 0; i < names.size(); ++i) {
      model.add_capabilities(names[i]);
      auto& quality = *model.add_quality();
      quality.set_capability(names[i]);
      quality.set_value(MicrosOf(fields[4 + i]));
    }
  }
  return models;
}

class Leaderboard : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::ifstream(DataPath()).good()) {
      GTEST_SKIP() << "no " << DataPath() << " (PURSER_DATA_DIR names its folder)";
    }
    models_ = ReadModels(DataPath());
    ASSERT_EQ(models_.size(), kModels);
    for (const stored::ModelSettings& model : models_) providers_.Add(model);
  }

  std::vector<Reviewed> View() const {
    std::vector<Reviewed> views;
    for (const stored::ModelSettings& model : models_) {
      Reviewed& view = views.emplace_back();
      view.id = model.id();
      view.provisions = ProvisionsOf(model);
      view.monthly_cost = Amount::FromMicros(model.monthly_costs(0).amount());
    }
    return views;
  }

  // Everybody may leave; so much memory and so many places of ACTIVE models are wanted.
  SetQuestion Ask(int64_t billions, int64_t places) const {
    SetQuestion question;
    question.providers = &providers_;
    question.lacking = {{1, Amount::FromUnits(billions)}, {2, Amount::FromUnits(places)}};
    question.required_capabilities.assign(models_[0].capabilities().begin(),
                                          models_[0].capabilities().end());
    for (const stored::ModelSettings& model : models_) {
      const Amount memory = Amount::FromMicros(model.footprint(0).amount());
      question.candidates.push_back({&model, {{1, memory}, {2, Amount::FromUnits(1)}}});
    }
    return question;
  }

  void FindNear(int64_t billions, int64_t places) const;

  std::vector<stored::ModelSettings> models_;
  Providers providers_;
};

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void Leaderboard::FindNear(int64_t billions, int64_t places) const {
  const SetQuestion question = Ask(billions, places);
  const auto start = std::chrono::steady_clock::now();
  const BestSet best = FindBestSet(question, {});
  const double seconds = SecondsSince(start);
  ASSERT_EQ(best.verdict, BestSet::Verdict::kFound);
  const absl::int128 gap = best.bound - best.value.Sum();
  const auto tell = [](absl::int128 micros) {
    return Amount::FromMicros(static_cast<int64_t>(micros)).ToString();
  };
  std::printf("of %zu, lacking %lld, %lld: %zu leave, value %s, gap %s, %lld steps, %.3f s\n",
              models_.size(), static_cast<long long>(billions), static_cast<long long>(places),
              best.ids.size(), tell(best.value.Sum()).c_str(), tell(gap).c_str(),
              static_cast<long long>(best.steps), seconds);
  EXPECT_GE(gap, 0);
  EXPECT_LE(best.steps, 1'000'000);
  EXPECT_LT(seconds, 60);
}

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST_F(Leaderboard, HasTheFindingsOfAnIndependentProgram) {
  const std::vector<Reviewed> views = View();
  Comparisons comparisons;
  const auto start = std::chrono::steady_clock::now();
  const std::vector<Dominated> dominated = FindDominated(views, &comparisons);
  const double dominated_seconds = SecondsSince(start);
  const std::vector<Group> groups = FindRedundant(views, Amount::FromUnits(2), &comparisons);
  const double seconds = SecondsSince(start);
  EXPECT_TRUE(comparisons.complete());
  std::set<std::string> lines;
  size_t grouped = 0;
  for (const Dominated& each : dominated) {
    lines.insert(Concat("dominated ", each.id, " by ", each.by));
  }
  for (const Group& group : groups) {
    std::string line = "redundant";
    for (const std::string_view id : group) line += Concat(" ", id);
    lines.insert(line);
    grouped += group.size();
  }
  std::printf("%zu dominated in %.3f s, %zu groups of %zu in %.3f s\n", dominated.size(),
              dominated_seconds, groups.size(), grouped, seconds - dominated_seconds);
  EXPECT_LT(seconds, 60);
  if (!HasProgram("python3")) GTEST_SKIP() << "no python3 to compare with";
  const TempDirectory directory;
  const std::string ours = directory.path() + "/ours";
  const std::string theirs = directory.path() + "/theirs";
  {
    std::ofstream out(ours);
    for (const std::string& line : lines) out << line << "\n";
  }
  const std::string told =
      OutputOf(Concat("python3 '" PURSER_SOURCE_DIR "/tests/reviewer/brute_force.py' '", DataPath(),
                      "' '", theirs, "'"));
  const std::string hash = OutputOf(Concat("sha256sum <'", ours, "'")).substr(0, 64);
  EXPECT_EQ(told, Concat("{\"models\": ", models_.size(), ", \"dominated\": ", dominated.size(),
                         ", \"groups\": ", groups.size(), ", \"grouped\": ", grouped,
                         ", \"sha256\": \"", hash, "\"}\n"));
  EXPECT_TRUE(ReadFile(ours) == ReadFile(theirs))
      << OutputOf(Concat("diff '", ours, "' '", theirs, "' | head -n 20"));
  std::printf("%s", told.c_str());
}

// Among so many no set is shown to be the best by trying all, but by its bound.
TEST_F(Leaderboard, HasSetsNearTheirBounds) {
  for (const int64_t billions : {1, 500, 1'400}) FindNear(billions, 3);
  const BestSet none = FindBestSet(Ask(100'000, 17), {});
  EXPECT_EQ(none.verdict, BestSet::Verdict::kNone);
  EXPECT_EQ(none.frees_most.at(2), Amount::FromUnits(16));
  // Without those who are dominated, and where it costs something to lose anybody.
  Comparisons comparisons;
  std::set<std::string> dominated;
  for (const Dominated& each : FindDominated(View(), &comparisons)) dominated.emplace(each.id);
  for (const stored::ModelSettings& model : models_) {
    if (dominated.contains(model.id())) providers_.Remove(model);
  }
  std::erase_if(models_, [&](const auto& model) { return dominated.contains(model.id()); });
  for (stored::ModelSettings& model : models_) {
    model.mutable_monthly_costs(0)->set_amount(-model.monthly_costs(0).amount());
  }
  for (const int64_t billions : {1, 500, 1'000}) FindNear(billions, 12);
}

}  // namespace
}  // namespace purser::reviewer
