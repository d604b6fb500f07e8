"""Fills a data folder with jobs that have ended, and with jobs that wait: what years of use leave in the database.

The tables are the server's own, made by it when it started in the folder; here they get the rows that it would have
written. Bodies of deliveries are empty.
"""

import hashlib
import json
import sqlite3
import time
import uuid
from dataclasses import dataclass

STEPS = ("checkout", "build", "push", "release", "verify")
# Of ten jobs.
ENDS = ("succeeded",) * 6 + ("failed",) * 2 + ("superseded", "cancelled")
REASONS = {
    "failed": "build: docker build failed: exit status 1", "superseded": "refs/heads/main moved on",
    "cancelled": "cancelled by ana"}


@dataclass(frozen=True)
class Past:
    """`ended` jobs of one target, then `queued` ones, each on a branch of its own: first those for the target `held`,
    then those for `production`."""

    ended: int
    queued: int
    held: int

    def rows(self):
        return (Row(number, self) for number in range(1, self.ended + self.queued + 1))

    def fill(self, folder):
        database = sqlite3.connect(folder / "slipway.db")
        try:
            database.execute("PRAGMA synchronous = OFF")
            with database:
                for table, columns, of in TABLES:
                    places = ", ".join("?" * len(columns.split(",")))
                    database.executemany(
                        f"INSERT INTO {table} ({columns}) VALUES ({places})",
                        (values for row in self.rows() for values in of(row)))
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            database.close()


NOW = int(time.time() * 1000)


class Row:
    """A job, one a second, and the delivery that asked for it."""

    def __init__(self, number, past):
        self.number = number
        self.has_ended = number <= past.ended
        self.end = ENDS[number % len(ENDS)] if self.has_ended else None
        self.began = NOW - 1000 * (past.ended + past.queued - number)
        self.target = "held" if past.ended < number <= past.ended + past.held else "production"
        self.ref = f"refs/heads/{f'topic/{number % 300}' if self.has_ended else f'waiting/{number}'}"
        self.guid = str(uuid.UUID(int=number))
        self.commit = hashlib.sha1(str(number).encode()).hexdigest()
        self.image = "sha256:" + self.commit + self.commit[:24]

    def at(self, milliseconds):
        return self.began + milliseconds if self.has_ended else None

    def delivery(self):
        yield (self.number, self.guid, "github", "push", "X-GitHub-Event: push\n", self.began, 1, 0, 0, 0, "plans")

    def job(self):
        yield (self.number, "hello", self.target, "push", self.ref, self.guid, "octocat", self.commit,
               f"Light candle {self.number}", "The Octocat", 0, self.end or "queued", REASONS.get(self.end), 1, 1,
               int(self.has_ended), self.began, self.at(0), self.at(500))

    def delivery_job(self):
        yield (self.number, 0, self.number, 0)

    def steps(self):
        if not self.has_ended:
            return
        ran = {"succeeded": len(STEPS), "failed": 2}.get(self.end, 0)
        for place, name in enumerate(STEPS):
            state = "succeeded" if place < ran else "skipped" if self.end == "failed" else "cancelled"
            if self.end == "failed" and place == ran - 1:
                state = "failed"
            yield (self.number, place, name, state, *((self.at(0), self.at(500)) if place < ran else (None, None)))

    def effects(self):
        place = {"platform": "heroku", "name": self.target}
        release = {"id": str(uuid.UUID(int=self.number)), "version": self.number, "was_already_running": False}
        journal = (
            ("build", {"tag": f"slipway:hello-{self.commit}", "recipe": "recipe"}, {"id": self.image}),
            ("push", {"repository": f"{self.target}/web", "image": self.image}, {"image": self.image}),
            ("release", {"place": place, "images": {"web": self.image}, "version_before": self.number - 1},
             {"made": release}))
        for kind, intent, outcome in journal if self.end == "succeeded" else ():
            yield (self.number, 1, kind, kind, "done", json.dumps(intent), json.dumps(outcome), self.at(0), self.at(300))

    def build(self):
        if self.end == "succeeded":
            yield ("hello", self.commit, "recipe", self.image, self.number, self.at(300))

    def release(self):
        if self.end == "succeeded":
            yield ("hello", self.target, self.number, self.commit, self.image, self.number, self.at(400))

    def tip(self):
        if not self.has_ended:
            yield ("hello", self.ref, self.commit, self.began)


TABLES = (
    ("deliveries", "id, guid, source, event, headers, received_at, segment, offset, length, checksum, decision",
     Row.delivery),
    ("jobs", "id, app, target, trigger_kind, ref, delivery, triggered_by, commit_id, commit_message, commit_author, "
     "fresh, state, reason, priority, supersedable, attempt, created_at, started_at, finished_at", Row.job),
    ("delivery_jobs", "delivery, position, job, joined", Row.delivery_job),
    ("steps", "job, position, name, state, started_at, finished_at", Row.steps),
    ("effects", "job, attempt, step, kind, state, intent, outcome, begun_at, ended_at", Row.effects),
    ("images", "app, commit_id, recipe, image, job, built_at", Row.build),
    ("releases", "app, target, job, commit_id, image, version, since", Row.release),
    ("tips", "app, ref, commit_id, seen_at", Row.tip),
)
