#include "tests/benchmarks/cost_reports.h"

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "daemon/history.h"
#include "daemon/rocks_store.h"
#include "daemon/sequencer.h"
#include "daemon/time_zones.h"
#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/benchmarks/best_round.h"

namespace purser {
namespace {

constexpr InstantUs kNowUs = 1'800'000'000'000'000;
constexpr int kGroup = 1'000;
constexpr int kFamilies = 50;
constexpr int kCapabilities = 20;
constexpr char kBooks[] = "books";
constexpr uint32_t kNumber = 2;  // after the default one

class ChargedBooks {
 public:
  explicit ChargedBooks(JournalStore* store) : sequencer_(Options(), store, FirstOfNextMonth) {
    PURSER_CHECK(sequencer_.Open(kNowUs).ok(), "an empty store opens");
    CreatePopulation create;
    create.settings.set_name(kBooks);
    create.settings.set_time_zone("UTC");
    stored::ResourceSettings& resource = create.resources.emplace_back();
    resource.set_name("gpu_hours");
    resource.set_unit("h");
    resource.set_kind(stored::CONSUMABLE);
    resource.set_priced(true);
    resource.set_amount(Amount::FromUnits(1'000'000'000).micros());
    CreateRateCard card;
    card.card.set_id("cloud");
    auto& rate = *card.card.add_rates();
    rate.set_resource("gpu_hours");
    rate.set_picos(2'500'000'000'001);
    std::vector<Command> commands(2);
    commands[0].body = std::move(create);
    commands[1].body = std::move(card);
    for (Command& command : commands) Commit({&command, 1});
  }

  void Charge(int count) {
    for (int made = 0; made < count; made += kGroup) {
      std::vector<Command> commands(kGroup);
      for (int i = 0; i < kGroup; ++i) {
        const int number = made + i;
        PostCharge charge;
        charge.id = Concat("c", number);
        charge.amounts["gpu_hours"] = Amount::FromMicros(1 + number % 9'999'991);
        charge.labels = {{"capability", Concat("capability-", number % kCapabilities)},
                         {"operator_family", Concat("family-", number % kFamilies)}};
        commands[static_cast<size_t>(i)].body = std::move(charge);
      }
      now_us_ += kSecondUs;
      Commit(commands);
    }
  }

  InstantUs now_us() const { return now_us_; }

 private:
  static SequencerOptions Options() {
    SequencerOptions options;
    options.resume_leases = false;
    return options;
  }
  void Commit(std::span<Command> commands) {
    std::vector<api::CommandResult> results(commands.size());
    std::vector<Sequencer::Submission> group;
    for (size_t i = 0; i < commands.size(); ++i) {
      commands[i].population = kBooks;
      commands[i].caller = {"local", true};
      commands[i].lookup.sequence = sequence_;
      group.push_back({&commands[i], &results[i]});
    }
    PURSER_CHECK(sequencer_.Commit(group, now_us_), "the disk says yes");
    for (const api::CommandResult& result : results) {
      PURSER_CHECK(result.status.ok() && !result.stale, "what the benchmark asks fits");
    }
    sequence_ = results.back().sequence;
  }

  uint64_t sequence_ = 0;
  InstantUs now_us_ = kNowUs;
  Sequencer sequencer_;
};

}  // namespace

double MeasureCostReport(const std::string& directory, int charges, int rounds) {
  RocksStoreOptions options;
  options.path = directory + "/cost_reports";
  auto store = RocksStore::Open(options);
  PURSER_CHECK(store.ok(), "the store opens");
  ChargedBooks books(store->get());
  books.Charge(charges);
  auto names = std::make_shared<ResourceDirectory>();
  names->Add(1, "gpu_hours", true);
  const Month month = *MonthOf("UTC", kNowUs);
  Best best(1);
  for (int round = 0; round < rounds; ++round) {
    best.Time([&] {
      History history((*store)->TakeSnapshot(), kNumber, names);
      CostReport report({"operator_family", "capability"});
      History::CostsScope scope;
      scope.period = {month.from_us, month.until_us};
      scope.as_of = UINT64_MAX - 1;
      scope.accrue_until_us = books.now_us();
      scope.rates = std::make_shared<const RateBook>();
      scope.month_at = [&scope](InstantUs) { return scope.period; };
      const absl::Status status = history.ReadCosts(
          scope, [] { return false; }, &report);
      PURSER_CHECK(status.ok() && report.groups().size() > 1, "the report is read");
    });
  }
  return best.best() / 1e6;
}

}  // namespace purser
