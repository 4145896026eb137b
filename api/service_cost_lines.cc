// The costs of a month, each by itself, as a stream of lines.
#include <utility>

#include "api/csv_text.h"
#include "api/json.h"
#include "api/json_writer.h"
#include "api/media_type.h"
#include "api/render.h"
#include "api/service.h"
#include "api/v1/cost.pb.h"
#include "ledger/cost_category.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

const char* OriginName(PostedCost::Origin origin) {
  switch (origin) {
    case PostedCost::Origin::kCharge:
      return "CHARGE";
    case PostedCost::Origin::kRefund:
      return "REFUND";
    case PostedCost::Origin::kCostEntry:
      return "COST_ENTRY";
    case PostedCost::Origin::kColdStart:
      break;
  }
  return "COLD_START";
}

std::string LabelsText(const Labels& labels) {
  JsonWriter writer;
  writer.Object([&] {
    for (const auto& [key, value] : labels) writer.Text(key, value);
  });
  return writer.text();
}

// Of one client; each piece is read by itself, so that nothing is kept open while it takes that.
class CostLines {
 public:
  CostLines(Controller* controller, View view, const CostLinesQuery& query, BodyForm form)
      : controller_(controller), view_(std::move(view)), query_(query), form_(form) {}

  // False: that was all, or the store gives nothing now.
  bool Next(std::string* piece) {
    if (std::exchange(is_first_, false) && form_ == BodyForm::kCsv) {
      AppendCsvRow({"time", "ledger_sequence", "origin", "category", "resource", "amount",
                    "cost_usd", "labels"},
                   piece);
    }
    if (is_whole_) return false;
    const auto read = controller_->ReadCostLines(view_, query_);
    if (!read.ok()) return false;
    for (const PostedCost& cost : read->lines) Append(cost, piece);
    is_whole_ = !read->next.has_value();
    if (!is_whole_) query_.place = *read->next;
    return !is_whole_ || !piece->empty();
  }
  bool is_whole() const { return is_whole_; }

 private:
  void Append(const PostedCost& cost, std::string* out) const {
    const std::string amount = DecimalText(cost.amount.micros());
    const std::string usd = cost.cost.has_value() ? DecimalText(cost.cost->micros()) : "";
    const std::string category(CostCategoryName(cost.category));
    if (form_ == BodyForm::kCsv) {
      AppendCsvRow({InstantText(cost.time_us), Concat(cost.sequence), OriginName(cost.origin),
                    category, cost.resource, amount, usd, GuardText(LabelsText(*cost.labels))},
                   out);
      return;
    }
    v1::CostLine line;
    line.set_ledger_sequence(cost.sequence);
    SetTime(cost.time_us, line.mutable_time());
    line.set_origin(OriginName(cost.origin));
    line.set_category(category);
    line.set_resource(cost.resource);
    line.set_amount(amount);
    if (cost.cost.has_value()) line.set_cost(usd);
    for (const auto& [key, value] : *cost.labels) (*line.mutable_labels())[key] = value;
    PrintJson(line, out);
    out->push_back('\n');
  }

  Controller* const controller_;
  const View view_;
  CostLinesQuery query_;
  const BodyForm form_;
  bool is_first_ = true;
  bool is_whole_ = false;
};

}  // namespace

HttpResponse Service::StreamCostLines(const HttpRequest& request, const RequestContext& context,
                                      const View& view) {
  const auto period = controller_->FindPeriod(view, context.id());
  if (!period.ok()) return Problem(context, period.status());
  if (!period->is_of_it) return Problem(context, NotFound("period", context.id()));
  // Not older than the present that the month was read in.
  const auto now = controller_->Read(context.population());
  if (!now.ok()) return Problem(context, now.status());
  CostLinesQuery query;
  query.from_us = period->from_us;
  query.until_us = period->until_us;
  query.as_of = period->closed.has_value() ? period->closed->sequence() : (*now)->sequence;
  HttpResponse response;
  const bool is_csv = context.answer_form == BodyForm::kCsv;
  response.content_type = Concat(is_csv ? kCsvType : kJsonLinesType, "; charset=utf-8");
  SetSequence(query.as_of, &response);
  if (request.method == "HEAD") {
    response.stream = std::make_shared<const HttpStream>(
        HttpStream{[](std::string*) { return false; }, [](HttpStreamEnd) {}, {}});
    return response;
  }
  const auto lines = std::make_shared<CostLines>(controller_, *now, query, context.answer_form);
  response.stream = std::make_shared<const HttpStream>(
      HttpStream{[lines](std::string* piece) { return lines->Next(piece); }, [](HttpStreamEnd) {},
                 [lines] { return lines->is_whole(); }});
  return response;
}

}  // namespace purser::api
