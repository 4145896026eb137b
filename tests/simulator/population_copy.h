#ifndef PURSER_TESTS_SIMULATOR_POPULATION_COPY_H_
#define PURSER_TESTS_SIMULATOR_POPULATION_COPY_H_

// A population copied out of a history, on which the product's own commands and what falls due are
// carried out, one entry after the other, to see whether something comes true.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/time_zones.h"
#include "lifecycle/state_machine.h"

namespace purser {

// A copy of a population that goes its own way.
class Copy {
 public:
  explicit Copy(const Population& population)
      : machine_(Policy(), FirstOfNextMonth), name_(population.name) {
    auto copy = std::make_unique<Population>();
    copy->name = population.name;
    copy->number = population.number;
    copy->books = population.books;
    copy->reservations = ReservationBook(population.reservations);
    copy->models = population.models;
    copy->directory = population.directory;
    copy->last_sequence = population.last_sequence;
    copy->last_time_us = population.last_time_us;
    population_ = machine_.Restore(std::move(copy));
  }

  const Population& population() const { return *population_; }

  // The next thing that falls due, if it does by `until_us`; its instant.
  std::optional<InstantUs> Step(InstantUs until_us) {
    const auto due = NextDue(*population_);
    if (!due.has_value() || due->at_us > until_us) return std::nullopt;
    Apply(machine_.DecideDue(*population_, *due));
    return due->at_us;
  }
  // How many notices were given by what was done to the copy, and withdrawn.
  int notices_given() const { return notices_given_; }
  int notices_withdrawn() const { return notices_withdrawn_; }
  bool Waits(const std::string& id) const {
    const Reservation* found = population_->reservations.FindOpen(id);
    return found != nullptr && found->queued();
  }
  bool IsBooked(const std::string& id) const {
    const Reservation* found = population_->reservations.FindOpen(id);
    return found != nullptr && found->scheduled();
  }
  bool IsOpen(const std::string& id) const {
    const Reservation* found = population_->reservations.FindOpen(id);
    return found != nullptr && found->open();
  }
  absl::Status Decide(Command command, InstantUs now_us) const {
    google::protobuf::Arena arena;
    return DecideOn(command, now_us, &arena).status;
  }
  absl::Status Do(Command command, InstantUs now_us) {
    google::protobuf::Arena arena;
    Verdict verdict = DecideOn(command, now_us, &arena);
    if (verdict.status.ok()) Apply(*verdict.entry);
    return verdict.status;
  }

 private:
  void Apply(const stored::Entry& entry) {
    for (const auto& fact : entry.reservation_facts()) {
      if (fact.has_noticed()) ++notices_given_;
      if (fact.has_notice_withdrawn()) ++notices_withdrawn_;
    }
    ReservationBook::Changes changes;
    machine_.Apply(name_, entry, Lookup(), &changes);
  }
  Verdict DecideOn(Command& command, InstantUs now_us, google::protobuf::Arena* arena) const {
    command.population = name_;
    command.lookup.sequence = population_->last_sequence;
    return machine_.Decide(command, now_us, arena);
  }

  StateMachine machine_;
  const std::string name_;
  Population* population_;
  int notices_given_ = 0;
  int notices_withdrawn_ = 0;
};

// Whether somebody waits, or will, and somebody may give way, or is to: what will be by notices is
// then not always known.
inline bool MayPreempt(const Population& population) {
  const ReservationBook& book = population.reservations;
  const auto may_give_way = [](const auto& each) { return TierGivesWay(each.second->tier); };
  const auto& queue = book.queue().by_key();
  const auto& bookings = book.bookings().by_key();
  if (queue.empty() && bookings.empty()) return false;
  return !book.preemptibles().empty() || (!queue.empty() && queue.begin()->second->gave_notice()) ||
         std::any_of(queue.begin(), queue.end(), may_give_way) ||
         std::any_of(bookings.begin(), bookings.end(), may_give_way);
}

// Whether who gets how much may depend on which of two things of one instant comes first: somebody
// takes as much as there is, is not bound by claims, or claims nothing until the last of them.
inline bool DependsOnOrder(const Population& population) {
  const auto takes_more = [](const auto& each) {
    const Reservation& other = *each.second;
    return PassesFreezes(other.purpose) ||
           std::any_of(other.lines.begin(), other.lines.end(),
                       [](const HoldLine& line) { return line.minimum.has_value(); });
  };
  const auto any_takes_more = [&takes_more](const auto& list) {
    return std::any_of(list.by_key().begin(), list.by_key().end(), takes_more);
  };
  const Books& books = population.books;
  const bool may_be_blocked = !books.freezes().all().empty() || !books.debts().all().empty();
  return (may_be_blocked && population.reservations.queue().size() > 0) ||
         any_takes_more(population.reservations.queue()) ||
         any_takes_more(population.reservations.bookings());
}

}  // namespace purser

#endif  // PURSER_TESTS_SIMULATOR_POPULATION_COPY_H_
