// Crashes, failed writes, and what is true afterwards.
#include <algorithm>
#include <charconv>

#include "daemon/recovery.h"
#include "daemon/schema.h"
#include "daemon/state_digest.h"
#include "daemon/time_zones.h"
#include "daemon/verify.h"
#include "ledger/text.h"
#include "tests/model/calendar.h"
#include "tests/simulator/difference.h"
#include "tests/simulator/simulator.h"

namespace purser {

using model::Action;
using model::Verb;

namespace {

constexpr int kReopensMax = 4;  // a fault breaks at most two of them

int64_t ReadSignOfLife(JournalStore* store) {
  std::optional<std::string> value;
  const auto snapshot = store->TakeSnapshot();
  if (!snapshot->Get(Table::kMeta, schema::kSignOfLifeKey, &value).ok() || !value) return 0;
  int64_t sign_us = 0;
  std::from_chars(value->data(), value->data() + value->size(), sign_us);
  return sign_us;
}

}  // namespace

std::string Simulator::CheckDigest() {
  StateMachine machine(Policy(), FirstOfNextMonth);
  const auto recovered =
      purser::Recover(subject_.controller().store().TakeSnapshot().get(), &machine);
  if (!recovered.ok()) return recovered.status().ToString();
  const Population* again = machine.Find(SequencerSubject::kPopulation);
  if (again == nullptr) return "the population is not found by a start";
  const std::string before = StateText(subject_.population());
  const std::string after = StateText(*again);
  return before == after ? "" : Concat("a start reads another state:\n", after, "not\n", before);
}

std::string Simulator::CutPower() {
  Log("the power goes");
  ++counts_->crashes;
  if (std::string wrong = CheckDigest(); !wrong.empty()) return wrong;
  return Recover(true, {});
}

std::string Simulator::Recover(bool power_cut, std::vector<Sent> unknown) {
  MemoryController& controller = subject_.controller();
  if (!power_cut) ++counts_->unknowns;
  if (power_cut || workload_.OneIn(4)) controller.Crash();
  if (workload_.OneIn(5))
    controller.breakable().BreakReopens(static_cast<int>(1 + workload_.Pick(2)));
  if (std::string wrong = ReopenStore(); !wrong.empty()) return wrong;
  if (std::string wrong = LearnWhatHappened(&unknown); !wrong.empty()) return wrong;
  if (std::string wrong = OpenAgain(); !wrong.empty()) return wrong;
  if (std::string wrong = CheckState(); !wrong.empty()) return "after the recovery: " + wrong;
  // The clients send again what was not confirmed: an id or a key says what became of it.
  for (const Sent& sent : unknown) {
    if (workload_.OneIn(4)) continue;
    if (std::string wrong = SendOne(sent.action, sent.sending.key); !wrong.empty()) return wrong;
  }
  return "";
}

std::string Simulator::ReopenStore() {
  absl::Status status;
  for (int i = 0; i < kReopensMax; ++i) {
    status = subject_.controller().Reopen();
    if (status.ok()) return "";
    Log(Concat("the store does not open: ", ToStd(status.message())));
  }
  return Concat("the store does not open: ", ToStd(status.message()));
}

// The journal says which of the unconfirmed commands happened: all that was decided for the group,
// or nothing. The model is told.
std::string Simulator::LearnWhatHappened(std::vector<Sent>* unknown) {
  History history = subject_.TakeHistory();
  const auto meta = history.ReadMeta();
  if (!meta.ok()) return meta.status().ToString();
  if (meta->last_sequence() < known_sequence_) {
    return Concat("invariant 6: acknowledged up to ", known_sequence_, ", there is ",
                  meta->last_sequence());
  }
  const bool grew = meta->last_sequence() > known_sequence_;
  std::set<std::string> happened;
  std::set<std::string> due_ids;  // of what was due
  const absl::Status read = history.ForEachEntry(known_sequence_ + 1, [&](const auto& visited) {
    // What explains a denial changes nothing that the model knows.
    const bool explains = visited.entry.command() == stored::EXPLAIN_REQUESTS;
    if (!explains) happened.insert(visited.entry.request_id());
    if (!visited.entry.request_id().empty()) return true;
    for (const auto& fact : visited.entry.reservation_facts()) {
      due_ids.emplace(ReservationIdOf(fact));
    }
    return true;
  });
  if (!read.ok()) return read.ToString();
  for (const std::string& id : happened) {
    const bool asked = id.empty() || std::any_of(unknown->begin(), unknown->end(), [&](auto& sent) {
                         return sent.sending.request_id == id;
                       });
    if (!asked) return "an entry appeared that nobody asked for";
  }
  if (grew) AdvanceModel(subject_.controller().NowUs());
  for (Sent& sent : *unknown) {
    if (!grew || sent.decided) continue;
    if (KeyIsRetained(sent.sending.key)) continue;  // decided as a replay at most
    const bool there = happened.count(sent.sending.request_id) > 0;
    model::Model after = model_;
    const model::Verdict verdict = after.Do(sent.action);
    const bool changed = after.Digest() != model_.Digest();
    // What went stale in the group, by another command, or as what was due met what it names, was
    // to be decided in the next one.
    std::set<std::string> ids;
    CollectIds(sent.action, &ids);
    const bool may_be_stale =
        unknown->size() > 1 || std::any_of(ids.begin(), ids.end(), [&due_ids](const auto& id) {
          return due_ids.contains(id);
        });
    if (there ? !LeftEntry(sent.action, sent.sending.key, verdict) : changed && !may_be_stale) {
      return Concat("the group was kept ", there ? "with " : "without ", sent.sending.request_id);
    }
    if (!there) continue;
    ++counts_->kept;
    model_ = after;
    RememberKey(sent, verdict);
  }
  known_sequence_ = meta->last_sequence();
  Log(Concat("the store opens with ", grew ? "what was not confirmed" : "what was confirmed"));
  return "";
}

std::string Simulator::OpenAgain() {
  MemoryController& controller = subject_.controller();
  // No snapshot may be held while the store opens.
  const auto meta = subject_.TakeHistory().ReadMeta();
  const auto other = controller.TakeHistory("default").ReadMeta();
  if (!meta.ok() || !other.ok()) return "where the journals stand cannot be read";
  const int64_t sign_us = ReadSignOfLife(&controller.store());
  const int64_t stamp_us = std::max(sign_us, meta->last_time_us());
  const int64_t durable_us = std::max(stamp_us, other->last_time_us());
  int64_t clock_us = std::max(controller.clock_us(), model_.NowUs()) +
                     static_cast<int64_t>(workload_.Pick(3 * 3'600)) * kSecondUs;
  // A machine may come up with its clock set back; time goes on from what is durable. The model
  // cannot forget a time that nothing durable witnesses.
  const bool witnessed = durable_us >= model_.NowUs();
  if (witnessed && workload_.OneIn(3)) clock_us = durable_us - 60 * kSecondUs;
  controller.set_clock_us(clock_us);
  // What the catching up grants, out of the queue or as booked, has no more of the downtime that is
  // given back;
  // a start in several attempts gives it back in parts.
  const bool nobody_waits = model_.ListQueue().empty() && model_.state().bookings.empty();
  const int tries =
      nobody_waits && workload_.OneIn(4) ? static_cast<int>(1 + workload_.Pick(3)) : 0;
  absl::Status opened = absl::UnavailableError("not tried yet");
  for (int i = 0; i < tries && !opened.ok(); ++i) {
    // The start itself fails in one of its groups, and is tried again later.
    const bool kept = workload_.OneIn(2);
    const std::string manner = controller.breakable().BreakNextAppend(kept ? 0 : 1);
    Log(Concat("opens at ", model::FormatInstant(clock_us), ", a write fails: ", manner));
    opened = controller.Open();
    if (opened.ok() && !controller.breakable().WorksByItself()) {
      return "a start went well though its writes failed";
    }
    if (opened.ok()) break;
    if (std::string wrong = ReopenStore(); !wrong.empty()) return wrong;
    clock_us += static_cast<int64_t>(workload_.Pick(900)) * kSecondUs;
    controller.set_clock_us(clock_us);
  }
  // What broke a reopening may have met the store's own work, which shows with the next group.
  if (!opened.ok()) opened = controller.Open();
  for (int i = 0; !opened.ok() && i < kReopensMax; ++i) {
    Log(Concat("the start fails: ", ToStd(opened.message())));
    if (std::string wrong = ReopenStore(); !wrong.empty()) return wrong;
    opened = controller.Open();
  }
  if (!opened.ok()) return opened.ToString();
  const int64_t now_us = std::max(clock_us, durable_us);
  Log(Concat("open at ", model::FormatInstant(now_us), ", last sign ",
             model::FormatInstant(stamp_us)));
  Action resume;
  resume.verb = Verb::kResume;
  resume.at_us = stamp_us;
  resume.shift_us = now_us - stamp_us;
  if (resume.shift_us > 0) ++counts_->resumes;
  model_.Do(resume);
  return "";
}

std::string Simulator::CheckEnd() {
  ++steps_;
  std::string digest = CheckDigest();
  if (!digest.empty()) return digest;
  const auto verdicts = Verify(&subject_.controller().store());
  if (!verdicts.ok()) return verdicts.status().ToString();
  for (const PopulationVerdict& verdict : *verdicts) {
    if (!verdict.result.ok) return Concat("verify: ", verdict.name, ": ", verdict.result.detail);
    const bool ours = verdict.name == SequencerSubject::kPopulation;
    if (ours && verdict.result.state_digest_hex != StateDigest(subject_.population())) {
      return "verify has another state digest";
    }
  }
  return past_.Check(subject_);
}

}  // namespace purser
