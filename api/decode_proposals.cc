#include "api/decode_proposals.h"

#include <algorithm>
#include <map>
#include <set>

#include "api/decode.h"
#include "api/decode_models.h"
#include "api/model_reference.h"
#include "ledger/names.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

using Settings = stored::ProposalSettings;

void ReadModels(const v1::Proposal& message, Faults* faults, Settings* settings) {
  std::set<std::string> seen;
  for (int i = 0; i < message.models_size(); ++i) {
    const std::string& id = message.models(i);
    const std::string path = Concat("models[", i, "]");
    if (!NamesModel(id)) {
      faults->Add(stored::INVALID_ARGUMENT, path, kIdRule);
    } else if (!seen.insert(id).second) {
      faults->Add(stored::INVALID_ARGUMENT, path, "is named twice");
    }
    settings->add_models(id);
  }
  const size_t least = settings->kind() == Settings::MERGE ? 2 : 1;
  if (static_cast<size_t>(message.models_size()) < least) {
    faults->Add(stored::INVALID_ARGUMENT, "models", Concat("at least ", least));
  }
  if (static_cast<size_t>(message.models_size()) > kProposedModelsMax) {
    faults->Add(stored::INVALID_ARGUMENT, "models", Concat("at most ", kProposedModelsMax));
  }
}

void ReadResult(const v1::Proposal& message, Faults* faults, Settings* settings) {
  const bool has_result =
      settings->kind() == Settings::MERGE || settings->kind() == Settings::REPLACE;
  settings->set_result_model(message.result_model());
  if (message.result_model().empty()) {
    if (settings->kind() == Settings::REPLACE) {
      faults->Add(stored::INVALID_ARGUMENT, "result_model", "is required of a REPLACE");
    }
    return;
  }
  if (!has_result) {
    faults->Add(stored::INVALID_ARGUMENT, "result_model", "only a MERGE or a REPLACE has a result");
  } else if (!NamesModel(message.result_model())) {
    faults->Add(stored::INVALID_ARGUMENT, "result_model", kIdRule);
  }
  const auto& models = message.models();
  if (std::find(models.begin(), models.end(), message.result_model()) != models.end()) {
    faults->Add(stored::INVALID_ARGUMENT, "result_model", "is one of the models");
  }
}

void ReadEvidence(const v1::Proposal& message, Faults* faults, Settings* settings) {
  std::map<std::string, std::string> ordered(message.evidence().begin(), message.evidence().end());
  size_t length = 0;
  for (const auto& [name, text] : ordered) {
    const std::string path = Concat("evidence.", name);
    if (!IsId(name)) faults->Add(stored::INVALID_ARGUMENT, path, kIdRule);
    if (!IsText(text, kEvidenceLengthMax)) {
      faults->Add(stored::INVALID_ARGUMENT, path, "a text without controls");
    }
    length += text.size();
    Settings::Evidence& evidence = *settings->add_evidence();
    evidence.set_name(name);
    evidence.set_text(text);
  }
  if (ordered.size() > kEvidenceMax || length > kEvidenceLengthMax) {
    faults->Add(
        stored::INVALID_ARGUMENT, "evidence",
        Concat("at most ", kEvidenceMax, " texts of together ", kEvidenceLengthMax, " bytes"));
  }
}

void RefuseOutputs(const v1::Proposal& message, Faults* faults) {
  const std::pair<bool, const char*> outputs[] = {
      {!message.state().empty(), "state"},
      {!message.proposer().empty(), "proposer"},
      {message.has_approver(), "approver"},
      {message.has_approved_by_policy(), "approved_by_policy"},
      {message.generation() != 0, "generation"},
      {message.has_create_time(), "create_time"},
      {message.has_state_time(), "state_time"},
      {message.has_ended_by(), "ended_by"},
      {message.has_end_reason(), "end_reason"},
      {message.has_promised_saving(), "promised_saving"},
      {message.has_realised_saving(), "realised_saving"},
      {!message.frees().empty(), "frees"},
      {!message.occupies().empty(), "occupies"},
      {message.has_net_value(), "net_value"},
      {!message.constraints().empty(), "constraints"},
      {!message.unblocks().empty(), "unblocks"},
      {message.has_dry_run(), "dry_run"}};
  for (const auto& [present, field] : outputs) {
    if (present) faults->Add(stored::UNKNOWN_FIELD, field, "is not sent");
  }
}

}  // namespace

Propose DecodeProposal(const v1::Proposal& message, Faults* faults) {
  Propose command;
  Settings& settings = command.said;
  settings.set_id(message.id());
  if (!message.id().empty() && !IsId(message.id())) {
    faults->Add(stored::INVALID_ARGUMENT, "id", kIdRule);
  }
  Settings::Kind kind = Settings::KIND_UNSPECIFIED;
  if (!Settings::Kind_Parse(message.kind(), &kind) || kind == Settings::KIND_UNSPECIFIED) {
    faults->Add(stored::INVALID_ARGUMENT, "kind", "RETIRE, MERGE, REPLACE or ARCHIVE");
  }
  settings.set_kind(kind);
  ReadModels(message, faults, &settings);
  ReadResult(message, faults, &settings);
  ReadEvidence(message, faults, &settings);
  settings.set_reason(message.reason());
  CheckReason(message.reason(), "reason", faults);
  if (message.has_expire_time()) {
    const auto& expires = message.expire_time();
    // 0 stands for none; 1970 is as long ago a moment later.
    const int64_t at_us = expires.seconds() * kSecondUs + expires.nanos() / 1'000;
    settings.set_expire_time_us(at_us == 0 ? 1 : at_us);
  }
  RefuseOutputs(message, faults);
  return command;
}

UpdateProposal DecodeProposalUpdate(const v1::UpdateProposal& message, const std::string& id,
                                    Faults* faults) {
  if (!NamesModel(message.result_model())) {
    faults->Add(stored::INVALID_ARGUMENT, "result_model",
                message.result_model().empty() ? "is required" : kIdRule);
  }
  return {id, message.result_model()};
}

RejectProposal DecodeProposalRejection(const v1::RejectProposal& message, const std::string& id,
                                       Faults* faults) {
  CheckReason(message.reason(), "reason", faults);
  if (message.reason().empty()) faults->Add(stored::INVALID_ARGUMENT, "reason", "is required");
  return {id, message.reason()};
}

WithdrawProposal DecodeWithdrawal(const v1::WithdrawRequest& message, const std::string& id,
                                  Faults* faults) {
  CheckReason(message.reason(), "reason", faults);
  return {id, message.reason()};
}

}  // namespace purser::api
