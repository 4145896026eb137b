#include "api/cli/cost_text.h"

#include "api/cli/terminal_text.h"
#include "ledger/amount.h"

namespace purser::cli {

std::string NamedText(const std::string& name) { return name.empty() ? "(unattributed)" : name; }

std::string OccupationText(const v1::Occupation& occupation, const std::string& resource) {
  std::string text = Concat(occupation.amount(), " ", occupation.unit());
  if (!resource.empty()) text += Concat(" ", resource);
  if (occupation.unpriced() == "0") return text;
  const bool all = occupation.unpriced() == occupation.amount();
  return text + (all ? " (not priced)" : Concat(" (", occupation.unpriced(), " not priced)"));
}

std::string OpenProposalsText(
    const google::protobuf::RepeatedPtrField<v1::DigestProposal>& proposals) {
  std::string text;
  for (const v1::DigestProposal& proposal : proposals) {
    text += Concat("proposal ", Printable(proposal.id()), " (", proposal.kind(), ") is open");
    if (proposal.has_expected_saving()) {
      text += Concat(": worth ", Amount::FromMicros(proposal.expected_saving().micros()).ToString(),
                     " USD a month");
    }
    text += "\n";
  }
  return text;
}

}  // namespace purser::cli
