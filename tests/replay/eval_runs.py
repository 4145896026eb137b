#!/usr/bin/env python3
"""Replays eval_runs.csv, paid runs of a coding benchmark, as what evaluation was spent on.

Each run that cost something is a charge of `inference_cost`, which is USD, in the category
`evaluation`, with the labels `benchmark` (the board), `model` and `edit_format`, posted on its day
(UTC). A run without a cost, or of cost 0, is none: a charge of nothing is refused, which is tried
once.

lines.csv has what the daemon answered of each run, costs.csv what the reports of each calendar
month say, and as of an entry in the middle; the months add up to what the resource has spent.
"""

import collections
import csv
import datetime
import sys

from spending import Books, run_program, write_results
from units import EPOCH, expect, to_decimal_text, to_millionths

RESOURCE = "inference_cost"
DAY_S = 86_400
REPORTS = ("benchmark", "model", "edit_format", "category", "resource", "benchmark,edit_format")

Run = collections.namedtuple("Run", "id day benchmark model edit_format cost")


def day_of(date):
    return (datetime.datetime.fromisoformat(date) - EPOCH).days


# The clock starts before the first run of the real file.
FIRST_DAY = day_of("2023-11-01")


def month_of(day):
    return (EPOCH + datetime.timedelta(days=day)).strftime("%Y-%m")


def read_runs(path, limit):
    """In file order, those without a cost too. An id has no colon."""
    runs = []
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if limit is not None and len(runs) == limit:
                break
            cost = to_millionths(row["total_cost_usd"] or "0")
            runs.append(Run(row["run_id"].replace(":", "_"), day_of(row["date"]), row["board"],
                            row["model"], row["edit_format"], cost))
    return runs


def charge_of(run):
    return {"id": run.id, "amounts": {RESOURCE: to_decimal_text(run.cost)},
            "category": "evaluation",
            "labels": {"benchmark": run.benchmark, "model": run.model,
                       "edit_format": run.edit_format}}


def populate(books, runs):
    books.connection.post("/v1/populations", {
        "name": "evaluation",
        "required_labels": ["benchmark", "model"],
        "resources": [{"name": RESOURCE, "unit": "USD", "kind": "CONSUMABLE", "period": "NONE",
                       "amount": "1000000", "reserve_percent": "25"}],
    }, 201)
    # Money has the rate 1, and takes no other.
    card = {"id": "dear", "rates": {RESOURCE: {"rate": "2"}}}
    problem = books.connection.post(f"{books.path}/rate-cards", card, 400)
    expect(problem["fields"][0]["path"] == f"rates.{RESOURCE}", problem)
    for run in [run for run in runs if run.cost == 0][:1]:
        problem = books.connection.post(f"{books.path}/charges", charge_of(run), 400)
        expect(problem["fields"][0]["path"] == f"amounts.{RESOURCE}", problem)


def post_all(books, runs):
    """Day by day; [(run, answer)] in file order."""
    days = collections.defaultdict(list)
    for run in runs:
        days[run.day].append(run)
    posted = []
    for day in sorted(days):
        books.advance(DAY_S * day)
        posted += zip(days[day], books.post_charges([charge_of(run) for run in days[day]]))
    expect([run for run, _ in posted] == runs, "the file is not sorted by date")
    for run, answer in posted:
        expect(answer["rates"] == {RESOURCE: "1"} and answer["costs"] == answer["amounts"]
               and answer["cost_categories"] == {RESOURCE: "evaluation"},
               run, "was answered", answer)
    return posted


def months_from(first, last):
    return sorted({month_of(day) for day in range(first, last + 1)})


def month_rows(books, month, as_of=""):
    """The rows of one month, and its total."""
    period, when = f"period={month}", " as of the middle entry" if as_of else ""
    query = f"{period}&as_of={as_of}" if as_of else period
    totals, rows = {books.costs("", query)[1]}, []
    for group_by in REPORTS:
        groups, total = books.costs(group_by, query)
        totals.add(total)
        rows += [(month + when, " and ".join(group_by.split(",")), " and ".join(values), cost)
                 for values, cost in groups]
    expect(len(totals) == 1, month, "has several totals:", totals)
    return [*rows, (month + when, "total", "", *totals)], totals.pop()


def check_balance(books, total):
    resource = books.connection.get(f"{books.path}/resources/{RESOURCE}")
    expect(to_millionths(resource["spent"]) == total and resource["reserve"] == "250000"
           and resource["overdraft"] == "0", "spent is not what the months cost:", total, resource)


def replay(connection, options):
    runs = read_runs(options.data, options.limit)
    paid = [run for run in runs if run.cost > 0]
    books = Books(connection, "evaluation")
    populate(books, runs)
    posted = post_all(books, paid)
    rows, total = [], 0
    for month in months_from(paid[0].day, paid[-1].day):
        of_month, cost = month_rows(books, month)
        rows += of_month
        total += cost
    check_balance(books, total)
    run, answer = posted[(len(posted) + 1) // 2 - 1]
    rows += month_rows(books, month_of(run.day), answer["ledger_sequence"])[0]
    overall = collections.Counter()
    for month, group_by, values, cost in rows:
        if month.count(" ") == 0 and group_by in ("benchmark", "model", "category"):
            overall[group_by, values] += cost
    rows += [("all", *key, cost) for key, cost in overall.items()]
    costs = ["|".join((*row, to_decimal_text(cost))) for *row, cost in rows]
    lines = (f"{run.id}|{month_of(run.day)}|{answer['costs'][RESOURCE]}" for run, answer in posted)
    write_results(options.out, lines, costs, [
        f"runs: {len(runs)}", f"charged: {len(posted)}", f"without a cost: {len(runs) - len(paid)}",
        f"total: {to_decimal_text(total)}"])
    return books.operations


if __name__ == "__main__":
    sys.exit(run_program(__doc__.splitlines()[0], replay, start=DAY_S * FIRST_DAY))
