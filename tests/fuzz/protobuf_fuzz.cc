// Bodies of protobuf: what is taken is what protobuf itself reads there, prints as the bytes that
// protobuf prints, and says the same as JSON. Half of the inputs are bytes, half are messages that
// were changed as messages.
#include <string>
#include <vector>

#include "api/json.h"
#include "api/protobuf.h"
#include "ledger/check.h"
#include "tests/fuzz/bodies.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/message_mutator.h"

namespace purser::api {
namespace {

using google::protobuf::Message;

constexpr uint32_t kChangesMax = 8;

std::string Print(const Message& message) {
  std::string bytes;
  PrintProtobuf(message, &bytes);
  return bytes;
}

void CheckBody(uint8_t which, std::string_view bytes) {
  std::vector<v1::Fault> faults;
  const auto taken = NewBody(which);
  if (!ParseProtobuf(bytes, taken.get(), &faults)) return CheckRefused(faults);
  const auto expected = NewBody(which);
  PURSER_CHECK(expected->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
               "what is taken is protobuf");
  const std::string printed = Print(*taken);
  PURSER_CHECK(printed == Print(*expected), "it is read as protobuf reads it");
  const auto again = NewBody(which);
  PURSER_CHECK(ParseProtobuf(printed, again.get(), &faults), "what is printed can be read");
  PURSER_CHECK(printed == Print(*again), "printing is a fixed point");
  std::string json;
  PrintJson(*taken, &json);
  const auto of_json = NewBody(which);
  if (!ParseJson(json, of_json.get(), &faults)) {
    // A list is a level of JSON but none of protobuf: a problem of problems, which is no request,
    // may be too deep for the one alone.
    PURSER_CHECK(faults.size() == 1 && faults[0].message().find("nested deeper") == 0,
                 "it can be said in JSON");
    return;
  }
  PURSER_CHECK(CompareMessages(*taken, *of_json).empty(), "JSON says the same");
}

// The bytes of a message that is nearly a good one.
std::string Mutated(uint8_t which, FuzzInput input) {
  uint32_t seed = 0;
  for (int i = 0; i < 4; ++i) seed = seed << 8 | input.TakeByte();
  MessageMutator mutator(seed);
  const auto message = NewBody(which);
  // What is no protobuf is begun from nothing, or from what of it was read.
  (void)message->ParseFromArray(input.Rest().data(), static_cast<int>(input.Rest().size()));
  message->DiscardUnknownFields();
  for (uint32_t changes = 1 + mutator.Pick(kChangesMax); changes > 0; --changes) {
    mutator.Mutate(message.get());
  }
  return Print(*message);
}

}  // namespace
}  // namespace purser::api

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  purser::FuzzInput input(bytes, size);
  const uint8_t mode = input.TakeByte();
  const uint8_t which = input.TakeByte();
  if (mode % 2 == 0) {
    purser::api::CheckBody(which, input.Rest());
  } else {
    purser::api::CheckBody(which, purser::api::Mutated(which, input));
  }
  return 0;
}
