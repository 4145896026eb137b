#ifndef PURSER_DAEMON_SEQUENCER_H_
#define PURSER_DAEMON_SEQUENCER_H_

// The writer without its thread: gives commands their time and sequence, commits first what is due,
// decides and applies each, writes one synced group for all of them, and only then makes their
// results good and shows new views. The commit pipeline runs it on the one writer thread, the
// simulator runs it directly.
//
// Nothing here reads the disk but Open, or looks at a clock: the caller passes the time, once a
// group. Thread-compatible.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "api/controller.h"
#include "daemon/follower.h"
#include "daemon/group_writer.h"
#include "daemon/journal_store.h"
#include "daemon/time_zones.h"
#include "google/protobuf/arena.h"
#include "lifecycle/state_machine.h"

namespace purser {

struct SequencerOptions {
  Policy policy;
  ClockHourAt clock_hour_at = ClockHourOf;
  bool resume_leases = true;  // give downtime back to open leases; off on a test clock
  // Of the `default` population, made when the data directory is new.
  std::string time_zone = "UTC";
  std::vector<std::string> required_labels = {"operator_family", "capability"};
};

class Sequencer {
 public:
  struct Submission {
    const Command* command;
    api::CommandResult* result;
  };

  // `follower`, if there is one, is told of every durable group before its views are shown.
  Sequencer(SequencerOptions options, JournalStore* store, MonthStartAfter month_start_after,
            Follower* follower = nullptr);

  // Reads the state from the store, dropping what was in memory; makes the default population in a
  // new one; gives downtime back to leases and commits what fell due. Also after a failed Append,
  // when the store was reopened.
  absl::Status Open(InstantUs clock_us);

  // Decides and commits in the order given. False when the store said no: what is not known to be
  // durable has the result COMMIT_UNKNOWN, and Open has to be called before anything else.
  bool Commit(const std::vector<Submission>& submissions, InstantUs clock_us);
  // Commits what is due in every population.
  bool CommitAllDue(InstantUs clock_us);
  // The same, and leaves a durable sign of life.
  bool SignOfLife(InstantUs clock_us);

  // The views of the populations that changed since the last call.
  std::vector<api::View> TakeViews();
  // The time of the newest group.
  InstantUs last_time_us() const { return last_time_us_; }
  const StateMachine& machine() const { return *machine_; }
  // Entries and groups appended since the start, for metrics.
  uint64_t entries() const { return entries_; }
  uint64_t groups() const { return groups_; }

 private:
  // A group ends when its entries have this many bytes (architecture.md: at most 1 MiB; what one
  // command adds stays together, so that a batch's key and entries are one).
  static constexpr size_t kGroupBytesMax = 1 << 20;
  // Several times what the entries of a full group need as messages.
  static constexpr size_t kArenaBytes = 8 << 20;

  bool Flush();
  bool CommitDue(const std::string& population, InstantUs until_us);
  bool HasNotices(const std::string& population) const;
  // Of a charge, cost entry or outcomes that were recorded just now: the record.
  void ShowCharge(const std::string& population, Shown* shown) const;
  void Record(const std::string& population, const stored::Entry& entry, const Lookup& lookup);
  // Goes on where the entry granted out of the queue as much as one may.
  void GrantRest(const std::string& population, const stored::Entry& entry);
  void RecordGrants(const std::string& population);
  // Of whom is limited in requests a second. False: it is answered already.
  bool TakeTokens(const Command& command, api::CommandResult* result);
  void Run(const Submission& submission);
  void RunBatch(const Command& command, api::CommandResult* result);
  bool RunMember(const Command& command, size_t index, Rehearsal* rehearsal,
                 api::CommandResult* result);
  // The command has a key.
  void RecordKey(const Command& command, const api::CommandResult& result);
  absl::Status CreateDefaultPopulation();
  absl::Status Resume(const std::map<std::string, InstantUs>& stamps);
  void Publish(const Population& population);
  void PublishLimits(const Population& population, const api::PopulationView* before,
                     api::PopulationView* view) const;
  void TellFollowerAll();
  void GatherNews(const std::string& population, const stored::Entry& entry,
                  ReservationBook::Changes changes, std::vector<stored::ModelUse> uses);

  const SequencerOptions options_;
  JournalStore* const store_;
  const MonthStartAfter month_start_after_;
  Follower* const follower_;
  std::map<std::string, PopulationNews> news_;  // of the group that is not written yet
  std::unique_ptr<StateMachine> machine_;
  std::map<uint32_t, Hash> hashes_;
  std::unique_ptr<GroupWriter> group_;
  // Of the entries that are decided, until their group is written. The first block is kept.
  const std::unique_ptr<char[]> arena_block_ = std::make_unique_for_overwrite<char[]>(kArenaBytes);
  google::protobuf::Arena arena_;
  std::map<uint32_t, RequestRates> rates_;  // by population
  uint64_t group_count_ = 0;
  InstantUs last_time_us_ = 0;
  uint64_t entries_ = 0;
  uint64_t groups_ = 0;
  std::map<std::string, api::View> latest_views_;
  std::map<std::string, api::View> new_views_;
};

}  // namespace purser

#endif  // PURSER_DAEMON_SEQUENCER_H_
