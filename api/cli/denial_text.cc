#include "api/cli/denial_text.h"

#include "api/cli/message_text.h"
#include "api/cli/terminal_text.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

template <typename Texts>
std::string Joined(const Texts& texts) {
  std::string out;
  for (const std::string& text : texts) out += Concat(out.empty() ? "" : ", ", text);
  return out;
}

// Whose remedies they are.
struct Asked {
  bool is_denied = false;                        // at once, and its id is used up
  const v1::Reservation* reservation = nullptr;  // that waits or is booked

  bool is_queued() const { return reservation != nullptr && reservation->state() == v1::QUEUED; }
  bool is_booked() const { return reservation != nullptr && reservation->state() == v1::SCHEDULED; }
};

std::string ApprovalText(const v1::Remedy& remedy, const Asked& asked) {
  const std::string approve = Concat("have another approve it for budget ",
                                     Joined(remedy.budgets()), ": purser models approve ");
  const std::string later =
      remedy.has_until() ? Concat("; granted at ", TimeText(remedy.until())) : "";
  if (asked.is_queued()) return Concat(approve, asked.reservation->id(), later);
  return Concat(asked.is_denied ? "send it again with --queue, under a new id, and "
                                : "wait in the queue (--queue), and ",
                approve, "ID (the reservation's id)", later);
}

std::string RemedyText(const v1::Remedy& remedy, const Asked& asked) {
  if (remedy.kind() == "WAIT") return Concat("wait until ", TimeText(remedy.until()));
  if (remedy.kind() == "START_LATER") {
    return Concat("book it from ", TimeText(remedy.until()), " on (--start-at)");
  }
  if (remedy.kind() == "SHORTEN") {
    return Concat("ask for a lease of ", DurationText(remedy.lease()));
  }
  if (remedy.kind() == "QUEUE") {
    return Concat("wait in the queue (--queue): granted at ", TimeText(remedy.until()));
  }
  if (remedy.kind() == "TIER") {
    return Concat("wait in the queue with tier ", remedy.tier(),
                  ", for which others give way (--queue --tier): granted at ",
                  TimeText(remedy.until()));
  }
  if (remedy.kind() == "APPROVE_PROPOSAL") {
    return Concat("approve and execute proposal ", remedy.proposal(), ", which frees ",
                  AmountsText(remedy.frees()));
  }
  if (remedy.kind() == "APPROVAL") return ApprovalText(remedy, asked);
  if (remedy.kind() == "OVERRIDE") {
    return Concat("an approver overrides budget ", Joined(remedy.budgets()),
                  ": purser budgets override ID --reason TEXT --until INSTANT");
  }
  if (remedy.kind() == "REDUCE") {
    std::string text = Concat(asked.is_booked() ? "release it and ask for " : "ask for ",
                              AmountsText(remedy.amounts()));
    if (!remedy.drop_minimums().empty()) {
      text += Concat(", without a minimum of ", Joined(remedy.drop_minimums()));
    }
    return text;
  }
  std::string text;
  if (!remedy.grants().empty()) {
    text = Concat("grants ", AmountsText(remedy.grants()), " (debts and the reserve take theirs)");
  }
  if (!remedy.lift_freezes().empty()) {
    text += Concat(text.empty() ? "" : " and ", "lifts freeze ", Joined(remedy.lift_freezes()));
  }
  return Concat("an operator ", text.empty() ? remedy.kind() : text);
}

std::string BlockingKindText(const std::string& kind) {
  if (kind == "FREEZE") return "frozen";
  if (kind == "BUDGET") return "above the budget";
  if (kind == "QUEUE") return "behind the queue";
  if (kind == "QUEUE_LENGTH") return "the queue is full";
  if (kind == "BOOKINGS") return "too many are booked";
  if (kind == "DEBT") return "in debt";
  if (kind == "DEBT_LIMIT") return "beyond the debt limit";
  if (kind == "CONSTRAINT") return "a hard constraint";
  if (kind == "CAPABILITY") return "a required capability";
  if (kind == "COVERAGE") return "coverage of rollback targets";
  if (kind == "LOAN") return "the reserve is overdue";
  if (kind == "COST") return "expected cost";
  return kind;
}

