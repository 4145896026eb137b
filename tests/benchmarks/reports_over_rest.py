"""A month of 1,000,000 charges, read over REST.

  python3 tests/benchmarks/reports_over_rest.py BIN_DIR [CHARGES]

Starts a daemon on books of its own, posts the charges in batches, and tells how long a statement, a report on two axes,
a summary and a digest take, when the first byte of the stream of lines comes and when its last; the best of three.
Fails where the lines do not add up to the statement.
"""
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time

BATCH = 8000
BOOKS = "/v1/populations/default"


def micros(text):
    whole, _, part = text.partition(".")
    return int(whole) * 10**6 + int((part + "000000")[:6])


def post(connection, first, count):
    operations = [
        {"post_charge": {"id": f"c{i}", "amounts": {"inference_cost": "0.%06d" % (1 + i % 4999)},
                         "labels": {"operator_family": f"family-{i % 50}", "capability": f"capability-{i % 20}"}}}
        for i in range(first, first + count)]
    connection.request("POST", BOOKS + "/reservations:batch", json.dumps({"operations": operations}),
                       {"Content-Type": "application/json"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200 or b'"problem"' in body:
        sys.exit(f"a batch was answered {answer.status}: {body[:300]}")


# Seconds to the first byte, seconds to the last, and the body.
def read(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    begin = time.monotonic()
    connection.request("GET", BOOKS + path)
    answer = connection.getresponse()
    body = answer.read(1)
    first = time.monotonic() - begin
    body += answer.read()
    if answer.status != 200:
        sys.exit(f"{path} was answered {answer.status}: {body[:300]}")
    return first, time.monotonic() - begin, body


# Calls measure(port, pid) with a daemon on books of its own.
def with_daemon(bin_dir, measure):
    binary = os.path.join(bin_dir, "purserd")
    with tempfile.TemporaryDirectory() as directory:
        daemon = subprocess.Popen([binary, "serve", "--quiet", "--data-dir", directory + "/books", "--listen", "127.0.0.1:0"],
                                  stdout=subprocess.PIPE, text=True)
        try:
            measure(int(daemon.stdout.readline().rsplit(":", 1)[1]), daemon.pid)
        finally:
            daemon.terminate()
            daemon.wait()


def measure(port, charges):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    begin = time.monotonic()
    for first in range(0, charges, BATCH):
        post(connection, first, min(BATCH, charges - first))
    print(f"{charges} charges posted in {time.monotonic() - begin:.1f} s")
    month = json.loads(read(port, "/summary")[2])["period"]
    for path in (f"/statements/{month}", "/costs?group_by=operator_family,capability", "/summary", "/digest",
                 f"/statements/{month}/lines"):
        runs = [read(port, path) for _ in range(3)]
        first, last = min(run[0] for run in runs), min(run[1] for run in runs)
        print(f"{path}: first byte {first * 1000:.1f} ms, last {last:.3f} s, {len(runs[0][2])} bytes")
    lines = sum(micros(json.loads(line)["cost"]) for line in runs[0][2].splitlines())
    total = json.loads(read(port, f"/statements/{month}")[2])["total"]
    if lines != micros(total):
        sys.exit(f"the lines add up to {lines} millionths, the statement says {total}")
    print(f"the lines add up to the statement's {total} USD")


def main():
    charges = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with_daemon(sys.argv[1], lambda port, _: measure(port, charges))


if __name__ == "__main__":
    main()
