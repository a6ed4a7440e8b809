"""A row of the table, how several runs become one figure, and how it is shown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence

import msgspec

from tests.bench.wrk import Load

ROUNDS = 3


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line: a figure, what it is measured in, and what it should be."""

    what: str
    figure: float
    unit: str = "×"
    target: str = ""
    details: str = ""


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """How long and how much to measure."""

    seconds: int = 6
    records: int = 1_000_000


QUICK = Effort(seconds=2, records=100_000)


def interleaved(loads: Mapping[str, Callable[[], Load]]) -> dict[str, Load]:
    """Each load's median run of three, taken in turn, so that a busy moment falls on all alike."""
    runs: dict[str, list[Load]] = {name: [] for name in loads}
    for _ in range(ROUNDS):
        for name, load in loads.items():
            runs[name].append(load())
    return {name: sorted(taken, key=lambda run: run.rate)[len(taken) // 2] for name, taken in runs.items()}


def median(measure: Callable[[], float]) -> float:
    """The median of three."""
    return statistics.median(measure() for _ in range(ROUNDS))


def told(load: Load) -> str:
    """A load in words."""
    return f"{load.rate:.0f}/s, p50 {load.p50:.2g} ms, p99 {load.p99:.2g} ms"


def table(rows: Sequence[Row]) -> str:
    """The rows as text, one line each."""
    width = max((len(row.what) for row in rows), default=0)
    return "\n".join(_line(row, width) for row in rows)


def _line(row: Row, width: int) -> str:
    figure = f"{row.figure:.2f}" if row.figure < 10 else f"{row.figure:,.0f}"
    return f"{row.what:<{width}}  {figure:>9} {row.unit:<4} {row.target:<22} {row.details}".rstrip()
