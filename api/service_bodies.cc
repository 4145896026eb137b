// The bodies of routes that change something, each read as its message and made a command.
#include "api/decode.h"
#include "api/decode_budgets.h"
#include "api/decode_cost_entries.h"
#include "api/decode_guardrails.h"
#include "api/decode_limits.h"
#include "api/decode_models.h"
#include "api/decode_periods.h"
#include "api/decode_proposals.h"
#include "api/decode_rates.h"
#include "api/service.h"
#include "ledger/text.h"

namespace purser::api {

namespace {

// Reads a request's body as a message and makes the command of it, with all faults at once.
class BodyReader {
 public:
  BodyReader(const HttpRequest& request, Command* command, google::protobuf::Arena* arena,
             google::protobuf::Message** out)
      : request_(request), command_(command), arena_(arena), out_(out) {}

  // `decode` makes the command's body of a Message and adds what is wrong with it to the faults.
  template <typename Message, typename Decode>
  absl::Status Read(Decode decode) {
    Faults faults;
    auto* const message = google::protobuf::Arena::CreateMessage<Message>(arena_);
    *out_ = message;
    if (auto status = ParseBody(request_, message, &faults); !status.ok()) return status;
    command_->body = decode(*message, &faults);
    return faults.ToStatus();
  }

 private:
  const HttpRequest& request_;
  Command* const command_;
  google::protobuf::Arena* const arena_;
  google::protobuf::Message** const out_;
};

absl::Status ReadResourceBody(Action action, const std::string& id, BodyReader* reader) {
  switch (action) {
    case Action::kCreateResource:
      return reader->Read<v1::ResourceSettings>([](const auto& message, Faults* faults) {
        return CreateResource{DecodeSettings(message, "", faults)};
      });
    case Action::kUpdateResource:
      return reader->Read<v1::ResourceSettings>(
          [&](const auto& message, Faults* faults) { return DecodeUpdate(message, id, faults); });
    case Action::kDeleteResource:
      return reader->Read<v1::ReleaseRequest>(
          [&](const auto&, Faults*) { return DeleteResource{id}; });
    case Action::kGrant:
      return reader->Read<v1::AmountAndReason>([&](const auto& message, Faults* faults) {
        return GrantAmount{id, DecodeGrant(message, faults), message.reason()};
      });
    default:
      return reader->Read<v1::AmountAndReason>([&](const auto& message, Faults* faults) {
        return WithdrawAmount{id, DecodeGrant(message, faults), message.reason()};
      });
  }
}

absl::Status ReadLimitBody(Action action, const std::string& id, BodyReader* reader) {
  switch (action) {
    case Action::kCreateLimit:
      return reader->Read<v1::Limit>(
          [](const auto& message, Faults* faults) { return DecodeLimit(message, faults); });
    case Action::kUpdateLimit:
      return reader->Read<v1::Limit>([&](const auto& message, Faults* faults) {
        return DecodeLimitUpdate(message, id, faults);
      });
    default:
      return reader->Read<v1::ReleaseRequest>(
          [&](const auto&, Faults*) { return DeleteLimit{id}; });
  }
}

absl::Status ReadRateCardBody(Action action, const std::string& id, BodyReader* reader) {
  switch (action) {
    case Action::kCreateRateCard:
      return reader->Read<v1::RateCard>(
          [](const auto& message, Faults* faults) { return DecodeRateCard(message, faults); });
    case Action::kUpdateRateCard:
      return reader->Read<v1::RateCard>([&](const auto& message, Faults* faults) {
        return DecodeRateCardUpdate(message, id, faults);
      });
    default:
      return reader->Read<v1::ReleaseRequest>(
          [&](const auto&, Faults*) { return DeleteRateCard{id}; });
  }
}

absl::Status ReadGuardrailBody(Action action, const std::string& id, BodyReader* reader) {
  switch (action) {
    case Action::kCreateGuardrail:
      return reader->Read<v1::Guardrail>(
          [](const auto& message, Faults* faults) { return DecodeGuardrail(message, faults); });
    case Action::kUpdateGuardrail:
      return reader->Read<v1::Guardrail>([&](const auto& message, Faults* faults) {
        return DecodeGuardrailUpdate(message, id, faults);
      });
    case Action::kResetGuardrail:
      return reader->Read<v1::GuardrailReset>([&](const auto& message, Faults* faults) {
        return DecodeGuardrailReset(message, id, faults);
      });
    default:
      return reader->Read<v1::ReleaseRequest>(
          [&](const auto&, Faults*) { return DeleteGuardrail{id}; });
  }
}

absl::Status ReadBudgetBody(Action action, const std::string& id, BodyReader* reader) {
  switch (action) {
    case Action::kCreateBudget:
      return reader->Read<v1::Budget>(
          [](const auto& message, Faults* faults) { return DecodeBudget(message, faults); });
    case Action::kUpdateBudget:
      return reader->Read<v1::Budget>([&](const auto& message, Faults* faults) {
        return DecodeBudgetUpdate(message, id, faults);
      });
    case Action::kOverrideBudget:
      return reader->Read<v1::BudgetOverride>([&](const auto& message, Faults* faults) {
        return DecodeBudgetOverride(message, id, faults);
      });
    default:
      return reader->Read<v1::ReleaseRequest>(
          [&](const auto&, Faults*) { return DeleteBudget{id}; });
  }
}

absl::Status ReadClosingBody(const std::string& period, BodyReader* reader) {
  return reader->Read<v1::ClosePeriodRequest>(
      [&](const auto& message, Faults* faults) { return DecodeClosing(message, period, faults); });
}

// Of a verb that takes no body.
template <typename Verb>
absl::Status ReadModelVerb(const std::string& id, BodyReader* reader) {
  return reader->Read<v1::ReleaseRequest>([&](const auto&, Faults*) { return Verb{id}; });
}

absl::Status ReadProposalBody(const RequestContext& context, const std::string& id,
                              BodyReader* reader) {
  switch (context.route->action) {
    case Action::kPropose:
      return reader->Read<v1::Proposal>(
          [](const auto& message, Faults* faults) { return DecodeProposal(message, faults); });
    case Action::kUpdateProposal:
      return reader->Read<v1::UpdateProposal>([&](const auto& message, Faults* faults) {
        return DecodeProposalUpdate(message, id, faults);
      });
    case Action::kRejectProposal:
      return reader->Read<v1::RejectProposal>([&](const auto& message, Faults* faults) {
        return DecodeProposalRejection(message, id, faults);
      });
    case Action::kWithdrawProposal:
      return reader->Read<v1::WithdrawRequest>([&](const auto& message, Faults* faults) {
        return DecodeWithdrawal(message, id, faults);
      });
    case Action::kApproveProposal:
      return ReadModelVerb<ApproveProposal>(id, reader);
    default:
      return ReadModelVerb<ExecuteProposal>(id, reader);
  }
}

absl::Status ReadModelBody(const RequestContext& context, const std::string& id,
                           BodyReader* reader) {
  switch (context.route->action) {
    case Action::kRegisterModel:
      return reader->Read<v1::Model>(
          [](const auto& message, Faults* faults) { return DecodeModel(message, faults); });
    case Action::kUpdateModel:
      return reader->Read<v1::Model>([&](const auto& message, Faults* faults) {
        return DecodeModelUpdate(message, id, faults);
      });
    case Action::kActivateModel:
      return reader->Read<v1::ActivateRequest>([&](const auto& message, Faults* faults) {
        return DecodeActivation(message, id, faults);
      });
    case Action::kShadowModel:
      return ReadModelVerb<ShadowModel>(id, reader);
    case Action::kRetireModel:
      return ReadModelVerb<RetireModel>(id, reader);
    case Action::kArchiveModel:
      return ReadModelVerb<ArchiveModel>(id, reader);
    case Action::kPurgeModel:
      return ReadModelVerb<PurgeModel>(id, reader);
    case Action::kApprove:
      return reader->Read<v1::ApproveRequest>(
          [&](const auto& message, Faults* faults) { return DecodeApproval(message, id, faults); });
    case Action::kReject:
      return reader->Read<v1::RejectRequest>([&](const auto& message, Faults* faults) {
        return DecodeRejection(message, id, faults);
      });
    default:
      return reader->Read<v1::ReleaseRequest>([&](const auto&, Faults*) {
        return RollBackModel{id, context.principal->May("reserve:spend")};
      });
  }
}

absl::Status ReadVerbBody(Action action, const std::string& id, BodyReader* reader) {
  switch (action) {
    case Action::kStart:
      return reader->Read<v1::LeaseRequest>([&](const auto& message, Faults* faults) {
        return DecodeStart(message, id, "", faults);
      });
    case Action::kRenew:
      return reader->Read<v1::LeaseRequest>([&](const auto& message, Faults* faults) {
        return DecodeRenew(message, id, "", faults);
      });
    case Action::kCharge:
      return reader->Read<v1::ReservationChargeRequest>([&](const auto& message, Faults* faults) {
        return DecodeCharge(message, id, "", faults);
      });
    case Action::kSettle:
      return reader->Read<v1::SettleRequest>([&](const auto& message, Faults* faults) {
        return DecodeSettle(message, id, "", faults);
      });
    default:
      return reader->Read<v1::ReleaseRequest>(
          [&](const auto&, Faults*) { return ReleaseReservation{id}; });
  }
}

// What operators rule of a population, besides its resources.
absl::Status ReadRuleBody(Action action, const std::string& id, BodyReader* reader) {
  switch (action) {
    case Action::kCreateFreeze:
      return reader->Read<v1::Freeze>(
          [](const auto& message, Faults* faults) { return DecodeFreeze(message, faults); });
    case Action::kDeleteFreeze:
      return reader->Read<v1::ReleaseRequest>(
          [&](const auto&, Faults*) { return DeleteFreeze{id}; });
    case Action::kCreateLimit:
    case Action::kUpdateLimit:
    case Action::kDeleteLimit:
      return ReadLimitBody(action, id, reader);
    case Action::kCreateRateCard:
    case Action::kUpdateRateCard:
    case Action::kDeleteRateCard:
      return ReadRateCardBody(action, id, reader);
    case Action::kCreateGuardrail:
    case Action::kUpdateGuardrail:
    case Action::kDeleteGuardrail:
    case Action::kResetGuardrail:
      return ReadGuardrailBody(action, id, reader);
    default:
      return ReadBudgetBody(action, id, reader);
  }
}

}  // namespace

absl::Status Service::Decode(const HttpRequest& request, const RequestContext& context,
                             Command* command, google::protobuf::Arena* arena,
                             google::protobuf::Message** out) {
  BodyReader reader(request, command, arena, out);
  const std::string id = context.parameters.empty() ? "" : context.id();
  const Action action = context.route->action;
  if (action >= Action::kListModels && action <= Action::kReject) {
    return ReadModelBody(context, id, &reader);
  }
  if (action >= Action::kListProposals && action <= Action::kReviewModels) {
    return ReadProposalBody(context, id, &reader);
  }
  if (action >= Action::kListFreezes && action <= Action::kOverrideBudget) {
    return ReadRuleBody(action, id, &reader);
  }
  switch (action) {
    case Action::kCreatePopulation:
      return reader.Read<v1::CreatePopulation>([&](const auto& message, Faults* faults) {
        command->population = message.name();
        return DecodePopulation(message, options_.required_labels, faults);
      });
    case Action::kUpdatePopulation:
      return reader.Read<v1::UpdatePopulation>([](const auto& message, Faults* faults) {
        return DecodePopulationUpdate(message, faults);
      });
    case Action::kCreateResource:
    case Action::kUpdateResource:
    case Action::kDeleteResource:
    case Action::kGrant:
    case Action::kWithdraw:
      return ReadResourceBody(context.route->action, id, &reader);
    case Action::kCreateReservation:
      return reader.Read<v1::ReservationRequest>(
          [](const auto& message, Faults* faults) { return DecodeRequest(message, "", faults); });
    case Action::kStart:
    case Action::kRenew:
    case Action::kCharge:
    case Action::kSettle:
    case Action::kRelease:
      return ReadVerbBody(context.route->action, id, &reader);
    case Action::kPostCharge:
      return reader.Read<v1::ChargeRequest>([](const auto& message, Faults* faults) {
        return DecodePostCharge(message, "", faults);
      });
    case Action::kEnterCost:
      return reader.Read<v1::CostEntryRequest>(
          [](const auto& message, Faults* faults) { return DecodeCostEntry(message, "", faults); });
    case Action::kReportOutcomes:
      return reader.Read<v1::OutcomesRequest>(
          [](const auto& message, Faults* faults) { return DecodeOutcomes(message, "", faults); });
    case Action::kClosePeriod:
      return ReadClosingBody(id, &reader);
    case Action::kRefund:
      return reader.Read<v1::RefundRequest>(
          [&](const auto& message, Faults* faults) { return DecodeRefund(message, id, faults); });
    default:
      return DecodeBatch(request, context, command, arena, out);
  }
}

}  // namespace purser::api
