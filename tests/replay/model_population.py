#!/usr/bin/env python3
"""Replays model_population_history.csv, eight days of a leaderboard, under a budget of models.

Who is listed is a candidate to serve; a budget of 200 ACTIVE models (--budget) says how many do. On each day
whoever is listed no more is retired; then those that are listed and do not serve come, the best average
first: into a vacancy as long as there is one, else by replacing the worst that serves, as long as
it is worse. Who goes is decided by proposals of one principal that another one approves. After each
day the ACTIVE models must be those that an independent rule names: the best 200 of the day, at
equal averages those that served the day before. At the end the journal is verified, and who was
ACTIVE after each day is read back as of then.
"""

import argparse
import csv
import hashlib
import json
import os
import sys
import urllib.error
import urllib.request

from rest import Daemon
from units import ReplayError, expect, to_decimal_text, to_millionths, to_timestamp

SKIPPED = 77
DAY_S = 86_400
CAPABILITIES = ("arc", "hellaswag", "mmlu", "truthfulqa")
BOOKS = "/v1/populations/leaderboard"
CONFIG = """\
[[tokens]]
name = "{name}"
sha256 = "{hash}"
scopes = [{scopes}]

"""
PRINCIPALS = {
    "owner": ("admin", "ledger:read", "models:write", "proposals:write"),
    "second": ("ledger:read", "proposals:approve"),
}


def write_config(path):
    with open(path, "w", encoding="utf-8") as file:
        for name, scopes in PRINCIPALS.items():
            digest = hashlib.sha256(name.encode()).hexdigest()
            listed = ", ".join(f'"{scope}"' for scope in scopes)
            file.write(CONFIG.format(name=name, hash=digest, scopes=listed))


def read_days(path):
    """[(date, {model: row})] in order; of a name that is listed twice the first counts."""
    days = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            days.setdefault(row["snapshot_date"], {}).setdefault(row["model"], row)
    return sorted(days.items())


def id_of(model):
    """Names have characters that ids have not."""
    clean = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in model)[:100]
    return f"m{clean}-{hashlib.sha256(model.encode()).hexdigest()[:8]}"


def average_of(row):
    return to_millionths(row["average"])


class Client:
    """Calls as one principal or another; any other status than those expected is an error."""

    def __init__(self, url):
        self._url = url
        self.calls = 0

    def call(self, who, method, path, body=None, statuses=(200,)):
        self.calls += 1
        request = urllib.request.Request(self._url + path, method=method)
        request.add_header("Authorization", f"Bearer {who}")
        request.add_header("Content-Type", "application/json")
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, 60) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        expect(status in statuses, method, path, body, "answered", status, text)
        return status, json.loads(text)


