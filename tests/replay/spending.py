"""What the replays of money share: charges in batches, reports of costs, results, the program.

A replay posts charges without a reservation into one population and checks every answer. Written
into --out: lines.csv (a row for each charge), costs.csv (each group of each report), summary.txt,
and the daemon's log.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from replay import write_lines
from rest import Connection, Daemon
from units import ReplayError, expect, to_millionths, to_timestamp

OPERATIONS_MAX = 8192  # of a batch


class Books:
    """One population over one connection."""

    def __init__(self, connection, name):
        self.connection, self.path = connection, f"/v1/populations/{name}"
        self.operations = 0
        self._now = None

    def advance(self, second):
        """Moves the test clock to that second, if it is not there yet."""
        to = to_timestamp(second)
        if to == self._now:
            return
        clock = self.connection.post("/v1/test/clock:advance", {"to": to}, 200)
        expect(clock.get("now") == to, "the clock answered", clock, "instead of", to)
        self._now = to

    def post_charges(self, charges):
        """Posts bodies of charges in batches; their answers, in order."""
        answers = []
        for i in range(0, len(charges), OPERATIONS_MAX):
            part = charges[i:i + OPERATIONS_MAX]
            body = {"operations": [{"post_charge": charge} for charge in part]}
            results = self.connection.post(f"{self.path}/reservations:batch", body, 200)["results"]
            expect(len(results) == len(part), "a batch of", len(part), "has", len(results))
            for charge, result in zip(part, results):
                expect("charge" in result, charge, "was answered", result)
                answer = result["charge"]
                expect(all(answer[field] == value for field, value in charge.items())
                       and set(answer["costs"]) == set(charge["amounts"]),
                       charge, "was answered", answer)
                answers.append(answer)
            self.operations += len(part)
        return answers

    def costs(self, group_by, query=""):
        """[(values, cost in millionths)] of a report in whose groups nothing is missing, and its
        total. It must be the sum of its groups."""
        keys = group_by.split(",") if group_by else []
        query = [f"group_by={group_by}"] * bool(keys) + [query] * bool(query)
        path = f"{self.path}/costs" + ("?" if query else "") + "&".join(query)
        report = self.connection.get(path)
        expect(report["group_by"] == keys, path, "was answered", report)
        groups = []
        for group in report["groups"]:
            expect(group["missing"] == [] and group["unpriced"] == {}
                   and set(group["by"]) == set(keys), path, "has the group", group)
            groups.append((tuple(group["by"][key] for key in keys), to_millionths(group["cost"])))
        total = to_millionths(report["total"])
        expect(total == sum(cost for _, cost in groups) and report["unattributed"] == "0"
               and report["unpriced"] == {}, path, "does not add up:", report)
        return groups, total


def write_results(out, lines, costs, summary):
    """The three files; `costs` are sorted here. Prints the summary."""
    lines_sum = write_lines(out / "lines.csv", lines)
    costs_sum = write_lines(out / "costs.csv", sorted(costs))
    summary = [*summary, f"lines.csv sha256: {lines_sum}", f"costs.csv sha256: {costs_sum}"]
    write_lines(out / "summary.txt", summary)
    print("\n".join(summary))


def drive(url, replay, options):
    connection = Connection(url)
    begin_ns = time.monotonic_ns()
    operations = replay(connection, options)
    elapsed_ms = max(1, (time.monotonic_ns() - begin_ns) // 1_000_000)
    print(f"{operations} charges in {connection.requests} HTTP requests and {elapsed_ms} ms",
          flush=True)


def run_program(description, replay, add_options=lambda parser: None, start=0):
    """The whole program; its exit code. `replay(connection, options)` does it and returns the
    number of charges. `start` is the second at which the daemon's clock begins."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", required=True, help="what is charged")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder of the results")
    parser.add_argument("--limit", type=int, help="only the first so many rows")
    parser.add_argument("--purserd", required=True, help="the daemon to start, stop and verify")
    add_options(parser)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    data_dir = tempfile.mkdtemp(prefix="purser-replay-")
    daemon = None
    try:
        daemon = Daemon(options.purserd, data_dir, options.out / "purserd.log", start=start)
        drive(daemon.url, replay, options)
        daemon.stop()
        print("verify:", daemon.verify().strip())
    except (ReplayError, OSError, subprocess.TimeoutExpired, ValueError, ArithmeticError,
            LookupError) as error:
        print(f"replay: {type(error).__name__}: {error}", file=sys.stderr)
        print(f"the data directory is left in {data_dir}", file=sys.stderr)
        return 1
    finally:
        if daemon is not None:
            daemon.kill()
    shutil.rmtree(data_dir)
    return 0
