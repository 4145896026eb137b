#include "api/command_ids.h"

#include <algorithm>
#include <type_traits>

namespace purser::api {
namespace {

template <typename Body>
const std::string* ReservationIdOfBody(const Body& body) {
  if constexpr (std::is_same_v<Body, ChargeReservation> || std::is_same_v<Body, ApproveRequest> ||
                std::is_same_v<Body, RejectRequest>) {
    return &body.reservation;
  } else if constexpr (std::is_same_v<Body, StartReservation> ||
                       std::is_same_v<Body, RenewReservation> ||
                       std::is_same_v<Body, SettleReservation> ||
                       std::is_same_v<Body, ReleaseReservation>) {
    return &body.id;
  } else {
    return nullptr;
  }
}

template <typename Body>
UsedId UsedIdOfBody(const Body& body) {
  UsedId used;
  if constexpr (std::is_same_v<Body, SettleReservation>) {
    used = {&body.charge_id, true};
  } else if constexpr (std::is_same_v<Body, RequestReservation>) {
    used = {&body.id, false};
  } else if constexpr (std::is_same_v<Body, ChargeReservation> ||
                       std::is_same_v<Body, PostCharge> || std::is_same_v<Body, EnterCost> ||
                       std::is_same_v<Body, ReportOutcomes>) {
    used = {&body.id, true};
  }
  if (used.id != nullptr && used.id->empty()) used.id = nullptr;
  return used;
}

template <typename Body>
void AddIds(const Body& body, LookUpIds* ids) {
  if (const std::string* id = ReservationIdOfBody(body)) ids->ended.emplace_back(*id);
  const UsedId used = UsedIdOfBody(body);
  if (used.id != nullptr) (used.of_charge ? ids->charges : ids->made).emplace_back(*used.id);
  if constexpr (std::is_same_v<Body, EnterCost>) {
    if (!body.corrects.empty()) ids->charges.emplace_back(body.corrects);
  }
}

}  // namespace

const std::string* ReservationIdOf(const BatchOperation& operation) {
  return std::visit([](const auto& body) { return ReservationIdOfBody(body); }, operation);
}

UsedId UsedIdOf(const BatchOperation& operation) {
  return std::visit([](const auto& body) { return UsedIdOfBody(body); }, operation);
}

LookUpIds IdsOf(const Command& command) {
  LookUpIds ids;
  if (command.key.has_value()) ids.key = {command.caller.principal, command.key->key};
  std::visit(
      [&](const auto& body) {
        using Body = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, RefundCharge>) {
          ids.charges.emplace_back(body.charge);
          if (!body.id.empty()) ids.charges.emplace_back(body.id);
        } else if constexpr (std::is_same_v<Body, Batch>) {
          for (const BatchMember& member : body.members) {
            if (member.malformed) continue;
            std::visit([&ids](const auto& operation) { AddIds(operation, &ids); },
                       member.operation);
          }
        } else {
          AddIds(body, &ids);
        }
      },
      command.body);
  // Thousands of members may name the same: it is looked up, and kept, once.
  for (auto* list : {&ids.made, &ids.ended, &ids.charges}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  return ids;
}

}  // namespace purser::api
