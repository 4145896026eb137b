#include "tests/benchmarks/core_costs.h"

#include <string>

#include "api/answer_fields.h"
#include "api/decode.h"
#include "api/json.h"
#include "api/v1/reservation.pb.h"
#include "daemon/time_zones.h"
#include "ledger/check.h"
#include "tests/benchmarks/best_round.h"
#include "tests/benchmarks/workload.h"

namespace purser {
namespace {

constexpr InstantUs kNowUs = 1'800'000'000'000'000;
constexpr int kOperations = 1'000;

Batch DecodeBatch(std::string_view body) {
  google::protobuf::Arena arena;
  auto& message = *google::protobuf::Arena::CreateMessage<v1::BatchRequest>(&arena);
  std::vector<v1::Fault> unreadable;
  PURSER_CHECK(api::ParseJson(body, &message, &unreadable), "the benchmark's batch is JSON");
  Batch batch;
  batch.members.reserve(message.operations_size());
  for (int i = 0; i < message.operations_size(); ++i) {
    Faults faults;
    batch.members.emplace_back().operation =
        api::DecodeOperation(message.operations(i), i, &faults);
    PURSER_CHECK(faults.empty(), "the benchmark's operations are well-formed");
  }
  return batch;
}

std::string Render(const api::CommandResult& result, const ResourceIdentities& identify) {
  std::string text;
  text.reserve(result.shown.size() * 1'200);
  api::JsonMessageWriter out(api::JsonTable::For(v1::BatchResponse::descriptor()), &text);
  out.List(v1::BatchResponse::kResultsFieldNumber, [&](auto* list) {
    for (const Shown& shown : result.shown) {
      list->Add([&](auto* one) {
        one->Message(v1::BatchResult::kReservationFieldNumber, [&](auto* fields) {
          api::WriteReservation(*shown.reservation, shown.lease_shift_us, identify, {}, fields);
        });
      });
    }
  });
  out.Close();
  return text;
}

}  // namespace

CoreCosts MeasureCore(int rounds) {
  Discard store;
  SequencerOptions options;
  options.resume_leases = false;
  Sequencer sequencer(options, &store, FirstOfNextMonth);
  PURSER_CHECK(sequencer.Open(kNowUs).ok(), "an empty store opens");
  MakeBenchPopulation(&sequencer, kNowUs);
  const Population& population = *sequencer.machine().Find(kBenchPopulation);
  const ResourceIdentities identify = population.directory.function();
  RequestTemplate request = HoldBatch(kOperations);
  Best decode(kOperations);
  Best commit(kOperations);
  Best render(kOperations);
  for (int round = 0; round < rounds; ++round) {
    request.SetNumbers(static_cast<uint64_t>(round) * kOperations);
    const std::string_view body = request.bytes().substr(request.bytes().find("\r\n\r\n") + 4);
    Command command;
    command.population = kBenchPopulation;
    command.caller = {"local", true};
    command.lookup.sequence = population.last_sequence;
    decode.Time([&] { command.body = DecodeBatch(body); });
    api::CommandResult result;
    commit.Time([&] {
      PURSER_CHECK(sequencer.Commit({{&command, &result}}, kNowUs), "nothing is written");
    });
    PURSER_CHECK(result.member_status.back().ok(), "the holds of the benchmark fit");
    render.Time([&] {
      const std::string text = Render(result, identify);
      PURSER_CHECK(text.size() > result.shown.size(), "there is an answer");
    });
  }
  return {decode.best(), commit.best(), render.best()};
}

CodecCosts MeasureCodec(int rounds) {
  const std::string text = WithNumber(HoldBody(), 1);
  Best in(kOperations);
  Best out(kOperations);
  v1::ReservationRequest message;
  std::vector<v1::Fault> faults;
  std::string printed;
  for (int round = 0; round < rounds; ++round) {
    in.Time([&] {
      for (int i = 0; i < kOperations; ++i) {
        PURSER_CHECK(api::ParseJson(text, &message, &faults), "the benchmark's body is JSON");
      }
    });
    out.Time([&] {
      for (int i = 0; i < kOperations; ++i) {
        printed.clear();
        api::PrintJson(message, &printed);
      }
    });
  }
  return {in.best(), out.best()};
}

}  // namespace purser
