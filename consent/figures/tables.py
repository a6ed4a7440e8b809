"""Tables of counts as they are published: by day, by hour, by who visitors are.

The whole site's numbers of a span, and of a day, are told as they are: they say nothing of who anybody is. So are those
of a notice or a variant, which say when it was and which words were shown. What is told of visitors themselves, and of
an hour, has its small cells hidden. Where people are told of alone and together with robots, what is hidden of people
alone is hidden of both: whatever the larger table shows is a sum of what the smaller shows and of robots.

Invariant: rows are in one order: time forwards, else the most shown first and `other` last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from consent.figures.counts import Counts, added
from consent.figures.hiding import OTHER, Cells, folded, gathered, hidden, told
from consent.figures.rates import Rate, rate

UNKNOWN = "unknown"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a table: what was counted, null where it is hidden; the rates say what they are of."""

    value: str
    shown: int | None
    decided: int | None
    """Answers to the notice: `accepted`, `refused`, `chosen`, `dismissed` and `acknowledged` together."""
    ignored: int | None
    """Shown without an answer: `shown` less `decided`, never below 0."""
    accepted: int | None
    refused: int | None
    chosen: int | None
    dismissed: int | None
    acknowledged: int | None
    gpc: int | None
    withdrawn: int | None
    imported: int | None
    preferences: int | None
    acceptance: Rate | None
    """Of those who decided, how many accepted everything."""
    acceptance_of_shown: Rate | None
    answering: Rate | None
    """Of the times that it was shown, how often it was answered."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of a span, and its rows."""

    total: Row
    rows: tuple[Row, ...]


def plain(rows: Mapping[str, Counts], *, in_time: bool = False) -> Table:
    """A table that hides nothing: of days, notices, variants."""
    named = _named(rows)
    return _table(named, list(named) if in_time else _ordered(named), frozenset())


def attributes(rows: Mapping[str, Counts], people: Mapping[str, Counts] | None = None) -> Table:
    """A table of who visitors are, with few gone together and small cells hidden; `people` are those not robots."""
    named, part = _of_somebody(rows), _of_somebody(people or {})
    alone = gathered(part)
    shown = gathered(_together(named, part.keys() - alone.keys()))
    secret = {(value if value in shown else OTHER, name) for value, name in hidden(alone)}
    return _table(shown, _ordered(shown), hidden(shown) | secret)


def hours(days: Iterable[tuple[Mapping[str, Counts], Mapping[str, Counts]]]) -> Table:
    """A table of hours, those of each day apart, for a day's sums are known; with each day those of people alone."""
    rows: list[Row] = []
    whole: list[Counts] = []
    for day, people in days:
        alone, secret = _secret_hours(people)
        low, more = _secret_hours(day, alone)
        secret |= more
        rows += [_secret(value) if value in low else _row(value, told(value, day[value], secret)) for value in day]
        whole += day.values()
    return Table(total=_whole(whole), rows=tuple(rows))


def _secret_hours(
    day: Mapping[str, Counts], known: Collection[str] = ()
) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """The hours of a day of which nothing is told, those that are known to be among them, and the other cells."""
    low = frozenset([*known, *folded(_together(day, known))[1]]) - {OTHER}
    rest = _together(day, low)
    return low, hidden(rest)


def _of_somebody(rows: Mapping[str, Counts]) -> dict[str, Counts]:
    return _named({value: row for value, row in rows.items() if row != Counts()})


def _together(rows: Mapping[str, Counts], low: Collection[str]) -> dict[str, Counts]:
    """The rows, these of them as `other`."""
    if not low:
        return dict(rows)
    gone = {*low, OTHER} & rows.keys()
    return {value: row for value, row in rows.items() if value not in gone} | {
        OTHER: added(rows[value] for value in gone)
    }


def _named(rows: Mapping[str, Counts]) -> dict[str, Counts]:
    return {value or UNKNOWN: row for value, row in rows.items()}


def _ordered(rows: Mapping[str, Counts]) -> list[str]:
    return sorted(rows, key=lambda value: (value == OTHER, -rows[value].shown, -rows[value].decided, value))


def _table(rows: Mapping[str, Counts], order: Iterable[str], secret: frozenset[tuple[str, str]]) -> Table:
    return Table(
        total=_whole(rows.values()), rows=tuple(_row(value, told(value, rows[value], secret)) for value in order)
    )


def _whole(rows: Iterable[Counts]) -> Row:
    return _row("", told("", added(rows), frozenset()))


def _secret(value: str) -> Row:
    return _row(value, dict.fromkeys(told(value, Counts(), frozenset())))


def _row(value: str, numbers: Cells) -> Row:
    accepted, decided, shown = numbers["accepted"], numbers["decided"], numbers["shown"]
    return Row(
        value=value,
        acceptance=rate(accepted, decided, "decided"),
        acceptance_of_shown=rate(accepted, shown, "shown"),
        answering=rate(decided, shown, "shown"),
        **numbers,
    )
