#ifndef PURSER_TESTS_FUZZ_BODIES_H_
#define PURSER_TESTS_FUZZ_BODIES_H_

// The messages that the codecs are fuzzed with, and what holds of every refusal. Thread-safe: pure
// functions.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/json.h"
#include "api/json_syntax.h"
#include "api/v1/journal.pb.h"
#include "api/v1/population.pb.h"
#include "api/v1/problem.pb.h"
#include "api/v1/reservation.pb.h"
#include "ledger/check.h"

namespace purser {

// An empty one of the bodies that clients send, or of two that only tests read back.
inline std::unique_ptr<google::protobuf::Message> NewBody(uint8_t which) {
  switch (which % 12) {
    case 0:
      return std::make_unique<v1::ReservationRequest>();
    case 1:
      return std::make_unique<v1::BatchRequest>();
    case 2:
      return std::make_unique<v1::LeaseRequest>();
    case 3:
      return std::make_unique<v1::ReservationChargeRequest>();
    case 4:
      return std::make_unique<v1::SettleRequest>();
    case 5:
      return std::make_unique<v1::ChargeRequest>();
    case 6:
      return std::make_unique<v1::RefundRequest>();
    case 7:
      return std::make_unique<v1::CreatePopulation>();
    case 8:
      return std::make_unique<v1::ResourceSettings>();
    case 9:
      return std::make_unique<v1::Freeze>();
    case 10:
      return std::make_unique<v1::Problem>();
    default:
      return std::make_unique<v1::JournalEntry>();
  }
}

// What was refused has faults, and they quote the body: the answer that carries them must be
// readable whatever it was.
inline void CheckRefused(const std::vector<v1::Fault>& faults) {
  PURSER_CHECK(!faults.empty() && faults.size() <= api::kJsonFaultsMax,
               "what is refused has faults");
  v1::Problem problem;
  for (const v1::Fault& fault : faults) *problem.add_fields() = fault;
  std::string answer;
  api::PrintJson(problem, &answer);
  PURSER_CHECK(!api::FindJsonSyntaxFault(answer).has_value(), "a problem document is JSON");
}

}  // namespace purser

#endif  // PURSER_TESTS_FUZZ_BODIES_H_
