"""What is large in a month, over REST: a budget made while much is held, a statement of as many lines as it may have.

  python3 tests/benchmarks/large_month.py BIN_DIR [HELD]

Starts a daemon on books of its own. Tells, with HELD (200,000) reservations open, how long a budget of half of them takes to
be made, and how long at most another client waits for a single hold, before and meanwhile; then how long the statement
takes, and what memory the daemon takes for it. Fails where the budget does not hold half of what is held.
"""
import http.client
import json
import sys
import threading
import time

from reports_over_rest import BOOKS, micros, read, with_daemon

LINES = 99_900  # with what is kept in reserve no more than 100,000
BATCH = 8000


def post(connection, path, body, expected):
    connection.request("POST", BOOKS + path, json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != expected or b'"problem"' in text:
        sys.exit(f"{path} was answered {answer.status}: {text[:300]}")
    return text


def post_batches(connection, count, make):
    for first in range(0, count, BATCH):
        operations = [make(i) for i in range(first, min(first + BATCH, count))]
        post(connection, "/reservations:batch", {"operations": operations}, 200)


def labels(family):
    return {"operator_family": family, "capability": "ocr"}


def hold(i, family, usd):
    return {"id": i, "purpose": "TRAINING", "amounts": {"api_calls": usd}, "labels": labels(family), "lease": "86400s"}


# The most that was ever resident, in MiB.
def peak(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))


def measure_statement(port, pid, connection):
    post_batches(connection, LINES, lambda i: {
        "post_charge": {"id": f"c{i}", "amounts": {"inference_cost": "0.01"}, "labels": labels(f"family-{i}")}})
    month = json.loads(read(port, "/costs")[2])["period"]
    before = peak(pid)
    _, seconds, body = read(port, f"/statements/{month}")
    print(f"statement of {LINES} families: {seconds:.3f} s, {len(body)} bytes, {peak(pid) - before} MiB more than before")


class Client(threading.Thread):
    """Holds one after the other, and knows the longest that it waited."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.longest = 0
        self.count = 0
        self.stops = False

    def run(self):
        while not self.stops:
            begin = time.monotonic()
            post(self.connection, "/reservations", hold(f"s{self.count}", "other", "0.01"), 201)
            self.longest = max(self.longest, time.monotonic() - begin)
            self.count += 1

    def take_longest(self):
        longest, self.longest = self.longest, 0
        return longest * 1000


def measure_budget(port, connection, held):
    post_batches(connection, held, lambda i: {"create": hold(f"h{i}", "docs" if i % 2 == 0 else "vision", "0.01")})
    client = Client(port)
    client.start()
    time.sleep(3)
    alone = client.take_longest()
    begin = time.monotonic()
    post(connection, "/budgets", {"id": "docs", "labels": {"operator_family": "docs"}, "amount": "1000000"}, 201)
    seconds = time.monotonic() - begin
    meanwhile = client.take_longest()
    client.stops = True
    client.join()
    budget = json.loads(read(port, "/budgets/docs")[2])
    if micros(budget["held"]) != held // 2 * 10_000:
        sys.exit(f"the budget holds {budget['held']}")
    print(f"budget made while {held} are open, half of them its own: {seconds:.3f} s; a single hold beside it waited at most "
          f"{meanwhile:.1f} ms, before it {alone:.1f} ms")


def measure(port, pid):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    post(connection, "/resources", {"name": "api_calls", "unit": "USD", "kind": "CONSUMABLE", "amount": "1000000",
                                    "reserve_percent": "0"}, 201)
    measure_budget(port, connection, int(sys.argv[2]) if len(sys.argv) > 2 else 200_000)
    measure_statement(port, pid, connection)


if __name__ == "__main__":
    with_daemon(sys.argv[1], measure)
