#ifndef PURSER_TESTS_END_TO_END_UNPRICED_WORLD_H_
#define PURSER_TESTS_END_TO_END_UNPRICED_WORLD_H_

// What is not priced, beside what is: `visits` are consumed, `play_money` too, in a unit that would
// cost what it says; risk_capacity is a capacity. gpu_hours cost 2 USD, and nothing else is priced;
// a budget `all` counts everything. Alice may do what is asked, bob approves.
#include <memory>
#include <string>

#include "tests/end_to_end/daemon_fixture.h"

namespace purser {

// Of what costs nothing, in the answer to a charge.
inline const std::string kNoMoney = R"("rates":{},"costs":{},"refunded_costs":{})";
inline const std::string kCharges = kBooks + "/charges";
inline const std::string kCosts = kBooks + "/costs";
inline const std::string kStatement = kBooks + "/statements/2026-01";

size_t CountOf(const std::string& text, const std::string& part);
// Bodies, of `"visits":"1"` and so on. A request is for TRAINING unless `more` says a purpose.
std::string Request(const std::string& id, const std::string& amounts,
                    const std::string& more = "");
std::string Charged(const std::string& id, const std::string& amounts);

class Unpriced : public DaemonTest {
 protected:
  void SetUp() override;

  static void Expect(int status, const RestAnswer& answer);
  void GoTo(const std::string& time);
  // Whatever adds money up says that this was spent, and this is held.
  void ExpectMoney(const std::string& spent, const std::string& held = "0");
  // Of all costs that the answer says, which are some.
  static void ExpectAllCostsZero(const RestAnswer& answer);
  // The lines of the statement, as JSON or CSV: a stream, which HTTP/1.0 gets bare.
  std::string Lines(const std::string& type);
  // By the second day 6 visits and 5 of play money were charged, 2 points held until noon, and
  // occupied since.
  void UseUnpriced();

  std::unique_ptr<RestClient> bob_;

 private:
  void Make(const std::string& name, const std::string& unit);
};

}  // namespace purser

#endif  // PURSER_TESTS_END_TO_END_UNPRICED_WORLD_H_
