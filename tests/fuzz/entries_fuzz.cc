// Journal entries from a disk that nobody vouches for: one that FindEntryFault passes is applied
// without ending the process, and leaves a state without faults. The input is a JournalGroup.
#include <string>

#include "daemon/entry_check.h"
#include "daemon/records.pb.h"
#include "ledger/check.h"
#include "lifecycle/state_machine.h"
#include "tests/fuzz/message_mutator.h"

namespace purser {
namespace {

constexpr int kEntriesMax = 64;

// The name that the first entry gives the population: who reads a journal knows it.
std::string NameOf(const stored::JournalGroup& group) {
  stored::Entry entry;
  if (group.entries().empty() || !entry.ParseFromString(group.entries(0))) return "";
  if (entry.ledger_facts().empty()) return "";
  return entry.ledger_facts(0).population_set().settings().name();
}

void CheckEntries(const stored::JournalGroup& group) {
  StateMachine machine(Policy(), nullptr);
  auto unborn = std::make_unique<Population>();
  unborn->name = NameOf(group);
  unborn->number = 1;
  const Population* population = machine.Restore(std::move(unborn));
  for (const std::string& bytes : group.entries()) {
    stored::Entry entry;
    if (!entry.ParseFromString(bytes) || !FindEntryFault(*population, entry).empty()) return;
    ReservationBook::Changes changes;
    machine.Apply(population->name, entry, Lookup(), &changes);
    const std::string fault = population->books.FindFault();
    PURSER_CHECK(fault.empty(), fault.c_str());
    const std::string other = FindFault(*population);
    PURSER_CHECK(other.empty(), other.c_str());
  }
}

// One entry changed, or the entries' order; mostly numbered anew, so that the rest is tried as
// well.
void MutateGroup(MessageMutator* mutator, stored::JournalGroup* group) {
  auto* entries = group->mutable_entries();
  const auto pick = [&] { return static_cast<int>(mutator->Pick(entries->size())); };
  const uint32_t how = entries->empty() ? 0 : mutator->Pick(10);
  const int at = entries->empty() ? 0 : pick();
  if (entries->empty()) {
    entries->Add();
  } else if (how == 0) {
    entries->DeleteSubrange(at, 1);
  } else if (how == 1) {
    entries->SwapElements(at, pick());
  } else if (how == 2 && entries->size() < kEntriesMax) {
    *entries->Add() = entries->Get(at);
  } else {
    stored::Entry entry;
    if (!entry.ParseFromString(entries->Get(at))) return entries->Clear();
    for (uint32_t i = 0; i <= mutator->Pick(3); ++i) mutator->Mutate(&entry);
    *entries->Mutable(at) = entry.SerializeAsString();
  }
  if (mutator->Pick(4) == 0) return;
  for (int i = 0; i < entries->size(); ++i) {
    stored::Entry entry;
    if (!entry.ParseFromString(entries->Get(i))) return;
    entry.set_sequence(static_cast<uint64_t>(i) + 1);
    *entries->Mutable(i) = entry.SerializeAsString();
  }
}

}  // namespace
}  // namespace purser

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  purser::stored::JournalGroup group;
  if (group.ParseFromArray(bytes, static_cast<int>(size))) purser::CheckEntries(group);
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* bytes, size_t size, size_t max_size,
                                          unsigned seed) {
  purser::stored::JournalGroup group;
  group.ParsePartialFromArray(bytes, static_cast<int>(size));
  purser::MessageMutator mutator(seed);
  purser::MutateGroup(&mutator, &group);
  const std::string mutated = group.SerializeAsString();
  if (mutated.size() > max_size) return size;
  mutated.copy(reinterpret_cast<char*>(bytes), mutated.size());
  return mutated.size();
}