std::string BlockingText(const v1::Blocking& blocking) {
  std::string text = Concat("blocked: ", BlockingKindText(blocking.kind()));
  if (!blocking.name().empty()) text += Concat(": ", blocking.name());
  if (!blocking.detail().empty()) text += Concat(": ", blocking.detail());
  if (blocking.has_limit()) text += Concat("; limit ", AmountText(blocking.limit()));
  if (blocking.has_used()) text += Concat("; used ", AmountText(blocking.used()));
  if (blocking.has_until()) text += Concat("; until ", TimeText(blocking.until()));
  return text;
}

std::string ShortageText(const v1::Shortage& shortage) {
  std::string text = Concat(shortage.resource(), ": asked ", AmountText(shortage.requested()));
  if (shortage.has_minimum()) text += Concat(" (at least ", AmountText(shortage.minimum()), ")");
  text += Concat(", available ", AmountText(shortage.available()));
  // Whom the reserve does not refuse, it serves.
  if (shortage.reserve_protected().micros() == 0 && shortage.reserve().micros() != 0) {
    text += Concat(" and the rollback reserve of ", AmountText(shortage.reserve()));
  }
  text += Concat(", short by ", AmountText(shortage.short_by()));
  if (shortage.has_at()) {
    text += Concat(" at ", TimeText(shortage.at()), ", when ", AmountText(shortage.booked()),
                   " are booked");
  }
  if (shortage.reserve_protected().micros() != 0) {
    text += Concat("; the rollback reserve of ", AmountText(shortage.reserve()), " protects ",
                   AmountText(shortage.reserve_protected()), " of it");
  }
  return text;
}

// `Denial` is a v1.Explanation or a v1.Problem: they name these things alike.
template <typename Denial>
void AddLines(const Denial& denial, std::vector<std::string>* lines) {
  const auto add = [lines](std::string_view text) { lines->push_back(Printable(text)); };
  // What blocks comes first: while it stands, amounts do not matter.
  for (const auto& blocking : denial.blocking()) add(BlockingText(blocking));
  for (const auto& shortage : denial.shortages()) {
    std::string text = ShortageText(shortage);
    if (shortage.has_earliest_start()) {
      text += Concat("; enough from ", TimeText(shortage.earliest_start()));
    }
    add(text);
  }
}

template <typename Denial>
void AddHelp(const Denial& denial, const Asked& asked, std::vector<std::string>* lines) {
  const auto add = [lines](std::string_view text) { lines->push_back(Printable(text)); };
  add(denial.has_earliest_start() ? Concat("earliest: ", TimeText(denial.earliest_start()),
                                           ", if nobody arrives, renews or overruns")
                                  : "earliest: none is known");
  for (const std::string& assumption : denial.assumptions()) add(Concat("  ", assumption));
  if (!denial.complete()) add("not certain: not all that may change it was looked at");
  if (!denial.remedies().empty()) add("what would help:");
  for (const v1::Remedy& remedy : denial.remedies()) add(Concat("  ", RemedyText(remedy, asked)));
}

}  // namespace

std::vector<std::string> DenialLines(const v1::Problem& denial) {
  std::vector<std::string> lines;
  AddLines(denial, &lines);
  for (const v1::BudgetStep& step : denial.schedule()) {
    lines.push_back(Concat("from ", TimeText(step.from()), ": ", AmountText(step.amount())));
  }
  if (denial.has_complete()) AddHelp(denial, {true, nullptr}, &lines);
  return lines;
}

std::string ExplanationText(const v1::Explanation& explanation,
                            const v1::Reservation* reservation) {
  if (explanation.fits()) {
    return Concat("it would be granted now: ", AmountsText(explanation.granted()), "\n");
  }
  std::string out = Concat("not now (", Printable(explanation.code()), ")\n");
  if (explanation.has_queue_position()) {
    out += Concat("  in the queue: number ", explanation.queue_position(), "\n");
  }
  std::vector<std::string> lines;
  AddLines(explanation, &lines);
  AddHelp(explanation, {false, reservation}, &lines);
  for (const std::string& line : lines) out += Concat("  ", line, "\n");
  return out;
}

}  // namespace purser::cli
