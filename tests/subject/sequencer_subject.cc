#include "tests/subject/sequencer_subject.h"

#include <algorithm>

#include "api/v1/reservation.pb.h"
#include "ledger/check.h"
#include "ledger/text.h"
#include "reservations/reservations_draft.h"
#include "tests/subject/action_command.h"
#include "tests/subject/action_models.h"
#include "tests/subject/action_proposals.h"

namespace purser {

using model::Action;
using model::Verb;

void SequencerSubject::Reset(int64_t start_us, const std::vector<std::string>& required_labels) {
  controller_ = std::make_unique<MemoryController>(SequencerOptions(), make_store_());
  explanations_.clear();
  controller_->set_clock_us(start_us);
  PURSER_CHECK(controller_->Open().ok(), "an empty store opens");
  Command command;
  command.population = kPopulation;
  CreatePopulation create;
  create.settings.set_name(kPopulation);
  create.settings.set_time_zone("UTC");
  for (const std::string& label : required_labels) create.settings.add_required_labels(label);
  command.body = std::move(create);
  PURSER_CHECK(controller_->Submit(command).status.ok(), "a population without resources is made");
}

int64_t SequencerSubject::NowUs() const { return controller_->NowUs(); }

std::string SequencerSubject::FindFreezeId(const Action& action) const {
  const Books& books = population().books;
  for (const auto& [id, freeze] : books.freezes().all()) {
    const Resource* resource = books.Find(freeze.resource());
    const bool same =
        (action.freeze_kind == "population" && freeze.population()) ||
        (action.freeze_kind == "operator_family" && freeze.has_operator_family() &&
         freeze.operator_family() == action.freeze_name) ||
        (action.freeze_kind == "experiments" && freeze.guardrail() == action.freeze_name) ||
        (action.freeze_kind == "resource" && resource != nullptr &&
         resource->name() == action.freeze_name);
    if (same) return id;
  }
  return "";
}

model::Verdict SequencerSubject::Advance(int64_t at_us) {
  model::Verdict verdict;
  if (at_us < NowUs()) {
    verdict.code = "invalid_argument";
    return verdict;
  }
  controller_->set_clock_us(at_us);
  PURSER_CHECK(controller_->CommitAllDue(), "the store takes what is due");
  return verdict;
}

model::Verdict SequencerSubject::Resume(int64_t shift_us) {
  model::Verdict verdict;
  PURSER_CHECK(controller_->SignOfLife(), "the store takes a sign of life");
  controller_->set_clock_us(NowUs() + shift_us);
  controller_->Crash();
  PURSER_CHECK(controller_->Reopen().ok() && controller_->Open().ok(), "the store opens again");
  return verdict;
}

model::Verdict SequencerSubject::Do(const Action& action, const Sending& sending) {
  if (action.verb == Verb::kAdvance) return Advance(action.at_us);
  if (action.verb == Verb::kResume) return Resume(action.shift_us);
  Translated translated = Translate(action, FindDaemonId(action));
  if (auto* const close = std::get_if<ClosePeriod>(&translated.command.body)) {
    translated.refusal = LookAtPeriod(close);
  }
  if (auto* const count = std::get_if<CountBudget>(&translated.command.body)) LookAtBudget(count);
  model::Verdict verdict;
  if (!translated.refusal.empty()) {
    verdict.code = translated.refusal;
    verdict.member = translated.member;
    if (translated.member < 0) return verdict;
    model::Verdict other;
    other.code = "batch_member_failed";
    verdict.results.assign(action.members.size(), other);
    verdict.results[translated.member].code = translated.refusal;
    return verdict;
  }
  Command command = std::move(translated.command);
  command.population = kPopulation;
  command.dry_run = sending.dry_run;
  command.request_id = sending.request_id;
  static const v1::ReleaseRequest no_body;
  const google::protobuf::Message& request =
      translated.request == nullptr
          ? no_body
          : static_cast<const google::protobuf::Message&>(*translated.request);
  if (!sending.key.empty()) {
    KeyUse use;
    use.key = sending.key;
    use.record.set_method("POST");
    use.record.set_path(Concat(model::ToString(action.verb), "/", action.resource, action.id,
                               action.period, action.budget_id,
                               action.verb == Verb::kRefund ? action.charge_id : ""));
    use.record.set_request(request.SerializeAsString());
    command.key = std::move(use);
  }
  api::Submission submission(controller_.get(), std::move(command), request);
  const api::Submitted submitted = submission.Send();
  if (action.verb == Verb::kCreateBudget) LookAtNewBudgets();
  const bool is_denial = !IsAboutModels(action.verb) && !IsAboutProposals(action.verb);
  if (!sending.dry_run && is_denial) CheckDenials(submitted);
  return ToVerdict(action, submitted, controller_->Peek(kPopulation)->directory->function());
}

model::ResourceView SequencerSubject::ViewOf(const Resource& resource) {
  return model::ResourceView{
      resource.granted().micros(),          resource[stored::AVAILABLE].micros(),
      resource[stored::RESERVE].micros(),   resource[stored::HELD].micros(),
      resource[stored::IN_USE].micros(),    resource[stored::SPENT].micros(),
      resource[stored::OVERDRAFT].micros(), resource.base.micros(),
      resource.target().micros(),           resource.reserve_deficit().micros(),
      resource.reserve_backed().micros(),   resource.shortfall.micros()};
}

model::ReservationView SequencerSubject::ViewOf(const Reservation& reservation,
                                                int64_t lease_shift_us,
                                                const ResourceIdentities& identify) {
  model::ReservationView view;
  const std::string name = stored::ReservationState_Name(reservation.state);
  view.state = name.substr(std::string("STATE_").size());
  view.stopped = reservation.stopped;
  const bool granted = reservation.grant_time_us != 0;
  view.preempt_at_us = reservation.preempt_at_us(lease_shift_us);
  if (view.preempt_at_us != 0) view.preempted_for = reservation.notice->preempted_for;
  if (view.preempted_for.starts_with('_')) view.preempted_for = "_";
  if (reservation.approver != nullptr) view.approver = *reservation.approver;
  view.expires_us = !granted ? 0 : reservation.expire_time_us(lease_shift_us);
  for (const HoldLine& line : reservation.lines) {
    view.lines[std::string(identify(line.resource).name)] = {
        line.granted.micros(), line.held.micros(), line.in_use.micros(), line.charged.micros(),
        line.overrun.micros()};
  }
  return view;
}

std::optional<model::ResourceView> SequencerSubject::FindResource(const std::string& name) const {
  const api::View view = controller_->Peek(kPopulation);
  const auto it = view->resources.find(name);
  if (it == view->resources.end()) return std::nullopt;
  return ViewOf(*it->second);
}

std::vector<std::string> SequencerSubject::ListQueue() const {
  std::vector<std::string> ids;
  for (const auto& [key, queued] : population().reservations.queue().by_key()) {
    ids.push_back(queued->id[0] == '_' ? "_" : queued->id);
  }
  return ids;
}

std::string SequencerSubject::Identity(const std::string& resource) const {
  const api::View view = controller_->Peek(kPopulation);
  const auto it = view->resources.find(resource);
  return it == view->resources.end() ? "" : IdentityLine(it->second->balances);
}

std::optional<model::ReservationView> SequencerSubject::FindReservation(
    const std::string& id) const {
  const api::View view = controller_->Peek(kPopulation);
  const auto found = TakeHistory().FindReservation(id);
  PURSER_CHECK(found.ok(), "the memory can be read");
  if (!found->has_value()) return std::nullopt;
  const Reservation& reservation = **found;
  // A denial is forgotten after its retention, though its record stays.
  const bool forgotten =
      reservation.denied_at_once() &&
      reservation.create_time_us + controller_->idempotency_retention_us() <= NowUs();
  if (forgotten) return std::nullopt;
  return ViewOf(reservation, view->lease_shift_us, view->directory->function());
}

std::vector<model::DebtView> SequencerSubject::ListDebts() const {
  const Population& state = population();
  std::map<uint64_t, model::DebtView> ordered;
  for (const auto& [key, debt] : state.books.debts().all()) {
    // A charge without an id of the client's has one that only the daemon knows.
    const std::string charge = debt.charge()[0] == '_' ? "" : debt.charge();
    ordered[debt.order()] = {debt.operator_family(),
                             std::string(state.directory.Find(debt.resource()).name), charge,
                             debt.amount()};
  }
  std::vector<model::DebtView> debts;
  debts.reserve(ordered.size());
  for (auto& [order, debt] : ordered) debts.push_back(std::move(debt));
  return debts;
}

std::vector<model::FreezeView> SequencerSubject::ListFreezes() const {
  const Population& state = population();
  std::map<std::pair<std::string, std::string>, model::FreezeView> ordered;
  for (const auto& [id, freeze] : state.books.freezes().all()) {
    model::FreezeView view;
    view.kind = "population";
    if (freeze.has_operator_family()) {
      view.kind = "operator_family";
      view.name = freeze.operator_family();
    } else if (freeze.has_resource()) {
      view.kind = "resource";
      view.name = std::string(state.directory.Find(freeze.resource()).name);
    }
    if (freeze.has_experiments()) {
      view.kind = "experiments";
      view.name = freeze.guardrail();
    }
    if (freeze.until_us() != 0) view.until_us = freeze.until_us();
    ordered[{view.kind, view.name}] = view;
  }
  std::vector<model::FreezeView> freezes;
  freezes.reserve(ordered.size());
  for (auto& [key, freeze] : ordered) freezes.push_back(std::move(freeze));
  return freezes;
}

std::string SequencerSubject::FindDaemonId(const Action& action) const {
  if (action.verb == Verb::kUnfreeze) return FindFreezeId(action);
  const stored::Approval* oldest = nullptr;
  if (action.verb != Verb::kApprove && action.verb != Verb::kReject) return "";
  for (const auto& [id, approval] : population().models.approvals()) {
    if (approval.model() != action.id) continue;
    if (approval.expire_time_us() <= NowUs()) continue;  // it ends before the command is heard
    if (oldest == nullptr || approval.sequence() < oldest->sequence()) oldest = &approval;
  }
  return oldest == nullptr ? "" : oldest->id();
}

std::optional<model::ArtifactView> SequencerSubject::FindArtifact(const std::string& id) const {
  const auto found = TakeHistory().FindModel(id);
  PURSER_CHECK(found.ok(), "the memory can be read");
  if (!found->has_value()) return std::nullopt;
  return ViewOfModel(**found, population());
}

std::optional<model::ProposalView> SequencerSubject::FindProposal(const std::string& id) const {
  const ProposalRecord* const proposal = population().models.proposals().Find(id);
  if (proposal == nullptr) return std::nullopt;
  return ViewOfProposal(*proposal, population());
}

std::optional<model::ProposerView> SequencerSubject::FindProposer(
    const std::string& principal) const {
  const auto& proposers = population().models.proposals().proposers();
  const auto found = proposers.find(principal);
  if (found == proposers.end()) return std::nullopt;
  return ViewOfProposer(found->second);
}

std::optional<model::PopulationView> SequencerSubject::FindPopulation() const {
  return ViewOfModels(population());
}

void SequencerSubject::CheckDenial(const Refusal& refusal, uint64_t sequence) {
  if (!IsDenial(refusal.reason())) return;
  if (!refusal.has_explanation()) fault_ = "a denial is not explained";
  NoteExplanation(refusal, "", sequence);
}

void SequencerSubject::NoteExplanation(const Refusal& refusal, const std::string& id,
                                       uint64_t sequence) {
  if (sequence == 0) return;
  const std::string now = refusal.explanation().SerializeAsString();
  const std::string& first = explanations_.try_emplace({sequence, id}, now).first->second;
  if (first != now) fault_ = Concat("entry ", sequence, " is explained in two ways");
}

void SequencerSubject::CheckDenials(const api::Submitted& submitted) {
  const auto sequence_of = [&](size_t i) -> uint64_t {
    if (i >= submitted.shown.size()) return 0;
    const stored::Answer& answer = submitted.shown[i].answer;
    return answer.kind() == stored::Answer::DENIAL ? answer.sequence() : 0;
  };
  if (!submitted.status.ok()) CheckDenial(RefusalOf(submitted.status), sequence_of(0));
  for (size_t i = 0; i < submitted.shown.size(); ++i) {
    // What could not be recorded is not answered: it may be explained otherwise later.
    const bool by_member = i < submitted.member_status.size();
    if (!(by_member ? submitted.member_status[i] : submitted.status).ok()) continue;
    const Shown& shown = submitted.shown[i];
    if (shown.waits_for == nullptr || !shown.reservation->queued()) continue;
    if (!shown.waits_for->has_explanation()) fault_ = "who waits is not told why";
    NoteExplanation(*shown.waits_for, shown.reservation->id, shown.answer.sequence());
  }
  for (size_t i = 0; i < submitted.member_status.size(); ++i) {
    if (submitted.member_status[i].ok()) continue;
    CheckDenial(RefusalOf(submitted.member_status[i]), sequence_of(i));
  }
}

std::string SequencerSubject::CheckInvariants() const {
  if (!fault_.empty()) return fault_;
  const Population& state = population();
  std::string fault = FindFault(state);
  if (fault.empty()) fault = state.reservations.FindUsageFault();
  return fault.empty() ? controller_->CheckFollower(kPopulation) : fault;
}

}  // namespace purser
