#ifndef PURSER_API_OPEN_PROPOSALS_H_
#define PURSER_API_OPEN_PROPOSALS_H_

// The open proposals that digests and summaries name. Thread-safe: as its controller.
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "api/controller.h"
#include "api/v1/digest.pb.h"

namespace purser::api {

// Of the first kOpenProposalsMax by id those that concern a model of the family, or all.
inline constexpr uint32_t kOpenProposalsMax = 100;
absl::Status AddOpenProposals(Controller* controller, const View& view,
                              const std::optional<std::string>& family,
                              google::protobuf::RepeatedPtrField<v1::DigestProposal>* out);

}  // namespace purser::api

#endif  // PURSER_API_OPEN_PROPOSALS_H_
