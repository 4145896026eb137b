#include "daemon/commit_pipeline.h"

#include <algorithm>
#include <chrono>

#include "daemon/time_zones.h"
#include "ledger/refusal.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr int64_t kReopenDelayMinMs = 50;
constexpr int64_t kReopenDelayMaxMs = 5'000;
constexpr int64_t kPassingPauseMs = 10;

size_t OperationsOf(const Command* command) {
  if (command == nullptr) return 1;
  const auto* batch = std::get_if<Batch>(&command->body);
  return batch == nullptr ? 1 : std::max<size_t>(1, batch->members.size());
}

}  // namespace

CommitPipeline::CommitPipeline(CommitPipelineOptions options, JournalStore* store, Clock* clock)
    : options_(std::move(options)),
      store_(store),
      clock_(clock),
      follower_(options_.sequencer.policy.reservations, options_.sequencer.policy.models,
                FirstOfNextMonth),
      sequencer_(options_.sequencer, store, FirstOfNextMonth, &follower_),
      feed_(&bulletin_, {[this](const std::string& population) { return Peek(population); },
                         [this](const api::View& view, uint64_t after) {
                           return TouchedReservations(view, after);
                         }}) {}

CommitPipeline::~CommitPipeline() { Stop(); }

absl::Status CommitPipeline::Start() {
  const int64_t now_us = clock_->NowMicros();
  if (auto status = sequencer_.Open(now_us); !status.ok()) return status;
  if (const int64_t behind_us = sequencer_.last_time_us() - now_us; behind_us > kSecondUs) {
    const bool is_set = options_.test_clock != nullptr;
    options_.log(Concat("event=clock_behind seconds=", behind_us / kSecondUs, " text=\"the ",
                        is_set ? "test clock is set to the time of the books"
                               : "time of the books stands still until the clock is there",
                        "\""));
  }
  // A test clock begins at the later of what it was told and the newest entry.
  if (options_.test_clock != nullptr) options_.test_clock->Set(sequencer_.last_time_us());
  last_sign_us_ = clock_->NowMicros();
  PublishViews();
  {
    MutexLock lock(&mutex_);
    read_only_ = false;
  }
  writer_ = std::thread([this] { Run(); });
  feed_.Start();
  follower_.Start();
  passing_ = std::thread([this] { LetAllPass(); });
  return absl::OkStatus();
}

void CommitPipeline::Stop() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    work_.NotifyAll();
    queue_changed_.NotifyAll();
    stops_.NotifyAll();
  }
  if (passing_.joinable()) passing_.join();
  if (writer_.joinable()) writer_.join();
  feed_.Stop();
  follower_.Stop();
}

bool CommitPipeline::EnqueueAndWait(Pending* pending) {
  if (!Enqueue(pending)) return false;
  pending->answered.Wait();
  return true;
}

bool CommitPipeline::Enqueue(Pending* pending) {
  MutexLock lock(&mutex_);
  if (stopping_ || queue_.size() >= options_.queue_length_max) {
    overloaded_.fetch_add(1, std::memory_order_relaxed);
    pending->result.status =
        Refuse(stored::OVERLOADED, stopping_ ? "the daemon is stopping" : "the queue is full");
    return false;
  }
  if (read_only_) {
    pending->result.status =
        Refuse(stored::READ_ONLY, "the disk refuses writes; reads go on, try again later");
    return false;
  }
  queue_.push_back(pending);
  if (queue_.size() == 1) work_.NotifyOne();  // else the writer was told already
  return true;
}

api::CommandResult CommitPipeline::Submit(const Command& command) {
  Pending pending;
  pending.command = &command;
  EnqueueAndWait(&pending);
  return std::move(pending.result);
}

bool CommitPipeline::Take(std::deque<Pending*>* taken) {
  MutexLock lock(&mutex_);
  if (queue_.empty() && !stopping_) work_.WaitFor(&mutex_, options_.tick_ms);
  size_t operations = 0;
  while (!queue_.empty() && operations < options_.operations_a_group_max) {
    operations += OperationsOf(queue_.front()->command);
    taken->push_back(queue_.front());
    queue_.pop_front();
  }
  return !(stopping_ && taken->empty());
}

