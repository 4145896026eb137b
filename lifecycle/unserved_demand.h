#ifndef PURSER_LIFECYCLE_UNSERVED_DEMAND_H_
#define PURSER_LIFECYCLE_UNSERVED_DEMAND_H_

// What was asked for and not granted for lack of it (daemon/decisions/0016): a fold of the facts
// that the journal has of an interval. Pure; thread-compatible. Keeps each request that counts.
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/numeric/int128.h"
#include "ledger/amount.h"
#include "ledger/refusal.h"
#include "reservations/reservation.h"

namespace purser {

inline constexpr int64_t kDemandUs = 28 * kDayUs;  // the interval
inline constexpr size_t kDemandsMax = 1'000'000;   // that are kept for one read
inline constexpr char kExperimentLabel[] = "experiment";

// By resource, in millionths of its unit; above 0.
using Unserved = std::map<uint32_t, absl::int128>;

// A request, as far as demand goes.
struct AskedFor {
  struct Line {
    uint32_t resource = 0;
    Amount amount;
    bool is_lacking = false;  // it was refused for a shortage of it
  };
  std::string experiment;  // empty: it names none
  std::vector<Line> lines;
  bool is_booked = false;  // what it does not lack it was granted when it was booked
};
AskedFor AskedForOf(const stored::ReservationRequest& request, const Refusal& refusal,
                    const ResourceIdentities& identify);
AskedFor AskedForOf(const ReservationPicture& reservation, const Refusal& refusal,
                    const ResourceIdentities& identify);

class DemandFold {
 public:
  // Of what counts no more so much is kept at most, and as much as counts.
  static constexpr size_t kWithdrawnKept = 1'000;

  explicit DemandFold(ResourceIdentities identify, size_t withdrawn_kept = kWithdrawnKept)
      : identify_(std::move(identify)), withdrawn_kept_(withdrawn_kept) {}

  // One that waited when the interval began, and waits when it ends. Before all facts.
  void TakeWaiting(const std::string& id, AskedFor asked);
  // Whether the fact is of one that waited, or was booked, when the interval began: then that is to
  // be recalled before the fact is taken.
  bool IsOfUnknown(const stored::ReservationFact& fact) const;
  void Recall(const std::string& id, AskedFor asked) { waiting_[id] = std::move(asked); }
  // In order of the journal; facts that say nothing of demand may be left out.
  void Take(const stored::ReservationFact& fact);

  Unserved Sum() const;
  // How many requests and steps count.
  size_t size() const { return demands_.size() + steps_count_ - withdrawn_; }

 private:
  // What one experiment asked for of one resource, and got, in order.
  struct Step {
    absl::int128 amount = 0;
    int64_t demand = kGrant;  // which demand it is
  };
  static constexpr int64_t kGrant = -1;
  static constexpr int64_t kForEver = -2;  // a demand without an id: nothing takes its place
  struct Demand {
    std::vector<uint32_t> resources;
    bool counts = true;
  };
  using LinesHeld = google::protobuf::RepeatedPtrField<stored::Held::Line>;

  void Ask(const std::string& id, const AskedFor& asked);
  // What was asked for under the id before counts no more; of which resources it was.
  std::vector<uint32_t> Withdraw(const std::string& id);
  // Forgets what was withdrawn, once that is most of what there is.
  void Shrink();
  std::vector<Step> ShrinkSteps(const std::vector<Step>& steps,
                                const std::vector<int64_t>& numbers) const;
  void Serve(const std::string& experiment, uint32_t resource, Amount amount);
  void ServeAtOnce(const stored::ReservationRequest& request, const LinesHeld& lines);
  void TakeGranted(const stored::Granted& granted);
  void TakeDelayed(const stored::Delayed& delayed);
  void TakeEnded(const stored::Ended& ended);

  const ResourceIdentities identify_;
  const size_t withdrawn_kept_;
  std::map<std::pair<std::string, uint32_t>, std::vector<Step>> steps_;
  size_t steps_count_ = 0;
  size_t withdrawn_ = 0;  // of demands and steps
  std::vector<Demand> demands_;
  absl::flat_hash_map<std::string, int64_t> last_;      // the demand that counts, by id
  absl::flat_hash_map<std::string, AskedFor> waiting_;  // or booked, by id
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_UNSERVED_DEMAND_H_
