#include "ledger/books_draft.h"

#include <algorithm>

#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {

using stored::AVAILABLE;
using stored::GRANTED;
using stored::HELD;
using stored::IN_USE;
using stored::OVERDRAFT;
using stored::RESERVE;
using stored::SPENT;

BooksDraft::BooksDraft(const Books* books, uint64_t sequence, InstantUs now_us,
                       google::protobuf::Arena* arena)
    : books_(books),
      sequence_(sequence),
      now_us_(now_us),
      next_resource_number_(books->next_resource_number()),
      debts_(&books->debts()),
      facts_(arena),
      postings_(arena) {}

BooksDraft BooksDraft::Sketch() const {
  BooksDraft sketch(books_, sequence_, now_us_);
  sketch.debts_incurred_ = debts_incurred_;
  sketch.next_resource_number_ = next_resource_number_;
  sketch.touched_ = touched_;
  sketch.debts_ = debts_;
  sketch.freezes_ = freezes_;
  sketch.limits_ = limits_;
  sketch.rates_ = rates_;
  sketch.budgets_ = budgets_;
  return sketch;
}

const Resource* BooksDraft::Find(uint32_t number) const {
  for (const Resource& resource : touched_) {
    if (resource.number == number) return &resource;
  }
  return books_->Find(number);
}

const Resource* BooksDraft::FindByName(std::string_view name) const {
  for (const Resource& resource : touched_) {
    if (resource.name() == name) return &resource;
  }
  return books_->FindByName(name);
}

Resource& BooksDraft::Touch(uint32_t number) {
  for (Resource& resource : touched_) {
    if (resource.number == number) return resource;
  }
  const Resource* resource = books_->Find(number);
  PURSER_CHECK(resource != nullptr, "a draft touches a resource that exists");
  touched_.push_back(*resource);
  return touched_.back();
}

void BooksDraft::Post(Operation operation, Resource& resource, Account from, Account to,
                      Amount amount) {
  if (amount.is_zero()) return;
  resource.balances.Post(operation, from, to, amount);
  stored::Posting& posting = *postings_.Add();
  posting.set_resource(resource.number);
  posting.set_operation(operation);
  posting.set_from(from);
  posting.set_to(to);
  posting.set_amount(amount.micros());
}

Amount BooksDraft::Repay(Operation operation, Resource& resource, Account from, Amount amount,
                         std::string_view family) {
  if (resource.owed().is_zero() || amount.is_zero()) return amount;
  for (stored::DebtRepaid& repaid : debts_.Repay(resource.number, family, amount)) {
    const Amount part = Amount::FromMicros(repaid.amount());
    Post(operation, resource, from, OVERDRAFT, part);
    amount -= part;
    *NewFact().mutable_debt_repaid() = std::move(repaid);
  }
  return amount;
}

void BooksDraft::Inflow(Operation operation, Resource& resource, Account from, Amount amount) {
  const Amount to_shortfall = std::min(resource.shortfall, amount);
  resource.shortfall -= to_shortfall;
  if (from != GRANTED) Post(operation, resource, from, GRANTED, to_shortfall);
  amount -= to_shortfall;
  amount = Repay(operation, resource, from, amount, "");
  // What flows out of the reserve is above its target already.
  const Amount to_reserve =
      from == RESERVE ? Amount() : std::min(resource.reserve_deficit(), amount);
  Post(operation, resource, from, RESERVE, to_reserve);
  Post(operation, resource, from, AVAILABLE, amount - to_reserve);
}

void BooksDraft::SpillReserve(Operation operation, Resource& resource) {
  Inflow(operation, resource, RESERVE, resource.reserve_above_target());
}

