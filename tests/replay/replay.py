"""What the replays of all traces share: verdicts and finals of jobs, checks, results, the program.

A replay drives one job after the other through purserd's REST interface, on a test clock whose
start is second 0 of the trace. Every answer is checked; the first that is not as expected ends it
with exit code 1. Written into --out: granted.csv (job,GRANTED|DENIED), charged.csv of the granted
(job,FINAL_STATE,charged_millionths), both in file order, summary.txt, and the daemon's log.
"""

import argparse
import collections
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from rest import Connection, Daemon
from units import LEASE, ReplayError, expect, to_decimal_text, to_millionths, to_timestamp

RESOURCE = "gpu_hours"
RESERVE_PERCENT = 25


class Replay:
    """One connection and the jobs' fates, keyed by job id. A job has `id`, `population`, `family`,
    `hold` and `charge` in millionths."""

    def __init__(self, connection, jobs, amount):
        self.connection, self.jobs, self._amount = connection, jobs, amount
        self.verdicts, self.finals = {}, {}
        self.denials = collections.Counter()
        self.operations = 0
        self._populations = []
        self._open, self.open_peak = 0, 0

    def populate(self, name):
        """A population with one resource, all of which is granted at once."""
        self.connection.post("/v1/populations", {
            "name": name,
            "resources": [{"name": RESOURCE, "unit": "h", "kind": "CONSUMABLE", "period": "NONE",
                           "amount": to_decimal_text(self._amount),
                           "reserve_percent": str(RESERVE_PERCENT)}],
        }, 201)
        self._populations.append(name)

    @staticmethod
    def path_of(job):
        return f"/v1/populations/{job.population}/reservations"

    @staticmethod
    def request_of(job):
        return {"id": job.id, "purpose": "TRAINING",
                "amounts": {RESOURCE: to_decimal_text(job.hold)},
                "labels": {"operator_family": job.family, "capability": "batch"}, "lease": LEASE}

    @staticmethod
    def charge_of(job):
        return {"id": job.id + "-c", "amounts": {RESOURCE: to_decimal_text(job.charge)}}

    def granted(self, job, answer):
        expect(answer["state"] == "GRANTED"
               and answer["granted"] == {RESOURCE: to_decimal_text(job.hold)},
               job.id, "asked for", job.hold, "millionths and was granted", answer)
        self.verdicts[job.id] = "GRANTED"
        self.operations += 1
        self._open += 1
        self.open_peak = max(self.open_peak, self._open)

    def denied(self, job, problem):
        """A denial must be one for want of hours, and its numbers must bear out its code."""
        code, shortages = problem["code"], problem.get("shortages", [])
        expect(code in ("reserve_protected", "insufficient_capacity"), job.id, "denied:", problem)
        expect([shortage["resource"] for shortage in shortages] == [RESOURCE], job.id, problem)
        numbers = {name: to_millionths(shortages[0][name]) for name in
                   ("requested", "available", "reserve", "reserve_protected", "short_by")}
        protected = min(numbers["short_by"], numbers["reserve"])
        expect(numbers["requested"] == job.hold
               and numbers["short_by"] == numbers["requested"] - numbers["available"] > 0
               and numbers["reserve_protected"] == protected
               and (code == "reserve_protected") == (protected == numbers["short_by"]),
               job.id, "was denied with numbers that contradict each other:", problem)
        self.verdicts[job.id] = "DENIED"
        self.denials[code] += 1
        self.operations += 1

    def acted(self, job, answer, state):
        expect(answer["state"] == state, job.id, "was to be", state, "and is", answer)
        self.operations += 1
        self._open -= 0 if state == "ACTIVE" else 1

    def charged(self, job, answer):
        amounts = self.charge_of(job)["amounts"]
        expect(answer["amounts"] == amounts and answer["within_hold"] == amounts,
               job.id, "was charged", job.charge, "millionths:", answer)
        self.operations += 1

    def read_back(self):
        """What the daemon's lists now say of every job is what it answered."""
        jobs = {job.id: job for job in self.jobs}
        seen = set()
        for name in self._populations:
            token = ""
            while True:
                page = self.connection.get(f"/v1/populations/{name}/reservations?page_size=1000"
                                           + (f"&page_token={token}" if token else ""))
                for answer in page["reservations"]:
                    self._read_one(jobs[answer["id"]], answer)
                    expect(answer["id"] not in seen, answer["id"], "is listed twice")
                    seen.add(answer["id"])
                token = page["next_page_token"]
                if not token:
                    break
        expect(seen >= {job for job, verdict in self.verdicts.items() if verdict == "GRANTED"},
               "jobs are missing from the lists")

    def _read_one(self, job, answer):
        if self.verdicts[job.id] == "DENIED":
            expect(answer["state"] == "DENIED", job.id, "was denied and is", answer)
            return
        self.finals[job.id] = (answer["state"], to_millionths(answer["charged"][RESOURCE]))

    def check_balances(self):
        """Nothing is held any more, the reserve is whole, and spent is the sum of the charges."""
        reserve = self._amount * RESERVE_PERCENT // 100
        for name in self._populations:
            path = f"/v1/populations/{name}/resources/{RESOURCE}"
            resource = self.connection.get(path)
            spent = sum(self.finals[job.id][1] for job in self.jobs
                        if job.population == name and job.id in self.finals)
            wanted = {"granted": self._amount, "reserve": reserve, "held": 0, "in_use": 0,
                      "spent": spent, "overdraft": 0, "available": self._amount - reserve - spent}
            found = {account: to_millionths(resource[account]) for account in wanted}
            expect(found == wanted, path, "answered", found, "instead of", wanted)


