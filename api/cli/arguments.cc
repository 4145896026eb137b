#include "api/cli/arguments.h"

#include <vector>

#include "api/cli/arguments_models.h"
#include "api/cli/arguments_rates.h"
#include "api/cli/command_options.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

constexpr int kUsageExitCode = 2;
constexpr int64_t kPollIntervalUsMin = 10'000;  // a follower must not be a load

constexpr const char* kFooter =
    "--url, --token, --population and --json may stand before or behind a command.\n"
    "Durations: 90s, 15m, 2h, 1d. Exit codes: 0 done, 1 refused by the daemon, 2 wrong usage,\n"
    "3 no daemon (or no readable answer), 4 the output could not be written.";

void AddGlobals(CLI::App* app, Arguments* out) {
  const auto read_url = [out](const std::string& text) {
    out->url = text;
    while (out->url.ends_with('/')) out->url.pop_back();
    if (out->url.empty()) throw CLI::ValidationError("--url", "must not be empty");
  };
  app->add_option_function<std::string>("--url", read_url,
                                        Concat("where the daemon is, else ", out->url))
      ->type_name("URL")
      ->envname("PURSER_URL");
  AddHeaderText(app, "--token", "the bearer token; the environment hides it from `ps`", &out->token,
                "PURSER_TOKEN");
  const auto read_population = [out](const std::string& text) {
    if (text.empty()) throw CLI::ValidationError("--population", "must not be empty");
    out->population = text;
  };
  app->add_option_function<std::string>("--population", read_population,
                                        Concat("else ", out->population))
      ->type_name("NAME");
  app->add_flag("--json", out->json, "print the daemon's answer as it came");
}

void AddReservationReads(CLI::App* parent, Arguments* out) {
  CLI::App* app =
      AddCommand(parent, "list", "reservations, newest first", Command::kReservationsList, out);
  app->add_option_function<std::string>(
         "--state", [out](const std::string& text) { out->state = UpperName(text); },
         "only those in this state, such as GRANTED")
      ->type_name("STATE");
  AddListLength(app, out);
  app = AddCommand(parent, "show", "one reservation", Command::kReservationsShow, out);
  AddId(app, out);
}

// What is asked for, less its id.
void AddRequest(CLI::App* app, Arguments* out) {
  AddEnum(app, "--purpose", "what for", v1::Purpose_descriptor(), &out->purpose, true);
  AddAssignments<Amount>(app, "--amount", "such as gpu_hours=40; repeatable", ParseAmountOf,
                         &out->amounts, true);
  AddAssignments<Amount>(app, "--minimum", "take what there is, from this amount; repeatable",
                         ParseAmountOf, &out->minimum_amounts);
  AddAssignments<std::string>(app, "--label", "such as capability=ocr; repeatable", ParseLabel,
                              &out->labels);
  AddDuration(app, "--lease", "how long it lives unless renewed; else 1h", &out->lease_us);
  AddEnum(app, "--overrun-policy", "when more is used than was held",
          v1::OverrunPolicy_descriptor(), &out->overrun_policy);
  app->add_flag("--queue", out->queue, "wait in the queue when it is not granted at once");
  AddDuration(app, "--max-queue-wait", "with --queue or --start-at: how long at most; else 1d",
              &out->max_queue_wait_us);
  const auto read_start = [out](int64_t instant_us) { out->start_at_us = instant_us; };
  AddTime(app, "--start-at", "book it for a time to come, for as long as --lease says", read_start)
      ->excludes("--queue");
  AddEnum(app, "--tier", "BATCH gives way to REALTIME, FLEX also to STANDARD, the default",
          v1::Tier_descriptor(), &out->tier);
  AddDuration(app, "--preemption-grace",
              "of tier batch or flex: from the notice that it is to give way on; else 30s",
              &out->preemption_grace_us);
  AddTime(app, "--quoted-at", "of a quote: whose rates it has, whatever comes",
          [out](int64_t instant_us) { out->quoted_at_us = instant_us; });
  app->add_option("--priority", out->priority, "each step counts as 10 minutes of waiting")
      ->type_name("N");
}

void AddReservationCreate(CLI::App* parent, Arguments* out) {
  CLI::App* const app = AddCommand(parent, "create", "ask for amounts of resources, all or nothing",
                                   Command::kReservationsCreate, out);
  AddNewId(app, "--id", &out->id);
  AddRequest(app, out);
  AddMutation(app, out);
}