void CommitPipeline::Run() {
  std::deque<Pending*> group;
  while (Take(&group)) {
    const bool good = CommitGroup(group);
    if (!good) {
      // Before anybody is answered: whoever hears of a failure finds that nothing is taken.
      MutexLock lock(&mutex_);
      read_only_ = true;
    }
    PublishViews();
    for (Pending* pending : group) pending->answered.Notify();
    group.clear();
    if (!good) Recover();
  }
  {
    MutexLock lock(&mutex_);
    if (read_only_) return;
  }
  // A last sign of life, so that a restart gives back the time of the stop and no more.
  sequencer_.SignOfLife(clock_->NowMicros());
  PublishViews();
}

bool CommitPipeline::CommitGroup(const std::deque<Pending*>& group) {
  const InstantUs now_us = clock_->NowMicros();
  std::vector<Sequencer::Submission> submissions;
  bool everything = group.empty();
  for (Pending* pending : group) {
    if (pending->command == nullptr) {
      everything = true;
    } else {
      submissions.push_back({pending->command, &pending->result});
    }
  }
  commands_.fetch_add(submissions.size(), std::memory_order_relaxed);
  bool good = submissions.empty() || sequencer_.Commit(submissions, now_us);
  if (good && now_us - last_sign_us_ >= options_.sign_of_life_ms * 1'000) {
    last_sign_us_ = now_us;
    good = sequencer_.SignOfLife(now_us);
  } else if (good && everything) {
    good = sequencer_.CommitAllDue(now_us);
  }
  for (Pending* pending : group) {
    if (good || pending->command != nullptr) continue;
    pending->result.status = Refuse(stored::COMMIT_UNKNOWN, "the disk did not confirm the write");
  }
  entries_.store(sequencer_.entries(), std::memory_order_relaxed);
  groups_.store(sequencer_.groups(), std::memory_order_relaxed);
  return good;
}

void CommitPipeline::RefuseWaiting(stored::Reason reason) {
  std::deque<Pending*> waiting;
  {
    MutexLock lock(&mutex_);
    waiting.swap(queue_);
  }
  for (Pending* pending : waiting) {
    pending->result.status = Refuse(reason, "the disk refuses writes; try again later");
    pending->answered.Notify();
  }
}

// The disk said no: once it takes writes again drop what memory holds, reopen, take what the log
// kept, and open again.
void CommitPipeline::Recover() {
  commit_failures_.fetch_add(1, std::memory_order_relaxed);
  RefuseWaiting(stored::READ_ONLY);
  options_.log(Concat("event=read_only error=\"", store_->LastError(), "\""));
  for (int64_t delay_ms = kReopenDelayMinMs;;
       delay_ms = std::min(2 * delay_ms, kReopenDelayMaxMs)) {
    absl::Status status = store_->Probe();
    if (status.ok()) status = ReopenStore();
    if (status.ok()) break;
    options_.log(Concat("event=reopen_failed error=\"", ToStd(status.message()), "\""));
    MutexLock lock(&mutex_);
    if (stopping_) return;
    work_.WaitFor(&mutex_, delay_ms);
  }
  {
    MutexLock lock(&mutex_);
    read_only_ = false;
  }
  options_.log("event=writable");
}

absl::Status CommitPipeline::ReopenStore() {
  {
    MutexLock lock(&mutex_);
    reads_closed_ = true;
    while (reads_ > 0) reads_changed_.Wait(&mutex_);
  }
  absl::Status status = store_->Reopen();
  {
    MutexLock lock(&mutex_);
    reads_closed_ = !status.ok();
  }
  if (status.ok()) status = sequencer_.Open(clock_->NowMicros());
  PublishViews();
  return status;
}

void CommitPipeline::LetAllPass() {
  while (true) {
    std::set<std::string> names;
    {
      MutexLock lock(&mutex_);
      // Not at each group: under load most of what is found is out of date at once.
      if (!stopping_) stops_.WaitFor(&mutex_, kPassingPauseMs);
      while (!stopping_ && queues_changed_.empty()) queue_changed_.Wait(&mutex_);
      if (stopping_) return;
      names.swap(queues_changed_);
    }
    for (const std::string& name : names) {
      if (const auto passing = follower_.FindPassing(name, NowUs())) {
        Command command;
        command.population = name;
        command.lookup.sequence = passing->judged_sequence;
        command.body = *passing;
        // What it changes is looked at again.
        const absl::Status status = Submit(command).status;
        const Reason reason = status.ok() ? Reason() : RefusalOf(status).reason();
        if (reason != stored::READ_ONLY && reason != stored::OVERLOADED) continue;
        MutexLock lock(&mutex_);
        queues_changed_.insert(name);
      }
    }
  }
}

