// GET routes below a population.
#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "api/answer_fields.h"
#include "api/decode.h"
#include "api/problems.h"
#include "api/render.h"
#include "api/render_denial.h"
#include "api/render_guardrail.h"
#include "api/render_limit.h"
#include "api/render_rate_card.h"
#include "api/service.h"
#include "ledger/text.h"
#include "reservations/reservation_book.h"

namespace purser::api {

HttpResponse Service::Read(const HttpRequest& request, const RequestContext& context) {
  if (context.route->action == Action::kListPopulations) return ListPopulations(context);
  auto view = controller_->Read(context.population());
  if (!view.ok()) return Problem(context, view.status());
  if (auto money = ReadMoney(request, context, *view)) return *std::move(money);
  switch (context.route->action) {
    case Action::kGetPopulation:
      return GetPopulation(context, *view);
    case Action::kListResources:
    case Action::kGetResource:
      return ReadResources(context, *view);
    case Action::kListFreezes:
    case Action::kGetFreeze:
      return ReadFreezes(context, *view);
    case Action::kListLimits:
    case Action::kGetLimit:
      return ReadLimits(context, *view);
    case Action::kListRateCards:
    case Action::kGetRateCard:
      return ReadRateCards(context, *view);
    case Action::kListGuardrails:
    case Action::kGetGuardrail:
      return ReadGuardrails(context, *view);
    case Action::kListBudgets:
    case Action::kGetBudget:
      return ReadBudgets(context, *view);
    case Action::kListModels:
      return ListModels(context, *view);
    case Action::kGetModel:
      return ReadModel(context, *view);
    case Action::kReadModels:
      return ReadModelsState(context, *view);
    case Action::kListApprovals:
      return ListApprovals(context, *view);
    case Action::kGetProposal:
      return ReadProposal(context, *view);
    case Action::kListProposals:
      return ListProposals(context, *view);
    case Action::kListProposers:
      return ListProposers(context, *view);
    case Action::kListDebts:
      return ListDebts(context, *view);
    case Action::kReadQueue:
      return ReadQueue(context, *view);
    case Action::kReadCalendar:
      return ReadCalendar(context, *view);
    case Action::kListReservations:
      return ListReservations(context, *view);
    case Action::kGetReservation:
      if (context.query.count("wait") + context.query.count("generation") > 0) {
        return AwaitReservation(request, context, *view);
      }
      return GetReservation(context, *view);
    case Action::kWatch:
      return StartWatch(request, context, *view);
    case Action::kListCharges:
    case Action::kGetCharge:
      return ReadCharges(context, *view);
    case Action::kReviewModels:
      return ReviewModels(request, context, *view);
    case Action::kSelectModels:
      return SelectModels(request, context, *view);
    case Action::kExplain:
      return ExplainReservation(request, context, *view);
    case Action::kVerify:
      return VerifyJournal(request, context, *view);
    default:
      return ReadJournal(context, *view);
  }
}

HttpResponse Service::ListPopulations(const RequestContext& context) {
  auto page = ReadNamePage(context);
  if (!page.ok()) return Problem(context, page.status());
  auto views = controller_->ReadAll();
  if (!views.ok()) return Problem(context, views.status());
  std::map<std::string, View> visible;
  for (const View& view : *views) {
    if (context.principal->Sees(view->name)) visible[view->name] = view;
  }
  v1::PopulationList list;
  const std::string next = PageOfMap(visible, *page, [&](const View& view) {
    v1::Population& population = *list.add_populations();
    population = RenderPopulation(*view->settings, view->sequence, {});
    for (const auto& [name, resource] : view->resources) {
      *population.add_resources() = RenderResource(*resource);
    }
    population.set_open_reservations(view->open_reservations);
  });
  list.set_next_page_token(CloseToken(next));
  return JsonResponse(200, list);
}

HttpResponse Service::GetPopulation(const RequestContext&, const View& view) {
  v1::Population population = RenderPopulation(*view->settings, view->sequence, {});
  for (const auto& [name, resource] : view->resources) {
    *population.add_resources() = RenderResource(*resource);
  }
  population.set_open_reservations(view->open_reservations);
  HttpResponse response = JsonResponse(200, population);
  SetTag(population.generation(), &response);
  SetSequence(view->sequence, &response);
  return response;
}

HttpResponse Service::ReadResources(const RequestContext& context, const View& view) {
  auto as_of = ReadAsOf(context);
  if (!as_of.ok()) return Problem(context, as_of.status());
  auto page = ReadNamePage(context);
  if (!page.ok()) return Problem(context, page.status());
  auto read = controller_->ReadResources(view, *as_of);
  if (!read.ok()) return Problem(context, read.status());
  std::map<std::string, const Resource*> by_name;
  for (const Resource& resource : read->resources) by_name[resource.name()] = &resource;
  HttpResponse response;
  if (context.route->action == Action::kGetResource) {
    const auto it = by_name.find(context.id());
    if (it == by_name.end()) return Problem(context, NotFound("resource", context.id()));
    v1::Resource resource = RenderResource(*it->second);
    if (!as_of->given()) {
      for (const auto& [id, freeze] : *view->freezes) {
        if (freeze.has_resource() && freeze.resource() == it->second->number) {
          resource.set_frozen(true);
        }
      }
    }
    response = JsonResponse(200, resource);
    SetTag(resource.generation(), &response);
  } else {
    v1::ResourceList list;
    const std::string next = PageOfMap(by_name, *page, [&](const Resource* resource) {
      *list.add_resources() = RenderResource(*resource);
    });
    list.set_next_page_token(CloseToken(next));
    response = JsonResponse(200, list);
  }
  SetSequence(read->sequence, &response);
  return response;
}

HttpResponse Service::ReadFreezes(const RequestContext& context, const View& view) {
  const ResourceIdentities identify = view->directory->function();
  HttpResponse response;
  if (context.route->action == Action::kGetFreeze) {
    const auto it = view->freezes->find(context.id());
    if (it == view->freezes->end()) return Problem(context, NotFound("freeze", context.id()));
    response = JsonResponse(200, RenderFreeze(it->second, identify));
  } else {
    auto page = ReadNamePage(context);
    if (!page.ok()) return Problem(context, page.status());
    v1::FreezeList list;
    const std::string next = PageOfMap(*view->freezes, *page, [&](const stored::Freeze& freeze) {
      *list.add_freezes() = RenderFreeze(freeze, identify);
    });
    list.set_next_page_token(CloseToken(next));
    response = JsonResponse(200, list);
  }
  SetSequence(view->sequence, &response);
  return response;
}

HttpResponse Service::ReadLimits(const RequestContext& context, const View& view) {
  HttpResponse response;
  const InstantUs now_us = controller_->NowUs();
  const auto render = [&](const stored::Limit& limit) {
    v1::Limit out = RenderLimit(limit);
    AddUsed(*view, limit, now_us, &out);
    return out;
  };
  if (context.route->action == Action::kGetLimit) {
    const stored::Limit* limit = view->limits->Find(context.id());
    if (limit == nullptr) return Problem(context, NotFound("limit", context.id()));
    response = JsonResponse(200, render(*limit));
    SetTag(limit->generation(), &response);
  } else {
    auto page = ReadNamePage(context);
    if (!page.ok()) return Problem(context, page.status());
    v1::LimitList list;
    const std::string next = PageOfMap(view->limits->all(), *page, [&](const stored::Limit& limit) {
      *list.add_limits() = render(limit);
    });
    list.set_next_page_token(CloseToken(next));
    response = JsonResponse(200, list);
  }
  SetSequence(view->sequence, &response);
  return response;
}

HttpResponse Service::ReadRateCards(const RequestContext& context, const View& view) {
  HttpResponse response;
  if (context.route->action == Action::kGetRateCard) {
    const RateCard card = view->rates->Find(context.id());
    if (card == nullptr) return Problem(context, NotFound("rate card", context.id()));
    response = JsonResponse(200, RenderRateCard(*card));
    SetTag(card->generation(), &response);
  } else {
    auto page = ReadNamePage(context);
    if (!page.ok()) return Problem(context, page.status());
    v1::RateCardList list;
    const std::string next = PageOfMap(view->rates->all(), *page, [&](const RateCard& card) {
      *list.add_rate_cards() = RenderRateCard(*card);
    });
    list.set_next_page_token(CloseToken(next));
    response = JsonResponse(200, list);
  }
  SetSequence(view->sequence, &response);
  return response;
}

HttpResponse Service::ReadGuardrails(const RequestContext& context, const View& view) {
  HttpResponse response;
  const auto render = [&view](const stored::GuardrailRecord& record) {
    const stored::Freeze* tripped = nullptr;
    for (const auto& [id, freeze] : *view->freezes) {
      if (freeze.guardrail() == record.guardrail().id()) tripped = &freeze;
    }
    return RenderGuardrail(record, tripped);
  };
  if (context.route->action == Action::kGetGuardrail) {
    const auto it = view->guardrails->find(context.id());
    if (it == view->guardrails->end()) {
      return Problem(context, NotFound("guardrail", context.id()));
    }
    response = JsonResponse(200, render(it->second));
    SetTag(it->second.guardrail().generation(), &response);
  } else {
    auto page = ReadNamePage(context);
    if (!page.ok()) return Problem(context, page.status());
    v1::GuardrailList list;
    const std::string next = PageOfMap(
        *view->guardrails, *page,
        [&](const stored::GuardrailRecord& record) { *list.add_guardrails() = render(record); });
    list.set_next_page_token(CloseToken(next));
    response = JsonResponse(200, list);
  }
  SetSequence(view->sequence, &response);
  return response;
}

HttpResponse Service::ListDebts(const RequestContext& context, const View& view) {
  auto page = ReadPage(context);
  if (!page.ok()) return Problem(context, page.status());
  auto debts = controller_->ListDebts(view, *page);
  if (!debts.ok()) return Problem(context, debts.status());
  v1::DebtList list;
  for (const stored::Debt& debt : debts->items) {
    *list.add_debts() = RenderDebt(debt, view->directory->function());
  }
  list.set_next_page_token(debts->next_token);
  HttpResponse response = JsonResponse(200, list);
  SetSequence(debts->sequence, &response);
  return response;
}

HttpResponse Service::ListReservations(const RequestContext& context, const View& view) {
  auto page = ReadPage(context);
  if (!page.ok()) return Problem(context, page.status());
  ReservationFilter filter;
  filter.operator_family = Query(context, "operator_family");
  if (const std::string state = Query(context, "state"); !state.empty()) {
    v1::ReservationState value = v1::RESERVATION_STATE_UNSPECIFIED;
    if (!v1::ReservationState_Parse(state, &value) || value == v1::RESERVATION_STATE_UNSPECIFIED) {
      return Problem(context, RefuseField(stored::INVALID_ARGUMENT, "state",
                                          "a reservation's state, such as GRANTED"));
    }
    filter.state = static_cast<stored::ReservationState>(value);
  }
  auto found = controller_->ListReservations(view, filter, *page);
  if (!found.ok()) return Problem(context, found.status());
  // The page may be a moment newer than the view, and name a resource that the view does not know.
  const View newest = controller_->Peek(view->name);
  const ResourceIdentities identify = newest->directory->function();
  HttpResponse response = WrittenResponse<v1::ReservationList>(context, 200, [&](auto* out) {
    out->List(v1::ReservationList::kReservationsFieldNumber, [&](auto* list) {
      for (const Reservation& reservation : found->items) {
        list->Add([&](auto* element) {
          WriteReservation(reservation, newest->lease_shift_us, identify, {}, element);
        });
      }
    });
    out->Text(v1::ReservationList::kNextPageTokenFieldNumber, found->next_token);
  });
  SetSequence(found->sequence, &response);
  return response;
}

HttpResponse Service::ReadQueue(const RequestContext& context, const View& view) {
  auto page = ReadPage(context);
  if (!page.ok()) return Problem(context, page.status());
  auto read = controller_->ReadQueue(view, *page);
  if (!read.ok()) return Problem(context, read.status());
  const View& newest = read->view;
  const ResourceIdentities identify = newest->directory->function();
  HttpResponse response = WrittenResponse<v1::QueueList>(context, 200, [&](auto* out) {
    out->List(v1::QueueList::kReservationsFieldNumber, [&](auto* list) {
      for (const Waiting& each : read->waiting) {
        AnswerMarks marks;
        marks.waits = &each.explained;
        list->Add([&](auto* element) {
          WriteReservation(*each.reservation, newest->lease_shift_us, identify, marks, element);
        });
      }
    });
    out->Text(v1::QueueList::kNextPageTokenFieldNumber, read->next_token);
    out->Uint64(v1::QueueList::kLengthFieldNumber, read->length);
  });
  SetSequence(read->sequence, &response);
  return response;
}

HttpResponse Service::GetReservation(const RequestContext& context, const View& view) {
  auto as_of = ReadAsOf(context);
  if (!as_of.ok()) return Problem(context, as_of.status());
  auto read = controller_->FindReservation(view, context.id(), *as_of);
  if (!read.ok()) return Problem(context, read.status());
  return AnswerReservation(context, *read);
}

HttpResponse Service::AnswerReservation(const RequestContext& context,
                                        const ReservationRead& read) {
  if (!read.reservation.has_value()) {
    return Problem(context, NotFound("reservation", context.id()));
  }
  AnswerMarks marks;
  v1::Problem denial;
  if (read.denied.has_value()) {
    denial = MakeProblem(*read.denied, read.denied_request_id);
    marks.denial = &denial;
  }
  if (read.waits.has_value()) marks.waits = &*read.waits;
  if (read.first_told.has_value()) marks.first_told = &*read.first_told;
  HttpResponse response = WrittenResponse<v1::Reservation>(context, 200, [&](auto* out) {
    WriteReservation(*read.reservation, read.lease_shift_us, read.directory->function(), marks,
                     out);
  });
  SetTag(read.reservation->generation, &response);
  SetSequence(read.sequence, &response);
  return response;
}

HttpResponse Service::ReadCharges(const RequestContext& context, const View& view) {
  if (context.route->action == Action::kGetCharge) {
    LookUpIds ids;
    ids.charges.push_back(context.id());
    auto found = controller_->LookUp(*view, ids);
    if (!found.ok()) return Problem(context, found.status());
    const auto charge = found->charges.begin();
    if (charge == found->charges.end() || !IsCharge(charge->second)) {
      return Problem(context, NotFound("charge", context.id()));
    }
    HttpResponse response = WrittenResponse<v1::Charge>(
        context, 200, [&](auto* out) { WriteCharge(charge->second, {}, out); });
    // The charge may be newer than the view.
    uint64_t sequence = std::max(view->sequence, charge->second.sequence());
    for (const auto& refund : charge->second.refunds()) {
      sequence = std::max(sequence, refund.sequence());
    }
    SetSequence(sequence, &response);
    return response;
  }
  auto page = ReadPage(context);
  if (!page.ok()) return Problem(context, page.status());
  auto charges =
      controller_->ListCharges(view, Posted::kCharge, Query(context, "reservation"), *page);
  if (!charges.ok()) return Problem(context, charges.status());
  HttpResponse response = WrittenResponse<v1::ChargeList>(context, 200, [&](auto* out) {
    out->List(v1::ChargeList::kChargesFieldNumber, [&](auto* list) {
      for (const stored::ChargeRecord& charge : charges->items) {
        list->Add([&](auto* element) { WriteCharge(charge, {}, element); });
      }
    });
    out->Text(v1::ChargeList::kNextPageTokenFieldNumber, charges->next_token);
  });
  SetSequence(charges->sequence, &response);
  return response;
}

HttpResponse Service::ReadJournal(const RequestContext& context, const View& view) {
  HttpResponse response;
  const auto render = [&](const StoredEntry& entry) {
    return RenderEntry(entry, controller_->Peek(view->name)->directory->function());
  };
  if (context.route->action == Action::kGetEntry) {
    uint64_t sequence = 0;
    const std::string& text = context.id();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), sequence);
    const bool number = error == std::errc() && end == text.data() + text.size() && sequence > 0;
    absl::StatusOr<std::optional<StoredEntry>> entry = std::optional<StoredEntry>();
    if (number) entry = controller_->FindEntry(view, sequence);
    if (!entry.ok()) return Problem(context, entry.status());
    if (!entry->has_value()) return Problem(context, NotFound("entry", text));
    response = JsonResponse(200, render(**entry));
    SetSequence(std::max(view->sequence, sequence), &response);
    return response;
  }
  auto page = ReadPage(context);
  if (!page.ok()) return Problem(context, page.status());
  auto entries = controller_->ListEntries(view, *page);
  if (!entries.ok()) return Problem(context, entries.status());
  v1::JournalEntryList list;
  for (const StoredEntry& entry : entries->items) *list.add_entries() = render(entry);
  list.set_next_page_token(entries->next_token);
  response = JsonResponse(200, list);
  SetSequence(entries->sequence, &response);
  return response;
}

