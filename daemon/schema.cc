#include "daemon/schema.h"

namespace purser::schema {
namespace {

template <typename Number>
void AppendNumber(Number number, std::string* key) {
  for (int shift = 8 * (sizeof(Number) - 1); shift >= 0; shift -= 8) {
    key->push_back(static_cast<char>(number >> shift & 0xFF));
  }
}

uint64_t ReadNumber(std::string_view bytes) {
  uint64_t number = 0;
  for (char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

}  // namespace

std::string PopulationPrefix(uint32_t population) {
  std::string key;
  AppendNumber(population, &key);
  return key;
}

std::string MetaKey(uint32_t population) { return kMetaPrefix + PopulationPrefix(population); }

std::string PopulationVersionKey(uint32_t population, uint64_t sequence) {
  std::string key = PopulationPrefix(population) + 'p';
  AppendNumber(sequence, &key);
  return key;
}

std::string ResourceVersionKey(uint32_t population, uint32_t resource, uint64_t sequence) {
  std::string key = ResourceVersionPrefix(population, resource);
  AppendNumber(sequence, &key);
  return key;
}

std::string ResourceVersionPrefix(uint32_t population, uint32_t resource) {
  std::string key = PopulationPrefix(population) + 'r';
  AppendNumber(resource, &key);
  return key;
}

uint64_t SequenceOfResourceVersionKey(std::string_view key) { return ReadNumber(key.substr(9)); }

std::string JournalKey(uint32_t population, uint64_t first_sequence) {
  std::string key = PopulationPrefix(population);
  AppendNumber(first_sequence, &key);
  return key;
}

uint64_t SequenceOfJournalKey(std::string_view key) { return ReadNumber(key.substr(4)); }

std::string BalancesKey(uint32_t population, uint32_t resource, uint64_t first_sequence) {
  std::string key = PopulationPrefix(population);
  AppendNumber(resource, &key);
  AppendNumber(first_sequence, &key);
  return key;
}

std::string IdKey(uint32_t population, std::string_view id) {
  return PopulationPrefix(population).append(id);
}

std::string_view IdOfKey(std::string_view key) { return key.substr(4); }

std::string UsageKey(uint32_t population, std::string_view principal, std::string_view label_key,
                     std::string_view label_value) {
  if (label_key.empty()) return PopulationPrefix(population).append("p").append(principal);
  // Neither a key nor a value of a label has a line feed.
  return PopulationPrefix(population)
      .append("l")
      .append(label_key)
      .append("\n")
      .append(label_value);
}

std::string ByTimePrefix(uint32_t population, TimedKind kind) {
  return PopulationPrefix(population) + static_cast<char>(kind);
}

std::string ByTimeKey(uint32_t population, TimedKind kind, uint64_t first_sequence) {
  std::string key = ByTimePrefix(population, kind);
  AppendNumber(first_sequence, &key);
  return key;
}

std::string ExplainedKey(uint32_t population, uint64_t denied_sequence) {
  return ByTimeKey(population, TimedKind::kExplained, denied_sequence);
}

uint64_t SequenceOfByTimeKey(std::string_view key) { return ReadNumber(key.substr(5)); }

std::string IdempotencyKey(uint32_t population, std::string_view principal, std::string_view key) {
  // No principal has a line feed in its name, so the two parts cannot be mistaken for others.
  return PopulationPrefix(population).append(principal).append("\n").append(key);
}

std::string DebtKey(uint32_t population, uint32_t resource, uint64_t order) {
  std::string key = PopulationPrefix(population);
  AppendNumber(resource, &key);
  AppendNumber(order, &key);
  return key;
}

// No id has a line feed.
std::string VersionPrefix(uint32_t population, std::string_view id) {
  return IdKey(population, id).append("\n");
}

std::string VersionKey(uint32_t population, std::string_view id, uint64_t first_sequence) {
  std::string key = VersionPrefix(population, id);
  AppendNumber(first_sequence, &key);
  return key;
}

std::string ModelStateKey(uint32_t population, const stored::ModelStateRow& row) {
  std::string key = PopulationPrefix(population);
  if (row.has_approval()) return key.append("a").append(row.approval().id());
  if (row.has_use()) return key.append("u").append(row.use().model());
  if (!row.has_loan()) return key.append("m");
  key.append("l");
  AppendNumber(row.loan().sequence(), &key);
  return key;
}

}  // namespace purser::schema
