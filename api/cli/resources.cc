#include "api/cli/resources.h"

#include "api/cli/message_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

std::string UnsignedText(const v1::Amount& amount) {
  const std::string text = AmountText(amount);
  return text.starts_with('-') ? text.substr(1) : text;
}

std::string ListText(const v1::ResourceList& list) {
  Table table({{"RESOURCE"},
               {"UNIT"},
               {"KIND"},
               {"GRANTED", Align::kRight},
               {"AVAILABLE", Align::kRight},
               {"RESERVE", Align::kRight},
               {"HELD", Align::kRight},
               {"IN USE", Align::kRight},
               {"SPENT", Align::kRight},
               {"OVERDRAFT", Align::kRight},
               {"FLAGS", Align::kLeft, Fit::kWrap}});
  for (const v1::Resource& resource : list.resources()) {
    table.AddRow({resource.name(), resource.unit(), v1::ResourceKind_Name(resource.kind()),
                  AmountText(resource.granted()), AmountText(resource.available()),
                  AmountText(resource.reserve()), AmountText(resource.held()),
                  AmountText(resource.in_use()), AmountText(resource.spent()),
                  AmountText(resource.overdraft()), ResourceFlags(resource)});
  }
  return table.empty() ? "no resources\n" : table.HeadingAndRows(OutputColumns());
}

void AddSettings(const v1::Resource& resource, Table* table) {
  table->AddRow({"period", TextOrDash(resource.period())});
  table->AddRow({"amount", AmountText(resource.amount())});
  if (resource.has_reserve_percent()) {
    table->AddRow({"reserve percent", AmountText(resource.reserve_percent())});
  }
  if (resource.has_reserve_amount()) {
    table->AddRow({"reserve amount", AmountText(resource.reserve_amount())});
  }
  if (resource.has_min_amount()) {
    table->AddRow({"smallest request", AmountText(resource.min_amount())});
  }
  if (resource.has_max_amount()) {
    table->AddRow({"largest request", AmountText(resource.max_amount())});
  }
  if (resource.has_step()) table->AddRow({"step", AmountText(resource.step())});
  if (resource.has_overcommit()) table->AddRow({"overcommit", resource.overcommit()});
  if (resource.has_carry_over()) {
    table->AddRow({"carries over", Concat("available ", resource.carry_over().available(),
                                          ", reserve ", resource.carry_over().reserve())});
  }
  if (resource.has_debt_limit()) {
    table->AddRow({"debt limit", AmountText(resource.debt_limit())});
  }
  table->AddRow({"priced", resource.priced() ? "yes" : "no"});
}

std::string OneText(const v1::Resource& resource) {
  Table table({{}, {{}, Align::kLeft, Fit::kWrap}});
  table.AddRow({"resource", resource.name()});
  table.AddRow({"unit", resource.unit()});
  table.AddRow({"kind", v1::ResourceKind_Name(resource.kind())});
  table.AddRow({"ledger", resource.identity()});
  table.AddRow({"reserve", Concat(AmountText(resource.reserve()), " of a target of ",
                                  AmountText(resource.reserve_target()))});
  const std::string flags = ResourceFlags(resource);
  if (!flags.empty()) table.AddRow({"flags", flags});
  AddSettings(resource, &table);
  if (resource.has_period_start()) {
    table.AddRow({"period began", TimeText(resource.period_start())});
  }
  if (resource.has_next_rollover()) {
    table.AddRow({"next rollover", TimeText(resource.next_rollover())});
  }
  table.AddRow({"generation", Concat(resource.generation())});
  return table.Rows(OutputColumns());
}

}  // namespace

std::string ResourceFlags(const v1::Resource& resource) {
  std::string flags;
  const auto add = [&flags](const std::string& flag) {
    flags += Concat(flags.empty() ? "" : ", ", flag);
  };
  if (resource.frozen()) add("FROZEN");
  if (resource.reserve_deficit().micros() != 0) {
    add(Concat("reserve short by ", AmountText(resource.reserve_deficit())));
  }
  if (resource.overdraft().micros() != 0) {
    add(Concat("debt ", UnsignedText(resource.overdraft())));
  }
  if (resource.has_reserve_backed() &&
      resource.reserve_backed().micros() < resource.reserve().micros()) {
    add(Concat("reserve backed ", AmountText(resource.reserve_backed())));
  }
  if (resource.shortfall().micros() != 0) {
    add(Concat("shortfall ", AmountText(resource.shortfall())));
  }
  return flags;
}

ExitCode RunResources(const Arguments& arguments, Connection* connection) {
  v1::Resource one;
  v1::ResourceList list;
  const bool is_one = !arguments.name.empty();
  const Reply reply =
      is_one
          ? connection->Get(
                connection->InPopulation(Concat("/resources/", Connection::Escape(arguments.name))),
                &one)
          // A population has 256 at most: one page.
          : connection->Get(connection->InPopulation("/resources?page_size=1000"), &list);
  if (!reply.done()) return Fail(reply, arguments);
  WriteOut(arguments.json ? Concat(reply.body, "\n") : is_one ? OneText(one) : ListText(list));
  return ExitCode::kDone;
}

}  // namespace purser::cli
