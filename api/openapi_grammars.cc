#include "api/openapi_grammars.h"

#include "api/json_writer.h"
#include "ledger/check.h"
#include "ledger/cost_category.h"
#include "ledger/names.h"
#include "ledger/text.h"
#include "reservations/label_split.h"

namespace purser::api {
namespace {

constexpr char kDecimal[] = "[0-9]+(\\.[0-9]{1,6})?";
// Of what the daemon prints: no leading zeros, none behind the point.
constexpr char kPrintedDecimal[] = "(0|[1-9][0-9]{0,12})(\\.[0-9]{0,5}[1-9])?";
constexpr char kPrintedFraction[] = "(\\.[0-9]{3}([0-9]{3})?)?";
constexpr char kNoControls[] = "[^\\u0000-\\u001f\\u007f-\\u009f]";

std::string Whole(std::string_view pattern) { return Concat("^", pattern, "$"); }

// "must match P" -> P: the rule that the daemon judges and tells by is the one described.
std::string OfRule(std::string_view rule) {
  constexpr std::string_view kBefore = "must match ";
  PURSER_CHECK(rule.substr(0, kBefore.size()) == kBefore, "a rule of names is a pattern");
  return std::string(rule.substr(kBefore.size()));
}

std::string MadeId() {
  // By the daemon, where the client chose none: _<sequence>, in a batch _<sequence>.<index>.
  return "_[0-9]+(\\.[0-9]+)?";
}

// All of them, by "|".
std::string CategoryNames() {
  std::string names;
  for (int category = 1; category < stored::CostCategory_ARRAYSIZE; ++category) {
    names +=
        Concat(category == 1 ? "" : "|", CostCategoryName(static_cast<CostCategory>(category)));
  }
  return names;
}

std::string Schema(std::string_view type, std::string_view pattern, std::string_view description) {
  JsonWriter writer;
  writer.Object([&] {
    writer.Text("type", type);
    if (!pattern.empty()) writer.Text("pattern", Whole(pattern));
    if (!description.empty()) writer.Text("description", description);
  });
  return writer.text();
}

}  // namespace

std::string PatternOf(v1::Grammar grammar) {
  switch (grammar) {
    case v1::NEW_ID:
      return Whole(OfRule(kIdRule));
    case v1::ID:
      return Whole(Concat("(", OfRule(kIdRule), "|", MadeId(), ")"));
    case v1::NAME:
      return Whole(OfRule(kResourceNameRule));
    case v1::LABELS:
    case v1::LABEL_KEY:
      return Whole(OfRule(kLabelKeyRule));
    case v1::LABEL_VALUE:
      return Whole(Concat("(?!\\{)", kNoControls, "{1,200}"));
    case v1::REASON:
      return Whole(Concat(kNoControls, "{0,", kReasonLengthMax, "}"));
    case v1::UNIT:
      return Whole(Concat(kNoControls, "{1,32}"));
    case v1::PERIOD:
      return Whole(Concat("(MONTHLY|NONE|", kDecimal, "s)"));
    case v1::CARRY_OVER:
      return Whole(Concat("(ALL|NONE|", kDecimal, ")"));
    case v1::FRACTION:
      return Whole("[0-9]+(/[0-9]+)?");
    case v1::DURATION:
      return Whole(Concat(kDecimal, "s"));
    case v1::SHA256:
      return Whole("[0-9a-f]{64}");
    case v1::PROBLEM_TYPE:
      return Whole("/problems/[a-z_]+");
    case v1::REQUEST_ID:
      return Whole("[!-~]{1,128}");
    case v1::SUM:
      return Whole("-?(0|[1-9][0-9]*)(\\.[0-9]{0,5}[1-9])?");
    case v1::CALENDAR_MONTH:
      return Whole("(19[7-9]|[2-9][0-9]{2})[0-9]-(0[1-9]|1[0-2])");
    case v1::CALENDAR_WEEK:
      return Whole("(19[7-9]|[2-9][0-9]{2})[0-9]-W(0[1-9]|[1-4][0-9]|5[0-3])");
    case v1::COST_CATEGORY:
      return Whole(Concat("(", CategoryNames(), ")?"));
    default:
      return "";
  }
}

std::string SchemaOfGrammar(v1::Grammar grammar) {
  if (grammar == v1::TRUE) return R"({"type":"boolean","const":true})";
  if (grammar == v1::PROBLEM_CODE) return R"({"$ref":"#/components/schemas/ProblemCode"})";
  JsonWriter writer;
  writer.Object([&] {
    writer.Text("type", "string");
    if (const std::string pattern = PatternOf(grammar); !pattern.empty()) {
      writer.Text("pattern", pattern);
    }
  });
  return writer.text();
}

std::string SchemaOfLabel(Direction direction) {
  std::string names = PatternOf(v1::LABEL_VALUE);
  if (direction != Direction::kSent) names = Concat("^$|", names);
  JsonWriter writer;
  writer.Object([&] {
    writer.List("oneOf", [&] {
      writer.Json(SchemaOfGrammar(v1::LABEL_VALUE));
      JsonWriter split;
      split.Object([&] {
        split.Text("description", kLabelSplitRule);
        split.Text("type", "object");
        split.Object("propertyNames", [&] { split.Text("pattern", names); });
        split.Number("minProperties", 1);
        split.Number("maxProperties", static_cast<int64_t>(kLabelPartsMax));
        split.Json("additionalProperties", R"({"$ref":"#/components/schemas/AmountSent"})");
      });
      writer.Json(split.text());
    });
  });
  return writer.text();
}

std::string NameOfForm(JsonForm form, Direction direction) {
  const bool sent = direction == Direction::kSent;
  switch (form) {
    case JsonForm::kAmount:
      return sent ? "AmountSent" : "Amount";
    case JsonForm::kRate:
      return sent ? "RateSent" : "Rate";
    case JsonForm::kTimestamp:
      return sent ? "TimeSent" : "Time";
    case JsonForm::kDuration:
      return sent ? "DurationSent" : "Duration";
    case JsonForm::kUint64:
      return "Count";
    case JsonForm::kBytes:
      return "Bytes";
    case JsonForm::kInt64:
      PURSER_CHECK(false, "no message of the API has a signed number of 64 bits yet");
      return "";
    default:
      return "";
  }
}

// Of a decimal that is sent: as a text of the pattern, or as a number.
std::string SchemaOfSentDecimal(int digits, const std::string& pattern) {
  JsonWriter writer;
  writer.Object([&] {
    writer.Text("description",
                Concat("An exact decimal, as a text or as a number: both are read digit by digit, "
                       "and more than ",
                       digits, " digits behind the point are refused."));
    writer.List("oneOf", [&] {
      writer.Json(Schema("string", pattern, ""));
      writer.Json(R"({"type":"number"})");
    });
  });
  return writer.text();
}

std::vector<NamedSchema> SchemasOfForms() {
  constexpr char kDate[] = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
  constexpr char kTime[] = "[0-9]{2}:[0-9]{2}:[0-9]{2}";
  return {
      {"Amount", Schema("string", Concat("-?", kPrintedDecimal),
                        "An exact decimal with at most 6 digits behind the point.")},
      {"AmountSent", SchemaOfSentDecimal(6, Concat("-?", kDecimal))},
      {"Rate", Schema("string", "(0|[1-9][0-9]{0,6})(\\.[0-9]{0,11}[1-9])?",
                      "USD a unit: an exact decimal with at most 12 digits behind the point.")},
      {"RateSent", SchemaOfSentDecimal(12, "[0-9]+(\\.[0-9]{1,12})?")},
      {"Time", Schema("string", Concat(kDate, "T", kTime, kPrintedFraction, "Z"),
                      "RFC 3339, in UTC, to the microsecond.")},
      {"TimeSent",
       Schema("string",
              Concat(kDate, "[Tt]", kTime, "(\\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"),
              "RFC 3339, with any offset, to the microsecond.")},
      {"Duration", Schema("string", Concat("-?[0-9]+", kPrintedFraction, "s"),
                          "Seconds, to the microsecond, such as \"3600s\".")},
      {"DurationSent", Schema("string", Concat("-?", kDecimal, "s"),
                              "Seconds, to the microsecond, such as \"3600s\".")},
      {"Count", Schema("string", "(0|[1-9][0-9]{0,19})", "A whole number of 64 bits, as a text.")},
      {"Bytes", Schema("string", "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
                       "Base64, padded.")},
  };
}

}  // namespace purser::api
