"""Servers as processes: started, looked at through /proc, stopped by their own pids."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A running server, with the workers that it forked of itself."""

    def __init__(self, command, log, environment=None):
        self.log = Path(log)
        with open(log, "ab") as output:
            # A session of its own: Ctrl-C reaches this program only, which then stops what it started. If it is killed,
            # the server ends too.
            self.child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *command], stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True, env={**os.environ, **(environment or {})})
        self.pid = self.child.pid

    def pids(self):
        """Its own and its workers': descendants that run the same program. What a server starts besides is not it."""
        program = _program(self.pid)
        found, waiting = [], [self.pid]
        while waiting:
            pid = waiting.pop()
            if _program(pid) == program:
                found.append(pid)
                waiting += _children(pid)
        return found

    def cpu_seconds(self):
        return sum(_cpu_ticks(pid) for pid in self.pids()) / TICKS

    def anonymous_bytes(self):
        """RssAnon: what the server itself has written to memory, without its program's pages."""
        return sum(_rss_anon(pid) for pid in self.pids())

    def wait_until_it_answers(self, port, path="/healthz", tls=None, within=20):
        """Asks until the answer is 200; returns when that was, by the clock of `time.monotonic`."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if self.child.poll() is not None:
                break
            if b" 200 " in _first_line(port, path, tls):
                return time.monotonic()
            time.sleep(0.0005)
        self.stop()
        raise RuntimeError(f"{self.child.args[3]} does not answer; its log says:\n{self.log.read_text()[-2000:]}")

    def stop(self):
        if self.child.poll() is not None:
            return
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def _first_line(port, path, tls):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            with tls.wrap_socket(plain, server_hostname="localhost") if tls else plain as connection:
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                return connection.recv(1024).split(b"\r\n")[0]
    except OSError:
        return b""


def _program(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None


def _children(pid):
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def _cpu_ticks(pid):
    try:
        # The name in parentheses may hold spaces; what follows it does not.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def _rss_anon(pid):
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
