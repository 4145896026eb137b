#include "tests/benchmarks/workload.h"

#include "api/decode.h"
#include "api/json.h"
#include "api/media_type.h"
#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr const char* kConsumables[] = {"gpu_hours", "inference_cost", "evaluation_hours"};
constexpr const char* kCapacities[] = {"active_model_memory", "risk_capacity"};
constexpr char kPlenty[] = "1000000000000";

template <typename Message>
Message Parse(const std::string& json) {
  Message message;
  std::vector<v1::Fault> faults;
  PURSER_CHECK(api::ParseJson(json, &message, &faults), "the benchmark's bodies are well-formed");
  return message;
}

std::string Path(std::string_view what, uint64_t populations) {
  return Concat("/v1/populations/", kBenchPopulation, populations > 1 ? kCycleMark : "", what);
}

std::string BatchBody(const std::string& operation, int count) {
  std::string body = "{\"operations\":[";
  for (int i = 0; i < count; ++i) {
    body += i == 0 ? "" : ",";
    body += operation;
  }
  return body + "]}";
}

RequestTemplate BatchOf(const std::string& operation, int count, uint64_t populations) {
  return {Path("/reservations:batch", populations), BatchBody(operation, count), count,
          "application/json", populations};
}

}  // namespace

std::string PopulationBody(std::string_view name) {
  std::string body = Concat("{\"name\":\"", name, "\",\"resources\":[");
  for (const char* resource : kConsumables) {
    body +=
        Concat("{\"name\":\"", resource, "\",\"unit\":\"h\",\"kind\":\"CONSUMABLE\",\"amount\":\"",
               kPlenty, "\",\"reserve_percent\":\"25\"},");
  }
  for (const char* resource : kCapacities) {
    body +=
        Concat("{\"name\":\"", resource, "\",\"unit\":\"GB\",\"kind\":\"CAPACITY\",\"amount\":\"",
               kPlenty, "\",\"reserve_percent\":\"25\"},");
  }
  body.back() = ']';
  return body + "}";
}

std::string HoldBody() {
  return Concat(
      "{\"id\":\"bench-reservation-", kNumberMark,
      "\",\"purpose\":\"TRAINING\",\"tier\":\"STANDARD\",\"priority\":0,\"amounts\":{"
      "\"gpu_hours\":\"40\",\"inference_cost\":\"12.5\",\"evaluation_hours\":\"1.25\","
      "\"active_model_memory\":\"12\",\"risk_capacity\":\"2\"},\"labels\":{\"operator_family\":"
      "\"vision-specialists\",\"capability\":\"ocr\",\"team\":\"docs\",\"project\":\"invoices\"},"
      "\"lease\":\"86400s\",\"on_shortage\":\"DENY\",\"overrun_policy\":\"EXTEND\"}");
}

RequestTemplate HoldRequest(uint64_t populations) {
  return {Path("/reservations", populations), HoldBody(), 1, "application/json", populations};
}

RequestTemplate HoldBatch(int count, uint64_t populations) {
  return BatchOf(Concat("{\"create\":", HoldBody(), "}"), count, populations);
}

RequestTemplate HoldBatchInProtobuf(int count) {
  const std::string json = BatchBody(Concat("{\"create\":", HoldBody(), "}"), count);
  return {Path("/reservations:batch", 1), Parse<v1::BatchRequest>(json).SerializeAsString(), count,
          api::kProtobufType};
}

RequestTemplate ChargeBatch(int count) {
  return BatchOf(Concat("{\"charge\":{\"reservation\":\"bench-reservation-", kNumberMark,
                        "\",\"id\":\"charge-", kNumberMark,
                        "\",\"amounts\":{\"gpu_hours\":\"31.5\",\"inference_cost\":\"1\"}}}"),
                 count, 1);
}

RequestTemplate SettleBatch(int count) {
  return BatchOf(Concat("{\"settle\":{\"id\":\"bench-reservation-", kNumberMark, "\"}}"), count, 1);
}

void MakeBenchPopulation(Sequencer* sequencer, InstantUs now_us) {
  Faults faults;
  Command command;
  command.population = kBenchPopulation;
  command.caller = {"local", true};
  command.body =
      api::DecodePopulation(Parse<v1::CreatePopulation>(PopulationBody(kBenchPopulation)),
                            {"operator_family", "capability"}, &faults);
  api::CommandResult result;
  PURSER_CHECK(
      faults.empty() && sequencer->Commit({{&command, &result}}, now_us) && result.status.ok(),
      "the population of the benchmark can be made");
}

Command MakeHold(uint64_t n, const Sequencer* sequencer) {
  Faults faults;
  Command command;
  command.population = kBenchPopulation;
  command.caller = {"local", true};
  command.lookup.sequence = sequencer->machine().Find(kBenchPopulation)->last_sequence;
  command.body =
      api::DecodeRequest(Parse<v1::ReservationRequest>(WithNumber(HoldBody(), n)), "", &faults);
  PURSER_CHECK(faults.empty(), "the benchmark's requests are well-formed");
  return command;
}

}  // namespace purser