void AddReservationVerbs(CLI::App* parent, Arguments* out) {
  CLI::App* app =
      AddCommand(parent, "start", "what was held is now in use", Command::kReservationsStart, out);
  AddId(app, out);
  AddDuration(app, "--lease", "a new lease, counted from now", &out->lease_us);
  AddMutation(app, out);

  app = AddCommand(parent, "renew", "a new lease, counted from now", Command::kReservationsRenew,
                   out);
  AddId(app, out);
  AddDuration(app, "--lease", "how long", &out->lease_us, true);
  AddMutation(app, out);

  app =
      AddCommand(parent, "charge", "book what was really used", Command::kReservationsCharge, out);
  AddId(app, out);
  AddAssignments<Amount>(app, "--amount", "such as gpu_hours=3.5; repeatable", ParseAmountOf,
                         &out->amounts, true);
  AddNewId(app, "--charge-id", &out->charge_id);
  AddMutation(app, out);

  app = AddCommand(parent, "settle", "book the last use and give back the rest",
                   Command::kReservationsSettle, out);
  AddId(app, out);
  AddAssignments<Amount>(app, "--amount", "the last use; repeatable", ParseAmountOf, &out->amounts);
  app->add_flag("--charge-all", out->charge_all,
                "everything consumable that is still held was used")
      ->excludes("--amount");
  AddMutation(app, out);

  app = AddCommand(parent, "release", "cancel: give back everything held",
                   Command::kReservationsRelease, out);
  AddId(app, out);
  AddMutation(app, out);
}

void AddLimitSubject(CLI::App* app, v1::Limit* limit) {
  CLI::Option_group* const subject = app->add_option_group("subject");
  subject->require_option(0, 1);
  subject
      ->add_option_function<std::string>(
          "--principal", [limit](const std::string& text) { limit->set_principal(text); },
          "makes the limit of this principal")
      ->type_name("NAME");
  subject->add_flag_callback(
      "--each-principal", [limit] { limit->set_each_principal(true); },
      "makes that of each principal with a token");
  const auto read_label = [limit](const std::string& text) {
    const auto [key, value] = Require("--label", ParseAssignment(text));
    limit->mutable_label()->set_key(key);
    limit->mutable_label()->set_value(value);
  };
  subject->add_option_function<std::string>("--label", read_label, "makes that of a label value")
      ->type_name("KEY=VALUE");
}

void AddLimitParts(CLI::App* app, v1::Limit* limit) {
  const auto read_rate = [limit](const std::string& text) {
    limit->mutable_requests_per_second()->set_micros(
        Require("--rate", Amount::Parse(text)).micros());
  };
  app->add_option_function<std::string>("--rate", read_rate, "requests a second")
      ->type_name("AMOUNT");
  app->add_option_function<uint32_t>(
         "--burst", [limit](const uint32_t& count) { limit->set_burst(count); },
         "requests that may come at once")
      ->type_name("N");
  app->add_option_function<uint32_t>(
         "--open", [limit](const uint32_t& count) { limit->set_open_reservations(count); },
         "open reservations")
      ->type_name("N");
  AddAmounts(app, "--share", "percent of a resource; repeatable", limit->mutable_share_percent());
  AddAmounts(app, "--request", "the largest request; repeatable", limit->mutable_request_amounts());
  AddAmounts(app, "--day", "granted in a day of UTC; repeatable", limit->mutable_day_amounts());
  AddAmounts(app, "--month", "granted in a month of UTC; repeatable",
             limit->mutable_month_amounts());
  const auto read_tier = [limit](const std::string& text) {
    v1::Tier tier = v1::TIER_UNSPECIFIED;
    if (!v1::Tier_Parse(UpperName(text), &tier) || tier == v1::TIER_UNSPECIFIED) {
      throw CLI::ValidationError("--highest-tier", "takes REALTIME, STANDARD, BATCH or FLEX");
    }
    limit->set_highest_tier(tier);
  };
  app->add_option_function<std::string>("--highest-tier", read_tier, "the highest tier")
      ->type_name("NAME");
  app->add_option_function<int32_t>(
         "--highest-priority",
         [limit](const int32_t& priority) { limit->set_highest_priority(priority); },
         "the highest priority")
      ->type_name("N");
}

