"""Small cells hidden, with as many others as it takes that none can be computed from a sum and the cells beside it.

A table has a row for each value (a language, a country), all its columns' sums are known, and of each row the decided
are the sum of their parts. First, rows with so few that nothing can be told of them go together as `other`. Of the rest
a part may still be small: it is hidden, and others with it until nothing hidden can be computed. Hidden cells are the
edges of a graph between rows and columns; one is determined by the sums exactly when it is a bridge of that graph.

What is hidden with a small cell looks like a small cell: told apart, the two would bound each other.

Invariant: in one table no hidden number follows from the shown ones by adding and subtracting, and what is hidden of a
sum is together `LEAST` or more, unless all that the sum is of is hidden. A table of one row is the sums themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial

from consent.figures.counts import NAMES, Counts, added

LEAST = 10
OTHER = "other"
PARTS = ("accepted", "refused", "chosen", "dismissed", "acknowledged")
APART = ("gpc", "withdrawn", "imported", "preferences")
assert {*NAMES} == {"shown", *PARTS, *APART}

Cell = tuple[str, str]
"""A row's value and a column's name."""
Cells = dict[str, int | None]


def is_small(number: int) -> bool:
    """Whether a number says something of so few that it is not told; none says nothing of anybody."""
    return 0 < number < LEAST


def folded(rows: Mapping[str, Counts]) -> tuple[dict[str, Counts], list[str]]:
    """The rows that stand for themselves, and the values of those that do not: never one alone, or too few together."""
    order = sorted(rows, key=lambda value: (rows[value].decided, rows[value].shown, value))
    low = [value for value in order if _is_few(rows[value])]
    rest = [value for value in order if value not in low]
    while low and rest and (len(low) < 2 or _is_few(added(rows[value] for value in low))):
        low.append(rest.pop(0))
    return {value: rows[value] for value in rows if value not in low}, low


def _is_few(counts: Counts) -> bool:
    return is_small(counts.shown) or is_small(counts.decided)


def gathered(rows: Mapping[str, Counts]) -> dict[str, Counts]:
    """The rows with those that do not stand for themselves as one, `other`; one row alone stays what it is."""
    if len(rows) < 2:
        return dict(rows)
    kept, low = folded(rows)
    if not low:
        return kept
    names = {*low, OTHER} & rows.keys()
    return {value: row for value, row in kept.items() if value != OTHER} | {OTHER: added(rows[name] for name in names)}


def hidden(rows: Mapping[str, Counts]) -> frozenset[Cell]:
    """The cells not to be told of rows that each have nobody or many who were shown it and decided."""
    if len(rows) < 2:
        return frozenset()
    found = set(_hidden_parts(rows))
    pairs = _enough({value: row.ignored for value, row in rows.items()})
    found |= {(value, name) for value in pairs for name in ("shown", "ignored")}
    for name in APART:
        found |= {(value, name) for value in _enough({value: getattr(row, name) for value, row in rows.items()})}
    return frozenset(found)


def hidden_columns(rows: Mapping[str, Mapping[str, int]]) -> frozenset[Cell]:
    """The cells not to be told of a table whose columns alone have sums that are known."""
    if len(rows) < 2:
        return frozenset()
    columns = sorted({name for row in rows.values() for name in row})
    return frozenset(
        (value, name) for name in columns for value in _enough({value: row.get(name, 0) for value, row in rows.items()})
    )


def _enough(numbers: Mapping[str, int]) -> list[str]:
    """What is hidden of numbers whose sum is known: the small ones, and the next until no subtraction leads to one."""
    order = sorted(numbers, key=lambda name: (numbers[name] == 0, numbers[name], name))
    found = [name for name in order if is_small(numbers[name])]
    rest = [name for name in order if name not in found]
    while found and rest and (len(found) < 2 or sum(numbers[name] for name in found) < LEAST):
        found.append(rest.pop(0))
    return found


def _hidden_parts(rows: Mapping[str, Counts]) -> set[Cell]:
    """Of the parts of what was decided. A column or a row of nothing is known to be nothing, and hides nobody."""
    names = [name for name in PARTS if any(getattr(row, name) for row in rows.values())]
    values = [value for value, row in rows.items() if row.decided]
    if len(values) < 2:
        return set()  # its numbers are the sums
    cells = {(value, name): getattr(rows[value], name) for value in values for name in names}
    found = {cell for cell, number in cells.items() if is_small(number)}
    while more := next(_lacking(cells, found), None):  # one by one, for the next may not be needed any more
        found.add(more)
    return found


def _lacking(cells: Mapping[Cell, int], found: Collection[Cell]) -> Iterator[Cell]:
    """What has to be hidden as well, for each line that shows too much; nothing when all is well."""
    for line in _lines(cells):
        within = [cell for cell in line if cell in found]
        if within and (len(within) < 2 or sum(cells[cell] for cell in within) < LEAST):
            yield from _smallest(cells, line, found)
    for row, column in bridges(found):
        beside: Iterable[Callable[[Cell], bool]] = (partial(_is_at, 0, row), partial(_is_at, 1, column))
        lines = ([cell for cell in cells if is_beside(cell)] for is_beside in beside)
        yield from next((more for line in lines if (more := _smallest(cells, line, found))), [])


def _is_at(place: int, name: str, cell: Cell) -> bool:
    return cell[place] == name


def _lines(cells: Mapping[Cell, int]) -> list[list[Cell]]:
    """The rows and the columns, each as its cells."""
    by: dict[tuple[int, str], list[Cell]] = {}
    for cell in cells:
        by.setdefault((0, cell[0]), []).append(cell)
        by.setdefault((1, cell[1]), []).append(cell)
    return list(by.values())


def _smallest(cells: Mapping[Cell, int], line: Iterable[Cell], found: Collection[Cell]) -> list[Cell]:
    """The smallest of the line that is not hidden yet, a zero last; nothing when all is."""
    order = sorted((cells[cell] == 0, cells[cell], cell) for cell in line if cell not in found)
    return [cell for _, _, cell in order[:1]]


def bridges(edges: Collection[Cell]) -> list[Cell]:
    """The edges on no cycle: each is the only unknown of some sum of rows less some sum of columns."""
    beside: dict[tuple[int, str], list[tuple[tuple[int, str], Cell]]] = {}
    for edge in sorted(edges):
        row, column = (0, edge[0]), (1, edge[1])
        beside.setdefault(row, []).append((column, edge))
        beside.setdefault(column, []).append((row, edge))
    depth: dict[tuple[int, str], int] = {}
    found: list[Cell] = []

    def reach(node: tuple[int, str], came: Cell | None) -> int:
        """The least depth that can be gone back to from here and below, but by the edge that was come by."""
        depth[node] = least = len(depth)
        for other, edge in beside[node]:
            if edge == came:
                continue
            if other in depth:
                least = min(least, depth[other])
            else:
                below = reach(other, edge)
                if below > depth[node]:
                    found.append(edge)
                least = min(least, below)
        return least

    for node in beside:  # a way goes through each column at most once, so this never goes deeper than twice of them
        if node not in depth:
            reach(node, None)
    return found


def told(value: str, row: Counts, secret: frozenset[Cell]) -> Cells:
    """The row's numbers as they may be told; None is hidden."""
    numbers = {name: getattr(row, name) for name in (*NAMES, "decided", "ignored")}
    return {name: None if (value, name) in secret else number for name, number in numbers.items()}
