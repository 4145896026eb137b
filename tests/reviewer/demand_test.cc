// What others wait for, beside a slow count by the words of daemon/decisions/0016.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ledger/text.h"
#include "lifecycle/unserved_demand.h"
#include "tests/reviewer/made_models.h"

namespace purser::reviewer {
namespace {

constexpr int kResources = 3;

ResourceIdentity Identify(uint32_t number) {
  static const std::string names[] = {"none", "r1", "r2", "r3"};
  return {names[number], false};
}

// Something that the journal tells of a request.
struct Told {
  enum class What { kDenied, kQueued, kHeld, kBooked, kDelayed, kGranted, kEndedDenied, kGaveUp };
  What what = What::kDenied;
  std::string id;
  std::string experiment;
  std::map<uint32_t, int64_t> asked;    // by resource
  std::map<uint32_t, int64_t> granted;  // of kHeld, kBooked, kGranted
  std::set<uint32_t> lacking;           // of kDenied, kQueued, kDelayed
};
using What = Told::What;

// ---- the slow count

struct Counted {
  size_t at = 0;           // its place in the history
  bool is_before = false;  // it came before the interval, and waits still
  std::string experiment;
  uint32_t resource = 0;
  int64_t left = 0;
};

class SlowCount {
 public:
  SlowCount(const std::vector<Told>& history, size_t begin) : history_(history), begin_(begin) {
    for (size_t i = 0; i < history.size(); ++i) CountAt(i);
    for (size_t i = begin; i < history.size(); ++i) ServeAt(i);
  }

  std::map<uint32_t, int64_t> Sum() const {
    std::map<uint32_t, int64_t> sum;
    for (const Counted& each : counted_) sum[each.resource] += each.left;
    std::erase_if(sum, [](const auto& each) { return each.second == 0; });
    return sum;
  }

 private:
  static bool Asks(const Told& told) {
    return told.what == What::kDenied || told.what == What::kQueued || told.what == What::kHeld ||
           told.what == What::kBooked;
  }
  // Where the request of the id that is asked for at `from` is told of next; the end: never.
  size_t Next(size_t from) const {
    for (size_t i = from + 1; i < history_.size(); ++i) {
      if (history_[i].id == history_[from].id) return i;
    }
    return history_.size();
  }
  // Where the use of an id that `at` belongs to was asked for.
  size_t AskOf(size_t at) const {
    while (!Asks(history_[at])) {
      size_t before = at;
      while (history_[--before].id != history_[at].id) {
      }
      at = before;
    }
    return at;
  }
  bool IsAskedAgain(size_t from) const {
    for (size_t i = from + 1; i < history_.size(); ++i) {
      if (history_[i].id == history_[from].id && Asks(history_[i])) return true;
    }
    return false;
  }
  void Add(const Told& ask, const std::set<uint32_t>& lacking, size_t at, bool is_before) {
    for (const uint32_t resource : lacking) {
      counted_.push_back({at, is_before, ask.experiment, resource, ask.asked.at(resource)});
    }
  }
  void CountAt(size_t i) {
    const Told& told = history_[i];
    if (!Asks(told) || (!told.id.empty() && IsAskedAgain(i))) return;
    if (told.what == What::kDenied) {
      if (i >= begin_) Add(told, told.lacking, i, false);
      return;
    }
    if (told.what == What::kHeld) return;
    size_t waits_since = i;
    size_t next = Next(i);
    if (told.what == What::kBooked) {
      if (next == history_.size() || history_[next].what != What::kDelayed) return;
      waits_since = next;
      next = Next(next);
    }
    const std::set<uint32_t>& lacking = history_[waits_since].lacking;
    if (next == history_.size()) return Add(told, lacking, waits_since, waits_since < begin_);
    if (history_[next].what == What::kEndedDenied && next >= begin_) {
      Add(told, lacking, next, false);
    }
  }
  // What of a grant serves nobody but itself.
  std::set<uint32_t> OwnOf(size_t i) const {
    const Told& told = history_[i];
    if (told.what == What::kGranted) {
      const Told& ask = history_[AskOf(i)];
      std::set<uint32_t> own = ask.lacking;
      // It was granted what it booked then, and now what it lacked.
      if (ask.what == What::kBooked) {
        for (const auto& [resource, amount] : ask.asked) own.insert(resource);
      }
      return own;
    }
    for (size_t before = i; before-- > begin_;) {
      if (history_[before].id == told.id) return history_[before].lacking;
    }
    return {};
  }
  void ServeAt(size_t i) {
    const Told& told = history_[i];
    const std::string& experiment = history_[AskOf(i)].experiment;
    if (told.granted.empty() || experiment.empty()) return;
    const std::set<uint32_t> own = OwnOf(i);
    for (const auto& [resource, amount] : told.granted) {
      if (own.contains(resource)) continue;
      int64_t left = amount;
      // The oldest first: they stand in that order but for who waits since before, who come first.
      for (const bool is_before : {true, false}) {
        for (Counted& each : counted_) {
          const bool is_it = each.is_before == is_before && each.experiment == experiment &&
                             each.resource == resource && each.at < i;
          if (!is_it) continue;
          const int64_t served = std::min(each.left, left);
          each.left -= served;
          left -= served;
        }
      }
    }
  }

