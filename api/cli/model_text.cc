#include "api/cli/model_text.h"

#include "api/cli/message_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

template <typename Texts>
std::string Joined(const Texts& texts) {
  std::string out;
  for (const std::string& text : texts) out += Concat(out.empty() ? "" : " ", text);
  return TextOrDash(out);
}

// `inference=120 storage=4`; "-" for none.
std::string CostsText(const v1::Costs& costs) {
  std::string out;
  const auto& reflection = *costs.GetReflection();
  const auto* const descriptor = v1::Costs::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto* const field = descriptor->field(i);
    if (!reflection.HasField(costs, field)) continue;
    const auto& cost = static_cast<const v1::Amount&>(reflection.GetMessage(costs, field));
    out += Concat(out.empty() ? "" : " ", field->name(), "=", AmountText(cost));
  }
  return TextOrDash(out);
}

std::string TargetText(const v1::Model& model) {
  if (!model.rollback_target().empty()) return model.rollback_target();
  if (model.replaced_target().empty()) return "-";
  return Concat(model.replaced_target(), " (until its window ends)");
}

std::string LoanText(const v1::Loan& loan) {
  return Concat(loan.model(), " drew on the reserve ", AmountsText(loan.drawn()), ", due back ",
                TimeText(loan.due_back()), loan.overdue() ? " (OVERDUE)" : "", ": ", loan.reason());
}

std::string CountsText(const v1::PopulationState& population) {
  return Concat(population.active(), " active, ", population.shadow(), " shadow, ",
                population.candidates(), " candidates, ", population.rollback_targets(),
                " rollback targets, ", population.retired(), " retired, ", population.archived(),
                " archived");
}

std::string ResidencyText(const v1::PopulationState& population) {
  Table table({{"RESOURCE"},
               {"OCCUPIED", Align::kRight},
               {"HEADROOM", Align::kRight},
               {"RESERVE", Align::kRight},
               {"NEEDED", Align::kRight},
               {"COVERS", Align::kRight}});
  for (const v1::Residency& each : population.residency()) {
    table.AddRow({each.resource(), AmountText(each.occupied()), AmountText(each.headroom()),
                  AmountText(each.reserve()), AmountText(each.needed()),
                  each.has_coverage() ? Concat(each.coverage()) : "-"});
  }
  return table.empty() ? "" : Concat("\n", table.HeadingAndRows(OutputColumns()));
}

}  // namespace

std::string ModelText(const v1::Model& model) {
  Table table({{}, {{}, Align::kLeft, Fit::kWrap}});
  table.AddRow({"model", model.id()});
  table.AddRow({"operator family", model.operator_family()});
  table.AddRow({"state", Concat(model.state(), " since ", TimeText(model.state_time()))});
  if (model.has_rollback_window_ends()) {
    table.AddRow({"window ends", TimeText(model.rollback_window_ends())});
  }
  table.AddRow({"capabilities", Joined(model.capabilities().values())});
  table.AddRow({"quality", AmountsText(model.quality())});
  table.AddRow({"rolls back to", TargetText(model)});
  if (!model.uncoverable().empty()) {
    table.AddRow({"cannot be covered", Joined(model.uncoverable())});
  }
  table.AddRow({"footprint", AmountsText(model.footprint())});
  table.AddRow({"occupies now", AmountsText(model.occupies())});
  table.AddRow({"monthly costs", CostsText(model.monthly_costs())});
  table.AddRow({"monthly cost", Concat(AmountText(model.monthly_cost()), " USD")});
  table.AddRow(
      {"business value", Concat(AmountText(model.business_value_monthly()), " USD a month")});
  table.AddRow({"incident cost",
                Concat(AmountText(model.expected_incident_cost_monthly()), " USD a month")});
  table.AddRow({"cold start cost", Concat(AmountText(model.cold_start_cost()), " USD")});
  for (const v1::Constraint& each : model.constraints().values()) {
    table.AddRow(
        {"constraint", Concat(each.kind(), " ", each.name(), " forbids ", Joined(each.forbids()),
                              ", since ", TimeText(each.set_time()))});
  }
  table.AddRow({"parents", Joined(model.parents().values())});
  table.AddRow({"artifact", TextOrDash(model.artifact_uri())});
  table.AddRow({"generation", Concat(model.generation())});
  return table.Rows(OutputColumns());
}

std::string ModelListText(const v1::ModelList& list) {
  Table table({{"MODEL", Align::kLeft, Fit::kWrap},
               {"STATE"},
               {"FAMILY", Align::kLeft, Fit::kWrap},
               {"CAPABILITIES", Align::kLeft, Fit::kWrap},
               {"USD/MONTH", Align::kRight},
               {"ROLLS BACK TO", Align::kLeft, Fit::kWrap}});
  for (const v1::Model& model : list.models()) {
    const std::string& target =
        model.rollback_target().empty() ? model.replaced_target() : model.rollback_target();
    table.AddRow({model.id(), model.state(), model.operator_family(),
                  Joined(model.capabilities().values()), AmountText(model.monthly_cost()),
                  TextOrDash(target)});
  }
  return table.empty() ? "no models\n" : table.HeadingAndRows(OutputColumns());
}

std::string ApprovalText(const v1::Approval& approval) {
  v1::ApprovalList list;
  *list.add_approvals() = approval;
  return ApprovalListText(list);
}

std::string ApprovalListText(const v1::ApprovalList& list) {
  Table table({{"APPROVAL"},
               {"MODEL", Align::kLeft, Fit::kWrap},
               {"ASKED BY"},
               {"DUE BACK"},
               {"EXPIRES"},
               {"BUDGETS", Align::kLeft, Fit::kWrap},
               {"REASON", Align::kLeft, Fit::kWrap}});
  for (const v1::Approval& each : list.approvals()) {
    table.AddRow({each.id(), TextOrDash(each.model()), each.principal(),
                  each.has_due_back() ? TimeText(each.due_back()) : "-",
                  TimeText(each.expire_time()), Joined(each.budgets()), TextOrDash(each.reason())});
  }
  return table.empty() ? "nothing waits for approval\n" : table.HeadingAndRows(OutputColumns());
}

std::string PopulationText(const v1::PopulationState& population) {
  Table table({{}, {{}, Align::kLeft, Fit::kWrap}});
  table.AddRow({"models", CountsText(population)});
  if (population.has_budget()) {
    std::string budget = Concat(population.active(), " of ", AmountText(population.budget()));
    if (population.lent_slots().micros() != 0) {
      budget += Concat(", ", AmountText(population.lent_slots()), " lent or taken away");
    }
    table.AddRow({"budget", budget});
  }
  if (population.has_monthly_cost()) {
    table.AddRow({"monthly cost", Concat(AmountText(population.monthly_cost()), " USD")});
  }
  table.AddRow({"coverage", population.has_coverage()
                                ? Concat("the reserve brings back ", population.coverage(),
                                         " rollback targets together")
                                : "no active model has a rollback target"});
  for (const v1::Loan& loan : population.loans()) table.AddRow({"loan", LoanText(loan)});
  if (!population.rollback_blocked().empty()) {
    table.AddRow({"cannot roll back", Joined(population.rollback_blocked())});
  }
  table.AddRow({"active", Joined(population.active_models())});
  return Concat(table.Rows(OutputColumns()), ResidencyText(population));
}

}  // namespace purser::cli
