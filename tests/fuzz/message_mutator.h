#ifndef PURSER_TESTS_FUZZ_MESSAGE_MUTATOR_H_
#define PURSER_TESTS_FUZZ_MESSAGE_MUTATOR_H_

// Changes messages as messages: bytes changed blindly hardly ever still are one, and never one that
// nearly makes sense.
#include <cstdint>
#include <random>

#include "google/protobuf/message.h"

namespace purser {

// Deterministic: the same seed, the same changes. Thread-compatible.
class MessageMutator {
 public:
  explicit MessageMutator(uint32_t seed) : random_(seed) {}

  // Changes one field somewhere in it: its value, whether it is there, the order or number of its
  // elements.
  void Mutate(google::protobuf::Message* message);
  // Below `end`, which is above 0.
  uint32_t Pick(uint32_t end) { return static_cast<uint32_t>(random_() % end); }

 private:
  void MutateField(google::protobuf::Message* message,
                   const google::protobuf::FieldDescriptor* field);
  void MutateList(google::protobuf::Message* message,
                  const google::protobuf::FieldDescriptor* field);
  void SetScalar(google::protobuf::Message* message,
                 const google::protobuf::FieldDescriptor* field);
  int64_t NewNumber(int64_t old);

  std::minstd_rand random_;
};

}  // namespace purser

#endif  // PURSER_TESTS_FUZZ_MESSAGE_MUTATOR_H_
