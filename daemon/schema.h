#ifndef PURSER_DAEMON_SCHEMA_H_
#define PURSER_DAEMON_SCHEMA_H_

// Every key of the store in one place (FORMAT.md, "Key grammar"). Numbers are big-endian, so that
// keys sort as numbers do. Stored: do not change without a new format version. Pure functions,
// thread-safe.
#include <cstdint>
#include <string>
#include <string_view>

#include "lifecycle/models.pb.h"

namespace purser::schema {

inline constexpr int kFormatVersion = 5;
inline constexpr char kFormatKey[] = "format";    // kMeta: the version, in decimal
inline constexpr char kSignOfLifeKey[] = "sign";  // kMeta: microseconds, in decimal

std::string MetaKey(uint32_t population);  // kMeta; all begin with kMetaPrefix
inline constexpr char kMetaPrefix[] = "p";

std::string PopulationVersionKey(uint32_t population, uint64_t sequence);  // kSettings
std::string ResourceVersionKey(uint32_t population, uint32_t resource,
                               uint64_t sequence);  // kSettings
std::string ResourceVersionPrefix(uint32_t population, uint32_t resource);
uint64_t SequenceOfResourceVersionKey(std::string_view key);

std::string JournalKey(uint32_t population, uint64_t first_sequence);
uint64_t SequenceOfJournalKey(std::string_view key);
std::string BalancesKey(uint32_t population, uint32_t resource, uint64_t first_sequence);
std::string IdKey(uint32_t population,
                  std::string_view id);  // reservations, open, charges, freezes, limits
std::string_view IdOfKey(std::string_view key);
enum class TimedKind : char {
  kReservation = 'r',
  kCharge = 'c',
  kCostEntry = 'e',
  kOutcomes = 'o',
  kExplained = 'x'
};
std::string ByTimeKey(uint32_t population, TimedKind kind, uint64_t first_sequence);
uint64_t SequenceOfByTimeKey(std::string_view key);
std::string ByTimePrefix(uint32_t population, TimedKind kind);
std::string ExplainedKey(uint32_t population, uint64_t denied_sequence);  // kByTime
std::string IdempotencyKey(uint32_t population, std::string_view principal, std::string_view key);
std::string DebtKey(uint32_t population, uint32_t resource, uint64_t order);
// kUsage: of a principal where the label's key is empty, else of a label value.
std::string UsageKey(uint32_t population, std::string_view principal, std::string_view label_key,
                     std::string_view label_value);
std::string VersionKey(uint32_t population, std::string_view id, uint64_t first_sequence);
std::string VersionPrefix(uint32_t population, std::string_view id);
std::string ModelStateKey(uint32_t population, const stored::ModelStateRow& row);
std::string PopulationPrefix(uint32_t population);  // of all but kMeta

}  // namespace purser::schema

#endif  // PURSER_DAEMON_SCHEMA_H_