  const std::vector<Told>& history_;
  const size_t begin_;
  std::vector<Counted> counted_;
};

// ---- the journal's facts

stored::ReservationRequest RequestOf(const Told& told) {
  stored::ReservationRequest request;
  request.set_id(told.id);
  for (const auto& [resource, amount] : told.asked) {
    auto& line = *request.add_lines();
    line.set_resource(resource);
    line.set_amount(amount);
  }
  if (told.experiment.empty()) return request;
  auto& label = *request.add_labels();
  label.set_key("experiment");
  label.set_value(told.experiment);
  return request;
}

Refusal RefusalOf(const Told& told) {
  Refusal refusal;
  for (const uint32_t resource : told.lacking) {
    refusal.add_shortages()->set_resource(std::string(Identify(resource).name));
  }
  return refusal;
}

template <typename Fact>
void SetLines(const Told& told, Fact* fact) {
  for (const auto& [resource, amount] : told.granted) fact->add_lines()->set_granted(amount);
}

stored::ReservationFact FactOf(const Told& told) {
  stored::ReservationFact fact;
  switch (told.what) {
    case What::kDenied:
      *fact.mutable_denied()->mutable_request() = RequestOf(told);
      *fact.mutable_denied()->mutable_refusal() = RefusalOf(told);
      break;
    case What::kQueued:
      *fact.mutable_queued()->mutable_request() = RequestOf(told);
      *fact.mutable_queued()->mutable_refusal() = RefusalOf(told);
      break;
    case What::kHeld:
      *fact.mutable_held()->mutable_request() = RequestOf(told);
      SetLines(told, fact.mutable_held());
      break;
    case What::kBooked:
      *fact.mutable_scheduled()->mutable_request() = RequestOf(told);
      SetLines(told, fact.mutable_scheduled());
      break;
    case What::kDelayed:
      fact.mutable_delayed()->set_id(told.id);
      *fact.mutable_delayed()->mutable_refusal() = RefusalOf(told);
      break;
    case What::kGranted:
      fact.mutable_granted()->set_id(told.id);
      SetLines(told, fact.mutable_granted());
      break;
    case What::kEndedDenied:
    case What::kGaveUp:
      fact.mutable_ended()->set_id(told.id);
      fact.mutable_ended()->set_state(told.what == What::kGaveUp ? stored::STATE_RELEASED
                                                                 : stored::STATE_DENIED);
      break;
  }
  return fact;
}

// ---- histories at random

class Histories {
 public:
  explicit Histories(uint64_t seed) : random_(seed) {}

  std::vector<Told> Draw(int length) {
    history_.clear();
    open_.clear();
    free_ids_.clear();
    for (int i = 0; i < length; ++i) {
      if (!open_.empty() && random_.OneIn(2)) {
        GoOn();
      } else {
        Ask();
      }
    }
    return history_;
  }

