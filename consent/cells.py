"""Cells of a CSV file (RFC 4180), which somebody will open in a spreadsheet.

Invariant: no cell made here is taken for a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def neutral(cell: str) -> str:
    """The cell as text to any spreadsheet: one that begins like a formula, or like this, gets an apostrophe before."""
    return f"'{cell}" if cell.startswith((*FORMULA, "'")) else cell


def rows(cells: Iterable[Iterable[str]]) -> bytes:
    """Rows of cells, each neutral, with CR LF at each end."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([neutral(cell) for cell in row] for row in cells)
    return buffer.getvalue().encode()
