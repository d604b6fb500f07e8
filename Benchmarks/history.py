"""Whether a long history and a long queue make anything slower: two servers, one with few jobs, one with many."""

import http.client
import time
from dataclasses import dataclass, field
from itertools import count, islice
from statistics import median

import load
import pushes
from past import Past
from report import Bar, Table, duration, percentile, times
from servers import SECRET, TOKEN
from world import Deploying, Events, Sender

# As many jobs as the answers tell of, so that these are equally long on both sides.
FEW = Past(ended=100, queued=100, held=50)
MANY = Past(ended=100_000, queued=10_000, held=5_000)
PATHS = (
    "/status", "/jobs", "/jobs?state=failed&limit=10", "/jobs?state=queued&limit=10", "/jobs?app=hello&limit=10",
    "/jobs?app=hello&target=production&state=cancelled&limit=5", "/jobs?target=held", "/jobs/7", "/")
# The answers to these are made again when anything has changed; asked for one by one, each time after a push.
CHANGING = ("/status", "/")
CONNECTIONS = 16
REMADE = 100
# "As fast", but for what 10,000 jobs that wait take to be counted.
SAME = 1.2


class Aged(Deploying):
    """Its git cannot fetch: a job ends where it begins."""

    can_fetch = False

    def __init__(self, shop, past):
        super().__init__(shop)
        self.past = past

    def configuration(self):
        made = super().configuration()
        made["server"]["retention"] = {"jobs": 1_000_000}
        made["apps"]["hello"]["targets"]["held"] = {"heroku": "hello-held", "when": {"push": ["nothing"]}}
        return made

    def prepare(self):
        self.post("/pause")
        self.post("/lock/hello/held?reason=bench")
        self.process.stop()
        self.past.fill(self.folder / "data")
        super().start()

    def post(self, path):
        status, body = self.ask(path, "POST", b"")
        if status >= 300:
            raise RuntimeError(f"POST {path} answered {status}: {body[:200]}")


@dataclass
class Reading:
    """What was measured on each side."""

    few: list = field(default_factory=list)
    many: list = field(default_factory=list)


@dataclass
class Findings:
    reads: dict  # figures of `load` by path
    remade: dict  # milliseconds by path
    claims: Reading  # milliseconds


def measure(shop, rounds, seconds, claims):
    found = Findings({path: Reading() for path in PATHS}, {path: Reading() for path in CHANGING}, Reading())
    with Aged(shop, FEW) as few, Aged(shop, MANY) as many:
        for turn in range(rounds):
            for path, reading in found.reads.items():
                for side in (few, many) if turn % 2 == 0 else (many, few):
                    figures = load.wrk(side, path, CONNECTIONS, seconds, [f"Authorization: Bearer {TOKEN}"])
                    if figures.note:
                        raise RuntimeError(f"GET {path}: {figures.note}")
                    (reading.few if side is few else reading.many).append(figures)
        numbers = count(1)  # no push comes twice
        for path, reading in found.remade.items():
            _ask_remade(path, few, many, reading, islice(numbers, REMADE))
        found.claims.few = _claims(few, FEW.queued - FEW.held - 1)
        found.claims.many = _claims(many, claims)
    return found


def _ask_remade(path, few, many, reading, numbers):
    with Sender(few) as to_few, Sender(many) as to_many:
        for number in numbers:
            for side, sender, taken in ((few, to_few, reading.few), (many, to_many, reading.many)):
                sender.push(pushes.push(SECRET, number))
                taken.append(_get(side, path))


def _get(server, path):
    """Milliseconds, on a connection of its own that is there before."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.connect()
    began = time.monotonic_ns()
    connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
    answer = connection.getresponse()
    answer.read()
    taken = time.monotonic_ns() - began
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"GET {path} was answered {answer.status}")
    return taken / 1e6


def _claims(server, wanted):
    """Milliseconds from when a job's end was told, which frees the one slot, until the next job's start was told."""
    taken, last = [], 0
    with Events(server) as events:
        server.post("/resume")
        while len(taken) < wanted:
            ended, job = events.next_end(after=last)
            last = job["id"]
            while job["state"] != "running" or job["id"] <= last:
                started, job = events.next_job()
            taken.append((started - ended) / 1e6)
        server.post("/pause")
    return taken


def table(found):
    rows = []
    for path, reading in found.reads.items():
        few, many = ([f"{median(figures.rate for figures in side):,.0f}/s", *(
            duration(median(getattr(figures, part) for figures in side)) for part in ("p50", "p99"))]
            for side in (reading.few, reading.many))
        rows.append([f"GET {path}", *few, *many, times(_rate(reading))])
    for path, reading in found.remade.items():
        rows.append(_one_by_one(f"GET {path}, after a push", reading))
    rows.append(_one_by_one("slot free → next job claimed", found.claims))
    sides = [f"{side.ended + side.queued:,} jobs" for side in (FEW, MANY)]
    return Table(["case", sides[0], "p50", "p99", sides[1], "p50", "p99", "many ÷ few"], rows)


def _one_by_one(title, reading):
    few, many = (["", *(duration(percentile(side, part) * 1000) for part in (0.5, 0.99))]
                 for side in (reading.few, reading.many))
    return [title, *few, *many, times(_slower(reading))]


def _rate(reading):
    return median(many.rate / few.rate for few, many in zip(reading.few, reading.many))


def _slower(reading):
    return median(reading.many) / median(reading.few)


def bars(found):
    worst = min(found.reads, key=lambda path: _rate(found.reads[path]))
    yield Bar("history: rate of the slowest path by that with few jobs", _rate(found.reads[worst]), 1 / SAME, is_least=True)
    for path, reading in found.remade.items():
        yield Bar(f"history: time of GET {path} after a push by that with few jobs", _slower(reading), SAME)
    yield Bar("history: slot free to next job claimed, p99", percentile(found.claims.many, 0.99), 2, unit="ms")
