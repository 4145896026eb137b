#ifndef PURSER_API_SUBMISSION_H_
#define PURSER_API_SUBMISSION_H_

// How a command is sent so that it takes effect once: look up its key and ids, answer a replay or a
// conflict from what is durable, else submit with what was found, and look again when it went stale
// meanwhile. Thread-safe: works on the caller's values and the controller.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/controller.h"
#include "google/protobuf/message.h"
#include "ledger/refusal.h"

namespace purser::api {

// What became of a command that was sent, first or again.
struct Submitted {
  absl::Status status;                      // of the whole: OK, a denial, a refusal, unavailable
  bool replayed = false;                    // by its key or its id
  std::vector<absl::Status> member_status;  // of a batch
  std::vector<Shown> shown;                 // one; of a batch one a member
  std::string request_id;  // of a replayed refusal: the first request's; else empty
  uint64_t sequence = 0;
  int members = 0;  // of a batch
  std::optional<RateShown> rate;
};

class Submission {
 public:
  // `request` is the message that the command was made from, in its normal form: what a later
  // request with the same key is compared with.
  Submission(Controller* controller, Command command, const google::protobuf::Message& request);

  Submitted Send();

 private:
  // What is known of one operation's ids before it is sent.
  struct Known {
    bool replay = false;
    bool conflict = false;
    stored::Answer answer;
    Refusal refusal;
  };
  Submitted SendUntilFresh();
  // Whether it may be granted before those who wait.
  void AskToPass(const View& view, int tries);
  // A replay or a conflict that the first look did not see, when the writer takes nothing.
  std::optional<Submitted> AnswerWithoutWriter();
  // The first look saves itself the open reservations: hardly anything makes one that is there.
  absl::StatusOr<std::optional<Submitted>> LookUp(const View& view, bool is_first);
  absl::StatusOr<std::optional<Submitted>> LookUpKey(const View& view);
  absl::StatusOr<std::optional<Submitted>> LookUpBody(const View& view);
  absl::Status LookUpBatch(const View& view, Batch* batch);
  void MarkIdUses(Batch* batch);
  // submission_allocations.cc: once for each, of what was not said before. `path` is the entry's.
  absl::Status LookUpAllocation(const View& view, std::string_view path, EnterCost* entry);
  // A member whose allocation is at fault is refused as one with a conflict.
  absl::Status LookUpAllocations(const View& view, Batch* batch);

  absl::StatusOr<Known> LookUpOperation(const BatchOperation& operation);
  absl::StatusOr<Known> LookUpRequest(const RequestReservation& request);
  absl::StatusOr<Known> LookUpChargeId(const std::string& id, const BatchOperation& operation);
  absl::StatusOr<Known> LookUpRefund(const View& view, const RefundCharge& refund);
  void LookUpEnded(const std::string& id);
  void LookUpCharge(const std::string& id);
  // Creations of what has a name: answered when the name is taken.
  absl::StatusOr<std::optional<Submitted>> CompareNamed(const View& view);

  absl::StatusOr<Shown> RecallOne(const View& view, const stored::Answer& answer);
  absl::StatusOr<Submitted> Replay(const View& view, const stored::Answer& answer);
  absl::StatusOr<Submitted> ReplayKey(const View& view, const stored::KeyRecord& record);
  Submitted Take(CommandResult result, const View& view);

  // What is known of a denial that is not explained yet, or of a request that was made to wait.
  struct Unexplained {
    absl::Status* status = nullptr;
    Shown* waits = nullptr;  // of who waits: what is shown of it; else nullptr
    const RequestReservation* request = nullptr;
    uint64_t sequence = 0;      // of its entry; 0: it left none
    bool stands_alone = false;  // nothing of its batch takes effect before it
  };
  // Adds to each denial when it would be granted and what would help: asked of the follower, and
  // recorded before it is answered, so that a replay says the same (daemon/decisions/0005).
  void ExplainDenials(Submitted* submitted);
  // Of what was made to wait the reservation's; else the request's, which may be empty.
  static const std::string& IdOf(const Unexplained& denial);
  std::vector<Unexplained> FindUnexplained(Submitted* submitted) const;
  // False: what it rests on cannot be read now.
  bool Explain(const Unexplained& denial, ReturnSchedule::Steps* steps, Refusal* judged);
  absl::StatusOr<Explained> AskWhy(const View& view, const Unexplained& denial,
                                   ReturnSchedule::Steps* steps);
  void RecordExplanations(std::vector<Unexplained> denials,
                          std::vector<stored::RequestExplained> explained);
  bool TryToRecord(std::vector<Unexplained>* denials,
                   std::vector<stored::RequestExplained>* explained);
  bool Retained(InstantUs time_us) const;

  Controller* const controller_;
  Command command_;
  LookedUp found_;  // of the ids of the command
  const google::protobuf::Message& request_;
};

}  // namespace purser::api

#endif  // PURSER_API_SUBMISSION_H_
