"""From the push to the checkout, and from the push to the deploy: what the server itself takes of it."""

import sqlite3
import tempfile
import time
from dataclasses import dataclass
from statistics import mean

import machine
import pushes
from report import Bar, Table, duration, percentile
from servers import SECRET
from world import Deploying, Events, Sender

PER_SECOND = 20
STEPS = ("checkout", "test", "build", "push", "migrate", "release", "verify")
# Not counted: the first ones make the mirror, open connections, and find out what docker can do.
WARM = 5


class Refused(Deploying):
    """Its jobs end at the checkout's fetch, which is where the clock is read."""

    can_fetch = False


@dataclass
class Checkouts:
    started: list  # milliseconds after the push was sent
    syncs: list  # of the disk meanwhile


def checkout(shop, count):
    """From the sending of a push until the checkout's `git fetch` runs, by that program's own clock.

    One job at a time, so that the fetches come in the order of the pushes."""
    with Refused(shop) as server, Sender(server) as sender, tempfile.TemporaryFile(dir=shop.folder) as file:
        sent, syncs = [], []
        began = time.monotonic()
        for number in range(WARM + count):
            _sleep_until(began + number / PER_SECOND)
            sent.append(sender.push(pushes.push(SECRET, number + 1)))
            # Between two pushes: what a disk that others use too does to the commits.
            _sleep_until(began + (number + 0.5) / PER_SECOND)
            syncs.append(machine.sync_seconds(file) * 1000)
        _wait_until_ended(server, WARM + count)
        fetched = [ran.began for ran in server.world.ran() if ran.verb == "fetch"]
        refs = [ref for ref, in _rows(server, "SELECT ref FROM jobs ORDER BY started_at, id")]
    if len(fetched) != len(sent) or refs != sorted(refs):
        raise RuntimeError(f"{len(sent)} pushes led to {len(fetched)} fetches, or not in their order")
    return Checkouts([(end - start) / 1e6 for start, end in zip(sent, fetched)][WARM:], syncs)


class Whole(Deploying):
    """All that a job can have: tests beside the build, and a migration in the release phase."""

    def configuration(self):
        made = super().configuration()
        made["server"]["jobs"] = 2  # one is kept from tests
        hello = made["apps"]["hello"]
        hello["test"] = {"image": "hello-test", "run": "make test"}
        hello["targets"]["production"]["migrate"] = {"command": "make migrate"}
        return made


@dataclass
class Deploys:
    whole: list  # from the push's sending until the job's success was told, in milliseconds
    own: list  # without the time in which a stand-in ran or answered
    elsewhere: list
    commands: float  # a deploy
    requests: float
    steps: dict  # mean milliseconds of each
    cpu: float  # milliseconds of the server's own process, a deploy
    start_microseconds: float
    answer_microseconds: float


def deploy(shop, count):
    """One after the other, each with a commit and so an image of its own."""
    with Whole(shop) as server, Sender(server) as sender, Events(server) as events:
        spans = []
        for number in range(1, WARM + count + 1):
            if number == WARM + 1:
                before = server.process.cpu_seconds()
            began = sender.push(pushes.push(SECRET, number))
            ended, job = events.next_end(after=number - 1)
            if (job["id"], job["state"]) != (number, "succeeded"):
                raise RuntimeError(f"job {job['id']} {job['state']}: {job['reason']}")
            spans.append((began, ended))
        cpu = (server.process.cpu_seconds() - before) / count * 1000
        ran = server.world.ran()
        steps = {name: _mean_step(server, name) for name in STEPS}
        costs = server.world.start_microseconds(), server.world.answer_microseconds()
    spans = spans[WARM:]
    whole = [(end - begin) / 1e6 for begin, end in spans]
    elsewhere = [_covered(begin, end, ran) / 1e6 for begin, end in spans]
    within = [run for run in ran if run.began >= spans[0][0]]
    commands = sum(run.name in ("git", "docker") for run in within)
    return Deploys(whole, [all - other for all, other in zip(whole, elsewhere)], elsewhere, commands / count,
                   (len(within) - commands) / count, steps, cpu, *costs)


def _covered(begin, end, ran):
    """Nanoseconds of a span in which at least one of these ran."""
    covered, reached = 0, begin
    for run in ran:
        if run.began < end and run.ended > reached:
            covered += min(run.ended, end) - max(run.began, reached)
            reached = run.ended
    return covered


def _mean_step(server, name):
    rows = _rows(server, "SELECT finished_at - started_at FROM steps WHERE name = ? AND job > ?", name, WARM)
    return mean(taken for taken, in rows)


def _sleep_until(moment):
    time.sleep(max(0, moment - time.monotonic()))


def _wait_until_ended(server, count):
    deadline = time.monotonic() + 60
    while _rows(server, "SELECT count(*) FROM jobs WHERE finished_at IS NOT NULL")[0][0] < count:
        if time.monotonic() > deadline:
            raise RuntimeError("the jobs do not end; " + server.process.log.read_text()[-1000:])
        time.sleep(0.2)


def _rows(server, sql, *arguments):
    database = sqlite3.connect(f"file:{server.folder}/data/slipway.db?mode=ro", uri=True)
    try:
        return database.execute(sql, arguments).fetchall()
    finally:
        database.close()


def table(checkouts, deploys):
    rows = []
    if checkouts:
        rows.append(_row("checkout", f"push sent → git fetch runs, {PER_SECOND}/s", checkouts.started))
        rows.append(_row("", "8 KiB and fdatasync meanwhile", checkouts.syncs))
    if deploys:
        rows.append(_row("deploy", "push sent → job succeeded", deploys.whole))
        rows.append(_row("", "of it the server's own share", deploys.own))
        rows.append(_row("", f"of it {deploys.commands:.1f} commands and {deploys.requests:.1f} requests",
                         deploys.elsewhere))
        rows.append(["", "CPU of the server's process, mean", f"{deploys.cpu:.1f} ms", "", ""])
        rows += [["", f"step {name}, mean", f"{taken:.1f} ms", "", ""] for name, taken in deploys.steps.items()]
    return Table(["case", "", "p50", "p99", "count"], rows)


def bars(checkouts, deploys):
    if checkouts:
        yield Bar("push sent to checkout started: p99", percentile(checkouts.started, 0.99), 20, unit="ms")
    if deploys:
        yield Bar("deploy, the server's own share: p99", percentile(deploys.own, 0.99), 100, unit="ms")


def notes(deploys):
    yield (f"deploy: a stand-in's command takes {deploys.start_microseconds:.0f} µs from its start until its end is known, "
           f"a request {deploys.answer_microseconds:.0f} µs, asked by Python")


def _row(case, title, milliseconds):
    return [case, title, *(duration(percentile(milliseconds, part) * 1000) for part in (0.5, 0.99)),
            f"{len(milliseconds):,}"]
