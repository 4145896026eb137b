#!/usr/bin/env python3
"""Replays llm_requests.csv: what its requests would have cost with each of eight models.

Each model has two consumables, its input tokens and its output tokens, and a rate card with the
list prices of llm_prices.csv, which must be exact in USD a token. Each request is a charge for
each model, with the labels `model`, `capability` (the service) and `operator_family` (the
provider), posted at the end of its minute. Cost lines are then those of the design: one for each
request and resource, rounded to the millionth by itself.

lines.csv has what the daemon answered of each line, costs.csv what its reports say, also as of an
entry in the middle and as of the end of a minute. summary.txt has for each model what was charged
and what the same tokens cost before any rounding: the daemon's balances times its rate cards.
"""

import collections
import csv
import re
import sys

from spending import Books, run_program, write_results
from units import MILLIONTHS, expect, to_decimal_text, to_millionths, to_timestamp

# Why these: GPT-4o and Claude 3 Haiku are what many requests were sent to; 15 and 75 USD leave
# nothing to round; a token of GPT-5 nano, Gemini 1.5 Flash and DeepSeek is a fraction of a
# millionth; Gemini 1.5 Pro (preview) needs all 12 digits of a rate, Llama 3.3 of Databricks 11.
MODELS = (
    "gpt-4o",
    "gpt-5-nano",
    "claude-opus-4-1",
    "claude-3-haiku-20240307",
    "gemini-1.5-flash",
    "gemini-1.5-pro-preview-0514",
    "databricks/databricks-meta-llama-3-3-70b-instruct",
    "deepseek/deepseek-chat",
)
AMOUNT = "1000000000000"  # tokens of each resource: more than any trace has
PICOS = 1_000_000_000_000
REPORTS = ("model", "capability", "operator_family", "category", "resource", "capability,model")

Request = collections.namedtuple("Request", "index minute service input output")
Model = collections.namedtuple("Model", "name provider input output rates")


def read_picos(usd_per_mtok):
    """USD a million tokens as 10^-12 USD a token."""
    whole, _, fraction = usd_per_mtok.partition(".")
    expect(len(fraction) <= 6, usd_per_mtok, "USD a million tokens are no whole pico-USD a token")
    return int(whole + fraction.ljust(6, "0"))


def to_usd_text(picos):
    """With all 12 digits."""
    whole, fraction = divmod(abs(picos), PICOS)
    return f"{'-' if picos < 0 else ''}{whole}.{fraction:012}"


