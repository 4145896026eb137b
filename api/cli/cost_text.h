#ifndef PURSER_API_CLI_COST_TEXT_H_
#define PURSER_API_CLI_COST_TEXT_H_

// What reports of costs have in common as text. Thread-safe: pure functions.
#include <string>

#include "api/v1/cost.pb.h"
#include "api/v1/digest.pb.h"
#include "ledger/text.h"

namespace purser::cli {

// Of a label's value that a cost may lack.
std::string NamedText(const std::string& name);

// "480 GB·h active_model_memory (not priced)"; `resource` may be empty.
std::string OccupationText(const v1::Occupation& occupation, const std::string& resource);

// "docs / inference / ocr-7": of a line of a digest or of a summary what it says; empty: nothing.
template <typename Line>
std::string LineName(const Line& line) {
  std::string name;
  const auto add = [&name](bool is_said, const std::string& value) {
    if (is_said) name += Concat(name.empty() ? "" : " / ", NamedText(value));
  };
  add(line.has_operator_family(), line.operator_family());
  add(line.has_category(), line.category());
  add(line.has_model(), line.model());
  return name;
}

// A line each.
std::string OpenProposalsText(
    const google::protobuf::RepeatedPtrField<v1::DigestProposal>& proposals);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_COST_TEXT_H_
