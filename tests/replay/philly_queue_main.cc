// The jobs of a deep-learning cluster's first week, waiting in line for 400 GPUs: how long they
// wait and how true their first estimate was, beside plain first come, first served. In one
// process, without sockets and disk, on a clock that moves from event to event.
//
//   philly_queue DATA/philly_jobs_2017-10.csv [DAYS [LEASE_FACTOR]]
//
// Leases are LEASE_FACTOR times as long as the jobs run (1 if not given); a job that ends before
// its lease settles. Everybody behind whom nobody waits longer is let pass at once, as the daemon
// does within milliseconds.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <queue>
#include <set>
#include <sstream>

#include "api/submission.h"
#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/subject/action_command.h"
#include "tests/subject/sequencer_subject.h"

namespace purser {
namespace {

constexpr int64_t kGpus = 400;
constexpr int64_t kStartUs = 1'506'816'000 * kSecondUs;  // 2017-10-01
constexpr size_t kPersonsAFamily = 20;
constexpr int64_t kDaySeconds = 86'400;

struct Job {
  std::string id;
  std::string family;
  std::string principal;  // a person of the family: 1,000 requests of one may wait
  InstantUs submit_us = 0;
  int64_t duration_us = 0;
  int64_t gpus = 0;
  InstantUs start_us = 0;
  std::optional<InstantUs> estimate_us;
};

std::vector<Job> ReadJobs(const char* path, int64_t days) {
  std::ifstream in(path);
  PURSER_CHECK(in.good(), "the trace is there");
  std::vector<Job> jobs;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::vector<std::string> parts;
    for (std::string part; std::getline(fields, part, ',');) parts.push_back(part);
    const int64_t submit_s = std::strtoll(parts.at(1).c_str(), nullptr, 10);
    if (submit_s >= days * kDaySeconds) break;
    const int64_t duration_s = std::strtoll(parts.at(2).c_str(), nullptr, 10);
    const int64_t gpus = std::strtoll(parts.at(3).c_str(), nullptr, 10);
    if (gpus == 0 || gpus > kGpus) continue;
    const std::string person = Concat(parts.at(4), ".", jobs.size() % kPersonsAFamily);
    jobs.push_back({"j" + parts.at(0), parts.at(4), person, kStartUs + submit_s * kSecondUs,
                    std::max<int64_t>(1, duration_s) * kSecondUs, gpus, 0, std::nullopt});
  }
  return jobs;
}

// When each would start if nobody ever passed anybody.
std::vector<InstantUs> FirstComeFirstServed(const std::vector<Job>& jobs) {
  using End = std::pair<InstantUs, int64_t>;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends;
  std::vector<InstantUs> starts;
  starts.reserve(jobs.size());
  int64_t free = kGpus;
  InstantUs now_us = 0;
  for (const Job& job : jobs) {
    now_us = std::max(now_us, job.submit_us);
    while (!ends.empty() && (ends.top().first <= now_us || free < job.gpus)) {
      now_us = std::max(now_us, ends.top().first);
      free += ends.top().second;
      ends.pop();
    }
    free -= job.gpus;
    ends.emplace(now_us + job.duration_us, job.gpus);
    starts.push_back(now_us);
  }
  return starts;
}

class Line {
 public:
  Line(std::vector<Job>* jobs, double lease_factor) : jobs_(jobs), lease_factor_(lease_factor) {
    subject_.Reset(kStartUs, {});
    model::Action gpus;
    gpus.verb = model::Verb::kCreateResource;
    gpus.resource = "gpus";
    gpus.settings.capacity = true;
    gpus.settings.amount = kGpus * Amount::kMicrosPerUnit;
    gpus.settings.reserve_amount = 0;
    PURSER_CHECK(subject_.Do(gpus).code.empty(), "the resource is made");
  }

  void Go() {
    for (size_t i = 0; i < jobs_->size(); ++i) {
      AdvanceTo((*jobs_)[i].submit_us);
      Arrive(i);
      LetPass();
      NoteStarts();
    }
    while (!waiting_.empty() || !running_.empty()) {
      const InstantUs next_us = NextEnd();
      PURSER_CHECK(next_us != INT64_MAX, "who waits gets its turn");
      AdvanceTo(next_us);
    }
  }
  size_t longest() const { return longest_; }
  size_t passed() const { return passed_; }

