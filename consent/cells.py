"""Cells of a CSV file (RFC 4180), which somebody will open in a spreadsheet.

Rule: a cell that begins like a formula (`=`, `+`, `-`, `@`, their fullwidth forms, a tab, a line end) or like an
apostrophe gets one apostrophe before it. Back again: of a cell that begins with an apostrophe take that one away.

Invariant: no cell made here is taken for a formula, and `plain` gives each value back as it was.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "'"
MARKED = frozenset((*FORMULA, MARK))


def neutral(cell: str) -> str:
    """The cell as text to any spreadsheet."""
    return MARK + cell if cell[:1] in MARKED else cell


def plain(cell: str) -> str:
    """The value again of a cell that `neutral` made."""
    return cell.removeprefix(MARK)


def rows(cells: Iterable[Iterable[str]]) -> bytes:
    """Rows of cells, each neutral, in UTF-8, with CR LF at each end."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(map(neutral, row) for row in cells)
    return buffer.getvalue().encode()
