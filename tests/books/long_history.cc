#include "tests/books/long_history.h"

#include <algorithm>

#include "daemon/history.h"
#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr InstantUs kBeginUs = 1'782'864'000 * kSecondUs;  // 2026-07-01T00:00:00Z
constexpr const char* kPopulations[] = {"default", "lab", "annex"};
constexpr const char* kFamilies[] = {"vision", "text", "audio"};
// What operators make and delete again.
constexpr const char* kPassing[] = {"seats", "licences"};

// Months of 30 days: this test needs no calendar.
InstantUs MonthStartAfter30(const std::string&, InstantUs instant) {
  return (instant / (30 * kDayUs) + 1) * (30 * kDayUs);
}

stored::ResourceSettings MakeSettings(const std::string& name, stored::ResourceKind kind,
                                      int64_t units) {
  stored::ResourceSettings settings;
  settings.set_name(name);
  settings.set_unit("unit");
  settings.set_kind(kind);
  settings.set_amount(Amount::FromUnits(units).micros());
  settings.set_reserve_percent(Amount::FromUnits(20).micros());
  settings.set_priced(true);
  return settings;
}

std::vector<stored::ResourceSettings> MakeResources() {
  std::vector<stored::ResourceSettings> resources;
  resources.push_back(MakeSettings("once", stored::CONSUMABLE, 500));
  resources.push_back(MakeSettings("weekly", stored::CONSUMABLE, 60));
  resources.back().set_period_us(7 * kDayUs);
  resources.back().mutable_carry_available()->set_kind(stored::CarryOver::ALL);
  resources.push_back(MakeSettings("monthly", stored::CONSUMABLE, 100));
  resources.back().set_monthly(true);
  resources.back().set_debt_limit(Amount::FromUnits(30).micros());
  resources.back().mutable_carry_reserve()->set_kind(stored::CarryOver::UP_TO);
  resources.back().mutable_carry_reserve()->set_amount(Amount::FromUnits(5).micros());
  resources.push_back(MakeSettings("memory", stored::CAPACITY, 64));
  resources.back().set_overcommit_numerator(3);
  resources.back().set_overcommit_denominator(2);
  // What models occupy besides memory.
  resources.push_back(MakeSettings("active_models", stored::CAPACITY, 6));
  resources.push_back(MakeSettings("archive_storage", stored::CAPACITY, 200));
  return resources;
}

}  // namespace

LongHistory::LongHistory(uint64_t seed) : random_(seed), now_us_(kBeginUs) {
  Open();
  MakePopulation("lab");
  MakePopulation("annex");
  LiveOfModels("annex");
  LiveOfGuardrails("annex");
  LiveOfBudgets("annex");
}

void LongHistory::Open() {
  sequencer_ = std::make_unique<Sequencer>(SequencerOptions(), &store_, MonthStartAfter30);
  PURSER_CHECK(sequencer_->Open(now_us_).ok(), "the store opens");
}

void LongHistory::MakePopulation(const std::string& name) {
  Command command;
  command.population = name;
  command.caller = {"root", true};
  CreatePopulation body;
  body.settings.set_name(name);
  body.settings.set_time_zone("UTC");
  body.resources = MakeResources();
  command.body = std::move(body);
  Submit({std::move(command)});
  CreateRateCard rates;
  rates.card.set_id("first");
  for (const char* resource : {"monthly", "once", "weekly"}) {
    auto& rate = *rates.card.add_rates();
    rate.set_resource(resource);
    rate.set_picos(1'333'333'333'333);
  }
  SubmitTo(name, "root")(std::move(rates));
}

void LongHistory::Live(int groups) {
  for (int i = 0; i < groups; ++i) {
    PassTime();
    std::vector<Command> commands;
    const uint64_t count = 1 + Pick(4);
    for (uint64_t each = 0; each < count; ++each) commands.push_back(MakeCommand());
    Submit(std::move(commands));
  }
  CloseAMonth("lab");
}

