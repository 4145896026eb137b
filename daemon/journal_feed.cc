#include "daemon/journal_feed.h"

#include <utility>

namespace purser {
namespace {

// Of so many new entries it is cheaper to let everybody look than to look at each.
constexpr uint64_t kEntriesLookedAtMax = 4'096;

}  // namespace

JournalFeed::JournalFeed(api::Bulletin* bulletin, Source source)
    : bulletin_(bulletin), source_(std::move(source)) {}

JournalFeed::~JournalFeed() { Stop(); }

void JournalFeed::Start() {
  thread_ = std::thread([this] { Run(); });
}

void JournalFeed::Stop() {
  bulletin_->Close();
  if (thread_.joinable()) thread_.join();
}

void JournalFeed::Run() {
  while (const auto round = bulletin_->NextRound()) {
    std::erase_if(seen_, [&](const auto& seen) {
      const auto it = round->find(seen.first);
      return it == round->end() || !it->second;
    });
    for (const auto& [population, of_reservations] : *round) Tell(population, of_reservations);
  }
}

void JournalFeed::Tell(const std::string& population, bool of_reservations) {
  const api::View view = source_.peek(population);
  if (view == nullptr) return;
  std::set<std::string> touched;
  if (!of_reservations) return bulletin_->Post(population, &touched);
  const auto [seen, is_first] = seen_.emplace(population, view->sequence);
  const uint64_t after = std::exchange(seen->second, view->sequence);
  // Whoever began to wait before the first look may have missed what no look was for.
  if (is_first || view->sequence - after > kEntriesLookedAtMax) {
    return bulletin_->Post(population, nullptr);
  }
  if (view->sequence == after) return;
  auto found = source_.touched(view, after);
  // What cannot be looked at now is left to those who wait: they are told what is wrong.
  bulletin_->Post(population, found.ok() ? &*found : nullptr);
}

}  // namespace purser
