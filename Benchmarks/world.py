"""A server in a world that answers at once: git, docker, registry, Heroku and the deployed app are stand-ins."""

import http.client
import json
import os
import shutil
import socket
import sys
import time
from dataclasses import dataclass
from statistics import mean, median

from processes import Process, free_port
from servers import TOKEN, Slipway
from workshop import HERE

ENDED = ("succeeded", "failed", "cancelled", "superseded")


class Deploying(Slipway):
    # Whether git can fetch; a job of which it cannot ends there.
    can_fetch = True

    world = None

    def start(self):
        self.world = self.world or InstantWorld(self.shop, self.folder)
        return super().start()

    def __exit__(self, *_):
        if self.world:
            self.world.process.stop()
        super().__exit__()

    def configuration(self):
        made, world = super().configuration(), f"127.0.0.1:{self.world.port}"
        made["heroku"] |= {"api_url": f"http://{world}", "registry": world}
        made["apps"]["hello"]["clone_url"] = f"https://{world}/{'octocat' if self.can_fetch else 'no'}/hello"
        return made

    def environment(self):
        path = f"{self.world.programs}:{os.environ['PATH']}"
        return {**super().environment(), "PATH": path, "SLIPWAY_DOCKER": ""}

    def prepare(self):
        """No pause, and no jobs."""


class InstantWorld:
    def __init__(self, shop, folder):
        self.programs = folder / "programs"
        self.programs.mkdir()
        for name in ("git", "docker"):
            shutil.copy(shop.standin, self.programs / name)
        self.port = free_port()
        self.process = Process([sys.executable, "-B", str(HERE / "instant.py"), str(self.port)], folder / "world.log")
        self.process.wait_until_it_answers(self.port, "/")

    def ran(self):
        """What ran or answered: `Ran`s in the order in which they began, each told once."""
        file = self.programs / "ran"
        lines = file.read_text() if file.exists() else ""
        file.unlink(missing_ok=True)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", "/times")
        lines += connection.getresponse().read().decode()
        connection.close()
        return sorted((Ran.read(line) for line in lines.splitlines()), key=lambda ran: ran.began)

    def answer_microseconds(self):
        """From outside, by a client in Python, whose own time is in it."""
        connection, taken = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20), []
        for _ in range(300):
            began = time.monotonic()
            connection.request("GET", "/apps/hello-app")
            connection.getresponse().read()
            taken.append(time.monotonic() - began)
        connection.close()
        return median(taken) * 1e6

    def start_microseconds(self):
        """From a stand-in's start until its end is known."""
        program, taken = str(self.programs / "docker"), []
        for _ in range(100):
            began = time.monotonic()
            os.waitpid(os.posix_spawn(program, [program, "ps"], {}), 0)
            taken.append(time.monotonic() - began)
        return mean(taken) * 1e6


@dataclass(frozen=True)
class Ran:
    """One run of a stand-in's, in nanoseconds of the monotonic clock."""

    began: int
    ended: int
    name: str
    verb: str

    @classmethod
    def read(cls, line):
        began, ended, name, verb = line.split()
        return cls(int(began), int(ended), name, verb)


class Sender:
    """A connection that is kept, as GitHub keeps its own."""

    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def push(self, push):
        """Returns when it was sent."""
        began = time.monotonic_ns()
        self.socket.sendall(push)
        answer = self.socket.recv(65_536)
        if not answer.startswith(b"HTTP/1.1 202 "):
            raise RuntimeError(f"Slipway answered a signed push with {answer[:100]}")
        return began


class Events:
    """What happens to jobs, as the server tells it to who watches."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.connection.request("GET", "/events", headers={"Authorization": f"Bearer {TOKEN}"})
        self.answer = self.connection.getresponse()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()
        self.connection.close()

    def next_job(self):
        """When a job's change was told, and the job."""
        is_job = False
        while line := self.answer.readline():
            if line.startswith(b"event: "):
                is_job = line == b"event: job\n"
            elif is_job and line.startswith(b"data: "):
                return time.monotonic_ns(), json.loads(line.removeprefix(b"data: "))
        raise RuntimeError("the event stream ended")

    def next_end(self, after):
        """Of a job with a number above: what has ended may be told of again."""
        while True:
            moment, job = self.next_job()
            if job["state"] in ENDED and job["id"] > after:
                return moment, job