def write_lines(path, lines):
    """Writes each line with its end, returns the file's SHA-256."""
    content = "".join(line + "\n" for line in lines).encode("utf-8")
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def write_results(out, jobs, replay):
    """Both files and the summary; returns the summary's lines, which report.awk prints too."""
    granted = write_lines(out / "granted.csv",
                          (f"{job.id},{replay.verdicts[job.id]}" for job in jobs))
    finals = [(job.id, *replay.finals[job.id]) for job in jobs if job.id in replay.finals]
    charged = write_lines(out / "charged.csv",
                          (f"{job},{state},{millionths}" for job, state, millionths in finals))
    states = collections.Counter(state for _, state, _ in finals)
    denied = sum(replay.denials.values())
    summary = [
        f"jobs with GPUs: {len(jobs)}",
        f"granted: {len(jobs) - denied}",
        f"denied: {denied}",
        f"denied reserve_protected: {replay.denials['reserve_protected']}",
        f"denied insufficient_capacity: {replay.denials['insufficient_capacity']}",
        f"denied overdrawn: {replay.denials['overdrawn']}",
        f"final SETTLED: {states['SETTLED']}",
        f"final RELEASED: {states['RELEASED']}",
        f"GPU hours charged: {to_decimal_text(sum(millionths for _, _, millionths in finals))}",
        f"peak open: {replay.open_peak}",
        f"granted.csv sha256: {granted}",
        f"charged.csv sha256: {charged}",
    ]
    expect(set(states) <= {"SETTLED", "RELEASED"}, "final states:", dict(states))
    write_lines(out / "summary.txt", summary)
    return summary


def drive(url, jobs, out, make_replay):
    connection = Connection(url)
    replay = make_replay(connection, jobs)
    begin_ns = time.monotonic_ns()
    replay.run()
    elapsed_ms = max(1, (time.monotonic_ns() - begin_ns) // 1_000_000)
    replay.read_back()
    replay.check_balances()
    print("\n".join(write_results(out, jobs, replay)))
    print(f"{replay.operations} operations in {connection.requests} HTTP requests and {elapsed_ms}"
          f" ms, {replay.operations * 1000 // elapsed_ms} operations a second", flush=True)


def replay_own_daemon(purserd, jobs, out, make_replay):
    data_dir = tempfile.mkdtemp(prefix="purser-replay-")
    daemon = Daemon(purserd, data_dir, out / "purserd.log")
    try:
        drive(daemon.url, jobs, out, make_replay)
        daemon.stop()
        print("verify:", daemon.verify().strip())
    except Exception:
        print(f"the data directory is left in {data_dir}", file=sys.stderr)
        raise
    finally:
        daemon.kill()
    shutil.rmtree(data_dir)


def run_program(description, read_jobs, make_replay):
    """The whole program; its exit code. `read_jobs(path, limit)` keeps the first `limit` jobs."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", required=True, help="the trace")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder of the results")
    parser.add_argument("--limit", type=int, help="only the first so many jobs with GPUs")
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--purserd", help="the daemon to start, stop and verify")
    target.add_argument("--url", help="a daemon that runs already, empty, on a test clock from "
                        + to_timestamp(0) + "; it is neither stopped nor verified")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        jobs = read_jobs(options.data, options.limit)
        if options.url:
            drive(options.url, jobs, options.out, make_replay)
        else:
            replay_own_daemon(options.purserd, jobs, options.out, make_replay)
    except (ReplayError, OSError, subprocess.TimeoutExpired, ValueError, ArithmeticError,
            LookupError) as error:
        print(f"replay: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0
