#include "ledger/text.h"
#include "reservations/reservation_book.h"

namespace purser {
namespace {

template <typename Map>
auto FindValue(const Map& map, std::string_view id, uint64_t after)
    -> decltype(&map.begin()->second.second) {
  if (map.empty()) return nullptr;  // without the hash
  const auto it = map.find(ToAbsl(id));
  return it == map.end() || it->second.first <= after ? nullptr : &it->second.second;
}

// Drops the value unless a younger item took its place.
template <typename Map>
void EraseIfOf(Map& map, const std::string& id, uint64_t sequence) {
  const auto it = map.find(id);
  if (it != map.end() && it->second.first == sequence) map.erase(it);
}

}  // namespace

void Recent::AddReservation(uint64_t sequence, std::shared_ptr<const Reservation> reservation) {
  const std::string id = reservation->id;
  reservations_[id] = {sequence, std::move(reservation)};
  Remember(sequence, Kind::kReservation, id);
}

void Recent::AddCharge(uint64_t sequence, std::shared_ptr<const stored::ChargeRecord> charge,
                       const std::string& id) {
  charges_[id] = {sequence, std::move(charge)};
  Remember(sequence, Kind::kCharge, id);
}

void Recent::AddKey(uint64_t sequence, const std::string& key) {
  keys_[key] = {sequence, true};
  Remember(sequence, Kind::kKey, key);
}

void Recent::AddExplained(uint64_t sequence, uint64_t denied_sequence) {
  const std::string denied = Concat(denied_sequence);
  explained_[denied] = {sequence, true};
  Remember(sequence, Kind::kExplained, denied);
}

const std::shared_ptr<const Reservation>* Recent::FindReservation(std::string_view id,
                                                                  uint64_t after) const {
  return FindValue(reservations_, id, after);
}
const std::shared_ptr<const stored::ChargeRecord>* Recent::FindCharge(std::string_view id,
                                                                      uint64_t after) const {
  return FindValue(charges_, id, after);
}
bool Recent::HasKey(std::string_view key, uint64_t after) const {
  return FindValue(keys_, key, after) != nullptr;
}

bool Recent::IsExplained(uint64_t denied_sequence, uint64_t after) const {
  return FindValue(explained_, Concat(denied_sequence), after) != nullptr;
}

void Recent::Remember(uint64_t sequence, Kind kind, const std::string& id) {
  items_.push_back({sequence, kind, id});
}

void Recent::Trim() {
  while (items_.size() > kItemsMax) ForgetOldest();
}

void Recent::ForgetOldest() {
  const Item& item = items_.front();
  horizon_ = item.sequence;
  if (item.kind == Kind::kReservation) EraseIfOf(reservations_, item.id, item.sequence);
  if (item.kind == Kind::kCharge) EraseIfOf(charges_, item.id, item.sequence);
  if (item.kind == Kind::kKey) EraseIfOf(keys_, item.id, item.sequence);
  if (item.kind == Kind::kExplained) EraseIfOf(explained_, item.id, item.sequence);
  items_.pop_front();
}

}  // namespace purser