 private:
  Told New() {
    Told told;
    // What was denied at once may be asked for again under its id.
    if (!free_ids_.empty() && random_.OneIn(3)) {
      const auto place = static_cast<size_t>(random_.Between(0, free_ids_.size() - 1));
      told.id = free_ids_[place];
      free_ids_.erase(free_ids_.begin() + static_cast<std::ptrdiff_t>(place));
    } else {
      told.id = Concat("q", next_id_++);
    }
    if (!random_.OneIn(4)) told.experiment = random_.OneIn(2) ? "e" : "f";
    for (uint32_t resource = 1; resource <= kResources; ++resource) {
      if (random_.OneIn(2)) told.asked[resource] = random_.Between(1, 9);
    }
    if (told.asked.empty()) told.asked[1] = 1;
    return told;
  }
  std::set<uint32_t> SomeOf(const Told& told) {
    std::set<uint32_t> some;
    for (const auto& [resource, amount] : told.asked) {
      if (!random_.OneIn(3)) some.insert(resource);
    }
    return some;
  }
  std::map<uint32_t, int64_t> UpTo(const Told& told) {
    std::map<uint32_t, int64_t> granted;
    for (const auto& [resource, amount] : told.asked) {
      granted[resource] = random_.Between(1, amount);
    }
    return granted;
  }
  void Ask() {
    Told told = New();
    switch (random_.Between(0, 3)) {
      case 0:
        told.what = What::kDenied;
        told.lacking = SomeOf(told);
        if (random_.OneIn(4)) told.id.clear();
        if (!told.id.empty()) free_ids_.push_back(told.id);
        break;
      case 1:
        told.what = What::kQueued;
        told.lacking = SomeOf(told);
        open_.push_back(told);
        break;
      case 2:
        told.what = What::kHeld;
        told.granted = UpTo(told);
        break;
      default:
        told.what = What::kBooked;
        told.granted = UpTo(told);
        open_.push_back(told);
        break;
    }
    history_.push_back(std::move(told));
  }
  void GoOn() {
    const auto place = static_cast<size_t>(random_.Between(0, open_.size() - 1));
    const Told of = open_[place];
    Told told;
    told.id = of.id;
    if (of.what == What::kBooked && random_.OneIn(2)) {
      told.what = What::kDelayed;
      told.lacking = SomeOf(of);
      open_[place].what = What::kDelayed;
      history_.push_back(std::move(told));
      return;
    }
    const int64_t end = random_.Between(0, 2);
    told.what = end == 0 ? What::kGranted : end == 1 ? What::kEndedDenied : What::kGaveUp;
    // What is booked is not denied but where it could not start.
    if (of.what == What::kBooked && end == 1) told.what = What::kGaveUp;
    if (end == 0) told.granted = UpTo(of);
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(place));
    history_.push_back(std::move(told));
  }

  Random random_;
  std::vector<Told> history_;
  std::vector<Told> open_;
  std::vector<std::string> free_ids_;
  int next_id_ = 1;
};

// As who reads the journal tells the fold.
class Reader {
 public:
  Reader(const std::vector<Told>& history, size_t begin,
         size_t withdrawn_kept = DemandFold::kWithdrawnKept)
      : fold_(Identify, withdrawn_kept) {
    for (size_t i = 0; i < begin; ++i) Note(history[i]);
    std::set<std::string> told_of;
    for (size_t i = begin; i < history.size(); ++i) told_of.insert(history[i].id);
    for (const auto& [id, waits] : waits_) {
      if (!told_of.contains(id) && waits.is_waiting) fold_.TakeWaiting(id, waits.asked);
    }
    for (size_t i = begin; i < history.size(); ++i) {
      const stored::ReservationFact fact = FactOf(history[i]);
      if (fold_.IsOfUnknown(fact)) fold_.Recall(history[i].id, waits_.at(history[i].id).asked);
      fold_.Take(fact);
      Note(history[i]);
    }
  }
  Unserved Sum() const { return fold_.Sum(); }

 private:
  struct Waits {
    AskedFor asked;
    bool is_waiting = true;  // else it is booked
  };
  void Note(const Told& told) {
    if (told.what == What::kQueued || told.what == What::kBooked) {
      Waits& waits = waits_[told.id];
      waits.asked = AskedForOf(RequestOf(told), RefusalOf(told), Identify);
      waits.asked.is_booked = told.what == What::kBooked;
      waits.is_waiting = told.what == What::kQueued;
    } else if (told.what == What::kDelayed) {
      Waits& waits = waits_.at(told.id);
      for (auto& line : waits.asked.lines) line.is_lacking = told.lacking.contains(line.resource);
      waits.is_waiting = true;
    } else {
      waits_.erase(told.id);
    }
  }

