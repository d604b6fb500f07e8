"""Measures Slipway beside nginx, adnanh/webhook and the raw limit on this machine, and prints one table.

Where there is `go` (golang-go), its net/http is shown too.

Each server runs alone, freshly started; it shares the machine's cores with its client. In each round the servers take
turns in another order, and ratios are made within a round, so that a machine which gets slower meets all of them. The
table holds medians over the rounds.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import cases
import deploys
import footprint
import history
import load
import machine
import preflight
import pushes
import report
from servers import ALL, SECRET, Slipway
from workshop import Workshop

CONNECTIONS = (1, 64, 512)
CASE_NAMES = [case.name for case in cases.ALL] + ["start", "memory", "checkout", "deploy", "history"]


def main():
    options = arguments()
    # So that servers are stopped and folders removed then too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="slipway-bench-", dir=machine.folder_on_disk()) as folder:
        bench = Bench(options, Workshop(Path(folder), os.path.abspath(options.slipway), []))
        bench.run()
        print(bench.text())
        if options.markdown:
            Path(options.markdown).write_text(bench.markdown())
    return 1 if bench.lost else 0


def arguments():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round of 2 s each, for a first look")
    parser.add_argument("--case", nargs="+", choices=CASE_NAMES, default=CASE_NAMES, metavar="NAME",
                        help=" ".join(CASE_NAMES))
    servers = [name for name in ALL if name != "go" or shutil.which("go")]
    parser.add_argument("--server", nargs="+", choices=servers, default=servers, metavar="NAME", help=" ".join(servers))
    parser.add_argument("--connections", nargs="+", type=int, default=CONNECTIONS, metavar="N")
    parser.add_argument("--rounds", type=int, metavar="N", help="3; each figure is their median")
    parser.add_argument("--seconds", type=int, metavar="N", help="4; of each run")
    parser.add_argument("--pushes", type=int, metavar="N", help="signed beforehand; must last for one run")
    parser.add_argument("--markdown", metavar="FILE", help="write the tables there too")
    parser.add_argument("--slipway", default=os.environ.get("SLIPWAY_BINARY"), metavar="FILE", help="the program")
    options = parser.parse_args()
    if not options.slipway:
        parser.error("--slipway or SLIPWAY_BINARY names the program to measure")
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.seconds = options.seconds or (2 if options.quick else 4)
    options.pushes = options.pushes or 15_000 * options.seconds
    return options


class Bench:
    def __init__(self, options, shop):
        self.options = options
        self.shop = shop
        self.results = report.Results()
        self.start = self.memory = self.checkouts = self.deploys = self.history = None
        self.notes = []
        self.stored = []
        self.lost = False

    def run(self):
        # Those of the other cases are signed one by one.
        if any(case.sends_pushes for case in cases.ALL if case.name in self.options.case) or "memory" in self.options.case:
            say(f"signing {self.options.pushes:,} pushes")
            self.pushes = pushes.write_file(self.shop.folder / "pushes", SECRET, self.options.pushes)
        tls = preflight.check(self.shop)
        self.header = machine.description(self.shop.folder, self.shop.slipway, tls)
        others = machine.Others()
        for turn in range(self.options.rounds):
            for case in cases.ALL:
                if case.name in self.options.case:
                    self.measure_case(case, turn)
        if "slipway" in self.options.server:
            if "start" in self.options.case:
                say("start")
                self.start = footprint.start_up(self.shop, runs=10)
            self.memory = self.attempt(
                "memory", lambda: footprint.memory(self.shop, self.pushes, self.options.seconds))
            self.measure_jobs()
        self.header.append(f"other programs took {others.share():.0%} of the CPU meanwhile")

    def measure_jobs(self):
        count, seconds = (50, 1) if self.options.quick else (300, 2)
        self.checkouts = self.attempt("checkout", lambda: deploys.checkout(self.shop, count))
        self.deploys = self.attempt("deploy", lambda: deploys.deploy(self.shop, count))
        self.history = self.attempt(
            "history", lambda: history.measure(self.shop, self.options.rounds, seconds, claims=count))

    def attempt(self, name, measure):
        """What was measured; None: it was not asked for, or failed, which must not lose all that was measured before."""
        if name not in self.options.case:
            return None
        say(name)
        try:
            return measure()
        except RuntimeError as error:
            self.notes.append(f"{name}: {error}")
            return None

    def measure_case(self, case, turn):
        names = [name for name in case.servers if name in self.options.server]
        first = turn % max(1, len(names))
        for connections in [cases.STEADY_CONNECTIONS] if case.rate else self.options.connections:
            for name in names[first:] + names[:first]:
                figures = self.measure(case, connections, name)
                say(f"round {turn + 1}: {case.name}, {connections} connections, {name}: {figures.rate:,.0f}/s")
                if figures.note:
                    self.notes.append(f"{case.name}, {connections} connections, {name}: {figures.note}")
                self.results.add(case.name, connections, name, figures)

    def measure(self, case, connections, name):
        seconds = self.options.seconds
        with ALL[name](self.shop, tls=case.tls) as server:
            if not case.sends_pushes:
                load.wrk(server, case.path, 64, 1, case.headers)  # warm
                return load.wrk(server, case.path, connections, seconds, case.headers)
            # No push comes twice to Slipway. So it is not warmed; the others store nothing, for them they may repeat.
            every = (self.pushes, 0, self.pushes.count)
            if case.rate:
                figures = load.paced(server, case.rate, seconds, every, connections)
            else:
                figures = load.wrk(server, case.path, connections, seconds, pushes=every, again=name != "slipway")
            if isinstance(server, Slipway):
                self.count_stored(case, connections, figures, server)
            return figures

    def count_stored(self, case, connections, figures, server):
        """Every 202 must be on disk; so may be the one request of each connection that was under way when wrk left."""
        if figures.ran_out:
            return  # then wrk has sent some twice
        deliveries, jobs = server.stored()
        answered = figures.requests - figures.refused
        under_way = 0 if case.rate else connections
        holds = answered <= deliveries <= answered + under_way and jobs == deliveries
        self.lost = self.lost or not holds
        self.stored.append((answered, deliveries, jobs))

    def lines(self):
        """What is said below the tables."""
        if self.stored:
            answered, deliveries, jobs = (sum(numbers) for numbers in zip(*self.stored))
            verdict = "THEY DO NOT AGREE" if self.lost else "all of them, and what was under way when wrk left"
            yield f"durable: {answered:,} times 202; on disk {deliveries:,} deliveries and {jobs:,} jobs: {verdict}"
        yield from self.notes
        yield from deploys.notes(self.deploys) if self.deploys else ()
        yield from self.shop.warnings
        yield "a missed bar fails nothing: it is for a person to judge, on a machine that does nothing else"

    def tables(self):
        bars = report.bars(self.results, self.start, self.memory)
        tables = [report.figures_table(self.results), deploys.table(self.checkouts, self.deploys)]
        bars += deploys.bars(self.checkouts, self.deploys)
        if self.history:
            tables.append(history.table(self.history))
            bars += history.bars(self.history)
        return [*tables, report.bars_table(bars)]

    def text(self):
        tables = [table.text() for table in self.tables() if table.rows]
        return "\n\n".join(["\n".join(self.header), *tables, "\n".join(self.lines())])

    def markdown(self):
        tables = [table.markdown() for table in self.tables() if table.rows]
        lists = ["\n".join(f"- {line}" for line in lines) for lines in (self.header, self.lines())]
        return "\n\n".join([lists[0], *tables, lists[1]]) + "\n"


def say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
