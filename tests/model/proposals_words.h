#ifndef PURSER_TESTS_MODEL_PROPOSALS_WORDS_H_
#define PURSER_TESTS_MODEL_PROPOSALS_WORDS_H_

// The words of random commands on proposals, as they stand in scenario files.
//
// Thread-compatible.
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/model/model.h"
#include "tests/model/models_words.h"

namespace purser::model {

inline std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ",").append(name);
  return text;
}

class WordsOfProposals : public Words {
 public:
  WordsOfProposals(uint64_t seed, const Model* model) : Words(seed, model), model_(model) {}
  WordsOfProposals(uint64_t seed, const Model* model, Names names)
      : Words(seed, model, std::move(names)), model_(model) {}

  // Mostly one in this state, else any, or one that is not there.
  std::string InState(const std::string& state) {
    std::vector<std::string> fit;
    for (const auto& [id, proposal] : model_->state().proposals.by_id) {
      if (proposal.state == state) fit.push_back(id);
    }
    return OneOf(fit);
  }

  // Mostly one that still lacks its result.
  std::string Incomplete() {
    std::vector<std::string> fit;
    for (const auto& [id, proposal] : model_->state().proposals.by_id) {
      const bool lacks = proposal.IsMerge() && proposal.result.empty();
      if (lacks && proposal.IsLive()) fit.push_back(id);
    }
    return OneOf(fit);
  }

  std::string Distinct(uint64_t most, const States& states) {
    std::set<std::string> ids;
    for (uint64_t i = 0; i < most; ++i) ids.insert(Of(states));
    return Joined({ids.begin(), ids.end()});
  }

  std::string Result() {
    return " result=" + Of({"CANDIDATE", "SHADOW", "RETIRED", "ROLLBACK_TARGET"});
  }

  std::string Propose() {
    const std::string number = Pick(12) == 0 ? Number(proposed_ + 1) : std::to_string(proposed_++);
    std::string text = "p" + number;
    switch (Pick(6)) {
      case 0:
        text += " RETIRE models=" + Distinct(1 + Pick(2), {"ACTIVE"});
        break;
      case 1:
        text += " ARCHIVE models=" + Distinct(1 + Pick(2), {"RETIRED"});
        break;
      case 2:
      case 3:
        text += " MERGE models=" + Distinct(2 + Pick(2), {"ACTIVE"});
        if (Pick(3) != 0) text += Result();
        break;
      default:
        text += " REPLACE models=" + Distinct(1 + Pick(2), {"ACTIVE"}) + Result();
    }
    if (Pick(3) == 0) text += " expires=+" + std::to_string(1 + Pick(200)) + "h";
    return text;
  }

  std::string Changes() {
    static constexpr const char* kVerbs[] = {"ACTIVATE", "RETIRE", "ARCHIVE", "MERGE"};
    switch (Pick(7)) {
      case 0:
        return Any() + " value=" + Number(50) + " incident_cost=" + Number(9);
      case 1:
        return Any() + " quality:ocr=0." + Number(10);
      case 2:
        return Any() + " reason=r forbid:LEGAL:x=" + kVerbs[Pick(4)];
      case 3:
        return Any() + " reason=r forbid=-";
      case 4:
        return Any() + " caps=ocr,layout,speech value=" + (Pick(3) == 0 ? "-3" : "7") +
               " quality:layout=0." + Number(10);
      default:
        return Words::Patch();
    }
  }

 private:
  std::string OneOf(const std::vector<std::string>& ids) {
    if (!ids.empty() && Pick(12) != 0) return ids[Pick(ids.size())];
    return "p" + Number(proposed_ + 2);
  }

  const Model* model_;
  uint64_t proposed_ = 0;
};

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_PROPOSALS_WORDS_H_
