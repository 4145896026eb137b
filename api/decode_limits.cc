#include "api/decode_limits.h"

#include <map>
#include <utility>

#include "ledger/limits.h"
#include "ledger/names.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

constexpr int64_t kRequestsPerSecondMax = 1'000'000;
constexpr uint32_t kCountMax = 1'000'000'000;  // of a burst, of open reservations

// In a change 0 takes a part away.
enum class ZeroPart { kRefused, kTakesAway };

class PartsReader {
 public:
  PartsReader(ZeroPart zero, Faults* faults) : zero_(zero), faults_(faults) {}

  void Check(int64_t value, int64_t most, std::string_view path, std::string_view most_text) const {
    const int64_t least = zero_ == ZeroPart::kRefused ? 1 : 0;
    if (value >= least && value <= most) return;
    faults_->Add(stored::INVALID_ARGUMENT, path,
                 value > most ? Concat("at most ", most_text)
                 : least == 1 ? std::string("must be above 0")
                              : std::string("must not be below 0"));
  }

  void ReadAmounts(const google::protobuf::Map<std::string, v1::Amount>& amounts,
                   std::string_view field, int64_t most, LimitParts* out) const {
    std::map<std::string_view, int64_t> ordered;
    for (const auto& [name, amount] : amounts) ordered[name] = amount.micros();
    for (const auto& [name, micros] : ordered) {
      const std::string path = Concat(field, ".", name);
      if (!IsResourceName(name)) {
        faults_->Add(stored::INVALID_ARGUMENT, path, kResourceNameRule);
        continue;
      }
      Check(micros, most, path, "100");
      stored::Limit::Part& part = *out->Add();
      part.set_resource(std::string(name));
      part.set_amount(micros);
    }
    if (ordered.size() > kResourcesMax) {
      faults_->Add(stored::INVALID_ARGUMENT, field, Concat("at most ", kResourcesMax));
    }
  }

  void Read(const v1::Limit& message, stored::Limit* limit) const {
    if (message.has_requests_per_second()) {
      limit->set_requests_per_second(message.requests_per_second().micros());
      Check(limit->requests_per_second(), kRequestsPerSecondMax * Amount::kMicrosPerUnit,
            "requests_per_second", "1000000");
    }
    if (message.has_burst()) {
      limit->set_burst(message.burst());
      Check(limit->burst(), kCountMax, "burst", "1000000000");
    }
    if (message.has_open_reservations()) {
      limit->set_open_reservations(message.open_reservations());
      Check(limit->open_reservations(), kCountMax, "open_reservations", "1000000000");
    }
    constexpr int64_t kWhole = 100 * Amount::kMicrosPerUnit;
    ReadAmounts(message.share_percent(), "share_percent", kWhole, limit->mutable_share_percent());
    ReadAmounts(message.request_amounts(), "request_amounts", INT64_MAX,
                limit->mutable_request_amounts());
    ReadAmounts(message.day_amounts(), "day_amounts", INT64_MAX, limit->mutable_day_amounts());
    ReadAmounts(message.month_amounts(), "month_amounts", INT64_MAX,
                limit->mutable_month_amounts());
    if (message.has_highest_tier()) {
      limit->set_highest_tier(message.highest_tier());
      if (message.highest_tier() == v1::TIER_UNSPECIFIED) {
        faults_->Add(stored::INVALID_ARGUMENT, "highest_tier", "REALTIME, STANDARD, BATCH or FLEX");
      }
    }
    if (message.has_highest_priority()) limit->set_highest_priority(message.highest_priority());
  }

 private:
  const ZeroPart zero_;
  Faults* const faults_;
};

void ReadSubject(const v1::Limit& message, Faults* faults, stored::Limit* limit) {
  switch (message.subject_case()) {
    case v1::Limit::kPrincipal:
      limit->set_principal(message.principal());
      if (!IsId(message.principal())) faults->Add(stored::INVALID_ARGUMENT, "principal", kIdRule);
      return;
    case v1::Limit::kEachPrincipal:
      limit->set_each_principal(true);
      if (!message.each_principal()) {
        faults->Add(stored::INVALID_ARGUMENT, "each_principal", "true, or another subject");
      }
      return;
    case v1::Limit::kLabel:
      limit->mutable_label()->set_key(message.label().key());
      limit->mutable_label()->set_value(message.label().value());
      if (!IsLabelKey(message.label().key())) {
        faults->Add(stored::INVALID_ARGUMENT, "label.key", kLabelKeyRule);
      }
      if (!IsLabelValue(message.label().value())) {
        faults->Add(stored::INVALID_ARGUMENT, "label.value", kLabelValueRule);
      }
      return;
    case v1::Limit::SUBJECT_NOT_SET:
      faults->Add(stored::INVALID_ARGUMENT, "",
                  "one of principal, each_principal, label is required");
  }
}

void RefuseOutputs(const v1::Limit& message, Faults* faults) {
  const std::pair<bool, const char*> outputs[] = {{message.generation() != 0, "generation"},
                                                  {message.has_create_time(), "create_time"},
                                                  {message.has_used(), "used"},
                                                  {message.has_counting(), "counting"},
                                                  {message.has_dry_run(), "dry_run"}};
  for (const auto& [present, field] : outputs) {
    if (present) faults->Add(stored::UNKNOWN_FIELD, field, "is not sent");
  }
}

}  // namespace

CreateLimit DecodeLimit(const v1::Limit& message, Faults* faults) {
  CreateLimit command;
  stored::Limit& limit = command.limit;
  limit.set_id(message.id());
  if (!message.id().empty() && !IsId(message.id())) {
    faults->Add(stored::INVALID_ARGUMENT, "id", kIdRule);
  }
  ReadSubject(message, faults, &limit);
  PartsReader(ZeroPart::kRefused, faults).Read(message, &limit);
  const bool any = limit.has_requests_per_second() || limit.has_open_reservations() ||
                   !limit.share_percent().empty() || !limit.request_amounts().empty() ||
                   !limit.day_amounts().empty() || !limit.month_amounts().empty() ||
                   message.has_highest_tier() || limit.has_highest_priority();
  if (!any) faults->Add(stored::INVALID_ARGUMENT, "", "says nothing that it limits");
  if (limit.has_burst() && !limit.has_requests_per_second()) {
    faults->Add(stored::INVALID_ARGUMENT, "burst", "is of requests_per_second");
  }
  RefuseOutputs(message, faults);
  return command;
}

UpdateLimit DecodeLimitUpdate(const v1::Limit& message, const std::string& id, Faults* faults) {
  UpdateLimit command;
  command.id = id;
  const std::pair<bool, const char*> fixed[] = {{!message.id().empty(), "id"},
                                                {message.has_principal(), "principal"},
                                                {message.has_each_principal(), "each_principal"},
                                                {message.has_label(), "label"}};
  for (const auto& [named, field] : fixed) {
    if (named) faults->Add(stored::IMMUTABLE, field, "never changes");
  }
  PartsReader(ZeroPart::kTakesAway, faults).Read(message, &command.changes);
  RefuseOutputs(message, faults);
  return command;
}

}  // namespace purser::api
