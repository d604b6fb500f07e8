"""The table of what was measured, and the bars: what it should be at least or at most."""

from dataclasses import dataclass
from statistics import median

import cases

BAR_CONNECTIONS = 64


class Results:
    """The figures of all rounds, by case, connections and server."""

    def __init__(self):
        self.rounds = {}

    def add(self, case, connections, server, figures):
        self.rounds.setdefault((case, connections, server), []).append(figures)

    def median(self, case, connections, server, field):
        return median(getattr(figures, field) for figures in self.rounds[case, connections, server])

    def ratio(self, case, connections, other, field):
        """Slipway's figure by the other's, each pair out of one round; None where one was not measured."""
        ours, theirs = (self.rounds.get((case, connections, server), ()) for server in ("slipway", other))
        ratios = [getattr(own, field) / max(getattr(their, field), 1e-9) for own, their in zip(ours, theirs)]
        return median(ratios) if ratios else None


@dataclass
class Table:
    header: list
    rows: list

    def text(self):
        widths = [max(len(row[column]) for row in [self.header, *self.rows]) for column in range(len(self.header))]
        return "\n".join("  ".join(
            cell.ljust(width) if self._is_text(column) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in [self.header, *self.rows])

    def markdown(self):
        marks = ["---" if self._is_text(column) else "---:" for column in range(len(self.header))]
        return "\n".join("| " + " | ".join(row) + " |" for row in [self.header, marks, *self.rows])

    def _is_text(self, column):
        return self.header[column] in ("case", "server", "bar", "")


def figures_table(results):
    """`slipway ÷` is Slipway's rate by that of the row's server."""
    header = ["case", "conn.", "server", "req/s", "p50", "p99", "CPU µs", "idle MB", "load MB", "slipway ÷"]
    titles = {case.name: case.title for case in cases.ALL}
    rows, before = [], None
    for case, connections, server in results.rounds:
        def value(field):
            return results.median(case, connections, server, field)

        # Where all keep to one rate there is nothing to compare.
        ratio = results.ratio(case, connections, server, "rate") if server != "slipway" and case != "steady" else None
        rows.append([
            titles[case] if (case, connections) != before else "", str(connections), server, f"{value('rate'):,.0f}",
            duration(value("p50")), duration(value("p99")), f"{value('cpu'):.1f}", megabytes(value("idle_bytes")),
            megabytes(value("load_bytes")), times(ratio) if ratio is not None else ""])
        before = (case, connections)
    return Table(header, rows)


@dataclass
class Bar:
    title: str
    value: float
    limit: float
    is_least: bool = False
    unit: str = "×"

    @property
    def holds(self):
        return self.value >= self.limit if self.is_least else self.value <= self.limit

    def row(self):
        sign = "≥" if self.is_least else "≤"
        value = times(self.value) if self.unit == "×" else f"{self.value:.1f}"
        return [self.title, f"{value} {self.unit}", f"{sign} {self.limit:.3g} {self.unit}",
                "pass" if self.holds else "MISS"]


def bars(results, start, memory):
    """Those whose figures are there."""
    found = [Bar(title, value, limit, is_least) for title, value, limit, is_least in (
        (f"{case}: {what} by {other}'s", results.ratio(case, BAR_CONNECTIONS, other, field), limit, field == "rate")
        for case, other, field, what, limit in RATIOS) if value is not None]
    steady = ("steady", cases.STEADY_CONNECTIONS, "slipway")
    if steady in results.rounds:
        found.append(Bar(f"steady {cases.STEADY_RATE:,}/s: p99", results.median(*steady, "p99") / 1000, 10, unit="ms"))
    if memory:
        found += [
            Bar("memory idle", memory.idle / 1e6, 12, unit="MB"),
            Bar("memory after all of it", memory.first_round / 1e6, 45, unit="MB"),
            Bar("memory after all of it again, by that", memory.second_round / memory.first_round, FLAT),
            Bar(f"memory of {memory.connections:,} idle connections", memory.held / 1e6, 60, unit="MB")]
    if start:
        for title, seconds in zip(("new data folder", "with its data folder"), start):
            found.append(Bar(f"start to first 200, {title}", seconds * 1000, 50, unit="ms"))
    return found


# "Flat": what an allocator may keep more of.
FLAT = 1.1
RATIOS = (
    *((case, other, "rate", "rate", limit) for case in ("healthz", "status") for other, limit in
      (("nginx", 0.7), ("raw", 0.6))),
    ("healthz", "nginx", "p99", "p99", 1.5),
    ("status", "nginx", "p99", "p99", 1.5),
    ("close", "nginx", "rate", "rate", 0.8),
    ("tls", "nginx", "rate", "rate", 0.8),
    ("hook", "webhook", "rate", "rate", 2),
    ("hook", "webhook", "p99", "p99", 1),
)


def bars_table(found):
    return Table(["bar", "measured", "wanted", ""], [bar.row() for bar in found])


def percentile(values, part):
    return sorted(values)[int(part * (len(values) - 1))]


def duration(microseconds):
    return f"{microseconds / 1000:.1f} ms" if microseconds >= 10_000 else f"{microseconds / 1000:.2f} ms"


def times(ratio):
    return f"{ratio:.3f}" if ratio < 0.1 else f"{ratio:.2f}"


def megabytes(count):
    return f"{count / 1e6:.1f}"
