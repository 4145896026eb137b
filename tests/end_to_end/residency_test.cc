// What capacities are occupied, held and kept costs, over REST. Of active_model_memory 20 of 80 GB
// are kept in reserve to begin with, of risk_capacity 5 of 20 points.
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

const std::string kMemory = "active_model_memory";
const std::string kRisk = "risk_capacity";

// What a report, in an answer, has of an origin and a resource.
std::string Of(const RestAnswer& report, const std::string& origin, const std::string& resource) {
  const std::string begin = Concat(R"({"by":{"origin":")", origin, R"(","resource":")", resource,
                                   R"("},"missing":[],"cost":)");
  const size_t from = report.body.find(begin);
  if (from == std::string::npos) return Concat("nothing in ", report.body);
  const size_t text = from + begin.size();
  return report.body.substr(text, report.body.find("}}}", text) + 3 - text);
}

std::string Line(const std::string& cost, const std::string& resource, const std::string& amount,
                 const std::string& unit, const std::string& unpriced = "0") {
  return Concat("\"", cost, R"(","unpriced":{},"occupied":{")", resource, R"(":{"amount":")",
                amount, R"(","unit":")", unit, R"(","unpriced":")", unpriced, R"("}}})");
}

std::string UpToSequence(const std::string& body) {
  return body.substr(0, body.find(R"("ledger_sequence")"));
}

class Residency : public DaemonTest {
 protected:
  void Price(const std::string& memory_hour, const std::string& storage_month) {
    const RestAnswer made =
        Post(books_ + "/rate-cards",
             Concat(R"({"id":"house","rates":{"active_model_memory":{"rate":")", memory_hour,
                    R"(","per":"HOUR"},"archive_storage":{"rate":")", storage_month,
                    R"(","per":"MONTH"}}})"));
    ASSERT_EQ(made.status, 201) << made;
  }
  void Hold(const std::string& id, const std::string& amounts) {
    const RestAnswer held = Post(books_ + "/reservations",
                                 Concat(R"({"id":")", id, R"(","purpose":"SERVING","amounts":{)",
                                        amounts, "},", kLabels, R"(,"lease":"5184000s"})"));
    ASSERT_EQ(held.status, 201) << held;
  }
  void Do(const std::string& id, const std::string& verb) {
    const RestAnswer done = Post(Concat(books_, "/reservations/", id, ":", verb), "{}");
    ASSERT_EQ(done.status, 200) << done;
  }
  void GoTo(const std::string& time) {
    ASSERT_EQ(Advance(Concat(R"({"to":")", time, "\"}")).status, 200);
  }
  RestAnswer Costs(const std::string& query = "") {
    return Get(Concat(books_, "/costs?group_by=origin,resource", query));
  }

  std::string books_ = kBooks;
};

TEST_F(Residency, OfAHoldIsIdleUntilItStartsAndTheReserveIsKept) {
  Price("0.5", "2");
  Hold("r", R"("active_model_memory":"4")");
  GoTo("2026-01-01T02:00:00Z");
  Do("r", "start");
  const std::string started = Get(books_).Header("Ledger-Sequence");
  GoTo("2026-01-01T05:00:00Z");
  const RestAnswer open = Costs();
  EXPECT_EQ(Of(open, "HELD", kMemory), Line("4", kMemory, "8", "GB·h"));
  EXPECT_EQ(Of(open, "OCCUPIED", kMemory), Line("6", kMemory, "12", "GB·h"));
  EXPECT_EQ(Of(open, "RESERVE", kMemory), Line("50", kMemory, "100", "GB·h"));
  EXPECT_EQ(open.Field("accrued_until"), "2026-01-01T05:00:00Z");
  // That it ended changes nothing of what was, nor does a crash.
  Do("r", "release");
  EXPECT_EQ(UpToSequence(Costs().body), UpToSequence(open.body));
  GoTo("2026-01-02T00:00:00Z");
  KillAndRestart();
  EXPECT_EQ(UpToSequence(Costs("&as_of=2026-01-01T05:00:00Z").body), UpToSequence(open.body));
  EXPECT_EQ(Of(Costs(), "OCCUPIED", kMemory), Line("6", kMemory, "12", "GB·h"));
  // As of an entry it is what there was at its time.
  const RestAnswer then = Costs(Concat("&as_of=", started));
  EXPECT_EQ(then.Field("accrued_until"), "2026-01-01T02:00:00Z");
  EXPECT_EQ(Of(then, "HELD", kMemory), Line("4", kMemory, "8", "GB·h"));
  EXPECT_THAT(then.body, Not(HasSubstr("OCCUPIED")));
  EXPECT_EQ(Post(books_ + "/journal:verify", "{}").Field("ok"), "true");
}

