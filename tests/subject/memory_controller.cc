#include "tests/subject/memory_controller.h"

#include <algorithm>

#include "daemon/periods.h"
#include "daemon/time_zones.h"
#include "ledger/refusal.h"

namespace purser {

MemoryController::MemoryController(SequencerOptions options, std::unique_ptr<BreakableStore> store)
    : options_(std::move(options)),
      store_(std::move(store)),
      follower_(options_.policy.reservations, options_.policy.models, FirstOfNextMonth) {
  MakeSequencer();
}

void MemoryController::MakeSequencer() {
  sequencer_ =
      std::make_unique<Sequencer>(options_, &store_->journal(), FirstOfNextMonth, &follower_);
}

void MemoryController::Crash() {
  writable_ = false;
  store_->Crash();
  MakeSequencer();
}

absl::Status MemoryController::Reopen() {
  writable_ = false;
  return store().Reopen();
}

absl::Status MemoryController::Open() {
  ++openings_;
  absl::Status status = sequencer_->Open(clock_us_);
  writable_ = status.ok();
  TakeViews();
  return status;
}

bool MemoryController::CommitAllDue() {
  writable_ = sequencer_->CommitAllDue(clock_us_);
  TakeViews();
  return writable_;
}

bool MemoryController::SignOfLife() {
  writable_ = sequencer_->SignOfLife(clock_us_);
  TakeViews();
  return writable_;
}

std::string MemoryController::CheckFollower(const std::string& population) {
  const FollowedPopulation* const followed = follower_.FindForTest(population);
  const Population* const state = Find(population);
  if (followed == nullptr || state == nullptr) return "one of the follower and the writer lacks it";
  if (followed->view->sequence != state->last_sequence) return "the follower is elsewhere";
  if (!(followed->returns == state->reservations.MakeReturnSchedule())) {
    return "the follower expects other returns";
  }
  const Queue::ByKey& waits = state->reservations.queue().by_key();
  if (!std::equal(waits.begin(), waits.end(), followed->waiting.begin(), followed->waiting.end(),
                  [](const auto& a, const auto& b) { return a.first == b.first; })) {
    return "the follower knows another queue";
  }
  const Bookings::ByKey& booked = state->reservations.bookings().by_key();
  if (!std::equal(booked.begin(), booked.end(), followed->booked.begin(), followed->booked.end(),
                  [](const auto& a, const auto& b) { return a.first == b.first; })) {
    return "the follower knows other bookings";
  }
  const Books books = MakeBooks(*followed->view, followed->debts);
  if (std::string fault = books.FindFault(); !fault.empty())
    return "the follower's books: " + fault;
  return followed->debts.all().size() == state->books.debts().all().size()
             ? ""
             : "the follower knows other debts";
}

InstantUs MemoryController::NowUs() { return std::max(clock_us_, sequencer_->last_time_us()); }

void MemoryController::TakeViews() {
  for (api::View& view : sequencer_->TakeViews()) views_[view->name] = std::move(view);
}

api::CommandResult MemoryController::Submit(const Command& command) {
  api::CommandResult result;
  if (!writable_) {
    result.status = Refuse(stored::READ_ONLY, "the disk refuses writes");
    return result;
  }
  pending_.push_back({&command, &result});
  RunWaiting();
  if (!pending_.empty()) CommitPending();
  return result;
}

void MemoryController::RunWaiting() {
  while (!waiting_.empty()) {
    const std::function<void()> other = std::move(waiting_.front());
    waiting_.pop_front();
    other();
  }
}

void MemoryController::NoteAnswered(const std::string& request_id) {
  const bool known = std::any_of(
      decided_.begin(), decided_.end(),
      [&request_id](const Decided& decided) { return decided.request_id == request_id; });
  if (!known) decided_.push_back({request_id, stale_.count(request_id) > 0});
}

void MemoryController::CommitPending() {
  const std::vector<Sequencer::Submission> group = std::move(pending_);
  pending_.clear();
  writable_ = sequencer_->Commit(group, clock_us_);
  TakeViews();
  for (const Sequencer::Submission& submission : group) {
    const std::string& request_id = submission.command->request_id;
    // What answers a denial a second time decides nothing; it meets the writer.
    const bool explains = std::holds_alternative<ExplainRequests>(submission.command->body);
    if (explains && !writable_) continue;
    if (submission.result->stale || explains) {
      stale_.insert(request_id);
    } else {
      decided_.push_back({request_id, writable_});
    }
  }
}

api::View MemoryController::Peek(std::string_view population) {
  const auto it = views_.find(population);
  return it == views_.end() ? nullptr : it->second;
}

History MemoryController::TakeHistory(const std::string& population) {
  const api::View view = Peek(population);
  return History(store().TakeSnapshot(), view->number, view->directory);
}

absl::StatusOr<EarlierCosts> MemoryController::ReadEarlierCosts(const api::View& view,
                                                                const BudgetState& budget) {
  History history = TakeHistory(view->name);
  return history.ReadEarlierCosts(*budget.settings, *view->budgets->month(), [] { return false; });
}

absl::StatusOr<api::PeriodRead> MemoryController::FindPeriod(const api::View& view,
                                                             const std::string& period) {
  History history = TakeHistory(view->name);
  return ReadPeriod(&history, *view, period, {NowUs(), [] { return false; }});
}

absl::StatusOr<api::LookedUp> MemoryController::LookUp(const api::PopulationView& view,
                                                       const api::LookUpIds& ids) {
  return TakeHistory(view.name).LookUp(ids, [&](uint64_t) { return Peek(view.name)->directory; });
}

absl::StatusOr<std::vector<Shown>> MemoryController::Recall(
    const api::PopulationView& view, const std::vector<stored::Answer>& answers) {
  return TakeHistory(view.name).RecallAll(answers);
}

}  // namespace purser
