// The commit pipeline's reads: each works on one snapshot of the store and the newest view.
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/commit_pipeline.h"
#include "daemon/pipeline_history.h"
#include "daemon/verify.h"
#include "ledger/refusal.h"
#include "ledger/text.h"

namespace purser {
namespace {

// A group is durable a moment before its view is published; a read that came between waits this
// long.
constexpr int64_t kViewWaitMs = 1'000;

absl::Status NotFound(std::string_view what) {
  return Refuse(stored::NOT_FOUND, Concat("there is no such ", what));
}

}  // namespace

absl::Status CommitPipeline::EnterRead() {
  MutexLock lock(&mutex_);
  if (reads_closed_) return Refuse(stored::READ_ONLY, "the store is being reopened; try again");
  ++reads_;
  return absl::OkStatus();
}

void CommitPipeline::LeaveRead() {
  MutexLock lock(&mutex_);
  if (--reads_ == 0) reads_changed_.NotifyAll();
}

api::View CommitPipeline::WaitForView(std::string_view population, uint64_t sequence) {
  MutexLock lock(&mutex_);
  while (true) {
    const auto it = views_.find(population);
    if (it->second->sequence >= sequence) return it->second;
    if (!views_changed_.WaitFor(&mutex_, kViewWaitMs)) return views_.find(population)->second;
  }
}

absl::StatusOr<api::LookedUp> CommitPipeline::LookUp(const api::PopulationView& view,
                                                     const api::LookUpIds& ids) {
  if (auto status = EnterRead(); !status.ok()) return status;
  absl::StatusOr<api::LookedUp> result =
      History(store_->TakeSnapshot(), view.number, view.directory)
          .LookUp(ids,
                  [&](uint64_t sequence) { return WaitForView(view.name, sequence)->directory; });
  LeaveRead();
  return result;
}

absl::StatusOr<std::vector<Shown>> CommitPipeline::Recall(
    const api::PopulationView& view, const std::vector<stored::Answer>& answers) {
  return WithHistory<std::vector<Shown>>(
      view.name, [&](History& history, const api::View&) { return history.RecallAll(answers); });
}

absl::StatusOr<uint64_t> CommitPipeline::ResolveAsOf(History& history, const api::View& view,
                                                     const api::AsOf& as_of) {
  if (as_of.time_us.has_value()) {
    if (*as_of.time_us > NowUs() && *as_of.time_us > view->time_us) {
      return Refuse(stored::AS_OF_IN_FUTURE, "that time has not come");
    }
    return history.SequenceAt(*as_of.time_us);
  }
  if (*as_of.sequence > view->sequence) {
    return Refuse(stored::AS_OF_IN_FUTURE, Concat("the newest entry is ", view->sequence));
  }
  return *as_of.sequence;
}

// A group carries the time at which it began: while it syncs, entries of a time that has come are
// not there yet. One look through the writer at a later time shows that there are none left. On a
// test clock, which stands still, more may still come at this very instant.
absl::Status CommitPipeline::WaitUntilPast(const api::View& view, const api::AsOf& as_of) {
  constexpr int kTriesMax = 100;  // a clock that stands still for so long is a test's
  if (!as_of.time_us.has_value() || *as_of.time_us > NowUs()) return absl::OkStatus();
  if (*as_of.time_us < view->time_us) return absl::OkStatus();
  Command command;
  command.population = view->name;
  for (int i = 0; i < kTriesMax; ++i) {
    const api::CommandResult result = Submit(command);
    if (!result.status.ok()) return result.status;
    if (result.time_us > *as_of.time_us || has_test_clock()) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<api::ReservationRead> CommitPipeline::FindReservation(const api::View& view,
                                                                     const std::string& id,
                                                                     const api::AsOf& as_of) {
  if (auto status = WaitUntilPast(view, as_of); !status.ok()) return status;
  return WithHistory<api::ReservationRead>(
      view->name,
      [&](History& history, const api::View& now) -> absl::StatusOr<api::ReservationRead> {
        api::ReservationRead read;
        read.directory = now->directory;
        auto meta = history.ReadMeta();
        if (!meta.ok()) return meta.status();
        read.sequence = meta->last_sequence();
        read.lease_shift_us = meta->lease_shift_us();
        absl::StatusOr<std::optional<Reservation>> found = std::optional<Reservation>();
        if (as_of.given()) {
          auto sequence = ResolveAsOf(history, now, as_of);
          if (!sequence.ok()) return sequence.status();
          read.sequence = *sequence;
          auto version = history.PopulationAsOf(*sequence);
          if (!version.ok()) return version.status();
          if (version->has_value()) read.lease_shift_us = (*version)->lease_shift_us();
          found = history.ReservationAsOf(id, *sequence);
        } else {
          found = history.FindReservation(id);
        }
        if (!found.ok()) return found.status();
        read.reservation = *std::move(found);
        if (!read.reservation.has_value()) return read;
        const stored::ReservationState state = read.reservation->state;
        const bool is_later = state == stored::STATE_QUEUED || state == stored::STATE_SCHEDULED;
        if (is_later && !as_of.given()) {
          ReturnSchedule::Steps steps{kOutlookStepsMax};
          auto waits = ExplainQueued(now, *read.reservation, &steps);
          if (!waits.ok()) return read;  // it does not wait any more
          const bool starts_in_time = state == stored::STATE_SCHEDULED &&
                                      waits->refusal.reason() == stored::REASON_UNSPECIFIED;
          if (!starts_in_time) read.waits = *std::move(waits);
          if (state == stored::STATE_SCHEDULED) return read;
          auto first = history.FindRefusal(*read.reservation, read.sequence);
          if (!first.ok()) return first.status();
          if (first->refusal.has_explanation()) read.first_told = first->refusal.explanation();
          return read;
        }
        if (state != stored::STATE_DENIED && state != stored::STATE_QUEUED) return read;
        auto told = history.FindRefusal(*read.reservation, read.sequence);
        if (!told.ok()) return told.status();
        if (state == stored::STATE_QUEUED) {
          read.waits.emplace();
          read.waits->explanation = told->refusal.explanation();
          read.waits->refusal = std::move(told->refusal);
          return read;
        }
        read.denied = std::move(told->refusal);
        read.denied_request_id = std::move(told->request_id);
        return read;
      });
}

absl::StatusOr<api::Page<Reservation>> CommitPipeline::ListReservations(
    const api::View& view, const api::ReservationFilter& filter, const api::PageRequest& page) {
  return WithHistory<api::Page<Reservation>>(view->name, [&](History& history, const api::View&) {
    return history.ListReservations(filter, page);
  });
}

absl::StatusOr<api::Page<stored::ChargeRecord>> CommitPipeline::ListCharges(
    const api::View& view, api::Posted posted, const std::string& reservation,
    const api::PageRequest& page) {
  return WithHistory<api::Page<stored::ChargeRecord>>(
      view->name, [&](History& history, const api::View&) {
        return history.ListCharges(posted, reservation, page);
      });
}

absl::StatusOr<api::ModelRead> CommitPipeline::FindModel(const api::View& view,
                                                         const std::string& id,
                                                         const api::AsOf& as_of) {
  if (auto status = WaitUntilPast(view, as_of); !status.ok()) return status;
  return WithHistory<api::ModelRead>(
      view->name, [&](History& history, const api::View& now) -> absl::StatusOr<api::ModelRead> {
        api::ModelRead read;
        read.view = now;
        read.sequence = now->sequence;
        if (as_of.given()) {
          auto sequence = ResolveAsOf(history, now, as_of);
          if (!sequence.ok()) return sequence.status();
          read.sequence = *sequence;
        }
        auto found = as_of.given() ? history.ModelAsOf(id, read.sequence) : history.FindModel(id);
        if (!found.ok()) return found.status();
        read.model = *std::move(found);
        return read;
      });
}

absl::StatusOr<api::Page<ModelRecord>> CommitPipeline::ListModels(const api::View& view,
                                                                  const api::ModelFilter& filter,
                                                                  const api::PageRequest& page) {
  return WithHistory<api::Page<ModelRecord>>(view->name, [&](History& history, const api::View&) {
    return history.ListModels(filter, page);
  });
}

absl::StatusOr<api::ModelsRead> CommitPipeline::ReadModels(const api::View& view,
                                                           const api::AsOf& as_of) {
  if (!as_of.given()) {
    return follower_.ReadModels(view->name, options_.sequencer.policy.models.coverage_minimum);
  }
  if (auto status = WaitUntilPast(view, as_of); !status.ok()) return status;
  return WithHistory<api::ModelsRead>(
      view->name, [&](History& history, const api::View& now) -> absl::StatusOr<api::ModelsRead> {
        auto sequence = ResolveAsOf(history, now, as_of);
        if (!sequence.ok()) return sequence.status();
        auto active = history.ActiveAsOf(*sequence);
        if (!active.ok()) return active.status();
        api::ModelsRead read;
        read.sequence = *sequence;
        read.view = now;
        read.summary.active.assign(active->begin(), active->end());
        return read;
      });
}

absl::StatusOr<api::ProposalRead> CommitPipeline::FindProposal(const api::View& view,
                                                               const std::string& id) {
  return follower_.ReadProposal(view->name, id, NowUs());
}

absl::StatusOr<api::Page<ProposalPicture>> CommitPipeline::ListProposals(
    const api::View& view, const api::ProposalFilter& filter, const api::PageRequest& page) {
  return follower_.ListProposals(view->name, filter, page);
}

absl::StatusOr<api::ProposersRead> CommitPipeline::ReadProposers(const api::View& view) {
  return follower_.ReadProposers(view->name);
}

absl::StatusOr<api::ApprovalsRead> CommitPipeline::ReadApprovals(const api::View& view,
                                                                 size_t requests) {
  return WithHistory<api::ApprovalsRead>(
      view->name,
      [&](History& history, const api::View& now) -> absl::StatusOr<api::ApprovalsRead> {
        auto approvals = history.ListApprovals();
        if (!approvals.ok()) return approvals.status();
        return api::ApprovalsRead{*std::move(approvals),
                                  follower_.ListUnapproved(view->name, requests, NowUs()),
                                  now->sequence};
      });
}

absl::StatusOr<api::Page<stored::Debt>> CommitPipeline::ListDebts(const api::View& view,
                                                                  const api::PageRequest& page) {
  return WithHistory<api::Page<stored::Debt>>(
      view->name, [&](History& history, const api::View&) { return history.ListDebts(page); });
}

absl::StatusOr<api::ResourcesRead> CommitPipeline::ReadResources(const api::View& view,
                                                                 const api::AsOf& as_of) {
  api::ResourcesRead read;
  if (!as_of.given()) {
    read.sequence = view->sequence;
    read.population = view->settings;
    for (const auto& [name, resource] : view->resources) read.resources.push_back(*resource);
    return read;
  }
  if (auto status = WaitUntilPast(view, as_of); !status.ok()) return status;
  return WithHistory<api::ResourcesRead>(
      view->name,
      [&](History& history, const api::View& now) -> absl::StatusOr<api::ResourcesRead> {
        auto sequence = ResolveAsOf(history, now, as_of);
        if (!sequence.ok()) return sequence.status();
        read.sequence = *sequence;
        auto version = history.PopulationAsOf(*sequence);
        if (!version.ok()) return version.status();
        if (!version->has_value()) return NotFound("population at that time");
        read.population =
            std::make_shared<const stored::PopulationSettings>((*version)->settings());
        auto resources = history.ResourcesAsOf(*sequence);
        if (!resources.ok()) return resources.status();
        read.resources = *std::move(resources);
        return read;
      });
}

absl::StatusOr<api::Page<api::StoredEntry>> CommitPipeline::ListEntries(
    const api::View& view, const api::PageRequest& page) {
  return WithHistory<api::Page<api::StoredEntry>>(
      view->name, [&](History& history, const api::View&) { return history.ListEntries(page); });
}

absl::StatusOr<std::optional<api::StoredEntry>> CommitPipeline::FindEntry(const api::View& view,
                                                                          uint64_t sequence) {
  return WithHistory<std::optional<api::StoredEntry>>(
      view->name,
      [&](History& history, const api::View&) { return history.FindStoredEntry(sequence); });
}

absl::StatusOr<std::vector<api::StoredEntry>> CommitPipeline::ReadEntries(const api::View& view,
                                                                          uint64_t first) {
  return WithHistory<std::vector<api::StoredEntry>>(
      view->name, [&](History& history, const api::View&) { return history.ReadEntries(first); });
}

absl::StatusOr<std::set<std::string>> CommitPipeline::TouchedReservations(const api::View& view,
                                                                          uint64_t after) {
  return WithHistory<std::set<std::string>>(
      view->name, [&](History& history, const api::View&) -> absl::StatusOr<std::set<std::string>> {
        std::set<std::string> touched;
        auto status = history.ForEachEntry(after + 1, [&](const History::Visited& visited) {
          for (const auto& fact : visited.entry.reservation_facts()) {
            touched.emplace(ReservationIdOf(fact));
          }
          return true;
        });
        if (!status.ok()) return status;
        return touched;
      });
}

absl::StatusOr<api::VerifyResult> CommitPipeline::Verify(const api::View& view) {
  if (auto status = EnterRead(); !status.ok()) return status;
  // It may take minutes, and the store cannot be reopened before the last reader is gone.
  const auto abandon = [this] {
    MutexLock lock(&mutex_);
    return reads_closed_;
  };
  std::optional<api::VerifyResult> result =
      VerifyPopulation(store_->TakeSnapshot().get(), view->number, abandon);
  LeaveRead();
  if (!result.has_value()) {
    return Refuse(stored::READ_ONLY, "the store is being reopened; try again");
  }
  return *std::move(result);
}

namespace {

// The id of the reservation that stands at this place among those the entry grants (ExpiryKey);
// empty: none.
std::string_view FindGranted(const stored::Entry& entry, uint32_t index) {
  uint32_t made = 0;
  uint32_t grants = kQueueGrantIndex;
  for (const auto& fact : entry.reservation_facts()) {
    if (fact.has_granted() && ++grants == index) return ReservationIdOf(fact);
    if (MakesReservation(fact) && made++ == index) return ReservationIdOf(fact);
  }
  return {};
}

// Where a page of the queue ended.
std::string WriteQueueToken(const QueueKey& key) {
  return absl::StrJoin(std::tuple(key.notice_order, key.order_us, key.create_time_us,
                                  key.create_sequence, key.create_index),
                       ".");
}

std::optional<QueueKey> ReadQueueToken(std::string_view token) {
  const std::vector<absl::string_view> parts = absl::StrSplit(ToAbsl(token), '.');
  QueueKey key;
  const bool is_one = parts.size() == 5 && absl::SimpleAtoi(parts[0], &key.notice_order) &&
                      absl::SimpleAtoi(parts[1], &key.order_us) &&
                      absl::SimpleAtoi(parts[2], &key.create_time_us) &&
                      absl::SimpleAtoi(parts[3], &key.create_sequence) &&
                      absl::SimpleAtoi(parts[4], &key.create_index);
  return is_one ? std::optional<QueueKey>(key) : std::nullopt;
}

}  // namespace

// The same leases stand in the outlooks and in the whole, and in many explanations of one read: the
// entry of each is read once.
class CommitPipeline::LeaseNamer {
 public:
  LeaseNamer(CommitPipeline* pipeline, const api::View& view) : pipeline_(pipeline), view_(view) {}

  absl::Status Name(stored::Explanation* explanation) {
    for (auto& outlook : *explanation->mutable_outlooks()) {
      if (auto status = NameAll(outlook.mutable_assumptions()); !status.ok()) return status;
    }
    return NameAll(explanation->mutable_assumptions());
  }

 private:
  using Assumptions = google::protobuf::RepeatedPtrField<stored::Explanation::Assumption>;
  absl::Status NameAll(Assumptions* assumptions) {
    for (auto& assumption : *assumptions) {
      if (assumption.create_sequence() == 0) continue;
      const auto [name, is_new] =
          names_.try_emplace({assumption.create_sequence(), assumption.create_index()});
      if (is_new) {
        const auto entry = pipeline_->FindEntry(view_, assumption.create_sequence());
        if (!entry.ok()) return entry.status();
        if (entry->has_value())
          name->second = FindGranted((*entry)->entry, assumption.create_index());
      }
      assumption.set_name(name->second);
    }
    return absl::OkStatus();
  }

  CommitPipeline* const pipeline_;
  const api::View& view_;
  std::map<std::pair<uint64_t, uint32_t>, std::string> names_;
};

absl::StatusOr<Explained> CommitPipeline::Explain(const api::View& view,
                                                  const RequestReservation& request,
                                                  const std::string& principal,
                                                  ReturnSchedule::Steps* steps) {
  auto explained = follower_.Explain(view->name, request, principal, NowUs(), steps);
  if (!explained.ok()) return explained;
  const auto status = LeaseNamer(this, view).Name(&explained->explanation);
  if (!status.ok()) return status;
  return explained;
}

absl::StatusOr<Explained> CommitPipeline::ExplainQueued(const api::View& view,
                                                        const ReservationPicture& queued,
                                                        ReturnSchedule::Steps* steps) {
  auto explained =
      queued.scheduled()
          ? follower_.ExplainScheduled(view->name, BookingKeyOf(queued), NowUs(), steps)
          : follower_.ExplainQueued(view->name, QueueKeyOf(queued), NowUs(), steps);
  if (!explained.ok()) return explained;
  const auto status = LeaseNamer(this, view).Name(&explained->explanation);
  if (!status.ok()) return status;
  return explained;
}

absl::StatusOr<api::QueueRead> CommitPipeline::ReadQueue(const api::View& view,
                                                         const api::PageRequest& page) {
  std::optional<QueueKey> after;
  if (!page.token.empty()) {
    after = ReadQueueToken(page.token);
    if (!after.has_value()) {
      return RefuseField(stored::INVALID_ARGUMENT, "page_token", "not a token of this list");
    }
  }
  auto read = follower_.ReadQueue(view->name, after, page.size, NowUs());
  if (!read.ok()) return read;
  LeaseNamer namer(this, view);
  for (api::Waiting& each : read->waiting) {
    if (auto status = namer.Name(&each.explained.explanation); !status.ok()) return status;
  }
  if (read->has_more)
    read->next_token = WriteQueueToken(QueueKeyOf(*read->waiting.back().reservation));
  return read;
}

absl::StatusOr<api::CalendarRead> CommitPipeline::ReadCalendar(const api::View& view,
                                                               const api::CalendarQuery& query,
                                                               const api::PageRequest& page) {
  CalendarQuestion question;
  question.resource = query.resource;
  question.from_us = query.from_us.value_or(0);
  question.until_us = query.until_us.value_or(INT64_MAX);
  question.count = page.size;
  if (!page.token.empty()) {
    // The instant of the next step, and whose it is: "instant.name".
    const std::vector<absl::string_view> parts =
        absl::StrSplit(ToAbsl(page.token), absl::MaxSplits('.', 1));
    InstantUs at_us = 0;
    if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &at_us)) {
      return RefuseField(stored::INVALID_ARGUMENT, "page_token", "not a token of this list");
    }
    question.after.emplace(std::string(parts[1]), at_us);
  }
  api::CalendarRead read;
  auto found = follower_.ReadCalendar(view->name, question, NowUs(), &read.sequence);
  if (!found.ok()) return found.status();
  read.steps = std::move(found->steps);
  if (found->next.has_value()) {
    read.next_token = Concat(found->next->second, ".", found->next->first);
  }
  return read;
}

}  // namespace purser
