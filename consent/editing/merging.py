"""Brings two changed site files together against the one that both began from, entry by entry.

Invariant: what only one side changed is taken from it; what both changed in the same way is no conflict; what they
changed differently is told as a `Conflict` and never chosen silently. Rows of a list are told by their names, not by
their places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from msgspec import UNSET

from consent.notices import Table

Side = Literal["ours", "theirs"]
Steps = tuple[str, ...]


ORDER = "(order)"
"""The last step to the order of a list's rows."""


class Conflict(NamedTuple):
    """One entry that both sides changed: where, what it was, and what each made of it (UNSET: taken out)."""

    steps: Steps
    was: Any
    ours: Any
    theirs: Any

    @property
    def where(self) -> str:
        """The place in one line."""
        return ".".join(self.steps)


class Difference(NamedTuple):
    """One entry that differs; UNSET where it is not there."""

    steps: Steps
    before: Any
    after: Any


class Merged(NamedTuple):
    """Both sides in one; where they conflict and nobody chose, ours."""

    tables: Table
    conflicts: tuple[Conflict, ...]


def merge(ancestor: Table, ours: Table, theirs: Table, chosen: Mapping[str, Side] | None = None) -> Merged:
    """The two changed tables as one; `chosen` settles conflicts by their place."""
    merging = _Merging(chosen or {})
    tables = merging.entry((), ancestor, ours, theirs)
    return Merged(tables if isinstance(tables, dict) else {}, tuple(merging.conflicts))


def differences(old: Any, new: Any, path: Steps = ()) -> list[Difference]:
    """Every entry that is not the same, as deep as both sides have tables or rows with names."""
    if old == new:
        return []
    before, after = _named(old), _named(new)
    if before is None or after is None:
        return [Difference(path, old, new)]
    found = []
    for name in dict.fromkeys((*before, *after)):
        found += differences(before.get(name, UNSET), after.get(name, UNSET), (*path, name))
    if isinstance(old, list) and not found:
        found.append(Difference((*path, ORDER), list(before), list(after)))
    return found


class _Merging:
    def __init__(self, chosen: Mapping[str, Side]) -> None:
        self._chosen = chosen
        self.conflicts: list[Conflict] = []

    def entry(self, path: Steps, was: Any, ours: Any, theirs: Any) -> Any:
        if ours == theirs or theirs == was:
            return ours
        if ours == was:
            return theirs
        rows = [_named(each) for each in ({} if was is UNSET else was, ours, theirs)]
        if rows[1] is None or rows[2] is None or type(ours) is not type(theirs):
            return self._settled(path, was, ours, theirs)
        return self._entries(path, rows[0] or {}, ours, theirs)

    def _entries(self, path: Steps, was: Table, ours: Any, theirs: Any) -> Any:
        mine, other = _named(ours) or {}, _named(theirs) or {}
        merged = {}
        for name in dict.fromkeys((*mine, *other)):
            one = self.entry((*path, name), was.get(name, UNSET), mine.get(name, UNSET), other.get(name, UNSET))
            if one is not UNSET:
                merged[name] = one
        if isinstance(ours, dict):
            return merged
        order = self._order(path, list(was), list(mine), list(other))
        return [merged[name] for name in _placed(order, list(mine), list(other)) if name in merged]

    def _order(self, path: Steps, was: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> Sequence[str]:
        """The side whose order leads: the one that changed it."""
        shared = set(was) & set(ours) & set(theirs)
        before, mine, other = ([name for name in each if name in shared] for each in (was, ours, theirs))
        if mine in (before, other):
            return theirs
        if other == before:
            return ours
        settled: list[str] = self._settled((*path, ORDER), before, list(ours), list(theirs))
        return settled

    def _settled(self, path: Steps, was: Any, ours: Any, theirs: Any) -> Any:
        conflict = Conflict(path, was, ours, theirs)
        self.conflicts.append(conflict)
        return theirs if self._chosen.get(conflict.where) == "theirs" else ours


def _placed(lead: Sequence[str], *sides: Sequence[str]) -> list[str]:
    """All names in the leading order; what only another side has stands behind what it stood behind there."""
    placed = list(lead)
    for side in sides:
        for at, name in enumerate(side):
            if name not in placed:
                placed.insert(placed.index(side[at - 1]) + 1 if at else 0, name)
    return placed


def _named(value: Any) -> Table | None:
    """The entries of a table, or the rows of a list by their names; None where they have none of their own."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, list):
        return None
    names = [_name(each) for each in value]
    if not all(names) or len(set(names)) < len(names):
        return None
    return dict(zip(names, value, strict=True))


def _name(row: Any) -> str:
    if isinstance(row, dict):
        parts = [row["id"]] if "id" in row else [row.get(key) for key in ("name", "domain", "kind")]
        return " ".join(part for part in parts if isinstance(part, str))
    return row if isinstance(row, str) else ""
