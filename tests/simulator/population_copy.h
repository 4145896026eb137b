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
    ReservationBook::Changes changes;
    machine_.Apply(name_, machine_.DecideDue(*population_, *due), Lookup(), &changes);
    return due->at_us;
  }
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
    ReservationBook::Changes changes;
    if (verdict.status.ok()) machine_.Apply(name_, *verdict.entry, Lookup(), &changes);
    return verdict.status;
  }

 private:
  Verdict DecideOn(Command& command, InstantUs now_us, google::protobuf::Arena* arena) const {
    command.population = name_;
    command.lookup.sequence = population_->last_sequence;
    return machine_.Decide(command, now_us, arena);
  }

  StateMachine machine_;
  const std::string name_;
  Population* population_;
};

}  // namespace purser

#endif  // PURSER_TESTS_SIMULATOR_POPULATION_COPY_H_
