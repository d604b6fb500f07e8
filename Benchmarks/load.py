"""One run of a load generator against a running server, and what it measured."""

import json
import os
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CORES = os.cpu_count()


@dataclass
class Figures:
    rate: float
    p50: float  # of latency, in microseconds like all times here
    p99: float
    cpu: float  # of the server, a request
    idle_bytes: int
    load_bytes: int
    requests: int
    refused: int  # of the requests: an answer that is an error, or of a paced client any but 202
    broken: int  # connections and requests that had no answer
    ran_out: bool  # of pushes, before the time was over

    @property
    def note(self):
        """What makes these figures worth less."""
        troubles = [f"{count:,} {what}" for count, what in ((self.refused, "refused"), (self.broken, "broken")) if count]
        return ", ".join(troubles + ["pushes ran out: the rate is higher, --pushes makes more"] * self.ran_out)


class Run(threading.Thread):
    """Runs a load generator to its end and looks at the server meanwhile."""

    def __init__(self, server, command):
        super().__init__()
        self.command = [str(part) for part in command]
        self.server = server
        self.load_bytes = 0
        self.output = subprocess.CompletedProcess([], 1)

    def run(self):
        self.output = subprocess.run(self.command, capture_output=True, text=True)

    def figures(self):
        process = self.server.process
        before = process.cpu_seconds()
        self.start()
        while self.is_alive():
            self.load_bytes = max(self.load_bytes, process.anonymous_bytes())
            self.join(0.25)
        spent = process.cpu_seconds() - before
        line = next((line for line in self.output.stdout.splitlines() if line.startswith("figures ")), None)
        if line is None:
            raise RuntimeError(f"{self.command[0]} measured nothing: {self.output.stdout}{self.output.stderr}")
        measured = json.loads(line.removeprefix("figures "))
        requests = max(1, measured["requests"])
        return Figures(
            rate=measured["requests"] / measured["microseconds"] * 1e6, p50=measured["p50"], p99=measured["p99"],
            cpu=spent / requests * 1e6, idle_bytes=self.server.idle_bytes, load_bytes=self.load_bytes,
            requests=measured["requests"], refused=measured["refused"], broken=measured["broken"],
            ran_out=measured["ran_out"])


def wrk(server, path, connections, seconds, headers=(), pushes=None, again=False):
    """The closed loop: each connection asks again once it is answered.

    `pushes` is a range of a `PushFile`; `again`: what has been sent may be sent another time."""
    threads = min(CORES, connections)
    command = ["wrk", "-t", threads, "-c", connections, "-d", seconds, "--timeout", "20s", "-s", HERE / "wrk.lua"]
    for header in headers:
        command += ["-H", header]
    command.append(server.url + path)
    if pushes:
        file, first, count = pushes
        command += ["--", file.path, file.request_bytes, first, count, threads, "again" if again else "once"]
    return Run(server, command).figures()


def paced(server, rate, seconds, pushes, connections=16):
    """The open loop: requests leave at their time, whether or not those before them are answered."""
    file, first, count = pushes
    if rate * seconds > count:
        raise RuntimeError(f"{rate}/s for {seconds} s are more than {count} pushes")
    return Run(server, [
        server.shop.paced, server.port, file.path, file.request_bytes, first, rate, rate * seconds, connections,
    ]).figures()
