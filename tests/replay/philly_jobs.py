#!/usr/bin/env python3
"""Replays philly_jobs_*.csv, the jobs of a deep-learning cluster, in batches.

Each job asks the one population at submit_s for whole GPU hours, starts at once if it gets them,
and is charged and settled at submit_s + duration_s. replay.py says what is written and checked.

A batch is at one time, so each second that has work is a batch of its own: what ends, then what
asks, in file order. Who was granted is only then known, so the starts are a second batch. It
travels together with the next second's clock and first batch, which depend on nothing in it; what
ends in the second in which it began (a duration of 0) follows its start in that second batch.
"""

import collections
import csv
import sys

from replay import Replay, run_program
from rest import Request
from units import MILLIONTHS, expect, to_timestamp

POPULATION = "philly"
AMOUNT = 400_000 * MILLIONTHS
OPERATIONS_MAX = 8192  # of a batch

Job = collections.namedtuple("Job", "id submit_s end_s family population hold charge")
# One operation of a batch, and what is done with its answer.
Operation = collections.namedtuple("Operation", "body take")


def read_jobs(path, limit):
    """The jobs in file order; `limit` keeps the first so many."""
    jobs = []
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if int(row["gpus"]) == 0:
                continue
            if limit is not None and len(jobs) == limit:
                break
            submit_s, duration_s, gpus = (int(row[name]) for name in
                                          ("submit_s", "duration_s", "gpus"))
            hours = max(1, -(-duration_s // 3600))
            jobs.append(Job(row["src_line"], submit_s, submit_s + duration_s, row["vc"], POPULATION,
                            gpus * hours * MILLIONTHS, -(-(gpus * duration_s * MILLIONTHS) // 3600)))
    return jobs


class PhillyJobs(Replay):
    """Drives the jobs a second at a time."""

    def __init__(self, connection, jobs):
        super().__init__(connection, jobs, AMOUNT)
        self._asking = collections.defaultdict(list)
        self._ending = collections.defaultdict(list)
        for job in jobs:
            self._asking[job.submit_s].append(job)
            self._ending[job.end_s].append(job)

    def run(self):
        self.populate(POPULATION)
        now, follow_ups = 0, []
        for second in sorted(self._asking.keys() | self._ending.keys()):
            ended = [job for job in self._ending[second] if self._was_granted(job)]
            asking = self._asking[second]
            operations = [part for job in ended for part in self._end(job)]
            operations += [self._ask(job) for job in asking]
            if not operations:  # who would end now was denied
                continue
            clock = [self._clock(second)] if second != now else []
            self._send(follow_ups, clock, operations)
            now = second
            begun = [job for job in asking if self._was_granted(job)]
            follow_ups = [self._start(job) for job in begun]
            follow_ups += [part for job in begun if job.end_s == second for part in self._end(job)]
        self._send(follow_ups, [], [])

    def _was_granted(self, job):
        return self.verdicts.get(job.id) == "GRANTED"

    def _ask(self, job):
        def take(result):
            if "problem" in result:
                self.denied(job, result["problem"])
            else:
                self.granted(job, result["reservation"])
        return Operation({"create": self.request_of(job)}, take)

    def _start(self, job):
        return Operation({"start": {"id": job.id}},
                         lambda result: self.acted(job, result["reservation"], "ACTIVE"))

    def _end(self, job):
        if job.charge > 0:  # the daemon refuses a charge of nothing
            yield Operation({"charge": {"reservation": job.id, **self.charge_of(job)}},
                            lambda result: self.charged(job, result["charge"]))
        yield Operation({"settle": {"id": job.id}},
                        lambda result: self.acted(job, result["reservation"], "SETTLED"))

    @staticmethod
    def _clock(second):
        return Request("POST", "/v1/test/clock:advance", {"to": to_timestamp(second)}, (200,))

    def _send(self, follow_ups, clock, operations):
        """Two lists of operations, and between them perhaps the clock."""
        batches = [*split(follow_ups), clock, *split(operations)]
        requests = [clock[0] if batch is clock else self._batch(batch) for batch in batches if batch]
        answers = iter(self.connection.call_all(requests) if requests else [])
        for batch in filter(None, batches):
            answer = next(answers)[1]
            if batch is clock:
                to = clock[0].body["to"]
                expect(answer.get("now") == to, "the clock answered", answer, "instead of", to)
                continue
            expect(len(answer["results"]) == len(batch), "a batch was answered", answer)
            for operation, result in zip(batch, answer["results"]):
                expect("problem" not in result or "create" in operation.body,
                       operation.body, "was answered", result)
                operation.take(result)

    @staticmethod
    def _batch(operations):
        body = {"operations": [operation.body for operation in operations]}
        return Request("POST", f"/v1/populations/{POPULATION}/reservations:batch", body, (200,))


def split(operations):
    return [operations[i:i + OPERATIONS_MAX] for i in range(0, len(operations), OPERATIONS_MAX)]


if __name__ == "__main__":
    sys.exit(run_program(__doc__.splitlines()[0], read_jobs, PhillyJobs))
