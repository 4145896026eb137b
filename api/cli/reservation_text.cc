#include "api/cli/reservation_text.h"

#include <algorithm>
#include <set>
#include <vector>

#include "api/cli/denial_text.h"
#include "api/cli/message_text.h"
#include "api/cli/problem_text.h"
#include "api/cli/table.h"
#include "api/cli/terminal_text.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

std::set<std::string> NamesOf(const AmountMap& amounts) {
  std::set<std::string> names;
  for (const auto& [name, amount] : amounts) names.insert(name);
  return names;
}

// When it ended, or until when it lives.
std::string EndText(const v1::Reservation& reservation) {
  if (reservation.has_end_time()) return Concat("ended ", TimeText(reservation.end_time()));
  if (reservation.has_expire_time()) return Concat("until ", TimeText(reservation.expire_time()));
  return "-";
}

// Of one with an approver: one that was approved and then waited in vain is DENIED as well.
bool IsRejected(const v1::Reservation& reservation) {
  return reservation.state() == v1::DENIED && reservation.denial().code() != "queue_timeout";
}

std::string TimesText(const v1::Reservation& reservation) {
  Table table({{}, {{}, Align::kLeft, Fit::kWrap}});
  table.AddRow({"purpose", v1::Purpose_Name(reservation.purpose())});
  table.AddRow({"labels", LabelsText(reservation.labels())});
  if (reservation.has_lease()) table.AddRow({"lease", DurationText(reservation.lease())});
  if (reservation.overrun_policy() != v1::OVERRUN_POLICY_UNSPECIFIED) {
    table.AddRow({"overrun policy", v1::OverrunPolicy_Name(reservation.overrun_policy())});
  }
  if (!reservation.principal().empty()) table.AddRow({"by", reservation.principal()});
  if (reservation.has_approver()) {
    table.AddRow({IsRejected(reservation) ? "rejected by" : "approved by", reservation.approver()});
  }
  if (reservation.has_create_time()) table.AddRow({"made", TimeText(reservation.create_time())});
  if (reservation.has_queue_position()) {
    table.AddRow({"in the queue", Concat("number ", reservation.queue_position())});
  }
  if (reservation.has_start_at()) table.AddRow({"booked for", TimeText(reservation.start_at())});
  if (reservation.state() == v1::QUEUED || reservation.state() == v1::SCHEDULED) {
    table.AddRow({"estimated start", reservation.has_estimated_start()
                                         ? TimeText(reservation.estimated_start())
                                         : "not known"});
  }
  if (!reservation.estimate_moved().empty()) {
    table.AddRow({"at first", TimeText(reservation.first_estimate())});
    for (const std::string& move : reservation.estimate_moved())
      table.AddRow({"", Printable(move)});
  }
  if (reservation.has_queue_timeout() && reservation.state() == v1::QUEUED) {
    table.AddRow({"waits until", TimeText(reservation.queue_timeout())});
  }
  if (reservation.has_start_time()) table.AddRow({"started", TimeText(reservation.start_time())});
  if (reservation.has_expire_time() && !reservation.has_end_time()) {
    table.AddRow({"expires", TimeText(reservation.expire_time())});
  }
  if (reservation.has_preempt_at()) {
    table.AddRow({reservation.has_end_time() ? "gave way at" : "gives way at",
                  Concat(TimeText(reservation.preempt_at()), " for ",
                         Printable(reservation.preempted_for()))});
  }
  if (reservation.has_end_time()) table.AddRow({"ended", TimeText(reservation.end_time())});
  if (!reservation.action().empty()) table.AddRow({"action", reservation.action()});
  return table.Rows(std::nullopt);
}

std::string AmountsTable(const v1::Reservation& reservation, std::optional<size_t> columns_max) {
  const bool has_minimum = !reservation.minimum_amounts().empty();
  std::vector<Column> columns = {{"RESOURCE"}, {"ASKED", Align::kRight}};
  if (has_minimum) columns.push_back({"MINIMUM", Align::kRight});
  for (const char* heading : {"GRANTED", "HELD", "IN USE", "CHARGED", "OVERRUN"}) {
    columns.push_back({heading, Align::kRight});
  }
  Table table(columns);
  for (const std::string& name : NamesOf(reservation.amounts())) {
    std::vector<std::string> row = {name, AmountTextOf(reservation.amounts(), name)};
    if (has_minimum) row.push_back(AmountTextOf(reservation.minimum_amounts(), name));
    row.push_back(AmountTextOf(reservation.granted(), name));
    row.push_back(AmountTextOf(reservation.held(), name));
    row.push_back(AmountTextOf(reservation.in_use(), name));
    row.push_back(AmountTextOf(reservation.charged(), name));
    row.push_back(AmountTextOf(reservation.overrun(), name));
    table.AddRow(row);
  }
  return table.empty() ? "" : Concat("\n", table.HeadingAndRows(columns_max));
}

}  // namespace

