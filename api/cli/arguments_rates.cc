#include "api/cli/arguments_rates.h"

#include "api/render.h"
#include "ledger/cost_category.h"
#include "ledger/rate.h"

namespace purser::cli {
namespace {

constexpr char kCardId[] = "the rate card's id";
constexpr char kToldFooter[] =
    "TOLD is the highest threshold told this month: WARN above 75 %, REVIEW above 90 % (requests\n"
    "need an approval), BLOCK above 110 % (requests are refused). An amount that is raised later\n"
    "does not take it back. A budget counts charges, cost entries, cold starts and what is held; "
    "what\n"
    "accrues as capacity is occupied (residency) is in costs, statements and summary only.";

// "2.5", "0.01/hour", "23/month".
absl::StatusOr<v1::UnitRate> ParseUnitRate(std::string_view text) {
  const size_t slash = text.find('/');
  const auto rate = Rate::Parse(text.substr(0, slash));
  if (!rate.ok()) return rate.status();
  v1::UnitRate out;
  out.mutable_rate()->set_picos(rate->picos());
  if (slash == text.npos) return out;
  const std::string_view per = text.substr(slash + 1);
  if (per != "hour" && per != "month") {
    return absl::InvalidArgumentError(Concat("'", per, "' is neither hour nor month"));
  }
  out.set_per(per == "hour" ? v1::HOUR : v1::MONTH);
  return out;
}

void AddCard(CLI::App* app, bool rates_required, Arguments* out) {
  v1::RateCard* const card = &out->rate_card;
  AddId(app, out, kCardId);
  const auto read = [card](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      const auto [resource, rate] = Require("--rate", ParseAssignment(text));
      if (!card->mutable_rates()
               ->insert({resource, Require("--rate", ParseUnitRate(rate))})
               .second) {
        throw CLI::ValidationError("--rate", Concat("'", resource, "' is given more than once"));
      }
    }
  };
  app->add_option_function<std::vector<std::string>>(
         "--rate", read,
         "USD a unit, such as gpu_hours=2.5; of a capacity also a /hour or /month; repeatable")
      ->type_name("RESOURCE=USD")
      ->allow_extra_args(false)
      ->required(rates_required);
  AddTime(app, "--from", "when it begins; else now",
          [card](int64_t instant_us) { api::SetTime(instant_us, card->mutable_valid_from()); });
  AddTime(app, "--until", "when it ends; else where the next begins",
          [card](int64_t instant_us) { api::SetTime(instant_us, card->mutable_valid_until()); });
  AddMutation(app, out);
}

// Of what is reported of a month.
void AddReport(CLI::App* app, const char* keys, Arguments* out) {
  app->add_option("--by", out->group_by, keys)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("KEY");
  app->add_option("--period", out->period, "a month such as 2026-11; else this one")
      ->type_name("MONTH");
  app->add_option("--as-of", out->as_of, "an entry or a time: as it was then")->type_name("ENTRY");
}

void AddLabels(CLI::App* app, Arguments* out) {
  AddAssignments<std::string>(
      app, "--label",
      "such as capability=ocr, or capability={\"layout\":\"1\",\"ocr\":\"2\"} by "
      "weights; repeatable",
      ParseLabel, &out->labels);
}

// A label that is split by what its values used.
void AddAllocation(CLI::App* app, v1::CostEntryRequest* entry) {
  const auto read = [entry](const std::string& text) {
    const auto [label, resource] = Require("--allocate", ParseAssignment(text));
    entry->mutable_allocation()->set_label(label);
    entry->mutable_allocation()->set_resource(resource);
  };
  auto* const allocate =
      app->add_option_function<std::string>(
             "--allocate", read,
             "one more label, split by what its values used, such as operator_family=gpu_hours")
          ->type_name("LABEL=RESOURCE");
  const auto read_period = [entry](const std::string& text) {
    entry->mutable_allocation()->set_period(text);
  };
  app->add_option_function<std::string>("--period", read_period,
                                        "when it was used: a month such as 2026-11")
      ->type_name("MONTH")
      ->needs(allocate);
  AddTime(app, "--from", "or since when", [entry](int64_t instant_us) {
    api::SetTime(instant_us, entry->mutable_allocation()->mutable_from());
  })->needs(allocate);
  AddTime(app, "--until", "and before when", [entry](int64_t instant_us) {
    api::SetTime(instant_us, entry->mutable_allocation()->mutable_until());
  })->needs(allocate);
  const auto read_label = [entry](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      const auto [key, value] = Require("--used-with", ParseAssignment(text));
      if (!entry->mutable_allocation()->mutable_labels()->insert({key, value}).second) {
        throw CLI::ValidationError("--used-with", Concat("'", key, "' is given more than once"));
      }
    }
  };
  app->add_option_function<std::vector<std::string>>(
         "--used-with", read_label, "only what was used with this label; repeatable")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->needs(allocate);
  const auto read_entry = [entry](uint64_t sequence) {
    entry->mutable_allocation()->set_as_of(sequence);
  };
  app->add_option_function<uint64_t>("--as-of", read_entry, "only what was charged up to it")
      ->type_name("ENTRY")
      ->needs(allocate);
}

