#include "api/render_journal_models.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "api/render.h"
#include "ledger/cost_category.h"
#include "ledger/text.h"
#include "lifecycle/models.h"
#include "lifecycle/proposal_book.h"
#include "lifecycle/shadow_prices.h"

namespace purser::api {

namespace {

using Details = google::protobuf::Map<std::string, std::string>;

Details& Add(std::string_view kind, std::string_view subject, v1::JournalEntry* out) {
  v1::JournalFact& fact = *out->add_facts();
  fact.set_kind(std::string(kind));
  fact.set_subject(std::string(subject));
  return *fact.mutable_details();
}

void AddIfAny(const std::string& name, const std::string& value, Details* details) {
  if (!value.empty()) (*details)[name] = value;
}

void AddRegistered(const stored::ModelRegistered& fact, v1::JournalEntry* out) {
  const stored::ModelSettings& settings = fact.settings();
  Details& details = Add("model_registered", settings.id(), out);
  details["operator_family"] = settings.operator_family();
  std::string names;
  for (const stored::Constraint& each : settings.constraints()) {
    names += Concat(names.empty() ? "" : ",", each.name());
  }
  AddIfAny("constraints_set", names, &details);
  AddIfAny("reason", fact.reason(), &details);
  AddIfAny("rollback_target", settings.rollback_target(), &details);
}

void AddChanged(const stored::ModelChanged& fact, v1::JournalEntry* out) {
  Details& details = Add("model_changed", fact.settings().id(), out);
  AddIfAny("constraints_set", absl::StrJoin(fact.constraints_set(), ","), &details);
  AddIfAny("constraints_lifted", absl::StrJoin(fact.constraints_lifted(), ","), &details);
  AddIfAny("reason", fact.reason(), &details);
  AddIfAny("rollback_target", fact.settings().rollback_target(), &details);
}

void AddMoved(const stored::ModelMoved& fact, v1::JournalEntry* out) {
  Details& details = Add("model_moved", fact.id(), out);
  details["from"] = std::string(ModelStateName(fact.from()));
  details["to"] = std::string(ModelStateName(fact.to()));
  if (fact.ground() != stored::ModelMoved::NONE) {
    details["ground"] = absl::AsciiStrToLower(stored::ModelMoved::Ground_Name(fact.ground()));
  }
  AddIfAny("for_model", fact.for_model(), &details);
  if (fact.window_ends_us() != 0) details["window_ends"] = InstantText(fact.window_ends_us());
  if (fact.cold_start_cost() != 0) details["cold_start_cost"] = DecimalText(fact.cold_start_cost());
}

void AddPromised(const stored::CostPromised& fact, v1::JournalEntry* out) {
  Details& details = Add("cost_promised", fact.id(), out);
  details["category"] = std::string(CostCategoryName(fact.category()));
  details["before"] = DecimalText(fact.before());
  details["after"] = DecimalText(fact.after());
  details["for_model"] = fact.for_model();
}

void AddApproval(const stored::Approval& approval, v1::JournalEntry* out) {
  Details& details = Add("approval_requested", approval.id(), out);
  details["model"] = approval.model();
  details["reason"] = approval.reason();
  details["due_back"] = InstantText(approval.due_back_us());
}

std::string Joined(const stored::ProposalSettings& settings) {
  std::string ids;
  for (const std::string& id : settings.models()) ids += Concat(ids.empty() ? "" : ",", id);
  return ids;
}

// By which the policy judged.
void AddPrices(const stored::ShadowPrices& prices, const ResourceIdentities& identify,
               Details* details) {
  for (const auto& each : prices.prices()) {
    if (each.base() <= 0) continue;  // no price, whoever wrote it
    const ShadowPrice price{Rate::FromPicos(each.rate_picos()), each.per(), each.waiting(),
                            each.base()};
    (*details)[Concat("shadow_price.", identify(each.resource()).name)] =
        price.Rounded().ToString();
  }
}

void AddProposal(const stored::ProposalFact& fact, const ResourceIdentities& identify,
                 v1::JournalEntry* out) {
  const std::string& id = ProposalOf(fact);
  switch (fact.fact_case()) {
    case stored::ProposalFact::kMade: {
      Details& details = Add("proposal_made", id, out);
      const stored::ProposalSettings& settings = fact.made().settings();
      details["kind"] = stored::ProposalSettings::Kind_Name(settings.kind());
      details["models"] = Joined(settings);
      AddIfAny("result_model", settings.result_model(), &details);
      AddIfAny("reason", settings.reason(), &details);
      return AddPrices(fact.made().judged_by(), identify, &details);
    }
    case stored::ProposalFact::kChanged: {
      Details& details = Add("proposal_changed", id, out);
      details["result_model"] = fact.changed().result_model();
      return AddPrices(fact.changed().judged_by(), identify, &details);
    }
    case stored::ProposalFact::kMoved: {
      Details& details = Add("proposal_moved", id, out);
      details["to"] = ProposalStateName(fact.moved().to());
      AddIfAny("principal", fact.moved().principal(), &details);
      AddIfAny("reason", fact.moved().reason(), &details);
      if (fact.moved().by_policy()) details["by_policy"] = "true";
      return;
    }
    case stored::ProposalFact::kExecuted:
      Add("proposal_executed", id, out)["promised_saving"] =
          DecimalText(fact.executed().promised());
      return;
    case stored::ProposalFact::kSavingBooked:
      Add("saving_booked", id, out)["realised_saving"] =
          DecimalText(fact.saving_booked().realised());
      return;
    case stored::ProposalFact::FACT_NOT_SET:
      return;
  }
}

void AddLoan(const stored::ReserveLoan& loan, const ResourceIdentities& identify,
             v1::JournalEntry* out) {
  Details& details = Add("loan_made", loan.model(), out);
  for (const auto& line : loan.drawn()) {
    details[Concat("drawn.", identify(line.resource()).name)] = DecimalText(line.amount());
  }
  details["due_back"] = InstantText(loan.due_back_us());
}

}  // namespace

void AddModelFact(const stored::ModelFact& fact, const ResourceIdentities& identify,
                  v1::JournalEntry* out) {
  switch (fact.fact_case()) {
    case stored::ModelFact::kRegistered:
      return AddRegistered(fact.registered(), out);
    case stored::ModelFact::kChanged:
      return AddChanged(fact.changed(), out);
    case stored::ModelFact::kMoved:
      return AddMoved(fact.moved(), out);
    case stored::ModelFact::kReplacedTargetSet: {
      Details& details = Add("replaced_target_set", fact.replaced_target_set().id(), out);
      AddIfAny("target", fact.replaced_target_set().target(), &details);
      if (fact.replaced_target_set().is_kept()) details["kept"] = "true";
      return;
    }
    case stored::ModelFact::kCostPromised:
      return AddPromised(fact.cost_promised(), out);
    case stored::ModelFact::kApprovalRequested:
      return AddApproval(fact.approval_requested(), out);
    case stored::ModelFact::kApprovalEnded: {
      const stored::ApprovalEnded& ended = fact.approval_ended();
      Details& details = Add("approval_ended", ended.id(), out);
      details["outcome"] =
          absl::AsciiStrToLower(stored::ApprovalEnded::Outcome_Name(ended.outcome()));
      AddIfAny("reason", ended.reason(), &details);
      return;
    }
    case stored::ModelFact::kLoanMade:
      return AddLoan(fact.loan_made(), identify, out);
    case stored::ModelFact::kLoanRepaid:
      Add("loan_repaid", "", out)["entry"] = Concat(fact.loan_repaid().sequence());
      return;
    case stored::ModelFact::kBudgetMonth: {
      Details& details = Add("budget_month", identify(fact.budget_month().resource()).name, out);
      details["amount_at_start"] = DecimalText(fact.budget_month().base_at_start());
      details["ends"] = InstantText(fact.budget_month().ends_us());
      return;
    }
    case stored::ModelFact::kProposal:
      return AddProposal(fact.proposal(), identify, out);
    case stored::ModelFact::FACT_NOT_SET:
      return;
  }
}

}  // namespace purser::api
