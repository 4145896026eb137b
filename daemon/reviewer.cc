#include "daemon/reviewer.h"

#include "api/count_budgets.h"
#include "api/propose_review.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr int kLooksAfterAFailure = 60;  // one a second: what failed may fail for long

}  // namespace

Reviewer::Reviewer(ReviewerOptions options, api::Controller* controller, Follower* follower)
    : options_(std::move(options)), controller_(controller), follower_(follower) {}

Reviewer::~Reviewer() { Stop(); }

void Reviewer::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Reviewer::Stop() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    stops_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Reviewer::Run() {
  while (true) {
    {
      MutexLock lock(&mutex_);
      if (!stopping_) stops_.WaitFor(&mutex_, options_.look_ms);
      if (stopping_) return;
    }
    LookAtAll();
  }
}

void Reviewer::LookAtAll() {
  const auto views = controller_->ReadAll();
  if (!views.ok()) return;
  pressed_.merge(follower_->TakePressed());
  for (const api::View& view : *views) LookAt(view);
  CountBudgets(*views);
}

bool Reviewer::IsStopping() const {
  MutexLock lock(&mutex_);
  return stopping_;
}

void Reviewer::CountBudgets(const std::vector<api::View>& views) {
  if (looks_without_counting_ > 0) {
    --looks_without_counting_;
    return;
  }
  if (!controller_->Ready()) return;
  for (const api::View& view : views) {
    const auto status = api::CountBudgets(controller_, view, [this] { return IsStopping(); });
    if (status.ok()) continue;
    looks_without_counting_ = kLooksAfterAFailure;
    options_.log(Concat("event=budgets_not_counted population=", view->name, " error=\"",
                        ToStd(status.message()), "\""));
  }
}

void Reviewer::LookAt(const api::View& view) {
  const InstantUs now_us = controller_->NowUs();
  const auto [last, is_first] = reviewed_us_.try_emplace(view->name, now_us);
  const int64_t since_us = now_us - last->second;
  const bool is_time = options_.interval_us > 0 && since_us >= options_.interval_us;
  const bool helps =
      pressed_.contains(view->name) && (is_first || since_us >= options_.pressure_pause_us);
  if (!is_time && !helps) return;
  last->second = now_us;
  pressed_.erase(view->name);
  const auto reviewed = api::ReviewAndPropose(controller_, view, "", "", false);
  // What could not be done now is due again after the pause.
  if (!reviewed.ok()) pressed_.insert(view->name);
  if (!reviewed.ok() || reviewed->proposed.empty()) return;
  options_.log(
      Concat("event=reviewed population=", view->name, " proposals=", reviewed->proposed.size()));
}

}  // namespace purser
