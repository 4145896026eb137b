#ifndef PURSER_API_SERVICE_H_
#define PURSER_API_SERVICE_H_

// The REST service: one handler that takes a request through the order of judgement (api.md) to its
// answer. Thread-safe: called by every server thread.
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "api/controller.h"
#include "api/http.h"
#include "api/principals.h"
#include "api/request_context.h"
#include "api/submission.h"
#include "api/v1/problem.pb.h"
#include "api/waiting_room.h"
#include "api/watch.h"

namespace purser::api {

struct ServiceOptions {
  std::vector<TokenSetting> tokens;
  std::vector<std::string> all_scopes;  // what `local` has when there is no token
  // Of secrets, and of what has an ETag. Nothing has the digest that this default makes.
  std::function<std::string(std::string_view)> sha256_hex = [](std::string_view) {
    return std::string();
  };
  std::vector<std::string> hosts;  // accepted Host names, besides localhost and loopback
  std::vector<std::string> reserve_purposes = {"ROLLBACK", "DISASTER_RECOVERY"};
  int threads = 512;  // of the server, and of the one for operators: half of each may wait
  int admin_threads = 8;
  uint64_t watch_behind_max = 1'000'000;  // entries that a watch may be behind the newest
  int heartbeat_ms = 15'000;
  std::vector<std::string> required_labels = {"operator_family", "capability"};
  std::string version;
  std::string commit;
  std::string policy_version;
  bool public_metrics = true;
  std::string request_id_prefix;  // made once a start, so that generated ids do not repeat
  std::function<void(const std::string&)> log = [](const std::string&) {};
};

// The answer while there is no service yet: alive, and 503 `overloaded` to everything else.
HttpResponse RefuseEarly(const HttpRequest& request);

class Service {
 public:
  Service(Controller* controller, ServiceOptions options);

  HttpResponse Handle(const HttpRequest& request);

 private:
  HttpResponse Judge(const HttpRequest& request, RequestContext* context);
  absl::Status CheckHost(const HttpRequest& request) const;
  absl::Status CheckScope(const RequestContext& context) const;
  absl::Status CheckBody(const HttpRequest& request, RequestContext* context) const;
  void ReadQuery(RequestContext* context, Faults* faults) const;
  void ReadHeaders(const HttpRequest& request, RequestContext* context, Faults* faults) const;
  HttpResponse Dispatch(const HttpRequest& request, const RequestContext& context);

  // service_reads.cc
  HttpResponse Read(const HttpRequest& request, const RequestContext& context);
  HttpResponse ListPopulations(const RequestContext& context);
  HttpResponse GetPopulation(const RequestContext& context, const View& view);
  HttpResponse ReadResources(const RequestContext& context, const View& view);
  HttpResponse ReadFreezes(const RequestContext& context, const View& view);
  HttpResponse ReadLimits(const RequestContext& context, const View& view);
  HttpResponse ReadRateCards(const RequestContext& context, const View& view);
  HttpResponse ReadGuardrails(const RequestContext& context, const View& view);
  HttpResponse ReadBudgets(const RequestContext& context, const View& view);
  HttpResponse ReadModel(const RequestContext& context, const View& view);
  HttpResponse ListModels(const RequestContext& context, const View& view);
  HttpResponse ReadModelsState(const RequestContext& context, const View& view);
  HttpResponse ListApprovals(const RequestContext& context, const View& view);
  HttpResponse ReadProposal(const RequestContext& context, const View& view);
  HttpResponse ListProposals(const RequestContext& context, const View& view);
  HttpResponse SelectModels(const HttpRequest& request, const RequestContext& context,
                            const View& view);
  HttpResponse ReviewModels(const HttpRequest& request, const RequestContext& context,
                            const View& view);
  HttpResponse ListProposers(const RequestContext& context, const View& view);
  HttpResponse ListDebts(const RequestContext& context, const View& view);
  HttpResponse ListReservations(const RequestContext& context, const View& view);
  HttpResponse ReadQueue(const RequestContext& context, const View& view);
  // nullopt: the route is about something else.
  std::optional<HttpResponse> ReadMoney(const HttpRequest& request, const RequestContext& context,
                                        const View& view);
  HttpResponse ReadCosts(const RequestContext& context, const View& view);
  HttpResponse ReadAcceptedResultCosts(const RequestContext& context, const View& view);
  HttpResponse ReadStatement(const RequestContext& context, const View& view);
  HttpResponse StreamCostLines(const HttpRequest& request, const RequestContext& context,
                               const View& view);
  HttpResponse ListPeriods(const RequestContext& context, const View& view);
  HttpResponse GetPeriod(const RequestContext& context, const View& view);
  HttpResponse ReadDigest(const RequestContext& context, const View& view);
  HttpResponse ReadSummary(const RequestContext& context, const View& view);
  // Of cost entries and of outcomes.
  HttpResponse GetPosted(const RequestContext& context, const View& view);
  HttpResponse ListPosted(const RequestContext& context, const View& view);
  HttpResponse Quote(const HttpRequest& request, const RequestContext& context, const View& view);
  HttpResponse ReadCalendar(const RequestContext& context, const View& view);
  HttpResponse ReadDemand(const RequestContext& context, const View& view);
  HttpResponse GetReservation(const RequestContext& context, const View& view);
  HttpResponse AnswerReservation(const RequestContext& context, const ReservationRead& read);
  HttpResponse ReadCharges(const RequestContext& context, const View& view);
  HttpResponse ReadJournal(const RequestContext& context, const View& view);
  HttpResponse ExplainReservation(const HttpRequest& request, const RequestContext& context,
                                  const View& view);
  HttpResponse VerifyJournal(const HttpRequest& request, const RequestContext& context,
                             const View& view);

