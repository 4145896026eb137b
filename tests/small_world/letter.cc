#include "tests/small_world/letter.h"

#include <functional>

#include "ledger/text.h"

namespace purser::small {
namespace {

constexpr char kCapability[] = "any";

Amount Units(int64_t units) { return Amount::FromUnits(units); }
int64_t Micros(int64_t units) { return Units(units).micros(); }

NamedAmounts ToNamed(const model::Amounts& amounts) {
  NamedAmounts named;
  for (const auto& [name, micros] : amounts) named[name] = Amount::FromMicros(micros);
  return named;
}

Letter MakeLetter(std::string text, model::Verb verb) {
  Letter letter;
  letter.text = std::move(text);
  letter.command.population = kPopulation;
  letter.command.caller = {"local", true};
  letter.command.if_match = IfMatch{true, 0};
  letter.action.verb = verb;
  return letter;
}

Labels ToLabels(const std::string& family) {
  return {{"capability", kCapability}, {kFamilyLabel, family}};
}

Letter MakeRequest(const Rules& rules, bool rollback, const model::Amounts& amounts) {
  Letter letter =
      MakeLetter(rollback ? "reserve ROLLBACK" : "reserve TRAINING", model::Verb::kReserve);
  for (const auto& [name, micros] : amounts) {
    letter.text += Concat(" ", name, "=", Amount::FromMicros(micros).ToString());
  }
  const int64_t lease_us = rules.waits ? kShortLeaseUs : kLeaseUs;
  letter.kind = Kind::kRequest;
  letter.by_operator = rollback;
  RequestReservation body;
  body.purpose = rollback ? stored::ROLLBACK : stored::TRAINING;
  body.amounts = ToNamed(amounts);
  body.labels = ToLabels("fa");
  body.lease_us = lease_us;
  body.overrun_policy = rules.stops ? stored::STOP : stored::EXTEND;
  letter.command.body = std::move(body);
  letter.action.purpose = rollback ? "ROLLBACK" : "TRAINING";
  letter.action.amounts = amounts;
  letter.action.labels = {{"capability", kCapability}, {kFamilyLabel, "fa"}};
  letter.action.lease_us = lease_us;
  letter.action.overrun_policy = rules.stops ? "STOP" : "EXTEND";
  return letter;
}

Letter Waiting(Letter letter, int priority) {
  letter.text += Concat(" queue priority=", priority);
  auto& body = std::get<RequestReservation>(letter.command.body);
  body.queue_wait_us = kQueueWaitUs;
  body.priority = priority;
  letter.action.queue = true;
  letter.action.max_queue_wait_us = kQueueWaitUs;
  letter.action.priority = priority;
  return letter;
}

// FLEX: it gives way to those that wait.
Letter GivingWay(Letter letter, int64_t grace_us) {
  constexpr int kFlex = 4;
  letter.text += Concat(" FLEX grace=", grace_us / kSecondUs);
  auto& body = std::get<RequestReservation>(letter.command.body);
  body.tier = kFlex;
  body.preemption_grace_us = grace_us;
  letter.action.tier = kFlex;
  letter.action.grace_us = grace_us;
  return letter;
}

Letter Booked(Letter letter) {
  letter.text += " booked";
  auto& body = std::get<RequestReservation>(letter.command.body);
  body.start_at_us = kBookedStartUs;
  body.queue_wait_us = kQueueWaitUs;
  letter.action.start_at_us = kBookedStartUs;
  letter.action.max_queue_wait_us = kQueueWaitUs;
  return letter;
}

Letter MakeVerb(model::Verb verb, int reservation) {
  Letter letter = MakeLetter(Concat(model::ToString(verb), " ", ReservationId(reservation)), verb);
  letter.action.id = ReservationId(reservation);
  if (verb == model::Verb::kStart) {
    letter.command.body = StartReservation{letter.action.id, std::nullopt};
  } else if (verb == model::Verb::kRenew) {
    letter.command.body = RenewReservation{letter.action.id, kRenewedLeaseUs};
    letter.action.lease_us = kRenewedLeaseUs;
  } else {
    letter.command.body = ReleaseReservation{letter.action.id};
  }
  return letter;
}

Letter MakeCharge(int reservation, int64_t units) {
  Letter letter =
      MakeLetter(Concat("charge ", ReservationId(reservation), " c=", units), model::Verb::kCharge);
  letter.kind = Kind::kCharge;
  letter.action.id = ReservationId(reservation);
  letter.action.amounts = {{"c", Micros(units)}};
  ChargeReservation body;
  body.reservation = letter.action.id;
  body.amounts = ToNamed(letter.action.amounts);
  letter.command.body = std::move(body);
  return letter;
}

// Below 0 units: all that is held.
Letter MakeSettle(int reservation, int64_t units) {
  Letter letter = MakeLetter(Concat("settle ", ReservationId(reservation)), model::Verb::kSettle);
  letter.text += units < 0 ? " all" : Concat(" c=", units);
  letter.action.id = ReservationId(reservation);
  SettleReservation body;
  body.id = letter.action.id;
  body.charge_all = letter.action.charge_all = units < 0;
  if (units > 0) letter.action.amounts = {{"c", Micros(units)}};
  if (units != 0) letter.kind = Kind::kCharge;
  body.amounts = ToNamed(letter.action.amounts);
  letter.command.body = std::move(body);
  return letter;
}

Letter MakePost(int64_t units) {
  Letter letter = MakeLetter(Concat("post_charge c=", units), model::Verb::kPostCharge);
  letter.kind = Kind::kCharge;
  letter.action.amounts = {{"c", Micros(units)}};
  letter.action.labels = {{"capability", kCapability}, {kFamilyLabel, "fb"}};
  PostCharge body;
  body.amounts = ToNamed(letter.action.amounts);
  body.labels = ToLabels("fb");
  letter.command.body = std::move(body);
  return letter;
}

// 0 units: all that is left.
Letter MakeRefund(Kind which, int64_t units) {
  Letter letter = MakeLetter(which == Kind::kRefundFirst ? "refund first" : "refund last",
                             model::Verb::kRefund);
  letter.kind = which;
  letter.by_operator = true;
  if (units > 0) {
    letter.text += Concat(" c=", units);
    letter.action.amounts = {{"c", Micros(units)}};
  }
  RefundCharge body;
  body.amounts = ToNamed(letter.action.amounts);
  letter.command.body = std::move(body);
  return letter;
}

Letter MakeMove(bool grant, const std::string& resource, int64_t units) {
  Letter letter = MakeLetter(Concat(grant ? "grant " : "withdraw ", resource, " ", units),
                             grant ? model::Verb::kGrant : model::Verb::kWithdraw);
  letter.by_operator = true;
  letter.action.resource = resource;
  letter.action.amount = Micros(units);
  if (grant) {
    letter.command.body = GrantAmount{resource, Units(units), ""};
  } else {
    letter.command.body = WithdrawAmount{resource, Units(units), ""};
  }
  return letter;
}

Letter MakeFreeze(bool freeze, const std::string& kind, const std::string& name) {
  Letter letter = MakeLetter(Concat(freeze ? "freeze " : "unfreeze ", kind, "=", name),
                             freeze ? model::Verb::kFreeze : model::Verb::kUnfreeze);
  letter.by_operator = true;
  letter.action.freeze_kind = kind;
  letter.action.freeze_name = name;
  const std::string id = "freeze-" + name;
  if (freeze) {
    CreateFreeze body;
    body.id = id;
    (kind == "resource" ? body.resource : body.operator_family) = name;
    letter.command.body = std::move(body);
  } else {
    letter.command.body = DeleteFreeze{id};
  }
  return letter;
}

Letter MakeTarget(const std::string& resource, std::optional<Amount> percent,
                  std::optional<Amount> amount) {
  Letter letter =
      MakeLetter(Concat("update ", resource,
                        " reserve=", percent ? percent->ToString() + "%" : amount->ToString()),
                 model::Verb::kUpdateResource);
  letter.by_operator = true;
  letter.action.resource = resource;
  UpdateResource body;
  body.resource = resource;
  body.reserve_percent = percent;
  body.reserve_amount = amount;
  letter.command.body = std::move(body);
  if (percent) letter.action.settings.reserve_percent = percent->micros();
  if (amount) letter.action.settings.reserve_amount = amount->micros();
  return letter;
}

void AddVerbs(int reservation, std::vector<Letter>* letters) {
  letters->push_back(MakeVerb(model::Verb::kStart, reservation));
  letters->push_back(MakeVerb(model::Verb::kRenew, reservation));
  letters->push_back(MakeVerb(model::Verb::kRelease, reservation));
  for (int64_t units : {1, 2}) letters->push_back(MakeCharge(reservation, units));
  for (int64_t units : {-1, 0, 1, 2}) letters->push_back(MakeSettle(reservation, units));
}

void AddSettings(std::vector<Letter>* letters) {
  for (const bool grant : {true, false}) {
    for (const char* resource : {"c", "k"}) {
      for (int64_t units : {1, 2}) letters->push_back(MakeMove(grant, resource, units));
    }
  }
  for (const bool freeze : {true, false}) {
    letters->push_back(MakeFreeze(freeze, "resource", "k"));
    letters->push_back(MakeFreeze(freeze, "operator_family", "fa"));
  }
  // A third of 4 does not come out even: the target is rounded up to the millionth.
  letters->push_back(MakeTarget("c", Amount::FromMicros(33'333'333), std::nullopt));
  letters->push_back(MakeTarget("c", Amount(), std::nullopt));
  letters->push_back(MakeTarget("k", std::nullopt, Units(2)));
  letters->push_back(MakeTarget("k", std::nullopt, Amount()));
}

}  // namespace

std::string ReservationId(int reservation) { return Concat("r", reservation); }

std::vector<Letter> MakeOpening(const Rules& rules) {
  if (rules.models) return MakeOpeningOfModels();
  Letter consumable = MakeLetter("create c", model::Verb::kCreateResource);
  stored::ResourceSettings settings;
  settings.set_name("c");
  settings.set_unit("unit");
  settings.set_kind(stored::CONSUMABLE);
  settings.set_monthly(true);
  settings.set_amount(Micros(4));
  settings.set_reserve_percent(Micros(25));
  if (rules.carries_all) settings.mutable_carry_available()->set_kind(stored::CarryOver::ALL);
  consumable.command.body = CreateResource{settings};
  consumable.action.resource = "c";
  consumable.action.settings.monthly = true;
  consumable.action.settings.amount = Micros(4);
  consumable.action.settings.reserve_percent = Micros(25);
  if (rules.carries_all) {
    consumable.action.settings.carry_available = model::CarryOver{model::CarryOver::Kind::kAll, 0};
  }
  Letter capacity = MakeLetter("create k", model::Verb::kCreateResource);
  stored::ResourceSettings stock;
  stock.set_name("k");
  stock.set_unit("unit");
  stock.set_kind(stored::CAPACITY);
  stock.set_amount(Micros(3));
  stock.set_reserve_amount(Micros(1));
  capacity.command.body = CreateResource{stock};
  capacity.action.resource = "k";
  capacity.action.settings.capacity = true;
  capacity.action.settings.amount = Micros(3);
  capacity.action.settings.reserve_amount = Micros(1);
  return {consumable, capacity};
}

namespace {

std::vector<Letter> MakeWaitingAlphabet(const Rules& rules) {
  const auto request = [&rules](const model::Amounts& amounts) {
    return MakeRequest(rules, false, amounts);
  };
  std::vector<Letter> letters = {
      Waiting(request({{"k", Micros(1)}}), 0),
      Waiting(request({{"k", Micros(2)}}), 0),
      Waiting(request({{"k", Micros(2)}}), 1),
      Waiting(request({{"c", Micros(2)}, {"k", Micros(1)}}), 0),
      GivingWay(request({{"k", Micros(2)}}), kGraceUs),
      Waiting(GivingWay(request({{"k", Micros(1)}}), 0), 0),
      Booked(request({{"c", Micros(1)}, {"k", Micros(2)}})),
      MakeRequest(rules, true, {{"k", Micros(1)}}),
  };
  for (int reservation = 1; reservation <= rules.reservations_max(); ++reservation) {
    letters.push_back(MakeVerb(model::Verb::kStart, reservation));
    letters.push_back(MakeVerb(model::Verb::kRenew, reservation));
    letters.push_back(MakeVerb(model::Verb::kRelease, reservation));
    letters.push_back(MakeSettle(reservation, -1));
  }
  letters.push_back(MakeMove(true, "k", 1));
  letters.push_back(MakeMove(false, "k", 1));
  letters.push_back(MakeMove(false, "c", 2));
  letters.push_back(MakeFreeze(true, "resource", "k"));
  letters.push_back(MakeFreeze(false, "resource", "k"));
  letters.push_back(MakeTarget("k", std::nullopt, Amount()));
  letters.push_back(MakeLetter("tick", model::Verb::kAdvance));
  letters.back().kind = Kind::kTick;
  return letters;
}

}  // namespace

std::vector<Letter> MakeAlphabet(const Rules& rules) {
  if (rules.models) return MakeAlphabetOfModels();
  if (rules.waits) return MakeWaitingAlphabet(rules);
  std::vector<Letter> letters;
  for (const bool rollback : {false, true}) {
    for (int64_t units : {1, 2}) {
      letters.push_back(MakeRequest(rules, rollback, {{"c", Micros(units)}}));
      letters.push_back(MakeRequest(rules, rollback, {{"k", Micros(units)}}));
      letters.push_back(MakeRequest(rules, rollback, {{"c", Micros(units)}, {"k", Micros(units)}}));
    }
  }
  for (int reservation = 1; reservation <= rules.reservations_max(); ++reservation) {
    AddVerbs(reservation, &letters);
  }
  for (int64_t units : {1, 2}) letters.push_back(MakePost(units));
  letters.push_back(MakePost(1));
  letters.back().text = "post_charge again";
  letters.back().kind = Kind::kRepeatedCharge;
  letters.push_back(MakeRefund(Kind::kRefundFirst, 0));
  letters.push_back(MakeRefund(Kind::kRefundLast, 0));
  letters.push_back(MakeRefund(Kind::kRefundLast, 1));
  AddSettings(&letters);
  letters.push_back(MakeLetter("rollover", model::Verb::kAdvance));
  letters.back().kind = Kind::kRollover;
  letters.push_back(MakeLetter("tick", model::Verb::kAdvance));
  letters.back().kind = Kind::kTick;
  return letters;
}

void BindRequest(int reservation, Letter* letter) {
  letter->action.id = ReservationId(reservation);
  std::get<RequestReservation>(letter->command.body).id = letter->action.id;
}

void BindCharge(const std::string& id, Letter* letter) {
  letter->action.charge_id = id;
  if (auto* charge = std::get_if<ChargeReservation>(&letter->command.body)) {
    charge->id = letter->action.charge_id;
  } else if (auto* settle = std::get_if<SettleReservation>(&letter->command.body)) {
    settle->charge_id = letter->action.charge_id;
  } else {
    std::get<PostCharge>(letter->command.body).id = letter->action.charge_id;
  }
}

void BindRefund(int step, const std::string& charge, Letter* letter) {
  letter->action.charge_id = charge.empty() ? "none" : charge;
  letter->action.refund_id = Concat("f", step);
  auto& refund = std::get<RefundCharge>(letter->command.body);
  refund.charge = letter->action.charge_id;
  refund.id = letter->action.refund_id;
}

}  // namespace purser::small
