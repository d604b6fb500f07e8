"""What a server takes besides time a request: how long it takes to start, and memory."""

import resource
import socket
import time
from dataclasses import dataclass
from statistics import median

import cases
import load
from servers import Slipway

IDLE_CONNECTIONS = 10_000
# After a load: what is given back is given back by then.
SETTLE_SECONDS = 2


@dataclass
class Memory:
    idle: int
    first_round: int  # RssAnon after all loads
    second_round: int  # after all loads once more
    connections: int
    held: int  # what that many idle connections take more


def start_up(shop, runs):
    """Median seconds to the first 200: with a new data folder, and with one that is there."""
    new, again = [], []
    for _ in range(runs):
        with Slipway(shop) as server:
            new.append(server.start_seconds)
            server.process.stop()
            again.append(server.start())
    return median(new), median(again)


def memory(shop, push_file, seconds):
    with Slipway(shop) as server:
        time.sleep(SETTLE_SECONDS)
        idle = server.process.anonymous_bytes()
        half = push_file.count // 2
        rounds = [_after_everything(server, (push_file, number * half, half), seconds) for number in range(2)]
    connections, held = _idle_connections(shop)
    return Memory(idle, *rounds, connections, held)


def _after_everything(server, pushes, seconds):
    file, first, count = pushes
    for connections in (64, 512):
        for case in cases.ALL:
            if case.tls or case.rate:
                continue
            part = (file, first if connections == 64 else first + count // 2, count // 2)
            load.wrk(server, case.path, connections, seconds, case.headers, part if case.sends_pushes else None)
    time.sleep(SETTLE_SECONDS)
    return server.process.anonymous_bytes()


def _idle_connections(shop):
    """Each has been answered once, and is kept. What the kernel needs for its sockets is not in it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, IDLE_CONNECTIONS + 1000)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    count = min(IDLE_CONNECTIONS, wanted - 1000)
    if count < IDLE_CONNECTIONS:
        shop.warn(f"only {count:,} idle connections: the limit of open files is {hard:,}")
    with Slipway(shop) as server:
        before = server.process.anonymous_bytes()
        kept = [_asked_once(server.port) for _ in range(count)]
        time.sleep(SETTLE_SECONDS)
        held = server.process.anonymous_bytes() - before
        for connection in kept:
            connection.close()
    return count, held


def _asked_once(port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    answer = connection.recv(1024)
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(f"an idle connection was answered {answer[:100]}")
    return connection
