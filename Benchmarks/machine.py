"""What a figure depends on besides the programs: the line above the table."""

import os
import platform
import re
import resource
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

IN_MEMORY = ("tmpfs", "ramfs")


def folder_on_disk():
    """TMPDIR, unless that is in memory: there a durable write costs nothing."""
    first = tempfile.gettempdir()
    return "/var/tmp" if filesystem(first) in IN_MEMORY else first


def filesystem(folder):
    return _output("df", "--output=fstype", str(folder)).split()[-1]


def description(folder, slipway, tls):
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    load = Path("/proc/loadavg").read_text().split()[0]
    return [
        f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} × {cpu[1] if cpu else platform.machine()}, "
        f"Linux {platform.release()}, load {load} before",
        f"data on {filesystem(folder)}, where 8 KiB and fdatasync take {_sync_microseconds(folder):.0f} µs; {tls}",
        f"slipway {_output(slipway, '--version')}, {_first(r'nginx/[0-9.]+', 'nginx', '-v')}, "
        f"{_first(r'webhook version [0-9.]+', 'webhook', '-version')}, {_first(r'wrk [^ ]+', 'wrk', '-v')}",
    ]


class Others:
    """What programs that are none of ours take of the CPU from here on: figures are worth as much as it is little."""

    def __init__(self):
        self._began = time.monotonic()
        self._busy = _busy_seconds()
        self._ours = _our_seconds()

    def share(self):
        """Of all cores, 0 to 1. Children count once they have ended."""
        others = _busy_seconds() - self._busy - (_our_seconds() - self._ours)
        return max(0, others) / (time.monotonic() - self._began) / os.cpu_count()


def _busy_seconds():
    user, nice, system, _, _, interrupts, soft_interrupts, stolen = map(
        int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + interrupts + soft_interrupts + stolen) / os.sysconf("SC_CLK_TCK")


def _our_seconds():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _sync_microseconds(folder):
    with tempfile.TemporaryFile(dir=folder) as file:
        return median(sync_seconds(file) for _ in range(100)) * 1e6


def sync_seconds(file):
    began = time.monotonic()
    file.write(bytes(8192))
    file.flush()
    os.fdatasync(file.fileno())
    return time.monotonic() - began


def _output(*command):
    search = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"}
    done = subprocess.run(command, capture_output=True, text=True, env=search)
    return (done.stdout + done.stderr).strip()


def _first(pattern, *command):
    found = re.search(pattern, _output(*command))
    return found[0] if found else f"{command[0]} of unknown version"
