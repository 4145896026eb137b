#ifndef PURSER_API_CLI_MODEL_TEXT_H_
#define PURSER_API_CLI_MODEL_TEXT_H_

// Models as an operator reads them, as wide as the terminal is.
#include <string>

#include "api/v1/model.pb.h"

namespace purser::cli {

std::string ModelText(const v1::Model& model);
std::string ModelListText(const v1::ModelList& list);
std::string ApprovalText(const v1::Approval& approval);
std::string ApprovalListText(const v1::ApprovalList& list);
std::string PopulationText(const v1::PopulationState& population);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_MODEL_TEXT_H_
