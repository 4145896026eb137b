// Lists, newest first, and first answers made again.
#include <algorithm>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <tuple>

#include "absl/strings/escaping.h"
#include "daemon/history.h"
#include "daemon/recovery.h"
#include "daemon/schema.h"
#include "ledger/refusal.h"
#include "ledger/text.h"

namespace purser {
namespace {

// A page that filters much is cut after this many rows looked at, with a token to go on.
constexpr size_t kRowsLookedAtMax = 20'000;

// Where a list goes on: the entry that made the thing, and which of those that it made.
struct MadePlace {
  uint64_t sequence = 0;
  uint32_t index = 0;
  bool operator<(const MadePlace& other) const {
    return std::tie(sequence, index) < std::tie(other.sequence, other.index);
  }
};

constexpr int kSequenceDigits = 16;
constexpr int kIndexDigits = 8;

std::string WritePlace(const MadePlace& place) {
  char text[kSequenceDigits + kIndexDigits + 1];
  snprintf(text, sizeof(text), "%016" PRIx64 "%08" PRIx32, place.sequence, place.index);
  return text;
}

std::optional<MadePlace> ReadPlace(const std::string& token) {
  MadePlace place;
  if (token.size() != kSequenceDigits + kIndexDigits) return std::nullopt;
  const char* const middle = token.data() + kSequenceDigits;
  const char* const end = middle + kIndexDigits;
  const bool read = std::from_chars(token.data(), middle, place.sequence, 16).ptr == middle &&
                    std::from_chars(middle, end, place.index, 16).ptr == end;
  return read && WritePlace(place) == token ? std::optional<MadePlace>(place) : std::nullopt;
}

absl::Status BadToken() {
  return RefuseField(stored::INVALID_ARGUMENT, "page_token", "not a token of this list");
}

}  // namespace

absl::StatusOr<std::string> History::WalkByTime(char kind, const api::PageRequest& page,
                                                const VisitId& visit) {
  const std::string prefix = schema::ByTimePrefix(population_, schema::TimedKind{kind});
  MadePlace newest{UINT64_MAX, UINT32_MAX};
  if (!page.token.empty()) {
    const auto place = ReadPlace(page.token);
    if (!place.has_value()) return BadToken();
    newest = *place;
  }
  auto cursor = snapshot_->NewCursor(Table::kByTime);
  size_t taken = 0;
  size_t looked_at = 0;
  for (cursor->SeekLastAtOrBefore(
           schema::ByTimeKey(population_, schema::TimedKind{kind}, newest.sequence));
       cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix; cursor->Previous()) {
    const uint64_t first = schema::SequenceOfByTimeKey(cursor->key());
    stored::MadeInGroup made;
    const std::string_view value = cursor->value();
    if (!made.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
        made.entries_size() != made.ids_size() || made.indexes_size() != made.ids_size()) {
      return absl::DataLossError("table by_time: a row cannot be read");
    }
    for (int i = made.ids_size() - 1; i >= 0; --i) {
      const MadePlace place{first + made.entries(i), made.indexes(i)};
      if (newest < place) continue;
      if (taken == page.size || looked_at == kRowsLookedAtMax) return WritePlace(place);
      ++looked_at;
      auto took = visit(made.ids(i), place.sequence);
      if (!took.ok()) return took.status();
      taken += *took;
    }
  }
  if (!cursor->status().ok()) return cursor->status();
  return std::string();
}

absl::StatusOr<api::Page<Reservation>> History::ListReservations(
    const api::ReservationFilter& filter, const api::PageRequest& page) {
  api::Page<Reservation> result;
  auto token =
      WalkByTime('r', page, [&](const std::string& id, uint64_t sequence) -> absl::StatusOr<bool> {
        auto reservation = FindReservation(id);
        if (!reservation.ok()) return reservation.status();
        // A denied id that was used again has a younger row of its own.
        if (!reservation->has_value() || (*reservation)->create_sequence != sequence) return false;
        if (filter.state.has_value() && (*reservation)->state != *filter.state) return false;
        if (!filter.operator_family.empty() &&
            FindLabel(*(*reservation)->labels, kFamilyLabel) != filter.operator_family) {
          return false;
        }
        result.items.push_back(**std::move(reservation));
        return true;
      });
  if (!token.ok()) return token.status();
  result.next_token = *std::move(token);
  auto meta = ReadMeta();
  if (!meta.ok()) return meta.status();
  result.sequence = meta->last_sequence();
  return result;
}

namespace {

schema::TimedKind KindOf(api::Posted posted) {
  switch (posted) {
    case api::Posted::kCostEntry:
      return schema::TimedKind::kCostEntry;
    case api::Posted::kOutcomes:
      return schema::TimedKind::kOutcomes;
    default:
      return schema::TimedKind::kCharge;
  }
}

}  // namespace

absl::StatusOr<api::Page<stored::ChargeRecord>> History::ListCharges(api::Posted posted,
                                                                     const std::string& reservation,
                                                                     const api::PageRequest& page) {
  api::Page<stored::ChargeRecord> result;
  const auto kind = static_cast<char>(KindOf(posted));
  auto token = WalkByTime(kind, page, [&](const std::string& id, uint64_t) -> absl::StatusOr<bool> {
    auto charge = FindCharge(id);
    if (!charge.ok()) return charge.status();
    if (!charge->has_value()) return false;
    if (!reservation.empty() && (*charge)->charged().reservation() != reservation) return false;
    result.items.push_back(**std::move(charge));
    return true;
  });
  if (!token.ok()) return token.status();
  result.next_token = *std::move(token);
  auto meta = ReadMeta();
  if (!meta.ok()) return meta.status();
  result.sequence = meta->last_sequence();
  return result;
}

absl::StatusOr<api::Page<stored::Debt>> History::ListDebts(const api::PageRequest& page) {
  api::Page<stored::Debt> result;
  const std::string prefix = schema::PopulationPrefix(population_);
  std::string key = prefix;
  if (!page.token.empty()) {
    const std::string suffix = absl::HexStringToBytes(page.token);
    if (suffix.size() != 12 || absl::BytesToHexString(suffix) != page.token) return BadToken();
    key += suffix;
  }
  auto cursor = snapshot_->NewCursor(Table::kDebts);
  for (cursor->SeekFirstAtOrAfter(key);
       cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix; cursor->Next()) {
    if (result.items.size() == page.size) {
      result.next_token = absl::BytesToHexString(ToAbsl(cursor->key().substr(prefix.size())));
      break;
    }
    const std::string_view value = cursor->value();
    if (!result.items.emplace_back().ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return absl::DataLossError("a debt cannot be read");
    }
  }
  if (!cursor->status().ok()) return cursor->status();
  auto meta = ReadMeta();
  if (!meta.ok()) return meta.status();
  result.sequence = meta->last_sequence();
  return result;
}

absl::StatusOr<api::Page<api::StoredEntry>> History::ListEntries(const api::PageRequest& page) {
  api::Page<api::StoredEntry> result;
  auto meta = ReadMeta();
  if (!meta.ok()) return meta.status();
  result.sequence = meta->last_sequence();
  uint64_t newest = meta->last_sequence();
  if (!page.token.empty()) {
    const char* end = page.token.data() + page.token.size();
    const auto [stop, error] = std::from_chars(page.token.data(), end, newest);
    if (error != std::errc() || stop != end || newest == 0 || newest > meta->last_sequence()) {
      return BadToken();
    }
  }
  const uint64_t oldest = newest >= page.size ? newest - page.size + 1 : 1;
  auto status = ForEachEntry(oldest, [&](const Visited& visited) {
    if (visited.entry.sequence() > newest) return false;
    result.items.push_back(
        {visited.entry, visited.bytes, absl::BytesToHexString(ToAbsl(Bytes(visited.hash)))});
    return true;
  });
  if (!status.ok()) return status;
  std::reverse(result.items.begin(), result.items.end());
  if (oldest > 1) result.next_token = Concat(oldest - 1);
  return result;
}

absl::StatusOr<std::vector<api::StoredEntry>> History::ReadEntries(uint64_t first) {
  std::vector<api::StoredEntry> entries;
  size_t bytes = 0;
  auto status = ForEachEntry(first, [&](const Visited& visited) {
    entries.push_back(
        {visited.entry, visited.bytes, absl::BytesToHexString(ToAbsl(Bytes(visited.hash)))});
    bytes += visited.bytes.size();
    return entries.size() < api::kEntriesReadMax && bytes < api::kEntriesReadBytesMax;
  });
  if (!status.ok()) return status;
  return entries;
}

absl::StatusOr<Shown> History::RecallCharge(const stored::Answer& answer, bool refund) {
  Shown shown;
  shown.answer = answer;
  auto charge = FindCharge(answer.id());
  if (charge.ok() && charge->has_value() && refund) charge = FindCharge((*charge)->refund_of());
  if (!charge.ok()) return charge.status();
  if (!charge->has_value()) return absl::DataLossError("a charge that was posted is missing");
  auto then = std::make_shared<stored::ChargeRecord>(**std::move(charge));
  // As it was then: without what was refunded later.
  auto& refunds = *then->mutable_refunds();
  while (!refunds.empty() && refunds.Get(refunds.size() - 1).sequence() > answer.sequence()) {
    refunds.RemoveLast();
  }
  shown.charge = std::move(then);
  return shown;
}

absl::StatusOr<Shown> History::RecallFromEntry(const stored::Answer& answer) {
  Shown shown;
  shown.answer = answer;
  auto entry = FindEntry(answer.sequence());
  if (!entry.ok()) return entry.status();
  if (*entry == nullptr) return absl::DataLossError("an entry that was made is missing");
  shown.request_id = (*entry)->request_id();
  for (const auto& fact : (*entry)->ledger_facts()) {
    if (fact.has_frozen()) {
      shown.freeze = std::make_shared<const stored::Freeze>(fact.frozen());
    }
    if (fact.has_limit_set() && fact.limit_set().id() == answer.id()) {
      shown.limit = std::make_shared<const stored::Limit>(fact.limit_set());
    }
    if (fact.has_rate_card_set() && fact.rate_card_set().id() == answer.id()) {
      shown.rate_card = std::make_shared<const stored::RateCard>(fact.rate_card_set());
    }
    if (fact.has_budget_set() && fact.budget_set().budget().id() == answer.id()) {
      shown.budget =
          std::make_shared<const BudgetPicture>(PictureOf(fact.budget_set(), (*entry)->time_us()));
    }
    const bool tells = fact.has_budget_crossed() && fact.budget_crossed().id() == answer.id();
    if (tells && shown.budget != nullptr) {
      auto told = std::make_shared<BudgetPicture>(*shown.budget);
      told->totals.told = fact.budget_crossed().level();
      shown.budget = std::move(told);
    }
    if (fact.has_guardrail_set() && fact.guardrail_set().id() == answer.id()) {
      stored::GuardrailRecord record;
      *record.mutable_guardrail() = fact.guardrail_set();
      shown.guardrail = std::make_shared<const stored::GuardrailRecord>(std::move(record));
    }

    if (fact.has_period_closed()) {
      shown.period = std::make_shared<const stored::PeriodClosed>(fact.period_closed());
    }
  }
  for (const auto& fact : (*entry)->model_facts()) {
    const bool is_asked = fact.has_approval_requested();
    if (!is_asked && !fact.has_approval_ended()) continue;
    shown.approval = std::make_shared<const stored::Approval>(
        is_asked ? fact.approval_requested() : fact.approval_ended().approval());
  }
  for (const auto& fact : (*entry)->reservation_facts()) {
    if (fact.has_denied() && fact.denied().request().id() == answer.id()) {
      *shown.answer.mutable_refusal() = fact.denied().refusal();
      if (answer.refusal().has_member()) {
        shown.answer.mutable_refusal()->set_member(answer.refusal().member());
      }
    }
  }
  return shown;
}

namespace {

// Of one that waited: somebody rejected it in the entry, or it had waited long enough.
void SayHowItEnded(const std::string& id, const stored::Entry& end, Refusal* refusal) {
  std::string how = "it was not granted in time";
  refusal->set_reason(stored::QUEUE_TIMEOUT);
  for (const auto& fact : end.reservation_facts()) {
    if (!fact.has_reviewed() || fact.reviewed().id() != id) continue;
    const std::string& reason = fact.reviewed().reason();
    how = Concat(fact.reviewed().principal(), " rejected it", reason.empty() ? "" : ": ", reason);
    refusal->set_reason(stored::APPROVAL_REQUIRED);
  }
  refusal->set_detail(Concat(how, "; at first: ", refusal->detail()));
}

}  // namespace

absl::StatusOr<History::ToldRefusal> History::FindRefusal(const Reservation& reservation,
                                                          uint64_t as_of) {
  auto entry = FindEntry(reservation.create_sequence);
  if (!entry.ok()) return entry.status();
  if (*entry == nullptr) return absl::DataLossError("an entry that was made is missing");
  ToldRefusal told;
  told.request_id = (*entry)->request_id();
  for (const auto& fact : (*entry)->reservation_facts()) {
    if (ReservationIdOf(fact) != reservation.id) continue;
    if (fact.has_denied()) told.refusal = fact.denied().refusal();
    if (fact.has_queued()) told.refusal = fact.queued().refusal();
  }
  if (reservation.start_at_us != 0 && reservation.sequences.size() > 1) {
    auto start = FindEntry(reservation.sequences[1]);
    if (!start.ok()) return start.status();
    if (*start == nullptr) return absl::DataLossError("an entry that was made is missing");
    for (const auto& fact : (*start)->reservation_facts()) {
      const bool is_its = fact.has_delayed() && fact.delayed().id() == reservation.id;
      if (is_its) told.refusal = fact.delayed().refusal();
    }
  }
  if (reservation.state == stored::STATE_DENIED && !reservation.denied_at_once()) {
    auto end = FindEntry(reservation.sequences.back());
    if (!end.ok()) return end.status();
    if (*end == nullptr) return absl::DataLossError("an entry that was made is missing");
    SayHowItEnded(reservation.id, **end, &told.refusal);
    return told;
  }
  auto status = Explain(reservation.create_sequence, reservation.id, as_of, &told.refusal);
  if (!status.ok()) return status;
  return told;
}

absl::Status History::Explain(uint64_t denied_sequence, std::string_view id, uint64_t as_of,
                              Refusal* refusal) {
  const std::string key = schema::ExplainedKey(population_, denied_sequence);
  std::optional<std::string> value;
  if (auto status = snapshot_->Get(Table::kByTime, key, &value); !status.ok()) return status;
  if (!value.has_value()) return absl::OkStatus();
  stored::DenialExplained row;
  if (!row.ParseFromString(*value)) {
    return absl::DataLossError("table by_time: a row cannot be read");
  }
  if (row.sequence() > as_of) return absl::OkStatus();
  auto entry = FindEntry(row.sequence());
  if (!entry.ok()) return entry.status();
  if (*entry == nullptr) return absl::DataLossError("an entry that was made is missing");
  for (const auto& fact : (*entry)->reservation_facts()) {
    const bool is_its = fact.has_explained() &&
                        fact.explained().denied_sequence() == denied_sequence &&
                        fact.explained().id() == id;
    if (is_its) *refusal->mutable_explanation() = fact.explained().refusal().explanation();
  }
  return absl::OkStatus();
}

absl::StatusOr<Shown> History::Recall(const stored::Answer& answer) {
  Shown shown;
  shown.answer = answer;
  auto version = PopulationAsOf(answer.sequence());
  if (!version.ok()) return version.status();
  if (version->has_value()) shown.lease_shift_us = (*version)->lease_shift_us();
  switch (answer.kind()) {
    case stored::Answer::RESERVATION: {
      auto reservation = ReservationAsOf(answer.id(), answer.sequence());
      if (!reservation.ok()) return reservation.status();
      if (!reservation->has_value()) return shown;
      if ((*reservation)->queued()) {
        auto told = FindRefusal(**reservation, UINT64_MAX);
        if (!told.ok()) return told.status();
        shown.waits_for = std::make_shared<const Refusal>(std::move(told->refusal));
      }
      shown.reservation = std::make_shared<const ReservationPicture>(**std::move(reservation));
      return shown;
    }
    case stored::Answer::CHARGE:
    case stored::Answer::COST_ENTRY:
    case stored::Answer::OUTCOMES:
    case stored::Answer::REFUND:
      return RecallCharge(answer, answer.kind() == stored::Answer::REFUND);
    case stored::Answer::RESOURCE: {
      auto resource = ResourceAsOf(answer.resource(), answer.sequence());
      if (!resource.ok()) return resource.status();
      if (resource->has_value()) shown.resources.push_back(**std::move(resource));
      return shown;
    }
    case stored::Answer::POPULATION: {
      auto resources = ResourcesAsOf(answer.sequence());
      if (!resources.ok()) return resources.status();
      shown.resources = *std::move(resources);
      if (version->has_value()) {
        shown.population =
            std::make_shared<const stored::PopulationSettings>((*version)->settings());
      }
      return shown;
    }
    case stored::Answer::MODEL: {
      auto model = ModelAsOf(answer.id(), answer.sequence());
      if (!model.ok()) return model.status();
      if (model->has_value()) {
        shown.model = std::make_shared<const ModelRecord>(**std::move(model));
      }
      return shown;
    }
    case stored::Answer::PROPOSAL: {
      auto proposal = ProposalAsOf(answer.id(), answer.sequence());
      if (!proposal.ok()) return proposal.status();
      if (proposal->has_value()) {
        shown.proposal = std::make_shared<const ProposalRecord>(**std::move(proposal));
      }
      return shown;
    }
    case stored::Answer::FREEZE:
    case stored::Answer::LIMIT:
    case stored::Answer::RATE_CARD:
    case stored::Answer::GUARDRAIL:
    case stored::Answer::BUDGET:
    case stored::Answer::PERIOD:
    case stored::Answer::APPROVAL:
    case stored::Answer::DENIAL:
      return RecallFromEntry(answer);
    default:
      return shown;
  }
}

absl::StatusOr<std::vector<Shown>> History::RecallAll(const std::vector<stored::Answer>& answers) {
  std::vector<Shown> all;
  all.reserve(answers.size());
  for (const stored::Answer& answer : answers) {
    auto shown = Recall(answer);
    if (!shown.ok()) return shown.status();
    all.push_back(*std::move(shown));
  }
  // Behind all of them: the denials of one batch are in one group, their explanations in a few.
  for (Shown& shown : all) {
    if (shown.answer.kind() != stored::Answer::DENIAL) continue;
    auto status = Explain(shown.answer.sequence(), shown.answer.id(), UINT64_MAX,
                          shown.answer.mutable_refusal());
    if (!status.ok()) return status;
  }
  return all;
}

}  // namespace purser