def read_models(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = {row["model"]: row for row in csv.DictReader(file)}
    models = []
    for name in MODELS:
        row = rows[name]
        stem = re.sub("[^a-z0-9]", "_", name)
        resources = f"{stem}_input_tokens", f"{stem}_output_tokens"
        picos = (read_picos(row[key]) for key in ("input_usd_per_mtok", "output_usd_per_mtok"))
        models.append(Model(name, row["provider"], *resources, dict(zip(resources, picos))))
    return models


def read_requests(path, limit):
    requests = []
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if limit is not None and len(requests) == limit:
                break
            requests.append(Request(len(requests) + 1, int(row["t_us"]) // 60_000_000,
                                    row["service"], int(row["input_tokens"]),
                                    int(row["output_tokens"])))
    return requests


def populate(books, models):
    books.advance(0)
    books.connection.post("/v1/populations", {
        "name": "llm",
        "required_labels": ["capability", "model", "operator_family"],
        "resources": [{"name": name, "unit": "token", "kind": "CONSUMABLE", "period": "NONE",
                       "amount": AMOUNT, "reserve_percent": "0"}
                      for model in models for name in model.rates],
    }, 201)
    for model in models:
        card = card_of(model)
        books.connection.post(f"{books.path}/rate-cards", card, 201)
    # A thirteenth digit is refused, not rounded.
    finer = {"id": "finer", "rates": {models[0].input: {"rate": "0.0000000046875"}}}
    problem = books.connection.post(f"{books.path}/rate-cards", finer, 400)
    expect(problem["fields"][0]["path"] == f"rates.{models[0].input}.rate", problem)


def card_of(model):
    return {"id": f"list-{model.input.removesuffix('_input_tokens')}",
            "rates": {name: {"rate": to_usd_text(picos)} for name, picos in model.rates.items()}}


def charge_of(request, number, model):
    """A resource of which nothing was used is left out: a charge of nothing is refused."""
    amounts = {model.input: request.input, model.output: request.output}
    return {"id": f"r{request.index}-{number}",
            "amounts": {name: str(tokens) for name, tokens in amounts.items() if tokens > 0},
            "labels": {"capability": request.service, "model": model.name,
                       "operator_family": model.provider}}


def post_all(books, models, requests):
    """Minute by minute; [(request, model, answer)] in the order of the trace."""
    minutes = collections.defaultdict(list)
    for request in requests:
        minutes[request.minute].append(request)
    posted = []
    for minute in sorted(minutes):
        books.advance(60 * (minute + 1))
        lines = [(request, model, charge_of(request, number, model))
                 for request in minutes[minute] for number, model in enumerate(models, 1)]
        answers = books.post_charges([charge for _, _, charge in lines])
        posted += [(request, model, answer)
                   for (request, model, _), answer in zip(lines, answers)]
    return posted


def check_answers(posted):
    sequence = None
    for request, model, answer in posted:
        rates = {name: to_millionths_of_millionths(text) for name, text in answer["rates"].items()}
        expect(all(model.rates[name] == picos for name, picos in rates.items())
               and set(rates) == set(answer["amounts"])
               and set(answer["cost_categories"].values()) == {"inference"}, request, answer)
        own = int(answer["ledger_sequence"])
        expect(sequence is None or own == sequence + 1, answer["id"], "is not the next entry")
        sequence = own


def to_millionths_of_millionths(text):
    whole, _, fraction = text.partition(".")
    expect(len(fraction) <= 12, "a rate of more than 12 digits:", text)
    return int(whole + fraction.ljust(12, "0"))


def as_of_rows(books, posted, requests):
    """By model as of the charge in the middle, and as of the end of the middle request's minute."""
    sequence = posted[len(posted) // 2 - 1][2]["ledger_sequence"]
    minute = requests[(len(requests) + 1) // 2 - 1].minute
    for name, moment in (("entry", sequence), ("minute", to_timestamp(60 * (minute + 1)))):
        groups, total = books.costs("model", f"as_of={moment}")
        yield f"total as of the middle {name},,{to_decimal_text(total)}"
        for values, cost in groups:
            yield f"model as of the middle {name},{values[0]},{to_decimal_text(cost)}"


def unrounded(books, model):
    """The daemon's balances times its rate cards."""
    card = books.connection.get(f"{books.path}/rate-cards/{card_of(model)['id']}")
    picos = 0
    for name in model.rates:
        spent = to_millionths(books.connection.get(f"{books.path}/resources/{name}")["spent"])
        expect(spent % MILLIONTHS == 0, name, "has a part of a token")
        picos += spent // MILLIONTHS * to_millionths_of_millionths(card["rates"][name]["rate"])
    return picos


def replay(connection, options):
    models = read_models(options.prices)
    requests = read_requests(options.data, options.limit)
    books = Books(connection, "llm")
    populate(books, models)
    posted = post_all(books, models, requests)
    check_answers(posted)
    costs, totals, by_model = [], set(), {}
    for group_by in REPORTS:
        groups, total = books.costs(group_by)
        totals.add(total)
        if group_by == "model":
            by_model = {values[0]: cost for values, cost in groups}
        keys = " and ".join(group_by.split(","))
        costs += [f"{keys},{' and '.join(values)},{to_decimal_text(cost)}"
                  for values, cost in groups]
    expect(totals == {books.costs("")[1]}, "the totals of the reports differ:", totals)
    costs += as_of_rows(books, posted, requests)
    summary = [f"requests: {len(requests)}", f"charges: {len(posted)}"]
    exact_total = 0
    for model in models:
        exact = unrounded(books, model)
        exact_total += exact
        summary.append(row_of(model.name, by_model[model.name], exact))
    summary.append(row_of("total", *totals, exact_total))
    lines = (",".join((str(request.index), model.name, answer["costs"].get(model.input, "0"),
                       answer["costs"].get(model.output, "0")))
             for request, model, answer in posted)
    write_results(options.out, lines, costs, summary)
    return books.operations


def row_of(name, cost, exact):
    apart = to_usd_text(cost * MILLIONTHS - exact)
    return f"{name}: charged {to_decimal_text(cost)} unrounded {to_usd_text(exact)} apart {apart}"


if __name__ == "__main__":
    sys.exit(run_program(__doc__.splitlines()[0], replay, lambda parser: parser.add_argument(
        "--prices", required=True, help="list prices of models")))