std::string ReservationListText(const v1::ReservationList& list,
                                std::optional<size_t> columns_max) {
  Table table({{"ID"},
               {"STATE"},
               {"PURPOSE"},
               {"GRANTED", Align::kLeft, Fit::kWrap},
               {"CHARGED", Align::kLeft, Fit::kWrap},
               {"TIME"},
               {"LABELS", Align::kLeft, Fit::kWrap}});
  for (const v1::Reservation& reservation : list.reservations()) {
    table.AddRow({reservation.id(), v1::ReservationState_Name(reservation.state()),
                  v1::Purpose_Name(reservation.purpose()), AmountsText(reservation.granted()),
                  AmountsText(reservation.charged()), EndText(reservation),
                  LabelsText(reservation.labels())});
  }
  return table.empty() ? "no reservations\n" : table.HeadingAndRows(columns_max);
}

std::string QueueText(const v1::QueueList& list, std::optional<size_t> columns_max) {
  Table table({{"PLACE", Align::kRight},
               {"ID"},
               {"ASKED", Align::kLeft, Fit::kWrap},
               {"PRIORITY", Align::kRight},
               {"SINCE"},
               {"ESTIMATED START"},
               {"WAITS FOR", Align::kLeft, Fit::kWrap}});
  for (const v1::Reservation& each : list.reservations()) {
    std::string reasons;
    for (const std::string& reason : each.queue_reasons()) {
      reasons += Concat(reasons.empty() ? "" : "; ", reason);
    }
    table.AddRow({Concat(each.queue_position()), each.id(), AmountsText(each.amounts()),
                  Concat(each.priority()), TimeText(each.create_time()),
                  each.has_estimated_start() ? TimeText(each.estimated_start()) : "not known",
                  reasons});
  }
  return table.empty() ? "nobody waits\n" : table.HeadingAndRows(columns_max);
}

std::string ReservationText(const v1::Reservation& reservation, std::optional<size_t> columns_max) {
  std::string out = Concat("reservation ", Printable(reservation.id()), ": ",
                           v1::ReservationState_Name(reservation.state()), "\n",
                           TimesText(reservation), AmountsTable(reservation, columns_max));
  if (reservation.has_explanation()) {
    out += Concat("\n", ExplanationText(reservation.explanation(), &reservation));
  }
  if (reservation.has_denial()) out += Concat("\n", ProblemText(reservation.denial()), "\n");
  return out;
}

std::string ChargeText(const v1::Charge& charge, std::optional<size_t> columns_max) {
  std::string head = Concat("charge ", charge.id());
  if (!charge.reservation().empty()) head += Concat(" on ", charge.reservation());
  if (charge.late()) head += ", late";
  if (!charge.action().empty()) head += Concat(", action ", charge.action());
  const bool has_refunds = std::any_of(charge.refunded().begin(), charge.refunded().end(),
                                       [](const auto& each) { return each.second.micros() != 0; });
  std::vector<Column> columns = {{"RESOURCE"},
                                 {"AMOUNT", Align::kRight},
                                 {"WITHIN HOLD", Align::kRight},
                                 {"OVERRUN", Align::kRight},
                                 {"OVERDRAFT", Align::kRight},
                                 {"USD", Align::kRight},
                                 {"CATEGORY"}};
  if (has_refunds) {
    columns.insert(columns.end(), {{"REFUNDED", Align::kRight}, {"USD REFUNDED", Align::kRight}});
  }
  Table table(columns);
  for (const std::string& name : NamesOf(charge.amounts())) {
    const auto category = charge.cost_categories().find(name);
    std::vector<std::string> row = {
        name,
        AmountTextOf(charge.amounts(), name),
        AmountTextOf(charge.within_hold(), name),
        AmountTextOf(charge.overrun(), name),
        AmountTextOf(charge.overdraft(), name),
        AmountTextOf(charge.costs(), name),
        category == charge.cost_categories().end() ? "-" : category->second};
    if (has_refunds) {
      row.push_back(AmountTextOf(charge.refunded(), name));
      row.push_back(AmountTextOf(charge.refunded_costs(), name));
    }
    table.AddRow(row);
  }
  return Concat(Printable(head), "\n", table.empty() ? "" : table.HeadingAndRows(columns_max));
}

}  // namespace purser::cli
