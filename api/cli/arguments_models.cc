#include "api/cli/arguments_models.h"

#include "api/render.h"
#include "google/protobuf/message.h"

namespace purser::cli {
namespace {

constexpr char kModelId[] = "the model's id";
constexpr char kApprovalId[] = "the approval's id; of a request the reservation's";

// One cost of a month by its category.
void SetCost(const std::string& option, const std::string& category, Amount amount,
             v1::Costs* costs) {
  const auto* const field = v1::Costs::descriptor()->FindFieldByName(category);
  if (field == nullptr) {
    std::string known;
    for (int i = 0; i < v1::Costs::descriptor()->field_count(); ++i) {
      known += Concat(i > 0 ? ", " : "", v1::Costs::descriptor()->field(i)->name());
    }
    throw CLI::ValidationError(option, Concat("'", category, "' is none of ", known));
  }
  auto* const cost = costs->GetReflection()->MutableMessage(costs, field);
  static_cast<v1::Amount*>(cost)->set_micros(amount.micros());
}

void AddCosts(CLI::App* app, v1::Model* model) {
  AddEach(app, "--cost", "CATEGORY=USD", "expected a month, such as inference=120; repeatable",
          [model](const std::string& text) {
            const auto [category, amount] = Require("--cost", ParseAmountOf(text));
            SetCost("--cost", category, amount, model->mutable_monthly_costs());
          });
}

void AddMoney(CLI::App* app, const std::string& option, const std::string& description,
              std::function<v1::Amount*()> money) {
  app->add_option_function<std::string>(
         option,
         [option, money = std::move(money)](const std::string& text) {
           money()->set_micros(Require(option, Amount::Parse(text)).micros());
         },
         description)
      ->type_name("USD");
}

// `LEGAL:audit-2026=RETIRE,PURGE`
void ReadConstraint(const std::string& text, v1::Constraint* constraint) {
  const auto [whole, acts] = Require("--constraint", ParseAssignment(text));
  const size_t colon = whole.find(':');
  if (colon == std::string::npos) {
    throw CLI::ValidationError("--constraint", "takes KIND:NAME=ACTS, as LEGAL:audit=RETIRE,PURGE");
  }
  constraint->set_kind(UpperName(whole.substr(0, colon)));
  constraint->set_name(whole.substr(colon + 1));
  size_t begin = 0;
  while (begin <= acts.size()) {
    const size_t end = std::min(acts.find(',', begin), acts.size());
    constraint->add_forbids(UpperName(acts.substr(begin, end - begin)));
    begin = end + 1;
  }
}

// What of a model may be said at its registration and changed later.
void AddModelSettings(CLI::App* app, Arguments* out) {
  v1::Model* const model = &out->model;
  AddEach(app, "--capability", "NAME", "what it provides; repeatable",
          [model](const std::string& text) { model->mutable_capabilities()->add_values(text); });
  AddEach(app, "--parent", "ID", "a model that it came from; repeatable",
          [model](const std::string& text) { model->mutable_parents()->add_values(text); });
  app->add_option_function<std::string>(
         "--artifact", [model](const std::string& text) { model->set_artifact_uri(text); },
         "where it is stored")
      ->type_name("URI");
  AddAmounts(app, "--footprint", "what it occupies of capacity, such as archive_storage=120",
             model->mutable_footprint());
  AddCosts(app, model);
  AddAmounts(app, "--quality", "by capability, such as ocr=0.93; repeatable",
             model->mutable_quality());
  AddMoney(app, "--value", "business value a month",
           [model] { return model->mutable_business_value_monthly(); });
  AddMoney(app, "--incident-cost", "expected a month",
           [model] { return model->mutable_expected_incident_cost_monthly(); });
  AddMoney(app, "--cold-start-cost", "at each activation and rollback",
           [model] { return model->mutable_cold_start_cost(); });
  app->add_option_function<std::string>(
         "--rollback-target",
         [model](const std::string& text) { model->set_rollback_target(text == "-" ? "" : text); },
         "the model that a rollback brings back; - for none")
      ->type_name("ID");
  AddEach(app, "--constraint", "KIND:NAME=ACTS",
          "forbids, such as LEGAL:audit=RETIRE,PURGE; all that shall stand, repeatable",
          [model](const std::string& text) {
            ReadConstraint(text, model->mutable_constraints()->add_values());
          });
  app->add_flag_callback(
      "--no-constraints", [model] { model->mutable_constraints(); }, "lifts all of them");
  app->add_option_function<std::string>(
         "--reason", [model](const std::string& text) { model->set_reason(text); },
         "of the constraints")
      ->type_name("TEXT");
  AddMutation(app, out);
}

void AddState(CLI::App* app, Arguments* out) {
  app->add_option_function<std::string>(
         "--state", [out](const std::string& text) { out->state = UpperName(text); },
         "only those in this state, such as ACTIVE")
      ->type_name("STATE");
}

void AddRegistry(CLI::App* models, Arguments* out) {
  CLI::App* app = AddCommand(models, "list", "models by id", Command::kModelsList, out);
  AddState(app, out);
  AddListLength(app, out);
  AddId(AddCommand(models, "show", "one model", Command::kModelsShow, out), out, kModelId);
  app = AddCommand(models, "register", "a new CANDIDATE", Command::kModelsRegister, out);
  AddId(app, out, kModelId);
  app->add_option_function<std::string>(
         "--family", [out](const std::string& text) { out->model.set_operator_family(text); },
         "the operator family that pays for it")
      ->type_name("NAME")
      ->required();
  AddModelSettings(app, out);
  app = AddCommand(models, "change", "what is said changes; amounts of 0 are taken away",
                   Command::kModelsChange, out);
  AddId(app, out, kModelId);
  AddModelSettings(app, out);
}

void AddReducesCost(CLI::App* app, v1::ActivateRequest* request) {
  app->add_flag_callback(
      "--reduces-cost", [request] { request->mutable_reduces_cost(); },
      "ground: all ACTIVE models cost less afterwards; with --retire, --lower");
  // May come before --reduces-cost: one ground is checked once all is read.
  AddEach(
      app, "--retire", "ID", "with --reduces-cost: a model that leaves; repeatable",
      [request](const std::string& text) { request->mutable_reduces_cost()->add_retire(text); });
  AddEach(app, "--lower", "ID:CATEGORY=USD", "with --reduces-cost: a cost of one that stays",
          [request](const std::string& text) {
            const auto [whole, amount] = Require("--lower", ParseAmountOf(text));
            const size_t colon = whole.rfind(':');
            if (colon == std::string::npos) {
              throw CLI::ValidationError("--lower", "takes ID:CATEGORY=USD");
            }
            auto& changes = *request->mutable_reduces_cost()->mutable_cost_changes();
            SetCost("--lower", whole.substr(colon + 1), amount, &changes[whole.substr(0, colon)]);
          });
}

void AddConsumesReserve(CLI::App* app, v1::ActivateRequest* request) {
  app->add_flag_callback(
      "--consumes-reserve", [request] { request->mutable_consumes_reserve(); },
      "ground: a second principal lets it draw on the reserve; with --due-back, --reason");
  AddTime(app, "--due-back", "with --consumes-reserve: when the reserve is to be whole again",
          [request](int64_t instant_us) {
            api::SetTime(instant_us, request->mutable_consumes_reserve()->mutable_due_back());
          });
  app->add_option_function<std::string>(
         "--reason",
         [request](const std::string& text) {
           request->mutable_consumes_reserve()->set_reason(text);
         },
         "with --consumes-reserve: why")
      ->type_name("TEXT");
}

void AddActivate(CLI::App* models, Arguments* out) {
  CLI::App* const app = AddCommand(models, "activate", "make it ACTIVE, on one ground",
                                   Command::kModelsActivate, out);
  v1::ActivateRequest* const request = &out->activation;
  AddId(app, out, kModelId);
  app->add_flag_callback(
      "--vacancy", [request] { request->mutable_vacancy(); }, "ground: there is room");
  AddEach(app, "--replaces", "ID", "ground: this one leaves for it; repeatable",
          [request](const std::string& text) { request->mutable_replaces()->add_models(text); });
  AddReducesCost(app, request);
  AddConsumesReserve(app, request);
  AddMutation(app, out);
  const auto given = [app](const char* option) { return app->count(option) > 0 ? 1 : 0; };
  app->callback([out, given] {
    out->command = Command::kModelsActivate;
    const bool reduces = given("--reduces-cost") + given("--retire") + given("--lower") > 0;
    const bool consumes = given("--consumes-reserve") + given("--due-back") + given("--reason") > 0;
    const int grounds =
        given("--vacancy") + given("--replaces") + (reduces ? 1 : 0) + (consumes ? 1 : 0);
    if (grounds == 1) return;
    throw CLI::ValidationError(
        "activate",
        "takes one ground: --vacancy, --replaces, --reduces-cost or --consumes-reserve");
  });
}

void AddSelect(CLI::App* models, Arguments* out) {
  CLI::App* const app =
      AddCommand(models, "select", "which candidates would best become ACTIVE; changes nothing",
                 Command::kModelsSelect, out);
  app->add_option("ID", out->candidates, "of these alone; else all candidates and shadows")
      ->type_name("");
}

void AddModelVerbs(CLI::App* models, Arguments* out) {
  const auto add = [models, out](const std::string& name, const std::string& description,
                                 Command command, const char* whose) {
    CLI::App* const app = AddCommand(models, name, description, command, out);
    AddId(app, out, whose);
    AddMutation(app, out);
    return app;
  };
  add("shadow", "run a CANDIDATE without serving", Command::kModelsShadow, kModelId);
  add("retire", "it serves no more", Command::kModelsRetire, kModelId);
  add("archive", "a RETIRED one is never activated again", Command::kModelsArchive, kModelId);
  add("purge", "the artifact of an ARCHIVED one is deleted", Command::kModelsPurge, kModelId);
  add("rollback", "bring its rollback target back and retire it", Command::kModelsRollback,
      kModelId);
  AddCommand(models, "approvals", "activations and requests that wait for a second principal",
             Command::kApprovalsList, out);
  add("approve", "let an activation draw on the reserve, or a request on a budget",
      Command::kApprovalsApprove, kApprovalId)
      ->add_option("--reason", out->reason, "why; only of a request")
      ->type_name("TEXT");
  add("reject", "turn one down", Command::kApprovalsReject, kApprovalId)
      ->add_option("--reason", out->reason, "why")
      ->type_name("TEXT");
}

void AddFormat(CLI::App* app, const std::string& description, Arguments* out) {
  const auto read = [out](const std::string& text) {
    const std::string name = UpperName(text);
    if (name != "CSV" && name != "JSON") {
      throw CLI::ValidationError("--format", Concat("'", text, "' is none of csv, json"));
    }
    out->format = name == "CSV" ? FileFormat::kCsv : FileFormat::kJson;
  };
  app->add_option_function<std::string>("--format", read, description)->type_name("csv|json");
}

void AddColumns(CLI::App* app, Arguments* out) {
  app->add_option("--columns", out->columns_file,
                  "a TOML file that says which columns of CSV are what; config/model_columns.toml "
                  "is an example")
      ->type_name("FILE");
}

// What --columns says is of CSV.
void CheckColumnsFormat(const std::string& command, const Arguments& out) {
  if (out.columns_file.empty() || out.format != FileFormat::kJson) return;
  throw CLI::ValidationError(command, "takes --columns with CSV only");
}

void AddFiles(CLI::App* models, Arguments* out) {
  CLI::App* app = AddCommand(models, "export", "all of them, to standard output, for a file",
                             Command::kModelsExport, out);
  AddFormat(app, "else json, or csv with --columns", out);
  AddColumns(app, out);
  AddState(app, out);
  app->callback([out] {
    out->command = Command::kModelsExport;
    CheckColumnsFormat("export", *out);
  });
  app = AddCommand(models, "import", "register those of a file, once all of it was found good",
                   Command::kModelsImport, out);
  app->add_option("FILE", out->file, "CSV or JSON; - for standard input")
      ->type_name("")
      ->required();
  AddFormat(app, "else by the file's name, or how it begins", out);
  AddColumns(app, out);
  app->add_flag("--activate", out->activate,
                "then activate, on the ground of vacancy, those whose state is ACTIVE");
  app->add_option("--reason", out->reason, "of constraints, where the file has none; else import")
      ->type_name("TEXT");
  app->add_flag("--dry-run", out->dry_run, "check the file and send nothing");
  app->callback([out] {
    out->command = Command::kModelsImport;
    CheckColumnsFormat("import", *out);
  });
}

}  // namespace

void AddModels(CLI::App* parent, Arguments* out) {
  AddCommand(parent, "population", "the models' budget, what they occupy, what can be rolled back",
             Command::kPopulation, out);
  CLI::App* const models =
      parent->add_subcommand("models", "what serves, what it occupies, what replaces it");
  models->require_subcommand(1);
  AddRegistry(models, out);
  AddActivate(models, out);
  AddModelVerbs(models, out);
  AddSelect(models, out);
  AddFiles(models, out);
}

namespace {

constexpr char kProposalId[] = "the proposal's id";

void AddText(CLI::App* app, const std::string& option, const std::string& description,
             std::string* out) {
  app->add_option(option, *out, description)->type_name("TEXT");
}

// `purser proposals retire p-1 a b` and the like.
void AddProposalKind(CLI::App* proposals, const std::string& kind, const std::string& description,
                     bool has_result, Arguments* out) {
  CLI::App* const app = AddCommand(proposals, kind, description, Command::kProposalsMake, out);
  v1::Proposal* const proposal = &out->proposal;
  AddId(app, out, kProposalId);
  app->add_option_function<std::vector<std::string>>(
         "MODELS",
         [proposal, kind](const std::vector<std::string>& ids) {
           proposal->set_kind(UpperName(kind));
           for (const std::string& id : ids) proposal->add_models(id);
         },
         "of which models")
      ->type_name("")
      ->required();
  if (has_result) {
    app->add_option_function<std::string>(
           "--result", [proposal](const std::string& id) { proposal->set_result_model(id); },
           "the model that takes their place")
        ->type_name("ID");
  }
  app->add_option_function<std::string>(
         "--reason", [proposal](const std::string& text) { proposal->set_reason(text); }, "why")
      ->type_name("TEXT");
  AddTime(app, "--expires", "else in 30 days", [proposal](int64_t instant_us) {
    api::SetTime(instant_us, proposal->mutable_expire_time());
  });
  AddMutation(app, out);
}

}  // namespace

void AddProposals(CLI::App* parent, Arguments* out) {
  CLI::App* const proposals = parent->add_subcommand(
      "proposals", "models to retire, merge, replace or archive, by four eyes");
  proposals->require_subcommand(1);
  CLI::App* app = AddCommand(proposals, "list", "proposals by id", Command::kProposalsList, out);
  app->add_option_function<std::string>(
         "--state", [out](const std::string& text) { out->state = UpperName(text); },
         "only those in this state, such as OPEN")
      ->type_name("STATE");
  AddListLength(app, out);
  AddId(AddCommand(proposals, "show", "one, and what it would do", Command::kProposalsShow, out),
        out, kProposalId);
  AddProposalKind(proposals, "retire", "propose that ACTIVE models leave", false, out);
  AddProposalKind(proposals, "replace", "propose that another one replaces them", true, out);
  AddProposalKind(proposals, "merge", "propose that one takes the place of several", true, out);
  AddProposalKind(proposals, "archive", "propose that RETIRED ones are archived", false, out);
  const auto add = [&](const std::string& name, const std::string& description, Command command) {
    CLI::App* const verb = AddCommand(proposals, name, description, command, out);
    AddId(verb, out, kProposalId);
    AddMutation(verb, out);
    return verb;
  };
  add("result", "name the model that a merge ends in", Command::kProposalsResult)
      ->add_option_function<std::string>(
          "RESULT", [out](const std::string& id) { out->proposal.set_result_model(id); },
          "the model's id")
      ->type_name("")
      ->required();
  add("approve", "as its models are now", Command::kProposalsApprove);
  AddText(add("reject", "turn it down", Command::kProposalsReject), "--reason", "why",
          &out->reason);
  AddText(add("withdraw", "take one's own back", Command::kProposalsWithdraw), "--reason", "why",
          &out->reason);
  add("execute", "carry it out, once it is approved", Command::kProposalsExecute);
  app = AddCommand(proposals, "review", "have the daemon look for some now",
                   Command::kProposalsReview, out);
  app->add_option("--for", out->id, "a reservation that waits, else the head of the queue")
      ->type_name("ID");
  app->add_flag("--dry-run", out->dry_run, "look, and propose nothing");
  AddCommand(proposals, "proposers", "what they promised, and what came of it", Command::kProposers,
             out);
}

}  // namespace purser::cli
