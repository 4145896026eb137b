// The two writers of answers against the messages themselves: whatever a reservation or a charge
// looks like, the protobuf that is written is the one that the message would print, and so is the
// JSON.
#include "api/answer_fields.h"

#include <random>

#include "api/json.h"
#include "api/protobuf.h"
#include "api/v1/reservation.pb.h"
#include "gtest/gtest.h"

namespace purser::api {
namespace {

constexpr int kRounds = 2'000;
constexpr std::string_view kNames[] = {"storage_tb_month", "gpu_hours", "a", "review_hours",
                                       "memory_gb"};

class Chance {
 public:
  explicit Chance(uint32_t seed) : random_(seed) {}
  uint64_t Below(uint64_t bound) { return random_() % bound; }
  bool Coin() { return Below(2) == 0; }
  Amount Any() {
    switch (Below(4)) {
      case 0:
        return Amount();
      case 1:
        return Amount::FromMicros(static_cast<int64_t>(random_() >> 1));
      case 2:
        return Amount::FromMicros(-static_cast<int64_t>(random_() >> 1));
      default:
        return Amount::FromUnits(static_cast<int64_t>(Below(1'000)));
    }
  }
  // 0 in a quarter of all cases, and sometimes before 1970.
  InstantUs AnyTime() {
    if (Below(4) == 0) return 0;
    return static_cast<InstantUs>(Below(4'000'000'000'000'000)) - (Below(8) == 0 ? kYearsUs : 0);
  }
  std::string Text() {
    constexpr std::string_view kTexts[] = {"", "r-1", "\"quoted\" \\ and\n", "größer als 日本",
                                           "an id of some length, 40 letters or more"};
    return std::string(kTexts[Below(std::size(kTexts))]);
  }

 private:
  static constexpr int64_t kYearsUs = 4'000'000'000'000'000;
  std::mt19937_64 random_;
};

ReservationPicture AnyReservation(Chance* chance) {
  ReservationPicture picture;
  picture.id = chance->Text();
  picture.state = static_cast<stored::ReservationState>(chance->Below(10));
  picture.purpose = static_cast<stored::Purpose>(chance->Below(8));
  picture.overrun_policy = static_cast<stored::OverrunPolicy>(chance->Below(3));
  picture.stopped = chance->Coin();
  picture.tier = static_cast<uint8_t>(chance->Below(5));
  picture.priority = static_cast<int32_t>(chance->Below(2'001)) - 1'000;
  auto labels = std::make_shared<Labels>();
  for (const char* key : {"capability", "operator_family", "team"}) {
    if (chance->Coin()) labels->emplace_back(key, chance->Text());
  }
  picture.labels = labels;
  picture.principal = std::make_shared<std::string>(chance->Text());
  for (uint32_t resource = 0; resource < std::size(kNames); ++resource) {
    if (chance->Coin()) continue;
    HoldLine& line = picture.lines.emplace_back();
    line.resource = resource;
    line.asked = chance->Any();
    if (chance->Coin()) line.minimum = chance->Any();
    line.granted = chance->Any();
    line.held = chance->Any();
    line.in_use = chance->Any();
    line.charged = chance->Any();
    line.overrun = chance->Any();
  }
  picture.lease_us = static_cast<int64_t>(chance->Below(40'000'000'000'000));
  picture.create_time_us = chance->AnyTime();
  picture.grant_time_us = chance->AnyTime();
  picture.start_time_us = chance->AnyTime();
  picture.end_time_us = chance->AnyTime();
  picture.lease_end_us = chance->AnyTime();
  if (chance->Coin()) {
    picture.notice = std::make_shared<const Notice>(Notice{chance->AnyTime(), 0, chance->Text()});
  }
  if (chance->Coin()) picture.approver = std::make_shared<const std::string>(chance->Text());
  picture.generation = chance->Below(3) == 0 ? 0 : chance->Below(uint64_t{1} << 40);
  return picture;
}

// With nothing but an id.
ReservationPicture JustNamed(std::string id) {
  ReservationPicture picture;
  picture.id = std::move(id);
  picture.labels = std::make_shared<Labels>();
  picture.principal = std::make_shared<std::string>();
  return picture;
}

stored::ChargeRecord AnyCharge(Chance* chance) {
  stored::ChargeRecord record;
  stored::Charged& charged = *record.mutable_charged();
  charged.set_id(chance->Text());
  charged.set_reservation(chance->Text());
  charged.set_category(chance->Text());
  charged.set_principal(chance->Text());
  charged.set_late(chance->Coin());
  charged.set_stop(chance->Coin());
  for (uint32_t resource = 0; resource < std::size(kNames); ++resource) {
    if (chance->Coin()) continue;
    stored::Charged::Line& line = *charged.add_lines();
    record.add_resource_names(std::string(kNames[resource]));
    line.set_resource(resource);
    line.set_amount(chance->Any().micros());
    line.set_within_hold(chance->Any().micros());
    line.set_overrun(chance->Any().micros());
    line.set_overdraft(chance->Any().micros());
    line.set_cost_category(static_cast<CostCategory>(chance->Below(15)));
    // At most 1 USD a unit, so that what it costs always fits.
    if (chance->Coin()) line.set_rate_picos(static_cast<int64_t>(chance->Below(1'000'000'000'001)));
    if (chance->Coin()) continue;
    stored::Refunded::Line& part = *record.add_refunds()->add_lines();
    part.set_resource(resource);
    part.set_amount(static_cast<int64_t>(chance->Below(1'000'000'000)));
  }
  for (const char* key : {"capability", "operator_family"}) {
    if (chance->Coin()) continue;
    stored::Label& label = *record.add_labels();
    label.set_key(key);
    label.set_value(chance->Text());
  }
  record.set_create_time_us(chance->AnyTime());
  record.set_sequence(chance->Below(1'000));
  return record;
}

AnswerMarks AnyMarks(Chance* chance, const v1::Problem* denial) {
  AnswerMarks marks;
  if (denial != nullptr && chance->Below(4) == 0) marks.denial = denial;
  if (chance->Below(3) == 0) marks.judged_at_sequence = chance->Below(2) * 77;
  return marks;
}

template <typename Message, typename Write>
std::string JsonOf(Write write) {
  std::string json;
  JsonMessageWriter writer(JsonTable::For(Message::descriptor()), &json);
  write(&writer);
  writer.Close();
  return json;
}

// What `write` writes is the message that it says, in both forms.
template <typename Message, typename Write>
void Compare(Write write) {
  std::string bytes;
  ProtobufMessageWriter writer(JsonTable::For(Message::descriptor()), &bytes);
  write(&writer);
  Message message;
  ASSERT_TRUE(message.ParseFromString(bytes));
  std::string printed;
  PrintProtobuf(message, &printed);
  EXPECT_EQ(bytes, printed) << message.ShortDebugString();
  std::string json;
  PrintJson(message, &json);
  EXPECT_EQ(JsonOf<Message>(write), json);
}

TEST(AnswerFields, OfReservationsAreThoseOfTheMessage) {
  Chance chance(20'261'127);
  v1::Problem denial;
  denial.set_code("insufficient");
  denial.add_shortages()->mutable_short_by()->set_micros(5);
  const ResourceIdentities identify = [](uint32_t number) {
    return ResourceIdentity{kNames[number], true};
  };
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    SCOPED_TRACE(round);
    const ReservationPicture picture = AnyReservation(&chance);
    const AnswerMarks marks = AnyMarks(&chance, &denial);
    Compare<v1::Reservation>(
        [&](auto* out) { WriteReservation(picture, 3'600'000'000, identify, marks, out); });
  }
}

TEST(AnswerFields, OfChargesAreThoseOfTheMessage) {
  Chance chance(20'261'128);
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    SCOPED_TRACE(round);
    const stored::ChargeRecord record = AnyCharge(&chance);
    const AnswerMarks marks = AnyMarks(&chance, nullptr);
    Compare<v1::Charge>([&](auto* out) { WriteCharge(record, marks, out); });
  }
}

// Everything that a reservation can have, so that a field added to the message and forgotten here
// is seen.
TEST(AnswerFields, AreAllThatTheMessageHas) {
  Chance chance(1);
  ReservationPicture picture = AnyReservation(&chance);
  picture.id = "r";
  picture.state = stored::STATE_ACTIVE;
  picture.purpose = stored::TRAINING;
  picture.tier = v1::BATCH;
  picture.priority = 3;
  picture.labels = std::make_shared<Labels>(Labels{{"team", "x"}});
  picture.principal = std::make_shared<std::string>("p");
  picture.lines.assign(1, HoldLine{});
  picture.lines.front().minimum = Amount::FromUnits(1);
  picture.lease_us = picture.create_time_us = picture.grant_time_us = 1'000'000;
  picture.start_time_us = picture.end_time_us = picture.lease_end_us = 2'000'000;
  picture.generation = 4;
  picture.stopped = true;
  picture.quote = std::make_shared<const stored::Quote>();
  picture.notice = std::make_shared<const Notice>(Notice{3'000'000, 0, "n"});
  picture.approver = std::make_shared<const std::string>("q");
  const v1::Problem denial;
  const AnswerMarks marks{&denial, nullptr, nullptr, 5};
  const auto write = [&](const AnswerMarks& with) {
    return JsonOf<v1::Reservation>([&](auto* out) {
      WriteReservation(
          picture, 0,
          [](uint32_t) {
            return ResourceIdentity{"a", true};
          },
          with, out);
    });
  };
  std::string json = write(marks);
  // What only one that waits has.
  picture.state = stored::STATE_QUEUED;
  picture.start_at_us = 1;
  Explained why;
  why.refusal.add_blocking()->set_kind("QUEUE");
  why.explanation.set_queue_position(1);
  why.explanation.set_earliest_start_us(1);
  stored::Explanation first;
  first.set_earliest_start_us(2);
  first.add_assumptions()->set_kind(stored::Explanation::Assumption::LEASE_ENDS);
  json += write({nullptr, &why, &first, std::nullopt});
  for (int i = 0; i < v1::Reservation::descriptor()->field_count(); ++i) {
    const std::string key = "\"" + v1::Reservation::descriptor()->field(i)->name() + "\":";
    EXPECT_NE(json.find(key), std::string::npos) << key;
  }
}

// Lists and nested messages, as the answer to a batch has them: lengths of one byte and of two.
TEST(MessageWriter, NestsMessages) {
  Compare<v1::BatchResponse>([](auto* out) {
    out->List(v1::BatchResponse::kResultsFieldNumber, [](auto* list) {
      for (const size_t length : {size_t{1}, size_t{200}, size_t{20'000}}) {
        list->Add([&](auto* result) {
          result->Message(v1::BatchResult::kReservationFieldNumber, [&](auto* reservation) {
            WriteReservation(JustNamed(std::string(length, 'x')), 0, {}, {}, reservation);
          });
        });
      }
      list->Add([](auto* result) {
        result->Made(v1::BatchResult::kProblemFieldNumber, v1::Problem());
        result->Bool(v1::BatchResult::kReplayedFieldNumber, true);
      });
    });
    out->Uint64(v1::BatchResponse::kLedgerSequenceFieldNumber, 7);
  });
}

TEST(MessageWriterDeathTest, EndsTheProcessForAFieldOutOfOrder) {
  EXPECT_DEATH(JsonOf<v1::BatchResponse>([](auto* out) {
                 out->Bool(v1::BatchResponse::kDryRunFieldNumber, true);
                 out->Uint64(v1::BatchResponse::kLedgerSequenceFieldNumber, 7);
               }),
               "wrong place");
  EXPECT_DEATH(JsonOf<v1::BatchResponse>([](auto* out) {
                 out->Text(v1::BatchResponse::kLedgerSequenceFieldNumber, "7");
               }),
               "wrong place");
  EXPECT_DEATH(JsonOf<v1::Reservation>([](auto* out) {
                 out->Text(v1::Reservation::kLabelsFieldNumber, "a map is no text");
               }),
               "wrong place");
  EXPECT_DEATH(JsonOf<v1::BatchResponse>([](auto* out) {
                 out->Message(v1::BatchResponse::kResultsFieldNumber, [](auto*) {});
               }),
               "wrong place");
}

}  // namespace
}  // namespace purser::api
