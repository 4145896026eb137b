#ifndef PURSER_API_DECODE_MODELS_H_
#define PURSER_API_DECODE_MODELS_H_

// From messages to commands about models, as in decode.h. Thread-safe: pure functions.
#include <string>

#include "api/v1/model.pb.h"
#include "ledger/refusal.h"
#include "lifecycle/command.h"

namespace purser::api {

// Of whatever is said with a reason.
void CheckReason(const std::string& reason, const std::string& path, Faults* faults);
RegisterModel DecodeModel(const v1::Model& message, Faults* faults);
UpdateModel DecodeModelUpdate(const v1::Model& message, const std::string& id, Faults* faults);
ActivateModel DecodeActivation(const v1::ActivateRequest& message, const std::string& id,
                               Faults* faults);
// Of a request, or of an activation: which it is the id alone does not say.
ApproveRequest DecodeApproval(const v1::ApproveRequest& message, const std::string& id,
                              Faults* faults);
RejectRequest DecodeRejection(const v1::RejectRequest& message, const std::string& id,
                              Faults* faults);

}  // namespace purser::api

#endif  // PURSER_API_DECODE_MODELS_H_