LongHistory::SubmitBody LongHistory::SubmitTo(const std::string& population,
                                              const std::string& principal) {
  return [this, population, principal](decltype(Command::body) body) {
    Command command;
    command.population = population;
    command.caller = {principal, true};
    const bool on_generation = std::holds_alternative<UpdateProposal>(body) ||
                               std::holds_alternative<UpdateGuardrail>(body) ||
                               std::holds_alternative<UpdateBudget>(body) ||
                               std::holds_alternative<DeleteBudget>(body) ||
                               std::holds_alternative<DeleteGuardrail>(body);
    if (on_generation) command.if_match = IfMatch{true, 0};
    command.body = std::move(body);
    Submit({std::move(command)});
  };
}

void LongHistory::LeaveOpenEnds(const std::string& population) {
  const SubmitBody submit = SubmitTo(population, "root");
  RequestReservation request;
  request.purpose = stored::ROLLBACK;  // passes freezes and debts
  request.amounts = {{"memory", Amount::FromUnits(1)}, {"once", Amount::FromUnits(1)}};
  request.labels = MakeLabels();
  submit(GrantAmount{"memory", Amount::FromUnits(500), "room"});
  submit(GrantAmount{"once", Amount::FromUnits(5'000), "room"});
  LiveOfGuardrails(population);
  LiveOfBudgets(population);
  LiveOfAllocations(population);
  now_us_ += 2 * 3'600 * kSecondUs;
  submit(PostCharge{"runaway-2", {{"once", Amount::FromUnits(7)}}, GuardedLabels(), {}});
  for (const std::string id : {"running", "ended"}) {
    request.id = id;
    submit(request);
    submit(StartReservation{id, std::nullopt});
  }
  submit(ChargeReservation{"ended", "within", {{"once", Amount::FromMicros(400'000)}}, {}});
  submit(ReleaseReservation{"ended"});
  submit(PostCharge{"debt", {{"once", Amount::FromUnits(50'000)}}, MakeLabels(), {}});
  submit(CreateFreeze{"standing", "", "memory", "audit", 0});
  for (const std::string label : {"", "team"}) {
    CreateLimit limit;
    limit.limit.set_id(label.empty() ? "standing" : "standing-of-team");
    limit.limit.set_open_reservations(1'000);
    limit.limit.set_principal("root");
    if (!label.empty()) {
      limit.limit.mutable_label()->set_key(label);
      limit.limit.mutable_label()->set_value("standing");
    }
    submit(limit);
  }
  Labels labels = MakeLabels();
  std::erase_if(labels, [](const auto& each) { return each.first == "team"; });
  labels.emplace_back("team", "standing");
  submit(PostCharge{"counted", {{"once", Amount::FromUnits(1)}}, labels, {}});
  LeaveModels(submit);
}

void LongHistory::PassTime() {
  if (Chance(20)) return;
  now_us_ += static_cast<int64_t>(Pick(3'600) * kSecondUs + Pick(kSecondUs));
  if (Chance(1)) now_us_ += static_cast<int64_t>(Pick(20)) * kDayUs;
  if (!Chance(1)) return;
  // A restart after some time down; before it a last sign of life.
  PURSER_CHECK(sequencer_->SignOfLife(now_us_), "the store takes it");
  now_us_ += static_cast<int64_t>(Pick(7'200)) * kSecondUs;
  Open();
}

void LongHistory::Submit(std::vector<Command> commands) {
  std::vector<api::CommandResult> results(commands.size());
  std::vector<Sequencer::Submission> submissions;
  for (size_t i = 0; i < commands.size(); ++i) {
    LookUp(&commands[i]);
    submissions.push_back({&commands[i], &results[i]});
  }
  PURSER_CHECK(sequencer_->Commit(submissions, now_us_), "the store takes the group");
  for (size_t i = 0; i < results.size(); ++i) {
    for (const Shown& shown : results[i].shown) {
      if (shown.answer.kind() == stored::Answer::DENIAL) Explain(commands[i].population, shown);
      if (shown.answer.kind() == stored::Answer::RESERVATION) {
        reservations_.push_back(shown.answer.id());
      } else if (shown.answer.kind() == stored::Answer::CHARGE) {
        charges_.push_back(shown.answer.id());
      }
    }
  }
}

void LongHistory::Explain(const std::string& population, const Shown& denial) {
  ExplainRequests body;
  stored::RequestExplained& explained = body.explained.emplace_back();
  explained.set_denied_sequence(denial.answer.sequence());
  explained.set_id(denial.answer.id());
  *explained.mutable_refusal() = denial.answer.refusal();
  explained.mutable_refusal()->mutable_explanation()->set_sequence(denial.answer.sequence());
  Command command;
  command.population = population;
  command.caller = {"root", true};
  command.body = std::move(body);
  Submit({std::move(command)});
}

// As a thread of the server does before it sends a command.
void LongHistory::LookUp(Command* command) {
  const Population* population = sequencer_->machine().Find(command->population);
  if (population == nullptr) return;
  Lookup& lookup = command->lookup;
  lookup.sequence = population->last_sequence;
  History history(store_.TakeSnapshot(), population->number,
                  std::make_shared<const ResourceDirectory>(population->directory));
  const auto look_up = [&](const std::string& id) {
    auto found = history.FindReservation(id);
    PURSER_CHECK(found.ok(), "the store is readable");
    if (!found->has_value() || (*found)->open()) return;
    lookup.ended[id] = std::make_shared<const Reservation>(**std::move(found));
  };
  if (const auto* charge = std::get_if<ChargeReservation>(&command->body)) {
    look_up(charge->reservation);
  }
  const auto* refund = std::get_if<RefundCharge>(&command->body);
  if (refund == nullptr) return;
  auto charge = history.FindCharge(refund->charge);
  PURSER_CHECK(charge.ok(), "the store is readable");
  if (!charge->has_value()) return;
  lookup.charges[refund->charge] = std::make_shared<const stored::ChargeRecord>(**charge);
  look_up((*charge)->charged().reservation());
}

// ---- what is asked

Amount LongHistory::PickAmount(int64_t units_max) {
  const int64_t micros_max = units_max * Amount::kMicrosPerUnit;
  return Amount::FromMicros(1 + static_cast<int64_t>(Pick(static_cast<uint64_t>(micros_max))));
}

std::string LongHistory::PickOf(const std::vector<std::string>& from) {
  if (from.empty()) return "nothing";
  // Mostly of the newest.
  const size_t window = Chance(70) ? std::min<size_t>(from.size(), 30) : from.size();
  return from[from.size() - 1 - Pick(window)];
}

std::string LongHistory::NewId(const std::string& prefix) {
  return Chance(30) ? std::string() : Concat(prefix, next_id_++);
}

Labels LongHistory::MakeLabels() {
  return {{"capability", "ocr"}, {"operator_family", kFamilies[Pick(std::size(kFamilies))]}};
}

NamedAmounts LongHistory::PickAmounts(const Population& population, bool consumables_only,
                                      int64_t units_max) {
  NamedAmounts amounts;
  for (const auto& [name, number] : population.books.numbers_by_name()) {
    const Resource& resource = *population.books.Find(number);
    if ((consumables_only && !resource.consumable()) || !Chance(35)) continue;
    amounts[name] = resource.settings->has_step()
                        ? Amount::FromUnits(1 + static_cast<int64_t>(Pick(3)))
                        : PickAmount(units_max);
  }
  return amounts;
}

NamedAmounts LongHistory::PickHeld(const Population& population, const std::string& reservation) {
  NamedAmounts amounts;
  const Reservation* open = population.reservations.FindOpen(reservation);
  if (open == nullptr) return PickAmounts(population, true, 10);
  for (const HoldLine& line : open->lines) {
    if (!line.consumable) continue;
    const std::string name(population.directory.Find(line.resource).name);
    amounts[name] = Chance(70) ? PickAmount(4) : PickAmount(60);
  }
  return amounts;
}

RequestReservation LongHistory::MakeRequest(const Population& population) {
  constexpr stored::Purpose kPurposes[] = {stored::TRAINING, stored::EVALUATION, stored::SERVING,
                                           stored::ROLLBACK, stored::DISASTER_RECOVERY};
  RequestReservation request;
  request.id = NewId("r");
  request.purpose = kPurposes[Pick(std::size(kPurposes))];
  request.amounts = PickAmounts(population, false, Chance(80) ? 12 : 200);
  if (Chance(20)) {
    for (const auto& [name, amount] : request.amounts) request.minimum_amounts[name] = Amount();
  }
  request.labels = MakeLabels();
  request.lease_us = static_cast<int64_t>(1 + Pick(Chance(80) ? 86'400 : 40 * 86'400)) * kSecondUs;
  request.overrun_policy = static_cast<stored::OverrunPolicy>(Pick(3));
  request.tier = static_cast<int>(1 + Pick(4));
  if (TierGivesWay(request.tier)) {
    request.preemption_grace_us = static_cast<int64_t>(Pick(60)) * kSecondUs;
  }
  if (Chance(50)) request.queue_wait_us = static_cast<int64_t>(1 + Pick(48)) * 3'600 * kSecondUs;
  if (Chance(15)) {
    request.start_at_us =
        population.last_time_us + static_cast<int64_t>(1 + Pick(2'000)) * 60 * kSecondUs;
    request.queue_wait_us = static_cast<int64_t>(1 + Pick(10)) * 600 * kSecondUs;
  }
  return request;
}

BatchOperation LongHistory::MakeOperation(const Population& population) {
  const std::string id = PickOf(reservations_);
  switch (Pick(9)) {
    case 0:
      return StartReservation{id, Chance(50) ? std::optional<int64_t>(kDayUs) : std::nullopt};
    case 1:
      return RenewReservation{id, static_cast<int64_t>(1 + Pick(7'200)) * kSecondUs};
    case 2:
    case 3:
      return ChargeReservation{id, NewId("c"), PickHeld(population, id), {}};
    case 4: {
      const bool all = Chance(50);
      return SettleReservation{
          id, all ? NamedAmounts() : PickHeld(population, id), all, NewId("s"), {}};
    }
    case 5:
      return ReleaseReservation{id};
    case 6:
      return PostCharge{NewId("p"), PickAmounts(population, true, 8), MakeLabels(),
                        stored::INCIDENT_COST};
    case 7: {
      if (Chance(70)) return MakeRequest(population);
      if (Chance(50)) return ReportOutcomes{NewId("o"), {{kCapabilityLabel, "ocr"}}, 7, 1, 2};
      EnterCost entry{NewId("x"),           PickAmount(9), {}, {},
                      stored::ON_CALL_COST, MakeLabels(),  "", ""};
      if (Chance(30)) entry.labels = {{kFamilyLabel, R"({"a":"1","b":"2"})"}};
      return entry;
    }
    default:
      return MakeRequest(population);
  }
}

void LongHistory::FillUsers(const Population& population, Command* command) {
  const Queue::ByKey& waiting = population.reservations.queue().by_key();
  if (!waiting.empty() && Chance(50)) {
    const auto any = std::next(waiting.begin(), static_cast<std::ptrdiff_t>(Pick(waiting.size())));
    command->body = LetPass{any->second->id, UINT64_MAX, INT64_MAX / 2};
    return;
  }
  if (Chance(8)) {
    command->body = RefundCharge{PickOf(charges_), NewId("f"),
                                 Chance(50) ? NamedAmounts() : PickAmounts(population, true, 3),
                                 "measured; twice | \"so\" they say"};
    return;
  }
  if (Chance(15)) {
    Batch batch;
    batch.atomic = Chance(60);
    const uint64_t count = 1 + Pick(4);
    for (uint64_t i = 0; i < count; ++i) {
      batch.members.emplace_back().operation = MakeOperation(population);
    }
    command->body = std::move(batch);
    return;
  }
  BatchOperation operation =
      Chance(40) ? BatchOperation(MakeRequest(population)) : MakeOperation(population);
  std::visit([command](auto& body) { command->body = std::move(body); }, operation);
  if (!Chance(10)) return;
  command->key = KeyUse{Concat("key-", next_id_++), {}};
  command->key->record.set_path("/v1/somewhere");
}

void LongHistory::FillUpdate(const Population& population, Command* command) {
  if (Chance(10)) {
    UpdatePopulation settings;
    settings.required_labels = std::vector<std::string>{"operator_family"};
    command->body = std::move(settings);
    return;
  }
  UpdateResource update;
  std::vector<std::string> names;
  for (const auto& [name, number] : population.books.numbers_by_name()) names.push_back(name);
  update.resource = PickOf(names);
  const Resource& resource = *population.books.FindByName(update.resource);
  if (Chance(50)) update.amount = Amount::FromUnits(20 + static_cast<int64_t>(Pick(200)));
  if (Chance(50)) update.reserve_percent = PickAmount(40);
  if (!resource.consumable() && Chance(30)) {
    update.overcommit = {static_cast<int64_t>(2 + Pick(3)), 2};
  }
  command->body = std::move(update);
}

void LongHistory::FillLimits(const std::vector<std::string>& names, Command* command) {
  stored::Limit limit;
  const std::string id = Concat("limit-", Pick(2));
  if (Chance(20)) {
    command->body = DeleteLimit{id};
    return;
  }
  stored::Limit::Part& part = Chance(50) ? *limit.add_share_percent() : *limit.add_day_amounts();
  part.set_resource(PickOf(names));
  part.set_amount(PickAmount(90).micros() + 1);
  if (Chance(40)) {
    command->body = UpdateLimit{id, limit};
    return;
  }
  limit.set_id(id);
  limit.set_open_reservations(200);
  if (id == "limit-0") limit.set_principal("bob|builder");
  if (id == "limit-1") {
    limit.mutable_label()->set_key(kFamilyLabel);
    limit.mutable_label()->set_value(kFamilies[0]);
  }
  command->body = CreateLimit{limit};
}

void LongHistory::FillOperators(const Population& population, Command* command) {
  std::vector<std::string> names;
  for (const auto& [name, number] : population.books.numbers_by_name()) names.push_back(name);
  const std::string passing = kPassing[Pick(std::size(kPassing))];
  command->if_match = IfMatch{true, 0};
  switch (Pick(10)) {
    case 8:
      return FillLimits(names, command);
    case 9:
      return FillRates(population, command);
    case 0:
      command->body = CreateResource{
          MakeSettings(passing, Chance(50) ? stored::CONSUMABLE : stored::CAPACITY, 30)};
      return;
    case 1:
      command->body = DeleteResource{passing};
      return;
    case 2:
      command->body = GrantAmount{PickOf(names), PickAmount(40), "a gift"};
      return;
    case 3:
      command->body = WithdrawAmount{PickOf(names), PickAmount(25), "taken back"};
      return;
    case 4: {
      CreateFreeze freeze;
      freeze.id = Concat("freeze-", Pick(3));
      if (Chance(50)) {
        freeze.operator_family = kFamilies[Pick(std::size(kFamilies))];
      } else {
        freeze.resource = PickOf(names);
      }
      freeze.reason = "audit";
      if (Chance(60))
        freeze.until_us = now_us_ + static_cast<int64_t>(1 + Pick(86'400)) * kSecondUs;
      command->body = std::move(freeze);
      return;
    }
    case 5:
    case 6:
      command->body = DeleteFreeze{Concat("freeze-", Pick(3))};
      return;
    default:
      FillUpdate(population, command);
  }
}

Command LongHistory::MakeCommand() {
  Command command;
  command.population = kPopulations[Pick(std::size(kPopulations))];
  command.caller = {Chance(50) ? "alice; \"the\" (first)" : "bob|builder", true};
  command.request_id = Concat("req-", next_id_);
  const Population& population = *sequencer_->machine().Find(command.population);
  if (Chance(15)) {
    FillOperators(population, &command);
  } else if (Chance(40)) {
    FillModels(population, &command);
  } else {
    FillUsers(population, &command);
  }
  return command;
}

}  // namespace purser
