// Deciding what operators ask of limits.
#include <map>

#include "ledger/text.h"
#include "lifecycle/decision.h"

namespace purser {
namespace {

using Parts = std::pair<std::string_view, const LimitParts*>;
std::vector<Parts> PartsOf(const stored::Limit& limit) {
  return {{"share_percent", &limit.share_percent()},
          {"request_amounts", &limit.request_amounts()},
          {"day_amounts", &limit.day_amounts()},
          {"month_amounts", &limit.month_amounts()}};
}

bool HasPart(const stored::Limit& limit) {
  for (const auto& [field, parts] : PartsOf(limit)) {
    if (!parts->empty()) return true;
  }
  return limit.has_requests_per_second() || limit.has_open_reservations() ||
         limit.highest_tier() != 0 || limit.has_highest_priority();
}

// The same but for what the daemon adds.
bool SameContent(stored::Limit a, const stored::Limit& b) {
  a.set_generation(b.generation());
  a.set_create_time_us(b.create_time_us());
  a.set_sequence(b.sequence());
  return a.SerializeAsString() == b.SerializeAsString();
}

void ChangeParts(const LimitParts& changes, LimitParts* parts) {
  std::map<std::string, int64_t> amounts;
  for (const stored::Limit::Part& part : *parts) amounts[part.resource()] = part.amount();
  for (const stored::Limit::Part& part : changes) amounts[part.resource()] = part.amount();
  parts->Clear();
  for (const auto& [resource, amount] : amounts) {
    if (amount == 0) continue;
    stored::Limit::Part& part = *parts->Add();
    part.set_resource(resource);
    part.set_amount(amount);
  }
}

void Change(const stored::Limit& changes, stored::Limit* limit) {
  if (changes.has_requests_per_second()) {
    limit->set_requests_per_second(changes.requests_per_second());
    if (changes.requests_per_second() == 0) {
      limit->clear_requests_per_second();
      limit->clear_burst();
    }
  }
  if (changes.has_burst()) limit->set_burst(changes.burst());
  if (limit->burst() == 0) limit->clear_burst();
  if (changes.has_open_reservations()) limit->set_open_reservations(changes.open_reservations());
  if (limit->open_reservations() == 0) limit->clear_open_reservations();
  if (changes.highest_tier() != 0) limit->set_highest_tier(changes.highest_tier());
  if (changes.has_highest_priority()) limit->set_highest_priority(changes.highest_priority());
  ChangeParts(changes.share_percent(), limit->mutable_share_percent());
  ChangeParts(changes.request_amounts(), limit->mutable_request_amounts());
  ChangeParts(changes.day_amounts(), limit->mutable_day_amounts());
  ChangeParts(changes.month_amounts(), limit->mutable_month_amounts());
}

}  // namespace

absl::Status Decision::CheckNames(const stored::Limit& limit) const {
  Faults faults;
  for (const auto& [field, parts] : PartsOf(limit)) {
    for (const stored::Limit::Part& part : *parts) {
      if (part.amount() == 0 || books_.FindByName(part.resource()) != nullptr) continue;
      faults.Add(stored::UNKNOWN_RESOURCE, Concat(field, ".", part.resource()), kNoSuchResource);
    }
  }
  return faults.ToStatus();
}

void Decision::ShowLimit(const stored::Limit& limit, bool created) {
  NewShown(stored::Answer::LIMIT, limit.id(), created).limit =
      std::make_shared<const stored::Limit>(limit);
}

absl::Status Decision::DecideBody(const CreateLimit& body) {
  stored::Limit limit = body.limit;
  if (limit.id().empty()) limit.set_id(Concat("_", books_.sequence()));
  const LimitBook& limits = population_.books.limits();
  const stored::Limit* const before = limits.Find(limit.id());
  if (before != nullptr && !SameContent(limit, *before)) {
    return Refuse(stored::ID_CONFLICT, "the id limits in another way; PATCH changes a limit");
  }
  if (before != nullptr) {
    // It stands already: said again, and left as it is.
    limit = *before;
    books_.SetLimit(limit);
    ShowLimit(limit, false);
    return absl::OkStatus();
  }
  if (auto status = CheckNames(limit); !status.ok()) return status;
  if (const stored::Limit* same = limits.FindSameSubject(limit)) {
    return Refuse(stored::ID_CONFLICT,
                  Concat("the limit \"", same->id(), "\" has the same subject; PATCH it"));
  }
  if (limits.size() >= kLimitsMax) {
    return Refuse(stored::LIMIT_OF_THE_DAEMON,
                  Concat("a population has at most ", kLimitsMax, " limits"));
  }
  limit.set_generation(1);
  limit.set_create_time_us(books_.now_us());
  limit.set_sequence(books_.sequence());
  books_.SetLimit(limit);
  ShowLimit(limit, true);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const UpdateLimit& body) {
  const stored::Limit* const before = population_.books.limits().Find(body.id);
  if (before == nullptr) {
    return Refuse(stored::NOT_FOUND, Concat("there is no limit \"", body.id, "\""));
  }
  stored::Limit limit = *before;
  Change(body.changes, &limit);
  if (auto status = CheckNames(body.changes); !status.ok()) return status;
  if (!HasPart(limit)) {
    return RefuseField(stored::INVALID_ARGUMENT, "", "nothing would be left of it: DELETE it");
  }
  if (limit.has_burst() && !limit.has_requests_per_second()) {
    return RefuseField(stored::INVALID_ARGUMENT, "burst", "is of requests_per_second");
  }
  auto status = CheckIfMatch(command_.if_match, before->generation(), Match::kRequired);
  if (!status.ok()) return status;
  limit.set_generation(before->generation() + 1);
  books_.SetLimit(limit);
  ShowLimit(limit, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const DeleteLimit& body) {
  const stored::Limit* const limit = population_.books.limits().Find(body.id);
  if (limit == nullptr) {
    return Refuse(stored::NOT_FOUND, Concat("there is no limit \"", body.id, "\""));
  }
  auto status = CheckIfMatch(command_.if_match, limit->generation(), Match::kRequired);
  if (!status.ok()) return status;
  ShowLimit(*limit, false);
  books_.DeleteLimit(body.id);
  return absl::OkStatus();
}

}  // namespace purser