void CommitPipeline::PublishViews() {
  options_.committed_until_us->store(sequencer_.last_time_us(), std::memory_order_release);
  std::vector<api::View> changed = sequencer_.TakeViews();
  if (changed.empty()) return;
  {
    MutexLock lock(&mutex_);
    for (api::View& view : changed) {
      api::View& slot = views_[view->name];
      slot = std::move(view);
      if (slot->queue_length > 0) queues_changed_.insert(slot->name);
    }
    if (!queues_changed_.empty()) queue_changed_.NotifyOne();
    views_changed_.NotifyAll();
  }
  bulletin_.Announce();
}

api::View CommitPipeline::Peek(std::string_view population) {
  MutexLock lock(&mutex_);
  const auto it = views_.find(population);
  return it == views_.end() ? nullptr : it->second;
}

absl::StatusOr<api::View> CommitPipeline::WaitForDue(std::string_view population) {
  api::View view = Peek(population);
  if (view == nullptr || view->next_due_us == 0 || view->next_due_us > clock_->NowMicros()) {
    return view;
  }
  Command command;
  command.population = view->name;
  const api::CommandResult result = Submit(command);
  if (!result.status.ok() && RefusalOf(result.status).reason() == stored::OVERLOADED) {
    return result.status;
  }
  // When the disk says no the view stays as it was: what is due will be committed first later.
  return Peek(population);
}

absl::StatusOr<api::View> CommitPipeline::Read(std::string_view population) {
  auto view = WaitForDue(population);
  if (view.ok() && *view == nullptr) {
    return Refuse(stored::NOT_FOUND, Concat("there is no population \"", population, "\""));
  }
  return view;
}

absl::StatusOr<std::vector<api::View>> CommitPipeline::ReadAll() {
  std::vector<std::string> names;
  {
    MutexLock lock(&mutex_);
    for (const auto& [name, view] : views_) names.push_back(name);
  }
  std::vector<api::View> list;
  list.reserve(names.size());
  for (const std::string& name : names) {
    auto view = WaitForDue(name);
    if (!view.ok()) return view.status();
    list.push_back(*std::move(view));
  }
  return list;
}

bool CommitPipeline::Ready() {
  MutexLock lock(&mutex_);
  return !stopping_ && !read_only_;
}

std::string CommitPipeline::MetricsText() {
  size_t queue_length = 0;
  size_t queue_length_max = options_.queue_length_max;
  bool ready = Ready();
  uint64_t open = 0;
  size_t populations = 0;
  {
    MutexLock lock(&mutex_);
    queue_length = queue_.size();
    populations = views_.size();
    for (const auto& [name, view] : views_) open += view->open_reservations;
  }
  const auto metric = [](std::string_view name, std::string_view type, std::string_view help,
                         unsigned long long value) {
    return Concat("# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n", name, " ", value,
                  "\n");
  };
  return metric("purser_commands_total", "counter", "Commands given to the writer.", commands_) +
         metric("purser_entries_total", "counter", "Journal entries committed.", entries_) +
         metric("purser_groups_total", "counter", "Groups synced to the disk.", groups_) +
         metric("purser_overloaded_total", "counter", "Commands refused by the full queue.",
                overloaded_) +
         metric("purser_commit_failures_total", "counter", "Groups that the disk did not confirm.",
                commit_failures_) +
         metric("purser_queue_length", "gauge", "Commands that wait for the writer.",
                queue_length) +
         metric("purser_queue_length_limit", "gauge", "The most that may wait.", queue_length_max) +
         metric("purser_populations", "gauge", "Populations served.", populations) +
         metric("purser_open_reservations", "gauge", "Reservations granted or active.", open) +
         metric("purser_ready", "gauge", "1 when writes are taken.", ready ? 1 : 0);
}

absl::StatusOr<InstantUs> CommitPipeline::AdvanceClock(std::optional<int64_t> by_us,
                                                       std::optional<InstantUs> to_us) {
  if (options_.test_clock == nullptr) return Refuse(stored::NOT_FOUND, "there is no test clock");
  const int64_t step_us = by_us.value_or(0);
  const bool forward = to_us.has_value() ? options_.test_clock->AdvanceTo(*to_us) : step_us >= 0;
  if (!forward) {
    return RefuseField(stored::INVALID_ARGUMENT, to_us.has_value() ? "to" : "by",
                       "time does not go back");
  }
  const InstantUs target_us = to_us.has_value() ? *to_us : options_.test_clock->Advance(step_us);
  Pending pending;
  EnqueueAndWait(&pending);
  if (!pending.result.status.ok()) return pending.result.status;
  return target_us;
}

}  // namespace purser