void AddCostEntry(CLI::App* app, Arguments* out) {
  v1::CostEntryRequest* const entry = &out->cost_entry;
  const auto amount_of = [](const std::string& option, const std::string& text) {
    return Require(option, Amount::Parse(text)).micros();
  };
  AddNewId(app, "--id", &out->id);
  const auto read_amount = [=](const std::string& text) {
    entry->mutable_amount()->set_micros(amount_of("--amount", text));
  };
  const auto read_count = [=](const std::string& text) {
    entry->mutable_count()->set_micros(amount_of("--count", text));
  };
  const auto read_rate = [=](const std::string& text) {
    entry->mutable_rate()->set_picos(Require("--rate", Rate::Parse(text)).picos());
  };
  app->add_option_function<std::string>("--amount", read_amount, "below 0: a credit")
      ->type_name("USD");
  app->add_option_function<std::string>("--count", read_count, "of an activity: how much it was")
      ->type_name("N");
  app->add_option_function<std::string>("--rate", read_rate, "of an activity: what one costs")
      ->type_name("USD");
  app->add_option("--category", *entry->mutable_category(), Concat("what for: ", kCostCategoryRule))
      ->type_name("CATEGORY")
      ->required();
  app->add_option("--reason", *entry->mutable_reason(), "why")->type_name("TEXT");
  app->add_option("--corrects", *entry->mutable_corrects(), "the charge or entry that was wrong")
      ->type_name("ID");
  AddLabels(app, out);
  AddAllocation(app, entry);
  AddMutation(app, out);
}

void AddOutcomes(CLI::App* app, Arguments* out) {
  AddNewId(app, "--id", &out->id);
  const auto add = [app](const char* option, const char* description, auto set) {
    app->add_option_function<uint32_t>(option, set, description)->type_name("N");
  };
  v1::OutcomesRequest* const outcomes = &out->outcomes;
  add("--accepted", "how many", [=](uint32_t count) { outcomes->set_accepted(count); });
  add("--rejected", "how many", [=](uint32_t count) { outcomes->set_rejected(count); });
  add("--escalated", "how many were handed on",
      [=](uint32_t count) { outcomes->set_escalated(count); });
  AddLabels(app, out);
  AddMutation(app, out);
}

}  // namespace

void AddCosts(CLI::App* parent, Arguments* out) {
  AddReport(AddCommand(parent, "costs", "what a month cost, and whom", Command::kCosts, out),
            "labels, category, resource or origin, by comma; else all together", out);
  AddReport(
      AddCommand(parent, "accepted-result-costs", "what an accepted result cost, the dearest first",
                 Command::kAcceptedResultCosts, out),
      "labels, by comma; else capability", out);
}

