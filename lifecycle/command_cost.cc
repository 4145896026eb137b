#include "lifecycle/command_cost.h"

#include "reservations/label_split.h"
#include "reservations/limit_check.h"

namespace purser {
namespace {

struct Counter {
  RequestCost* cost;

  void AddLabels(const Labels& labels) const {
    ForEachLabelValue(labels, [this](const std::string& key, const std::string& value) {
      ++cost->of_labels[{key, value}];
    });
  }
  template <typename Body>
  void operator()(const Body&) const {}  // an operator's

  void operator()(const RequestReservation& body) const {
    if (PassesLimits(body.purpose)) return;
    ++cost->of_principal;
    AddLabels(body.labels);
  }
  void operator()(const PostCharge& body) const {
    ++cost->of_principal;
    AddLabels(body.labels);
  }
  void operator()(const StartReservation&) const { ++cost->of_principal; }
  void operator()(const RenewReservation&) const { ++cost->of_principal; }
  void operator()(const ChargeReservation&) const { ++cost->of_principal; }
  void operator()(const SettleReservation&) const { ++cost->of_principal; }
  void operator()(const ReleaseReservation&) const { ++cost->of_principal; }
  void operator()(const RefundCharge&) const { ++cost->of_principal; }
  void operator()(const EnterCost& body) const {
    ++cost->of_principal;
    AddLabels(body.labels);
  }
  void operator()(const ReportOutcomes& body) const {
    ++cost->of_principal;
    AddLabels(body.labels);
  }
  void operator()(const Batch& body) const {
    for (const BatchMember& member : body.members) std::visit(*this, member.operation);
  }
};

}  // namespace

RequestCost CostOf(const Command& command) {
  RequestCost cost;
  std::visit(Counter{&cost}, command.body);
  return cost;
}

}  // namespace purser
