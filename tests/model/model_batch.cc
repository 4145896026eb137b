// Batches: each on its own, or one verdict for all.
#include <set>

#include "tests/model/model.h"

namespace purser::model {
namespace {

bool IsDenial(const Verdict& verdict) { return !verdict.reasons.empty(); }

// Operations on existing reservations that the batch releases or settles come first, in their
// order.
std::vector<size_t> OrderOfEffect(const Action& batch, const State& before) {
  std::set<std::string> freed;
  for (const Action& member : batch.members) {
    const bool frees = member.verb == Verb::kSettle || member.verb == Verb::kRelease;
    if (frees && before.reservations.contains(member.id)) freed.insert(member.id);
  }
  std::vector<size_t> first;
  std::vector<size_t> rest;
  for (size_t i = 0; i < batch.members.size(); ++i) {
    const Action& member = batch.members[i];
    const bool on_reservation = member.verb != Verb::kReserve && member.verb != Verb::kPostCharge &&
                                member.verb != Verb::kEnterCost &&
                                member.verb != Verb::kReportOutcomes;
    (on_reservation && freed.contains(member.id) ? first : rest).push_back(i);
  }
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

}  // namespace

Verdict Model::Batch(const Action& given) {
  Action action = given;
  for (Action& member : action.members) {
    member.principal = given.principal;
    member.admin = given.admin;
    member.reserve_spend = given.reserve_spend;
    member.debt_incur = given.debt_incur;
  }
  if (action.atomic) return AtomicBatch(action);
  Verdict verdict;
  for (const Action& member : action.members) verdict.results.push_back(DoInEntries(member));
  return verdict;
}

Verdict Model::AtomicBatch(const Action& action) {
  const auto failed_by = [&action](size_t index, const Verdict& cause) {
    Verdict verdict;
    verdict.results.assign(action.members.size(), Refused("batch_member_failed"));
    verdict.results[index] = cause;
    verdict.code = cause.code;
    verdict.member = static_cast<int>(index);
    return verdict;
  };
  // Faults that need no state are those of the one body, and come before anything is looked up.
  for (size_t i = 0; i < action.members.size(); ++i) {
    const std::string code = Malformed(action.members[i]);
    if (!code.empty()) return failed_by(i, Refused(code));
  }
  for (size_t i = 0; i < action.members.size(); ++i) {
    if (!LacksScope(action.members[i]).empty()) return failed_by(i, Refused("forbidden"));
  }
  const State before = state_;
  Verdict verdict;
  verdict.results.resize(action.members.size());
  for (const size_t i : OrderOfEffect(action, before)) {
    const Action& member = action.members[i];
    const Verdict result = Dispatch(member);
    verdict.results[i] = result;
    if (result.code.empty()) continue;
    state_ = before;
    if (IsDenial(result) && !result.replayed) Deny(member, result);
    return failed_by(i, result);
  }
  return verdict;
}

}  // namespace purser::model
