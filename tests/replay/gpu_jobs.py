#!/usr/bin/env python3
"""Replays gpu_jobs.csv, the jobs of a production GPU cluster, one request at a time.

Each job with GPUs asks at submit_s for GPU hours of its population (one for each 2,592,000 s of
submit time), starts at start_s, is charged and settled at end_s; a job that was never scheduled is
released at end_s. replay.py says what is written and checked.
"""

import collections
import csv
import sys

from replay import Replay, run_program
from units import MILLIONTHS, expect, to_timestamp

POPULATION_SECONDS = 2_592_000
AMOUNT = 12_000 * MILLIONTHS

# What happens within one second, in this order. A release in its submit second follows its request.
BEGINS, RETURNS, REQUESTS, STARTS = range(4)

Job = collections.namedtuple("Job", "index id submit_s start_s end_s family population hold charge")
# Sorts by its first four; `subject` is the job, of "populate" the population's name.
Event = collections.namedtuple("Event", "second phase index step verb subject")


def read_jobs(path, limit):
    """The jobs with GPUs in file order; `limit` keeps the first so many of them."""
    jobs = []
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if int(row["num_gpu"]) == 0:
                continue
            if limit is not None and len(jobs) == limit:
                break
            submit_s, end_s = int(row["submit_s"]), int(row["end_s"])
            start_s = int(row["start_s"]) if row["start_s"] else None
            milli = int(row["num_gpu"]) * int(row["gpu_milli"])
            hours = max(1, -(-(end_s - submit_s) // 3600))
            # GPU hours between start and end, rounded up to the millionth.
            charge = 0 if start_s is None else -(-(milli * (end_s - start_s) * 1000) // 3600)
            jobs.append(Job(len(jobs), row["job_id"], submit_s, start_s, end_s, row["qos"],
                            f"p{submit_s // POPULATION_SECONDS}", milli * hours * 1000, charge))
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
    events += [Event(number * POPULATION_SECONDS, BEGINS, number, 0, "populate", f"p{number}")
               for number in range(populations)]
    return sorted(events)


class GpuJobs(Replay):
    """Drives the jobs one request after the other."""

    def __init__(self, connection, jobs):
        super().__init__(connection, jobs, AMOUNT)
        self._now = 0

    def run(self):
        verbs = {"populate": self.populate, "request": self._request, "start": self._start,
                 "settle": self._settle, "release": self._release}
        for event in all_events(self.jobs):
            if isinstance(event.subject, Job) and self.verdicts.get(event.subject.id) == "DENIED":
                continue
            self._advance(event.second)
            verbs[event.verb](event.subject)

    def _advance(self, second):
        if second == self._now:
            return
        to = to_timestamp(second)
        clock = self.connection.post("/v1/test/clock:advance", {"to": to}, 200)
        expect(clock.get("now") == to, "the clock answered", clock, "instead of", to)
        self._now = second

    def _request(self, job):
        status, answer = self.connection.call("POST", self.path_of(job), self.request_of(job),
                                              (201, 409))
        if status == 409:
            self.denied(job, answer)
        else:
            self.granted(job, answer)

    def _act(self, job, verb, body, status):
        return self.connection.post(f"{self.path_of(job)}/{job.id}:{verb}", body, status)

    def _start(self, job):
        self.acted(job, self._act(job, "start", {}, 200), "ACTIVE")

    def _settle(self, job):
        if job.charge > 0:  # the daemon refuses a charge of nothing
            self.charged(job, self._act(job, "charge", self.charge_of(job), 201))
        self.acted(job, self._act(job, "settle", {}, 200), "SETTLED")

    def _release(self, job):
        self.acted(job, self._act(job, "release", {}, 200), "RELEASED")


if __name__ == "__main__":
    sys.exit(run_program(__doc__.splitlines()[0], read_jobs, GpuJobs))
