#include "api/cli/arguments_rates.h"

#include "api/render.h"
#include "ledger/rate.h"

namespace purser::cli {
namespace {

constexpr char kCardId[] = "the rate card's id";

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

}  // namespace

void AddCosts(CLI::App* parent, Arguments* out) {
  CLI::App* const app =
      AddCommand(parent, "costs", "what a month cost, and whom", Command::kCosts, out);
  app->add_option("--by", out->group_by,
                  "labels, category or resource, by comma; else all together")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("KEY");
  app->add_option("--period", out->period, "a month such as 2026-11; else this one")
      ->type_name("MONTH");
  app->add_option("--as-of", out->as_of, "an entry or a time: as it was then")->type_name("ENTRY");
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

}  // namespace purser::cli
