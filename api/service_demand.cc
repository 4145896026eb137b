// What others wait for.
#include "api/render.h"
#include "api/service.h"
#include "api/v1/demand.pb.h"

namespace purser::api {

HttpResponse Service::ReadDemand(const RequestContext& context, const View& view) {
  const auto read = controller_->ReadDemand(view->name);
  if (!read.ok()) return Problem(context, read.status());
  v1::Demand out;
  SetTime(read->at_us - kDemandUs, out.mutable_from());
  SetTime(read->at_us, out.mutable_time());
  for (const auto& [name, of] : read->resources) {
    v1::ResourceDemand& shown = (*out.mutable_resources())[name];
    shown.set_unserved(SumText(of.unserved));
    shown.mutable_base()->set_micros(of.base.micros());
    if (!of.price.has_value()) continue;
    shown.mutable_rate()->set_picos(of.price->rate.picos());
    if (of.price->per != stored::RateCard::UNIT) {
      shown.set_per(static_cast<v1::RatePer>(of.price->per));
    }
    shown.mutable_shadow_price()->set_picos(of.price->Rounded().picos());
  }
  out.set_ledger_sequence(read->sequence);
  HttpResponse response = JsonResponse(200, out);
  SetSequence(read->sequence, &response);
  return response;
}

}  // namespace purser::api