void BooksDraft::TakeBack(Resource& resource, Amount amount) {
  const Amount from_available = std::min(resource[AVAILABLE], amount);
  Post(stored::WITHDRAW, resource, AVAILABLE, GRANTED, from_available);
  amount -= from_available;
  const Amount from_reserve = std::min(resource.reserve_above_target(), amount);
  Post(stored::WITHDRAW, resource, RESERVE, GRANTED, from_reserve);
  resource.shortfall += amount - from_reserve;
  SpillReserve(stored::WITHDRAW, resource);
}

absl::Status BooksDraft::Reshape(Resource& resource, Amount base,
                                 std::shared_ptr<const stored::ResourceSettings> settings) {
  const auto before = PostedFor(*resource.settings, resource.base);
  const auto after = PostedFor(*settings, base);
  PURSER_CHECK(before.has_value(), "what was posted did fit");
  if (!after.has_value()) {
    return RefuseField(stored::INVALID_ARGUMENT, "amount", "makes more than the largest amount");
  }
  const Amount target_before = resource.target();
  const bool same_policy = resource.settings == settings;
  if (*after > *before) {
    // What cancels shortfall is not posted; what repays a debt fills no account.
    const Amount posted = *after - *before - std::min(resource.shortfall, *after - *before);
    const Amount kept = posted - std::min(resource.owed(), posted);
    if (!Add(resource.granted() + resource.owed(), kept)) {
      return RefuseField(stored::INVALID_ARGUMENT, "amount", "makes more than the largest amount");
    }
  }
  resource.settings = std::move(settings);
  resource.base = base;
  if (*after > *before) Inflow(stored::GRANT, resource, GRANTED, *after - *before);
  if (*after < *before) TakeBack(resource, *before - *after);
  if (same_policy) return absl::OkStatus();
  SpillReserve(stored::LOWER_TARGET, resource);
  if (resource.target() > target_before) {
    Post(stored::RAISE_TARGET, resource, AVAILABLE, RESERVE,
         std::min(resource[AVAILABLE], resource.reserve_deficit()));
  }
  return absl::OkStatus();
}

void BooksDraft::Lend(uint32_t number, Amount amount) {
  Resource& resource = Touch(number);
  Post(stored::GRANT, resource, GRANTED, AVAILABLE, amount);
  resource.shortfall += amount;
}

void BooksDraft::Hold(uint32_t number, Amount amount, bool may_draw_on_reserve) {
  Resource& resource = Touch(number);
  const Operation operation = may_draw_on_reserve ? stored::HOLD_FROM_RESERVE : stored::HOLD;
  const Amount from_available = std::min(resource[AVAILABLE], amount);
  Post(operation, resource, AVAILABLE, HELD, from_available);
  Post(operation, resource, RESERVE, HELD, amount - from_available);
}

void BooksDraft::Start(uint32_t number, Amount amount) {
  Post(stored::START, Touch(number), HELD, IN_USE, amount);
}

void BooksDraft::GiveBack(uint32_t number, Account from, Amount amount, uint64_t period) {
  Resource& resource = Touch(number);
  const bool lapses = resource.consumable() && period != resource.period && !resource.carries_all();
  if (lapses) {
    Post(stored::LAPSE, resource, from, GRANTED, amount);
  } else {
    Inflow(stored::GIVE_BACK, resource, from, amount);
  }
}

Funding BooksDraft::FundingOf(const Resource& resource, Amount amount, Amount held) {
  Funding funding;
  funding.within_hold = std::min(amount, held);
  funding.overrun = amount - funding.within_hold;
  funding.overdraft = funding.overrun - std::min(resource[AVAILABLE], funding.overrun);
  return funding;
}

bool BooksDraft::CanCharge(uint32_t number, Amount amount, Amount held) const {
  const Resource& resource = *Find(number);
  const Funding funding = FundingOf(resource, amount, held);
  // Debts outlive a period, what was spent in it does not: the two are bounded apart.
  return Add(resource.granted() + resource.owed(), funding.overdraft).has_value() &&
         Add(resource.owed(), funding.overdraft).has_value();
}

