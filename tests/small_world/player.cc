#include "tests/small_world/player.h"

#include <algorithm>
#include <map>

#include "ledger/check.h"
#include "ledger/text.h"

namespace purser::small {
namespace {

InstantUs NextMonth(const std::string&, InstantUs instant) {
  return instant < kBoundaryUs         ? kBoundaryUs
         : instant < kSecondBoundaryUs ? kSecondBoundaryUs
                                       : kThirdBoundaryUs;
}

// Invariant 4 of ledger.md, section 7: what may lower a reserve.
bool MayLowerReserve(const Letter& letter) {
  if (letter.kind == Kind::kRequest) return letter.by_operator;
  if (const auto* rollback = std::get_if<RollBackModel>(&letter.command.body)) {
    return rollback->may_spend_reserve;
  }
  return std::holds_alternative<ApproveActivation>(letter.command.body) ||
         std::holds_alternative<WithdrawAmount>(letter.command.body) ||
         std::holds_alternative<UpdateResource>(letter.command.body);
}

std::map<uint32_t, Amount> ReservesOf(const Books& books) {
  std::map<uint32_t, Amount> reserves;
  for (const auto& [name, number] : books.numbers_by_name()) {
    reserves[number] = (*books.Find(number))[stored::RESERVE];
  }
  return reserves;
}

}  // namespace

Player::Player() : decider_(Policy(), NextMonth), applier_(Policy(), NextMonth) {}

SmallState Player::Begin(const Rules& rules) {
  rules_ = rules;
  Command create;
  create.population = kPopulation;
  CreatePopulation body;
  body.settings.set_name(kPopulation);
  body.settings.set_time_zone("UTC");
  for (const char* label : {"capability", kFamilyLabel}) body.settings.add_required_labels(label);
  create.body = std::move(body);
  std::vector<Command> commands = {create};
  for (const Letter& letter : MakeOpening(rules)) commands.push_back(letter.command);
  for (const Command& command : commands) {
    const Verdict verdict = applier_.Decide(command, kStartUs, &arena_);
    PURSER_CHECK(verdict.status.ok() && verdict.entry != nullptr, "the small world can be made");
    ReservationBook::Changes changes;
    applier_.Apply(kPopulation, *verdict.entry, command.lookup, &changes);
  }
  SmallState state;
  state.population = std::move(*applier_.Find(kPopulation));
  state.now_us = kStartUs;
  return state;
}

void Player::Load(const SmallState& before) {
  decider_.Restore(std::make_unique<Population>(before.population));
  before_.now_us = before.now_us;
  before_.requests = before.requests;
  before_.rolled_over = before.rolled_over;
  before_.ticks = before.ticks;
  before_.first_charge = before.first_charge;
  before_.last_charge = before.last_charge;
}

void Player::Copy() { applier_.Restore(std::make_unique<Population>(*decider_.Find(kPopulation))); }

bool Player::Bind(int step, Letter* letter) const {
  switch (letter->kind) {
    case Kind::kRequest:
      // When all were asked for, the first is asked for again: a replay, or a conflict. Not where
      // time goes on by days, after which a denial is forgotten.
      if (rules_.models && before_.requests == rules_.reservations_max()) return false;
      BindRequest(before_.requests < rules_.reservations_max() ? before_.requests + 1 : 1, letter);
      return true;
    case Kind::kCharge:
      BindCharge(Concat("c", step), letter);
      return true;
    case Kind::kRepeatedCharge:
      BindCharge(before_.last_charge, letter);
      return !before_.last_charge.empty();
    case Kind::kRefundFirst:
      // Where there is only one it is the last as well.
      BindRefund(step, before_.first_charge, letter);
      return before_.first_charge != before_.last_charge;
    case Kind::kRefundLast:
      BindRefund(step, before_.last_charge, letter);
      return true;
    case Kind::kRollover:
      letter->action.at_us = kBoundaryUs;
      return !before_.rolled_over;
    case Kind::kTick: {
      const auto at_us = TickTo();
      if (!at_us.has_value()) return false;
      letter->action.at_us = *at_us;
      return true;
    }
    case Kind::kApproval:
      return BindApproval(letter);
    case Kind::kCommand:
      return true;
  }
  return true;
}

bool Player::BindApproval(Letter* letter) const {
  const stored::Approval* oldest = nullptr;
  for (const auto& [id, approval] : decider_.Find(kPopulation)->models.approvals()) {
    if (approval.model() != letter->action.id) continue;
    if (oldest == nullptr || approval.sequence() < oldest->sequence()) oldest = &approval;
  }
  if (oldest != nullptr) letter->command.body = ApproveActivation{oldest->id()};
  return oldest != nullptr;
}

std::optional<InstantUs> Player::TickTo() const {
  if (before_.ticks == rules_.ticks_max()) return std::nullopt;
  const Population& population = *decider_.Find(kPopulation);
  if (rules_.waits || rules_.models) {
    const auto due = NextDue(population);
    if (!due.has_value() || due->kind == stored::ROLLOVER) return std::nullopt;
    return due->at_us;
  }
  const auto expiry = population.reservations.NextExpiry(population.books.lease_shift_us());
  return expiry.has_value() ? std::optional(expiry->at_us) : std::nullopt;
}

Player::Play Player::Do(int step, Letter* letter) {
  Play play;
  play.possible = Bind(step, letter);
  if (!play.possible) return play;
  play.after.now_us = before_.now_us;
  play.after.requests = before_.requests;
  play.after.rolled_over = before_.rolled_over;
  play.after.ticks = before_.ticks;
  play.after.first_charge = before_.first_charge;
  play.after.last_charge = before_.last_charge;
  if (letter->kind == Kind::kRollover || letter->kind == Kind::kTick) {
    PlayTime(*letter, &play);
  } else {
    PlayCommand(*letter, &play);
  }
  return play;
}

void Player::PlayCommand(const Letter& letter, Play* play) {
  arena_.Reset();
  play->verdict = decider_.Decide(letter.command, before_.now_us, &arena_);
  play->changed = play->verdict.entry != nullptr;
  if (!play->changed) return;
  Copy();
  Apply(*play->verdict.entry, MayLowerReserve(letter), play);
  // A notice may be due in the instant in which it is given.
  RunDue(before_.now_us, play);
  SmallState& after = play->after;
  after.population = std::move(*applier_.Find(kPopulation));
  if (letter.kind == Kind::kRequest) ++after.requests;
  if (letter.kind != Kind::kCharge) return;
  // A settlement may have charged nothing: its charge has an id and no lines.
  const auto& recent = after.population.reservations.recent();
  if ((*recent.FindCharge(letter.action.charge_id))->charged().lines().empty()) return;
  after.last_charge = letter.action.charge_id;
  if (after.first_charge.empty()) after.first_charge = after.last_charge;
}

void Player::PlayTime(const Letter& letter, Play* play) {
  Copy();
  const InstantUs until_us = letter.action.at_us;
  RunDue(until_us, play);
  SmallState& after = play->after;
  after.now_us = until_us;
  after.rolled_over = after.rolled_over || until_us >= kBoundaryUs;
  if (letter.kind == Kind::kTick) ++after.ticks;
  after.population = std::move(*applier_.Find(kPopulation));
  play->changed = true;
}

void Player::RunDue(InstantUs until_us, Play* play) {
  const Population& population = *applier_.Find(kPopulation);
  for (auto due = NextDue(population); due.has_value() && due->at_us <= until_us;
       due = NextDue(population)) {
    Apply(applier_.DecideDue(population, *due), due->kind == stored::ROLLOVER, play);
  }
}

void Player::Apply(const stored::Entry& entry, bool may_lower_reserve, Play* play) {
  const Books& books = applier_.Find(kPopulation)->books;
  const auto before = ReservesOf(books);
  ReservationBook::Changes changes;
  applier_.Apply(kPopulation, entry, Lookup(), &changes);
  if (may_lower_reserve) return;
  for (const auto& [number, reserve] : before) {
    const Resource& resource = *books.Find(number);
    if (resource[stored::RESERVE] >= reserve) continue;
    play->fault = Concat("invariant 4: ", stored::CommandKind_Name(entry.command()),
                         " lowers the reserve of ", resource.name());
  }
}

}  // namespace purser::small