  std::map<std::string, Waits> waits_;
  DemandFold fold_;
};

void ExpectSame(const std::vector<Told>& history, size_t begin) {
  const std::map<uint32_t, int64_t> expected = SlowCount(history, begin).Sum();
  // Also where what counts no more is forgotten as soon as it is most of what there is.
  for (const size_t kept : {DemandFold::kWithdrawnKept, size_t{0}}) {
    const Unserved unserved = Reader(history, begin, kept).Sum();
    std::map<uint32_t, int64_t> sum;
    for (const auto& [resource, amount] : unserved) sum[resource] = static_cast<int64_t>(amount);
    ASSERT_EQ(sum, expected) << history.size() << " from " << begin << ", " << kept << " kept";
  }
}

TEST(UnservedDemand, IsWhatTheWordsSayOfAnyHistory) {
  const uint64_t seed = FirstSeed(16);
  for (uint64_t i = 0; i < 3'000; ++i) {
    Histories histories(seed + i);
    const std::vector<Told> history = histories.Draw(static_cast<int>(i % 60));
    for (const size_t begin : {size_t{0}, history.size() / 4, history.size() / 2}) {
      ExpectSame(history, begin);
      if (HasFatalFailure()) FAIL() << "seed " << seed + i;
    }
  }
}

Told Ask(What what, const std::string& id, int64_t amount, const std::string& experiment = "e") {
  Told told;
  told.what = what;
  told.id = id;
  told.experiment = experiment;
  told.asked[1] = amount;
  if (what == What::kDenied || what == What::kQueued) told.lacking = {1};
  if (what == What::kHeld || what == What::kBooked) told.granted = told.asked;
  return told;
}
Told Then(What what, const std::string& id, int64_t granted = 0) {
  Told told;
  told.what = what;
  told.id = id;
  if (granted != 0) told.granted[1] = granted;
  return told;
}
int64_t SumOf(const std::vector<Told>& history) {
  const Unserved unserved = Reader(history, 0).Sum();
  return unserved.empty() ? 0 : static_cast<int64_t>(unserved.at(1));
}

TEST(UnservedDemand, IsServedByWhatTheSameExperimentGetsLater) {
  const Told denied = Ask(What::kDenied, "a", 7);
  EXPECT_EQ(SumOf({denied}), 7);
  EXPECT_EQ(SumOf({denied, Ask(What::kHeld, "b", 5)}), 2);
  EXPECT_EQ(SumOf({denied, Ask(What::kHeld, "b", 50)}), 0);
  EXPECT_EQ(SumOf({Ask(What::kHeld, "b", 5), denied}), 7);
  EXPECT_EQ(SumOf({denied, Ask(What::kHeld, "b", 5, "f")}), 7);
  EXPECT_EQ(SumOf({Ask(What::kDenied, "a", 7, ""), Ask(What::kHeld, "b", 5, "")}), 7);
  // What is more than was denied before it serves nothing that is denied later.
  EXPECT_EQ(SumOf({denied, Ask(What::kHeld, "b", 50), Ask(What::kDenied, "c", 3)}), 3);
}

TEST(UnservedDemand, CountsWhoWaitsUntilItIsGranted) {
  const Told queued = Ask(What::kQueued, "a", 7);
  EXPECT_EQ(SumOf({queued}), 7);
  EXPECT_EQ(SumOf({queued, Then(What::kGranted, "a", 7)}), 0);
  EXPECT_EQ(SumOf({queued, Then(What::kGaveUp, "a")}), 0);
  EXPECT_EQ(SumOf({queued, Then(What::kEndedDenied, "a")}), 7);
  // Denied at its end: what came before that does not serve it.
  EXPECT_EQ(SumOf({queued, Ask(What::kHeld, "b", 5), Then(What::kEndedDenied, "a")}), 7);
  // It serves itself alone.
  EXPECT_EQ(SumOf({Ask(What::kDenied, "b", 4), queued, Then(What::kGranted, "a", 7)}), 4);
}

TEST(UnservedDemand, CountsEachIdOnceTheLastTime) {
  const Told denied = Ask(What::kDenied, "a", 7);
  EXPECT_EQ(SumOf({denied, Ask(What::kDenied, "a", 3)}), 3);
  EXPECT_EQ(SumOf({denied, Ask(What::kHeld, "a", 7)}), 0);
  EXPECT_EQ(SumOf({denied, Ask(What::kDenied, "", 3), Ask(What::kDenied, "", 3)}), 13);
  // Served before it was denied again: that grant is another's now.
  EXPECT_EQ(SumOf({Ask(What::kDenied, "b", 7), denied, Ask(What::kHeld, "c", 7),
                   Ask(What::kDenied, "b", 7)}),
            7);
  // A refusal for something else is no lack.
  Told frozen = Ask(What::kDenied, "a", 7);
  frozen.lacking.clear();
  EXPECT_EQ(SumOf({denied, frozen}), 0);
}

TEST(UnservedDemand, KeepsNothingOfWhoWaitedAndWasGranted) {
  DemandFold fold(Identify);
  for (int i = 0; i < 5'000; ++i) {
    Told told;
    told.what = What::kQueued;
    told.id = Concat("q", i);
    told.experiment = "e";
    told.asked[1] = 2;
    told.lacking = {1};
    fold.Take(FactOf(told));
    told.what = What::kGranted;
    told.granted[1] = 2;
    fold.Take(FactOf(told));
  }
  EXPECT_EQ(fold.size(), 0u);
  EXPECT_TRUE(fold.Sum().empty());
}

}  // namespace
}  // namespace purser::reviewer