Funding BooksDraft::Charge(uint32_t number, Amount amount, Amount held, const ChargeOwner& owner) {
  Resource& resource = Touch(number);
  const Funding funding = FundingOf(resource, amount, held);
  Post(stored::CHARGE, resource, HELD, SPENT, funding.within_hold);
  Post(stored::OVERRUN, resource, AVAILABLE, SPENT, funding.overrun - funding.overdraft);
  if (funding.overdraft.is_zero()) return funding;
  Post(stored::OVERRUN, resource, OVERDRAFT, SPENT, funding.overdraft);
  stored::Debt& debt = *NewFact().mutable_debt_incurred();
  debt.set_resource(number);
  // Unique in the population and in order of time: at most 65,536 debts an entry.
  debt.set_order(sequence_ << 16 | debts_incurred_++);
  PURSER_CHECK(debts_incurred_ <= 0x10000, "an entry incurs at most 65,536 debts");
  debt.set_charge(std::string(owner.charge));
  debt.set_operator_family(std::string(owner.family));
  debt.set_amount(funding.overdraft.micros());
  debt.set_create_time_us(now_us_);
  debts_.Incur(debt);
  return funding;
}

absl::Status BooksDraft::Refund(uint32_t number, Amount amount, uint64_t posted_in,
                                uint64_t held_in, std::string_view family) {
  Resource& resource = Touch(number);
  const bool carries_all = resource.carries_all();
  if (posted_in != resource.period) {
    // The period's books are closed: nothing is left in `spent` to take it from.
    amount = Repay(stored::REFUND_OF_CLOSED_PERIOD, resource, GRANTED, amount, family);
    if (!carries_all) return absl::OkStatus();
    if (!Add(resource.granted() + resource.owed(), amount)) {
      return RefuseField(stored::INVALID_ARGUMENT, Concat("amounts.", resource.name()),
                         "makes more than the largest amount");
    }
    Inflow(stored::REFUND_OF_CLOSED_PERIOD, resource, GRANTED, amount);
    return absl::OkStatus();
  }
  const bool older_hold = held_in != 0 && held_in != resource.period;
  if (older_hold && !carries_all) {
    amount = Repay(stored::LAPSE, resource, SPENT, amount, family);
    Post(stored::LAPSE, resource, SPENT, GRANTED, amount);
    return absl::OkStatus();
  }
  amount = Repay(stored::REFUND, resource, SPENT, amount, family);
  Inflow(stored::REFUND, resource, SPENT, amount);
  return absl::OkStatus();
}

void BooksDraft::TurnToNextEntry() {
  ++sequence_;
  debts_incurred_ = 0;
}

void BooksDraft::MoveInto(google::protobuf::RepeatedPtrField<stored::LedgerFact>* facts,
                          google::protobuf::RepeatedPtrField<stored::Posting>* postings,
                          google::protobuf::RepeatedPtrField<stored::Balances>* balances) {
  balances->Reserve(static_cast<int>(touched_.size()));
  for (const Resource& resource : touched_) {
    stored::Balances& after = *balances->Add();
    after.set_resource(resource.number);
    after.mutable_accounts()->Reserve(kAccountCount);
    for (int i = 0; i < kAccountCount; ++i) {
      after.add_accounts(resource[static_cast<Account>(i)].micros());
    }
    after.set_base(resource.base.micros());
    after.set_shortfall(resource.shortfall.micros());
  }
  facts->Swap(&facts_);
  postings->Swap(&postings_);
}

void ApplyDraft(BooksDraft* draft, Books* books) {
  google::protobuf::RepeatedPtrField<stored::LedgerFact> facts;
  google::protobuf::RepeatedPtrField<stored::Posting> postings;
  google::protobuf::RepeatedPtrField<stored::Balances> balances;
  draft->MoveInto(&facts, &postings, &balances);
  books->Apply(facts, postings, balances);
}

}  // namespace purser
