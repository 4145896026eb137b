// Bodies on their way to commands: what decodes without a fault says the same when it is spelled
// out in its normal form and decoded again. The first byte chooses the kind of body, JSON follows.
#include <string>
#include <vector>

#include "api/decode.h"
#include "api/json.h"
#include "api/same_content.h"
#include "ledger/check.h"
#include "tests/fuzz/fuzz_input.h"

namespace purser::api {
namespace {

template <typename Body>
bool Read(std::string_view json, Body* body) {
  std::vector<v1::Fault> faults;
  return ParseJson(json, body, &faults);
}

void CheckOperation(const v1::BatchOperation& message) {
  Faults faults;
  const BatchOperation operation = DecodeOperation(message, 0, &faults);
  if (!faults.empty()) return;
  const v1::BatchOperation normal = ToMessage(operation);
  Faults none;
  const BatchOperation again = DecodeOperation(normal, 0, &none);
  PURSER_CHECK(none.empty(), "the normal form decodes");
  PURSER_CHECK(ContentOf(operation) == ContentOf(again), "the normal form says the same");
}

void CheckBatch(std::string_view json) {
  v1::BatchRequest batch;
  if (!Read(json, &batch)) return;
  for (const v1::BatchOperation& operation : batch.operations()) CheckOperation(operation);
}

template <typename Body>
void CheckAs(std::string_view json, Body* (v1::BatchOperation::*mutable_body)()) {
  v1::BatchOperation operation;
  if (Read(json, (operation.*mutable_body)())) CheckOperation(operation);
}

void CheckRefund(std::string_view json) {
  v1::RefundRequest message;
  if (!Read(json, &message)) return;
  Faults faults;
  const RefundCharge refund = DecodeRefund(message, "c", &faults);
  if (!faults.empty()) return;
  Faults none;
  const v1::RefundRequest normal = ToMessage(refund);
  const RefundCharge again = DecodeRefund(normal, "c", &none);
  PURSER_CHECK(none.empty() && CompareMessages(normal, ToMessage(again)).empty(),
               "the normal form says the same");
}

void CheckSettings(uint8_t which, std::string_view json) {
  Faults faults;
  v1::CreatePopulation population;
  v1::ResourceSettings settings;
  v1::UpdatePopulation update;
  v1::Freeze freeze;
  v1::AmountAndReason amount;
  switch (which % 5) {
    case 0:
      if (Read(json, &population)) DecodePopulation(population, {"team"}, &faults);
      return;
    case 1:
      if (!Read(json, &settings)) return;
      DecodeSettings(settings, "", &faults);
      DecodeUpdate(settings, "r", &faults);
      return;
    case 2:
      if (Read(json, &update)) DecodePopulationUpdate(update, &faults);
      return;
    case 3:
      if (Read(json, &freeze)) DecodeFreeze(freeze, &faults);
      return;
    default:
      if (Read(json, &amount)) DecodeGrant(amount, &faults);
  }
}

void CheckBody(uint8_t which, std::string_view json) {
  switch (which % 6) {
    case 0:
      return CheckAs(json, &v1::BatchOperation::mutable_create);
    case 1:
      return CheckBatch(json);
    case 2:
      return CheckAs(json, &v1::BatchOperation::mutable_settle);
    case 3:
      return CheckAs(json, &v1::BatchOperation::mutable_post_charge);
    case 4:
      return CheckRefund(json);
    default:
      return CheckSettings(which / 6, json);
  }
}

}  // namespace
}  // namespace purser::api

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  purser::FuzzInput input(bytes, size);
  const uint8_t which = input.TakeByte();
  purser::api::CheckBody(which, input.Rest());
  return 0;
}
