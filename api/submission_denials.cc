// Denials are answered with what would help, and who waits with when and why.
#include <algorithm>
#include <map>
#include <utility>

#include "api/submission.h"
#include "lifecycle/explanation.h"
#include "reservations/reservations_draft.h"

namespace purser::api {
namespace {

// Of explanations that go into one entry, which may have 1 MiB.
constexpr size_t kExplainedBytesMax = 256 << 10;
// Each further try finds that somebody else explained one of the same denials meanwhile.
constexpr char kUntold[] =
    "it was denied, but the explanation is not recorded yet; send it again with the same id or key";

bool IsUnexplained(const Refusal& refusal) {
  return IsDenial(refusal.reason()) && !refusal.has_explanation();
}

bool IsUnexplained(const Shown& shown) {
  return shown.waits_for != nullptr && shown.reservation->queued() &&
         !shown.waits_for->has_explanation();
}

void SetExplanation(const stored::Explanation& explanation, absl::Status* status, Shown* waits) {
  Refusal refusal = waits != nullptr ? *waits->waits_for : RefusalOf(*status);
  *refusal.mutable_explanation() = explanation;
  if (waits == nullptr) {
    *status = Refuse(refusal);
  } else {
    waits->waits_for = std::make_shared<const Refusal>(std::move(refusal));
  }
}

}  // namespace

const std::string& Submission::IdOf(const Unexplained& denial) {
  return denial.waits != nullptr ? denial.waits->reservation->id : denial.request->id;
}

std::vector<Submission::Unexplained> Submission::FindUnexplained(Submitted* submitted) const {
  std::vector<Unexplained> found;
  const auto sequence_of = [submitted](size_t i) -> uint64_t {
    if (i >= submitted->shown.size()) return 0;
    const stored::Answer& answer = submitted->shown[i].answer;
    return answer.kind() == stored::Answer::DENIAL ? answer.sequence() : 0;
  };
  if (const auto* request = std::get_if<RequestReservation>(&command_.body)) {
    if (submitted->status.ok() && submitted->shown.size() == 1 &&
        IsUnexplained(submitted->shown[0])) {
      Shown* const shown = submitted->shown.data();
      found.push_back({&submitted->status, shown, request, shown->answer.sequence(), true});
      return found;
    }
    if (submitted->status.ok() || !IsUnexplained(RefusalOf(submitted->status))) return found;
    found.push_back({&submitted->status, nullptr, request, sequence_of(0), true});
    return found;
  }
  const auto* batch = std::get_if<Batch>(&command_.body);
  if (batch == nullptr) return found;
  const auto look = [&](absl::Status* status, size_t i, size_t shown, bool stands_alone) {
    if (status->ok() || !IsUnexplained(RefusalOf(*status)) || i >= batch->members.size()) return;
    const BatchMember& member = batch->members[i];
    const auto* request = std::get_if<RequestReservation>(&member.operation);
    if (request == nullptr) return;
    uint64_t sequence = sequence_of(shown);
    if (sequence == 0 && member.replay.has_value()) sequence = member.replay->sequence();
    found.push_back({status, nullptr, request, sequence, stands_alone});
  };
  const auto look_at_waiting = [&](size_t i, bool stands_alone) {
    if (i >= submitted->shown.size() || !IsUnexplained(submitted->shown[i])) return;
    const auto* request = std::get_if<RequestReservation>(&batch->members[i].operation);
    Shown* const shown = &submitted->shown[i];
    absl::Status* const status =
        i < submitted->member_status.size() ? &submitted->member_status[i] : &submitted->status;
    found.push_back({status, shown, request, shown->answer.sequence(), stands_alone});
  };
  if (!submitted->status.ok()) {
    const uint32_t member = RefusalOf(submitted->status).member();
    look(&submitted->status, member, 0, batch->members.size() == 1);
    return found;
  }
  if (batch->atomic) {
    const bool stands_alone = !command_.dry_run || batch->members.size() == 1;
    for (size_t i = 0; i < submitted->shown.size(); ++i) look_at_waiting(i, stands_alone);
    return found;
  }
  // In a dry run the follower knows nothing of what the members before it would have done.
  bool stands_alone = true;
  for (size_t i = 0; i < submitted->member_status.size(); ++i) {
    look(&submitted->member_status[i], i, i, stands_alone);
    if (submitted->member_status[i].ok()) look_at_waiting(i, stands_alone);
    if (command_.dry_run && submitted->member_status[i].ok()) stands_alone = false;
  }
  return found;
}

absl::StatusOr<Explained> Submission::AskWhy(const View& view, const Unexplained& denial,
                                             ReturnSchedule::Steps* steps) {
  if (denial.waits == nullptr || command_.dry_run) {
    return controller_->Explain(view, *denial.request, command_.caller.principal, steps);
  }
  auto explained = controller_->ExplainQueued(view, *denial.waits->reservation, steps);
  if (explained.ok() || RefusalOf(explained.status()).reason() != stored::NOT_FOUND) {
    return explained;
  }
  // It was granted meanwhile, or has given up.
  Explained gone;
  gone.refusal = *denial.waits->waits_for;
  gone.explanation.set_sequence(view->sequence);
  gone.explanation.set_time_us(view->time_us);
  return gone;
}

bool Submission::Explain(const Unexplained& denial, ReturnSchedule::Steps* steps, Refusal* judged) {
  const View view = controller_->Peek(command_.population);
  // When one that waits is granted is planned for all of them at once.
  if (denial.stands_alone && (steps->left > 0 || denial.waits != nullptr)) {
    auto explained = AskWhy(view, denial, steps);
    if (explained.ok()) {
      *judged = std::move(explained->refusal);
      stored::Explanation& explanation = *judged->mutable_explanation();
      explanation = std::move(explained->explanation);
      if (judged->reason() != stored::REASON_UNSPECIFIED || denial.waits != nullptr) return true;
      // What was in the way is gone by now.
      stored::Explanation::Remedy& again = *explanation.add_remedies();
      again.set_kind(stored::Explanation::Remedy::WAIT);
      again.set_until_us(explanation.earliest_start_us());
      return true;
    }
    const Reason reason = RefusalOf(explained.status()).reason();
    if (reason == stored::READ_ONLY || reason == stored::INTERNAL) return false;
  }
  // Nothing is known of it: the steps are used up, what its batch does before it is not on the
  // follower, or a resource is there no more.
  *judged = denial.waits != nullptr ? *denial.waits->waits_for : RefusalOf(*denial.status);
  judged->mutable_explanation()->set_sequence(view->sequence);
  judged->mutable_explanation()->set_time_us(view->time_us);
  return true;
}

bool Submission::TryToRecord(std::vector<Unexplained>* denials,
                             std::vector<stored::RequestExplained>* explained) {
  Command command;
  command.population = command_.population;
  command.caller = command_.caller;
  command.request_id = command_.request_id;
  command.traceparent = command_.traceparent;
  // A denial of this command was explained by nobody before its entry, an older one by nobody that
  // the look-up saw.
  command.lookup.sequence = command_.lookup.sequence;
  for (int i = 0; i < kStaleTriesMax && !explained->empty(); ++i) {
    command.body = ExplainRequests{std::move(*explained)};
    const CommandResult result = controller_->Submit(command);
    if (!result.status.ok()) return false;
    if (!result.stale) return true;
    *explained = std::move(std::get<ExplainRequests>(command.body).explained);
    const View view = controller_->Peek(command_.population);
    command.lookup.sequence = view->sequence;
    std::vector<stored::Answer> answers(denials->size());
    for (size_t j = 0; j < denials->size(); ++j) {
      const bool waits = (*denials)[j].waits != nullptr;
      answers[j].set_kind(waits ? stored::Answer::RESERVATION : stored::Answer::DENIAL);
      answers[j].set_id(IdOf((*denials)[j]));
      answers[j].set_sequence((*denials)[j].sequence);
    }
    const auto recalled = controller_->Recall(*view, answers);
    if (!recalled.ok()) return false;
    // What somebody else explained meanwhile is answered as they did.
    size_t left = 0;
    for (size_t j = 0; j < denials->size(); ++j) {
      const Shown& shown = (*recalled)[j];
      const Refusal& refusal = shown.waits_for ? *shown.waits_for : shown.answer.refusal();
      if (refusal.has_explanation()) {
        SetExplanation(refusal.explanation(), (*denials)[j].status, (*denials)[j].waits);
        continue;
      }
      std::swap((*denials)[left], (*denials)[j]);
      std::swap((*explained)[left++], (*explained)[j]);
    }
    denials->resize(left);
    explained->resize(left);
  }
  return explained->empty();
}

void Submission::RecordExplanations(std::vector<Unexplained> denials,
                                    std::vector<stored::RequestExplained> explained) {
  if (TryToRecord(&denials, &explained)) return;
  // What was decided is durable; the answer to it is not yet.
  for (const Unexplained& denial : denials)
    *denial.status = Refuse(stored::COMMIT_UNKNOWN, kUntold);
}

void Submission::ExplainDenials(Submitted* submitted) {
  const std::vector<Unexplained> denials = FindUnexplained(submitted);
  if (denials.empty()) return;
  ReturnSchedule::Steps steps{kOutlookStepsMax};
  // Several members may be answered by the same denial.
  std::map<std::pair<uint64_t, std::string>, const Unexplained*> first_of;
  std::vector<std::pair<const Unexplained*, const Unexplained*>> same;
  std::vector<Unexplained> recorded;
  std::vector<stored::RequestExplained> explained;
  size_t bytes = 0;
  for (const Unexplained& denial : denials) {
    if (denial.sequence != 0) {
      const auto [first, is_new] = first_of.try_emplace({denial.sequence, IdOf(denial)}, &denial);
      if (!is_new) {
        same.emplace_back(first->second, &denial);
        continue;
      }
    }
    Refusal judged;
    if (!Explain(denial, &steps, &judged)) {
      *denial.status = Refuse(stored::COMMIT_UNKNOWN, kUntold);
      continue;
    }
    SetExplanation(judged.explanation(), denial.status, denial.waits);
    if (denial.sequence == 0 || command_.dry_run) continue;
    // What one entry decided is explained by one entry.
    const bool is_another = !recorded.empty() && recorded.back().sequence != denial.sequence;
    if (is_another && bytes >= kExplainedBytesMax) {
      RecordExplanations(std::exchange(recorded, {}), std::exchange(explained, {}));
      bytes = 0;
    }
    recorded.push_back(denial);
    stored::RequestExplained& each = explained.emplace_back();
    each.set_denied_sequence(denial.sequence);
    each.set_id(IdOf(denial));
    *each.mutable_refusal() = std::move(judged);
    bytes += each.ByteSizeLong();
  }
  RecordExplanations(std::move(recorded), std::move(explained));
  for (const auto& [from, to] : same) {
    *to->status = *from->status;
    if (from->waits != nullptr && to->waits != nullptr)
      to->waits->waits_for = from->waits->waits_for;
  }
}

}  // namespace purser::api
