// Deciding what operators ask of guardrails.
#include "ledger/text.h"
#include "lifecycle/decision.h"

namespace purser {
namespace {

bool SameContent(stored::Guardrail a, const stored::Guardrail& b) {
  a.set_generation(b.generation());
  a.set_create_time_us(b.create_time_us());
  a.set_sequence(b.sequence());
  return a.SerializeAsString() == b.SerializeAsString();
}

absl::Status NotFound(const std::string& id) {
  return Refuse(stored::NOT_FOUND, Concat("there is no guardrail \"", id, "\""));
}

}  // namespace

void Decision::ShowGuardrail(const stored::GuardrailRecord& record, bool created) {
  const std::string& id = record.guardrail().id();
  Shown& shown = NewShown(stored::Answer::GUARDRAIL, id, created);
  shown.guardrail = std::make_shared<const stored::GuardrailRecord>(record);
  const stored::Freeze* const freeze = books_.freezes().FindOfGuardrail(id);
  if (freeze != nullptr) shown.freeze = std::make_shared<const stored::Freeze>(*freeze);
}

absl::Status Decision::DecideBody(const CreateGuardrail& body) {
  stored::Guardrail guardrail = body.guardrail;
  if (guardrail.id().empty()) guardrail.set_id(Concat("_", books_.sequence()));
  const GuardrailBook& guardrails = population_.books.guardrails();
  const stored::GuardrailRecord* const before = guardrails.Find(guardrail.id());
  if (before != nullptr && !SameContent(guardrail, before->guardrail())) {
    return Refuse(stored::ID_CONFLICT, "the id guards in another way; PATCH changes a guardrail");
  }
  if (before != nullptr) {
    ShowGuardrail(*before, false);
    NoteReplay();
    return absl::OkStatus();
  }
  if (guardrails.size() >= kGuardrailsMax) {
    return Refuse(stored::LIMIT_OF_THE_DAEMON,
                  Concat("a population has at most ", kGuardrailsMax, " guardrails"));
  }
  guardrail.set_generation(1);
  guardrail.set_create_time_us(books_.now_us());
  guardrail.set_sequence(books_.sequence());
  books_.SetGuardrail(guardrail);
  stored::GuardrailRecord record;
  *record.mutable_guardrail() = guardrail;
  ShowGuardrail(record, true);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const UpdateGuardrail& body) {
  const stored::GuardrailRecord* const before = population_.books.guardrails().Find(body.id);
  if (before == nullptr) return NotFound(body.id);
  stored::GuardrailRecord record = *before;
  stored::Guardrail& guardrail = *record.mutable_guardrail();
  auto status = CheckIfMatch(command_.if_match, guardrail.generation(), Match::kRequired);
  if (!status.ok()) return status;
  if (body.expected_hourly_cost.has_value()) {
    guardrail.clear_expected_hourly_cost();
    if (!body.expected_hourly_cost->is_zero()) {
      guardrail.set_expected_hourly_cost(body.expected_hourly_cost->micros());
    }
  }
  guardrail.set_generation(guardrail.generation() + 1);
  books_.SetGuardrail(guardrail);
  ShowGuardrail(record, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const DeleteGuardrail& body) {
  const stored::GuardrailRecord* const before = population_.books.guardrails().Find(body.id);
  if (before == nullptr) return NotFound(body.id);
  auto status = CheckIfMatch(command_.if_match, before->guardrail().generation(), Match::kRequired);
  if (!status.ok()) return status;
  const stored::Freeze* const freeze = books_.freezes().FindOfGuardrail(body.id);
  if (freeze != nullptr) books_.Thaw(std::string(freeze->id()), false, "the guardrail is deleted");
  ShowGuardrail(*before, false);
  books_.DeleteGuardrail(body.id);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const ResetGuardrail& body) {
  const stored::GuardrailRecord* const record = population_.books.guardrails().Find(body.id);
  if (record == nullptr) return NotFound(body.id);
  const stored::Freeze* const freeze = books_.freezes().FindOfGuardrail(body.id);
  if (freeze == nullptr) {
    return Refuse(stored::WRONG_STATE, "the guardrail has not tripped: there is nothing to reset");
  }
  auto status = CheckIfMatch(command_.if_match, record->guardrail().generation(), Match::kOptional);
  if (!status.ok()) return status;
  books_.Thaw(std::string(freeze->id()), false, body.reason);
  books_.SetGuardrail(record->guardrail());  // as it was: what the answer is made of again
  ShowGuardrail(*record, false);
  return absl::OkStatus();
}

}  // namespace purser