void AddCharges(CLI::App* parent, Arguments* out) {
  constexpr char kChargeId[] = "the charge's id";
  CLI::App* const charges =
      parent->add_subcommand("charges", "what was really used, and refunds of it");
  charges->require_subcommand(1);
  CLI::App* const list = AddCommand(charges, "list", "newest first", Command::kChargesList, out);
  AddListLength(list, out);
  const auto read_reservation = [out](const std::string& text) {
    if (text.empty()) throw CLI::ValidationError("--reservation", "must not be empty");
    out->id = text;
  };
  list->add_option_function<std::string>("--reservation", read_reservation, "only its; else all")
      ->type_name("ID");
  AddId(AddCommand(charges, "show", "one charge", Command::kChargesShow, out), out, kChargeId);
  CLI::App* const create = AddCommand(charges, "create", "what was used without a reservation",
                                      Command::kChargesCreate, out);
  AddAssignments<Amount>(create, "--amount", "such as gpu_hours=3.5; repeatable", ParseAmountOf,
                         &out->amounts, true);
  AddLabels(create, out);
  create
      ->add_option("--category", out->category,
                   Concat("what for, else that of each resource: ", kCostCategoryRule))
      ->type_name("CATEGORY");
  CLI::App* const refund = AddCommand(charges, "refund", "take back a part of a charge, or all",
                                      Command::kChargesRefund, out);
  AddId(refund, out, kChargeId);
  AddAssignments<Amount>(refund, "--amount", "such as gpu_hours=3.5; repeatable; else what is left",
                         ParseAmountOf, &out->amounts);
  refund->add_option("--reason", out->reason, "why")->type_name("TEXT");
  for (CLI::App* const app : {create, refund}) {
    AddNewId(app, "--id", &out->charge_id);
    AddMutation(app, out);
  }
}

void AddCostEntries(CLI::App* parent, Arguments* out) {
  CLI::App* const app =
      AddCommand(parent, "quote", "what amounts cost now, at rates that stay good for a day",
                 Command::kQuote, out);
  AddEnum(app, "--purpose", "what for; else serving", v1::Purpose_descriptor(), &out->purpose);
  AddAssignments<Amount>(app, "--amount", "such as gpu_hours=40; repeatable", ParseAmountOf,
                         &out->amounts, true);
  CLI::App* const entries =
      parent->add_subcommand("cost-entries", "money that no resource measures, and corrections");
  entries->require_subcommand(1);
  AddListLength(AddCommand(entries, "list", "newest first", Command::kCostEntriesList, out), out);
  AddCostEntry(
      AddCommand(entries, "create", "enter or correct a cost", Command::kCostEntriesCreate, out),
      out);
  CLI::App* const outcomes = parent->add_subcommand("outcomes", "what became of results");
  outcomes->require_subcommand(1);
  AddOutcomes(AddCommand(outcomes, "create", "report how many were accepted, and were not",
                         Command::kOutcomesCreate, out),
              out);
}

void AddPeriods(CLI::App* parent, Arguments* out) {
  const auto add_month = [out](CLI::App* app) {
    app->add_option("month", out->period, "such as 2026-11")->type_name("MONTH")->required();
  };
  CLI::App* const statement =
      AddCommand(parent, "statement", "what a month cost on both axes", Command::kStatement, out);
  add_month(statement);
  statement->add_flag("--csv", out->csv, "as a table of comma-separated values");
  CLI::App* const periods = parent->add_subcommand("periods", "months, open and closed");
  periods->require_subcommand(1);
  AddCommand(periods, "list", "newest first", Command::kPeriodsList, out);
  CLI::App* const close =
      AddCommand(periods, "close", "one that is over, for ever", Command::kPeriodsClose, out);
  add_month(close);
  close->add_option("--reason", out->reason, "why")->type_name("TEXT");
  AddMutation(close, out);
  AddCommand(parent, "digest", "what a week cost beside those before it", Command::kDigest, out)
      ->add_option("--week", out->week, "such as 2026-W48; else the last whole one")
      ->type_name("WEEK");
  AddCommand(parent, "summary", "what the month costs, how fast, and where that leads",
             Command::kSummary, out)
      ->add_option("--family", out->family, "of one operator family; else of all")
      ->type_name("FAMILY");
  AddCommand(parent, "demand", "what others wait for, and what a unit of it is worth to them",
             Command::kDemand, out);
}

void AddRateCards(CLI::App* parent, Arguments* out) {
  CLI::App* const rates = parent->add_subcommand("rates", "what a unit of each resource costs");
  rates->require_subcommand(1);
  AddCommand(rates, "list", "all rate cards", Command::kRatesList, out);
  AddId(AddCommand(rates, "show", "one rate card", Command::kRatesShow, out), out, kCardId);
  AddCard(AddCommand(rates, "make", "a rate card, from now on or later", Command::kRatesMake, out),
          true, out);
  AddCard(AddCommand(rates, "change", "one still to come, or the end of one in force",
                     Command::kRatesChange, out),
          false, out);
  CLI::App* const app =
      AddCommand(rates, "delete", "one still to come", Command::kRatesDelete, out);
  AddId(app, out, kCardId);
  AddMutation(app, out);
}