HttpResponse Service::ExplainReservation(const HttpRequest& request, const RequestContext& context,
                                         const View& view) {
  v1::ReservationRequest body;
  Faults faults;
  if (auto status = ParseBody(request, &body, &faults); !status.ok()) {
    return Problem(context, status);
  }
  RequestReservation wanted = DecodeRequest(body, "", &faults);
  if (!faults.empty()) return Problem(context, faults.ToStatus());
  // As where it is sent: it passes whom it does not delay.
  if (view->queue_length > 0) wanted.passing.sequence = view->sequence;
  ReturnSchedule::Steps steps{kOutlookStepsMax};
  const auto explained = controller_->Explain(view, wanted, context.principal->name, &steps);
  if (!explained.ok()) return Problem(context, explained.status());
  HttpResponse response = JsonResponse(200, RenderExplanation(*explained));
  SetSequence(explained->explanation.sequence(), &response);
  return response;
}

HttpResponse Service::VerifyJournal(const HttpRequest& request, const RequestContext& context,
                                    const View& view) {
  v1::VerifyRequest body;
  Faults faults;
  if (auto status = ParseBody(request, &body, &faults); !status.ok()) {
    return Problem(context, status);
  }
  auto result = controller_->Verify(view);
  if (!result.ok()) return Problem(context, result.status());
  v1::VerifyReport report;
  report.set_ok(result->ok);
  report.set_entries(result->entries);
  report.set_last_hash(result->last_hash_hex);
  report.set_state_digest(result->state_digest_hex);
  if (result->first_bad_sequence) report.set_first_bad_sequence(*result->first_bad_sequence);
  report.set_detail(result->detail);
  return JsonResponse(200, report);
}

}  // namespace purser::api
