#ifndef PURSER_TESTS_CLI_FIXTURES_H_
#define PURSER_TESTS_CLI_FIXTURES_H_

// Answers as a daemon gives them.
#include <string>

namespace purser {

inline constexpr char kVersionJson[] =
    R"({"version":"0.1.0","commit":"abc1234","build":"release","api":"v1","policy_version":"p1"})";

inline constexpr char kPopulationJson[] =
    R"({"name":"default","time_zone":"UTC","required_labels":[],"generation":"1",)"
    R"("create_time":"2026-11-22T14:00:00Z","ledger_sequence":"42","open_reservations":"3",)"
    R"("resources":[)"
    R"({"name":"gpu_hours","unit":"h","kind":"CONSUMABLE","reserve":"100","reserve_target":"100",)"
    R"("reserve_backed":"100","identity":"granted 400 = available 262 + reserve 100 + held 38"},)"
    R"({"name":"inference_cost","unit":"USD","kind":"CONSUMABLE","reserve":"2999.5",)"
    R"("reserve_target":"3000","reserve_deficit":"0.5","reserve_backed":"2994.5","overdraft":"-5",)"
    R"("frozen":true,"identity":"granted 12000 = reserve 2999.5 + spent 9005.5 + overdraft -5"}]})";

inline constexpr char kReservationJson[] =
    R"({"id":"exp-1","state":"GRANTED","purpose":"TRAINING","tier":"STANDARD","priority":0,)"
    R"("amounts":{"gpu_hours":"40"},"granted":{"gpu_hours":"40"},"held":{"gpu_hours":"8.5"},)"
    R"("in_use":{"gpu_hours":"0"},"charged":{"gpu_hours":"31.5"},"overrun":{"gpu_hours":"0"},)"
    R"("labels":{"operator_family":"vision","capability":"ocr"},"lease":"3600s",)"
    R"("overrun_policy":"EXTEND","principal":"local","create_time":"2026-11-22T14:00:00Z",)"
    R"("expire_time":"2026-11-22T15:00:00Z","generation":"3"})";

inline constexpr char kDenialJson[] =
    R"({"type":"/problems/reserve_protected","title":"The rollback reserve is protected",)"
    R"("status":409,"detail":"exp-2 was denied","code":"reserve_protected","request_id":"r-7",)"
    R"("shortages":[{"resource":"gpu_hours","requested":"280","available":"260","held":"40",)"
    R"("in_use":"0","spent":"0","reserve":"100","reserve_protected":"20","short_by":"20",)"
    R"("earliest_start":"2026-11-22T14:00:00Z","assumptions":["a lease ends"]},)"
    R"({"resource":"risk_capacity","requested":"4","available":"1","reserve":"0",)"
    R"("reserve_protected":"0","short_by":"3"}],)"
    R"("blocking":[{"kind":"FREEZE","name":"f-1","detail":"audit",)"
    R"("until":"2026-12-01T00:00:00Z"},)"
    R"({"kind":"DEBT_LIMIT","name":"gpu_hours","limit":"10","used":"12.5"}],)"
    R"("earliest_start":"2026-11-22T15:00:00Z","assumptions":["a lease ends"],)"
    R"("remedies":[{"kind":"REDUCE","amounts":{"gpu_hours":"260"},"drop_minimums":["gpu_hours"]}],)"
    R"("complete":false})";

// Of what was sent before, and how `purser` says so.
inline constexpr char kReplayedHeader[] = "Idempotency-Replayed: true\r\n";
inline constexpr char kSentBefore[] = "sent before: this is the first answer again\n";

// The same as the answer to a dry run, and how `purser` says so.
inline std::string AsDryRun(std::string answer) {
  answer.insert(answer.size() - 1, R"(,"dry_run":true)");
  return answer;
}
inline constexpr char kNothingRecorded[] = "dry run: nothing was recorded\n";

}  // namespace purser

#endif  // PURSER_TESTS_CLI_FIXTURES_H_
