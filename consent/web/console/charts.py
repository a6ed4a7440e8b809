"""Charts as geometry: columns over time, and shares with how sure they are. Templates draw what is computed here.

A chart is as wide as its place: across, everything is in percent, and downwards in pixels, so that its words keep their
size at any width. Labels have a rank: those of rank 0 are always shown, the others where the place is wide enough.

Invariant: pure functions; what is drawn lies within the chart, and labels that are shown together do not touch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

HEIGHT, TOP, BOTTOM = 240, 10, 26
"""Pixels: of the whole, above the highest line, and below the lowest for the labels of days."""
LETTER, APART = 6.6, 10
"""Pixels: a letter's width at 12 px, on the wide side; and between two labels."""
WIDTHS = (236, 540, 900)
"""Pixels: how wide the columns' part is at least in a narrow, a middling and a wide window (320, 640 and 1024 px)."""

Anchor = Literal["start", "middle", "end"]


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A day's label: `x` in percent; shown in windows of this rank and wider ones."""

    x: float
    text: str
    anchor: Anchor
    rank: int


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """A line across, `y` pixels down, and its number."""

    y: float
    text: str


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a column: pixels down and high."""

    serie: str
    y: float
    height: float


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on one another: `x` and `width` in percent."""

    x: float
    width: float
    words: str
    bars: tuple[Bar, ...]


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """A chart of columns over time."""

    height: int
    floor: float
    """Where the columns stand: pixels down."""
    axis: int
    """Pixels: how wide the numbers beside the lines are."""
    ticks: tuple[Tick, ...]
    columns: tuple[Column, ...]
    labels: tuple[Label, ...]


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One column's data: its label, its words, and the numbers that stand on one another, the lowest first."""

    label: str
    words: str
    parts: Mapping[str, int]


def columns(points: Sequence[Point]) -> Columns:
    """Columns of these points in their order, at the same distances."""
    lines = ticks(max((sum(point.parts.values()) for point in points), default=0))
    floor = HEIGHT - BOTTOM
    scale = (floor - TOP) / lines[-1]
    return Columns(
        height=HEIGHT,
        floor=floor,
        axis=round(max(width(short(line)) for line in lines)) + 10,
        ticks=tuple(Tick(y=round(floor - line * scale, 2), text=short(line)) for line in lines),
        columns=tuple(_column(place, len(points), point, floor, scale) for place, point in enumerate(points)),
        labels=labels([point.label for point in points]),
    )


def _column(place: int, count: int, point: Point, floor: float, scale: float) -> Column:
    pitch = 100 / count
    thick = pitch * (0.72 if count <= 31 else 0.84)
    bars, top = [], floor
    for serie, number in point.parts.items():
        if number:
            top -= number * scale
            bars.append(Bar(serie=serie, y=round(top, 2), height=round(number * scale, 2)))
    x = place * pitch + (pitch - thick) / 2
    return Column(x=round(x, 3), width=round(thick, 3), words=point.words, bars=tuple(bars))


def ticks(most: int, lines: int = 4) -> list[int]:
    """Round numbers from 0 to the first that is not below `most`, at most so many steps apart."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if most <= factor * step * lines:
                apart = factor * step
                return list(range(0, max(apart, -(-most // apart) * apart) + 1, apart))
        step *= 10


def short(number: int) -> str:
    """A number as it stands beside a line: 800, 1,500, 20k, 1.5m."""
    if number < 10_000:
        return f"{number:,}"
    for unit, name in ((1_000_000, "m"), (1_000, "k")):
        if number >= unit:
            return f"{number / unit:.1f}".removesuffix(".0") + name
    return str(number)


def width(text: str) -> float:
    """About how wide a label is: pixels."""
    return len(text) * LETTER


def labels(texts: Sequence[str]) -> tuple[Label, ...]:
    """As many labels as fit, in windows of each rank; the last column always has its own."""
    count = len(texts)
    if not count:
        return ()
    longest = max(width(text) for text in texts)
    step, steps = 1, []
    for room in reversed(WIDTHS):
        while count > 1 and step < count and step * room / count < longest + APART:
            step *= 2
        steps.append(step)
    ranks: dict[int, int] = {}
    for rank, each in enumerate(reversed(steps)):
        for place in range(count - 1, -1, -each):
            ranks.setdefault(place, rank)
    found = (_label(place, count, texts[place], rank) for place, rank in sorted(ranks.items()))
    return tuple(label for label in found if label)


def _label(place: int, count: int, text: str, rank: int) -> Label | None:
    """None where it would stand out of the chart, or touch the last one, which ends where the chart does."""
    x, half = (place + 0.5) * 100 / count, width(text) / 2
    if place == count - 1 and count > 1:
        return Label(x=100, text=text, anchor="end", rank=rank)
    room = WIDTHS[rank]
    if x / 100 * room < half or room - 2 * half - APART < x / 100 * room + half:
        return None if count > 1 else Label(x=50, text=text, anchor="middle", rank=0)
    return Label(x=round(x, 3), text=text, anchor="middle", rank=rank)