TEST_F(Residency, OfWhatIsNotPricedIsRecordedInDays) {
  Hold("r", R"("risk_capacity":"4")");
  GoTo("2026-01-01T12:00:00Z");
  const RestAnswer report = Costs();
  EXPECT_EQ(Of(report, "HELD", kRisk), Line("0", kRisk, "2", "point·day", "2"));
  EXPECT_EQ(Of(report, "RESERVE", kRisk), Line("0", kRisk, "2.5", "point·day", "2.5"));
  EXPECT_EQ(report.Field("total"), "0");
}

// October has an hour more there than its days have, March one less.
TEST_F(Residency, CostsAWholeMonthWhateverItsLength) {
  GoTo("2026-02-28T22:00:00Z");
  books_ = "/v1/populations/berlin";
  ASSERT_EQ(Post("/v1/populations",
                 R"({"name":"berlin","time_zone":"Europe/Berlin","required_labels":[]})")
                .status,
            201);
  Price("1", "0.743");
  Hold("r", R"("active_model_memory":"2","archive_storage":"1")");
  Do("r", "start");
  GoTo("2026-03-31T23:00:00Z");
  const RestAnswer march = Costs("&period=2026-03");
  EXPECT_EQ(march.Field("accrued_until"), "2026-03-31T22:00:00Z");
  EXPECT_EQ(Of(march, "OCCUPIED", kMemory), Line("1486", kMemory, "1486", "GB·h"));
  EXPECT_EQ(Of(march, "OCCUPIED", "archive_storage"),
            Line("0.743", "archive_storage", "1", "TB·month"));
  const RestAnswer february = Costs("&period=2026-02");
  EXPECT_EQ(Of(february, "OCCUPIED", "archive_storage"),
            Line("0.001106", "archive_storage", "0.001488", "TB·month"));
  const RestAnswer april = Costs();
  EXPECT_EQ(Of(april, "OCCUPIED", kMemory), Line("2", kMemory, "2", "GB·h"));
  EXPECT_EQ(Of(april, "OCCUPIED", "archive_storage"),
            Line("0.001032", "archive_storage", "0.001389", "TB·month"));
}

TEST_F(Residency, OfAModelIsSplitAmongItsCapabilities) {
  Price("0.5", "2");
  const std::string models = books_ + "/models";
  ASSERT_EQ(Post(models, R"({"id":"m","operator_family":"vision","capabilities":["layout","ocr"],)"
                         R"("footprint":{"active_model_memory":"10","archive_storage":"0.1"}})")
                .status,
            201);
  GoTo("2026-01-01T01:00:00Z");
  ASSERT_EQ(Post(models + "/m:activate", R"({"vacancy":{}})").status, 200);
  GoTo("2026-01-01T03:00:00Z");
  ASSERT_EQ(Post(models + "/m:retire", "{}").status, 200);
  GoTo("2026-02-01T00:00:00Z");
  const RestAnswer january = Costs("&period=2026-01");
  EXPECT_EQ(Of(january, "OCCUPIED", kMemory), Line("10", kMemory, "20", "GB·h"));
  EXPECT_EQ(Of(january, "OCCUPIED", "archive_storage"),
            Line("0.2", "archive_storage", "0.1", "TB·month"));
  EXPECT_EQ(Of(january, "OCCUPIED", "active_models"),
            Line("0", "active_models", "2", "model·h", "2"));
  const RestAnswer capabilities =
      Get(books_ + "/costs?period=2026-01&group_by=model,capability,category");
  EXPECT_THAT(capabilities.body,
              HasSubstr(R"({"by":{"capability":"ocr","category":"residency","model":"m"},)"
                        R"("missing":[],"cost":"5","unpriced":{},"occupied":{)"
                        R"("active_model_memory":{"amount":"10","unit":"GB·h","unpriced":"0"})"));
  const RestAnswer statement = Get(books_ + "/statements/2026-01");
  EXPECT_THAT(statement.body,
              HasSubstr(R"("capability":"ocr","category":"storage","resource":"archive_storage",)"
                        R"("cost":"0.1","unpriced":"0","origin":"OCCUPIED","occupied":{)"
                        R"("amount":"0.05","unit":"TB·month","unpriced":"0"}})"));
  const RestAnswer csv = Get(books_ + "/statements/2026-01", {{"Accept", "text/csv"}});
  EXPECT_THAT(csv.body, HasSubstr("vision,ocr,storage,archive_storage,OCCUPIED,0.1,0,0.05,0,"
                                  "TB·month,"));
}

}  // namespace
}  // namespace purser
