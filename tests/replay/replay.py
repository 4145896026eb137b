#!/usr/bin/env python3
"""Replays gpu_jobs.csv, the jobs of a production GPU cluster, through purserd's REST interface.

The daemon runs on a test clock; second 0 of the trace is 2026-01-01T00:00:00Z. Each job with GPUs
asks at submit_s for GPU hours of its population (one for each 2,592,000 s of submit time), starts
at start_s, is charged and settled at end_s; a job that was never scheduled is released at end_s.
Every answer is checked; the first that is not as expected ends the replay with exit code 1.

Written into --out: granted.csv (job_id,GRANTED|DENIED), charged.csv of the granted
(job_id,FINAL_STATE,charged_millionths), both in file order, summary.txt, and the daemon's log.
All amounts are integers, in millionths of a GPU hour; nothing here is a binary fraction.
"""

import argparse
import collections
import csv
import datetime
import decimal
import hashlib
import http.client
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

EPOCH = datetime.datetime(2026, 1, 1)
POPULATION_SECONDS = 2_592_000
LEASE = "34560000s"  # 400 days, the longest there is: no lease of the trace ends by itself
MILLIONTHS = 1_000_000
AMOUNT_MILLIONTHS = 12_000 * MILLIONTHS
RESERVE_MILLIONTHS = 3_000 * MILLIONTHS
RESOURCE = "gpu_hours"
HTTP_TIMEOUT_S = 60
DAEMON_TIMEOUT_S = 120

# What happens within one second, in this order. A release in its submit second follows its request.
BEGINS, RETURNS, REQUESTS, STARTS = range(4)

Job = collections.namedtuple("Job", "index id submit_s start_s end_s num_gpu gpu_milli qos")
# Sorts by its first four; `subject` is the job, of "populate" the population's number.
Event = collections.namedtuple("Event", "second phase index step verb subject")


class ReplayError(Exception):
    """An answer, or the end of a process, that is not as it has to be."""


def expect(condition, *what):
    if not condition:
        raise ReplayError(" ".join(str(part) for part in what))


def to_decimal_text(millionths):
    whole, fraction = divmod(millionths, MILLIONTHS)
    return f"{whole}.{fraction:06}".rstrip("0").rstrip(".")


def to_millionths(text):
    expect(isinstance(text, str), "an amount is not a string:", repr(text))
    scaled = decimal.Decimal(text).scaleb(6)
    expect(scaled == scaled.to_integral_value(), "an amount below a millionth:", text)
    return int(scaled)