 private:
  InstantUs NextEnd() const {
    const auto due = NextDue(subject_.population());
    const InstantUs due_us = due.has_value() ? due->at_us : INT64_MAX;
    return running_.empty() ? due_us : std::min(due_us, running_.begin()->first);
  }
  void AdvanceTo(InstantUs until_us) {
    for (InstantUs next_us = NextEnd(); next_us <= until_us; next_us = NextEnd()) {
      MoveClock(next_us);
      while (!running_.empty() && running_.begin()->first <= next_us) Settle();
      LetPass();
      NoteStarts();
    }
    MoveClock(until_us);
    NoteStarts();
  }
  void MoveClock(InstantUs to_us) {
    model::Action action;
    action.verb = model::Verb::kAdvance;
    action.at_us = to_us;
    subject_.Do(action);
  }
  void Arrive(size_t i) {
    Job& job = (*jobs_)[i];
    model::Action action;
    action.verb = model::Verb::kReserve;
    action.id = job.id;
    action.purpose = "TRAINING";
    action.principal = job.principal;
    action.labels = {{"operator_family", job.family}};
    action.amounts = {{"gpus", job.gpus * Amount::kMicrosPerUnit}};
    action.lease_us = std::max(
        kSecondUs, static_cast<int64_t>(static_cast<double>(job.duration_us) * lease_factor_));
    action.queue = true;
    action.max_queue_wait_us = 90 * kDayUs;
    Translated translated = Translate(action, "");
    PURSER_CHECK(translated.refusal.empty(), "a job is a request");
    translated.command.population = SequencerSubject::kPopulation;
    api::Submission submission(&subject_.controller(), std::move(translated.command),
                               *translated.request);
    const api::Submitted submitted = submission.Send();
    PURSER_CHECK(submitted.status.ok(), "a job is granted or waits");
    waiting_.emplace(job.id, i);
    const Shown& shown = submitted.shown.front();
    if (shown.waits_for == nullptr) return;
    const stored::Explanation& told = shown.waits_for->explanation();
    if (told.has_earliest_start_us()) job.estimate_us = told.earliest_start_us();
    longest_ = std::max(longest_, subject_.population().reservations.queue().size());
  }
  void LetPass() {
    while (const auto passing = subject_.controller().FindPassing(SequencerSubject::kPopulation)) {
      Command command;
      command.population = SequencerSubject::kPopulation;
      command.body = *passing;
      command.lookup.sequence = subject_.population().last_sequence;
      if (!subject_.controller().Submit(command).status.ok()) return;
      ++passed_;
    }
  }
  void NoteStarts() {
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      Job& job = (*jobs_)[it->second];
      const Reservation* found = subject_.population().reservations.FindOpen(job.id);
      if (found != nullptr && found->queued()) {
        ++it;
        continue;
      }
      PURSER_CHECK(found != nullptr, "what was granted has not ended yet");
      job.start_us = found->grant_time_us;
      if (lease_factor_ != 1) running_.emplace(job.start_us + job.duration_us, it->second);
      it = waiting_.erase(it);
    }
  }
  void Settle() {
    model::Action action;
    action.verb = model::Verb::kSettle;
    const Job& job = (*jobs_)[running_.begin()->second];
    action.id = job.id;
    action.principal = job.principal;
    running_.erase(running_.begin());
    PURSER_CHECK(subject_.Do(action).code.empty(), "what runs is settled");
  }

  std::vector<Job>* const jobs_;
  const double lease_factor_;
  SequencerSubject subject_;
  std::map<std::string, size_t> waiting_;
  std::multimap<InstantUs, size_t> running_;  // by end, where that is not the lease's
  size_t longest_ = 0;
  size_t passed_ = 0;
};

void Print(const char* what, std::vector<int64_t> values) {
  std::sort(values.begin(), values.end());
  std::printf("%-34s %6zu", what, values.size());
  double sum = 0;
  for (const int64_t value : values) sum += static_cast<double>(value);
  for (const double quantile : {0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0}) {
    const auto at = static_cast<size_t>(quantile * static_cast<double>(values.size() - 1));
    std::printf(" %9.2f", static_cast<double>(values[at]) / 3.6e9);
  }
  std::printf(" %9.2f\n", sum / static_cast<double>(values.size()) / 3.6e9);
}

int Run(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: philly_queue TRACE [DAYS [LEASE_FACTOR]]\n");
    return 2;
  }
  const int64_t days = argc > 2 ? std::strtoll(argv[2], nullptr, 10) : 7;
  const double factor = argc > 3 ? std::strtod(argv[3], nullptr) : 1;
  std::vector<Job> jobs = ReadJobs(argv[1], days);
  Line line(&jobs, factor);
  line.Go();
  const std::vector<InstantUs> plain = FirstComeFirstServed(jobs);
  std::vector<int64_t> waits;
  std::vector<int64_t> plain_waits;
  std::vector<int64_t> errors;
  for (size_t i = 0; i < jobs.size(); ++i) {
    waits.push_back(jobs[i].start_us - jobs[i].submit_us);
    plain_waits.push_back(plain[i] - jobs[i].submit_us);
    if (jobs[i].estimate_us.has_value()) errors.push_back(jobs[i].start_us - *jobs[i].estimate_us);
  }
  std::printf(
      "%zu jobs of %lld days on %lld GPUs, leases %.1f times as long as they run; at most "
      "%zu waited, %zu were let pass\n",
      jobs.size(), static_cast<long long>(days), static_cast<long long>(kGpus), factor,
      line.longest(), line.passed());
  std::printf("%-34s %6s %9s %9s %9s %9s %9s %9s %9s %9s\n", "hours", "jobs", "p5", "p25", "p50",
              "p75", "p95", "p99", "most", "mean");
  Print("wait", waits);
  Print("wait, first come, first served", plain_waits);
  if (!errors.empty()) Print("start later than the first estimate", errors);
  return 0;
}

}  // namespace
}  // namespace purser

int main(int argc, char** argv) { return purser::Run(argc, argv); }