  // service_waits.cc
  HttpResponse AwaitReservation(const HttpRequest& request, const RequestContext& context,
                                const View& view);
  HttpResponse StartWatch(const HttpRequest& request, const RequestContext& context,
                          const View& view);
  absl::StatusOr<uint64_t> ReadAfter(const HttpRequest& request, const RequestContext& context,
                                     const View& view) const;
  void EndWatch(const Watch& watch, HttpStreamEnd end, const std::string& request_id);
  WaitingRoom& RoomOf(const HttpRequest& request) {
    return request.admin_listener ? admin_room_ : room_;
  }
  std::string WaitingMetrics() const;

  // service_pages.cc
  HttpResponse Page(const HttpRequest& request, const RequestContext& context);
  HttpResponse ServeDescription(const HttpRequest& request) const;
  HttpResponse CheckAccess(const HttpRequest& request, const RequestContext& context);
  HttpResponse AdvanceClock(const HttpRequest& request, const RequestContext& context);

  // service_commands.cc
  HttpResponse Execute(const HttpRequest& request, const RequestContext& context);
  // `message` is made on the arena.
  absl::Status Decode(const HttpRequest& request, const RequestContext& context, Command* command,
                      google::protobuf::Arena* arena, google::protobuf::Message** message);
  absl::Status CheckContentScopes(const RequestContext& context, const Command& command) const;
  void CountMade(const RequestContext& context, const Submitted& submitted);
  HttpResponse Answer(const RequestContext& context, const Submitted& submitted);
  HttpResponse RefuseDecoded(const RequestContext& context, const Command& command,
                             const absl::Status& status);
  HttpResponse AnswerShown(const RequestContext& context, const Submitted& submitted);

  // service_budgets.cc
  // What is decoded as of a request is of an activation where that has the id.
  absl::Status ChooseApproval(Command* command);

  // service_periods.cc
  // Adds to the command what the writer cannot see.
  absl::Status LookAtPeriod(ClosePeriod* close, const View& view);
  HttpResponse AnswerPeriod(const RequestContext& context, const stored::PeriodClosed& closed);

  // service_batches.cc
  absl::Status DecodeBatch(const HttpRequest& request, const RequestContext& context,
                           Command* command, google::protobuf::Arena* arena,
                           google::protobuf::Message** message);
  absl::Status CheckOperationScopes(const RequestContext& context,
                                    const BatchOperation& operation) const;
  // The problem of an atomic batch, with what its members answer.
  v1::Problem BatchProblem(const Refusal& refusal, int members,
                           const std::string& request_id) const;
  HttpResponse AnswerBatch(const RequestContext& context, const Submitted& submitted) const;
  // Of its member `i`, a v1.BatchResult.
  template <typename Writer>
  void WriteResult(const RequestContext& context, const Submitted& submitted, size_t i,
                   const ResourceIdentities& identify, Writer* out) const;

  std::string NewRequestId();

  Controller* const controller_;
  const ServiceOptions options_;
  const Principals principals_;
  const std::string description_;  // what /openapi.json serves, and its ETag
  const std::string description_tag_;
  WaitingRoom room_;
  WaitingRoom admin_room_;
  std::atomic<uint64_t> slow_watchers_{0};
  std::atomic<uint64_t> requests_{0};
  std::atomic<uint64_t> responses_by_class_[6] = {};
};

}  // namespace purser::api

#endif  // PURSER_API_SERVICE_H_
