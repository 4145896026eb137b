// Verify finds forged prices, costs, guardrails and budgets, whose hashes are all right again.
#include <algorithm>
#include <functional>
#include <utility>

#include "reservations/label_split.h"
#include "tests/books/verify_fixture.h"

namespace purser {
namespace {

class VerifyMoneyTest : public VerifyTest {
 protected:
  // Changes the first fact of the ledger that is it, and sees that verify tells of its entry.
  void ForgeFact(const std::function<bool(const stored::LedgerFact&)>& is_it,
                 const std::function<void(stored::LedgerFact*)>& change,
                 const std::string& detail) {
    store_ = Original().Copy();
    const auto fact_of = [&](stored::Entry* entry) -> stored::LedgerFact* {
      for (auto& fact : *entry->mutable_ledger_facts()) {
        if (is_it(fact)) return &fact;
      }
      return nullptr;
    };
    const uint64_t sequence = Find([&](stored::Entry entry) { return fact_of(&entry) != nullptr; });
    ASSERT_TRUE(
        ForgeEntry(*store_, kLab, sequence, [&](stored::Entry* entry) { change(fact_of(entry)); }));
    ExpectBad(sequence, detail);
  }
};

TEST_F(VerifyTest, AForgedPriceIsNotThatOfItsTime) {
  const auto charge_of = [](stored::Entry* entry) -> stored::Charged* {
    for (auto& fact : *entry->mutable_reservation_facts()) {
      const bool is_priced = fact.has_charged() && !fact.charged().lines().empty() &&
                             fact.charged().lines(0).has_rate_picos();
      if (is_priced) return fact.mutable_charged();
    }
    return nullptr;
  };
  const uint64_t sequence = Find([&](stored::Entry entry) { return charge_of(&entry) != nullptr; });
  const std::function<void(stored::Charged::Line*)> forgeries[] = {
      [](auto* line) { line->set_rate_picos(line->rate_picos() + 1); },
      [](auto* line) { line->clear_rate_picos(); },
      [](auto* line) {
        line->set_cost_category(line->cost_category() == stored::NETWORK_COST
                                    ? stored::STORAGE_COST
                                    : stored::NETWORK_COST);
      }};
  for (const auto& forge : forgeries) {
    store_ = Original().Copy();
    ASSERT_TRUE(ForgeEntry(*store_, kLab, sequence, [&](stored::Entry* entry) {
      forge(charge_of(entry)->mutable_lines(0));
    }));
    ExpectBad(sequence, "has not the rate and the category that it had then");
  }
}

TEST_F(VerifyTest, AForgedHoldTimeAndCategoryAreFound) {
  const auto charge_of = [](stored::Entry* entry) -> stored::Charged* {
    for (auto& fact : *entry->mutable_reservation_facts()) {
      if (fact.has_charged() && !fact.charged().lines().empty()) return fact.mutable_charged();
    }
    return nullptr;
  };
  const auto forge = [&](bool within, const std::function<void(stored::Charged*)>& change,
                         const std::string& detail) {
    store_ = Original().Copy();
    const uint64_t sequence = Find([&](stored::Entry entry) {
      const stored::Charged* const charged = charge_of(&entry);
      return charged != nullptr && (charged->hold_time_us() != 0) == within;
    });
    SCOPED_TRACE(Concat("within a hold: ", within));
    ASSERT_TRUE(ForgeEntry(*store_, kLab, sequence,
                           [&](stored::Entry* entry) { change(charge_of(entry)); }));
    ExpectBad(sequence, detail);
  };
  const auto later = [](stored::Charged* charged) {
    charged->set_hold_time_us(charged->hold_time_us() + 1);
  };
  forge(true, later, "is within a hold of another time");
  forge(false, later, "is within a hold of another time");
  forge(
      false, [](stored::Charged* charged) { charged->set_category("gpu"); },
      "is of a category that there is not");
}

TEST_F(VerifyTest, AForgedCostEntryIsFound) {
  const auto entered_of = [](stored::Entry* entry) -> stored::CostEntered* {
    for (auto& fact : *entry->mutable_reservation_facts()) {
      if (fact.has_cost_entered() && fact.cost_entered().has_rate_picos()) {
        return fact.mutable_cost_entered();
      }
    }
    return nullptr;
  };
  const uint64_t sequence =
      Find([&](stored::Entry entry) { return entered_of(&entry) != nullptr; });
  const std::pair<std::function<void(stored::CostEntered*)>, std::string> forgeries[] = {
      {[](auto* entered) { entered->set_amount(entered->amount() + 1); }, "not its count times"},
      {[](auto* entered) { entered->set_amount(0); }, "has no amount, or no category"},
      {[](auto* entered) { entered->set_corrects("nothing"); }, "corrects nothing"}};
  for (const auto& forgery : forgeries) {
    store_ = Original().Copy();
    ASSERT_TRUE(ForgeEntry(*store_, kLab, sequence,
                           [&](stored::Entry* entry) { forgery.first(entered_of(entry)); }));
    ExpectBad(sequence, forgery.second);
  }
}

TEST_F(VerifyTest, AForgedAllocationIsFound) {
  const auto entered_of = [](stored::Entry* entry) -> stored::CostEntered* {
    for (auto& fact : *entry->mutable_reservation_facts()) {
      if (fact.cost_entered().has_allocation()) return fact.mutable_cost_entered();
    }
    return nullptr;
  };
  const uint64_t sequence =
      Find([&](stored::Entry entry) { return entered_of(&entry) != nullptr; });
  const std::string other = "has other weights of team than what was used of once";
  const std::pair<std::function<void(stored::CostEntered*)>, std::string> forgeries[] = {
      {[](auto* entered) {
         for (auto& label : *entered->mutable_labels()) {
           if (label.key() != "team") continue;
           auto parts = *ParseLabelSplit(label.value());
           parts.back().weight += Amount::FromMicros(1);
           label.set_value(FormatLabelSplit(std::move(parts)));
         }
       },
       other},
      {[](auto* entered) { entered->mutable_allocation()->set_sequence(1); }, other},
      {[](auto* entered) { entered->mutable_allocation()->set_from_us(2'000'000'000'000'000); },
       "has weights of no time before it"},
      {[](auto* entered) { entered->mutable_allocation()->set_sequence(1'000'000); },
       "has weights of no time before it"},
      {[](auto* entered) { entered->mutable_allocation()->set_label("capability"); },
       "has no weights of capability"},
      {[](auto* entered) { entered->mutable_labels()->RemoveLast(); }, "has no weights of team"}};
  for (const auto& forgery : forgeries) {
    store_ = Original().Copy();
    ASSERT_TRUE(ForgeEntry(*store_, kLab, sequence,
                           [&](stored::Entry* entry) { forgery.first(entered_of(entry)); }));
    ExpectBad(sequence, forgery.second);
  }
}

TEST_F(VerifyMoneyTest, AForgedGuardrailIsFound) {
  const auto forge = [this](const auto& is_it, const auto& change, const std::string& detail) {
    ForgeFact(is_it, change, detail);
  };
  const auto trips = [](const auto& fact) { return !fact.frozen().guardrail().empty(); };
  const auto begins = [](const auto& fact) { return fact.has_hour_began(); };
  const auto made = [](const auto& fact) { return fact.has_guardrail_set(); };
  const auto deleted = [](const auto& fact) { return fact.has_guardrail_deleted(); };
  const std::string other = "its charges make other guardrails trip, or begin another hour";
  forge(
      trips, [](auto* fact) { fact->mutable_frozen()->clear_guardrail(); },
      "changes nothing but reservations and what follows from them");
  forge(
      trips, [](auto* fact) { fact->mutable_frozen()->set_reason("just so"); }, other);
  forge(
      trips, [](auto* fact) { fact->mutable_frozen()->set_until_us(1); }, other);
  forge(
      begins,
      [](auto* fact) {
        fact->mutable_hour_began()->set_hour_us(fact->hour_began().hour_us() - 3'600 * kSecondUs);
      },
      "begins another hour than its own");
  forge(
      begins, [](auto* fact) { fact->mutable_hour_began()->set_day_before_us(0); },
      "begins another hour than its own");
  forge(
      made, [](auto* fact) { fact->mutable_guardrail_set()->set_create_time_us(1); },
      "was made, or changed, otherwise");
  forge(
      deleted, [](auto* fact) { fact->mutable_guardrail_deleted()->set_id("nothing"); },
      "which does not stand");
}

TEST_F(VerifyMoneyTest, AForgedBudgetIsFound) {
  const auto forge = [this](const auto& is_it, const auto& change, const std::string& detail) {
    ForgeFact(is_it, change, detail);
  };
  const auto made = [](const auto& fact) { return fact.has_budget_set(); };
  const auto changed = [](const auto& fact) { return fact.budget_set().budget().generation() > 1; };
  const auto deleted = [](const auto& fact) { return fact.has_budget_deleted(); };
  const auto crossed = [](const auto& fact) { return fact.has_budget_crossed(); };
  const auto month = [](const auto& fact) { return fact.has_cost_month_began(); };
  forge(
      made, [](auto* fact) { fact->mutable_budget_set()->mutable_budget()->set_create_time_us(1); },
      "was made, or changed, otherwise");
  forge(
      made, [](auto* fact) { fact->mutable_budget_set()->mutable_budget()->set_amount(0); },
      "was made, or changed, otherwise");
  forge(
      changed, [](auto* fact) { fact->mutable_budget_set()->mutable_spent()->set_low(0); },
      "has counted otherwise");
  forge(
      changed, [](auto* fact) { fact->mutable_budget_set()->mutable_budget()->clear_labels(); },
      "was made, or changed, otherwise");
  forge(
      deleted, [](auto* fact) { fact->mutable_budget_deleted()->set_id("nothing"); },
      "which does not stand");
  forge(
      crossed,
      [](auto* fact) {
        fact->mutable_budget_crossed()->set_spent(fact->budget_crossed().spent() - 1);
      },
      "does not tell that the budget");
  forge(
      crossed, [](auto* fact) { fact->mutable_budget_crossed()->set_level(stored::WARN); },
      "does not tell that the budget");
  forge(
      month, [](auto* fact) { fact->mutable_cost_month_began()->set_until_us(1); },
      "begins another month of budgets than its own");
}

TEST_F(VerifyMoneyTest, AForgedBudgetCountIsFound) {
  const auto forge = [this](const auto& is_it, const auto& change, const std::string& detail) {
    ForgeFact(is_it, change, detail);
  };
  const auto counts_first = [](const auto& fact) {
    return fact.has_budget_counted() && fact.budget_counted().counted_after() != 0;
  };
  forge(
      counts_first, [](auto* fact) { fact->mutable_budget_counted()->mutable_spent()->set_low(1); },
      "it counts what was there before the budget budget-late again");
  forge(
      counts_first,
      [](auto* fact) {
        const uint64_t after = fact->budget_counted().counted_after();
        fact->mutable_budget_counted()->set_counted_after(after - 1);
      },
      "it counts otherwise than was held before the budget budget-late");
  const auto counted = [](const auto& fact) {
    return fact.has_budget_counted() && fact.budget_counted().counted_after() == 0;
  };
  forge(
      counted,
      [](auto* fact) {
        auto& spent = *fact->mutable_budget_counted()->mutable_spent();
        spent.set_low(spent.low() + 1);
      },
      "the budget budget-late counts");
  forge(
      counted, [](auto* fact) { fact->mutable_budget_counted()->set_id("nothing"); },
      "it counts what was there before the budget nothing again");
  forge(
      counted, [](auto* fact) { fact->mutable_budget_counted()->set_id("budget"); },
      "it counts otherwise than was held before the budget budget");
  forge(
      counted,
      [](auto* fact) {
        auto& held = *fact->mutable_budget_counted()->mutable_held();
        held.set_low(held.low() - 1);
      },
      "it counts otherwise than was held before the budget budget-late");
  forge(
      counted, [](auto* fact) { fact->mutable_budget_counted()->set_counted_after(UINT64_MAX); },
      "it counts what was there before the budget budget-late again");
}

TEST_F(VerifyTest, AForgedHoldOrReviewOfABudgetIsFound) {
  const auto forge = [&](const std::function<bool(stored::ReservationFact*)>& change,
                         const std::string& detail) {
    store_ = Original().Copy();
    const auto change_in = [&](stored::Entry* entry) {
      auto& facts = *entry->mutable_reservation_facts();
      return std::any_of(facts.begin(), facts.end(), [&](auto& fact) { return change(&fact); });
    };
    const uint64_t sequence = Find([&](stored::Entry entry) { return change_in(&entry); });
    ASSERT_TRUE(
        ForgeEntry(*store_, kLab, sequence, [&](stored::Entry* entry) { change_in(entry); }));
    ExpectBad(sequence, detail);
  };
  forge(
      [](auto* fact) {
        if (!fact->has_held() || !fact->held().lines(0).has_rate_picos()) return false;
        auto& line = *fact->mutable_held()->mutable_lines(0);
        line.set_rate_picos(line.rate_picos() + 1);
        return true;
      },
      "holds at another rate than it had then");
  forge(
      [](auto* fact) {
        if (!fact->reviewed().approved()) return false;
        fact->mutable_reviewed()->set_principal("root");
        return true;
      },
      "which does not wait for that");
}

}  // namespace
}  // namespace purser