class Leaderboard:
    """The population, and who the replay thinks is ACTIVE: by model, with the average."""

    def __init__(self, client, budget):
        self._client = client
        self._budget = budget
        self.registered = set()
        self.active = {}
        self.counts = {"registered": 0, "vacancy": 0, "replaced": 0, "retired": 0, "full": 0}
        self._proposals = 0

    def make(self):
        resources = [
            {"name": "active_models", "unit": "model", "kind": "CAPACITY", "amount": str(self._budget),
             "reserve_amount": "0"},
            {"name": "archive_storage", "unit": "TB", "kind": "CAPACITY", "amount": "1000",
             "reserve_amount": "0"},
        ]
        self._client.call("owner", "POST", "/v1/populations",
                          {"name": "leaderboard", "resources": resources}, (201,))

    def advance(self, second):
        self._client.call("owner", "POST", "/v1/test/clock:advance", {"to": to_timestamp(second)})

    def register(self, model, row):
        if model in self.registered:
            return
        quality = {name: row[name] for name in CAPABILITIES if to_millionths(row[name]) > 0}
        body = {"id": id_of(model), "operator_family": "open", "capabilities": list(CAPABILITIES),
                "quality": quality, "footprint": {"archive_storage": "0.1"},
                "monthly_costs": {"inference": "10"}}
        self._client.call("owner", "POST", f"{BOOKS}/models", body, (201,))
        self.registered.add(model)
        self.counts["registered"] += 1

    def _decide(self, kind, model, result=None):
        """One proposes, the other approves and executes."""
        self._proposals += 1
        name = f"p{self._proposals}"
        body = {"id": name, "kind": kind, "models": [id_of(model)]}
        if result is not None:
            body["result_model"] = id_of(result)
        self._client.call("owner", "POST", f"{BOOKS}/proposals", body, (201,))
        self._client.call("owner", "POST", f"{BOOKS}/proposals/{name}:approve", {}, (403,))
        self._client.call("second", "POST", f"{BOOKS}/proposals/{name}:approve", {})
        self._client.call("second", "POST", f"{BOOKS}/proposals/{name}:execute", {})

    def retire(self, model):
        self._decide("RETIRE", model)
        del self.active[model]
        self.counts["retired"] += 1

    def enter(self, model, average):
        """False: the worst that serves is as good."""
        if len(self.active) < self._budget:
            self._client.call("owner", "POST", f"{BOOKS}/models/{id_of(model)}:activate",
                              {"vacancy": {}})
            self.active[model] = average
            self.counts["vacancy"] += 1
            return True
        worst = max(self.active, key=lambda name: (-self.active[name], name))
        if self.active[worst] >= average:
            return False
        if self.counts["full"] == 0:
            status, problem = self._client.call(
                "owner", "POST", f"{BOOKS}/models/{id_of(model)}:activate", {"vacancy": {}}, (409,))
            expect(problem["code"] == "population_full", status, problem)
            self.counts["full"] += 1
        self._decide("REPLACE", worst, model)
        del self.active[worst]
        self.active[model] = average
        self.counts["replaced"] += 1
        return True

    def read_active(self, query=""):
        return self._client.call("owner", "GET", f"{BOOKS}/population{query}")[1]["active_models"]

    def sequence(self):
        return self._client.call("owner", "GET", BOOKS)[1]["ledger_sequence"]


def best_of(listed, before, budget):
    """The independent rule: the best of the day, at equal averages those that served before."""
    ranked = sorted(listed, key=lambda name: (-average_of(listed[name]), name not in before, name))
    return ranked[:budget]


def replay(client, days, budget):
    board = Leaderboard(client, budget)
    board.make()
    past = []
    for number, (date, listed) in enumerate(days):
        # A fortnight apart, so that no rollback window is open any more.
        board.advance(number * 14 * DAY_S)
        before = set(board.active)
        for model in sorted(before - listed.keys()):
            board.retire(model)
        for model in board.active:
            board.active[model] = average_of(listed[model])
        coming = [model for model in listed if model not in board.active]
        coming.sort(key=lambda name: (-average_of(listed[name]), name))
        for model in coming:
            board.register(model, listed[model])
        for model in coming:
            if not board.enter(model, average_of(listed[model])):
                break
        active = sorted(board.read_active())
        averages = sorted(average_of(listed[name]) for name in best_of(listed, before, budget))
        expect(active == sorted(map(id_of, board.active)), date, "the ACTIVE models are others")
        expect(averages == sorted(board.active.values()), date, "they are not the best of the day")
        stayed = {name for name in best_of(listed, before, budget) if name in before}
        expect(stayed <= board.active.keys(), date, "one left that was as good")
        past.append((board.sequence(), active))
        print(f"{date}: {len(listed)} listed, {len(active)} ACTIVE, "
              f"{len(set(active) - set(map(id_of, before)))} entered, "
              f"{len(before - board.active.keys())} left; the worst has "
              f"{to_decimal_text(min(board.active.values()))}")
    for sequence, active in past:
        expect(sorted(board.read_active(f"?as_of={sequence}")) == active,
               "as of", sequence, "others were ACTIVE")
    print(", ".join(f"{count} {what}" for what, count in board.counts.items()),
          f"in {client.calls} calls")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--purserd", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--budget", type=int, default=200)
    arguments = parser.parse_args()
    if not os.access(arguments.data, os.R_OK):
        print(f"replay skipped: there is no {arguments.data}")
        return SKIPPED
    config = os.path.join(arguments.out, "purserd.toml")
    write_config(config)
    daemon = Daemon(arguments.purserd, os.path.join(arguments.out, "data"),
                    os.path.join(arguments.out, "purserd.log"), ["--config", config])
    try:
        replay(Client(daemon.url), read_days(arguments.data), arguments.budget)
        daemon.stop()
        print(daemon.verify().strip().splitlines()[-1])
    except ReplayError as error:
        print(f"replay of models failed: {error}", file=sys.stderr)
        return 1
    finally:
        daemon.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