void AddGuardrails(CLI::App* parent, Arguments* out) {
  constexpr char kGuardrailId[] = "the guardrail's id";
  CLI::App* const guardrails =
      parent->add_subcommand("guardrails", "what an hour may cost before experiments stop");
  guardrails->require_subcommand(1);
  const auto add = [&](const char* name, const char* description, Command command) {
    CLI::App* const app = AddCommand(guardrails, name, description, command, out);
    AddId(app, out, kGuardrailId);
    return app;
  };
  const auto add_expected = [out](CLI::App* app, bool is_required) {
    const auto read = [out](const std::string& text) {
      out->guardrail.mutable_expected_hourly_cost()->set_micros(
          Require("--expected", Amount::Parse(text)).micros());
    };
    app->add_option_function<std::string>("--expected", read, "what an hour is expected to cost")
        ->type_name("USD")
        ->required(is_required);
    AddMutation(app, out);
  };
  AddCommand(guardrails, "list", "all, with what their hour costs", Command::kGuardrailsList, out);
  add("show", "one guardrail", Command::kGuardrailsShow);
  CLI::App* const make =
      add("make", "of charges with some labels, or of all", Command::kGuardrailsMake);
  AddLabels(make, out);
  add_expected(make, false);
  add_expected(add("change", "0: no hour is expected any more", Command::kGuardrailsChange), true);
  AddMutation(add("delete", "what it stopped goes on", Command::kGuardrailsDelete), out);
  CLI::App* const reset = add("reset", "experiments go on", Command::kGuardrailsReset);
  reset->add_option("--reason", out->reason, "why")->type_name("TEXT");
  AddMutation(reset, out);
}

void AddBudgets(CLI::App* parent, Arguments* out) {
  constexpr char kBudgetId[] = "the budget's id";
  CLI::App* const budgets =
      parent->add_subcommand("budgets", "what may be spent in a month, and what is spent of it");
  budgets->require_subcommand(1);
  budgets->footer(Concat(kToldFooter, "\n\n", budgets->get_footer()));
  const auto add = [&](const char* name, const char* description, Command command) {
    CLI::App* const app = AddCommand(budgets, name, description, command, out);
    AddId(app, out, kBudgetId);
    return app;
  };
  // A change without any would leave an entry, and nothing else.
  const auto add_settings = [out](CLI::App* app, bool is_required) {
    CLI::App* const in =
        is_required ? app : app->add_option_group("What changes")->require_option(1, 0);
    const auto read = [out](const std::string& text) {
      out->budget.mutable_amount()->set_micros(Require("--amount", Amount::Parse(text)).micros());
    };
    in->add_option_function<std::string>("--amount", read, "what may be spent in a month")
        ->type_name("USD")
        ->required(is_required);
    AddEnum(in, "--enforcement", "whether it refuses, or only tells", v1::Enforcement_descriptor(),
            &out->enforcement);
    AddMutation(app, out);
  };
  AddCommand(budgets, "list", "all, with what is spent and held", Command::kBudgetsList, out);
  add("show", "one budget", Command::kBudgetsShow);
  CLI::App* const make = add("make", "of what has some labels, or of all", Command::kBudgetsMake);
  AddLabels(make, out);
  add_settings(make, true);
  add_settings(add("change", "its amount or enforcement", Command::kBudgetsChange), false);
  AddMutation(add("delete", "what it refused goes on", Command::kBudgetsDelete), out);
  CLI::App* const override =
      add("override", "it refuses nothing until an instant", Command::kBudgetsOverride);
  override->add_option("--reason", out->reason, "why")->type_name("TEXT")->required();
  const auto read_until = [out](int64_t instant_us) {
    api::SetTime(instant_us, out->budget_override.mutable_until());
  };
  AddTime(override, "--until", "when it ends, at most 31 days ahead", read_until)->required();
  AddMutation(override, out);
}

}  // namespace purser::cli
