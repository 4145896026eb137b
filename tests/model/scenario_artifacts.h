#ifndef PURSER_TESTS_MODEL_SCENARIO_ARTIFACTS_H_
#define PURSER_TESTS_MODEL_SCENARIO_ARTIFACTS_H_

// What `expect model ID:`, `expect population:`, `expect proposal ID:` and `expect proposer NAME:`
// read. Plain functions, safe from any thread.
#include <optional>
#include <string>

#include "tests/model/subject.h"

namespace purser::model {

// "ACTIVE; target a until INSTANT; occupies memory 10": the state, and any of the clauses. Returns
// "" or what was read instead.
std::string CompareArtifact(const std::string& expected, const std::optional<ArtifactView>& view);

// "active 2; coverage 1; coverage memory unlimited; lent 0; loans none; pending none": any of them.
std::string ComparePopulation(const std::string& expected,
                              const std::optional<PopulationView>& view);

// "OPEN; kind RETIRE; frees memory 10; net 5": the state, and any of the clauses.
std::string CompareProposal(const std::string& expected, const std::optional<ProposalView>& view);

// "proposals 2; executed 1; promised 10; realised 5": any of them.
std::string CompareProposer(const std::string& expected, const std::optional<ProposerView>& view);

// All that can be read of it.
std::string Describe(const ArtifactView& view);
std::string Describe(const PopulationView& view);
std::string Describe(const ProposalView& view);

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_SCENARIO_ARTIFACTS_H_