void AddLimits(CLI::App* parent, Arguments* out) {
  CLI::App* const limits =
      parent->add_subcommand("limits", "what principals and label values may have at most");
  limits->require_subcommand(1);
  AddCommand(limits, "list", "all, with what is used", Command::kLimitsList, out);
  AddId(AddCommand(limits, "show", "one limit", Command::kLimitsShow, out), out, "the limit's id");
  CLI::App* app =
      AddCommand(limits, "set", "make a limit of a subject, or change one; 0 takes a part away",
                 Command::kLimitsSet, out);
  AddId(app, out, "the limit's id");
  AddLimitSubject(app, &out->limit_settings);
  AddLimitParts(app, &out->limit_settings);
  AddMutation(app, out);
  app = AddCommand(limits, "delete", "it binds no more", Command::kLimitsDelete, out);
  AddId(app, out, "the limit's id");
  AddMutation(app, out);
}

void AddJournal(CLI::App* parent, Arguments* out) {
  CLI::App* const journal = parent->add_subcommand("journal", "what happened, entry by entry");
  journal->require_subcommand(1);
  CLI::App* const tail =
      AddCommand(journal, "tail", "the newest entries, newest last", Command::kJournalTail, out);
  tail->add_option("-n,--entries", out->entries, "how many")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, kListLengthMax))
      ->type_name("N");
  tail->add_flag("-f,--follow", out->follow,
                 "go on with what comes, also after a restart, until interrupted");
  const auto read_interval = [out](const std::string& text) {
    out->interval_us = Require("--interval", ParseDurationUs(text));
    if (out->interval_us < kPollIntervalUsMin) {
      throw CLI::ValidationError("--interval", "must be at least 0.01s");
    }
  };
  tail->add_option_function<std::string>(
          "--interval", read_interval, "how long --follow waits before it connects again; else 1s")
      ->type_name("DURATION");
}

// The option --version, which needs no command: it is the command of that name.
void AddVersion(CLI::App* app, bool* is_wanted) {
  const auto want = [app, is_wanted] {
    *is_wanted = true;
    app->require_subcommand(0);
  };
  app->add_flag_callback("--version", want, "as the command version");
}

void AddCommands(CLI::App* app, Arguments* out) {
  AddCommand(app, "status", "the whole population on one screen", Command::kStatus, out);
  CLI::App* const resources =
      AddCommand(app, "resources", "balances and settings of resources", Command::kResources, out);
  resources->add_option("NAME", out->name, "of one resource; else all")->type_name("");
  CLI::App* const queue =
      AddCommand(app, "queue", "who waits, the next one first", Command::kQueue, out);
  AddListLength(queue, out);
  CLI::App* const calendar =
      AddCommand(app, "calendar", "what is occupied, booked and available of capacity, and when",
                 Command::kCalendar, out);
  calendar->add_option("NAME", out->name, "of one resource; else all")->type_name("");
  AddListLength(calendar, out);
  CLI::App* const reservations = app->add_subcommand("reservations", "ask, use, give back");
  reservations->require_subcommand(1);
  AddReservationReads(reservations, out);
  AddReservationCreate(reservations, out);
  AddReservationVerbs(reservations, out);
  AddRequest(
      AddCommand(app, "why",
                 "would this be granted, why not, when, and what would help; changes nothing",
                 Command::kWhy, out),
      out);
  AddLimits(app, out);
  AddCosts(app, out);
  AddCharges(app, out);
  AddCostEntries(app, out);
  AddPeriods(app, out);
  AddRateCards(app, out);
  AddGuardrails(app, out);
  AddBudgets(app, out);
  AddModels(app, out);
  AddProposals(app, out);
  AddJournal(app, out);
  AddCommand(app, "me", "who the daemon takes you for", Command::kMe, out);
  AddCommand(app, "version", "of the daemon", Command::kVersion, out);
}

}  // namespace

std::optional<int> ParseArguments(int argc, char** argv, Arguments* arguments) {
  CLI::App app("Reserves, charges and watches the resources of a purser daemon.", "purser");
  app.require_subcommand(1);
  app.fallthrough();  // the options of all commands may also stand behind a command
  app.footer(kFooter);
  AddGlobals(&app, arguments);
  bool is_version_wanted = false;
  AddVersion(&app, &is_version_wanted);
  AddCommands(&app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& fault) {
    // Of an unknown command it says only that there is none.
    const std::vector<std::string> unknown = app.remaining(true);
    if (unknown.empty()) return app.exit(fault) == 0 ? 0 : kUsageExitCode;
    app.exit(CLI::ExtrasError(unknown));
    return kUsageExitCode;
  } catch (const CLI::ParseError& fault) {
    return app.exit(fault) == 0 ? 0 : kUsageExitCode;
  }
  if (is_version_wanted) arguments->command = Command::kVersion;
  return std::nullopt;
}

}  // namespace purser::cli
