#ifndef PURSER_TESTS_SIMULATOR_PAST_H_
#define PURSER_TESTS_SIMULATOR_PAST_H_

// What was true at past sequences, as the model saw it, to be compared with as-of reads later.
// Thread-compatible.

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "tests/model/model.h"
#include "tests/subject/sequencer_subject.h"

namespace purser {

class Past {
 public:
  // The model agrees with the population after the entry `sequence`, the newest.
  void Remember(uint64_t sequence, const model::Model& model);
  // Compares what is remembered with as-of reads, and, at a few more sequences, the reads with a
  // fold of the journal. "" or what differs.
  std::string Check(const SequencerSubject& subject) const;

 private:
  struct Moment {
    int64_t time_us = 0;
    std::map<std::string, model::ResourceView> resources;
    std::map<std::string, model::ReservationView> reservations;
    std::map<std::string, model::ArtifactView> artifacts;
    // Of all time, and of an hour before, by other keys each.
    std::map<std::vector<std::string>, std::string> costs;
    std::string costs_before;
    // The same, of accepted results.
    std::map<std::vector<std::string>, std::string> accepted;
    std::string accepted_before;
  };
  static std::string CheckMoment(uint64_t sequence, const Moment& moment, History* history,
                                 const Population& population);
  static std::string CheckModels(uint64_t sequence, const Moment& moment, History* history);
  static std::string CheckCosts(uint64_t sequence, const Moment& moment,
                                const std::shared_ptr<const RateBook>& rates, History* history);
  static std::string CheckAccepted(const Moment& moment, const History::CostsScope& all,
                                   History* history);
  static std::string CheckFold(History* history, uint64_t last);

  std::map<uint64_t, Moment> moments_;
};

}  // namespace purser

#endif  // PURSER_TESTS_SIMULATOR_PAST_H_
