#include "tests/simulator/simulator.h"

#include <algorithm>

#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/model/calendar.h"
#include "tests/simulator/difference.h"
#include "tests/subject/action_command.h"

namespace purser {

using model::Action;
using model::Verb;

namespace {

constexpr int64_t kStartUs = 1'769'767'200'000'000;  // 2026-01-30T10:00:00Z
constexpr size_t kLoggedMax = 60;                    // lines of a report
constexpr uint64_t kFullCheckEvery = 25;             // steps
constexpr uint64_t kDigestCheckEvery = 20;

Action AdvanceTo(int64_t at_us) {
  Action action;
  action.verb = Verb::kAdvance;
  action.at_us = at_us;
  return action;
}

// A batch does not always say of a member's denial that it is an old one.
model::Verdict WithoutOldDenials(model::Verdict verdict) {
  for (model::Verdict& result : verdict.results) {
    if (IsDenial(result)) result.replayed = false;
  }
  return verdict;
}

}  // namespace

void CollectIds(const Action& action, std::set<std::string>* ids) {
  if (!action.id.empty()) ids->insert(action.id);
  for (const Action& member : action.members) CollectIds(member, ids);
}

bool IsDenial(const model::Verdict& verdict) { return !verdict.reasons.empty(); }

// What became of it, or of one of its members, nobody knows.
bool IsUnknown(const model::Verdict& verdict) {
  return verdict.code == "commit_unknown" ||
         std::any_of(verdict.results.begin(), verdict.results.end(), IsUnknown);
}

// Itself or one of its members.
bool IsDenied(const model::Verdict& verdict) {
  return IsDenial(verdict) ||
         std::any_of(verdict.results.begin(), verdict.results.end(),
                     [](const model::Verdict& each) { return IsDenial(each); });
}

// Answered behind a second entry, which says why.
bool IsExplained(const model::Verdict& verdict) {
  return IsDenied(verdict) || verdict.queued ||
         std::any_of(verdict.results.begin(), verdict.results.end(),
                     [](const model::Verdict& each) { return each.queued; });
}

bool LeftEntry(const Action& action, const std::string& key, const model::Verdict& verdict) {
  if (verdict.replayed) return false;
  const auto recorded_denial = [&key](const Action& asked, const model::Verdict& said) {
    return IsDenial(said) && !said.replayed && !(asked.id.empty() && key.empty());
  };
  const bool may_be_denied = action.verb == Verb::kReserve;
  if (action.verb != Verb::kBatch) {
    return verdict.code.empty() || (may_be_denied && recorded_denial(action, verdict));
  }
  if (action.atomic && verdict.code.empty()) return true;  // also when all of it was a replay
  for (size_t i = 0; i < verdict.results.size(); ++i) {
    const model::Verdict& each = verdict.results[i];
    const bool took_effect = !action.atomic && each.code.empty() && !each.replayed;
    if (took_effect || recorded_denial(action.members[i], each)) return true;
  }
  return false;
}

Simulator::Simulator(uint64_t seed, SimulationCounts* counts)
    : Simulator(seed, counts, [] { return std::make_unique<BreakableMemoryStore>(); }) {}

Simulator::Simulator(uint64_t seed, SimulationCounts* counts,
                     SequencerSubject::MakeStore make_store)
    : subject_(std::move(make_store)), workload_(seed, &model_), counts_(counts) {
  const std::vector<std::string> labels = {"capability", "operator_family"};
  subject_.Reset(kStartUs, labels);
  model_.Reset(kStartUs, labels);
  model_.CountStays();
  for (const Action& action : workload_.Foundation()) {
    PURSER_CHECK(subject_.Do(action).code.empty() && model_.Do(action).code.empty(),
                 "the foundation of the world is laid");
  }
  known_sequence_ = subject_.population().last_sequence;
  past_.Remember(known_sequence_, model_);
}

void Simulator::Log(const std::string& line) {
  log_.push_back(Concat(steps_, " ", model::FormatInstant(model_.NowUs()), " ", line));
  if (log_.size() > kLoggedMax) log_.erase(log_.begin());
}

std::string Simulator::Run(int steps) {
  std::string wrong;
  for (int i = 0; i < steps && wrong.empty(); ++i) {
    ++steps_;
    if (const std::string what = subject_.controller().breakable().Befall(); !what.empty()) {
      Log(what);
    }
    wrong = Step();
    if (wrong.empty()) wrong = CheckState();
  }
  if (wrong.empty()) wrong = CheckEnd();
  counts_->entries += known_sequence_;
  if (wrong.empty()) return "";
  std::string report;
  for (const std::string& line : log_) report += line + "\n";
  return report + Concat("step ", steps_, ": ", wrong);
}

std::string Simulator::Step() {
  const uint64_t kind = workload_.Pick(100);
  if (kind < 13) return MoveClock();
  if (kind < 15) return LeaveSignOfLife();
  if (kind < 17) return CutPower();
  if (kind < 20) return SendIntoFault();
  if (kind < 28) return SendGroup(2 + workload_.Pick(3));
  if (kind < 31) return SendDryRun();
  if (kind < 34) return SendKeyAgain();
  const Action action = workload_.Next();
  return SendOne(action, workload_.OneIn(7) ? Concat("k", next_request_) : "");
}

void Simulator::AdvanceModel(int64_t at_us) {
  if (at_us > model_.NowUs()) model_.Do(AdvanceTo(at_us));
}

std::string Simulator::MoveClock() {
  MemoryController& controller = subject_.controller();
  const int64_t step_us = workload_.ClockStepUs();
  int64_t clock_us = controller.clock_us() + step_us;
  const auto due = NextDue(subject_.population());
  if (step_us > 0 && due.has_value() && workload_.OneIn(3)) {
    clock_us = due->at_us - (workload_.OneIn(2) ? 1 : 0);
  }
  controller.set_clock_us(clock_us);
  Log(Concat("the clock shows ", model::FormatInstant(clock_us)));
  // A day of denials may have been forgotten: both look at once.
  if (!workload_.OneIn(3) && step_us < kDayUs) return "";
  if (!controller.CommitAllDue()) return MeetFault();
  AdvanceModel(controller.NowUs());
  return "";
}

std::string Simulator::LeaveSignOfLife() {
  Log("a sign of life");
  if (!subject_.controller().SignOfLife()) return MeetFault();
  AdvanceModel(subject_.controller().NowUs());
  return "";
}

std::string Simulator::MeetFault() {
  Log(Concat("  not confirmed: ", subject_.controller().store().LastError()));
  return Recover(false, {});
}

Simulator::Sent Simulator::MakeSent(const Action& action, const std::string& key) {
  Sent sent;
  sent.action = action;
  sent.sending.key = TakesKey(action.verb) ? key : "";
  sent.sending.request_id = Concat("q", next_request_++);
  CollectIds(action, &touched_);
  ++counts_->commands;
  Log(Concat(sent.sending.request_id, key.empty() ? "" : " key ", key, " ",
             model::ToString(action)));
  return sent;
}

std::string Simulator::SendOne(const Action& action, const std::string& key) {
  std::vector<Sent> sent;
  sent.push_back(MakeSent(action, key));
  return Send(std::move(sent));
}

std::string Simulator::SendGroup(uint64_t size) {
  std::vector<Sent> sent;
  for (uint64_t i = 0; i < size; ++i) {
    Action action = workload_.Next();
    // It names a freeze, or an approval, by its id, or a budget by the entry that made it, which
    // one of the same group does not have yet.
    const auto names_id = [](Verb verb) {
      return verb == Verb::kUnfreeze || verb == Verb::kApprove || verb == Verb::kReject ||
             verb == Verb::kCountBudget;
    };
    while (names_id(action.verb)) action = workload_.Next();
    sent.push_back(MakeSent(action, workload_.OneIn(9) ? Concat("k", next_request_) : ""));
  }
  // The same request from two clients at once.
  if (workload_.OneIn(3)) sent.push_back(MakeSent(sent[0].action, sent[0].sending.key));
  ++counts_->shared_groups;
  return Send(std::move(sent));
}

std::string Simulator::SendIntoFault() {
  Log(Concat("the next write fails: ",
             subject_.controller().breakable().BreakNextAppend(workload_.Pick(3))));
  const uint64_t failures = counts_->unknowns;
  std::string wrong =
      workload_.OneIn(2)
          ? SendGroup(2)
          : SendOne(workload_.Next(), workload_.OneIn(2) ? Concat("k", next_request_) : "");
  if (!wrong.empty() || counts_->unknowns > failures) return wrong;
  // Nothing was written: the fault meets a sign of life.
  if (!subject_.controller().SignOfLife()) return Recover(false, {});
  if (!subject_.controller().breakable().WorksByItself())
    return "a write went well though it failed";
  AdvanceModel(subject_.controller().NowUs());
  return "";
}

std::string Simulator::SendDryRun() {
  const Action action = workload_.Next();
  Sent sent = MakeSent(action, "");
  sent.sending.dry_run = true;
  Log("  a dry run");
  MemoryController& controller = subject_.controller();
  controller.ForgetDecided();
  sent.verdict = subject_.Do(sent.action, sent.sending);
  if (!controller.writable()) return MeetFault();
  controller.NoteAnswered(sent.sending.request_id);
  if (controller.decided().front().met_writer) AdvanceModel(controller.NowUs());
  ++counts_->dry_runs;
  model::Model copy = model_;
  return Judge(sent, copy.Do(sent.action));
}

bool Simulator::KeyIsRetained(const std::string& key) const {
  const auto used = keys_.find(key);
  return used != keys_.end() &&
         used->second.time_us + subject_.controller().idempotency_retention_us() >
             subject_.controller().NowUs();
}

std::string Simulator::SendKeyAgain() {
  if (keys_.empty()) return "";
  auto used = keys_.begin();
  std::advance(used, static_cast<std::ptrdiff_t>(workload_.Pick(keys_.size())));
  Action action = used->second.action;
  if (!workload_.OneIn(4)) return SendOne(action, used->first);
  // Another request of the same principal.
  action = Action();
  action.verb = Verb::kRelease;
  action.id = "nobody";
  action.principal = used->second.action.principal;
  action.admin = used->second.action.admin;
  return SendOne(action, used->first);
}

std::string Simulator::Send(std::vector<Sent> sent) {
  MemoryController& controller = subject_.controller();
  controller.ForgetDecided();
  const auto send = [this, &controller, &sent](size_t i) {
    sent[i].verdict = subject_.Do(sent[i].action, sent[i].sending);
    controller.NoteAnswered(sent[i].sending.request_id);
  };
  for (size_t i = 1; i < sent.size(); ++i) controller.Join([send, i] { send(i); });
  send(0);
  controller.RunWaiting();
  std::vector<Sent> unknown;
  for (const MemoryController::Decided& decided : controller.decided()) {
    const auto found = std::find_if(sent.begin(), sent.end(), [&decided](const Sent& each) {
      return each.sending.request_id == decided.request_id;
    });
    if (found->verdict.code == "read_only") continue;
    if (IsUnknown(found->verdict)) {
      unknown.push_back(*found);
      // A denial is durable, its explanation is not.
      if (!decided.met_writer) continue;
      unknown.back().decided = found->decided = true;
    }
    std::string wrong = TellModel(&*found, decided.met_writer);
    if (!wrong.empty()) return wrong;
  }
  if (controller.writable()) return "";
  known_sequence_ = controller.Peek(SequencerSubject::kPopulation)->sequence;
  return Recover(false, std::move(unknown));
}

std::string Simulator::TellModel(Sent* sent, bool met_writer) {
  MemoryController& controller = subject_.controller();
  if (met_writer) AdvanceModel(controller.NowUs());
  const std::string& key = sent->sending.key;
  model::Verdict expected;
  if (KeyIsRetained(key)) {
    const UsedKey& used = keys_.at(key);
    expected.code = "key_conflict";
    const bool same = model::ToString(used.action) == model::ToString(sent->action);
    if (same) expected = used.verdict;
    expected.replayed = same;
  } else {
    expected = model_.Do(sent->action);
    RememberKey(*sent, expected);
  }
  ++counts_->codes[expected.code];
  if (expected.code.empty()) ++counts_->accepted[sent->action.verb];
  if (expected.replayed) ++counts_->replays;
  if (sent->decided)
    return IsExplained(expected) ? "" : "what needs no explanation was not answered";
  if (std::string wrong = Judge(*sent, expected); !wrong.empty()) return wrong;
  const bool left = CountEntries(sent->sending.request_id) > 0;
  if (left == LeftEntry(sent->action, key, expected)) return "";
  return Concat(sent->sending.request_id,
                left ? " left an entry: " : " left no entry: ", model::ToString(sent->action),
                ToString(expected));
}

uint64_t Simulator::CountEntries(const std::string& request_id) const {
  uint64_t count = 0;
  const absl::Status read =
      subject_.TakeHistory().ForEachEntry(known_sequence_ + 1, [&](const auto& visited) {
        const bool explains = visited.entry.command() == stored::EXPLAIN_REQUESTS;
        count += !explains && visited.entry.request_id() == request_id ? 1 : 0;
        return true;
      });
  PURSER_CHECK(read.ok(), "the memory can be read");
  return count;
}

void Simulator::RememberKey(const Sent& sent, const model::Verdict& verdict) {
  if (sent.sending.key.empty() || !LeftEntry(sent.action, sent.sending.key, verdict)) return;
  keys_[sent.sending.key] = {sent.action, verdict, model_.NowUs()};
}

std::string Simulator::Judge(const Sent& sent, const model::Verdict& expected) {
  const std::string differs = Differ(WithoutOldDenials(sent.verdict), WithoutOldDenials(expected));
  if (differs.empty()) return "";
  return Concat("verdict of ", sent.sending.request_id, ": ", model::ToString(sent.action),
                differs);
}

std::string Simulator::CheckState() {
  if (std::string broken = subject_.CheckInvariants(); !broken.empty()) return broken;
  if (std::string broken = model_.CheckInvariants(); !broken.empty()) return "model: " + broken;
  const bool fully = steps_ % kFullCheckEvery == 0;
  std::set<std::string> ids;
  for (const auto& [id, reservation] : model_.state().reservations) {
    const bool wanted = fully || touched_.count(id) > 0;
    // What the daemon named has another name in the model; what is due at the clock's time may not
    // have come yet, in which case a denial is forgotten by whoever looks first.
    const bool denied = reservation.state == "DENIED";
    const bool forgotten =
        denied && reservation.denied_us + subject_.controller().idempotency_retention_us() <=
                      subject_.controller().NowUs();
    if (wanted && id[0] != '_' && !forgotten) ids.insert(id);
  }
  for (const std::string& id : touched_) {
    if (!model_.state().reservations.count(id)) ids.insert(id);
  }
  touched_.clear();
  std::string wrong = DifferInState(subject_, model_, ids);
  if (!wrong.empty()) return wrong;
  known_sequence_ = subject_.population().last_sequence;
  if (workload_.OneIn(10)) past_.Remember(known_sequence_, model_);
  return steps_ % kDigestCheckEvery == 0 ? CheckDigest() : "";
}

}  // namespace purser