def to_timestamp(second):
    return (EPOCH + datetime.timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def population_of(job):
    return f"p{job.submit_s // POPULATION_SECONDS}"


def hold_millionths(job):
    hours = max(1, -(-(job.end_s - job.submit_s) // 3600))
    return job.num_gpu * job.gpu_milli * hours * 1000


def charge_millionths(job):
    """GPU hours between start and end, rounded up to the millionth."""
    return -(-(job.num_gpu * job.gpu_milli * (job.end_s - job.start_s) * 1000) // 3600)


def read_jobs(path, limit):
    """The jobs with GPUs in file order; `limit` keeps the first so many of them."""
    jobs = []
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if int(row["num_gpu"]) == 0:
                continue
            if limit is not None and len(jobs) == limit:
                break
            start_s = int(row["start_s"]) if row["start_s"] else None
            jobs.append(Job(len(jobs), row["job_id"], int(row["submit_s"]), start_s,
                            int(row["end_s"]), int(row["num_gpu"]), int(row["gpu_milli"]),
                            row["qos"]))
    return jobs


def events_of(job):
    """What a job does if its request is granted; of a denied one only the request happens."""
    yield Event(job.submit_s, REQUESTS, job.index, 0, "request", job)
    if job.start_s is None:
        # In its submit second it would come before its request: it follows it at once.
        same = job.end_s == job.submit_s
        yield Event(job.end_s, REQUESTS if same else RETURNS, job.index, 1, "release", job)
        return
    yield Event(job.start_s, STARTS, job.index, 0, "start", job)
    # The trace has no job that ends in its start second; one would be settled after its start.
    same = job.end_s == job.start_s
    yield Event(job.end_s, STARTS if same else RETURNS, job.index, 1, "settle", job)


def all_events(jobs):
    events = [event for job in jobs for event in events_of(job)]
    populations = 1 + max(job.submit_s // POPULATION_SECONDS for job in jobs) if jobs else 0
    events += [Event(number * POPULATION_SECONDS, BEGINS, number, 0, "populate", number)
               for number in range(populations)]
    return sorted(events)


class Connection:
    """One kept-alive HTTP connection. Counts what it sends."""

    def __init__(self, url):
        self._http = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc,
                                                timeout=HTTP_TIMEOUT_S)
        self.requests = 0

    def call(self, method, path, body, statuses):
        """Sends `body` as JSON; returns (status, decoded answer). Another status is an error."""
        content = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        self.requests += 1
        self._http.request(method, path, content, headers)
        response = self._http.getresponse()
        text = response.read().decode("utf-8")
        expect(response.status in statuses, method, path, content or "", "answered",
               response.status, text, "instead of", statuses)
        return response.status, json.loads(text, parse_float=decimal.Decimal)

    def post(self, path, body, status):
        return self.call("POST", path, body, (status,))[1]

    def get(self, path):
        return self.call("GET", path, None, (200,))[1]


class Daemon:
    """A purserd of our own on a free port and an empty data directory."""

    def __init__(self, purserd, data_dir, log_path):
        self._purserd, self._data_dir = purserd, data_dir
        command = [purserd, "serve", "--listen", "127.0.0.1:0", "--data-dir", data_dir,
                   "--test-clock", to_timestamp(0)]
        with open(log_path, "wb") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        watchdog = threading.Timer(DAEMON_TIMEOUT_S, self._process.kill)
        watchdog.start()
        try:
            self.url = self._read_url()
        finally:
            watchdog.cancel()
        # Whatever else it prints must not fill the pipe and stop it.
        threading.Thread(target=self._process.stdout.read, daemon=True).start()

    def _read_url(self):
        for line in self._process.stdout:
            if line.startswith("listening on "):
                return line.split()[2]
        raise ReplayError(f"purserd ended with {self._process.wait()} before it listened")

    def stop(self):
        """SIGTERM; a graceful stop answers what it took and exits with 0."""
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(DAEMON_TIMEOUT_S)
        expect(status == 0, "purserd ended with", status, "after SIGTERM")

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def verify(self):
        command = [self._purserd, "verify", "--data-dir", self._data_dir]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=DAEMON_TIMEOUT_S, check=False)
        expect(done.returncode == 0, "verify ended with", done.returncode, done.stdout)
        return done.stdout


class Replay:
    """Drives the jobs through one connection. `verdicts` and `finals` are keyed by job id."""

    def __init__(self, connection, jobs):
        self._connection, self._jobs = connection, jobs
        self._now = 0
        self._populations = []
        self.verdicts, self.finals = {}, {}
        self.denials = collections.Counter()
        self._open, self.open_peak = 0, 0

    def run(self):
        verbs = {"populate": self._populate, "request": self._request, "start": self._start,
                 "settle": self._settle, "release": self._release}
        for event in all_events(self._jobs):
            if isinstance(event.subject, Job) and self.verdicts.get(event.subject.id) == "DENIED":
                continue
            self._advance(event.second)
            verbs[event.verb](event.subject)
        self._read_back()
        self._check_balances()

    def _advance(self, second):
        if second == self._now:
            return
        to = to_timestamp(second)
        clock = self._connection.post("/v1/test/clock:advance", {"to": to}, 200)
        expect(clock.get("now") == to, "the clock answered", clock, "instead of", to)
        self._now = second

    def _populate(self, number):
        name = f"p{number}"
        self._connection.post("/v1/populations", {
            "name": name,
            "resources": [{"name": RESOURCE, "unit": "h", "kind": "CONSUMABLE", "period": "NONE",
                           "amount": to_decimal_text(AMOUNT_MILLIONTHS), "reserve_percent": "25"}],
        }, 201)
        self._populations.append(name)

    def _request(self, job):
        hold = to_decimal_text(hold_millionths(job))
        status, answer = self._connection.call(
            "POST", f"/v1/populations/{population_of(job)}/reservations", {
                "id": job.id, "purpose": "TRAINING", "amounts": {RESOURCE: hold},
                "labels": {"operator_family": job.qos, "capability": "batch"}, "lease": LEASE,
            }, (201, 409))
        if status == 409:
            self._deny(job, answer)
            return
        expect(answer["state"] == "GRANTED" and answer["granted"] == {RESOURCE: hold},
               job.id, "asked for", hold, "and was granted", answer)
        self.verdicts[job.id] = "GRANTED"
        self._open += 1
        self.open_peak = max(self.open_peak, self._open)

    def _deny(self, job, problem):
        """A denial must be one for want of hours, and its numbers must bear out its code."""
        code, shortages = problem["code"], problem.get("shortages", [])
        expect(code in ("reserve_protected", "insufficient_capacity"), job.id, "denied:", problem)
        expect([shortage["resource"] for shortage in shortages] == [RESOURCE], job.id, problem)
        numbers = {name: to_millionths(shortages[0][name]) for name in
                   ("requested", "available", "reserve", "reserve_protected", "short_by")}
        protected = min(numbers["short_by"], numbers["reserve"])
        expect(numbers["requested"] == hold_millionths(job)
               and numbers["short_by"] == numbers["requested"] - numbers["available"] > 0
               and numbers["reserve_protected"] == protected
               and (code == "reserve_protected") == (protected == numbers["short_by"]),
               job.id, "was denied with numbers that contradict each other:", problem)
        self.verdicts[job.id] = "DENIED"
        self.denials[code] += 1

    def _act(self, job, verb, body, status):
        path = f"/v1/populations/{population_of(job)}/reservations/{job.id}:{verb}"
        return self._connection.post(path, body, status)

    def _start(self, job):
        answer = self._act(job, "start", {}, 200)
        expect(answer["state"] == "ACTIVE", job.id, "was started:", answer)

    def _settle(self, job):
        charge = charge_millionths(job)
        if charge > 0:  # the daemon refuses a charge of nothing
            amounts = {RESOURCE: to_decimal_text(charge)}
            answer = self._act(job, "charge", {"id": job.id + "-c", "amounts": amounts}, 201)
            expect(answer["amounts"] == amounts and answer["within_hold"] == amounts,
                   job.id, "was charged", charge, "millionths:", answer)
        answer = self._act(job, "settle", {}, 200)
        expect(answer["state"] == "SETTLED", job.id, "was settled:", answer)
        self._open -= 1

    def _release(self, job):
        answer = self._act(job, "release", {}, 200)
        expect(answer["state"] == "RELEASED", job.id, "was released:", answer)
        self._open -= 1

    def _read_back(self):
        """What the daemon now says of each granted job is what the files say."""
        for job in self._jobs:
            if self.verdicts[job.id] != "GRANTED":
                continue
            answer = self._connection.get(
                f"/v1/populations/{population_of(job)}/reservations/{job.id}")
            self.finals[job.id] = (answer["state"], to_millionths(answer["charged"][RESOURCE]))

    def _check_balances(self):
        """Nothing is held any more, the reserve is whole, and spent is the sum of the charges."""
        for name in self._populations:
            path = f"/v1/populations/{name}/resources/{RESOURCE}"
            resource = self._connection.get(path)
            spent = sum(self.finals[job.id][1] for job in self._jobs
                        if population_of(job) == name and job.id in self.finals)
            wanted = {"granted": AMOUNT_MILLIONTHS, "reserve": RESERVE_MILLIONTHS, "held": 0,
                      "in_use": 0, "spent": spent, "overdraft": 0,
                      "available": AMOUNT_MILLIONTHS - RESERVE_MILLIONTHS - spent}
            found = {account: to_millionths(resource[account]) for account in wanted}
            expect(found == wanted, path, "answered", found, "instead of", wanted)


def write_lines(path, lines):
    """Writes each line with its end, returns the file's SHA-256."""
    content = "".join(line + "\n" for line in lines).encode("utf-8")
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def write_results(out, jobs, replay):
    """Both files and the summary; returns the summary's lines, which independent.awk prints too."""
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


def drive(url, jobs, out):
    connection = Connection(url)
    replay = Replay(connection, jobs)
    begin_ns = time.monotonic_ns()
    replay.run()
    elapsed_ms = max(1, (time.monotonic_ns() - begin_ns) // 1_000_000)
    summary = write_results(out, jobs, replay)
    rate = connection.requests * 1000 // elapsed_ms
    print("\n".join(summary))
    print(f"HTTP requests: {connection.requests} in {elapsed_ms} ms, {rate} a second", flush=True)


def replay_own_daemon(purserd, jobs, out):
    data_dir = tempfile.mkdtemp(prefix="purser-replay-")
    daemon = Daemon(purserd, data_dir, out / "purserd.log")
    try:
        drive(daemon.url, jobs, out)
        daemon.stop()
        print("verify:", daemon.verify().strip())
    except Exception:
        print(f"the data directory is left in {data_dir}", file=sys.stderr)
        raise
    finally:
        daemon.kill()
    shutil.rmtree(data_dir)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="gpu_jobs.csv")
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
            drive(options.url, jobs, options.out)
        else:
            replay_own_daemon(options.purserd, jobs, options.out)
    except (ReplayError, OSError, http.client.HTTPException, subprocess.TimeoutExpired,
            ValueError, ArithmeticError, LookupError) as error:
        print(f"replay: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
